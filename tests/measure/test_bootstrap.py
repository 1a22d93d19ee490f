"""Bootstrap intervals over groups."""

import numpy as np
import pytest

from goldleaf.measure import Interval, f1_of, group_sums, interval, intervals, ratio, resample


def accuracy(sums):
    return ratio(sums[:, 0], sums[:, 1])


def rows_of(right):
    return np.array([[float(r), 1.0] for r in right])


def test_group_sums_add_the_records_of_a_group():
    sums = group_sums(np.array([[1.0, 1], [0, 1], [1, 1]]), ["b", "a", "b"])
    assert sums.tolist() == [[0, 1], [2, 2]]


def test_the_interval_of_a_share_is_about_the_binomial_one():
    sums = rows_of([True] * 160 + [False] * 40)
    measured = interval(accuracy, sums, resample(sums, resamples=4000, rng=np.random.default_rng(1)))
    # 0.8 +- 1.96 * sqrt(0.8 * 0.2 / 200) = 0.8 +- 0.0554
    assert measured.value == 0.8
    assert measured.low == pytest.approx(0.8 - 0.0554, abs=0.008)
    assert measured.high == pytest.approx(0.8 + 0.0554, abs=0.008)


def test_records_of_one_group_move_together_and_widen_the_interval():
    right = np.repeat([True] * 16 + [False] * 4, 10)
    widths = []
    for groups in (range(200), np.repeat(range(20), 10)):
        sums = group_sums(rows_of(right), [str(g) for g in groups])
        measured = interval(accuracy, sums, resample(sums, resamples=4000, rng=np.random.default_rng(2)))
        widths.append(measured.high - measured.low)
    # 10 records a group, all alike: sqrt(10) times as wide
    assert widths[1] / widths[0] == pytest.approx(10**0.5, rel=0.15)


def test_drawing_equal_groups_as_one_keeps_mean_and_spread_of_the_sums():
    sums = np.array([[1.0, 0], [1, 0], [0, 2], [1, 0], [3, 1]])
    drawn = resample(sums, resamples=20000, rng=np.random.default_rng(3))
    assert drawn.mean(axis=0) == pytest.approx(sums.sum(axis=0), rel=0.02)
    assert drawn.var(axis=0) == pytest.approx(5 * sums.var(axis=0), rel=0.05)


def test_the_same_seed_gives_the_same_interval():
    sums = np.random.default_rng(0).integers(0, 3, (50, 3)).astype(float)
    drawn = [resample(sums, resamples=100, rng=np.random.default_rng(7)) for _ in range(2)]
    assert np.array_equal(*drawn)


def test_several_statistics_at_once_are_each_alone():
    sums = np.random.default_rng(0).integers(0, 3, (50, 3)).astype(float)
    drawn = resample(sums, resamples=200, rng=np.random.default_rng(0))
    together = intervals(lambda s: np.stack([f1_of(s), s[:, 0]], axis=1), sums, drawn)
    assert together == [interval(f1_of, sums, drawn), interval(lambda s: s[:, 0], sums, drawn)]


def test_all_right_and_no_records_are_no_failure():
    sums = rows_of([True] * 5)
    assert interval(accuracy, sums, resample(sums, resamples=10, rng=np.random.default_rng(0))) == Interval(1, 1, 1)
    empty = np.zeros((0, 2))
    assert resample(empty, resamples=10, rng=np.random.default_rng(0)).shape == (10, 2)
