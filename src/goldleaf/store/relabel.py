"""Labels renamed, merged or removed in all that is stored of a project. What people said keeps, beside it, what it was before."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Table,
    Text,
    and_,
    bindparam,
    delete,
    func,
    insert,
    or_,
    select,
    type_coerce,
    update,
)

from goldleaf.core import Field, InputError, Span, map_labels
from goldleaf.store.db import now
from goldleaf.store.tables import (
    adjudications,
    annotations,
    doubts,
    drafts,
    earlier_values,
    gold,
    label_notes,
    records,
    suggestions,
)
from goldleaf.store.values import from_json, to_json

_PAGE = 2000


@dataclass
class Relabelled:
    """How much was changed, and the records (by key) whose answers are others now."""

    annotations: int = 0
    decisions: int = 0
    gold: int = 0
    suggestions: int = 0
    records: set[int] = field(default_factory=set[int])


@dataclass(frozen=True, slots=True)
class _Change:
    """What becomes of a field's labels; `field` is as it is in the new `version` of the schema, `records` a stretch of the project's."""

    field: Field
    mapping: Mapping[str, str | None]
    version: int
    at: str
    records: Any

    def value(self, stored: Any) -> Any:
        """A stored value as it is now; None where nothing is left to say."""
        mapped = map_labels(from_json(stored), self.mapping, many=self.field.many)
        if mapped is not None and self.field.many:
            mapped = sorted(mapped, key=self.field.labels.index)
        return None if mapped is None else to_json(mapped)

    def said(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """What somebody said. Raises InputError where the field would be left without its value."""
        mapped = self.value(values[self.field.name]) if self.field.name in values else ""
        if mapped is None:
            raise InputError(
                "answers with this label need another one in its place",
                where=f"field {self.field.name}",
                found=", ".join(label for label, to in self.mapping.items() if to is None),
                expected=" or ".join(self.field.labels),
            )
        return {**values, self.field.name: mapped} if self.field.name in values else dict(values)

    def shown(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """What was suggested or is not handed in yet: the field is left out where nothing of it is left."""
        value = values.get(self.field.name)
        if value is None:
            return dict(values)
        tags = self.field.kind == "tags"  # a draft may lack some
        mapped = [self.mapping.get(tag, tag) for tag in value] if tags else self.value(value)
        rest = {name: other for name, other in values.items() if name != self.field.name}
        return rest if mapped is None else {**rest, self.field.name: mapped}

    def rows(self, c: Connection, table: Table, *columns: str) -> Sequence[Any]:
        """The rows of these records in which one of the columns, JSON, has one of the labels somewhere."""
        mentioned = [
            func.instr(type_coerce(cast("Column[Any]", table.c[name]), Text), json.dumps(label, ensure_ascii=False)) > 0
            for name in columns
            for label in self.mapping
        ]
        of_field = [table.c.field == self.field.name] if "field" in table.c else []
        return c.execute(select(table).where(table.c.record_pk.in_(self.records), or_(*mentioned), *of_field)).all()


def relabel(c: Connection, project: int, changed: Field, mapping: Mapping[str, str | None], version: int) -> Relabelled:
    """Map the labels of a field in annotations, decisions, gold, suggestions, doubts, drafts and notes; `changed` is the field as it is
    in the new version of the schema. Raises InputError where an answer cannot do without a label; nothing is to be kept then.
    """
    done, at = Relabelled(), now()
    for stretch in _stretches(c, project):
        change = _Change(changed, mapping, version, at, stretch)
        _annotations(c, change, done)
        _decisions(c, change, done)
        _gold(c, change, done)
        _suggestions(c, change, done)
        _doubts(c, change)
        _drafts(c, change)
    _notes(c, project, changed.name, mapping)
    return done


def earlier_values_of(c: Connection, pk: int) -> dict[int, list[dict[str, Any]]]:
    """What a record's annotations said before labels changed, by annotation, the oldest first, as JSON-ready data."""
    query = select(earlier_values).join(annotations, annotations.c.id == earlier_values.c.annotation_id)
    found: dict[int, list[dict[str, Any]]] = {}
    for row in c.execute(query.where(annotations.c.record_pk == pk).order_by(earlier_values.c.id)):
        kept = {"schema_version": row.schema_version, "values": row._mapping["values"], "until": row.at}
        found.setdefault(row.annotation_id, []).append(kept)
    return found


def _stretches(c: Connection, project: int) -> Iterator[Any]:
    """The project's records, a page at a time, as a condition on their keys."""
    last = 0
    pks = select(records.c.pk).where(records.c.project_id == project)
    while page := c.execute(pks.where(records.c.pk > last).order_by(records.c.pk).limit(_PAGE)).scalars().all():
        yield pks.where(records.c.pk.between(page[0], page[-1]))
        last = page[-1]


