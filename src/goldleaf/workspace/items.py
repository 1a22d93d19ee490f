"""What an annotator is shown of a record, ready for JSON."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, TypedDict

from goldleaf.core import Record, Token
from goldleaf.store import Connection, find_by_ids, find_by_keys, suggestions_of
from goldleaf.store.answers import Answer
from goldleaf.store.assignments import Assignment, Worker
from goldleaf.store.drafts import Draft
from goldleaf.store.queue import Queue
from goldleaf.store.values import to_json
from goldleaf.text import segment

KEPT = 4_000_000
"""Characters of records that are kept in memory: of those that are at work, and then some."""
EACH = 1000
"""Characters that a record counts for besides its text."""
QUICK = 4000
"""Characters that are cut into words in no time."""
TEXT_START = 160


class Item(TypedDict):
    """A record as an annotator is shown it. `words` are what a selection snaps to: the tokens, where they are given."""

    record: str
    text: str
    tokens: Sequence[Token] | None
    meta: Mapping[str, Any]
    group: str | None
    kind: str
    leased_until: str
    draft: dict[str, Any] | None
    answer: dict[str, Any] | None
    suggestions: dict[str, Any]
    words: Sequence[Token]


class Progress(TypedDict):
    """How far a person and the project have come. `left` are records that still want answers, at most those the person has not had."""

    mine: int
    today: int
    seconds_today: float
    left: int
    done: int
    total: int


@dataclass(slots=True)
class Content:
    """What is kept of a record: itself, what is suggested for it and by whom, and its words once somebody asked for them."""

    pk: int
    project: int
    record: Record
    suggestions: dict[str, Any]
    suggester: str | None
    _words: Sequence[Token] | None = None

    @property
    def words(self) -> Sequence[Token]:
        """The words, cut at the first call."""
        if self._words is None:
            tokens = self.record.tokens
            self._words = segment(self.record.text) if tokens is None else tokens
        return self._words

    @property
    def quick(self) -> bool:
        """Whether `words` takes no time: a long text takes some, and the first Chinese one has a dictionary loaded."""
        if self._words is not None or self.record.tokens is not None:
            return True
        text = self.record.text
        return len(text) <= QUICK and (text.isascii() or max(text) < "\u2e80")


class Shelf:
    """The contents of the records at work, for one thread."""

    def __init__(self) -> None:
        self._kept: OrderedDict[int, Content] = OrderedDict()
        self._size = 0
        self._keys: dict[tuple[int, str], int] = {}

    def forget(self) -> None:
        """Forget all: suggestions may have changed."""
        self._kept.clear()
        self._keys.clear()
        self._size = 0

    def by_keys(self, c: Connection, project: int, keys: Sequence[int]) -> dict[int, Content]:
        """The contents of these records."""
        missing = [pk for pk in keys if pk not in self._kept]
        if missing:
            for content in read_contents(c, project, missing):
                self._keep(content)
        for pk in keys:
            self._kept.move_to_end(pk)
        found = {pk: self._kept[pk] for pk in keys}
        while self._size > KEPT and len(self._kept) > 1:
            _, old = self._kept.popitem(last=False)
            self._size -= len(old.record.text) + EACH
            self._keys.pop((old.project, old.record.id), None)
        return found

    def by_id(self, c: Connection, project: int, id: str) -> Content | None:
        """The content of the record with this id, if the project has it."""
        pk = self._keys.get((project, id))
        if pk is None:
            stored = find_by_ids(c, project, [id]).get(id)
            if stored is None:
                return None
            pk = stored.pk
        return self.by_keys(c, project, [pk])[pk]

    def keys(self, c: Connection, project: int, ids: Iterable[str]) -> dict[str, int]:
        """The keys of these records, those that the project has, by id."""
        wanted = set(ids)
        found = {id: pk for id in wanted if (pk := self._keys.get((project, id))) is not None}
        if missing := wanted - found.keys():
            found |= {id: stored.pk for id, stored in find_by_ids(c, project, missing).items()}
        return found

    def _keep(self, content: Content) -> None:
        self._kept[content.pk] = content
        self._size += len(content.record.text) + EACH
        self._keys[content.project, content.record.id] = content.pk


def read_contents(c: Connection, project: int, keys: Sequence[int]) -> list[Content]:
    """The contents of records; of each field's suggestions the latest."""
    stored = find_by_keys(c, project, keys)
    suggested = suggestions_of(c, {pk: one.record.id for pk, one in stored.items()})
    found: list[Content] = []
    for pk, one in stored.items():
        latest = {s.field: s for s in suggested.get(pk, [])}
        ready = {
            name: {"value": to_json(s.value), "score": one_score(s.score), "suggester": s.suggester}
            for name, s in latest.items()
        }
        suggesters = dict.fromkeys(s.suggester for s in latest.values())
        found.append(Content(pk, project, one.record, ready, ", ".join(suggesters) or None))
    return found


def one_score(score: Any) -> float | None:
    """How sure a suggestion is, as one number: of a choice the highest probability, of spans and tags the lowest."""
    if isinstance(score, Mapping):
        return max((float(p) for p in score.values()), default=None)
    if isinstance(score, Sequence) and not isinstance(score, str):
        return min((float(p) for p in score), default=None)
    return float(score) if isinstance(score, int | float) else None


def make_item(content: Content, assignment: Assignment, draft: Draft | None, answer: Answer | None = None) -> Item:
    """The item of a record that a person was given; a check question looks like any other."""
    record = content.record
    return {
        "record": record.id,
        "text": record.text,
        "tokens": record.tokens,
        "meta": record.meta,
        "group": record.group,
        "kind": "queue",
        "leased_until": assignment.leased_until,
        "draft": None if draft is None else asdict(draft),
        "answer": None if answer is None else answer_to_json(answer),
        "suggestions": content.suggestions if assignment.shown else {},
        "words": content.words,
    }


def answer_to_json(answer: Answer) -> dict[str, Any]:
    """A person's own answer, as it may be corrected."""
    return {
        "annotation": answer.id,
        "values": answer.values,
        "status": answer.status,
        "comment": answer.comment,
    }


def make_progress(worker: Worker, whole: Queue, today: str) -> Progress:
    """The progress of a person in a project."""
    had = worker.answered + worker.skipped
    return {
        "mine": worker.answered,
        "today": worker.day_answered if worker.day == today else 0,
        "seconds_today": worker.day_seconds if worker.day == today else 0.0,
        "left": max(0, min(whole.total - whole.done, whole.total - had)),
        "done": whole.done,
        "total": whole.total,
    }
