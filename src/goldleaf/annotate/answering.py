"""An answer: checked, stored, and counted or kept as surplus."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Literal, cast, get_args

from goldleaf.annotate.filling import rank_of
from goldleaf.annotate.places import ANSWERED, Said, State, move, outcome
from goldleaf.annotate.queue import Annotated, at, change_state, places_of
from goldleaf.core import (
    Annotation,
    ConflictError,
    InputError,
    NotFoundError,
    Record,
    Schema,
    Status,
    brief,
    check_values,
    map_labels,
)
from goldleaf.store import Connection
from goldleaf.store import answers as stored
from goldleaf.store import assignments as given
from goldleaf.store import queue as rows
from goldleaf.store.answers import Circumstances
from goldleaf.store.assignments import Assignment, Worker
from goldleaf.store.drafts import drop_draft

Outcome = Literal["counted", "surplus", "known", "corrected"]
SAID: tuple[Said, ...] = get_args(Said)
MOST_SECONDS = 24 * 3600.0
LONGEST_COMMENT = 10_000


@dataclass(frozen=True, slots=True)
class Submission:
    """What a person answers. `id` is made by the client: the same id again changes nothing. `supersedes` names the own answer that this one
    corrects, by the annotation's number or the id it was sent under. `suggested` is what was shown, `want` and `have` are for the next
    records: how many to bring, and which ones the person has at hand."""

    id: str
    record: str
    values: Mapping[str, Any]
    status: Said = "submitted"
    reason: str | None = None
    comment: str | None = None
    seconds: float | None = None
    schema_version: int | None = None
    supersedes: int | str | None = None
    suggested: Mapping[str, Any] = field(default_factory=dict[str, Any])
    want: int = 1
    have: tuple[str, ...] = ()


LabelMap = Mapping[str, Mapping[str, str | None]]
"""By field: what labels were renamed to, or None for those removed."""


@dataclass(frozen=True, slots=True)
class Question:
    """What is answered: a record, the schema of the version that the answer was given under, who suggests something for it, and what has
    become `later` of that schema's labels."""

    pk: int
    record: Record
    schema: Schema
    suggester: str | None
    later: tuple[LabelMap, ...] = ()


@dataclass(frozen=True, slots=True)
class Answered:
    """What became of an answer."""

    annotation: int
    outcome: Outcome


def check_submission(said: Submission) -> None:
    """Raise InputError where a part of the submission, its values aside, is not what it should be."""
    if not 8 <= len(said.id) <= 64 or not said.id.isascii() or not said.id.isprintable():
        raise InputError("an answer has an id of its own", where="id", found=brief(said.id), expected="a UUID")
    if said.status not in SAID:
        expected = " or ".join(SAID)
        raise InputError("unknown status", where="status", found=brief(said.status), expected=expected)
    if said.seconds is not None and not 0 <= said.seconds <= MOST_SECONDS:
        expected = f"0 to {MOST_SECONDS:.0f}"
        raise InputError("this cannot be the time taken", where="seconds", found=brief(said.seconds), expected=expected)
    for name, text in (("comment", said.comment), ("reason", said.reason)):
        if text is not None and len(text) > LONGEST_COMMENT:
            found, expected = f"{len(text)} characters", f"at most {LONGEST_COMMENT}"
            raise InputError("the text is too long", where=name, found=found, expected=expected)
    if said.status == "submitted" and not said.values:
        raise InputError("the answer says nothing", where="values", found="{}", expected="a value for a field")


def known_answer(c: Connection, annotator: str, pk: int, id: str) -> Answered | None:
    """The answer that came under this id before. Raises ConflictError where it was to something else."""
    row = stored.answer_by_client_id(c, id)
    if row is None:
        return None
    key, record, who = row
    if (record, who) != (pk, annotator):
        raise ConflictError("another answer has this id", where="id", found=brief(id), todo="Make a new id")
    return Answered(key, "known")


