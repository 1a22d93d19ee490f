"""Overseeing a project: its records one by one and page by page, its dashboard, and what its annotators go by."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any

from goldleaf.core import Annotation, Gold, InputError, NotFoundError, Schema, add_labels, brief, value_to_json
from goldleaf.measure import LogSums, geometric_ratio
from goldleaf.store import (
    Connection,
    Filter,
    LabelNote,
    Row,
    StoredRecord,
    Suggestion,
    active,
    add_schema,
    annotation_rows,
    annotations_of,
    annotators_in,
    browse,
    count_records,
    count_settled,
    dashboard,
    decisions_of,
    find_by_ids,
    get_notes,
    get_project,
    gold_of,
    leases_on,
    put_notes,
    suggestions_of,
)
from goldleaf.store.queue import get_queue
from goldleaf.workspace.items import one_score
from goldleaf.workspace.resolve import resolve

_NO_TIMES = {"n": 0, "sum": 0.0, "squares": 0.0}
FRESH_SECONDS, FRESH_TIMES = 5.0, 20
"""How long a dashboard is shown again before it is counted again: so many seconds, or times what counting took."""


def browse_records(c: Connection, project: str, wanted: Filter, *, after: int = 0, limit: int = 50) -> dict[str, Any]:
    """A page of records: `{"items", "next"}`; on the first page also who has `annotators` in the project and, where nothing is filtered,
    the `total`."""
    key, found = get_project(c, project)
    page = browse(c, key, wanted, after=after, limit=limit + 1)
    rows = page[:limit]
    ids = {row.pk: row.id for row in rows}
    golds, said = gold_of(c, ids), annotations_of(c, ids)
    items = [_list_item(row, found.schema, golds.get(row.pk, []), said.get(row.pk, [])) for row in rows]
    answer: dict[str, Any] = {"items": items, "next": rows[-1].pk if len(page) > limit else None}
    if after == 0:
        answer["annotators"] = annotators_in(c, key)
        if wanted == Filter():
            answer["total"] = count_records(c, key)
    return answer


def _list_item(row: Row, schema: Schema, golds: Sequence[Gold], said: Sequence[Annotation]) -> dict[str, Any]:
    answers = active(said)
    best = resolve(row.id, schema, golds, answers)
    values = {name: gold.value for name, gold in best.items()} or (answers[-1].values if answers else {})
    methods = sorted({gold.method for gold in best.values()})
    return {
        "record": row.id,
        "text_start": row.text_start,
        "split": row.split,
        "status": row.status,
        "surplus": row.surplus,
        "values": as_json(values),
        "annotators": list(dict.fromkeys(a.annotator for a in answers if a.origin == "human")),
        "gold": {name: gold.method for name, gold in best.items()} if methods else None,
        "score": row.score,
    }


def record_history(c: Connection, project: str, record: str) -> dict[str, Any]:
    """Everything that is known of a record. Raises NotFoundError."""
    key, found = get_project(c, project)
    stored = named_record(c, key, record)
    ids = {stored.pk: record}
    said = annotations_of(c, ids).get(stored.pk, [])
    best = resolve(record, found.schema, gold_of(c, ids).get(stored.pk, []), active(said))
    r = stored.record
    return {
        "record": r.id,
        "text": r.text,
        "tokens": r.tokens,
        "meta": dict(r.meta),
        "group": r.group,
        "timestamp": r.timestamp,
        "split": r.split,
        "place": stored.place,
        "annotations": annotation_rows(c, stored.pk),
        "gold": {
            n: {"value": value_to_json(g.value), "method": g.method, "confidence": g.confidence}
            for n, g in best.items()
        },
        "decisions": decisions_of(c, stored.pk),
        "leases": [{"record": record, **lease} for lease in leases_on(c, stored.pk)],
        "suggestions": [describe_suggestion(s) for s in suggestions_of(c, ids).get(stored.pk, [])],
    }


def named_record(c: Connection, project: int, record: str) -> StoredRecord:
    """The record of this id. Raises NotFoundError."""
    stored = find_by_ids(c, project, [record]).get(record)
    if stored is None:
        raise NotFoundError("the project has no such record", found=brief(record))
    return stored


def describe_suggestion(given: Suggestion) -> dict[str, Any]:
    """A suggestion as JSON-ready data; the score is that of the value: the probability of a label, the least of several."""
    return {
        "field": given.field,
        "value": value_to_json(given.value),
        "suggester": given.suggester,
        "origin": given.origin,
        "score": one_score(given.score),
    }


def as_json(values: Mapping[str, Any]) -> dict[str, Any]:
    """Values as JSON-ready data."""
    return {name: value_to_json(value) for name, value in values.items()}


def counts(c: Connection, project: int) -> dict[str, int]:
    """`records`; of those, `gold` have gold, or an answer that counts until there is better, and `done` want no further answer."""
    done = get_queue(c, project).done
    return {"records": count_records(c, project), "gold": count_settled(c, project), "done": done}


class Dashboards:
    """Dashboards, each counted again only once it is some seconds old: many may look on while many annotate."""

    def __init__(self) -> None:
        self._held: dict[str, tuple[float, dict[str, Any]]] = {}

    def look(self, c: Connection, project: str) -> dict[str, Any]:
        """The project's dashboard, without its progress."""
        until, found = self._held.get(project, (0.0, {}))
        began = time.monotonic()
        if not found or began > until:
            found = _count(c, project)
            took = time.monotonic() - began
            self._held[project] = (time.monotonic() + max(FRESH_SECONDS, FRESH_TIMES * took), found)
        return found


def _count(c: Connection, project: str) -> dict[str, Any]:
    key, _ = get_project(c, project)
    found = dashboard(c, key)
    shown, control = (
        LogSums(*found["suggestions"]["times"].get(way, _NO_TIMES).values()) for way in ("shown", "control")
    )
    factor = geometric_ratio(shown, control)
    suggestions = {name: value for name, value in found["suggestions"].items() if name != "times"}
    suggestions["time_factor"] = None if factor is None else factor.to_dict()
    hours = sum(person["seconds"] for person in found["annotators"]) / 3600
    return {**found, "suggestions": suggestions, "hours": hours}


def add_label(c: Connection, project: str, field: str, label: str) -> Schema:
    """The project's schema, with a label that it may not have had."""
    key, found = get_project(c, project)
    schema = add_labels(found.schema, field, [label])
    if schema is not found.schema:
        add_schema(c, key, schema)
    return schema


def change_notes(c: Connection, project: str, notes: Mapping[str, Mapping[str, LabelNote]]) -> None:
    """What the project's labels mean, in place of all that was noted. Raises InputError for a label that there is not."""
    key, found = get_project(c, project)
    for field, labels in notes.items():
        known = found.schema[field].labels
        if unknown := [label for label in labels if label not in known]:
            where, expected = f"field {field}", ", ".join(known[:12])
            raise InputError("no such label", where=where, found=brief(unknown[0]), expected=expected)
    put_notes(c, key, notes)


def read_notes(c: Connection, project: int) -> dict[str, Any]:
    """The notes as JSON-ready data."""
    return {
        field: {
            label: {"definition": n.definition, "examples": list(n.examples), "color": n.color}
            for label, n in labels.items()
        }
        for field, labels in get_notes(c, project).items()
    }