def _annotations(c: Connection, change: _Change, done: Relabelled) -> None:
    before: list[dict[str, Any]] = []
    after: list[dict[str, Any]] = []
    for row in change.rows(c, annotations, "values", "suggested"):
        values, suggested = row._mapping["values"], row.suggested
        now_said, now_shown = change.said(values), change.shown(suggested)
        if (now_said, now_shown) != (values, suggested):
            kept = {"schema_version": row.schema_version, "values": values, "suggested": suggested, "at": change.at}
            before.append({"annotation_id": row.id, **kept})
            after.append({"key": row.id, "said": now_said, "shown": now_shown})
            done.records.add(row.record_pk)
    if after:
        c.execute(insert(earlier_values), before)
        statement = update(annotations).where(annotations.c.id == bindparam("key"))
        new = {"values": bindparam("said"), "suggested": bindparam("shown"), "schema_version": change.version}
        c.execute(statement.values(new), after)
    done.annotations += len(after)


def _decisions(c: Connection, change: _Change, done: Relabelled) -> None:
    before: list[dict[str, Any]] = []
    after: list[dict[str, Any]] = []
    for row in change.rows(c, adjudications, "values", "before"):
        values, replaced = row._mapping["values"], row.before
        said = change.said(values)
        beaten = replaced.get(change.field.name)
        if beaten is not None:
            replaced = {**replaced, change.field.name: {**beaten, "value": change.value(beaten["value"])}}
        if (said, replaced) != (values, row.before):
            kept = {"schema_version": row.schema_version, "values": values, "at": change.at}
            before.append({"adjudication_id": row.id, **kept})
            after.append({"key": row.id, "said": said, "beaten": replaced})
    if after:
        c.execute(insert(earlier_values), before)
        statement = update(adjudications).where(adjudications.c.id == bindparam("key"))
        c.execute(
            statement.values(
                {"values": bindparam("said"), "before": bindparam("beaten"), "schema_version": change.version}
            ),
            after,
        )
    done.decisions += len(after)


def _gold(c: Connection, change: _Change, done: Relabelled) -> None:
    rows = change.rows(c, gold, "value", "probabilities")
    said = [change.said({change.field.name: row.value})[change.field.name] for row in rows]
    shares = [_score(change, row.value, row.probabilities) or {} for row in rows]
    _put(c, gold, [(r, {"value": v, "probabilities": p}) for r, v, p in zip(rows, said, shares, strict=True)])
    done.gold += sum(row.value != value for row, value in zip(rows, said, strict=True))


def _suggestions(c: Connection, change: _Change, done: Relabelled) -> None:
    rows = change.rows(c, suggestions, "value", "score")
    mapped = [(row, change.value(row.value)) for row in rows]
    _put(
        c,
        suggestions,
        [
            (row, {"value": new, "score": _score(change, row.value, row.score)})
            for row, new in mapped
            if new is not None
        ],
    )
    for row in (row for row, new in mapped if new is None):
        c.execute(delete(suggestions).where(_key(suggestions, row)))
    done.suggestions += len(rows)


def _score(change: _Change, value: Any, score: Any) -> Any:
    """The score beside a mapped value: of labels that became one the sum, of spans that did the highest."""
    mapping = change.mapping
    if isinstance(score, dict):
        sums: dict[str, float] = {}
        for label, p in cast("dict[str, float]", score).items():
            if (to := mapping.get(label, label)) is not None:
                sums[to] = sums.get(to, 0.0) + p
        return sums or None
    if change.field.kind != "spans" or not isinstance(score, list):
        return score
    best: dict[Span, float] = {}
    for (start, end, label), p in zip(value, cast("list[float]", score), strict=True):
        if (to := mapping.get(label, label)) is not None:
            span = Span(start, end, to)
            best[span] = max(p, best.get(span, 0.0))
    return [best[span] for span in sorted(best)]


def _doubts(c: Connection, change: _Change) -> None:
    rows = change.rows(c, doubts, "proposed")
    _put(c, doubts, [(row, {"proposed": change.value(row.proposed)}) for row in rows])


def _drafts(c: Connection, change: _Change) -> None:
    """Drafts are their values alone, or name them `values` and `pending` (see `store.drafts`)."""
    changed: list[tuple[Any, dict[str, Any]]] = []
    for row in change.rows(c, drafts, "values"):
        kept = row._mapping["values"]
        parts = {name: kept[name] for name in ("values", "pending") if isinstance(kept.get(name), dict)}
        mapped = {name: change.shown(part) for name, part in parts.items()}
        changed.append((row, {"values": {**kept, **mapped} if parts else change.shown(kept)}))
    _put(c, drafts, changed)


def _notes(c: Connection, project: int, name: str, mapping: Mapping[str, str | None]) -> None:
    """A note goes with its label, unless the other label has one."""
    of_field = (label_notes.c.project_id == project, label_notes.c.field == name)
    notes = {row.label: row for row in c.execute(select(label_notes).where(*of_field))}
    moving = {label: notes.pop(label) for label in mapping if label in notes}
    for label in moving:
        c.execute(delete(label_notes).where(*of_field, label_notes.c.label == label))
    for label, row in moving.items():
        to = mapping[label]
        if to is not None and to not in notes:
            notes[to] = row
            c.execute(insert(label_notes).values({**row._mapping, "label": to}))


def _put(c: Connection, table: Table, changed: Sequence[tuple[Any, Mapping[str, Any]]]) -> None:
    """Give rows other values, by their primary key."""
    for row, values in changed:
        c.execute(update(table).where(_key(table, row)).values(dict(values)))


def _key(table: Table, row: Any) -> ColumnElement[bool]:
    return and_(*(column == row._mapping[column.name] for column in table.primary_key))
