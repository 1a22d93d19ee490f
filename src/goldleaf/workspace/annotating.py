"""The desk of the annotation app: it hands out records and takes answers, for many people at once.

Whatever writes returns a future, which resolves once the change is on disk; whatever only reads returns at once.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any, TypedDict, TypeVar

from goldleaf.annotate import (
    Annotated,
    Answered,
    Outcome,
    ProjectSettings,
    Question,
    Submission,
    answer,
    apply_settings,
    at,
    change_settings,
    check_submission,
    hand_out,
    mark_shown,
    release,
    renew,
    set_priorities,
    settings_from_dict,
    settings_to_dict,
)
from goldleaf.core import InputError, NotFoundError, brief
from goldleaf.store import Connection, get_project
from goldleaf.store import assignments as given
from goldleaf.store import queue as rows
from goldleaf.store.answers import answers_of, last_answer
from goldleaf.store.assignments import Assignment, Worker, get_worker, put_worker
from goldleaf.store.drafts import Draft, drafts_of, drop_draft, put_draft
from goldleaf.store.writer import Writer
from goldleaf.workspace import reviewing
from goldleaf.workspace.folder import Workspace
from goldleaf.workspace.items import (
    TEXT_START,
    Content,
    Item,
    Progress,
    make_item,
    make_progress,
    read_contents,
)
from goldleaf.workspace.memory import Memory

T = TypeVar("T")
R = TypeVar("R")
MOST_ITEMS = 20
"""Records handed out at once."""
_Shown = list[tuple[Content, Assignment, Draft | None]]


class Handed(TypedDict):
    """The next records, and how far one has come."""

    items: list[Item]
    progress: Progress


class Submitted(TypedDict):
    """What became of an answer, and what comes next."""

    id: str
    annotation: int
    outcome: Outcome
    items: list[Item]
    progress: Progress


class AnnotationDesk:
    """Hands out the records of a workspace's projects and takes the answers. People and projects are given by name.

    All changes go through one writer. `clock` says what time it is.
    """

    def __init__(self, ws: Workspace, *, clock: Callable[[], datetime] | None = None) -> None:
        self._ws = ws
        self._clock = clock or (lambda: datetime.now(UTC))
        self._writer = Writer(ws.store)
        self._cutting = ThreadPoolExecutor(1, thread_name_prefix="goldleaf-words")
        self._memory = Memory(self._writer)

    def close(self) -> None:
        """Finish what has been asked for, and stop."""
        self._writer.close()
        self._cutting.shutdown()

    def write(self, work: Callable[[Connection], T]) -> Future[T]:
        """Run any other change of the store in the writer, so that it shares its transactions. What the desk remembers is read again."""

        def run(c: Connection) -> T:
            try:
                return work(c)
            finally:
                self._memory.forget()

        return self._writer.submit(run)

    # the work of an annotator

    def next_items(self, project: str, annotator: str, *, count: int = 3, have: Sequence[str] = ()) -> Future[Handed]:
        """A person's next records, `count` at most: first those they hold and do not have, then new ones. The leases of those they
        have are renewed."""

        def work(c: Connection) -> tuple[_Shown, Progress]:
            found, now = self._memory.project(c, project), self._clock()
            self._memory.sweep(c, found, now)
            worker = get_worker(c, found.key, annotator)
            shown = self._hand_out(c, found, annotator, worker, count, have, now)
            put_worker(c, found.key, annotator, worker)
            return shown, make_progress(worker, rows.get_queue(c, found.key), _day(now))

        def finish(done: tuple[_Shown, Progress]) -> Handed:
            return {"items": [make_item(*one) for one in done[0]], "progress": done[1]}

        return self._then(work, finish, lambda done: done[0])

    def submit(self, project: str, annotator: str, submission: Submission) -> Future[Submitted]:
        """Take an answer and bring the next records. The same id again changes nothing; a second answer to a record corrects the first,
        which it has to name.

        Raises InputError where the answer is not what it should be, NotFoundError where the record is not the person's, ConflictError
        where it names another answer than the one that stands.
        """
        check_submission(submission)

        def work(c: Connection) -> tuple[Answered, _Shown, Progress]:
            found, now = self._memory.project(c, project), self._clock()
            content = self._memory.content(c, found, submission.record)
            schema = self._memory.schema(c, found, submission.schema_version)
            worker = get_worker(c, found.key, annotator)
            later = self._memory.later(c, found, schema.version)
            question = Question(content.pk, content.record, schema, content.suggester, tuple(later))
            done = answer(c, found, annotator, worker, question, submission, now)
            self._memory.sweep(c, found, now)
            shown = self._hand_out(c, found, annotator, worker, submission.want, submission.have, now)
            put_worker(c, found.key, annotator, worker)
            return done, shown, make_progress(worker, rows.get_queue(c, found.key), _day(now))

        def finish(done: tuple[Answered, _Shown, Progress]) -> Submitted:
            said, shown, progress = done
            items = [make_item(*one) for one in shown]
            return {
                "id": submission.id,
                "annotation": said.annotation,
                "outcome": said.outcome,
                "items": items,
                "progress": progress,
            }

        return self._then(work, finish, lambda done: done[1])

    def renew(self, project: str, annotator: str, records: Sequence[str]) -> Future[list[str]]:
        """Renew a person's leases; the records they still hold. A lease that ended is taken up again if its place is still free."""

        def work(c: Connection) -> list[str]:
            found, now = self._memory.project(c, project), self._clock()
            keys = self._memory.shelf.keys(c, found.key, records)
            held = renew(c, found, annotator, list(keys.values()), now)
            return [record for record in records if keys.get(record) in held]

        return self._run(work)

    def release(
        self, annotator: str, records: Sequence[str] | None = None, *, project: str | None = None
    ) -> Future[int]:
        """Give back what a person holds: in one project or in all, these records or all of them. How many were given back."""

        def work(c: Connection) -> int:
            if project is None:
                return sum(release(c, key, annotator) for key in given.projects_with_leases(c, annotator))
            found = self._memory.project(c, project)
            keys = None if records is None else self._memory.shelf.keys(c, found.key, records).values()
            return release(c, found.key, annotator, None if keys is None else set(keys))

        return self._run(work)

    def save_draft(self, project: str, annotator: str, record: str, draft: Draft) -> Future[None]:
        """Keep what a person has said so far of a record they were given."""

        def work(c: Connection) -> None:
            content = self._own(c, project, annotator, record)
            put_draft(c, content.pk, annotator, draft, at(self._clock()))

        return self._run(work)

    def drop_draft(self, project: str, annotator: str, record: str) -> Future[None]:
        """Forget a person's draft of a record."""

        def work(c: Connection) -> None:
            drop_draft(c, self._own(c, project, annotator, record).pk, annotator)

        return self._run(work)

    def item(self, project: str, annotator: str, record: str) -> Item:
        """A record that a person was given, with their answer if they gave one, so that it can be corrected."""
        with self._ws.store.read() as c:
            key, _ = get_project(c, project)
            pk = reviewing.key_of(c, key, record)
            assignment = given.get_assignment(c, pk, annotator)
            if assignment is None:
                raise _not_yours(record)
            content = read_contents(c, key, [pk])[0]
            return make_item(content, assignment, drafts_of(c, [pk], annotator).get(pk), last_answer(c, pk, annotator))

    def history(self, project: str, annotator: str, *, before: int | None = None, limit: int = 50) -> dict[str, Any]:
        """A person's answers, the latest first, a page at a time: `{"items", "next"}`."""
        with self._ws.store.read() as c:
            key, _ = get_project(c, project)
            found = answers_of(c, key, annotator, before, limit + 1)
        items = [
            {
                "record": record,
                "text_start": text[:TEXT_START],
                "status": said.status,
                "values": said.values,
                "at": said.at,
                "annotation": said.id,
            }
            for said, record, text in found[:limit]
        ]
        return {"items": items, "next": items[-1]["annotation"] if len(found) > limit else None}

    def progress(self, project: str, annotator: str) -> Progress:
        """How far a person and the project have come."""
        with self._ws.store.read() as c:
            key, _ = get_project(c, project)
            return make_progress(get_worker(c, key, annotator), rows.get_queue(c, key), _day(self._clock()))

    # the work of an owner

    def leases(self, project: str) -> list[dict[str, str]]:
        """Who holds which record until when."""
        with self._ws.store.read() as c:
            leases = given.all_leases(c, get_project(c, project)[0])
        now = at(self._clock())
        return [
            {"record": record, "annotator": who, "leased_until": until} for record, who, until in leases if until >= now
        ]

    def settings(self, project: str) -> ProjectSettings:
        """How a project is annotated."""
        with self._ws.store.read() as c:
            return settings_from_dict(rows.get_settings(c, get_project(c, project)[0]))

    def change_settings(self, project: str, changes: Mapping[str, Any]) -> Future[ProjectSettings]:
        """Change some of a project's settings; its queue follows. The settings as they are then."""

        def work(c: Connection) -> ProjectSettings:
            found = self._memory.project(c, project)
            settings = change_settings(found.settings, changes)
            rows.put_settings(c, found.key, settings_to_dict(settings))
            apply_settings(c, found, settings)
            self._memory.forget()
            return settings

        return self._run(work)

    def open_queue(self, project: str) -> Future[int]:
        """Put the records that are not in the queue yet into it; how many. Done by itself where another process has written."""

        def work(c: Connection) -> int:
            self._memory.forget()
            return self._memory.fill(c, self._memory.project(c, project, filled=True))

        return self._run(work)

    def set_priorities(self, project: str, priorities: Mapping[str, float]) -> Future[None]:
        """Give records a priority, from 0 to 1: the highest come first where the project's order is by priority."""

        def work(c: Connection) -> None:
            found = self._memory.project(c, project)
            keys = self._memory.shelf.keys(c, found.key, priorities)
            if unknown := next((record for record in priorities if record not in keys), None):
                raise NotFoundError("there is no such record", found=brief(unknown))
            set_priorities(c, found, {keys[record]: value for record, value in priorities.items()})

        return self._run(work)

    # the work of a reviewer

    def review_list(self, project: str, *, after: str | None = None, limit: int = 50) -> dict[str, Any]:
        """Records with answers, the most disputed first, a page at a time: `{"items", "next"}`."""
        with self._ws.store.read() as c:
            return reviewing.review_list(c, project, after, limit)

    def review_record(self, project: str, record: str) -> dict[str, Any]:
        """All answers to a record, and its gold."""
        with self._ws.store.read() as c:
            return reviewing.review_record(c, project, record)

    def adjudicate(
        self,
        project: str,
        reviewer: str,
        record: str,
        *,
        id: str,
        values: Mapping[str, Any],
        comment: str | None = None,
    ) -> Future[dict[str, Any]]:
        """Make these values the record's gold. The same id again changes nothing. `{"gold", "next_record"}`."""

        def work(c: Connection) -> dict[str, Any]:
            found = self._memory.project(c, project)
            decision = reviewing.Decision(id, reviewer, record, values, comment, at(self._clock()))
            return reviewing.adjudicate(c, found, decision)

        return self._run(work)

    # within the writer's thread

    def _own(self, c: Connection, project: str, annotator: str, record: str) -> Content:
        content = self._memory.content(c, self._memory.project(c, project), record)
        if given.get_assignment(c, content.pk, annotator) is None:
            raise _not_yours(record)
        return content

    def _hand_out(
        self,
        c: Connection,
        found: Annotated,
        annotator: str,
        worker: Worker,
        count: int,
        have: Sequence[str],
        now: datetime,
    ) -> _Shown:
        if not 0 <= count <= MOST_ITEMS:
            raise InputError("so many records cannot be asked for", found=str(count), expected=f"0 to {MOST_ITEMS}")
        shelf = self._memory.shelf
        keys = set(shelf.keys(c, found.key, have).values()) if have else set[int]()
        handed = hand_out(c, found, annotator, worker, count, keys, now)
        pks = [assignment.record_pk for assignment in handed]
        contents = shelf.by_keys(c, found.key, pks) if pks else {}
        seen = [assignment.record_pk for assignment in handed if assignment.state != "new"]
        drafts = drafts_of(c, seen, annotator) if seen else {}
        shown: _Shown = []
        for assignment in handed:
            content = contents[assignment.record_pk]
            marked = mark_shown(c, found, assignment, content.record.id, bool(content.suggestions))
            shown.append((content, marked, drafts.get(content.pk)))
        return shown

    def _then(
        self, work: Callable[[Connection], T], finish: Callable[[T], R], shown: Callable[[T], _Shown]
    ) -> Future[R]:
        """The work's future, finished outside of the transaction; where texts are yet to be cut and that takes time, in another thread."""
        outer: Future[R] = Future()

        def settle(done: Future[T]) -> None:
            if not outer.set_running_or_notify_cancel():  # the client went away; what was done stays
                return
            error = done.exception()
            if error is not None:
                outer.set_exception(error)
            elif all(content.quick for content, _, _ in shown(done.result())):
                _resolve(outer, finish, done.result())
            else:
                self._cutting.submit(_resolve, outer, finish, done.result())

        self._run(work).add_done_callback(settle)
        return outer

    def _run(self, work: Callable[[Connection], T]) -> Future[T]:
        """Have a work done by the writer. Where it fails, so does what it filled of a queue."""

        def run(c: Connection) -> T:
            filled = dict(self._memory.filled)
            try:
                return work(c)
            except Exception:
                self._memory.filled = filled
                raise

        return self._writer.submit(run)


def _resolve(outer: Future[R], finish: Callable[[T], R], done: T) -> None:
    try:
        outer.set_result(finish(done))
    except Exception as error:
        outer.set_exception(error)


def _not_yours(record: str) -> NotFoundError:
    return NotFoundError("this record was not given to you", found=brief(record), todo="Ask for the next record")


def _day(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%d")
