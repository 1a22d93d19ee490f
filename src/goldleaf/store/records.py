"""Records, with where each was read and how it got its split."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import ColumnElement, Connection, bindparam, func, insert, select, update

from goldleaf.core import Record, Split
from goldleaf.store.db import now
from goldleaf.store.tables import records

SplitOrigin = Literal["given", "drawn", "twin"]
PAGE = 2000


@dataclass(frozen=True, slots=True)
class StoredRecord:
    """A record as the store has it: its key, where it was read, which of its source's equals it is, and who chose its split."""

    pk: int
    record: Record
    content_hash: str
    source: int
    occurrence: int | None
    place: str
    split_origin: SplitOrigin | None = None


_BY_KEYS = select(records).where(
    records.c.project_id == bindparam("project"), records.c.pk.in_(bindparam("keys", expanding=True))
)


def add_records(c: Connection, project: int, new: Sequence[StoredRecord]) -> None:
    """Store new records under the keys they carry (`next_key` and up)."""
    if new:
        at = now()
        c.execute(insert(records), [_to_row(project, stored, at) for stored in new])


def next_key(c: Connection) -> int:
    """The key that the next new record gets; to be called within the transaction that stores it."""
    return (c.execute(select(func.max(records.c.pk))).scalar() or 0) + 1


def find_by_ids(c: Connection, project: int, ids: Iterable[str]) -> dict[str, StoredRecord]:
    """The project's records that have one of these ids."""
    return {stored.record.id: stored for stored in _find(c, project, records.c.id, ids)}


def find_by_hashes(c: Connection, project: int, hashes: Iterable[str]) -> list[StoredRecord]:
    """The project's records whose content has one of these hashes, in order of import."""
    return sorted(_find(c, project, records.c.content_hash, hashes), key=lambda stored: stored.pk)


def find_by_keys(c: Connection, project: int, keys: Iterable[int]) -> dict[int, StoredRecord]:
    """The project's records with these keys."""
    rows = c.execute(_BY_KEYS, {"project": project, "keys": list(keys)})
    return {row.pk: _from_row(row) for row in rows}


def pages(c: Connection, project: int, *, split: Split | None = None, size: int = PAGE) -> Iterator[list[StoredRecord]]:
    """All records of a project, or those of one split, in order of import, a page at a time."""
    query = select(records).where(records.c.project_id == project).order_by(records.c.pk).limit(size)
    if split is not None:
        query = query.where(records.c.split == split)
    last = 0
    while rows := c.execute(query.where(records.c.pk > last)).all():
        yield [_from_row(row) for row in rows]
        last = rows[-1].pk


def set_splits(c: Connection, splits: Mapping[int, tuple[Split, SplitOrigin]]) -> None:
    """Give records, by key, a split and say who chose it."""
    if splits:
        statement = update(records).where(records.c.pk == bindparam("key"))
        statement = statement.values(split=bindparam("to"), split_origin=bindparam("by"))
        c.execute(statement, [{"key": pk, "to": split, "by": by} for pk, (split, by) in splits.items()])


def given_splits(c: Connection, project: int) -> set[str]:
    """The splits that an import gave to at least one record."""
    query = select(records.c.split).distinct()
    return set(c.execute(query.where(records.c.project_id == project, records.c.split_origin == "given")).scalars())


def _find(c: Connection, project: int, column: ColumnElement[Any], wanted: Iterable[Any]) -> list[StoredRecord]:
    values = list(dict.fromkeys(wanted))
    found: list[StoredRecord] = []
    for start in range(0, len(values), PAGE):
        query = select(records).where(records.c.project_id == project, column.in_(values[start : start + PAGE]))
        found += [_from_row(row) for row in c.execute(query)]
    return found


def _to_row(project: int, stored: StoredRecord, at: str) -> dict[str, Any]:
    record = stored.record
    return {
        "pk": stored.pk,
        "project_id": project,
        "id": record.id,
        "content_hash": stored.content_hash,
        "text": record.text,
        "tokens": None if record.tokens is None else [list(token) for token in record.tokens],
        "meta": dict(record.meta),
        "group": record.group,
        "timestamp": record.timestamp,
        "split": record.split,
        "split_origin": stored.split_origin,
        "source_id": stored.source,
        "occurrence": stored.occurrence,
        "place": stored.place,
        "added_at": at,
    }


def _from_row(row: Any) -> StoredRecord:
    tokens = None if row.tokens is None else tuple((start, end) for start, end in row.tokens)
    record = Record(row.id, row.text, tokens, row.meta, row.group, row.timestamp, row.split)
    return StoredRecord(
        row.pk, record, row.content_hash, row.source_id, row.occurrence, row.place, split_origin=row.split_origin
    )
