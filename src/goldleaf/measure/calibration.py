"""How far a model's confidence is from how often it is right, and the one number that brings the two together."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

Vector = np.ndarray[Any, np.dtype[np.float64]]
Matrix = np.ndarray[Any, np.dtype[Any]]

BINS, FEWEST_IN_BIN = 15, 10
"""At most so many bins, each of at least so many answers."""
LARGEST = 60.0
"""Exponents are cut here."""
COLDEST, HOTTEST = 0.25, 10.0
"""The bounds of a temperature."""
PRIOR = 0.5
"""The standard deviation of log T that is expected beforehand: what keeps T near 1 where there are few answers, or none is wrong."""


def reliability(confidence: Vector, right: Vector, *, bins: int | None = None) -> list[dict[str, float]]:
    """Mean confidence, share of right answers and their number, in bins of equal mass: `BINS`, or as many as hold `FEWEST_IN_BIN` answers.

    The bins are cut at quantiles, so that each holds about as many answers; equal confidences are never parted, so there may be fewer
    bins. `confidence` and `right` are `[answers]`, both 0..1.

    >>> reliability(np.array([0.6, 0.6, 0.9, 0.9]), np.array([1.0, 0.0, 1.0, 1.0]), bins=2)
    [{'confidence': 0.6, 'accuracy': 0.5, 'count': 2}, {'confidence': 0.9, 'accuracy': 1.0, 'count': 2}]
    """
    if not len(confidence):
        return []
    bins = bins or max(1, min(BINS, len(confidence) // FEWEST_IN_BIN))
    edges = np.unique(np.quantile(confidence, np.linspace(0, 1, bins + 1)[1:-1], method="lower"))
    place = np.searchsorted(edges, confidence, side="left")
    found: list[dict[str, float]] = []
    for each in np.unique(place):
        inside = place == each
        mean, share = float(confidence[inside].mean()), float(right[inside].mean())
        found.append({"confidence": round(mean, 6), "accuracy": round(share, 6), "count": int(inside.sum())})
    return found


def calibration_error(bins: list[dict[str, float]]) -> float:
    """The expected calibration error (Naeini, Cooper and Hauskrecht, AAAI 2015): the mean over answers of |confidence - accuracy| of
    their bin, 0..1; of bins that `reliability` made."""
    total = sum(each["count"] for each in bins)
    gap = sum(each["count"] * abs(each["confidence"] - each["accuracy"]) for each in bins)
    return round(gap / total, 6) if total else 0.0


def fit_temperature(logits: Matrix, targets: Matrix, *, many: bool = False) -> float:
    """The T for which softmax(logits / T) (with `many`, sigmoid) gives the targets the highest likelihood (Guo, Pleiss, Sun and
    Weinberger, ICML 2017), by golden section over log T within `COLDEST`..`HOTTEST`.

    `logits` are `[answers, classes]`; `targets` the right classes `[answers]`, or with `many` 0 and 1 `[answers, classes]`. To the log
    likelihood is added that of log T under a normal distribution of mean 0 and deviation `PRIOR`, which weighs about as much as one
    answer: without it a T learned from answers that are all right would be 0. Without answers, T is 1.
    """
    scores = np.asarray(logits, dtype=np.float64)
    return _fit(_sigmoid_loss(scores, targets) if many else _softmax_loss(scores, targets)) if len(scores) else 1.0


def fit_chunk_temperature(logits: Matrix, read: Matrix, starts: Matrix, right: Matrix) -> float:
    """The T that makes most likely which chunks are right, where a chunk's score is the mean over its rows of softmax(logits / T)[read].

    `logits` are `[rows, classes]`, the rows of one chunk after those of another, which begin at the rows `starts` `[chunks]`; `read`
    `[rows]` is the class that each is read as, `right` is 0 or 1 `[chunks]`. Prior and bounds are those of `fit_temperature`; without
    chunks, T is 1.
    """
    if not len(starts):
        return 1.0
    above = np.asarray(logits, dtype=np.float64)
    above = above - above[np.arange(len(above)), read][:, np.newaxis]
    sizes = np.diff(np.append(starts, len(above)))

    def loss(factor: float) -> float:
        inverse = np.exp(np.minimum(factor * above, LARGEST)).sum(axis=1)
        scores = np.add.reduceat(1 / inverse, starts) / sizes
        return -float(np.log(np.clip(np.where(right > 0.5, scores, 1 - scores), 1e-9, 1)).sum())

    return _fit(loss)


def _fit(loss: Callable[[float], float]) -> float:
    """The T at which the loss of logits multiplied by 1 / T, and the prior's, are least together."""

    def objective(log_t: float) -> float:
        return loss(math.exp(-log_t)) + 0.5 * (log_t / PRIOR) ** 2

    return round(math.exp(_golden_section(objective, math.log(COLDEST), math.log(HOTTEST))), 6)


def _softmax_loss(logits: Matrix, targets: Matrix) -> Callable[[float], float]:
    shifted = logits - logits.max(axis=1, keepdims=True)
    right = shifted[np.arange(len(shifted)), targets].sum()
    return lambda factor: float(np.log(np.exp(factor * shifted).sum(axis=1)).sum() - factor * right)


def _sigmoid_loss(logits: Matrix, targets: Matrix) -> Callable[[float], float]:
    signed = np.where(targets > 0.5, -logits, logits)
    return lambda factor: float(np.logaddexp(0.0, factor * signed).sum())


def _golden_section(objective: Callable[[float], float], low: float, high: float, *, tolerance: float = 1e-4) -> float:
    """Where a function of one minimum within [low, high] is least."""
    inverse = (math.sqrt(5) - 1) / 2
    a, b = high - inverse * (high - low), low + inverse * (high - low)
    at_a, at_b = objective(a), objective(b)
    while high - low > tolerance:
        if at_a <= at_b:
            high, b, at_b = b, a, at_a
            a = high - inverse * (high - low)
            at_a = objective(a)
        else:
            low, a, at_a = a, b, at_b
            b = low + inverse * (high - low)
            at_b = objective(b)
    return (low + high) / 2
