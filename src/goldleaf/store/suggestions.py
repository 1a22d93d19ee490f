"""Suggestions: what a model, a rule or an import proposes for a record's field; the latest of each suggester stands."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, bindparam, func, select
from sqlalchemy.dialects.sqlite import insert

from goldleaf.core import Origin, Value
from goldleaf.store.db import now
from goldleaf.store.tables import records, suggestions
from goldleaf.store.values import from_json, to_json

_OF = (
    select(suggestions)
    .where(suggestions.c.record_pk.in_(bindparam("keys", expanding=True)))
    .order_by(suggestions.c.at, suggestions.c.suggester)
)


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A value proposed for one field of a record, by whom, and how surely (as in `Prediction.scores`)."""

    record: str
    field: str
    value: Value
    suggester: str
    origin: Origin = "import"
    score: Any = None


def put_suggestions(c: Connection, new: Sequence[tuple[int, Suggestion]]) -> None:
    """Store suggestions, each beside its record's key; each takes the place of its suggester's earlier one for the field."""
    if not new:
        return
    at = now()
    statement = insert(suggestions)
    changed = {name: statement.excluded[name] for name in ("value", "score", "origin", "at")}
    statement = statement.on_conflict_do_update(index_elements=["record_pk", "field", "suggester"], set_=changed)
    rows = [
        {
            "record_pk": pk,
            "field": entry.field,
            "suggester": entry.suggester,
            "value": to_json(entry.value),
            "score": entry.score,
            "origin": entry.origin,
            "at": at,
        }
        for pk, entry in new
    ]
    c.execute(statement, rows)


def suggestions_of(c: Connection, ids: Mapping[int, str]) -> dict[int, list[Suggestion]]:
    """The suggestions for these records (`{key: id}`), by the record's key, the latest last."""
    found: dict[int, list[Suggestion]] = defaultdict(list)
    keys = list(ids)
    for start in range(0, len(keys), 2000):
        for row in c.execute(_OF, {"keys": keys[start : start + 2000]}):
            entry = Suggestion(
                ids[row.record_pk], row.field, from_json(row.value), row.suggester, row.origin, row.score
            )
            found[row.record_pk].append(entry)
    return dict(found)


def count_suggestions(c: Connection, project: int) -> int:
    """How many suggestions a project's records have."""
    query = select(func.count()).select_from(suggestions).join(records, records.c.pk == suggestions.c.record_pk)
    return c.execute(query.where(records.c.project_id == project)).scalar_one()
