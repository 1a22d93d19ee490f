"""Looking through a project's records: filtered, a page at a time, by key."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, case, exists, func, literal, or_, select, text, true
from sqlalchemy.orm import aliased

from goldleaf.store.db import now
from goldleaf.store.relabel import earlier_values_of
from goldleaf.store.tables import adjudications, annotations, assignments, gold, queue, records, suggestions

TEXT_START = 200
"""Characters of a text that a list shows."""
STATUSES = ("adjudicated", "imported", "aggregated", "flagged", "provisional", "leased", "skipped", "open")
"""What became of a record, the first that holds: gold that was decided, imported or aggregated; an answer that asks for a reviewer; one
that counts until there is better; somebody works on it; it was skipped; nothing yet."""


_ANNOTATORS = text("""
    WITH RECURSIVE everybody(name) AS (
        SELECT min(annotator) FROM annotations
        UNION ALL
        SELECT (SELECT min(annotator) FROM annotations WHERE annotator > name) FROM everybody WHERE name IS NOT NULL
    )
    SELECT name FROM everybody WHERE EXISTS (
        SELECT 1 FROM annotations a JOIN records r ON r.pk = a.record_pk
        WHERE a.annotator = name AND a.origin = 'human' AND r.project_id = :project)
""")


@dataclass(frozen=True, slots=True)
class Filter:
    """Which records: those that all of what is given holds for.

    `label` in `field` (in any, without one), in gold or in an answer; `annotator` has answered; `status` is one of STATUSES, or `gold`
    for the first three, or `surplus` where an answer came too late; scores are those of the least sure suggestion; `text` occurs in the
    text or the id, whatever its case.
    """

    field: str | None = None
    label: str | None = None
    annotator: str | None = None
    status: str | None = None
    min_score: float | None = None
    max_score: float | None = None
    text: str | None = None
    split: str | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """A record in a list: its key and the beginning of its text."""

    pk: int
    id: str
    text_start: str
    split: str | None
    status: str
    surplus: int
    score: float | None


def browse(c: Connection, project: int, wanted: Filter, *, after: int = 0, limit: int = 50) -> list[Row]:
    """The records after a key that the filter lets through, in order of import."""
    columns = (
        records.c.pk,
        records.c.id,
        func.substr(records.c.text, 1, TEXT_START),
        records.c.split,
        _became().label("status"),
        _surplus().label("surplus"),
        _score().label("score"),
    )
    query = select(*columns).where(records.c.project_id == project, records.c.pk > after, *_conditions(wanted))
    return [Row(*row) for row in c.execute(query.order_by(records.c.pk).limit(limit))]


def count_records(c: Connection, project: int) -> int:
    """How many records a project has."""
    return c.execute(select(func.count()).where(records.c.project_id == project)).scalar_one()


def annotators_in(c: Connection, project: int) -> list[str]:
    """Everybody who has said something of a project's records. From one name to the next by the index: no matter how much each has said."""
    return list(c.execute(_ANNOTATORS, {"project": project}).scalars())


def count_settled(c: Connection, project: int) -> int:
    """How many records have gold, or an answer that counts until there is better."""
    either = or_(queue.c.answered > 0, queue.c.closed)
    return c.execute(select(func.count()).where(queue.c.project_id == project, either)).scalar_one()


def annotation_rows(c: Connection, pk: int) -> list[dict[str, Any]]:
    """All that is stored of a record's annotations, superseded ones too, oldest first, as JSON-ready data."""
    wanted = (
        "annotator",
        "values",
        "comment",
        "reason",
        "status",
        "origin",
        "seconds",
        "at",
        "suggested",
        "suggester",
        "supersedes",
        "check",
        "control",
        "schema_version",
    )
    columns = [annotations.c.id.label("annotation"), *(annotations.c[name] for name in wanted)]
    query = select(*columns).where(annotations.c.record_pk == pk).order_by(annotations.c.id)
    before = earlier_values_of(c, pk)
    return [{**row._mapping, "earlier": before.get(row.annotation, [])} for row in c.execute(query)]


def decisions_of(c: Connection, pk: int) -> list[dict[str, Any]]:
    """What reviewers decided of a record, the latest last, and what counted before, as JSON-ready data."""
    columns = [adjudications.c[name] for name in ("reviewer", "values", "before", "comment", "at")]
    query = select(*columns).where(adjudications.c.record_pk == pk).order_by(adjudications.c.id)
    return [dict(row._mapping) for row in c.execute(query)]


def leases_on(c: Connection, pk: int) -> list[dict[str, str]]:
    """Who holds a record until when, as JSON-ready data."""
    query = select(assignments.c.annotator, assignments.c.leased_until).where(assignments.c.record_pk == pk)
    query = query.where(assignments.c.state == "leased", assignments.c.leased_until > now())
    return [dict(row._mapping) for row in c.execute(query.order_by(assignments.c.annotator))]


