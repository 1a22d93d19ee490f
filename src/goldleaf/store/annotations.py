"""Annotations: only ever added; a correction names the one it supersedes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, func, insert, select

from goldleaf.core import Annotation, Value
from goldleaf.store.db import now
from goldleaf.store.tables import annotations, records
from goldleaf.store.values import from_json, to_json


def add_annotations(c: Connection, new: Sequence[tuple[int, Annotation]]) -> None:
    """Store annotations, each beside its record's key, under the ids they carry (`next_annotation_id` and up)."""
    if new:
        at = now()
        c.execute(insert(annotations), [_to_row(pk, annotation, at) for pk, annotation in new])


def next_annotation_id(c: Connection) -> int:
    """The id that the next annotation gets; to be called within the transaction that stores it."""
    return (c.execute(select(func.max(annotations.c.id))).scalar() or 0) + 1


def annotations_of(c: Connection, ids: Mapping[int, str]) -> dict[int, list[Annotation]]:
    """All annotations, superseded ones too, of these records (`{key: id}`), oldest first, by the record's key."""
    found: dict[int, list[Annotation]] = defaultdict(list)
    keys = list(ids)
    for start in range(0, len(keys), 2000):
        part = keys[start : start + 2000]
        query = select(annotations).where(annotations.c.record_pk.in_(part)).order_by(annotations.c.id)
        for row in c.execute(query):
            found[row.record_pk].append(_from_row(row, ids[row.record_pk]))
    return dict(found)


def count_annotations(c: Connection, project: int) -> int:
    """How many annotations a project has, superseded ones too."""
    query = select(func.count()).select_from(annotations).join(records, records.c.pk == annotations.c.record_pk)
    return c.execute(query.where(records.c.project_id == project)).scalar_one()


def active(given: Sequence[Annotation]) -> list[Annotation]:
    """Those that none of the others supersedes."""
    superseded = {annotation.supersedes for annotation in given}
    return [annotation for annotation in given if annotation.id not in superseded]


def _to_row(pk: int, annotation: Annotation, at: str) -> dict[str, Any]:
    return {
        "id": annotation.id,
        "record_pk": pk,
        "annotator": annotation.annotator,
        "values": {name: to_json(value) for name, value in annotation.values.items()},
        "at": annotation.at or at,
        "seconds": annotation.seconds,
        "status": annotation.status,
        "origin": annotation.origin,
        "suggested": {name: to_json(value) for name, value in annotation.suggested.items()},
        "schema_version": annotation.schema_version,
        "supersedes": annotation.supersedes,
        "check": annotation.check,
    }


def _from_row(row: Any, record: str) -> Annotation:
    values: dict[str, Value] = {name: from_json(value) for name, value in row._mapping["values"].items()}
    return Annotation(
        record,
        row.annotator,
        values,
        row.at,
        row.seconds,
        row.status,
        row.origin,
        {name: from_json(value) for name, value in row.suggested.items()},
        row.schema_version,
        row.id,
        row.supersedes,
        row.check,
    )
