"""Intervals by resampling whole groups (Efron, 1979; the percentile method), vectorised over resamples."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

Table = np.ndarray[Any, np.dtype[np.float64]]
BLOCK = 5_000_000
"""How many draws are held in memory at once."""


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
    """Sums of `resamples` samples of as many groups as there are, drawn with replacement: `[resamples, k]`.

    Groups with equal sums are drawn as one, by a multinomial: the same distribution, and a million records of one choice cost nothing.
    """
    if not len(sums):
        return np.zeros((resamples, sums.shape[1]))
    rows, times = np.unique(sums, axis=0, return_counts=True)
    step = max(1, BLOCK // len(rows))
    blocks = [
        rng.multinomial(len(sums), times / len(sums), size=min(step, resamples - start)).astype(np.float64) @ rows
        for start in range(0, resamples, step)
    ]
    return np.concatenate(blocks)


def interval(
    statistic: Callable[[Table], Table], sums: Table, resampled: Table, *, confidence: float = 0.95
) -> Interval:
    """The statistic of the whole, and the percentiles of the statistic of the resamples. `statistic` maps `[n, k]` sums to `[n]`."""
    return intervals(lambda s: statistic(s)[:, np.newaxis], sums, resampled, confidence=confidence)[0]


def intervals(
    statistic: Callable[[Table], Table], sums: Table, resampled: Table, *, confidence: float = 0.95
) -> list[Interval]:
    """`interval` of several statistics at once: `statistic` maps `[n, k]` sums to `[n, s]`."""
    values = statistic(sums.sum(axis=0, keepdims=True))[0]
    low, high = np.quantile(statistic(resampled), [(1 - confidence) / 2, (1 + confidence) / 2], axis=0)
    return [Interval(float(v), float(lo), float(hi)) for v, lo, hi in zip(values, low, high, strict=True)]


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
