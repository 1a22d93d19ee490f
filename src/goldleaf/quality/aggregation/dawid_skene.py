"""Dawid-Skene: every annotator has a confusion matrix, every record a hidden class; both are found by expectation and maximisation.

A. P. Dawid and A. M. Skene, Maximum Likelihood Estimation of Observer Error-Rates Using the EM Algorithm, Applied Statistics 28 (1979),
https://doi.org/10.2307/2346806. With prior q[t] and C[a, t, l] = P(a says l | the class is t):

    E  p[i, t] = q[t] prod_{votes (i, a, l)} C[a, t, l] / sum over t
    M  q[t] = mean_i p[i, t],   C[a, t, l] = sum_{votes (i, a, l)} p[i, t] / sum_{votes (i, a, .)} p[i, t]

It begins with the shares of the votes, and ends where the log-likelihood of a vote grows by less than `tolerance`. Both steps are one
product of a sparse matrix of ones and a dense one of a row a pair (annotator, label) that occurs: O(votes x classes), no loop over votes.

>>> import numpy as np
>>> record, annotator = np.repeat(np.arange(4), 3), np.tile(np.arange(3), 4)
>>> label = np.array([0, 0, 0, 1, 1, 0, 0, 0, 1, 1, 1, 1])     # the third annotator says what comes to mind
>>> fitted = fit_dawid_skene(Votes(record, annotator, label, records=4, annotators=3, classes=2))
>>> fitted.probabilities_.argmax(axis=1).tolist(), fitted.skill_.round(2).tolist()
([0, 1, 0, 1], [1.0, 1.0, 0.5])
"""

from __future__ import annotations

import numpy as np

from goldleaf.quality.aggregation.votes import (
    LEAST,
    Fitted,
    Matrix,
    Pairs,
    Votes,
    pair_votes,
    share_votes,
    softmax,
)
from goldleaf.quality.labels import Floats


def fit_dawid_skene(
    votes: Votes, *, seed: int = 0, iterations: int = 100, tolerance: float = 1e-5, initial: Matrix | None = None
) -> Fitted:
    """`initial` `[records, classes]` are the probabilities to begin with (the shares of the votes)."""
    pairs = pair_votes(votes)
    truth = share_votes(votes) if initial is None else initial
    before, done = -np.inf, 0
    prior, confusion = _maximise(truth, pairs)
    for _ in range(iterations):
        done += 1
        scores = pairs.by_record @ np.log(confusion)
        scores += np.log(prior)
        truth, likelihood = softmax(scores)
        grown, before = likelihood - before, likelihood
        if grown < tolerance * len(votes):
            break
        prior, confusion = _maximise(truth, pairs)
    return Fitted(truth, _skill(pairs, truth), float(before), done)


def _maximise(truth: Matrix, pairs: Pairs) -> tuple[Floats, Matrix]:
    counts = np.maximum(pairs.by_pair @ truth, LEAST)
    counts /= (pairs.by_annotator @ counts)[pairs.annotator]
    return np.maximum(truth.mean(axis=0), LEAST), counts


def _skill(pairs: Pairs, truth: Matrix) -> Floats:
    """How often each annotator says what the record is, by the probabilities."""
    counts = (
        pairs.by_annotator @ np.c_[(pairs.by_pair @ truth)[np.arange(len(pairs.label)), pairs.label], _given(pairs)]
    )
    return counts[:, 0] / counts[:, 1]


def _given(pairs: Pairs) -> Floats:
    """How many votes each pair has."""
    return np.bincount(pairs.of_vote, minlength=len(pairs.label)).astype(np.float64)
