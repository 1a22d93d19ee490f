"""The queue of a project: one row a record with its places and where it stands, and one row for the whole with its counters."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, bindparam, case, func, insert, select, text, tuple_, update
from sqlalchemy.dialects.sqlite import insert as upsert

from goldleaf.store.prepared import Prepared
from goldleaf.store.tables import adjudications, gold, projects, queue, queues, records, workers

START = (-1, -1)
"""Before every place in a queue."""


@dataclass(frozen=True, slots=True)
class Queue:
    """A project's queue as a whole. It has been filled up to a record and an annotation; `turn` orders what was given back."""

    filled_record: int = 0
    filled_annotation: int = 0
    total: int = 0
    done: int = 0
    turn: int = 0
    checks: int = 0


@dataclass(frozen=True, slots=True)
class QueueRow:
    """A record's row: its places and where it stands."""

    record_pk: int
    places: int
    held: int
    answered: int
    flagged: int
    closed: bool
    rank: float | None


_OF = Prepared(select(*(queues.c[name] for name in Queue.__slots__)).where(queues.c.project_id == bindparam("project")))
_ROW = Prepared(select(*(queue.c[name] for name in QueueRow.__slots__)).where(queue.c.record_pk == bindparam("pk")))
_SET = Prepared(
    update(queue)
    .where(queue.c.record_pk == bindparam("pk"))
    .values({name: bindparam(f"to_{name}") for name in ("held", "answered", "flagged", "closed", "free", "rank")})
)
_TAKE = Prepared(
    update(queue)
    .where(queue.c.record_pk == bindparam("pk"), text("free > 0"))
    .values(held=queue.c.held + 1, free=queue.c.free - 1)
)
_BACK = (
    update(queue)
    .where(queue.c.record_pk == bindparam("pk"))
    .values(position=bindparam("to_position"), turn=bindparam("to_turn"))
)
_DONE = Prepared(
    update(queues).where(queues.c.project_id == bindparam("project")).values(done=queues.c.done + bindparam("more"))
)
_TURN = (
    update(queues)
    .where(queues.c.project_id == bindparam("project"))
    .values(turn=queues.c.turn + 1)
    .returning(queues.c.turn)
)
_FRONTIER = (
    select(workers.c.position)
    .where(workers.c.project_id == bindparam("project"), workers.c.position >= 0)
    .order_by(workers.c.position.desc())
    .limit(1)
)
# Written out, for the planner takes the partial index only where it finds its condition, and the order of the two tables matters.
_SCAN = Prepared(
    text(
        "SELECT q.record_pk, q.position, q.turn, a.state FROM queue AS q"
        " LEFT JOIN assignments AS a ON a.record_pk = q.record_pk AND a.annotator = :annotator"
        " WHERE q.project_id = :project AND q.free > 0 AND (q.position, q.turn) > (:position, :turn)"
        " ORDER BY q.position, q.turn LIMIT :most"
    )
)
_CHECKS = Prepared(
    text(
        "SELECT q.record_pk, q.check_place, a.state FROM queue AS q"
        " LEFT JOIN assignments AS a ON a.record_pk = q.record_pk AND a.annotator = :annotator"
        " WHERE q.project_id = :project AND q.check_place IS NOT NULL AND q.check_place > :place"
        " ORDER BY q.check_place LIMIT :most"
    )
)


def get_queue(c: Connection, project: int) -> Queue:
    """A project's queue as a whole; an empty one where it has not been filled yet."""
    row = _OF(c, {"project": project}).fetchone()
    return Queue() if row is None else Queue(*row)


def put_queue(c: Connection, project: int, whole: Queue) -> None:
    """Store a project's queue as a whole."""
    row = {name: getattr(whole, name) for name in Queue.__slots__}
    c.execute(upsert(queues).values(project_id=project, **row).on_conflict_do_update(["project_id"], set_=row))


def add_done(c: Connection, project: int, more: int) -> None:
    """Count records that are done (or, below zero, no longer so)."""
    _DONE(c, {"project": project, "more": more})


def queue_row(c: Connection, pk: int) -> QueueRow | None:
    """A record's row in the queue, if it has one."""
    row = _ROW(c, {"pk": pk}).fetchone()
    return None if row is None else QueueRow(*row)


