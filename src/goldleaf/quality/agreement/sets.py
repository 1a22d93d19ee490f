"""Alpha for sets of labels: partly the same is better than nothing in common.

The distance of two sets goes into Krippendorff's alpha (alpha.py) in place of "equal or not":

    Jaccard  1 - |A and B| / |A or B|
    MASI     1 - |A and B| / |A or B| * M,  M = 1 for equal sets, 2/3 where one contains the other, 1/3 where they cross, else 0

MASI: Passonneau, Measuring Agreement on Set-valued Items (MASI) for Semantic and Pragmatic Annotation, LREC 2006,
https://aclanthology.org/L06-1392/. Two empty sets are equal: both annotators said "none of these".

The expected disagreement is a quadratic form in how often each set was given. Up to `EXACT` different sets a resample computes its own;
beyond, the form is taken as linear around the whole (the error is of the second order in how far a resample's shares lie from it, and
so many sets come from many answers only), which needs one number a record.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from goldleaf.quality.agreement.comparisons import Comparisons
from goldleaf.quality.agreement.pieces import NOTHING
from goldleaf.quality.agreement.tables import Sums, add_up, quotient, scalar, sum_by
from goldleaf.quality.labels import Floats, Ints

EXACT = 400
ROWS = 1_000
"""How many sets are held against all others at once."""


@dataclass(frozen=True, slots=True)
class SetDistance:
    """The distance of all sets to all (`matrix`), or `middle`: the mean distance of two answers of the whole, where there are too many."""

    name: str
    matrix: Floats | None
    middle: float


def jaccard(common: Floats, ours: Floats, theirs: Floats) -> Floats:
    """From how many labels two sets share and how many each has, elementwise.

    >>> jaccard(np.array([1.0, 0, 0]), np.array([2.0, 2, 0]), np.array([2.0, 0, 0])).round(3).tolist()
    [0.667, 1.0, 0.0]
    """
    either = ours + theirs - common
    return 1 - np.divide(common, either, out=np.ones_like(common), where=either > 0)


def masi(common: Floats, ours: Floats, theirs: Floats) -> Floats:
    """From how many labels two sets share and how many each has, elementwise.

    >>> masi(np.array([2.0, 1, 1, 0]), np.array([2.0, 2, 2, 2]), np.array([2.0, 1, 2, 1])).round(3).tolist()
    [0.0, 0.667, 0.889, 1.0]
    """
    equal = (common == ours) & (common == theirs)
    contained = (common == np.minimum(ours, theirs)) & (common > 0)
    relation = np.where(equal, 1.0, np.where(contained, 2 / 3, np.where(common > 0, 1 / 3, 0.0)))
    return 1 - (1 - jaccard(common, ours, theirs)) * relation


DISTANCES = {"jaccard": jaccard, "masi": masi}


def set_tables(
    compared: Comparisons, record: Ints, values: Ints, members: Floats
) -> tuple[dict[str, tuple[Ints, Ints, Floats, int]], list[SetDistance]]:
    """The tables `sets` (how often each was given) and, for each distance, `NAME` (observed) and `NAME far` (the linear part).

    `values` is the number of each answer's set, `members` `[sets, labels]` of 0 and 1 says what is in it.
    """
    two = (compared.answers[record] > 1).astype(np.float64)
    given, size = sum_by(values, two, len(members)), members.sum(axis=1)
    records, whole, linear = len(compared.answers), max(two.sum(), 1.0), len(members) > EXACT
    sets = (*add_up(record, values, two, (records, len(members))), len(members))
    tables: dict[str, tuple[Ints, Ints, Floats, int]] = {"set_answers": scalar(sum_by(record, two, records))}
    tables |= {} if linear else {"sets": sets}
    found: list[SetDistance] = []
    common = (members[compared.one] * members[compared.other]).sum(axis=1)
    for name, distance in DISTANCES.items():
        apart = distance(common, size[compared.one], size[compared.other])
        observed = 2 * compared.count * apart / (compared.answers[compared.record] - 1)
        tables[name] = scalar(sum_by(compared.record, observed, records))
        far = np.zeros(len(members))
        for start in range(0, len(members), ROWS):
            rows = members[start : start + ROWS]
            block = distance(rows @ members.T, size[start : start + ROWS, np.newaxis], size[np.newaxis, :])
            far[start : start + ROWS] = block @ given / whole
        if linear:
            tables[f"{name} far"] = scalar(sum_by(record, two * far[values], records))
        matrix = None if linear else distance(members @ members.T, size[:, np.newaxis], size[np.newaxis, :])
        found.append(SetDistance(name, matrix, float(given @ far) / whole))
    return tables, found


def set_alpha(sums: Sums, distance: SetDistance) -> Floats:
    """`[samples, 1]`; NaN where no record has two answers, or all sets are equal.

    >>> from goldleaf.quality.agreement.comparisons import compare_values
    >>> from goldleaf.quality.agreement.tables import joined
    >>> record, values = np.array([0, 0, 1, 1]), np.array([0, 1, 2, 2])
    >>> members = np.array([[1.0, 0], [1, 1], [0, 1]])
    >>> tables, (jaccard, masi) = set_tables(compare_values(record, values, 2), record, values, members)
    >>> every = joined(tables, 2)
    >>> set_alpha(every.named(every.total()), jaccard).round(3).tolist()  # 1 - 3 (2 * .5) / (2 (.5 + 2 * 1 + 2 * .5))
    [[0.571]]
    """
    n = sums["set_answers"]
    if distance.matrix is not None:
        expected = ((sums["sets"] @ distance.matrix) * sums["sets"]).sum(axis=1, keepdims=True)
    else:
        expected = n * (2 * sums[f"{distance.name} far"] - distance.middle * n)
    return 1 - quotient((n - 1) * sums[distance.name], expected, of=n**2)


def swapped(one: Sequence[str], other: Sequence[str]) -> Counter[tuple[str, str]]:
    """What stands in one set against what in the other: the labels of both as pairs of themselves, each of one alone against each of the
    other alone, or against nothing. The two labels in alphabetical order, nothing last.

    >>> sorted(swapped(["a", "b"], ["b", "c"]).items())
    [(('a', 'c'), 1), (('b', 'b'), 1)]
    """
    ours, theirs = sorted(set(one) - set(other)), sorted(set(other) - set(one))
    found = Counter((label, label) for label in set(one) & set(other))
    if ours and theirs:
        found.update((min(a, b), max(a, b)) for a in ours for b in theirs)
    else:
        found.update((label, NOTHING) for label in ours + theirs)
    return found
