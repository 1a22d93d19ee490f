"""Tables that add up: what each record puts into the sums that a coefficient is made of.

Every coefficient here is a function of sums over records, so the coefficient of a resample is the same function of weighted sums: no
resample looks at an answer again. A table is kept as its cells that are not 0.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from goldleaf.quality.labels import Bools, Floats, Ints

Sums = Mapping[str, Floats]
"""The sums by name, each `[samples, width]`."""

DENSE = 8
"""A table with at most so many cells a key is added up in one array; a larger one by sorting its keys."""
SMALL = 1e-12
"""A difference that is smaller than this share of what it was taken from is rounding: 0."""


@dataclass(frozen=True, slots=True)
class Tables:
    """Cell `value[i]` stands in row `record[i]`, column `column[i]`; `names` says which columns (from, to) each sum takes."""

    record: Ints
    column: Ints
    value: Floats
    records: int
    names: Mapping[str, tuple[int, int]]

    @property
    def width(self) -> int:
        """How many columns there are."""
        return max((end for _, end in self.names.values()), default=0)

    def total(self) -> Floats:
        """The sums over all records: `[1, width]`."""
        return sum_by(self.column, self.value, self.width)[np.newaxis, :]

    def named(self, sums: Floats) -> Sums:
        """`[samples, width]` sums by name."""
        return {name: sums[:, start:end] for name, (start, end) in self.names.items()}

    def of(self, kept: Bools) -> Tables:
        """The same of the records for which `kept` is true."""
        inside = kept[self.record]
        return Tables(self.record[inside], self.column[inside], self.value[inside], self.records, self.names)


def sum_by(groups: Ints, values: Floats | Bools, size: int) -> Floats:
    """The sum of the values of each group: `[size]`."""
    return np.bincount(groups, values, size).astype(np.float64, copy=False)


def add_up(rows: Ints, columns: Ints, values: Floats | None, shape: tuple[int, int]) -> tuple[Ints, Ints, Floats]:
    """The cells of a table in which each `values[i]` (1 where there are none) is added to row `rows[i]`, column `columns[i]`.

    >>> [cells.tolist() for cells in add_up(np.array([0, 1, 0]), np.array([2, 0, 2]), None, (2, 3))]
    [[0, 1], [2, 0], [2.0, 1.0]]
    """
    size, width = shape
    keys = rows * width + columns
    if size * width <= DENSE * len(keys) + 1_000:
        sums = np.bincount(keys, values, size * width)
        filled = np.flatnonzero(sums)
        return filled // max(width, 1), filled % max(width, 1), sums[filled].astype(np.float64)
    filled, places = np.unique(keys, return_inverse=True)
    return filled // width, filled % width, np.bincount(places, values, len(filled)).astype(np.float64)


def joined(parts: Mapping[str, tuple[Ints, Ints, Floats, int]], records: int) -> Tables:
    """Tables side by side: by name, the cells (row, column, value) of each and how many columns it has."""
    names: dict[str, tuple[int, int]] = {}
    width = 0
    columns: list[Ints] = []
    for name, (_, column, _, size) in parts.items():
        names[name] = (width, width + size)
        columns.append(column + width)
        width += size
    return Tables(
        np.concatenate([rows for rows, *_ in parts.values()]),
        np.concatenate(columns),
        np.concatenate([values for _, _, values, _ in parts.values()]),
        records,
        names,
    )


def scalar(values: Floats) -> tuple[Ints, Ints, Floats, int]:
    """One number a record, as a table of one column."""
    rows = np.flatnonzero(values)
    return rows, np.zeros_like(rows), values[rows], 1


def quotient(numerator: Floats, denominator: Floats, *, of: Floats | float = 1.0) -> Floats:
    """Elementwise, NaN where the denominator is nothing but rounding of what it was taken from (`of`)."""
    shape = np.broadcast_shapes(numerator.shape, denominator.shape)
    defined = np.broadcast_to(np.abs(denominator) > SMALL * np.abs(of), shape)
    return np.divide(numerator, denominator, out=np.full(shape, np.nan), where=defined)


def beyond_chance(observed: Floats, expected: Floats) -> Floats:
    """(observed - expected) / (1 - expected): the share of what chance leaves that is agreed on. NaN where chance leaves nothing."""
    return quotient(observed - expected, 1 - expected)


def pairs_within(sizes: Ints) -> tuple[Ints, Ints]:
    """Places i < j of all pairs of items of one group, where the groups lie one after the other and have these sizes.

    >>> [places.tolist() for places in pairs_within(np.array([3, 1, 2]))]
    [[0, 0, 1, 4], [1, 2, 2, 5]]
    """
    ends = np.repeat(np.cumsum(sizes), sizes)
    items = np.arange(len(ends))
    later = ends - items - 1
    first = np.repeat(items, later)
    return first, spread(items + 1, later)


def spread(starts: Ints, lengths: Ints) -> Ints:
    """The ranges `starts[i] .. starts[i] + lengths[i]`, one after the other.

    >>> spread(np.array([5, 0]), np.array([2, 3])).tolist()
    [5, 6, 0, 1, 2]
    """
    before = np.cumsum(lengths) - lengths
    return np.arange(int(lengths.sum())) + np.repeat(starts - before, lengths)


def by_group(values: Floats, groups: Ints, size: int) -> Floats:
    """Sums of columns `[samples, columns]` by their group, which is sorted: `[samples, size]`."""
    sums = np.zeros((len(values), size))
    if len(groups):
        starts = np.flatnonzero(np.r_[True, np.diff(groups) > 0])
        sums[:, groups[starts]] = np.add.reduceat(values[:, : len(groups)], starts, axis=1)
    return sums
