"""Majority: the label that most annotators gave.

With `n[i, k]` votes of record `i` for class `k`, p[i, k] = n[i, k] / sum_k n[i, k]; the value is the class of most votes. Where several
have most, one of them is drawn by the seed.

>>> import numpy as np
>>> from goldleaf.quality.aggregation.votes import Votes
>>> votes = Votes(np.array([0, 0, 0, 1]), np.array([0, 1, 2, 0]), np.array([1, 1, 0, 0]), records=2, annotators=3, classes=2)
>>> fit_majority(votes).probabilities_.round(2).tolist()
[[0.33, 0.67], [1.0, 0.0]]
"""

from __future__ import annotations

from goldleaf.quality.aggregation.votes import Fitted, Votes, count_votes


def fit_majority(votes: Votes, *, seed: int = 0) -> Fitted:
    """The share of each class among a record's votes: `[records, classes]`. (Ties are broken where a class is chosen, not here.)"""
    counts = count_votes(votes)
    return Fitted(counts / counts.sum(axis=1, keepdims=True))
