"""Wrong labels of a choice: confident learning on what a model, alike records and annotators say together.

1. The model's probabilities and the shares of labels among the nearest records and among equal texts are pooled, with weights learned
   from the labels (`weighing`), q[n, k].
2. Confident learning says how often each label is given where another is meant (`confident`), r[given, true].
3. Bayes' rule with r says how probable each label is to be right where g is given. Where the annotators' answers are known,
   the votes' likelihood (`votes`) stands in place of r: the given label is made of them.

A choice of many labels is a question of yes or no for each.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, cast

import numpy as np

from goldleaf.quality.errors.case import Case
from goldleaf.quality.errors.confident import believable, confident_joint, true_given
from goldleaf.quality.errors.found import ELSEWHERE, MODEL, NEIGHBOURS, NO_TOKENS, SPLIT, Found, Rows
from goldleaf.quality.errors.neighbours import neighbour_shares
from goldleaf.quality.errors.votes import Votes, fit_skill, log_likelihood
from goldleaf.quality.errors.weighing import draw_folds, pool_apart
from goldleaf.quality.labels import Answers, Bools, Floats, Ints
from goldleaf.quality.nearest import Vectors
from goldleaf.text.near import fold


@dataclass(frozen=True, slots=True)
class Sources:
    """What is known of records beside the model: `vectors` `[records, hidden]` and the `space` of each `[records]`, how often each label
    is given to `equal` texts `[records, classes]`, the annotators' `votes`; None for what is not known."""

    vectors: Vectors | None = None
    space: Ints | None = None
    equal: Floats | None = None
    votes: Votes | None = None


@dataclass(frozen=True, slots=True)
class Judged:
    """Of each record: how probable the given label is wrong, the most probable other, and who speaks against the given one."""

    wrong: Floats
    proposed: Ints
    model_: Bools
    neighbours_: Bools
    texts_: Bools
    votes_: Bools


def judge_choice(probabilities: Floats, labels: Ints, folds: Ints, sources: Sources) -> Judged:
    """Judge `labels` `[records]` by a model's `probabilities` `[records, classes]` and what else is known. `folds` are numbers from 0;
    the weights that a record is judged with are learned from the other folds."""
    records, classes = len(probabilities), int(probabilities.shape[1])
    nobody = np.zeros(records, dtype=bool)
    if classes < 2 or not records:
        return Judged(np.zeros(records), labels, nobody, nobody, nobody, nobody)
    rows: Ints = np.arange(records)
    scores: list[Floats] = [np.log(probabilities)]
    near, same = None, sources.equal
    if sources.vectors is not None:
        near = neighbour_shares(sources.vectors, labels, classes, space=sources.space)
        scores.append(np.log(np.maximum(near, 1e-6)))
    if same is not None:
        scores.append(np.log((same + probabilities) / (same.sum(axis=1, keepdims=True) + 1)))
    pooled, _ = pool_apart(np.stack(scores), labels, folds)
    right = true_given(pooled, labels, believable(confident_joint(pooled, labels)))
    split = nobody
    if sources.votes is not None:
        right, split = _with_votes(right, pooled, labels, sources.votes)
    others = right.copy()
    others[rows, labels] = -1
    return Judged(
        1 - right[rows, labels],
        others.argmax(axis=1),
        probabilities.argmax(axis=1) != labels,
        nobody if near is None else _most(near, labels),
        nobody if same is None else same.sum(axis=1) > same[rows, labels],
        split,
    )


def elsewhere(keys: Ints, labels: Ints, classes: int) -> Floats:
    """How often each label is given to other records of the same key, `[records, classes]`; a label of -1 is none of the classes.

    >>> elsewhere(np.array([0, 0, 1]), np.array([1, 0, 1]), 2).tolist()
    [[1.0, 0.0], [0.0, 1.0], [0.0, 0.0]]
    """
    counts = np.zeros((int(keys.max()) + 1 if len(keys) else 0, classes))
    known = np.flatnonzero(labels >= 0)
    np.add.at(counts, (keys[known], labels[known]), 1.0)
    found = counts[keys]
    found[known, labels[known]] -= 1
    return cast("Floats", found)


def _most(shares: Floats, labels: Ints) -> Bools:
    """Where another label has more than half of the shares."""
    return (shares.argmax(axis=1) != labels) & (shares.max(axis=1) > 0.5)


def _with_votes(right: Floats, pooled: Floats, labels: Ints, votes: Votes) -> tuple[Floats, Bools]:
    """What is right where the votes are known, and whether some were for another label than the given."""
    records, classes = len(pooled), int(pooled.shape[1])
    seen = np.bincount(votes.record, minlength=records) > 0
    likely = log_likelihood(votes, fit_skill(votes, pooled), records=records, classes=classes)
    weighed = np.log(pooled) + likely
    weighed = np.exp(weighed - weighed.max(axis=1, keepdims=True))
    against = np.bincount(votes.record, weights=votes.label != labels[votes.record], minlength=records) > 0
    return np.where(seen[:, np.newaxis], weighed / weighed.sum(axis=1, keepdims=True), right), against


