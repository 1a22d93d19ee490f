"""MACE: an annotator either knows, and says the class, or spams, and says what they always say.

D. Hovy, T. Berg-Kirkpatrick, A. Vaswani and E. Hovy, Learning Whom to Trust with MACE, NAACL 2013, https://aclanthology.org/N13-1132.
With the share of spam theta[a] and the strategy xi[a, l],

    P(a says l | t) = theta[a] xi[a, l] + (1 - theta[a]) [l = t]

by variational Bayes: theta ~ Beta(1/2, 1/2), xi ~ Dirichlet(10), each step with exp(digamma(.)) of the expected counts in place of
their ratio; `restarts` random beginnings, of which the one of the highest likelihood counts. All classes are as likely beforehand.

>>> import numpy as np
>>> record, annotator = np.repeat(np.arange(6), 3), np.tile(np.arange(3), 6)
>>> label = np.array([0, 0, 1, 1, 1, 1, 0, 0, 1, 1, 1, 1, 0, 0, 1, 1, 1, 1])   # the third always says 1
>>> fit_mace(Votes(record, annotator, label, records=6, annotators=3, classes=2)).skill_.round(1).tolist()
[1.0, 1.0, 0.1]
"""

from __future__ import annotations

import numpy as np

from goldleaf.quality.aggregation.votes import LEAST, Fitted, Matrix, Votes, add_up, digamma, softmax
from goldleaf.quality.labels import Floats

SPAM, STRATEGY, NOISE = 0.5, 10.0, 0.5
"""The counts beforehand of theta (both sides) and of xi (each label), and how far beginnings differ."""


def fit_mace(
    votes: Votes, *, seed: int = 0, restarts: int = 10, iterations: int = 50, tolerance: float = 1e-6
) -> Fitted:
    """`skill_` is 1 - theta: how often an annotator knows. A beginning ends where the log-likelihood of a vote grows by less than
    `tolerance`."""
    rng = np.random.default_rng(seed)
    runs = [_run(votes, rng, iterations, tolerance) for _ in range(restarts)]
    return max(runs, key=lambda fitted: fitted.log_likelihood_ or -np.inf)


def _run(votes: Votes, rng: np.random.Generator, iterations: int, tolerance: float) -> Fitted:
    spam = _normal(rng.uniform(1, 1 + NOISE, (votes.annotators, 2)))
    strategy = _normal(rng.uniform(1, 1 + NOISE, (votes.annotators, votes.classes)))
    truth, likelihood, guessed = _expect(votes, spam, strategy)
    before, done = -np.inf, 0
    for done in range(1, iterations + 1):
        cell = votes.annotator * votes.classes + votes.label
        said = add_up(cell, guessed, strategy.size).reshape(strategy.shape)
        known = add_up(votes.annotator, 1 - guessed, votes.annotators)
        spam = _variational(np.stack([said.sum(axis=1), known], axis=1), SPAM)
        strategy = _variational(said, STRATEGY)
        truth, likelihood, guessed = _expect(votes, spam, strategy)
        if likelihood - before < tolerance * len(votes) and done > 1:
            break
        before = likelihood
    return Fitted(truth, spam[:, 1] / spam.sum(axis=1), likelihood, done)


def _expect(votes: Votes, spam: Matrix, strategy: Matrix) -> tuple[Matrix, float, Floats]:
    """The truth, the log-likelihood, and the probability that each vote is spam."""
    guess: Floats = np.maximum(spam[votes.annotator, 0] * strategy[votes.annotator, votes.label], LEAST)
    hit = guess + spam[votes.annotator, 1]
    cell = votes.record * votes.classes + votes.label
    gained: Matrix = add_up(cell, np.log(hit / guess), votes.records * votes.classes)
    truth, likelihood = softmax(gained.reshape(votes.records, votes.classes))
    likelihood += float(np.log(guess).sum()) - votes.records * float(np.log(votes.classes))
    right: Floats = truth[votes.record, votes.label]
    return truth, likelihood, 1 - right + right * guess / hit


def _normal(counts: Matrix) -> Matrix:
    return counts / counts.sum(axis=1, keepdims=True)


def _variational(counts: Matrix, prior: float) -> Matrix:
    total = counts.sum(axis=1, keepdims=True) + prior * counts.shape[1]
    found: Matrix = np.exp(digamma(counts + prior) - digamma(total))
    return found
