"""BWA: one weight an annotator and class, learned around the weighted mean of the votes; simple, fast, and near to the majority.

Y. Li, B. I. P. Rubinstein and T. Cohn, Truth Inference at Scale: A Bayesian Model for Adjudicating Highly Redundant Crowd Annotations,
WWW 2019, https://arxiv.org/abs/1902.08918. Each class is a question of its own, with y = 1 where a vote names it:

    y[i, a] ~ N(z[i], 1 / v[a]),   z[i] ~ N(mu, 1 / lambda),   v[a] ~ Gamma(alpha / 2, b / 2)
    v[a] = (alpha + n[a]) / (b + sum_i (y[i, a] - z[i])^2),   z[i] = (lambda mu + sum_a v[a] y[i, a]) / (lambda + sum_a v[a])

with mu = mean z, lambda = 1, alpha = 15, and b such that the weight expected beforehand is the one that fits the spread of the shares of
the votes: b = 4 (1 - 1/K) alpha mean over votes of z (1 - z).

>>> import numpy as np
>>> record, annotator = np.repeat(np.arange(4), 3), np.tile(np.arange(3), 4)
>>> label = np.array([0, 0, 0, 1, 1, 0, 0, 0, 1, 1, 1, 1])
>>> fit_bwa(Votes(record, annotator, label, records=4, annotators=3, classes=2)).probabilities_.argmax(axis=1).tolist()
[0, 1, 0, 1]
"""

from __future__ import annotations

import numpy as np

from goldleaf.quality.aggregation.votes import LEAST, Fitted, Votes, pair_votes, pick_best, share_votes, sum_by

ALPHA, LAMBDA = 15.0, 1.0


def fit_bwa(votes: Votes, *, seed: int = 0, iterations: int = 500, tolerance: float = 1e-4) -> Fitted:
    """Ends where no z changes by more than `tolerance`. `skill_` is the mean weight over the classes, as a share of the largest."""
    pairs = pair_votes(votes)
    members = sum_by(votes.record, votes.annotator, votes.records, votes.annotators)
    given = sum_by(votes.annotator, votes.record, votes.annotators, votes.records)
    answers = np.bincount(votes.annotator, minlength=votes.annotators).astype(np.float64)[:, np.newaxis]
    per_record = np.bincount(votes.record, minlength=votes.records).astype(np.float64)
    own = pairs.label[:, np.newaxis] == np.arange(votes.classes)
    z = share_votes(votes)
    spread = per_record @ (z * (1 - z)) / len(votes)
    b = np.maximum(4 * (1 - 1 / votes.classes) * ALPHA * spread, LEAST)
    weights, done = np.ones((votes.annotators, votes.classes)), 0
    named = pairs.by_annotator @ np.where(own, (pairs.by_pair @ np.ones((votes.records, 1))), 0.0)
    for _ in range(iterations):
        done += 1
        # sum (y - z)^2 = sum z^2 - 2 sum y z + sum y
        missed = given @ z**2 - 2 * (pairs.by_annotator @ np.where(own, pairs.by_pair @ z, 0.0)) + named
        weights = (ALPHA + answers) / (b + np.maximum(missed, 0))
        pulled = pairs.by_record @ np.where(own, weights[pairs.annotator], 0.0)
        new = (LAMBDA * z.mean(axis=0) + pulled) / (LAMBDA + members @ weights)
        moved, z = float(np.abs(new - z).max()), new
        if moved < tolerance:
            break
    mean = weights.mean(axis=1)
    return Fitted(z / z.sum(axis=1, keepdims=True), mean / mean.max(), None, done, truth_=pick_best(z))
