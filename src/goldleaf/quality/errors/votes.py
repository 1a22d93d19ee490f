"""What the annotators' answers say of the right label: the likelihood of the votes, by how reliable each annotator is.

An annotator j who is right with probability a[j], and otherwise gives any other of K labels alike, makes the votes v[j] of a record

    prod_j a[j]^[v[j] = k] ((1 - a[j]) / (K - 1))^[v[j] != k]

likely if k is right (the one-coin model of Dawid and Skene, 1979, https://doi.org/10.2307/2346806). a[j] is the mean probability that
another source (a model, out of sample) gives to the answers of j, with two answers beforehand, right three times in four: gold that was
made of these votes cannot say how good they are.

>>> import numpy as np
>>> table = Votes(np.array([0, 0, 1]), np.array([0, 1, 0]), np.array([0, 1, 1]), annotators=2)
>>> fit_skill(table, np.array([[0.9, 0.1], [0.2, 0.8]])).round(3).tolist()  # (0.9 + 0.8 + 1.5) / 4 and (0.1 + 1.5) / 3
[0.8, 0.533]
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from goldleaf.quality.labels import Floats, Ints

BEFOREHAND, SKILL = 2.0, 0.75


@dataclass(frozen=True, slots=True)
class Votes:
    """`record[i]` was given `label[i]` by `annotator[i]`, all numbers from 0."""

    record: Ints
    annotator: Ints
    label: Ints
    annotators: int


def fit_skill(votes: Votes, probabilities: Floats) -> Floats:
    """How often each annotator is right, `[annotators]`, by probabilities `[records, classes]` of another source."""
    agreed = np.bincount(votes.annotator, weights=probabilities[votes.record, votes.label], minlength=votes.annotators)
    answers = np.bincount(votes.annotator, minlength=votes.annotators)
    return (agreed + BEFOREHAND * SKILL) / (answers + BEFOREHAND)


def log_likelihood(votes: Votes, skill: Floats, *, records: int, classes: int) -> Floats:
    """The log likelihood of each record's votes if each class is right, `[records, classes]`; 0 for a record without votes."""
    found = np.zeros((records, classes))
    if classes < 2:
        return found
    right, wrong = np.log(skill), np.log((1 - skill) / (classes - 1))
    np.add.at(found, votes.record, wrong[votes.annotator][:, np.newaxis])
    np.add.at(found, (votes.record, votes.label), (right - wrong)[votes.annotator])
    return found