def find_in_choice(case: Case, *, at_least: float, seed: int) -> Found:
    """The labels of a choice that are probably wrong."""
    classes = case.opinions.classes
    folds, equal = draw_folds(case.judged_groups, seed=seed), _equal_texts(case)
    said = [case.opinions.probabilities[at] for at in cast("list[int]", case.opinion.tolist())]
    probabilities: Floats = np.stack(said)
    values = [case.gold.values[at] for at in cast("list[int]", case.judged.tolist())]
    if not case.field.many:
        place = {label: number for number, label in enumerate(classes)}
        labels = np.array([place[value] for value in values], dtype=np.int64)
        sources = _sources(case, equal, lambda value: place.get(value, -1), len(classes))
        return _one_label(case, judge_choice(probabilities, labels, folds, sources), at_least)
    questions: list[Judged] = []
    for number, label in enumerate(classes):
        yes = probabilities[:, number]
        labels = np.array([label in value for value in values], dtype=np.int64)
        sources = _sources(case, equal, partial(_is_in, label), 2)
        questions.append(judge_choice(np.stack([1 - yes, yes], axis=1), labels, folds, sources))
    return _many_labels(case, questions, at_least)


def _is_in(label: str, value: Any) -> int:
    return int(label in value)


def _equal_texts(case: Case) -> Ints | None:
    """A number for each gold record's text, the same for equal texts, `[gold]`; None where no two are equal."""
    numbers: dict[Any, int] = {}
    folded = [fold(text) if text is not None else at for at, text in enumerate(case.texts)]
    keys = np.array([numbers.setdefault(key, len(numbers)) for key in folded], dtype=np.int64)
    return keys if len(numbers) < len(keys) else None


def _sources(case: Case, keys: Ints | None, code: Callable[[Any], int], classes: int) -> Sources:
    """What is known of one question, in which `code` numbers the answers; equal texts are all in the gold, judged or not."""
    equal = None
    if keys is not None:
        equal = elsewhere(keys, np.array([code(value) for value in case.gold.values]), classes)[case.judged]
    votes = None if case.answers is None else _votes(case, case.answers, code)
    return Sources(case.vectors, case.space, equal, votes)


def _votes(case: Case, answers: Answers, code: Callable[[Any], int]) -> Votes:
    """The answers to the judged records, those with a label that the model does not know left out."""
    place = {case.gold.records[at]: n for n, at in enumerate(case.judged.tolist())}
    known = set(case.opinions.classes)
    rows = [
        (place[record], annotator, code(value))
        for record, annotator, value in zip(
            (answers.records[r] for r in answers.record.tolist()),
            answers.annotator.tolist(),
            answers.values,
            strict=True,
        )
        if record in place and known.issuperset([value] if isinstance(value, str) else value)
    ]
    table = np.array(rows, dtype=np.int64).reshape(-1, 3)
    return Votes(table[:, 0], table[:, 1], table[:, 2], len(answers.annotators))


def _one_label(case: Case, judged: Judged, at_least: float) -> Found:
    labels: Rows = []
    records: Rows = []
    for n, at in enumerate(cast("list[int]", case.judged.tolist())):
        given, proposed = case.gold.values[at], case.opinions.classes[int(judged.proposed[n])]
        shown = {"given": case.gold.as_written(given), "proposed": case.gold.as_written(proposed)}
        wrong = float(judged.wrong[n])
        row = {**_row(case, at, wrong), **shown, "reasons": _reasons(judged, n)}
        records.append({**row, "proposed": row["proposed" if wrong > 0.5 else "given"]})
        if wrong >= at_least:
            labels.append({**row, "error": "type"})
    return Found(labels, records, NO_TOKENS)


def _many_labels(case: Case, questions: list[Judged], at_least: float) -> Found:
    labels: Rows = []
    records: Rows = []
    for n, at in enumerate(cast("list[int]", case.judged.tolist())):
        given = case.gold.values[at]
        wrong = [float(question.wrong[n]) for question in questions]
        value = [name for name, p in zip(case.opinions.classes, wrong, strict=True) if (name in given) != (p > 0.5)]
        found: Rows = []
        for label, probability, question in zip(case.opinions.classes, wrong, questions, strict=True):
            if probability >= at_least:
                error = "invented" if label in given else "missed"
                proposed = [each for each in case.opinions.classes if (each in given) != (each == label)]
                row = {**_row(case, at, probability), "given": list(given), "proposed": proposed, "error": error}
                found.append({**row, "reasons": _reasons(question, n)})
        labels += found
        reasons = list(dict.fromkeys(reason for row in found for reason in row["reasons"]))
        whole = _row(case, at, max(wrong, default=0.0))
        records.append({**whole, "given": list(given), "proposed": value, "reasons": reasons})
    return Found(labels, records, NO_TOKENS)


def _row(case: Case, at: int, probability: float) -> dict[str, Any]:
    name = {"record": case.gold.records[at], "field": case.field.name, "kind": case.field.kind}
    return {**name, "probability": probability, "start": None, "end": None}


def _reasons(judged: Judged, n: int) -> list[str]:
    said = (
        (MODEL, judged.model_),
        (NEIGHBOURS, judged.neighbours_),
        (ELSEWHERE, judged.texts_),
        (SPLIT, judged.votes_),
    )
    return [word for word, speaks in said if speaks[n]]
