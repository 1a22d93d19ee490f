"""What the annotators' answers say of the true tags, each by how careless the annotator is.

An answer is evidence as gold is (`channel`): the tag that annotator j gave to a token is likely by r_j[given, true] if that tag is the true
one. r_j has the rates of `channel` times c_j, how many more mistakes j makes: the number of j's tags that are wrong (by the model's
opinion and the usual rates), over the number that the usual rates expect, at least 1, at most what makes half of the tags wrong. Where a
record's answers are known they stand in place of its gold, which was made of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import numpy as np

from goldleaf.quality.errors.case import Case
from goldleaf.quality.errors.channel import true_tags
from goldleaf.quality.errors.sequences import Sequences, tags_of
from goldleaf.quality.labels import Floats, Ints

BEFOREHAND = 1.0
"""How many mistakes an annotator is taken to have made, where the usual rates expect as many."""


@dataclass(frozen=True, slots=True)
class Said:
    """Answer i is of the judged record `record[i]` by `annotator[i]`, and gives its tokens `tags[i]`; `of` has the answers by record."""

    record: list[int]
    annotator: list[int]
    tags: list[Ints]
    of: dict[int, list[int]]

    def split(self, record: int, place: slice, given: Ints) -> bool:
        """Whether an answer to a record gives the tokens at `place` other tags than `given`."""
        return any(not np.array_equal(self.tags[i][place], given) for i in self.of.get(record, []))


def answers_of(case: Case, lined: Sequences) -> Said | None:
    """The answers to the judged records, those with a label that the model does not know left out; None where there are none."""
    if case.answers is None:
        return None
    place = {case.gold.records[at]: n for n, at in enumerate(cast("list[int]", case.judged.tolist()))}
    known = (
        {name[2:] for name in case.opinions.classes[1::2]} if case.field.kind == "spans" else set(case.opinions.classes)
    )
    said = Said([], [], [], {})
    answers = case.answers
    names = [answers.records[r] for r in cast("list[int]", answers.record.tolist())]
    for record, annotator, value in zip(
        names, cast("list[int]", answers.annotator.tolist()), answers.values, strict=True
    ):
        labels = {item if isinstance(item, str) else item.label for item in value}
        if record in place and known.issuperset(labels):
            n = place[record]
            said.of.setdefault(n, []).append(len(said.record))
            said.record.append(n)
            said.annotator.append(annotator)
            said.tags.append(tags_of(case, value, lined.tokens[lined.rows(n)], n))
    return said if said.record else None


def true_by_answers(true: Floats, opinions: Floats, lined: Sequences, said: Said | None, rates: Floats) -> Floats:
    """`true` `[tokens, classes]`, with that of records with answers told by them."""
    if said is None:
        return true
    scores, answered = np.log(opinions), np.zeros(len(true), dtype=bool)
    for annotator in sorted(set(said.annotator)):
        mine = [i for i, who in enumerate(said.annotator) if who == annotator]
        rows = np.concatenate([np.arange(*lined.rows(said.record[i]).indices(len(true))) for i in mine])
        tags = np.concatenate([said.tags[i] for i in mine])
        np.add.at(scores, rows, np.log(careless(rates, opinions[rows], tags))[tags])
        answered[rows] = True
    weighed = np.exp(scores - scores.max(axis=1, keepdims=True))
    return np.where(answered[:, np.newaxis], weighed / weighed.sum(axis=1, keepdims=True), true)


def careless(rates: Floats, opinions: Floats, tags: Ints) -> Floats:
    """The rates of an annotator who gave `tags` `[tokens]`, by a model's `opinions` of them `[tokens, classes]`."""
    usual = 1 - np.diag(rates)
    found = float((1 - true_tags(opinions, tags, rates)[np.arange(len(tags)), tags]).sum())
    expected = float((opinions @ usual).sum())
    most = 0.5 / max(float(usual.max()), 1e-12)
    mine = rates * float(np.clip((found + BEFOREHAND) / (expected + BEFOREHAND), 1, most))
    np.fill_diagonal(mine, 0.0)
    np.fill_diagonal(mine, 1 - mine.sum(axis=0))
    return mine
