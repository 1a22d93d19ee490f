"""What every way of aggregating choices takes and gives: votes as integer arrays in, probabilities and skills out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from goldleaf.quality.labels import Answers, Floats, Ints

Matrix = np.ndarray[Any, np.dtype[np.float64]]


@dataclass(frozen=True, slots=True)
class Votes:
    """One label of one annotator for one record each: `record[i]`, `annotator[i]` and `label[i]` are numbers from 0.

    `records`, `annotators` and `classes` say how many of each there are; every record has a vote.
    """

    record: Ints
    annotator: Ints
    label: Ints
    records: int
    annotators: int
    classes: int

    def __len__(self) -> int:
        return len(self.record)


@dataclass(frozen=True, slots=True)
class Fitted:
    """What a method made of the votes.

    `probabilities_` `[records, classes]` of each class to be the right one; `skill_` `[annotators]`, how often each annotator is right
    (None: the method does not say); `confusion_` `[annotators, classes, classes]`, what each annotator says (last) of what is (second),
    where the method has such; `log_likelihood_` of the votes, None for a method without one; `iterations_` it took.
    """

    probabilities_: Matrix
    skill_: Floats | None = None
    confusion_: Matrix | None = None
    log_likelihood_: float | None = None
    iterations_: int = 0
    reason_: str = ""


def votes_of(answers: Answers) -> Votes:
    """The votes of the answers to a choice of one label, coded by `answers.labels`."""
    place = {label: at for at, label in enumerate(answers.labels)}
    label = np.fromiter((place[value] for value in answers.values), np.int64, len(answers))
    return Votes(
        answers.record, answers.annotator, label, len(answers.records), len(answers.annotators), len(answers.labels)
    )


def count_votes(votes: Votes) -> Matrix:
    """How many annotators gave each record each label: `[records, classes]`."""
    flat = np.bincount(votes.record * votes.classes + votes.label, minlength=votes.records * votes.classes)
    return flat.reshape(votes.records, votes.classes).astype(np.float64)
