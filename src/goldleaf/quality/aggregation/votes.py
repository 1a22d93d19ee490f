"""What every way of aggregating choices takes and gives: votes as integer arrays in, probabilities and skills out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, cast

import numpy as np
from scipy import sparse, special  # pyright: ignore[reportMissingTypeStubs]

from goldleaf.quality.labels import Answers, Floats, Ints

Matrix = np.ndarray[Any, np.dtype[np.float64]]
Sparse = Any
"""A `scipy.sparse.csr_array` of ones: `it @ dense` sums rows of `dense`, in C and without a copy a vote."""

LEAST = 1e-10
"""What a probability of 0 is taken for before its logarithm."""


@dataclass(frozen=True, slots=True)
class Votes:
    """One label of one annotator for one record each: `record[i]`, `annotator[i]` and `label[i]` are numbers from 0.

    `records`, `annotators` and `classes` say how many of each there are; every record and every annotator has a vote.
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

    `probabilities_` `[records, classes]` of each class to be the right one; `skill_` `[annotators]`, what the method goes by for each
    annotator (None: it treats all alike); `log_likelihood_` of the votes (None for a method without one); `iterations_` it took;
    `reason_` why it was taken (`auto`); `method_` that was taken, where it is not the one that was asked for; `truth_` `[records, classes]`
    what annotators are judged by, where that is not the probabilities.
    """

    probabilities_: Matrix
    skill_: Floats | None = None
    log_likelihood_: float | None = None
    iterations_: int = 0
    reason_: str = ""
    method_: str = ""
    truth_: Matrix | None = None


@dataclass(frozen=True, slots=True)
class Pairs:
    """The pairs of annotator and label that occur, `p` of them: what a table of what each annotator says needs to hold, and no more.

    `annotator[p]`, `label[p]`; `of_vote[i]` is the pair of vote i. `by_record @ x` `[p, k] -> [records, k]` sums what each vote's pair
    says, `by_pair @ x` `[records, k] -> [p, k]` what is known of the records of a pair, `by_annotator @ x` `[p, k] -> [annotators, k]`.
    """

    annotator: Ints
    label: Ints
    of_vote: Ints
    by_record: Sparse
    by_pair: Sparse
    by_annotator: Sparse


def truth_of(fitted: Fitted) -> Matrix:
    """What annotators are judged by: `[records, classes]`."""
    return fitted.probabilities_ if fitted.truth_ is None else fitted.truth_


def pick_best(shares: Matrix) -> Matrix:
    """1 for the largest of each row, divided evenly among equals; else 0: what is taken for true where shares are no probabilities."""
    best = (shares >= shares.max(axis=1, keepdims=True) - 1e-9).astype(np.float64)
    return best / best.sum(axis=1, keepdims=True)


def votes_of(answers: Answers) -> Votes:
    """The votes of the answers to a choice of one label, coded by `answers.labels`."""
    place = {label: at for at, label in enumerate(answers.labels)}
    label = np.fromiter(map(place.__getitem__, answers.values), np.int64, len(answers))
    return Votes(
        answers.record, answers.annotator, label, len(answers.records), len(answers.annotators), len(answers.labels)
    )


def count_votes(votes: Votes) -> Matrix:
    """How many annotators gave each record each label: `[records, classes]`."""
    flat = np.bincount(votes.record * votes.classes + votes.label, minlength=votes.records * votes.classes)
    return flat.reshape(votes.records, votes.classes).astype(np.float64)


def share_votes(votes: Votes) -> Matrix:
    """The share of each label among a record's votes: `[records, classes]`."""
    counts = count_votes(votes)
    return counts / counts.sum(axis=1, keepdims=True)


def pair_votes(votes: Votes) -> Pairs:
    """The pairs that occur, in the order of annotator and label."""
    key = votes.annotator * votes.classes + votes.label
    cells = votes.annotators * votes.classes
    if cells <= 8 * len(votes):
        there = np.bincount(key, minlength=cells) > 0
        found, of_vote = np.flatnonzero(there), (np.cumsum(there) - 1)[key]
    else:
        found, of_vote = np.unique(key, return_inverse=True)
    annotator, label = found // votes.classes, found % votes.classes
    by_record = sum_by(votes.record, of_vote, votes.records, len(found))
    by_annotator = sum_by(annotator, np.arange(len(found)), votes.annotators, len(found))
    return Pairs(annotator, label, of_vote, by_record, by_record.T.tocsr(), by_annotator)


def sum_by(to: Ints, of: Ints, rows: int, columns: int) -> Sparse:
    """The matrix `[rows, columns]` that adds row `of[i]` of what it is multiplied with to row `to[i]`, for every i."""
    ones, shape = np.ones(len(to)), (rows, columns)
    if (to[1:] < to[:-1]).any():
        return sparse.csr_array((ones, (to, of)), shape=shape)
    starts = np.concatenate([[0], np.bincount(to, minlength=rows).cumsum()])
    kind = np.int32 if max(len(to), columns) < 2**31 else np.int64
    return sparse.csr_array((ones, of.astype(kind), starts.astype(kind)), shape=shape)


def count_from(starts: Ints, lengths: Ints) -> Ints:
    """The numbers from each start on, as many as its length, one run after the other.

    >>> count_from(np.array([5, 0]), np.array([2, 3])).tolist()
    [5, 6, 0, 1, 2]
    """
    ends = lengths.cumsum()
    return np.arange(int(lengths.sum()), dtype=np.int64) + np.repeat(starts - ends + lengths, lengths)


def softmax(scores: Matrix) -> tuple[Matrix, float]:
    """exp(scores) with each row summing to 1, and the sum over rows of the logarithm of what it summed to before."""
    most = scores[:, 0].copy()
    for column in scores.T[1:]:  # a loop over classes: numpy's own maximum of many short rows takes three times as long
        np.maximum(most, column, out=most)
    raised = scores - most[:, np.newaxis]
    np.exp(raised, out=raised)
    total = raised @ np.ones(raised.shape[1])
    raised /= total[:, np.newaxis]
    return raised, float(most.sum() + np.log(total).sum())


def add_up(place: Ints, weights: Floats, length: int) -> Floats:
    """The sum of the weights at each place 0..length - 1."""
    return np.bincount(place, weights, minlength=length).astype(
        np.float64, copy=False
    )  # without weights it would count, in integers


def digamma(counts: Matrix) -> Matrix:
    """The derivative of log gamma: what stands for the logarithm of a count where its uncertainty is taken into account."""
    return cast("Matrix", special.digamma(counts))  # pyright: ignore[reportUnknownMemberType]
