"""Pooled confusions: each annotator's confusion matrix is drawn towards what all confuse, the more so the less they have answered.

Partial pooling of Dawid-Skene in the manner of the hierarchical model of S. Paun, B. Carpenter, J. Chamberlain, D. Hovy, U. Kruschwitz
and M. Poesio, Comparing Bayesian Models of Annotation, TACL 6 (2018), https://aclanthology.org/Q18-1040, with Dirichlet rows:

    C[a, t, .] ~ Dirichlet(s mu[a, t, .]),   mu[a, t, t] = expit(logit m[t, t] + d[a]),   mu[a, t, l] ~ m[t, l] for l != t,
    d[a] ~ N(0, tau^2)

m is half what all annotators together say of class t and half an even spread of their errors. d, tau and s are learned: with s large
the model is One coin with classes of their own difficulty, with s small it is Dawid-Skene. The truth is found by mean-field variational
Bayes, with the expected counts n[a, t, l] and N[t] = sum_i p[i, t]:

    log p[i, t] = digamma(N[t] + w v[t] + 1) + sum_{votes (i, a, l)} digamma(n[a, t, l] + s mu[a, t, l]) - digamma(n[a, t, .] + s) + const

v[t] is the share of records of which most votes say t, and counts as w records, `ANCHOR`, or `HELD` where annotators have given fewer
than `FEW_ANSWERS` each: there, votes that differ can be told as one frequent class and much error as well as two classes, and the
first feeds on itself until a class has no records left (docs/design/0024). Among many thousands of records w is next to nothing.

Votes on one record err together, which no such product knows. So the probability that is given is `SHARE` parts of the share of
the votes, each weighted by its annotator's log odds of being right, and 1 - SHARE parts of p (docs/design/0024).

>>> import numpy as np
>>> record, annotator = np.repeat(np.arange(4), 3), np.tile(np.arange(3), 4)
>>> label = np.array([0, 0, 0, 1, 1, 0, 0, 0, 1, 1, 1, 1])
>>> fitted = fit_pooled(Votes(record, annotator, label, records=4, annotators=3, classes=2))
>>> fitted.probabilities_.argmax(axis=1).tolist(), bool(fitted.skill_[0] > fitted.skill_[2])
([0, 1, 0, 1], True)
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy.special import expit, gammaln, logit  # pyright: ignore[reportMissingTypeStubs, reportUnknownVariableType]

from goldleaf.quality.aggregation.votes import (
    Fitted,
    Matrix,
    Pairs,
    Votes,
    add_up,
    digamma,
    pair_votes,
    pick_best,
    share_votes,
    softmax,
)
from goldleaf.quality.labels import Floats, Ints

SHARE = 0.4
"""How much of a probability is the weighted share of the votes."""
EVEN = 0.5
"""How much of m is an even spread of the errors."""
STRENGTH, WIDTH = 10.0, 1.0
"""Median of s beforehand, and the deviation of its logarithm."""
START, WARM = 5.0, 3
"""The s of the first iterations, and how many they are: annotators differ before it is learned how much."""
CELLS = 1_000_000
"""Of how many numbers, a pair and class, s is learned at most."""
FEW_ANSWERS, ANCHOR, HELD = 30.0, 80.0, 500.0
"""As how many records the majority's frequencies count: `ANCHOR`, and `HELD` under `FEW_ANSWERS` answers an annotator."""
SMALLEST = 1e-6


def fit_pooled(
    votes: Votes,
    *,
    seed: int = 0,
    iterations: int = 100,
    tolerance: float = 1e-3,
    opinion: Matrix | None = None,
    anchor: float | None = None,
) -> Fitted:
    """Ends where no probability changes by more than `tolerance`. `skill_` is how often each annotator is right, drawn towards the mean.

    `anchor` is w, where not by the rule above: 0 leaves the frequencies of the classes to the model alone.
    `opinion` `[records, classes]` is added to the logarithm of the prior of each record: what is known of it apart from the votes.
    """
    pairs = pair_votes(votes)
    own = pairs.label[:, np.newaxis] == np.arange(votes.classes)
    truth, done = share_votes(votes), 0
    if anchor is None:
        anchor = HELD if len(votes) < FEW_ANSWERS * votes.annotators else ANCHOR
    known = anchor * pick_best(truth).mean(axis=0)
    pool = _Pool(np.zeros(votes.annotators), 1.0, START)
    for done in range(1, iterations + 1):
        counts = pairs.by_pair @ truth
        total = pairs.by_annotator @ counts
        mean = _mean_confusion(pairs, counts, votes.classes)
        right = pairs.by_annotator @ np.where(own, counts, 0.0)
        chance = pool.fit(mean, right, total)[pairs.annotator]
        wrong = (mean / np.maximum(1 - np.diag(mean), SMALLEST)[:, np.newaxis]).T[pairs.label]
        mu = np.maximum(np.where(own, chance, (1 - chance) * wrong), SMALLEST)
        if done > WARM:
            pool.strength = _strengthen(pool.strength, pairs.annotator, counts, total, mu)
        logs: Matrix = digamma(counts + pool.strength * mu) - digamma(total + pool.strength)[pairs.annotator]
        scores: Matrix = digamma(truth.sum(axis=0) + known + 1) + pairs.by_record @ logs
        if opinion is not None:
            scores += opinion
        new, _ = softmax(scores)
        moved, truth = float(np.abs(new - truth).max()), new
        if moved < tolerance:
            break
    skill = _skill(votes, truth)
    return Fitted((1 - SHARE) * truth + SHARE * _weighted_share(votes, skill), skill, None, done, truth_=truth)


