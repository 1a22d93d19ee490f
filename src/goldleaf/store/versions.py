"""Whether the data has changed: a short text that another one of the same database is compared with."""

from __future__ import annotations

from sqlalchemy import Connection, func, select

from goldleaf.store.tables import adjudications, annotations, gold, records, schemas


def data_version(c: Connection) -> str:
    """What answers, decisions, gold, records and schemas there are, of all projects: as long as it is the same, so are they."""
    counts = [
        select(func.max(annotations.c.id)),
        select(func.max(adjudications.c.id)),
        select(func.max(records.c.pk)),
        select(func.count()).select_from(schemas),
    ]
    numbers = [c.execute(query).scalar() for query in counts]
    stored = c.execute(select(func.count(), func.max(gold.c.at), func.sum(gold.c.confidence)).select_from(gold)).one()
    return ":".join(str(each) for each in (*numbers, *stored))
