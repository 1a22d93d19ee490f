"""Logits -> the probability of every class of a field: what labels are judged by."""

from __future__ import annotations

import numpy as np

from goldleaf.core import Field, Record
from goldleaf.encode.decode import Logits, read_units, sigmoid, softmax
from goldleaf.encode.pieces import Pieces
from goldleaf.encode.targets import IntVector, first_pieces


def class_probabilities(
    field: Field, logits: Logits, record: Record, pieces: Pieces
) -> tuple[Logits, IntVector | None]:
    """The probabilities of the classes of `output_classes`, and the code points of what they are said of.

    `[labels]` and None for a choice (with `many`, each label's own); `[tokens, classes]` and `[tokens, 2]` for spans and tags. Those
    of spans are the units that spans are read from: the record's tokens, or where it has none its words, without the ones that the
    tokenizer dropped. Tags have a row for every token, a dropped one that of the piece before it, as in decoding.
    """
    if field.kind == "choice":
        return sigmoid(logits) if field.many else softmax(logits), None
    if field.kind == "spans":
        units, bounds = read_units(record, pieces)
        return softmax(logits[units]), bounds
    bounds = np.array(record.tokens or (), dtype=np.int64).reshape(-1, 2)
    if not len(pieces):
        return np.full((len(bounds), len(field.labels)), 1 / len(field.labels), dtype=np.float32), bounds
    firsts = first_pieces(record, pieces)
    filled = np.maximum(np.maximum.accumulate(firsts), 0) if len(firsts) else firsts
    return softmax(logits[filled]), bounds
