"""Reliability, its error, and the temperature that is fitted."""

import numpy as np
import pytest

from goldleaf.measure import calibration_error, fit_chunk_temperature, fit_temperature, reliability


def spread(logits, rng):
    """Right classes drawn from the softmax of the logits."""
    chances = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    return (chances.cumsum(axis=1) < rng.random((len(logits), 1))).sum(axis=1)


def test_the_error_is_the_mean_gap_weighted_by_answers():
    confidence = np.array([0.6, 0.6, 0.9, 0.9, 0.9, 0.9])
    right = np.array([1.0, 1.0, 1.0, 1.0, 0.0, 0.0])
    bins = reliability(confidence, right, bins=3)
    assert [(b["confidence"], b["accuracy"], b["count"]) for b in bins] == [(0.6, 1.0, 2), (0.9, 0.5, 4)]
    # (2 x |0.6 - 1| + 4 x |0.9 - 0.5|) / 6
    assert calibration_error(bins) == pytest.approx((2 * 0.4 + 4 * 0.4) / 6, abs=1e-6)


def test_bins_hold_about_as_many_answers_each():
    bins = reliability(np.random.default_rng(0).beta(8, 1, 3000), np.ones(3000))
    assert len(bins) == 15
    assert {b["count"] for b in bins} <= {199, 200, 201}


def test_equal_confidences_are_one_bin_and_no_answers_are_none():
    assert len(reliability(np.ones(100), np.ones(100))) == 1
    assert reliability(np.zeros(0), np.zeros(0)) == []
    assert calibration_error([]) == 0.0


@pytest.mark.parametrize("truth", [0.5, 1.0, 2.5])
def test_the_temperature_that_the_logits_were_multiplied_by_is_found(truth):
    rng = np.random.default_rng(1)
    logits = rng.normal(size=(4000, 6)) * 2
    assert fit_temperature(logits * truth, spread(logits, rng)) == pytest.approx(truth, rel=0.06)


def test_the_temperature_of_many_labels_is_found():
    rng = np.random.default_rng(2)
    logits = rng.normal(size=(2000, 5)) * 2
    targets = (rng.random(logits.shape) < 1 / (1 + np.exp(-logits))).astype(np.float32)
    assert fit_temperature(logits * 3, targets, many=True) == pytest.approx(3, rel=0.06)


def test_few_answers_that_are_all_right_leave_the_temperature_near_one():
    logits = np.tile([4.0, 0.0, 0.0], (12, 1))
    assert 0.8 < fit_temperature(logits, np.zeros(12, dtype=int)) < 1.0


def test_the_temperature_stays_within_its_bounds_and_is_one_without_answers():
    assert fit_temperature(np.zeros((0, 3)), np.zeros(0, dtype=int)) == 1.0
    sure_and_wrong = np.tile([1000.0, 0.0], (500, 1))
    assert fit_temperature(sure_and_wrong, np.ones(500, dtype=int)) == pytest.approx(10.0, rel=1e-3)
    weak_and_right = np.tile([0.01, 0.0], (5000, 1))
    assert fit_temperature(weak_and_right, np.zeros(5000, dtype=int)) == pytest.approx(0.25, rel=1e-3)


def test_the_temperature_of_chunks_makes_their_mean_scores_right():
    rng = np.random.default_rng(3)
    logits = rng.normal(size=(6000, 4)) * 2
    starts = np.sort(rng.choice(np.arange(1, 6000), 2999, replace=False))
    starts = np.append(0, starts)
    read = np.argsort(logits, axis=1)[
        np.arange(6000), np.where(rng.random(6000) < 0.1, 2, 3)
    ]  # the second best in a tenth
    chances = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    scores = np.add.reduceat(chances[np.arange(6000), read], starts) / np.diff(np.append(starts, 6000))
    right = rng.random(3000) < scores
    assert fit_chunk_temperature(logits * 2, read, starts, right) == pytest.approx(2, rel=0.08)


def test_without_chunks_the_temperature_is_one():
    assert fit_chunk_temperature(np.zeros((0, 3)), np.zeros(0, dtype=int), np.zeros(0, dtype=int), np.zeros(0)) == 1.0


def test_few_answers_make_few_bins():
    assert len(reliability(np.linspace(0.5, 1, 35), np.ones(35))) == 3
