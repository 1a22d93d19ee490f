"""How much the answers to a record differ: 0 where all say the same, 1 where no two share anything."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import Any

from goldleaf.core import Schema
from goldleaf.measure import likeness

Values = Mapping[str, Any]
_SETTLED = 3
"""More than any disagreement and a flag together."""


def disagreement(schema: Schema, answers: Sequence[Values]) -> dict[str, float]:
    """Per field that two or more answered: 1 less the mean likeness of the pairs of answers (`measure.likeness`)."""
    found: dict[str, float] = {}
    for field in schema.fields:
        given = [answer[field.name] for answer in answers if field.name in answer]
        if len(given) > 1:
            parts = [1 - likeness(field.kind, a, b) for a, b in combinations(given, 2)]
            found[field.name] = sum(parts) / len(parts)
    return found


def rank(
    schema: Schema, answers: Sequence[Values], *, flagged: bool, settled: bool, doubt: float = 0.0
) -> float | None:
    """A record's place in review, the lowest first: flagged, disputed or doubted, agreed, and last what is settled and not doubted. None:
    nothing to review."""
    if not answers and not flagged and not doubt:
        return None
    dispute = max([doubt, *disagreement(schema, answers).values()])
    return _SETTLED * (settled and not doubt) - dispute - flagged
