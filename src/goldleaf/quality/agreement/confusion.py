"""Which labels are taken for which: of all pairs of answers, how many gave one label and the other, and in which records."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from goldleaf.quality.agreement.comparisons import Comparisons
from goldleaf.quality.agreement.pieces import NOTHING
from goldleaf.quality.agreement.tables import add_up, pairs_within, sum_by
from goldleaf.quality.agreement.votes import Votes
from goldleaf.quality.labels import Floats, Ints

EXAMPLES = 5
MOST_CELLS = 10_000
"""The rarest cells beyond so many are left out."""


def cells_of_votes(votes: Votes) -> tuple[Ints, Ints, Ints, Floats]:
    """Of every record and two labels (first <= second): how many pairs of answers to a unit gave the two."""
    sizes = np.bincount(votes.unit) if len(votes.unit) else np.zeros(0, np.int64)
    one, other = pairs_within(sizes[sizes > 0])
    apart = votes.weight[one] * votes.count[one] * votes.count[other]
    same = votes.weight * votes.count * (votes.count - 1) / 2
    cells = (
        np.concatenate([votes.record[one], votes.record]),
        np.concatenate([votes.label[one], votes.label]),
        np.concatenate([votes.label[other], votes.label]),
        np.concatenate([apart, same]),
    )
    kept = np.flatnonzero(cells[3] > 0)
    return cells[0][kept], cells[1][kept], cells[2][kept], cells[3][kept]


def cells_of_matches(
    compared: Comparisons, place: Ints, taken: Sequence[Counter[tuple[str, str]]], labels: Sequence[str]
) -> tuple[Ints, Ints, Ints, Floats]:
    """The same from what each comparison found: comparison `place[i]` belongs to row i of `compared`."""
    codes = {label: code for code, label in enumerate([*labels, NOTHING])}
    flat = [(codes[a], codes[b], n) for found in taken for (a, b), n in found.items()]
    table = np.array(flat, dtype=np.int64).reshape(-1, 3)
    sizes = np.array([len(found) for found in taken], dtype=np.int64)
    starts = np.cumsum(sizes) - sizes
    row = np.repeat(np.arange(len(place)), sizes[place])
    cell = (
        np.arange(len(row))
        - np.repeat(np.cumsum(sizes[place]) - sizes[place], sizes[place])
        + np.repeat(starts[place], sizes[place])
    )
    low, high = np.sort(table[cell, :2], axis=1).T if len(cell) else np.zeros((2, 0), np.int64)
    return compared.record[row], low, high, compared.count[row] * table[cell, 2]


def confusion_frame(
    cells: tuple[Ints, Ints, Ints, Floats], labels: Sequence[Any], records: Sequence[Any]
) -> pd.DataFrame:
    """One row for each two labels that met, most frequent first.

    `label`, `other` (equal where both said the same), `pairs` of answers (of tokens or characters, for tags and spans without borders in
    common), `share` of all pairs, `share_of_label` (of the pairs in which somebody gave `label`), `records`, and `examples`: the records
    with most of them.
    """
    record, first, second, value = cells
    wide = len(labels)
    rows, keys, values = add_up(record, first * wide + second, value, (len(records), wide * wide))
    order = np.lexsort((rows, -values, keys))
    rows, keys, values = rows[order], keys[order], values[order]
    starts = np.flatnonzero(np.r_[True, np.diff(keys) > 0]) if len(keys) else np.zeros(0, np.int64)
    pairs = np.add.reduceat(values, starts) if len(starts) else values
    seen = np.diff(np.r_[starts, len(keys)])
    one, other = keys[starts] // wide, keys[starts] % wide
    by_label = sum_by(one, pairs, wide) + sum_by(other, pairs * (one != other), wide)
    ranked = np.lexsort((keys[starts], -pairs))[:MOST_CELLS]
    return pd.DataFrame(
        {
            "label": [labels[place] for place in one[ranked]],
            "other": [labels[place] for place in other[ranked]],
            "pairs": pairs[ranked],
            "share": pairs[ranked] / max(pairs.sum(), 1.0),
            "share_of_label": pairs[ranked] / by_label[one[ranked]],
            "records": seen[ranked],
            "examples": [
                [records[row] for row in rows[starts[place] :][: min(seen[place], EXAMPLES)]] for place in ranked
            ],
        }
    )
