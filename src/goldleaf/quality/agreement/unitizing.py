"""Krippendorff's alpha for unitizing: where spans lie and what they are called, in one number, chance taken off.

Each annotator cuts a text into segments: spans with a label, and gaps between them. l_ck is the length over which one annotator's label c
meets another's label k (each pair of m annotators counts 1/(m - 1)), l_c its sum over k, l the sum of all. Then

    alpha_u = 1 - (l - sum_c l_cc) / (l - sum_c e_cc)
    e_cc = l (l_c^2 - q_c) / (l^2 - sum_k q_k),   q_c = sum of (length of a span)^2, of gaps sum of length

A span is dealt out as a whole (that is what its squared length takes off), a gap character by character. This is the definition of
Krippendorff, Mathet, Bouvry and Widlöcher, On the reliability of unitizing textual continua: Further developments, Quality & Quantity 50,
2016, https://doi.org/10.1007/s11135-015-0266-1 (Krippendorff, Content Analysis, 4th edition, 2019, section 12.6), and replaces that of 1995
and 2004 (unitizing_2004.py), which they found not to behave as expected with more than two annotators. It is also the one that adds up
over records, whoever annotated them. `borders` takes all labels together: their |alpha_u.
"""

from __future__ import annotations

import numpy as np

from goldleaf.quality.agreement.pieces import Pieces
from goldleaf.quality.agreement.tables import Sums, add_up, quotient
from goldleaf.quality.labels import Answers, Floats, Ints


def square_tables(answers: Answers, pieces: Pieces) -> dict[str, tuple[Ints, Ints, Floats, int]]:
    """`squares`: the squared lengths of the spans of each label (a column; nothing, the last, has none), of records with two answers."""
    record = answers.record[pieces.answer]
    compared = np.bincount(answers.record, minlength=len(answers.records))[record] > 1
    length = (pieces.end - pieces.start).astype(np.float64)
    shape = (len(answers.records), len(pieces.labels) + 1)
    return {"squares": (*add_up(record, pieces.label, length**2 * compared, shape), shape[1])}


def unitizing_alpha(sums: Sums) -> Floats:
    """From the nominal tables of characters (the last label is nothing) and `squares`: `[samples, 1]`; NaN where nobody marked anything.

    >>> sums = {"answers": [20], "marginal": [10, 10], "parted": [2, 2], "squares": [52, 0]}  # [2, 8) and [3, 7) of 10 characters
    >>> sums = {name: np.array([row], dtype=float) for name, row in sums.items()}
    >>> unitizing_alpha(sums).round(3).tolist()  # 1 - 4 (400 - 62) / (20 * 200)
    [[0.662]]
    """
    whole, alone = sums["answers"], _alone(sums)
    apart = whole**2 - (sums["marginal"] ** 2).sum(axis=1, keepdims=True)
    return 1 - quotient(sums["parted"].sum(axis=1, keepdims=True) * (whole**2 - alone), whole * apart, of=whole**3)


def unitizing_alpha_of_borders(sums: Sums) -> Floats:
    """Marked or not, whatever the label: `[samples, 1]`."""
    whole, nothing = sums["answers"], sums["marginal"][:, -1:]
    apart = nothing * (whole - nothing)
    return 1 - quotient(sums["parted"][:, -1:] * (whole**2 - _alone(sums)), whole * apart, of=whole**3)


def unitizing_alpha_of_labels(sums: Sums) -> Floats:
    """Each label against all else, the other labels taken for gaps: `[samples, labels]`."""
    whole, length = sums["answers"], sums["marginal"]
    alone = sums["squares"] + whole - length
    return 1 - quotient(sums["parted"] * (whole**2 - alone), whole * length * (whole - length), of=whole**3)


def _alone(sums: Sums) -> Floats:
    """sum_k q_k: what meets only itself."""
    return sums["squares"].sum(axis=1, keepdims=True) + sums["marginal"][:, -1:]
