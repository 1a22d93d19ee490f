"""Which values of a record have to be compared: each two different ones once, however many annotators gave them."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from goldleaf.quality.agreement.tables import pairs_within
from goldleaf.quality.labels import Bools, Floats, Ints

MOST_PAIRS = 5_000_000
"""Where records have more pairs of different answers than this, together, only `FEW` answers to each are compared."""
FEW = 30


@dataclass(frozen=True, slots=True)
class Comparisons:
    """Of record `record[i]`, `count[i]` pairs of answers are of the values number `one[i]` and `other[i]` (one <= other)."""

    record: Ints
    one: Ints
    other: Ints
    count: Floats
    answers: Ints

    def share(self) -> Floats:
        """What each comparison is of its record's pairs of answers: they add up to 1 for each record that has a pair."""
        m = self.answers[self.record].astype(np.float64)
        return 2 * self.count / (m * (m - 1))


def number_values(values: Sequence[Any], key: Callable[[Any], Hashable]) -> tuple[Ints, list[Any]]:
    """The number of each value among the different ones, and these, as keys."""
    numbers: dict[Any, int] = {}
    codes = [numbers.setdefault(key(value), len(numbers)) for value in values]
    return np.array(codes, dtype=np.int64), list(numbers)


def thin_out(record: Ints, values: Ints, *, rng: np.random.Generator) -> Bools | None:
    """Which answers to compare where comparing all would take too long: `FEW` of each record, drawn at random. None: all of them."""
    pairs = np.unique(record * (int(values.max(initial=0)) + 1) + values) // (int(values.max(initial=0)) + 1)
    different = np.bincount(pairs) if len(pairs) else np.zeros(0)
    if (different * (different - 1) / 2).sum() <= MOST_PAIRS:
        return None
    order = np.lexsort((rng.random(len(record)), record))
    sizes = np.bincount(record)
    rank = np.arange(len(record)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    kept = np.zeros(len(record), bool)
    kept[order[rank < FEW]] = True
    return kept


def compare_values(record: Ints, values: Ints, records: int) -> Comparisons:
    """All pairs of answers to a record, those of the same two values counted together.

    >>> found = compare_values(np.array([0, 0, 0, 1]), np.array([4, 5, 4, 4]), 2)
    >>> [cells.tolist() for cells in (found.record, found.one, found.other, found.count)]
    [[0, 0], [4, 4], [5, 4], [2.0, 1.0]]
    """
    wide = int(values.max(initial=0)) + 1
    keys, times = np.unique(record * wide + values, return_counts=True)
    answers = np.bincount(record, minlength=records)
    if not len(keys):
        return Comparisons(keys, keys, keys, np.zeros(0), answers)
    of, value = keys // wide, keys % wide
    first, second = pairs_within(np.bincount(of, minlength=records))
    same = np.flatnonzero(times > 1)
    return Comparisons(
        np.concatenate([of[first], of[same]]),
        np.concatenate([value[first], value[same]]),
        np.concatenate([value[second], value[same]]),
        np.concatenate([(times[first] * times[second]), times[same] * (times[same] - 1) // 2]).astype(np.float64),
        answers,
    )
