"""Values -> what the model is asked to give: one class a piece, or one a text."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from goldleaf.core import Field, Kind, Record, Span, Value
from goldleaf.encode.pieces import Pieces

IGNORED = -100
"""The class of pieces that no loss and no score looks at."""

IntVector = np.ndarray[Any, np.dtype[np.int64]]


def output_classes(field: Field) -> tuple[str, ...]:
    """The classes of a field's logits, in order: the labels, or for spans `O` and a `B-` and an `I-` for each label (IOB2)."""
    if field.kind != "spans":
        return field.labels
    return ("O", *(f"{mark}-{label}" for label in field.labels for mark in "BI"))


def make_target(field: Field, value: Value, record: Record, pieces: Pieces) -> Any:
    """The target of a value: `[pieces]` classes for spans and tags, an index for a choice, `[labels]` floats of 0 and 1 for many."""
    return _TARGETS[field.kind](field, value, record, pieces)


def _choice_target(field: Field, value: Value, record: Record, pieces: Pieces) -> Any:
    if field.many:
        return np.array([label in value for label in field.labels], dtype=np.float32)
    return field.labels.index(value)


def _spans_target(field: Field, value: list[Span], record: Record, pieces: Pieces) -> IntVector:
    target = np.zeros(len(pieces), dtype=np.int64)
    solid = ~pieces.lead
    for span in value:
        touching = solid & (pieces.starts < span.end) & (pieces.ends > span.start)
        inside = touching & (pieces.starts >= span.start) & (pieces.ends <= span.end)
        begin = 1 + 2 * field.labels.index(span.label)
        target[inside] = begin + 1
        if inside.any() and touching.argmax() == inside.argmax():
            target[inside.argmax()] = begin
        target[touching & ~inside] = IGNORED
    return target


def _tags_target(field: Field, value: list[str], record: Record, pieces: Pieces) -> IntVector:
    target = np.full(len(pieces), IGNORED, dtype=np.int64)
    index = {label: number for number, label in enumerate(field.labels)}
    owner = piece_owners(record, pieces)
    for piece in np.flatnonzero(owner >= 0):
        target[piece] = index[value[owner[piece]]]
    return target


def piece_owners(record: Record, pieces: Pieces) -> IntVector:
    """For each piece the number of the token it lies in; -1 for one that lies in none or crosses a border between tokens."""
    tokens = np.array(record.tokens or (), dtype=np.int64).reshape(-1, 2)
    owner = np.searchsorted(tokens[:, 0], pieces.starts, side="right") - 1
    inside = (owner >= 0) & ~pieces.lead
    inside[inside] = pieces.ends[inside] <= tokens[owner[inside], 1]
    return np.where(inside, owner, -1)


def first_pieces(record: Record, pieces: Pieces) -> IntVector:
    """For each token the first piece that shares a character with it, also where that piece crosses its border; -1 where none does."""
    tokens = np.array(record.tokens or (), dtype=np.int64).reshape(-1, 2)
    solid = np.flatnonzero(~pieces.lead)
    if not len(solid):
        return np.full(len(tokens), -1, dtype=np.int64)
    place = np.searchsorted(pieces.ends[solid], tokens[:, 0], side="right")
    found = place < len(solid)
    piece = solid[np.minimum(place, len(solid) - 1)]
    return np.where(found & (pieces.starts[piece] < tokens[:, 1]), piece, -1)


def words_of(pieces: Pieces) -> tuple[IntVector, IntVector]:
    """The first piece of each word `[words]`, and the word's code points `[words, 2]`; a piece that joins no other is a word."""
    solid = np.flatnonzero(~pieces.lead)
    if not len(solid):
        return solid, np.zeros((0, 2), dtype=np.int64)
    first = np.flatnonzero(~pieces.joined[solid])
    bounds = np.empty((len(first), 2), dtype=np.int64)
    bounds[:, 0] = pieces.starts[solid[first]]
    bounds[:-1, 1] = pieces.ends[solid[first[1:] - 1]]
    bounds[-1, 1] = pieces.ends[solid[-1]]
    return solid[first], bounds


def crossing_pieces(spans: list[Span], pieces: Pieces) -> int:
    """How many pieces cross the border of a span: no tagging of these pieces can give that span exactly."""
    crossing = np.zeros(len(pieces), dtype=bool)
    for span in spans:
        touching = ~pieces.lead & (pieces.starts < span.end) & (pieces.ends > span.start)
        crossing |= touching & ((pieces.starts < span.start) | (pieces.ends > span.end))
    return int(crossing.sum())


_TARGETS: dict[Kind, Callable[[Field, Value, Record, Pieces], Any]] = {
    "choice": _choice_target,
    "spans": _spans_target,
    "tags": _tags_target,
}
