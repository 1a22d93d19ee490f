"""GLAD: annotators differ in ability, records in difficulty.

J. Whitehill, P. Ruvolo, T. Wu, J. Bergsma and J. Movellan, Whose Vote Should Count More, NIPS 2009,
https://papers.nips.cc/paper/3644. With the ability alpha[a] and the easiness beta[i] > 0,

    P(a says l of i | t) = s if l = t else (1 - s) / (K - 1),   s = 1 / (1 + exp(-alpha[a] beta[i])),   beta = exp(b)

and normal priors of mean 1 and deviation 1 on alpha and b. The E step weighs the votes as One coin does, with an s a vote; the M step
takes, in turn, a few Newton steps of every alpha and of every b, each of which stands alone given the other, so no gradient has to be
searched along: the sums over a record's or an annotator's votes are `bincount`s. All classes are as likely beforehand.

>>> import numpy as np
>>> record, annotator = np.repeat(np.arange(4), 3), np.tile(np.arange(3), 4)
>>> label = np.array([0, 0, 0, 1, 1, 0, 0, 0, 1, 1, 1, 1])
>>> fitted = fit_glad(Votes(record, annotator, label, records=4, annotators=3, classes=2))
>>> fitted.probabilities_.argmax(axis=1).tolist(), bool(fitted.skill_[0] > fitted.skill_[2])
([0, 1, 0, 1], True)
"""

from __future__ import annotations

import numpy as np
from scipy.special import expit, log_expit  # pyright: ignore[reportMissingTypeStubs, reportUnknownVariableType]

from goldleaf.quality.aggregation.votes import Fitted, Votes, add_up, share_votes, softmax
from goldleaf.quality.labels import Floats

MEAN = 1.0
"""The mean of alpha and b beforehand; their deviation is 1."""
STEPS = 3
"""Newton steps of alpha and of b in each M step."""


def fit_glad(votes: Votes, *, seed: int = 0, iterations: int = 100, tolerance: float = 1e-5) -> Fitted:
    """`skill_` is how often an annotator is right about a record of mean easiness. Ends where the log-likelihood of a vote, with that of
    alpha and b, changes by less than `tolerance`."""
    ability, ease = np.full(votes.annotators, MEAN), np.full(votes.records, MEAN)
    cell, truth = votes.record * votes.classes + votes.label, share_votes(votes)
    before, done = -np.inf, 0
    for _ in range(iterations):
        done += 1
        at: Floats = ability[votes.annotator] * np.exp(ease[votes.record])
        miss: Floats = log_expit(-at) - np.log(max(votes.classes - 1, 1))
        gained = add_up(cell, log_expit(at) - miss, truth.size).reshape(truth.shape)
        truth, likelihood = softmax(gained)
        likelihood += float(miss.sum()) - votes.records * float(np.log(votes.classes))
        likelihood -= 0.5 * float(((ability - MEAN) ** 2).sum() + ((ease - MEAN) ** 2).sum())
        if abs(likelihood - before) < tolerance * len(votes):
            before = likelihood
            break
        before = likelihood
        ability, ease = _maximise(votes, truth[votes.record, votes.label], ability, ease)
    typical = np.exp(ease.mean()) * ability
    return Fitted(truth, expit(typical), before, done)


def _maximise(votes: Votes, right: Floats, ability: Floats, ease: Floats) -> tuple[Floats, Floats]:
    """Newton steps: with r = P(the vote is right), the slope along x = alpha beta is r - s, the curvature -s (1 - s)."""
    for _ in range(STEPS):
        scale = np.exp(ease)[votes.record]
        s: Floats = expit(ability[votes.annotator] * scale)
        slope = add_up(votes.annotator, (right - s) * scale, votes.annotators) - (ability - MEAN)
        bend = add_up(votes.annotator, s * (1 - s) * scale**2, votes.annotators) + 1
        ability = ability + np.clip(slope / bend, -1, 1)
    for _ in range(STEPS):
        at = ability[votes.annotator] * np.exp(ease)[votes.record]
        s = expit(at)
        slope = add_up(votes.record, (right - s) * at, votes.records) - (ease - MEAN)
        bend = add_up(votes.record, s * (1 - s) * at**2, votes.records) + 1
        ease = ease + np.clip(slope / bend, -1, 1)
    return ability, ease
