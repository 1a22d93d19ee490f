"""Doubts: values that something speaks against (a model, the annotators' split, other records), until a reviewer has decided."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, bindparam, delete, func, insert, select

from goldleaf.core import Value
from goldleaf.store.db import now
from goldleaf.store.tables import doubts, records
from goldleaf.store.values import from_json, to_json

_OF = (
    select(doubts)
    .where(doubts.c.record_pk.in_(bindparam("keys", expanding=True)))
    .order_by(doubts.c.score.desc(), doubts.c.field, doubts.c.source)
)


@dataclass(frozen=True, slots=True)
class Doubt:
    """That a record's value of one field is wrong: by `source` (`errors`, `aggregation`), with probability `score`; what is `proposed` in
    its place, None where nothing is; and the `reasons`."""

    record: str
    field: str
    source: str
    score: float
    proposed: Value | None = None
    reasons: tuple[str, ...] = ()


def put_doubts(c: Connection, project: int, source: str, new: Sequence[tuple[int, Doubt]]) -> list[int]:
    """Store what a source doubts, each beside its record's key, in place of all that it doubted before; the keys of all these records."""
    of_project = select(records.c.pk).where(records.c.project_id == project)
    old = doubts.c.record_pk.in_(of_project) & (doubts.c.source == source)
    changed = set(c.execute(select(doubts.c.record_pk).where(old)).scalars())
    c.execute(delete(doubts).where(old))
    at = now()
    rows = [
        {
            "record_pk": pk,
            "field": doubt.field,
            "source": source,
            "score": doubt.score,
            "proposed": None if doubt.proposed is None else to_json(doubt.proposed),
            "reasons": list(doubt.reasons),
            "at": at,
        }
        for pk, doubt in new
    ]
    if rows:
        c.execute(insert(doubts), rows)
    return sorted(changed | {pk for pk, _ in new})


def doubts_of(c: Connection, ids: Mapping[int, str]) -> dict[int, list[Doubt]]:
    """The doubts about these records (`{key: id}`), by the record's key, the strongest first."""
    found: dict[int, list[Doubt]] = defaultdict(list)
    keys = list(ids)
    for start in range(0, len(keys), 2000):
        for row in c.execute(_OF, {"keys": keys[start : start + 2000]}):
            proposed = None if row.proposed is None else from_json(row.proposed)
            entry = Doubt(ids[row.record_pk], row.field, row.source, row.score, proposed, tuple(row.reasons))
            found[row.record_pk].append(entry)
    return dict(found)


def strongest_doubts(c: Connection, project: int, source: str, limit: int) -> list[tuple[int, str, Doubt]]:
    """What a source doubts most: the record's key, its text, and the doubt."""
    query = select(records.c.pk, records.c.id, records.c.text, doubts).join(records, records.c.pk == doubts.c.record_pk)
    query = query.where(records.c.project_id == project, doubts.c.source == source)
    query = query.order_by(doubts.c.score.desc(), records.c.pk, doubts.c.field).limit(limit)
    return [
        (
            row.pk,
            row.text,
            Doubt(
                row.id,
                row.field,
                row.source,
                row.score,
                None if row.proposed is None else from_json(row.proposed),
                tuple(row.reasons),
            ),
        )
        for row in c.execute(query)
    ]


def drop_doubts(c: Connection, keys: Iterable[int]) -> None:
    """Nothing is doubted of these records any more: a reviewer has decided."""
    c.execute(delete(doubts).where(doubts.c.record_pk.in_(list(keys))))


def count_doubts(c: Connection, project: int) -> dict[str, int]:
    """How many records each source doubts."""
    query = select(doubts.c.source, func.count(doubts.c.record_pk.distinct())).join(records)
    rows = c.execute(query.where(records.c.project_id == project).group_by(doubts.c.source))
    return {row[0]: row[1] for row in rows}
