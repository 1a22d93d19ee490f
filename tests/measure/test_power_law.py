"""The power law of a learning curve, and how sure its forecast is."""

import numpy as np
import pytest
from scipy import stats

from goldleaf.measure import fit_power_law


def test_a_halved_error_for_doubled_examples_goes_on_so_and_is_certain():
    law = fit_power_law([100, 200, 400], [0.6, 0.8, 0.9])
    found = law.score_at(800)
    assert law.slope == pytest.approx(-1.0)
    assert (found.value, found.low, found.high) == pytest.approx((0.95, 0.95, 0.95))


def test_the_interval_is_the_prediction_interval_of_the_regression():
    sizes, scores = [100, 100, 400, 400, 1600, 1600], [0.7, 0.72, 0.8, 0.79, 0.88, 0.87]
    found = fit_power_law(sizes, scores).score_at(3200)
    x, y = np.log(sizes), np.log(1 - np.array(scores))
    line = stats.linregress(x, y)
    left = y - line.intercept - line.slope * x
    error = np.sqrt((left**2).sum() / 4)
    at = np.log(3200)
    width = stats.t.ppf(0.975, 4) * error * np.sqrt(1 + 1 / 6 + (at - x.mean()) ** 2 / ((x - x.mean()) ** 2).sum())
    middle = line.intercept + line.slope * at
    expected = [1 - np.exp(e) for e in (middle, middle + width, middle - width)]
    assert (found.value, found.low, found.high) == pytest.approx(expected)


def test_two_sizes_are_no_curve():
    assert fit_power_law([100, 200, 200], [0.6, 0.8, 0.8]) is None


def test_a_score_of_one_counts_as_the_smallest_error_and_no_forecast_leaves_0_to_1():
    law = fit_power_law([10, 20, 40, 80], [0.0, 0.9, 1.0, 1.0], smallest=0.01)
    found = law.score_at(160)
    assert 0 <= found.low <= found.value <= found.high <= 1
