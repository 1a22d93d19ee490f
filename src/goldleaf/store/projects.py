"""Projects and the history of their schemas."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, insert, select

from goldleaf.core import InputError, Project, Schema, brief, schema_from_dict, schema_to_dict
from goldleaf.store.db import now
from goldleaf.store.tables import projects, schemas


def add_project(c: Connection, project: Project) -> int:
    """Store a new project and the first version of its schema; its key. Raises InputError where the name is taken."""
    if project.name in list_projects(c):
        raise InputError("the workspace has this project already", found=brief(project.name), expected="a new name")
    row = {"name": project.name, "guidelines": project.guidelines, "created_at": now()}
    key: int = c.execute(insert(projects).values(row).returning(projects.c.id)).scalar_one()
    add_schema(c, key, project.schema)
    return key


def get_project(c: Connection, name: str) -> tuple[int, Project]:
    """A project's key, and the project with the latest version of its schema. Raises InputError where there is none of that name."""
    row = c.execute(select(projects).where(projects.c.name == name)).one_or_none()
    if row is None:
        names = ", ".join(list_projects(c))
        raise InputError("the workspace has no such project", found=brief(name), expected=names or "a project")
    return row.id, Project(row.name, get_schema(c, row.id), row.guidelines)


def list_projects(c: Connection) -> list[str]:
    """The names of all projects, in the order they were made."""
    return list(c.execute(select(projects.c.name).order_by(projects.c.id)).scalars())


def add_schema(
    c: Connection, project: int, schema: Schema, label_map: Mapping[str, Mapping[str, str | None]] | None = None
) -> None:
    """Store a version of a project's schema; `label_map` says, per field, what became of labels it renamed or removed."""
    fields: list[Any] = schema_to_dict(schema)["fields"]
    row = {"project_id": project, "version": schema.version, "fields": fields, "label_map": label_map}
    c.execute(insert(schemas).values(**row, created_at=now()))


def label_maps(c: Connection, project: int, after: int) -> list[dict[str, dict[str, str | None]]]:
    """What became of labels that versions after this one renamed or removed: a mapping per field, version by version."""
    query = select(schemas.c.label_map).where(schemas.c.project_id == project, schemas.c.version > after)
    return [found for found in c.execute(query.order_by(schemas.c.version)).scalars() if found]


def get_schema(c: Connection, project: int, version: int | None = None) -> Schema:
    """A version of a project's schema; without a version the latest."""
    query = select(schemas.c.version, schemas.c.fields).where(schemas.c.project_id == project)
    query = query.order_by(schemas.c.version.desc()) if version is None else query.where(schemas.c.version == version)
    row = c.execute(query.limit(1)).one_or_none()
    if row is None:
        raise InputError("the project has no such version of its schema", found=str(version))
    return schema_from_dict({"version": row.version, "fields": row.fields})
