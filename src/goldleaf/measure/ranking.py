"""How well a score tells two kinds of records apart, whatever threshold is chosen."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

Vector = np.ndarray[Any, np.dtype[Any]]


def auroc(negative: Vector, positive: Vector) -> float:
    """The chance that a positive's score is above a negative's (Mann and Whitney, 1947; the area under the ROC curve), ties counting half.

    >>> auroc(np.array([0.1, 0.4]), np.array([0.35, 0.8]))
    0.75
    """
    both = np.concatenate([negative, positive])
    _, place, times = np.unique(both, return_inverse=True, return_counts=True)
    ranks = times.cumsum() - (times - 1) / 2  # the mean rank of equal scores, from 1
    n, m = len(negative), len(positive)
    return float((ranks[place][n:].sum() - m * (m + 1) / 2) / (n * m))


def average_precision(negative: Vector, positive: Vector) -> float:
    """The area under the precision-recall curve of the positives, as steps (as scikit-learn's `average_precision_score`); equal scores
    are one step."""
    scores = np.concatenate([negative, positive])
    marks = np.concatenate([np.zeros(len(negative)), np.ones(len(positive))])
    levels, place = np.unique(-scores, return_inverse=True)
    found = np.bincount(place, weights=marks, minlength=len(levels))
    said = np.bincount(place, minlength=len(levels)).cumsum()
    return float((found * found.cumsum() / said).sum() / len(positive))


def false_alarms(negative: Vector, positive: Vector, *, recall: float = 0.95) -> float:
    """The share of negatives that the highest threshold flags which still finds `recall` of the positives (FPR at 95 % TPR)."""
    threshold = np.sort(positive)[::-1][math.ceil(round(recall * len(positive), 9)) - 1]
    return float((negative >= threshold).mean())
