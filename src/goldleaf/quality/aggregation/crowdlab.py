"""CROWDLAB: a model's probabilities and the annotators' labels, each weighted by how reliable it is measured to be.

H. W. Goh, U. Tkachenko and J. Mueller, CROWDLAB: Supervised Learning to Infer Consensus Labels and Quality Scores for Data with Multiple
Annotators, NeurIPS 2022 workshop on human in the loop learning, https://arxiv.org/abs/2210.06812. With the model's out-of-sample p[i, k]:

    P       mean agreement of a vote with the majority, over records of several votes
    q[i,a,k] P where a says k of i, else (1 - P) / (K - 1)
    w[a]    1 - (1 - s[a]) / (1 - A),   s[a] how often a agrees with the others' votes, A the majority's accuracy of always naming
            the most frequent class
    w[M]    (1 - (1 - A[M]) / (1 - A)) sqrt(votes a record),   A[M] how often the model names the majority's class
    p*[i, k] = (w[M] p[i, k] + sum_a w[a] q[i, a, k]) / (w[M] + sum_a w[a])

The majority's ties are broken by the model. The model is set to the temperature at which the majority's classes are most likely.

>>> import numpy as np
>>> votes = Votes(np.array([0, 0, 1, 1]), np.array([0, 1, 0, 1]), np.array([0, 0, 0, 1]), records=2, annotators=2, classes=2)
>>> fit_crowdlab(votes, predicted=np.array([[0.9, 0.1], [0.2, 0.8]])).probabilities_.argmax(axis=1).tolist()
[0, 1]
"""

from __future__ import annotations

from typing import cast

import numpy as np

from goldleaf.core import InputError
from goldleaf.measure import fit_temperature
from goldleaf.quality.aggregation.votes import LEAST, Fitted, Matrix, Votes, add_up, count_votes, pick_best, softmax
from goldleaf.quality.labels import Bools, Floats

LEAST_WEIGHT = 1e-4


def fit_crowdlab(votes: Votes, *, seed: int = 0, predicted: Matrix | None = None) -> Fitted:
    """`predicted` `[records, classes]`; a row of NaN is a record that the model says nothing of. `skill_` is s, NaN for annotators who
    have no record in common with another."""
    if predicted is None:
        raise InputError("crowdlab weighs a model's opinion too", found="no predictions", todo="Pass predictions=")
    counts = count_votes(votes)
    known = cast("Bools", np.isfinite(predicted).all(axis=1))
    model = np.where(known[:, np.newaxis], predicted, 1 / votes.classes)
    consensus = (counts + 0.5 * model).argmax(axis=1)
    temperature = fit_temperature(np.log(np.maximum(model, LEAST))[known], consensus[known])
    model, _ = softmax(np.log(np.maximum(model, LEAST)) / temperature)
    several = counts.sum(axis=1) > 1
    if not several.any():
        several = np.ones(votes.records, bool)
    agreed = votes.label == consensus[votes.record]
    p = float(np.clip(agreed[several[votes.record]].mean(), 1 / votes.classes, 1 - 1e-3))
    skill = _agreement(votes, counts)
    chance = np.bincount(consensus[several], minlength=votes.classes).max() / several.sum()
    weights = _above(np.nan_to_num(skill, nan=float(agreed.mean())), chance)
    right = float((model.argmax(axis=1) == consensus)[several & known].mean()) if (several & known).any() else 0.0
    of_model = _above(np.array([right]), chance)[0] * np.sqrt(len(votes) / votes.records) * known
    wrong = (1 - p) / max(votes.classes - 1, 1)
    share = _weighted(votes, weights[votes.annotator])
    total = share.sum(axis=1, keepdims=True)
    people = wrong * total + (p - wrong) * share
    mixed = (of_model[:, np.newaxis] * model + people) / (of_model[:, np.newaxis] + total)
    return Fitted(mixed / mixed.sum(axis=1, keepdims=True), skill, truth_=pick_best(mixed))


def _agreement(votes: Votes, counts: Matrix) -> Floats:
    """How often each annotator agrees with the other votes on their records: `[annotators]`."""
    others = counts.sum(axis=1)[votes.record] - 1
    same = counts[votes.record, votes.label] - 1
    shared = add_up(votes.annotator, others, votes.annotators)
    agreed = add_up(votes.annotator, same, votes.annotators)
    return np.divide(agreed, shared, out=np.full(votes.annotators, np.nan), where=shared > 0)


def _above(accuracy: Floats, chance: float) -> Floats:
    """How far an accuracy stands above that of always naming the most frequent class, 1 for perfect."""
    return np.maximum(1 - (1 - accuracy) / max(1 - chance, 1e-3), LEAST_WEIGHT)


def _weighted(votes: Votes, weight: Floats) -> Matrix:
    cell = votes.record * votes.classes + votes.label
    flat = add_up(cell, weight, votes.records * votes.classes)
    return flat.reshape(votes.records, votes.classes)
