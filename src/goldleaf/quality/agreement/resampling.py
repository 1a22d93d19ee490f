"""Intervals by drawing records with replacement (Efron, 1979, https://doi.org/10.1214/aos/1176344552; the percentile method).

A resample is a weight for each record: how often it was drawn. The sums of all resamples are one product of weights and tables, and
records that add the same are drawn as one, so 100,000 records cost as much as the number of ways in which they differ.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

import numpy as np

from goldleaf.quality.agreement.tables import Tables
from goldleaf.quality.labels import Floats, Ints

BLOCK = 4_000_000
"""How many weights, or sums, are held in memory at once."""
CHEAP = 8
"""A multinomial draw of a group costs about as much as so many draws of a record."""
SPARSE = 0.2
"""Tables with a smaller share of cells that are not 0 are multiplied as sparse ones."""


def bootstrap(
    tables: Tables, statistic: Callable[[Floats], Floats], *, resamples: int, rng: np.random.Generator
) -> Floats:
    """`statistic` of the sums of `resamples` resamples: it maps `[n, width]` sums to `[n, s]`, and the result is `[resamples, s]`.

    Records that add nothing are no part of it: of a pair of annotators, those that one of them did not see.
    """
    rows, times = _merged(tables)
    if not len(times):
        return statistic(np.zeros((resamples, tables.width)))
    step = max(1, BLOCK // max(len(times), int(times.sum()) if _by_record(times) else 1, tables.width))
    found: list[Floats] = []
    for start in range(0, resamples, step):
        weights = _weights(times, min(step, resamples - start), rng)
        found.append(
            statistic(np.asarray((rows.T @ weights.T).T if not isinstance(rows, np.ndarray) else weights @ rows))
        )
    return np.concatenate(found)


def percentiles(values: Floats, *, confidence: float = 0.95) -> tuple[Floats, Floats]:
    """Low and high of each column of `[resamples, s]`; NaN where fewer than half of the resamples have a value."""
    defined = ~np.isnan(values)
    shares = [(1 - confidence) / 2, (1 + confidence) / 2]
    low, high = np.full((2, values.shape[1]), np.nan)
    whole = defined.all(axis=0)
    if len(values) and whole.any():
        low[whole], high[whole] = np.quantile(values[:, whole], shares, axis=0)
    for column in np.flatnonzero(~whole & (2 * defined.sum(axis=0) >= max(len(values), 1))):
        low[column], high[column] = np.quantile(values[defined[:, column], column], shares)
    return low, high


def _merged(tables: Tables) -> tuple[Any, Ints]:
    """The different rows that are not empty, in an order that does not hang on that of the records, and how often each occurs."""
    from scipy import sparse  # pyright: ignore[reportMissingTypeStubs]

    build: Any = sparse
    shape = (tables.records, tables.width)
    rows: Any = build.csr_matrix((tables.value, (tables.record, tables.column)), shape=shape)
    rows = rows[np.flatnonzero(np.diff(rows.indptr))]
    marks = np.random.default_rng(0).standard_normal((tables.width, 2))
    keys = cast("Floats", rows @ marks).copy().view(np.complex128).ravel()
    _, first, times = np.unique(keys, return_index=True, return_counts=True)
    rows = rows[first]
    if rows.nnz > SPARSE * rows.shape[0] * rows.shape[1] and rows.shape[0] * rows.shape[1] <= 5 * BLOCK:
        rows = rows.toarray()
    return rows, times.astype(np.int64)


def _by_record(times: Ints) -> bool:
    """Whether drawing each record is cheaper than drawing how often each group comes."""
    return CHEAP * len(times) > int(times.sum())


def _weights(times: Ints, size: int, rng: np.random.Generator) -> Floats:
    """How often each group is drawn: `[size, groups]`."""
    total, groups = int(times.sum()), len(times)
    if not _by_record(times):
        return rng.multinomial(total, times / total, size=size).astype(np.float64)
    drawn = rng.integers(0, total, size=(size, total))
    if groups < total:
        drawn = np.repeat(np.arange(groups), times)[drawn]
    drawn += np.arange(size)[:, np.newaxis] * groups
    return np.bincount(drawn.ravel(), minlength=size * groups).reshape(size, groups).astype(np.float64)
