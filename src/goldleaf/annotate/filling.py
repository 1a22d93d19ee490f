"""How records come into the queue, and what a change of the settings does to it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import cast

from goldleaf.annotate.disagreement import rank
from goldleaf.annotate.places import State, move
from goldleaf.annotate.queue import Annotated, places_of
from goldleaf.annotate.rules import chance, position
from goldleaf.annotate.settings import ProjectSettings
from goldleaf.store import Connection, doubts_of
from goldleaf.store import answers as said
from goldleaf.store import assignments as given
from goldleaf.store import queue as rows
from goldleaf.store.assignments import Assignment

_PAGE = 5000


def fill(c: Connection, project: Annotated, *, gold_after: int = 0) -> int:
    """Put the records that are not in the queue into it; how many. What imports have said in the meantime is taken into account:
    imported answers hold places, and a record whose every field has gold is closed, and may be asked as a check question. Gold up to
    `gold_after` (see `last_gold`) has been looked at before.
    """
    whole = rows.get_queue(c, project.key)
    before = whole.filled_record
    added = 0
    while page := rows.records_after(c, project.key, whole.filled_record, _PAGE):
        order, seed = project.settings.order, project.settings.seed
        places = project.settings.overlap
        rows.add_queue_rows(c, project.key, places, ((pk, position(order, seed, pk, id)) for pk, id in page))
        whole = replace(whole, filled_record=page[-1][0])
        added += len(page)
    if added and before and project.settings.order != "file":
        rows.begin_again(c, project.key)
    taken = _take_answers(c, project, whole.filled_annotation)
    settled = _close_settled(c, project, whole.checks, gold_after)
    last = said.last_annotation_id(c)
    changed = replace(whole, total=whole.total + added, checks=whole.checks + settled, filled_annotation=last)
    if added or settled or taken:
        changed = replace(changed, done=rows.count_done(c, project.key))
    if changed != whole or added:
        rows.put_queue(c, project.key, changed)
    return added


def apply_settings(c: Connection, project: Annotated, settings: ProjectSettings) -> Annotated:
    """The project with other settings; its queue follows them."""
    old, changed = project.settings, replace(project, settings=settings)
    if settings.overlap != old.overlap:
        rows.set_places(c, project.key, settings.overlap)
        rows.put_queue(c, project.key, replace(rows.get_queue(c, project.key), done=rows.count_done(c, project.key)))
        rows.begin_again(c, project.key)
    if settings.order != old.order or (settings.order == "random" and settings.seed != old.seed):
        put_in_order(c, changed)
    return changed


def put_in_order(c: Connection, project: Annotated) -> None:
    """Give every record the position that the project's order says, and send everybody back to the start."""
    for page in _pages(c, project.key):
        order, seed = project.settings.order, project.settings.seed
        rows.set_positions(c, ((pk, position(order, seed, pk, id, priority)) for pk, id, priority in page))
    rows.begin_again(c, project.key)


def set_priorities(c: Connection, project: Annotated, priorities: Mapping[int, float]) -> None:
    """Give records, by key, a priority (0 to 1, the highest first); they move at once where the order is by priority."""
    rows.set_priorities(c, project.key, priorities)
    if project.settings.order == "priority":
        put_in_order(c, project)


def _pages(c: Connection, project: int) -> Iterator[list[tuple[int, str, float]]]:
    last = 0
    while page := rows.queue_order(c, project, last, _PAGE):
        yield page
        last = page[-1][0]


def _take_answers(c: Connection, project: Annotated, after: int) -> int:
    """Imported answers of people hold the places of those who gave them; the last answer of each person counts. How many."""
    latest = {(row.record_pk, row.annotator): row.status for row in given.unassigned_answers(c, project.key, after)}
    given.add_assignments(
        c,
        (Assignment(pk, who, project.key, "queue", status, "") for (pk, who), status in latest.items()),
    )
    for (pk, _), status in latest.items():
        row = rows.queue_row(c, pk)
        if row is not None:
            moved = move(places_of(row), None, cast("State", status))
            flagged = row.flagged + (status == "flagged")
            changed = replace(row, held=moved.held, answered=moved.answered, flagged=flagged)
            rows.set_queue_row(c, replace(changed, rank=rank_of(c, project, changed)), moved.free)
    return len(latest)


def rank_of(c: Connection, project: Annotated, row: rows.QueueRow) -> float | None:
    """Where a record belongs in review, by the answers that it has."""
    if row.answered <= 1 and not row.closed:
        return -float(row.flagged > 0) if row.answered else None
    return _rank(c, project, row)


def rank_again(c: Connection, project: Annotated, keys: Iterable[int]) -> None:
    """Give records the place in review that their answers and the doubts about them say, doubted ones though they be settled."""
    keys = list(keys)
    doubted = {pk: max(doubt.score for doubt in found) for pk, found in doubts_of(c, dict.fromkeys(keys, "")).items()}
    for pk in keys:
        row = rows.queue_row(c, pk)
        if row is None:
            continue
        place = _rank(c, project, row, doubted[pk]) if pk in doubted else rank_of(c, project, row)
        if place != row.rank:
            rows.set_queue_row(c, replace(row, rank=place), places_of(row).free)


def _rank(c: Connection, project: Annotated, row: rows.QueueRow, doubt: float = 0.0) -> float | None:
    standing = said.standing_answers(c, [row.record_pk])
    answers = [a.values for a in standing if a.status == "submitted" and not a.check and a.annotator != "import"]
    return rank(project.schema, answers, flagged=row.flagged > 0, settled=row.closed, doubt=doubt)


def _close_settled(c: Connection, project: Annotated, checks: int, gold_after: int) -> int:
    """Close the records whose every field has gold, in an order that the seed decides; how many."""
    settled = rows.settled_records(c, project.key, project.schema.names, gold_after)
    settled.sort(key=lambda pk: (chance(project.settings.seed, "checks", pk), pk))
    rows.close_rows(c, ((pk, checks + place) for place, pk in enumerate(settled, 1)))
    return len(settled)
