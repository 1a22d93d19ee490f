"""Ratios of times, and how sure they are."""

import math

import pytest

from goldleaf.measure import LogSums, geometric_ratio
from goldleaf.measure.geometric import t_quantile


def sums(*numbers):
    logs = [math.log(number) for number in numbers]
    return LogSums(len(logs), sum(logs), sum(log**2 for log in logs))


def test_the_ratio_is_that_of_the_geometric_means_with_welchs_interval():
    # logs to base 2: 1, 2, 3 (mean 2, variance 1) and 3, 4, 5 (mean 4, variance 1). Ratio 2**-2; standard error sqrt(2/3), 4 degrees
    # of freedom, t = 2.776: 2 ** (-2 +- 2.267)
    found = geometric_ratio(sums(2, 4, 8), sums(8, 16, 32))
    assert found.value == pytest.approx(0.25)
    assert (found.low, found.high) == (pytest.approx(2**-4.267, rel=1e-3), pytest.approx(2**0.267, rel=1e-3))


def test_numbers_that_are_all_the_same_leave_no_doubt_and_two_of_them_are_too_few():
    found = geometric_ratio(sums(3, 3, 3), sums(6, 6, 6))
    assert (found.value, found.low, found.high) == pytest.approx((0.5, 0.5, 0.5))
    assert geometric_ratio(sums(3, 3), sums(6, 6, 6)) is None


@pytest.mark.parametrize(("freedom", "expected"), [(2, 4.303), (4, 2.776), (10, 2.228), (30, 2.042), (math.inf, 1.960)])
def test_the_quantiles_are_those_of_the_tables(freedom, expected):
    assert t_quantile(0.975, freedom) == pytest.approx(expected, rel=0.01)
