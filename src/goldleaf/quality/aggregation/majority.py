"""Majority: the label that most annotators gave.

With n[i, k] votes of record i for class k, p[i, k] = n[i, k] / sum_k n[i, k]; the value is the class of most votes. Where several have
most, the seed draws one of them (`choose`), and the reason says of how many records that is true.

>>> import numpy as np
>>> votes = Votes(np.array([0, 0, 0, 1]), np.array([0, 1, 2, 0]), np.array([1, 1, 0, 0]), records=2, annotators=3, classes=2)
>>> fit_majority(votes).probabilities_.round(2).tolist()
[[0.33, 0.67], [1.0, 0.0]]
"""

from __future__ import annotations

import numpy as np

from goldleaf.quality.aggregation.votes import Fitted, Matrix, Votes, pick_best, share_votes
from goldleaf.quality.labels import Ints

EVEN = 1e-9
"""Probabilities that differ by less are a tie."""


def fit_majority(votes: Votes, *, seed: int = 0) -> Fitted:
    """The share of each class among a record's votes: `[records, classes]`. Ties are broken by `choose`, not here."""
    shares = share_votes(votes)
    return Fitted(shares, truth_=pick_best(shares))


def choose(probabilities: Matrix, *, seed: int = 0) -> tuple[Ints, int]:
    """The most probable class of each record `[records]`, and of how many records it was drawn among several."""
    best = probabilities >= probabilities.max(axis=1, keepdims=True) - EVEN
    tied = np.flatnonzero(best.sum(axis=1) > 1)
    chosen = best.argmax(axis=1)
    if len(tied):
        draws = np.where(best[tied], np.random.default_rng(seed).random((len(tied), best.shape[1])), -1.0)
        chosen[tied] = draws.argmax(axis=1)
    return chosen, len(tied)
