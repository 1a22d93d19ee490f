"""What more than half of the other annotators say of a record: the yardstick of an answer that has no gold.

Of spans and of several choices, the items that more than half of the others name; of tags, at each token the label that most of the others
give (the first of equals, in the order of the labels). Where there is one other annotator, that is their answer. With weights, half of the
others is half of their weight: of two who differ, the one of more weight is right, where without weights nothing would be.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

import numpy as np

from goldleaf.quality.labels import Answers, Floats

Weighed = list[tuple[Any, float]]
NEXT_TO_NOTHING = 1e-9


def others_say(answers: Answers, weights: Floats | None = None) -> list[Any]:
    """For each answer the others' majority; None where nobody else answered, or tags differ in number. `weights` are the annotators'."""
    found: list[Any] = [None] * len(answers)
    weight = (np.ones(len(answers.annotators)) if weights is None else weights)[answers.annotator].tolist()
    order = np.argsort(answers.record, kind="stable")
    starts = np.flatnonzero(np.diff(answers.record[order], prepend=-1))
    for rows in np.split(order, starts[1:]) if len(order) else ():
        if len(rows) > 1:
            given = [(answers.values[row], weight[row]) for row in rows.tolist()]
            majority = _tags(given) if answers.kind == "tags" else _items(given)
            for row, value in zip(rows.tolist(), majority, strict=True):
                found[row] = value
    return found


def _items(given: Weighed) -> list[Any]:
    times = _add((item, weight) for value, weight in given for item in set(value))
    total = sum(weight for _, weight in given)
    return [
        sorted(
            item for item, n in times.items() if n - (item in value) * weight > (total - weight) / 2 + NEXT_TO_NOTHING
        )
        for value, weight in given
    ]


def _tags(given: Weighed) -> list[Any]:
    if len({len(value) for value, _ in given}) > 1:
        return [None] * len(given)
    places = range(len(given[0][0]))
    counts = [_add((value[at], weight) for value, weight in given) for at in places]
    return [[_most(counts[at], value[at], weight) for at in places] for value, weight in given]


def _most(count: dict[str, float], own: str, weight: float) -> str:
    return min(count, key=lambda tag: (-round(count[tag] - (tag == own) * weight, 9), tag))


def _add(items: Iterable[tuple[Any, float]]) -> dict[Any, float]:
    total: dict[Any, float] = defaultdict(float)
    for item, weight in items:
        total[item] += weight
    return total