@dataclass(slots=True)
class _Pool:
    """What the annotators have in common: `ability` d `[annotators]`, `variance` tau^2, `strength` s."""

    ability: Floats
    variance: float
    strength: float

    def fit(self, mean: Matrix, right: Matrix, total: Matrix) -> Matrix:
        """Newton steps of d, and the mean chances mu[a, t, t] `[annotators, classes]` that come of it."""
        ease: Floats = logit(np.clip(np.diag(mean), 1e-4, 1 - 1e-4))
        chance, bend = right, self.ability
        for _ in range(3):
            chance = expit(ease + self.ability[:, np.newaxis])
            slope = (right - total * chance).sum(axis=1) - self.ability / self.variance
            bend = (total * chance * (1 - chance)).sum(axis=1) + 1 / self.variance
            self.ability = self.ability + np.clip(slope / bend, -1, 1)
        self.variance = float((self.ability**2 + 1 / bend).sum() + 1) / (len(bend) + 2)
        return expit(ease + self.ability[:, np.newaxis])


def _mean_confusion(pairs: Pairs, counts: Matrix, classes: int) -> Matrix:
    """m `[classes, classes]`: what annotators say (last) of what is (first), half of it with errors spread evenly."""
    all_said = np.zeros((classes, classes))
    np.add.at(all_said, pairs.label, counts)
    all_said = all_said.T
    g = (np.trace(all_said) + 1) / (all_said.sum() + 1 + (classes - 1) / 2)
    g = min(max(g, 1 / classes + 0.02), 0.995)
    even = np.full((classes, classes), (1 - g) / max(classes - 1, 1))
    np.fill_diagonal(even, g)
    found = (all_said + classes * even) / (all_said.sum(axis=1, keepdims=True) + classes)
    return EVEN * even + (1 - EVEN) * found


def _strengthen(strength: float, annotator: Ints, counts: Matrix, total: Matrix, mu: Matrix) -> float:
    """A Newton step of log s towards the largest likelihood of the counts, a Dirichlet-multinomial's; of the first annotators only
    where there are very many pairs."""
    if counts.size > CELLS:
        last = int(annotator[max(1, CELLS // counts.shape[1])])
        upto = int(np.searchsorted(annotator, max(last, 1)))
        counts, mu, total = counts[:upto], mu[:upto], total[: max(last, 1)]

    def fit(at: float) -> float:
        s = math.exp(at)
        rows = (gammaln(s) - gammaln(s + total)).sum()
        return (
            float(rows + (gammaln(s * mu + counts) - gammaln(s * mu)).sum())
            - 0.5 * ((at - math.log(STRENGTH)) / WIDTH) ** 2
        )

    at, step = math.log(strength), 0.25
    here, above, below = fit(at), fit(at + step), fit(at - step)
    slope, bend = (above - below) / (2 * step), abs(above - 2 * here + below) / step**2
    moved = slope / bend if bend else 0.0
    return math.exp(min(max(at + min(max(moved, -0.5), 0.5), math.log(0.5)), math.log(1e4)))


def _skill(votes: Votes, truth: Matrix) -> Floats:
    right = add_up(votes.annotator, truth[votes.record, votes.label], votes.annotators)
    mean = right.sum() / len(votes)
    return (right + 4 * mean) / (np.bincount(votes.annotator, minlength=votes.annotators) + 4)


def _weighted_share(votes: Votes, skill: Floats) -> Matrix:
    """The share of each label among a record's votes, each weighted by log s - log((1 - s) / (K - 1)), at least .05."""
    sure = np.clip(skill, 1e-3, 1 - 1e-3)
    weight = np.maximum(np.log(sure / (1 - sure) * max(votes.classes - 1, 1)), 0.05)
    cell = votes.record * votes.classes + votes.label
    flat = add_up(cell, weight[votes.annotator], votes.records * votes.classes)
    flat = flat.reshape(votes.records, votes.classes)
    return flat / flat.sum(axis=1, keepdims=True)