def answer(
    c: Connection,
    project: Annotated,
    annotator: str,
    worker: Worker,
    question: Question,
    submission: Submission,
    now: datetime,
) -> Answered:
    """Store what a person answers to a record they were given.

    A second answer to the same record corrects the first, which it has to name: it may come from another window that knew of none. Raises
    InputError where a value is wrong, NotFoundError where the record is not theirs, ConflictError where it would replace an answer unseen.
    `worker`'s counters are moved on; it is for the caller to store.
    """
    pk = question.pk
    if (known := known_answer(c, annotator, pk, submission.id)) is not None:
        return known
    assignment = given.get_assignment(c, pk, annotator)
    if assignment is None:
        found = brief(submission.record)
        raise NotFoundError("this record was not given to you", found=found, todo="Ask for the next record")
    values = _under(project.schema, question, check_values(question.schema, submission.values, question.record))
    earlier = stored.last_answer(c, pk, annotator) if assignment.state not in ("leased", "returned") else None
    _check_supersedes(c, submission, annotator, pk, earlier)
    row = rows.queue_row(c, pk) if assignment.kind == "queue" else None
    before = cast("State", assignment.state)
    after = submission.status if row is None else outcome(places_of(row), before, submission.status)
    said = Annotation(
        question.record.id,
        annotator,
        values,
        at(now),
        submission.seconds,
        cast("Status", after),
        suggested=_shown(project.schema, submission, assignment, question),
        schema_version=(project.schema if question.later else question.schema).version,
        supersedes=None if earlier is None else earlier.id,
    )
    key = stored.add_answer(c, pk, said, _circumstances(submission, assignment, question, said))
    _settle(c, project, assignment, after, row)
    drop_draft(c, pk, annotator)
    _count(worker, before, after, submission.seconds or 0.0, now)
    if earlier is not None:
        return Answered(key, "corrected")
    return Answered(key, "surplus" if after == "surplus" else "counted")


def _under(schema: Schema, question: Question, values: Mapping[str, Any]) -> dict[str, Any]:
    """Values given under an earlier version of the schema, in the words of the present one. Raises InputError for what it cannot say."""
    if not question.later:
        return dict(values)
    said = dict(values)
    for label_map in question.later:
        for name, mapping in label_map.items():
            mapped = map_labels(said[name], mapping, many=schema[name].many) if name in said else ""
            if mapped is None:
                expected = " or ".join(schema[name].labels)
                todo = "Open the record again"
                raise InputError("the label has been removed meanwhile", where=name, expected=expected, todo=todo)
            if name in said:
                said[name] = mapped
    return check_values(schema, said, question.record)


def _circumstances(
    submission: Submission, assignment: Assignment, question: Question, said: Annotation
) -> Circumstances:
    return Circumstances(
        submission.id,
        submission.comment or None,
        submission.reason or None,
        assignment.kind == "check",
        bool(assignment.control),
        question.suggester if said.suggested else None,
    )


def _settle(c: Connection, project: Annotated, assignment: Assignment, after: State, row: rows.QueueRow | None) -> None:
    if row is None:
        change_state(c, assignment, after)
        return
    before = cast("State", assignment.state)
    moved = move(places_of(row), before, after)
    flagged = row.flagged + (after == "flagged") - (before == "flagged")
    place = rank_of(c, project, replace(row, held=moved.held, answered=moved.answered, flagged=flagged))
    change_state(c, assignment, after, row=row, rank=place)


def _shown(schema: Schema, submission: Submission, assignment: Assignment, question: Question) -> dict[str, Any]:
    """What the person was shown, as far as it can have been: nothing on the control share, and only what the schema can say."""
    found: dict[str, Any] = {}
    if not assignment.shown:
        return found
    for name, value in submission.suggested.items():
        try:
            checked = check_values(question.schema, {name: value}, question.record)
            found |= _under(schema, question, checked)
        except InputError:  # a suggestion may be older than the schema; the answer is not to be lost for it
            continue
    return found


def _check_supersedes(
    c: Connection, submission: Submission, annotator: str, pk: int, earlier: stored.Answer | None
) -> None:
    """Raise ConflictError unless the answer names the one that stands, if there is one: otherwise it was given without knowing of it."""
    named = submission.supersedes
    if isinstance(named, str):  # the id of an answer that never came corrects nothing
        row = stored.answer_by_client_id(c, named)
        named = row[0] if row is not None and row[1:] == (pk, annotator) else None
    if named == (None if earlier is None else earlier.id):
        return
    if earlier is None:
        raise ConflictError(
            "there is no answer of yours to correct",
            where="supersedes",
            found=str(named),
            todo="Send it without supersedes",
        )
    raise ConflictError(
        "you have answered this record already",
        where="supersedes",
        found=str(submission.supersedes) if submission.supersedes is not None else "nothing",
        expected=str(earlier.id),
        todo="Look at that answer, and name it if this one is to correct it",
    )


def _count(worker: Worker, before: State, after: State, seconds: float, now: datetime) -> None:
    day = now.strftime("%Y-%m-%d")
    if worker.day != day:
        worker.day, worker.day_answered, worker.day_seconds = day, 0, 0.0
    was, is_now = (state in ANSWERED or state == "surplus" for state in (before, after))
    worker.answered += is_now - was
    worker.skipped += (after == "skipped") - (before == "skipped")
    worker.day_answered = max(0, worker.day_answered + is_now - was)
    worker.seconds += seconds
    worker.day_seconds += seconds