def take_place(c: Connection, pk: int) -> bool:
    """Hold one more of a record's places; whether one was free."""
    return _TAKE(c, {"pk": pk}).rowcount == 1


def set_queue_row(c: Connection, row: QueueRow, free: int) -> None:
    """Store what became of a record's places, with how many are free."""
    names = ("held", "answered", "flagged", "closed", "rank")
    _SET(c, {"pk": row.record_pk, "to_free": free, **{f"to_{name}": getattr(row, name) for name in names}})


def put_behind_everybody(c: Connection, project: int, pk: int) -> None:
    """Move a record to just after the farthest place that anybody has come to; leave it where it is if nobody has begun."""
    frontier = c.execute(_FRONTIER, {"project": project}).scalar()
    if frontier is not None:
        turn = c.execute(_TURN, {"project": project}).scalar_one()
        c.execute(_BACK, {"pk": pk, "to_position": frontier, "to_turn": turn})


def scan_open(
    c: Connection, project: int, annotator: str, after: tuple[int, int], most: int
) -> Sequence[tuple[int, int, int, str | None]]:
    """The next records with a free place, in order: key, position, turn, and the state of the person's assignment, if there is one."""
    params = {"project": project, "annotator": annotator, "position": after[0], "turn": after[1], "most": most}
    return _SCAN(c, params).fetchall()


def scan_checks(
    c: Connection, project: int, annotator: str, after: int, most: int
) -> Sequence[tuple[int, int, str | None]]:
    """The next check questions: key, place, and the state of the person's assignment, if there is one."""
    params = {"project": project, "annotator": annotator, "place": after, "most": most}
    return _CHECKS(c, params).fetchall()


def records_after(c: Connection, project: int, pk: int, most: int) -> list[tuple[int, str]]:
    """Key and id of the project's next records in order of import."""
    query = select(records.c.pk, records.c.id).where(records.c.project_id == project, records.c.pk > pk)
    return [(row.pk, row.id) for row in c.execute(query.order_by(records.c.pk).limit(most))]


def add_queue_rows(c: Connection, project: int, places: int, rows: Iterable[tuple[int, int]]) -> None:
    """Give records (key, position) their rows, every place free."""
    new = [
        {"record_pk": pk, "project_id": project, "places": places, "free": places, "position": position}
        for pk, position in rows
    ]
    if new:
        c.execute(insert(queue), new)


def last_gold(c: Connection) -> int:
    """The last row of gold: what is stored for a field or a method for the first time comes after it."""
    return c.exec_driver_sql("SELECT max(rowid) FROM gold").scalar() or 0


def settled_records(c: Connection, project: int, fields: Sequence[str], after: int) -> list[int]:
    """Records in the queue, not closed yet, whose every field has imported or adjudicated gold, some of it after this row of gold."""
    fresh = select(gold.c.record_pk).where(text("gold.rowid > :after").bindparams(after=after))
    query = (
        select(gold.c.record_pk)
        .join(queue, queue.c.record_pk == gold.c.record_pk)
        .where(queue.c.project_id == project, queue.c.closed.is_(False), gold.c.record_pk.in_(fresh))
        .where(gold.c.method.in_(("imported", "adjudicated")), gold.c.field.in_(fields))
        .group_by(gold.c.record_pk)
        .having(func.count(gold.c.field.distinct()) == len(fields))
    )
    return list(c.execute(query).scalars())


def close_rows(c: Connection, rows: Iterable[tuple[int, int]]) -> None:
    """Close records (key, place among the check questions): nobody else is asked, but as a check."""
    statement = update(queue).where(queue.c.record_pk == bindparam("pk"))
    statement = statement.values(closed=True, free=0, check_place=bindparam("to_place"))
    if new := [{"pk": pk, "to_place": place} for pk, place in rows]:
        c.execute(statement, new)


def add_check(c: Connection, project: int, pk: int) -> None:
    """Make a record the last of the check questions."""
    statement = update(queues).where(queues.c.project_id == project).values(checks=queues.c.checks + 1)
    place = c.execute(statement.returning(queues.c.checks)).scalar()
    c.execute(update(queue).where(queue.c.record_pk == pk).values(check_place=place))


