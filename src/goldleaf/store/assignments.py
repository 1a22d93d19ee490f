"""Who was given which record, until when, and what became of it; and how far each person has come."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, bindparam, insert, select, text, update
from sqlalchemy.dialects.sqlite import insert as upsert

from goldleaf.store.prepared import Prepared
from goldleaf.store.tables import annotations, assignments, queue, records, workers


@dataclass(frozen=True, slots=True)
class Assignment:
    """A record that a person was given. `kind`: `queue` or `check`; `state`: `leased`, `returned`, or what was answered."""

    record_pk: int
    annotator: str
    project_id: int
    kind: str
    state: str
    leased_until: str
    control: bool = False
    shown: bool = False


@dataclass(slots=True)
class Worker:
    """A person in a project: how far they have come in the queue and among the check questions, and what they have done."""

    position: int = -1
    turn: int = -1
    check_place: int = 0
    handed: int = 0
    answered: int = 0
    skipped: int = 0
    seconds: float = 0.0
    day: str = ""
    day_answered: int = 0
    day_seconds: float = 0.0


_LEASED = text("assignments.state = 'leased'")
"""Written out: the planner takes the partial index only where it finds its condition word for word."""
_COLUMNS = [assignments.c[name] for name in Assignment.__slots__]
_ONE = Prepared(
    select(*_COLUMNS).where(assignments.c.record_pk == bindparam("pk"), assignments.c.annotator == bindparam("who"))
)
_LEASES = Prepared(
    select(*_COLUMNS)
    .where(assignments.c.project_id == bindparam("project"), assignments.c.annotator == bindparam("who"))
    .where(_LEASED)
)
_OVER = Prepared(
    select(*_COLUMNS)
    .where(assignments.c.project_id == bindparam("project"), assignments.c.leased_until < bindparam("now"))
    .where(_LEASED)
)
_insert = upsert(assignments)
_PUT = Prepared(
    _insert.on_conflict_do_update(
        index_elements=["record_pk", "annotator"],
        set_={name: _insert.excluded[name] for name in ("kind", "state", "leased_until", "control", "shown")},
    )
)
_SET = Prepared(
    update(assignments)
    .where(assignments.c.record_pk == bindparam("pk"), assignments.c.annotator == bindparam("who"))
    .values(state=bindparam("to_state"))
)
_RENEW = (
    update(assignments)
    .where(assignments.c.project_id == bindparam("project"), assignments.c.annotator == bindparam("who"))
    .where(_LEASED, assignments.c.record_pk.in_(bindparam("pks", expanding=True)))
    .values(leased_until=bindparam("until"))
)
_WORKER = Prepared(
    select(*(workers.c[name] for name in Worker.__slots__)).where(
        workers.c.project_id == bindparam("project"), workers.c.annotator == bindparam("who")
    )
)
_insert_worker = upsert(workers)
_PUT_WORKER = Prepared(
    _insert_worker.on_conflict_do_update(
        index_elements=["project_id", "annotator"],
        set_={name: _insert_worker.excluded[name] for name in Worker.__slots__},
    )
)


def get_assignment(c: Connection, pk: int, annotator: str) -> Assignment | None:
    """A person's assignment of a record, if there is one."""
    row = _ONE(c, {"pk": pk, "who": annotator}).fetchone()
    return None if row is None else Assignment(*row)


def leases_of(c: Connection, project: int, annotator: str) -> list[Assignment]:
    """What a person holds without having answered, over or not."""
    return [Assignment(*row) for row in _LEASES(c, {"project": project, "who": annotator})]


def leases_over(c: Connection, project: int, now: str) -> list[Assignment]:
    """The leases that ended before this moment."""
    return [Assignment(*row) for row in _OVER(c, {"project": project, "now": now})]


def put_assignment(c: Connection, given: Assignment) -> None:
    """Store an assignment in place of the one that the person had of the record."""
    _PUT(c, {name: getattr(given, name) for name in Assignment.__slots__})


def set_state(c: Connection, pk: int, annotator: str, state: str) -> None:
    """Say what became of an assignment."""
    _SET(c, {"pk": pk, "who": annotator, "to_state": state})


def renew_leases(c: Connection, project: int, annotator: str, records: Sequence[int], until: str) -> None:
    """Let a person's leases of these records last until then."""
    c.execute(_RENEW, {"project": project, "who": annotator, "pks": list(records), "until": until})


def all_leases(c: Connection, project: int) -> Sequence[tuple[str, str, str]]:
    """All leases of a project: record, annotator, until when; by annotator and record."""
    query = (
        select(records.c.id, assignments.c.annotator, assignments.c.leased_until)
        .join(records, records.c.pk == assignments.c.record_pk)
        .where(assignments.c.project_id == project, _LEASED)
        .order_by(assignments.c.annotator, assignments.c.record_pk)
    )
    return c.execute(query).all()  # pyright: ignore[reportReturnType]


def projects_with_leases(c: Connection, annotator: str) -> list[int]:
    """The projects of which a person holds records."""
    query = select(assignments.c.project_id).distinct()
    query = query.where(assignments.c.annotator == annotator, _LEASED)
    return list(c.execute(query).scalars())


def get_worker(c: Connection, project: int, annotator: str) -> Worker:
    """How far a person has come in a project; the beginning, where they have not begun."""
    row = _WORKER(c, {"project": project, "who": annotator}).fetchone()
    return Worker() if row is None else Worker(*row)


def put_worker(c: Connection, project: int, annotator: str, worker: Worker) -> None:
    """Store how far a person has come."""
    row = {name: getattr(worker, name) for name in Worker.__slots__}
    _PUT_WORKER(c, {"project_id": project, "annotator": annotator, **row})


def unassigned_answers(c: Connection, project: int, after: int) -> list[Any]:
    """Imported answers of people, from this annotation on, that have no assignment: id, record, annotator, status, the latest last."""
    query = (
        select(annotations.c.id, annotations.c.record_pk, annotations.c.annotator, annotations.c.status)
        .join(queue, queue.c.record_pk == annotations.c.record_pk)
        .outerjoin(
            assignments,
            (assignments.c.record_pk == annotations.c.record_pk) & (assignments.c.annotator == annotations.c.annotator),
        )
        .where(annotations.c.id > after, queue.c.project_id == project, assignments.c.record_pk.is_(None))
        .where(annotations.c.origin == "human", annotations.c.client_id.is_(None))
        .order_by(annotations.c.id)
    )
    return list(c.execute(query))


def add_assignments(c: Connection, new: Iterable[Assignment]) -> None:
    """Store assignments that are not there yet."""
    if rows := [{name: getattr(given, name) for name in Assignment.__slots__} for given in new]:
        c.execute(insert(assignments), rows)