def _conditions(wanted: Filter) -> Sequence[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.field is not None or wanted.label is not None:
        found.append(_says(wanted.field, wanted.label))
    if wanted.annotator is not None:
        found.append(
            exists().where(annotations.c.record_pk == records.c.pk, annotations.c.annotator == wanted.annotator)
        )
    if wanted.status is not None:
        found.append(_status(wanted.status))
    if wanted.min_score is not None:
        found.append(_score() >= wanted.min_score)
    if wanted.max_score is not None:
        found.append(_score() <= wanted.max_score)
    if wanted.text:
        columns = (records.c.text, records.c.id)
        found.append(or_(*(column.contains(wanted.text, autoescape=True) for column in columns)))
    if wanted.split is not None:
        found.append(records.c.split.is_(None) if wanted.split == "none" else records.c.split == wanted.split)
    return found


def _says(field: str | None, label: str | None) -> ColumnElement[bool]:
    """Whether gold or an answer that stands has this field, with this label."""
    here = gold.c.record_pk == records.c.pk
    if field is not None:
        here = and_(here, gold.c.field == field)
    each = func.json_each(annotations.c["values"]).table_valued("key", "value", name="each_field")
    there = and_(_stands(), annotations.c.record_pk == records.c.pk)
    if field is not None:
        there = and_(there, each.c.key == field)
    if label is not None:
        in_gold = func.json_tree(gold.c.value).table_valued("atom", name="in_gold")
        here = and_(here, exists(select(literal(1)).select_from(in_gold).where(in_gold.c.atom == label)))
        path = literal("$.") + func.json_quote(each.c.key)
        inside = func.json_tree(annotations.c["values"], path).table_valued("atom", name="in_value")
        there = and_(there, exists(select(literal(1)).select_from(inside).where(inside.c.atom == label)))
    said = exists(select(literal(1)).select_from(annotations.join(each, literal(True))).where(there))
    return or_(exists().where(here), said)


def _status(status: str) -> ColumnElement[bool]:
    if status == "gold":
        return _has_gold(*STATUSES[:3])
    if status == "surplus":
        return _answered("surplus")
    at = STATUSES.index(status)
    return and_(*(~_HOLDS[one]() for one in STATUSES[:at]), _HOLDS[status]())


def _became() -> ColumnElement[str]:
    """The first of STATUSES that holds."""
    return case(*((_HOLDS[status](), status) for status in STATUSES[:-1]), else_=STATUSES[-1])


def _has_gold(*methods: str) -> ColumnElement[bool]:
    return exists().where(gold.c.record_pk == records.c.pk, gold.c.method.in_(methods)).correlate(records)


def _answered(status: str) -> ColumnElement[bool]:
    of_record = annotations.c.record_pk == records.c.pk
    return exists().where(of_record, annotations.c.status == status, _stands()).correlate(records)


def _surplus() -> ColumnElement[int]:
    here = (annotations.c.record_pk == records.c.pk, annotations.c.status == "surplus", _stands())
    return select(func.count()).select_from(annotations).where(*here).correlate(records).scalar_subquery()


def _stands() -> ColumnElement[bool]:
    """Whether no later annotation supersedes this one."""
    later = aliased(annotations)
    return ~exists().where(later.c.supersedes == annotations.c.id).correlate(annotations)


def _leased() -> ColumnElement[bool]:
    held = and_(assignments.c.state == "leased", assignments.c.leased_until > now())
    return exists().where(assignments.c.record_pk == records.c.pk, held).correlate(records)


def _score() -> ColumnElement[Any]:
    """How sure the least sure suggestion for a record is; null where none has a score.

    A choice's score lists the probability of every label: the one it suggests counts, which is the highest.
    """
    part = func.json_tree(suggestions.c.score).table_valued("atom", "type", name="part")
    one = select(func.max(part.c.atom)).select_from(part).where(part.c.type.in_(("real", "integer")))
    least = select(func.min(part.c.atom)).select_from(part).where(part.c.type.in_(("real", "integer")))
    chosen = func.iif(func.json_type(suggestions.c.score) == "object", one.scalar_subquery(), least.scalar_subquery())
    return select(func.min(chosen)).where(suggestions.c.record_pk == records.c.pk).correlate(records).scalar_subquery()


_HOLDS: dict[str, Callable[[], ColumnElement[bool]]] = {
    "adjudicated": lambda: _has_gold("adjudicated"),
    "imported": lambda: _has_gold("imported"),
    "aggregated": lambda: _has_gold("aggregated"),
    "flagged": lambda: _answered("flagged"),
    "provisional": lambda: or_(_answered("submitted"), _has_gold("majority", "single")),
    "leased": _leased,
    "skipped": lambda: _answered("skipped"),
    "open": true,
}
