"""What answers are compared by: the record itself for a choice, its tokens for tags and spans, its characters for spans without tokens.

Laid out flat, so that nothing loops over answers: record r has `size[r]` units, the first of them number `first[r]`; answer i gives unit j
of its record the label `label[offset[i] + j]`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd

from goldleaf.core import InputError, brief
from goldleaf.quality.agreement.pieces import NOTHING, Pieces
from goldleaf.quality.agreement.tables import spread
from goldleaf.quality.agreement.texts import Tokens
from goldleaf.quality.labels import Answers, Floats, Ints

Unit = Literal["record", "token", "character"]


@dataclass(frozen=True, slots=True)
class Units:
    """`record` and `annotator` are those of each answer, `weight` of each unit: how many it stands for."""

    kind: Unit
    record: Ints
    annotator: Ints
    size: Ints
    first: Ints
    weight: Floats
    label: Ints
    offset: Ints
    labels: tuple[str, ...]


def choice_units(answers: Answers, labels: Sequence[str], codes: Ints) -> Units:
    """One unit a record; `codes` is the place of each answer's label in `labels`."""
    records = len(answers.records)
    ones = np.ones(records, np.int64)
    return Units(
        "record",
        answers.record,
        answers.annotator,
        ones,
        np.arange(records),
        ones.astype(np.float64),
        codes,
        np.arange(len(answers)),
        tuple(labels),
    )


def tag_units(answers: Answers) -> Units:
    """One unit a token. Raises InputError where two annotators tagged different numbers of tokens."""
    lengths = np.fromiter(map(len, answers.values), np.int64, len(answers))
    size = np.zeros(len(answers.records), np.int64)
    size[answers.record] = lengths
    if (wrong := np.flatnonzero(size[answers.record] != lengths)).size:
        row = int(wrong[0])
        raise InputError(
            "two annotators tagged different numbers of tokens",
            where=f"record {answers.records[int(answers.record[row])]}, field {answers.field}",
            found=f"{lengths[row]} and {size[answers.record[row]]} tags",
            expected="one tag a token from each",
        )
    flat = [tag for value in answers.values for tag in value]
    return Units(
        "token",
        answers.record,
        answers.annotator,
        size,
        np.cumsum(size) - size,
        np.ones(int(size.sum())),
        code_labels(flat, answers.labels, answers),
        np.cumsum(lengths) - lengths,
        answers.labels,
    )


def token_units(answers: Answers, pieces: Pieces, tokens: Tokens) -> Units:
    """One unit a token, its label that of the first span that touches it, or nothing."""
    weight = np.ones(len(tokens.start))
    return _cover("token", answers, pieces, tokens, weight)


def character_units(answers: Answers, pieces: Pieces, lengths: Ints | None) -> Units:
    """The stretches between all borders of spans in a record, each worth its characters: what counting characters one by one would give.

    Without the lengths of the texts a record ends with its last span, and one without a span has no units.
    """
    record = answers.record[pieces.answer]
    every = np.arange(len(answers.records))
    ends = every[:0] if lengths is None else lengths
    where = np.concatenate([record, record, every, every[: len(ends)]])
    border = np.concatenate([pieces.start, pieces.end, np.zeros_like(every), ends])
    wide = int(border.max(initial=0)) + 1
    keys = np.unique(where * wide + border)
    inside = np.flatnonzero(keys[1:] // wide == keys[:-1] // wide)
    start, end = keys[inside] % wide, keys[inside + 1] % wide
    size = np.bincount(keys[inside] // wide, minlength=len(every))
    stretches = Tokens(start, end, size, np.cumsum(size) - size)
    return _cover("character", answers, pieces, stretches, (end - start).astype(np.float64))


def code_labels(values: Sequence[Any], labels: Sequence[str], answers: Answers) -> Ints:
    """The place of each label. Raises InputError for one that the schema does not have."""
    codes = pd.Index(list(labels), dtype=object).get_indexer(pd.Index(values, dtype=object))
    if (unknown := np.flatnonzero(codes < 0)).size:
        raise InputError(
            "the schema has no such label",
            where=f"field {answers.field}",
            found=brief(values[int(unknown[0])]),
            expected=" or ".join(labels[:10]),
            todo="Correct it, or add the label to the schema",
        )
    return codes.astype(np.int64)


def _cover(kind: Unit, answers: Answers, pieces: Pieces, stretches: Tokens, weight: Floats) -> Units:
    """Each answer's label for each stretch: of the first piece that touches it, else nothing (the last label)."""
    sizes = stretches.size[answers.record]
    offset = np.cumsum(sizes) - sizes
    label = np.full(int(sizes.sum()), len(pieces.labels), np.int64)
    record = answers.record[pieces.answer]
    of_record = np.repeat(np.arange(len(stretches.size)), stretches.size)
    wide = int(max(pieces.end.max(initial=0), stretches.end.max(initial=0))) + 1
    first = np.searchsorted(of_record * wide + stretches.end, record * wide + pieces.start, "right")
    last = np.searchsorted(of_record * wide + stretches.start, record * wide + pieces.end, "left")
    touched = np.maximum(last - first, 0)
    place = spread(first - stretches.first[record] + offset[pieces.answer], touched)
    place, earliest = np.unique(place, return_index=True)
    label[place] = np.repeat(pieces.label, touched)[earliest]
    return Units(
        kind,
        answers.record,
        answers.annotator,
        stretches.size,
        stretches.first,
        weight,
        label,
        offset,
        (*pieces.labels, NOTHING),
    )
