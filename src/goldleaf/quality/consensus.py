"""What more than half of the other annotators say of a record: the yardstick of an answer that has no gold.

Of spans and of several choices, the items that more than half of the others name; of tags, at each token the label that most of the others
give (the first of equals, in the order of the labels). Where there is one other annotator, that is their answer.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np

from goldleaf.quality.labels import Answers


def others_say(answers: Answers) -> list[Any]:
    """For each answer the others' majority; None where nobody else answered, or tags differ in number."""
    found: list[Any] = [None] * len(answers)
    order = np.argsort(answers.record, kind="stable")
    starts = np.flatnonzero(np.diff(answers.record[order], prepend=-1))
    for rows in np.split(order, starts[1:]) if len(order) else ():
        if len(rows) > 1:
            given = [answers.values[row] for row in rows.tolist()]
            majority = _tags(given) if answers.kind == "tags" else _items(given)
            for row, value in zip(rows.tolist(), majority, strict=True):
                found[row] = value
    return found


def _items(given: list[Any]) -> list[Any]:
    times = Counter(item for value in given for item in set(value))
    need = (len(given) - 1) / 2
    return [sorted(item for item, n in times.items() if n - (item in value) > need) for value in given]


def _tags(given: list[Any]) -> list[Any]:
    if len({len(value) for value in given}) > 1:
        return [None] * len(given)
    counts = [Counter(tokens) for tokens in zip(*given, strict=True)]
    return [[_most(count, own) for count, own in zip(counts, value, strict=True)] for value in given]


def _most(count: Counter[str], own: str) -> str:
    return min(count, key=lambda tag: (-(count[tag] - (tag == own)), tag))
