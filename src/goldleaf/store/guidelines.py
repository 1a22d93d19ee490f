"""A project's guidelines, with their versions, and what its labels mean."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update

from goldleaf.core import NotFoundError
from goldleaf.store.db import now
from goldleaf.store.tables import guidelines, label_notes, projects


@dataclass(frozen=True, slots=True)
class Guidelines:
    """One version of the guidelines; version 0 is what the project was made with."""

    version: int
    text: str
    author: str = ""
    at: str | None = None


@dataclass(frozen=True, slots=True)
class LabelNote:
    """What a label means: its definition, examples, and the colour it is shown in."""

    definition: str = ""
    examples: tuple[str, ...] = ()
    color: str | None = None


Notes = Mapping[str, Mapping[str, LabelNote]]
"""Notes by field and label."""


def get_guidelines(c: Connection, project: int, version: int | None = None) -> Guidelines:
    """A version of a project's guidelines; without a version the latest. Raises NotFoundError where there is no such version."""
    query = select(guidelines).where(guidelines.c.project_id == project).order_by(guidelines.c.version.desc()).limit(1)
    row = c.execute(query if version is None else query.where(guidelines.c.version == version)).one_or_none()
    if row is not None:
        return Guidelines(row.version, row.text, row.author, row.at)
    if version not in (None, 0):
        raise NotFoundError("the project has no such version of its guidelines", found=str(version))
    row = c.execute(select(projects.c.guidelines, projects.c.created_at).where(projects.c.id == project)).one()
    return Guidelines(0, row.guidelines, at=row.created_at)


def guidelines_history(c: Connection, project: int) -> list[Guidelines]:
    """All versions, the latest first, that of the project's beginning last."""
    query = select(guidelines).where(guidelines.c.project_id == project).order_by(guidelines.c.version.desc())
    later = [Guidelines(row.version, row.text, row.author, row.at) for row in c.execute(query)]
    return [*later, get_guidelines(c, project, 0)]


def put_guidelines(c: Connection, project: int, text: str, author: str) -> Guidelines:
    """The new version; the one that stands, where the text is the same."""
    last = get_guidelines(c, project)
    if last.text == text:
        return last
    new = Guidelines(last.version + 1, text, author, now())
    row = {"project_id": project, "version": new.version, "text": text, "author": author, "at": new.at}
    c.execute(insert(guidelines).values(row))
    c.execute(update(projects).where(projects.c.id == project).values(guidelines=text))
    return new


def get_notes(c: Connection, project: int) -> dict[str, dict[str, LabelNote]]:
    """What is noted of a project's labels."""
    found: dict[str, dict[str, LabelNote]] = {}
    for row in c.execute(select(label_notes).where(label_notes.c.project_id == project)):
        note = LabelNote(row.definition, tuple(row.examples), row.color)
        found.setdefault(row.field, {})[row.label] = note
    return found


def put_notes(c: Connection, project: int, notes: Notes) -> None:
    """Store these notes in place of all that were there."""
    c.execute(delete(label_notes).where(label_notes.c.project_id == project))
    rows: Sequence[dict[str, Any]] = [
        {
            "project_id": project,
            "field": field,
            "label": label,
            "definition": note.definition,
            "examples": list(note.examples),
            "color": note.color,
        }
        for field, by_label in notes.items()
        for label, note in by_label.items()
    ]
    if rows:
        c.execute(insert(label_notes), rows)
