"""How much the answers to a record differ: 0 where all say the same, 1 where no two share anything."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import combinations
from typing import Any

from goldleaf.core import Kind, Schema

Values = Mapping[str, Any]
_SETTLED = 3
"""More than any disagreement and a flag together."""


def disagreement(schema: Schema, answers: Sequence[Values]) -> dict[str, float]:
    """Per field that two or more answered: the mean over the pairs of answers of the share in which they differ.

    One label differs or does not; of many labels and of spans it is the share that is not in both, 1 - 2|A and B| / (|A| + |B|), which
    is 1 - F1; of tags the share of the tokens.
    """
    found: dict[str, float] = {}
    for field in schema.fields:
        given = [answer[field.name] for answer in answers if field.name in answer]
        if len(given) > 1:
            parts = [_DIFFER[field.kind](a, b) for a, b in combinations(given, 2)]
            found[field.name] = sum(parts) / len(parts)
    return found


def rank(schema: Schema, answers: Sequence[Values], *, flagged: bool, settled: bool) -> float | None:
    """A record's place in review, the lowest first: flagged, disputed, agreed, and last what is settled. None: nothing to review."""
    if not answers and not flagged:
        return None
    return _SETTLED * settled - max(disagreement(schema, answers).values(), default=0.0) - flagged


def _sets(a: Any, b: Any) -> float:
    if isinstance(a, str) or isinstance(b, str):
        return float(a != b)
    first, second = set(map(_hashable, a)), set(map(_hashable, b))
    both = len(first) + len(second)
    return 1 - 2 * len(first & second) / both if both else 0.0


def _tags(a: Sequence[str], b: Sequence[str]) -> float:
    return sum(x != y for x, y in zip(a, b, strict=True)) / len(a) if a and len(a) == len(b) else float(a != b)


def _hashable(item: Any) -> Any:
    return tuple(item) if isinstance(item, list) else item


_DIFFER: dict[Kind, Callable[[Any, Any], float]] = {"choice": _sets, "spans": _sets, "tags": _tags}
