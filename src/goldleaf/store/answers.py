"""Answers of the annotation app: an annotation and the circumstances it was given under."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, bindparam, func, insert, select

from goldleaf.core import Annotation
from goldleaf.store.prepared import Prepared
from goldleaf.store.tables import annotations, records
from goldleaf.store.values import to_json


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What is kept of an answer besides the annotation itself."""

    client_id: str
    comment: str | None = None
    reason: str | None = None
    check: bool = False
    control: bool = False
    suggester: str | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer as stored, its values as JSON."""

    id: int
    record_pk: int
    annotator: str
    values: dict[str, Any]
    at: str
    seconds: float | None
    status: str
    supersedes: int | None
    comment: str | None
    check: bool
    schema_version: int


_COLUMNS = [annotations.c[name] for name in Answer.__slots__]
_INSERT = insert(annotations)
_BY_CLIENT_ID = Prepared(
    select(annotations.c.id, annotations.c.record_pk, annotations.c.annotator).where(
        annotations.c.client_id == bindparam("client_id")
    )
)
_BY_PERSON = (
    select(*_COLUMNS)
    .where(annotations.c.record_pk == bindparam("pk"), annotations.c.annotator == bindparam("who"))
    .order_by(annotations.c.id.desc())
    .limit(1)
)
_later = annotations.alias()
_ALL = (
    select(*_COLUMNS)
    .where(annotations.c.record_pk.in_(bindparam("pks", expanding=True)))
    .where(~select(_later.c.id).where(_later.c.supersedes == annotations.c.id).exists())
    .order_by(annotations.c.id)
)


def add_answer(c: Connection, pk: int, said: Annotation, circumstances: Circumstances) -> int:
    """Store an answer to a record; the annotation's id."""
    row = {
        "record_pk": pk,
        "annotator": said.annotator,
        "values": {name: to_json(value) for name, value in said.values.items()},
        "at": said.at,
        "seconds": said.seconds,
        "status": said.status,
        "origin": said.origin,
        "suggested": {name: to_json(value) for name, value in said.suggested.items()},
        "schema_version": said.schema_version,
        "supersedes": said.supersedes,
        **{name: getattr(circumstances, name) for name in Circumstances.__slots__},
    }
    key = c.execute(_INSERT, row).inserted_primary_key
    return key[0]  # pyright: ignore[reportOptionalSubscript]


def answer_by_client_id(c: Connection, client_id: str) -> tuple[int, int, str] | None:
    """Id, record's key and annotator of the answer that was sent under this id, if there is one."""
    return _BY_CLIENT_ID(c, {"client_id": client_id}).fetchone()


def last_answer(c: Connection, pk: int, annotator: str) -> Answer | None:
    """A person's latest answer to a record: the one that stands."""
    row = c.execute(_BY_PERSON, {"pk": pk, "who": annotator}).one_or_none()
    return None if row is None else Answer(*row)


def standing_answers(c: Connection, pks: Sequence[int]) -> list[Answer]:
    """The answers to these records that none supersedes, oldest first."""
    return [Answer(*row) for row in c.execute(_ALL, {"pks": list(pks)})]


def answers_of(
    c: Connection, project: int, annotator: str, before: int | None, most: int
) -> Sequence[tuple[Answer, str, str]]:
    """A person's answers that stand in a project, the latest first, each with its record's id and text."""
    query = (
        select(*_COLUMNS, records.c.id.label("record_id"), records.c.text)
        .join(records, records.c.pk == annotations.c.record_pk)
        .where(annotations.c.annotator == annotator, records.c.project_id == project)
        .where(~select(_later.c.id).where(_later.c.supersedes == annotations.c.id).exists())
        .order_by(annotations.c.id.desc())
        .limit(most)
    )
    if before is not None:
        query = query.where(annotations.c.id < before)
    width = len(_COLUMNS)
    return [(Answer(*row[:width]), row.record_id, row.text) for row in c.execute(query)]


def last_annotation_id(c: Connection) -> int:
    """The id of the last annotation of all; 0 where there is none."""
    return c.execute(select(func.max(annotations.c.id))).scalar() or 0
