"""Weighing evidence: several opinions of the same labels, pooled with weights that are learned from the labels themselves.

Each of S sources gives each item a log score of each class, l[s, n, k]. The pooled probability is a product of experts,

    q[n, k] = exp(sum_s w[s] l[s, n, k] + b[k]) / sum_j exp(sum_s w[s] l[s, n, j] + b[j]),

a conditional logit (McFadden, 1974, https://eml.berkeley.edu/reprints/mcfadden/zarembka.pdf; pooled experts: Hinton, 2002,
https://doi.org/10.1162/089976602760128018). w and b are those under which the given labels are most likely, with a normal prior that
trusts the first source as it is (w = 1) and the others not at all (w = 0), so that few labels move little. Most given labels are right:
what predicts them well tells of the rest too. No item is judged with weights that were learned from it or from its group.

>>> import numpy as np
>>> sure, blind = np.log([[0.9, 0.1], [0.1, 0.9]] * 50), np.log(np.full((100, 2), 0.5))
>>> pool = fit_pool(np.stack([blind, sure]), np.array([0, 1] * 50))
>>> pool.weights_.round(1).tolist()
[1.0, 1.3]
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, cast

import numpy as np
from scipy.optimize import minimize  # pyright: ignore[reportMissingTypeStubs, reportUnknownVariableType]

from goldleaf.quality.labels import Floats, Ints

FOLDS = 5
TRUST = 10.0
"""The precision of the prior of a weight: about how many items it takes to move it."""


@dataclass(frozen=True, slots=True)
class Pool:
    """What was learned: a weight of each source `[sources]`, and a shift of each class `[classes]`."""

    weights_: Floats
    shifts_: Floats

    def probabilities(self, scores: Floats) -> Floats:
        """The pooled probabilities `[items, classes]` of `scores` `[sources, items, classes]`."""
        return _softmax(np.tensordot(self.weights_, scores, 1) + self.shifts_)


def fit_pool(scores: Floats, labels: Ints) -> Pool:
    """The weights under which `labels` `[items]` are most likely, given `scores` `[sources, items, classes]`."""
    sources, items, classes = len(scores), len(labels), int(scores.shape[2])
    start = np.zeros(sources + classes)
    start[0] = 1.0
    rows: Ints = np.arange(items)
    precision = np.concatenate([np.full(sources, TRUST), np.ones(classes)])

    def objective(at: Floats) -> tuple[float, Floats]:
        q = Pool(at[:sources], at[sources:]).probabilities(scores)
        away = at - start
        loss = -float(np.log(np.maximum(q[rows, labels], 1e-300)).sum()) + 0.5 * float(precision @ away**2)
        q[rows, labels] -= 1
        return loss, np.concatenate([np.tensordot(scores, q, ([1, 2], [0, 1])), q.sum(axis=0)]) + precision * away

    found = cast("Any", minimize(objective, start, jac=True, method="L-BFGS-B")).x
    return Pool(found[:sources], found[sources:])


def pool_apart(scores: Floats, labels: Ints, folds: Ints) -> tuple[Floats, Floats]:
    """The pooled probabilities `[items, classes]`, those of each fold by weights learned from the others, and the mean weights."""
    pooled = np.empty(scores.shape[1:])
    names = np.unique(folds)
    if len(names) < 2:
        return Pool(np.eye(1, len(scores))[0], np.zeros(scores.shape[2])).probabilities(scores), np.eye(1, len(scores))[
            0
        ]
    weights = np.zeros(len(scores))
    for fold in names:
        held = folds == fold
        pool = fit_pool(scores[:, ~held], labels[~held])
        pooled[held] = pool.probabilities(scores[:, held])
        weights += pool.weights_ / len(names)
    return pooled, weights


def draw_folds(groups: Ints, *, seed: int = 0, folds: int = FOLDS) -> Ints:
    """A fold for each item, whole groups at a time; as many folds as there are groups where those are fewer."""
    count = int(groups.max()) + 1 if len(groups) else 0
    order = np.random.default_rng(seed).permutation(count)
    return (order % max(1, min(folds, count)))[groups] if count else groups


def _softmax(scores: Floats) -> Floats:
    shifted = np.exp(scores - scores.max(axis=1, keepdims=True))
    return shifted / shifted.sum(axis=1, keepdims=True)
