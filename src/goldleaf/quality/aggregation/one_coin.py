"""One coin: every annotator has one number, how often they are right, and errs evenly.

Y. Zhang, X. Chen, D. Zhou and M. I. Jordan, Spectral Methods Meet EM, JMLR 17 (2016), https://arxiv.org/abs/1406.3824. With the accuracy
s[a] and K classes, P(a says l | t) = s[a] if l = t else (1 - s[a]) / (K - 1); prior and EM are those of Dawid-Skene:

    E  log p[i, t] = log q[t] + sum_{votes (i, a, l)} [l = t] w[a] + const,   w[a] = log s[a] - log((1 - s[a]) / (K - 1))
    M  s[a] = mean over votes (i, a, l) of p[i, l]

>>> import numpy as np
>>> record, annotator = np.repeat(np.arange(4), 3), np.tile(np.arange(3), 4)
>>> label = np.array([0, 0, 0, 1, 1, 0, 0, 0, 1, 1, 1, 1])
>>> fit_one_coin(Votes(record, annotator, label, records=4, annotators=3, classes=2)).skill_.round(2).tolist()
[1.0, 1.0, 0.5]
"""

from __future__ import annotations

import numpy as np

from goldleaf.quality.aggregation.votes import LEAST, Fitted, Matrix, Votes, add_up, share_votes, softmax
from goldleaf.quality.labels import Floats


def fit_one_coin(votes: Votes, *, seed: int = 0, iterations: int = 100, tolerance: float = 1e-5) -> Fitted:
    """Ends where the log-likelihood of a vote grows by less than `tolerance`."""
    truth, cell = share_votes(votes), votes.record * votes.classes + votes.label
    answers = np.bincount(votes.annotator, minlength=votes.annotators)
    before, done = -np.inf, 0
    skill = _skill(votes, truth, answers)
    for _ in range(iterations):
        done += 1
        miss = np.log(1 - skill) - np.log(max(votes.classes - 1, 1))
        weight = np.log(skill) - miss
        gained = add_up(cell, weight[votes.annotator], truth.size).reshape(truth.shape)
        truth, likelihood = softmax(np.log(np.maximum(truth.mean(axis=0), LEAST)) + gained)
        likelihood += float(miss @ answers)
        skill = _skill(votes, truth, answers)
        if likelihood - before < tolerance * len(votes):
            before = likelihood
            break
        before = likelihood
    return Fitted(truth, skill, float(before), done)


def _skill(votes: Votes, truth: Matrix, answers: Floats | np.ndarray[tuple[int], np.dtype[np.int64]]) -> Floats:
    right = add_up(votes.annotator, truth[votes.record, votes.label], votes.annotators)
    return np.clip(right / answers, LEAST, 1 - LEAST)
