"""Gold: for a record's field one row per method that has spoken."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from sqlalchemy import Connection, delete, select
from sqlalchemy.dialects.sqlite import insert

from goldleaf.core import Gold, GoldMethod
from goldleaf.store.db import now
from goldleaf.store.tables import gold, records
from goldleaf.store.values import from_json, to_json


def put_gold(c: Connection, new: Sequence[tuple[int, Gold]]) -> None:
    """Store gold, each beside its record's key; it takes the place of what the same method said before of the same field."""
    if not new:
        return
    at = now()
    statement = insert(gold)
    changed = {name: statement.excluded[name] for name in ("value", "confidence", "annotations", "probabilities", "at")}
    statement = statement.on_conflict_do_update(index_elements=["record_pk", "field", "method"], set_=changed)
    rows = [
        {
            "record_pk": pk,
            "field": entry.field,
            "method": entry.method,
            "value": to_json(entry.value),
            "confidence": entry.confidence,
            "annotations": list(entry.annotations),
            "probabilities": dict(entry.probabilities),
            "at": at,
        }
        for pk, entry in new
    ]
    c.execute(statement, rows)


def gold_of(c: Connection, ids: Mapping[int, str]) -> dict[int, list[Gold]]:
    """The stored gold of these records (`{key: id}`), by the record's key."""
    found: dict[int, list[Gold]] = defaultdict(list)
    keys = list(ids)
    for start in range(0, len(keys), 2000):
        for row in c.execute(select(gold).where(gold.c.record_pk.in_(keys[start : start + 2000]))):
            entry = Gold(
                ids[row.record_pk],
                row.field,
                from_json(row.value),
                row.method,
                row.confidence,
                tuple(row.annotations),
                probabilities=row.probabilities,
            )
            found[row.record_pk].append(entry)
    return dict(found)


def drop_gold(c: Connection, project: int, fields: Sequence[str], method: GoldMethod) -> None:
    """Forget what a method has said of these fields of a project's records."""
    of_project = select(records.c.pk).where(records.c.project_id == project)
    c.execute(delete(gold).where(gold.c.record_pk.in_(of_project), gold.c.field.in_(fields), gold.c.method == method))
