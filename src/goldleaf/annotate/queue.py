"""The queue: who gets which record next, and what becomes of its places. Every function works within the caller's transaction."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import cast

from goldleaf.annotate.places import Places, State, move
from goldleaf.annotate.rules import in_control, is_check
from goldleaf.annotate.settings import ProjectSettings
from goldleaf.core import Schema
from goldleaf.store import Connection
from goldleaf.store import assignments as given
from goldleaf.store import queue as rows
from goldleaf.store.assignments import Assignment, Worker

MOST_HELD = 50
"""Records that one person can hold at once."""
_PAGE = 100


@dataclass(frozen=True, slots=True)
class Annotated:
    """A project as its annotation sees it."""

    key: int
    name: str
    schema: Schema
    settings: ProjectSettings


def at(moment: datetime) -> str:
    """A moment as stored."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def lease_end(project: Annotated, now: datetime) -> str:
    """Until when a lease lasts that begins, or is renewed, now."""
    return at(now + timedelta(seconds=project.settings.lease_seconds))


def hand_out(
    c: Connection, project: Annotated, annotator: str, worker: Worker, count: int, have: Collection[int], now: datetime
) -> list[Assignment]:
    """The person's next records, `count` at most: first those they hold and do not have, then new ones. `have` is renewed.

    A new one's place is taken, but the assignment is for the caller to store, by `mark_shown`, and so is `worker`, who is moved on.
    """
    held = given.leases_of(c, project.key, annotator)
    until = lease_end(project, now)
    again = [lease for lease in held if lease.record_pk not in have][:count]
    if _renew(c, project, annotator, again + [lease for lease in held if lease.record_pk in have], now, until):
        again = [replace(lease, leased_until=until) for lease in again]
    new: list[Assignment] = []
    for _ in range(min(count - len(again), MOST_HELD - len(held))):
        found = _next(c, project, annotator, worker)
        if found is None:
            break
        worker.handed += 1
        pk, kind, state = found
        new.append(Assignment(pk, annotator, project.key, kind, state or "new", until))
    return again + new


def mark_shown(c: Connection, project: Annotated, assignment: Assignment, record: str, suggested: bool) -> Assignment:
    """Lease the record, with what the person is shown: no suggestion on records of the control share."""
    control = in_control(project.settings, record)
    shown = suggested and not control and project.settings.suggestions
    leased = replace(assignment, state="leased", control=control, shown=shown)
    if leased != assignment:
        given.put_assignment(c, leased)
    return leased


def change_state(
    c: Connection, assignment: Assignment, after: State, *, row: rows.QueueRow | None = None, rank: float | None = None
) -> None:
    """An assignment's state changes, and its record's places and the project's counter follow; with a `row` its rank in review too."""
    before = cast("State", assignment.state)
    if before != after:
        given.set_state(c, assignment.record_pk, assignment.annotator, after)
    ranked = row is not None
    if row is None and assignment.kind == "queue":
        row = rows.queue_row(c, assignment.record_pk)
    if row is None:
        return
    old = places_of(row)
    new = move(old, before, after)
    flagged = row.flagged + (after == "flagged") - (before == "flagged")
    changed = replace(row, held=new.held, answered=new.answered, flagged=flagged, rank=rank if ranked else row.rank)
    if changed != row:
        rows.set_queue_row(c, changed, new.free)
    if new.done != old.done:
        rows.add_done(c, assignment.project_id, new.done - old.done)
    if new.free > old.free:
        rows.put_behind_everybody(c, assignment.project_id, assignment.record_pk)


def places_of(row: rows.QueueRow) -> Places:
    """The places of a record's row."""
    return Places(row.places, row.held, row.answered, row.closed)


def end_leases(c: Connection, project: Annotated, now: datetime) -> int:
    """Give back the places of all leases that are over; how many."""
    over = given.leases_over(c, project.key, at(now))
    for lease in over:
        change_state(c, lease, "returned")
    return len(over)


def release(c: Connection, project: int, annotator: str, records: Collection[int] | None = None) -> int:
    """Give back what a person holds: these records, or all; how many."""
    leases = given.leases_of(c, project, annotator)
    chosen = [lease for lease in leases if records is None or lease.record_pk in records]
    for lease in chosen:
        change_state(c, lease, "returned")
    return len(chosen)


def close_record(c: Connection, project: int, pk: int, rank: float | None, *, closed: bool) -> None:
    """A reviewer has settled a record: it goes to the end of the review. Where it is `closed`, for gold says it all, nobody else is asked;
    it can be a check question from then on."""
    row = rows.queue_row(c, pk)
    if row is None:
        return
    after = replace(row, closed=row.closed or closed, rank=rank)
    rows.set_queue_row(c, after, places_of(after).free)
    if after.closed and not row.closed:
        rows.add_check(c, project, pk)
    if places_of(after).done and not places_of(row).done:
        rows.add_done(c, project, 1)


def renew(c: Connection, project: Annotated, annotator: str, records: Collection[int], now: datetime) -> set[int]:
    """Renew a person's leases of these records; those they hold then. A lease that ended is taken up again if its place is free."""
    until = lease_end(project, now)
    held: set[int] = set()
    for pk in records:
        assignment = given.get_assignment(c, pk, annotator)
        if assignment is None:
            continue
        kept = assignment.state == "leased"
        if not kept and assignment.state == "returned":
            kept = assignment.kind == "check" or rows.take_place(c, pk)
        if kept:
            given.put_assignment(c, replace(assignment, state="leased", leased_until=until))
            held.add(pk)
    return held


def _renew(
    c: Connection, project: Annotated, annotator: str, leases: list[Assignment], now: datetime, until: str
) -> bool:
    """Renew leases once a third of one is over; to do it each time would only cost. Whether it was done."""
    soon = at(now + timedelta(seconds=project.settings.lease_seconds * 2 / 3))
    due = any(lease.leased_until < soon for lease in leases)
    if due:
        given.renew_leases(c, project.key, annotator, [lease.record_pk for lease in leases], until)
    return due


_Found = tuple[int, str, str | None]
"""A record's key, the kind of its assignment, and the state of the one the person had before."""


def _next(c: Connection, project: Annotated, annotator: str, worker: Worker) -> _Found | None:
    check = is_check(project.settings, annotator, worker.handed)
    found = _next_check(c, project, annotator, worker) if check else None
    return found or _next_open(c, project, annotator, worker)


def _next_open(c: Connection, project: Annotated, annotator: str, worker: Worker) -> _Found | None:
    """The next record with a free place that the person has not had; the place is taken, and the person stands at that record."""
    most = 1
    while page := rows.scan_open(c, project.key, annotator, (worker.position, worker.turn), most):
        for pk, position, turn, state in page:
            worker.position, worker.turn = position, turn
            if state in (None, "returned") and rows.take_place(c, pk):
                return pk, "queue", state
        most = _PAGE
    return None


def _next_check(c: Connection, project: Annotated, annotator: str, worker: Worker) -> _Found | None:
    most = 1
    while page := rows.scan_checks(c, project.key, annotator, worker.check_place, most):
        for pk, place, state in page:
            worker.check_place = place
            if state is None:
                return pk, "check", None
        most = _PAGE
    return None
