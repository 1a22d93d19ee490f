"""Intervals by resampling whole groups (Efron, 1979; the percentile method), vectorised over resamples."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

Table = np.ndarray[Any, np.dtype[np.float64]]


@dataclass(frozen=True, slots=True)
class Interval:
    """A value and the interval that holds it with the given confidence."""

    value: float
    low: float
    high: float

    def to_dict(self) -> dict[str, float]:
        """`{"value", "low", "high"}`, rounded to 6 digits."""
        return {"value": round(self.value, 6), "low": round(self.low, 6), "high": round(self.high, 6)}


def group_sums(rows: Table, groups: Sequence[str]) -> Table:
    """The sum of `[records, k]` rows over the records of each group: `[groups, k]`."""
    _, index = np.unique(np.asarray(groups, dtype=object).astype(str), return_inverse=True)
    sums = np.zeros((int(index.max()) + 1 if len(index) else 0, rows.shape[1]))
    np.add.at(sums, index, rows)
    return sums


def resample(sums: Table, *, resamples: int, rng: np.random.Generator) -> Table:
    """Sums of `resamples` samples of as many groups as there are, drawn with replacement: `[resamples, k]`."""
    count = len(sums)
    weights = rng.multinomial(count, np.full(count, 1.0 / count), size=resamples)
    return weights.astype(np.float64) @ sums


def interval(
    statistic: Callable[[Table], Table], sums: Table, resampled: Table, *, confidence: float = 0.95
) -> Interval:
    """The statistic of the whole, and the percentiles of the statistic of the resamples. `statistic` maps `[n, k]` sums to `[n]`."""
    value = float(statistic(sums.sum(axis=0, keepdims=True))[0])
    low, high = np.quantile(statistic(resampled), [(1 - confidence) / 2, (1 + confidence) / 2])
    return Interval(value, float(low), float(high))


def ratio(numerator: Table, denominator: Table) -> Table:
    """Elementwise, 0 where the denominator is 0."""
    return np.divide(numerator, denominator, out=np.zeros_like(numerator), where=denominator != 0)


def precision_of(sums: Table) -> Table:
    """From columns tp, fp, fn."""
    return ratio(sums[:, 0], sums[:, 0] + sums[:, 1])


def recall_of(sums: Table) -> Table:
    """From columns tp, fp, fn."""
    return ratio(sums[:, 0], sums[:, 0] + sums[:, 2])


def f1_of(sums: Table) -> Table:
    """From columns tp, fp, fn."""
    return ratio(2 * sums[:, 0], 2 * sums[:, 0] + sums[:, 1] + sums[:, 2])
