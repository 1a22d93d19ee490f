"""Spans as flat pieces: every stretch that an answer labels, cut so that no two of one answer share a character.

Flat spans are their own pieces. Where spans of one answer contain or cross each other, each stretch takes the labels of all spans over it
together (`ORG + PER`) as a label of its own: coefficients that count characters or tokens need exactly one for each.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from goldleaf.core import InputError, Span
from goldleaf.quality.labels import Answers, Ints

NOTHING = "(nothing)"
"""Stands for the label where an annotator marked nothing."""


@dataclass(frozen=True, slots=True)
class Pieces:
    """Piece i of answer `answer[i]`, from `start[i]` to `end[i]`; by answer and start. `labels` are the field's, then the joined ones."""

    answer: Ints
    start: Ints
    end: Ints
    label: Ints
    labels: tuple[str, ...]


def cut_pieces(answers: Answers) -> Pieces:
    """The pieces of all answers. Raises InputError for a span without length, or with a label that the schema does not have."""
    codes = {label: code for code, label in enumerate(answers.labels)}
    rows: list[tuple[int, int, int, int]] = []
    for place, spans in enumerate(answers.values):
        for span in spans:
            if not 0 <= span[0] < span[1] or span[2] not in codes:
                raise _wrong(answers, place, span)
        for start, end, label in _flat(spans) if _overlap(spans) else spans:
            rows.append((place, start, end, codes.setdefault(label, len(codes))))
    table = np.array(rows, dtype=np.int64).reshape(-1, 4)
    return Pieces(table[:, 0], table[:, 1], table[:, 2], table[:, 3], tuple(codes))


def _overlap(spans: Sequence[Span]) -> bool:
    """Whether two of these spans, in order, share a character."""
    return len(spans) > 1 and any(before[1] > after[0] for before, after in pairwise(spans))


def _flat(spans: Sequence[Span]) -> list[Span]:
    borders = sorted({border for start, end, _ in spans for border in (start, end)})
    pieces: list[Span] = []
    for start, end in pairwise(borders):
        over = sorted({span.label for span in spans if span.start <= start and end <= span.end})
        if over:
            pieces.append(Span(start, end, " + ".join(over)))
    return pieces


def _wrong(answers: Answers, place: int, span: Span) -> InputError:
    where = f"record {answers.records[int(answers.record[place])]}, field {answers.field}"
    if 0 <= span.start < span.end:
        expected = " or ".join(answers.labels[:10])
        return InputError("the schema has no such label", where=where, found=repr(span.label), expected=expected)
    return InputError(
        "not a span", where=where, found=repr(list(span)), expected="[start, end, label], 0 <= start < end"
    )
