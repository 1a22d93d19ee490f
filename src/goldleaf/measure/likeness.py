"""How alike two values of one field are: what a new kind has to say so that people's answers can be compared."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from typing import Any, cast

from goldleaf.core import Kind


def likeness(kind: Kind, one: Any, other: Any) -> float:
    """From 0 (nothing shared) to 1 (the same).

    A choice is the same or it is not; of several choices and of spans it is 2|A and B| / (|A| + |B|), which is F1, and 1 where
    both say "nothing here"; of tags the share of the tokens.

    >>> likeness("spans", [[0, 3, "PER"], [5, 7, "LOC"]], [[0, 3, "PER"]])
    0.6666666666666666
    """
    return _ALIKE[kind](one, other)


def value_key(value: Any) -> Hashable:
    """A value as something to count by: equal values have equal keys."""
    return value if isinstance(value, str) else tuple(_hashable(item) for item in cast("Sequence[Any]", value))


def _choices(one: Any, other: Any) -> float:
    return float(one == other) if isinstance(one, str) or isinstance(other, str) else _sets(one, other)


def _sets(one: Sequence[Any], other: Sequence[Any]) -> float:
    first, second = set(map(_hashable, one)), set(map(_hashable, other))
    both = len(first) + len(second)
    return 2 * len(first & second) / both if both else 1.0


def _tags(one: Sequence[str], other: Sequence[str]) -> float:
    if not one or len(one) != len(other):
        return float(one == other)
    return sum(a == b for a, b in zip(one, other, strict=True)) / len(one)


def _hashable(item: Any) -> Hashable:
    return cast("Hashable", tuple(cast("list[Any]", item))) if isinstance(item, list) else item


_ALIKE: dict[Kind, Callable[[Any, Any], float]] = {"choice": _choices, "spans": _sets, "tags": _tags}
