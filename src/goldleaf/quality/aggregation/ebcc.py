"""EBCC: as Dawid-Skene with priors, and every class has subtypes, of which annotators agree on the easy and err together on the hard.

Y. Li, B. I. P. Rubinstein and T. Cohn, Exploiting Worker Correlation for Label Aggregation in Crowdsourcing, ICML 2019,
https://proceedings.mlr.press/v97/li19i.html. Record i has a class t ~ tau and one of M
subtypes m ~ pi[t]; P(a says l | t, m) = v[a, t, m, l]:

    tau ~ Dirichlet(1),   pi[t] ~ Dirichlet(0.1 / M),   v[a, t, m, .] ~ Dirichlet(4 at l = t, 1 elsewhere)

by mean-field variational Bayes: q(t, m of i) ~ exp(E log tau[t] + E log pi[t, m] + sum_{votes (i, a, l)} E log v[a, t, m, l]), where
E log of a Dirichlet's part is digamma(its count) - digamma(the sum of counts). With M = 1 it is Bayesian classifier combination
(Kim and Ghahramani, AISTATS 2012). `restarts` random beginnings, of which the one of the highest evidence (lower bound) counts.

>>> import numpy as np
>>> record, annotator = np.repeat(np.arange(4), 3), np.tile(np.arange(3), 4)
>>> label = np.array([0, 0, 0, 1, 1, 0, 0, 0, 1, 1, 1, 1])
>>> fit_ebcc(Votes(record, annotator, label, records=4, annotators=3, classes=2)).probabilities_.argmax(axis=1).tolist()
[0, 1, 0, 1]
"""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.special import gammaln  # pyright: ignore[reportMissingTypeStubs, reportUnknownVariableType]

from goldleaf.quality.aggregation.votes import (
    Fitted,
    Matrix,
    Pairs,
    Votes,
    add_up,
    digamma,
    pair_votes,
    share_votes,
    softmax,
)

TAU, PI, RIGHT, WRONG = 1.0, 0.1, 4.0, 1.0
"""The counts beforehand: of each class, of all subtypes of a class together, of the right label and of each wrong one."""


def fit_ebcc(
    votes: Votes,
    *,
    seed: int = 0,
    subtypes: int = 10,
    restarts: int = 4,
    iterations: int = 500,
    tolerance: float = 1e-3,
) -> Fitted:
    """A beginning ends where no probability changes by more than `tolerance`. `log_likelihood_` is the lower bound of the evidence."""
    pairs, rng = pair_votes(votes), np.random.default_rng(seed)
    runs = [_run(votes, pairs, rng, (subtypes, iterations, tolerance)) for _ in range(restarts if subtypes > 1 else 1)]
    return max(runs, key=lambda fitted: fitted.log_likelihood_ or -np.inf)


def _run(votes: Votes, pairs: Pairs, rng: np.random.Generator, settings: tuple[int, int, float]) -> Fitted:
    subtypes, iterations, tolerance = settings
    shape = (votes.records, votes.classes, subtypes)
    truth = share_votes(votes)
    both = (rng.dirichlet(np.ones(subtypes), size=shape[:2]) * truth[:, :, np.newaxis]).reshape(votes.records, -1)
    evidence, done = 0.0, 0
    prior = np.repeat(np.where(pairs.label[:, np.newaxis] == np.arange(votes.classes), RIGHT, WRONG), subtypes, axis=1)
    for done in range(1, iterations + 1):
        tau = _Dirichlet(truth.sum(axis=0)[np.newaxis], TAU)
        pi = _Dirichlet(both.sum(axis=0).reshape(votes.classes, subtypes), PI / subtypes)
        said = pairs.by_pair @ both
        total = pairs.by_annotator @ said + RIGHT + WRONG * (votes.classes - 1)
        logs = digamma(said + prior) - digamma(total)[pairs.annotator]
        both, evidence = softmax((tau.logs.T + pi.logs).reshape(1, -1) + pairs.by_record @ logs)
        new = both.reshape(shape).sum(axis=2)
        moved, truth = float(np.abs(new - truth).max()), new
        if moved < tolerance or done == iterations:
            evidence -= tau.divergence() + pi.divergence() + _divergence(said, prior, total, logs, votes.classes)
            break
    right = add_up(votes.annotator, truth[votes.record, votes.label], votes.annotators)
    skill = right / np.bincount(votes.annotator, minlength=votes.annotators)
    return Fitted(truth, skill, evidence, done)


class _Dirichlet:
    """Rows of counts with one prior: the expected logarithms, and the divergence from the prior."""

    def __init__(self, counts: Matrix, prior: float) -> None:
        self.counts, self.prior = counts, prior
        after = counts + prior
        self.logs: Matrix = digamma(after) - digamma(after.sum(axis=1, keepdims=True))

    def divergence(self) -> float:
        after, width = self.counts + self.prior, self.counts.shape[1]
        start = len(after) * (gammaln(self.prior * width) - width * gammaln(self.prior))
        end = gammaln(after.sum(axis=1)).sum() - gammaln(after).sum()
        return float(end - start + (self.counts * self.logs).sum())


def _divergence(said: Matrix, prior: Matrix, total: Matrix, logs: Matrix, classes: int) -> float:
    """Of the confusions from their priors; labels that an annotator never gave have kept their prior, and add nothing."""
    before: Any = gammaln(RIGHT + WRONG * (classes - 1))
    ends = (gammaln(total) - before).sum() - (gammaln(said + prior) - gammaln(prior)).sum()
    return float(ends + (said * logs).sum())
