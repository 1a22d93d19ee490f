"""How far each answer is what the other answers to the same record say."""

from __future__ import annotations

from collections import Counter

import numpy as np

from goldleaf.measure import likeness, value_key
from goldleaf.quality.labels import Answers, Floats


def support(answers: Answers) -> tuple[Floats, Floats]:
    """For each of the `n` answers the sum of its likeness to the other answers to its record, and how many others there are: `[n]`, `[n]`.

    The mean likeness of all pairs is `sum(first) / sum(second)`: raw agreement for a choice, mean pairwise F1 for spans. Answers
    that are the same are compared once: a record with m answers and d distinct ones costs d^2 comparisons.
    """
    count = len(answers)
    others: Floats = np.bincount(answers.record, minlength=len(answers.records))[answers.record].astype(np.float64) - 1
    if answers.kind == "choice" and not answers.many:
        code = {label: place for place, label in enumerate(answers.labels)}
        cell = answers.record * len(code) + np.fromiter((code[v] for v in answers.values), np.int64, count)
        _, place, times = np.unique(cell, return_inverse=True, return_counts=True)
        return times[place].astype(np.float64) - 1, others
    alike = np.zeros(count)
    order = np.argsort(answers.record, kind="stable")
    starts = np.flatnonzero(np.diff(answers.record[order], prepend=-1))
    for rows in np.split(order, starts[1:]) if count else ():
        _compare(answers, rows.tolist(), alike)
    return alike, others


def _compare(answers: Answers, rows: list[int], alike: Floats) -> None:
    keys = [value_key(answers.values[row]) for row in rows]
    times = Counter(keys)
    value_of = dict(zip(keys, (answers.values[row] for row in rows), strict=True))
    sums = {
        key: sum(
            n * (1.0 if key == other else likeness(answers.kind, value_of[key], value_of[other]))
            for other, n in times.items()
        )
        - 1
        for key in times
    }
    for row, key in zip(rows, keys, strict=True):
        alike[row] = sums[key]
