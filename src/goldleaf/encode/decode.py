"""Logits -> values with scores: the one reading that training, evaluation and the predictor share."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Literal, NamedTuple

import numpy as np

from goldleaf.core import Chunk, Field, Kind, Record, Span, Value
from goldleaf.encode.pieces import Pieces
from goldleaf.encode.targets import IntVector, first_pieces, words_of
from goldleaf.encode.viterbi import valid_classes

Logits = np.ndarray[Any, np.dtype[np.float32]]
Decoded = tuple[Value, Any]
"""A value and its scores, as `Prediction` holds them."""

Decoding = Literal["argmax", "viterbi"]
"""How the classes of spans are read: each the likeliest, or the likeliest that mark spans together (`viterbi`)."""


class Reading(NamedTuple):
    """The units that spans are read from: logits `[units, classes]`, code points `[units, 2]`, the class that each is read as `[units]`,
    and the chunks of units that these mark, by the rule of conlleval."""

    logits: Logits
    bounds: IntVector
    classes: IntVector
    chunks: Sequence[Chunk]


def softmax(logits: Logits) -> Logits:
    """Along the last axis, in a way that does not overflow."""
    shifted = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return shifted / shifted.sum(axis=-1, keepdims=True)


def sigmoid(logits: Logits) -> Logits:
    return np.float32(1.0) / (np.float32(1.0) + np.exp(-np.clip(logits, -60.0, 60.0)))


def decode_value(
    field: Field, logits: Logits, record: Record, pieces: Pieces, *, decoding: Decoding = "argmax"
) -> Decoded:
    """The value that a field's logits give: `[pieces, classes]` for spans and tags, `[labels]` for a choice."""
    if field.kind == "spans":
        return _decode_spans(field, logits, record, pieces, decoding)
    return _DECODERS[field.kind](field, logits, record, pieces)


def _decode_choice(field: Field, logits: Logits, record: Record, pieces: Pieces) -> Decoded:
    probabilities = sigmoid(logits) if field.many else softmax(logits)
    scores = {label: round(float(p), 6) for label, p in zip(field.labels, probabilities, strict=True)}
    if field.many:
        return [label for label, z in zip(field.labels, logits, strict=True) if z >= 0.0], scores
    return field.labels[int(logits.argmax())], scores


def _decode_spans(field: Field, logits: Logits, record: Record, pieces: Pieces, decoding: Decoding) -> Decoded:
    rows, bounds, classes, chunks = read_chunks(field, logits, record, pieces, decoding=decoding)
    if not chunks:
        return [], []
    sure = softmax(rows)[np.arange(len(rows)), classes].tolist()
    ends = bounds.tolist()
    spans = [Span(ends[first][0], ends[last - 1][1], label) for first, last, label in chunks]
    return spans, [round(sum(sure[first:last]) / (last - first), 6) for first, last, _ in chunks]


def read_chunks(
    field: Field, logits: Logits, record: Record, pieces: Pieces, *, decoding: Decoding = "argmax"
) -> Reading:
    """The spans of `[pieces, classes]` logits, as chunks of the units that are read."""
    units, bounds = read_units(record, pieces)
    rows = logits[units]
    classes = valid_classes(rows) if decoding == "viterbi" else rows.argmax(axis=1) if len(units) else units
    return Reading(rows, bounds, classes, chunks_of(classes.tolist(), field.labels) if classes.any() else [])


def chunks_of(classes: Sequence[int], labels: Sequence[str]) -> list[Chunk]:
    """The chunks that classes (0 is `O`, then `B-` and `I-` of each label in turn) mark, by the rule of conlleval.

    >>> chunks_of([2, 2, 1, 4], ["PER", "LOC"])  # I-PER I-PER B-PER I-LOC
    [(0, 2, 'PER'), (2, 3, 'PER'), (3, 4, 'LOC')]
    """
    chunks: list[Chunk] = []
    start = current = 0
    for place, number in enumerate([*classes, 0]):
        label = (number + 1) // 2
        if label == current and number % 2 == 0:
            continue
        if current:
            chunks.append((start, place, labels[current - 1]))
        start, current = place, label
    return chunks


def read_units(record: Record, pieces: Pieces) -> tuple[IntVector, IntVector]:
    """The pieces whose logits are read (`[units]`), and the code points `[units, 2]` that each stands for: the first piece of each token
    that has one, or where the record has no tokens, of each word."""
    if record.tokens is None:
        return words_of(pieces)
    firsts = first_pieces(record, pieces)
    bounds = np.array(record.tokens, dtype=np.int64).reshape(-1, 2)
    return firsts[firsts >= 0], bounds[firsts >= 0]


def _decode_tags(field: Field, logits: Logits, record: Record, pieces: Pieces) -> Decoded:
    """A token has the tag of its first piece; one that the tokenizer dropped, the tag of the piece before it."""
    firsts = first_pieces(record, pieces)
    if not len(pieces):
        return [field.labels[0]] * len(firsts), [0.0] * len(firsts)
    filled = np.maximum(np.maximum.accumulate(firsts), 0) if len(firsts) else firsts
    probabilities = softmax(logits[filled])
    return [field.labels[c] for c in probabilities.argmax(axis=1)], [
        round(float(p), 6) for p in probabilities.max(axis=1)
    ]


_DECODERS: dict[Kind, Callable[[Field, Logits, Record, Pieces], Decoded]] = {
    "choice": _decode_choice,
    "tags": _decode_tags,
}