def count_done(c: Connection, project: int) -> int:
    """How many records are done, by counting; the counter is put right with it after a change of the whole queue."""
    query = select(func.count()).select_from(queue).where(queue.c.project_id == project)
    return c.execute(query.where((queue.c.closed.is_(True)) | (queue.c.answered >= queue.c.places))).scalar_one()


def set_places(c: Connection, project: int, places: int) -> None:
    """Give every record of a project this many places."""
    free = case((queue.c.closed, 0), (queue.c.held >= places, 0), else_=places - queue.c.held)
    c.execute(update(queue).where(queue.c.project_id == project).values(places=places, free=free))


def queue_order(c: Connection, project: int, after: int, most: int) -> list[tuple[int, str, float]]:
    """Key, id and priority of a project's queued records, in order of import."""
    query = select(queue.c.record_pk, records.c.id, queue.c.priority).join(records, records.c.pk == queue.c.record_pk)
    query = (
        query.where(queue.c.project_id == project, queue.c.record_pk > after).order_by(queue.c.record_pk).limit(most)
    )
    return [tuple(row) for row in c.execute(query)]  # pyright: ignore[reportReturnType]


def set_positions(c: Connection, positions: Iterable[tuple[int, int]]) -> None:
    """Put records (key, position) where they belong."""
    if new := [{"pk": pk, "to_position": position, "to_turn": 0} for pk, position in positions]:
        c.execute(_BACK, new)


def set_priorities(c: Connection, project: int, priorities: Mapping[int, float]) -> None:
    """Give records, by key, a priority; their positions are for the caller to set."""
    statement = update(queue).where(queue.c.record_pk == bindparam("pk"), queue.c.project_id == project)
    if new := [{"pk": pk, "to_priority": value} for pk, value in priorities.items()]:
        c.execute(statement.values(priority=bindparam("to_priority")), new)


def begin_again(c: Connection, project: int) -> None:
    """Send everybody back to the start of the queue: it has changed behind them."""
    c.execute(update(workers).where(workers.c.project_id == project).values(position=START[0], turn=START[1]))


def review_page(
    c: Connection, project: int, after: tuple[float, int] | None, most: int
) -> Sequence[tuple[int, str, str, float]]:
    """Records with answers, the most disputed first: key, id, text, rank."""
    query = (
        select(queue.c.record_pk, records.c.id, records.c.text, queue.c.rank)
        .join(records, records.c.pk == queue.c.record_pk)
        .where(queue.c.project_id == project, queue.c.rank.is_not(None))
        .order_by(queue.c.rank, queue.c.record_pk)
        .limit(most)
    )
    if after is not None:
        query = query.where(tuple_(queue.c.rank, queue.c.record_pk) > tuple_(*after))
    return c.execute(query).all()  # pyright: ignore[reportReturnType]


def add_adjudication(c: Connection, row: Mapping[str, Any]) -> int:
    """Store what a reviewer decided; its id."""
    return c.execute(insert(adjudications).values(**row).returning(adjudications.c.id)).scalar_one()


def adjudication_by_client_id(c: Connection, client_id: str) -> tuple[int, int] | None:
    """Id and record of the adjudication that was sent under this id."""
    query = select(adjudications.c.id, adjudications.c.record_pk).where(adjudications.c.client_id == client_id)
    row = c.execute(query).one_or_none()
    return None if row is None else (row.id, row.record_pk)


def last_adjudication(c: Connection, pk: int) -> Any:
    """The row of a record's last adjudication, if there is one."""
    query = select(adjudications).where(adjudications.c.record_pk == pk).order_by(adjudications.c.id.desc()).limit(1)
    return c.execute(query).one_or_none()


def get_settings(c: Connection, project: int) -> dict[str, Any] | None:
    """The settings of a project's annotation, as stored."""
    return c.execute(select(projects.c.settings).where(projects.c.id == project)).scalar_one()


def put_settings(c: Connection, project: int, settings: Mapping[str, Any]) -> None:
    """Store the settings of a project's annotation."""
    c.execute(update(projects).where(projects.c.id == project).values(settings=dict(settings)))
