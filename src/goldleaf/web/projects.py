"""Projects: listed, made, described, and what their owners set."""

from __future__ import annotations

from typing import Any

from pydantic import RootModel

from goldleaf.core import InputError, Schema, schema_from_dict, schema_to_dict
from goldleaf.store import Connection, LabelNote, get_guidelines, get_project, put_guidelines
from goldleaf.store import list_projects as project_names
from goldleaf.web.answers import json_answer
from goldleaf.web.asked import Asked, Endpoint
from goldleaf.web.bodies import ChangedLabel, GuidelinesText, GuidelinesVersion, NewLabel, NewProject, Note, Settings
from goldleaf.web.house import House, done
from goldleaf.workspace import add_label as add_label_to
from goldleaf.workspace import change_labels, change_notes, counts, create_project, read_notes


class NotesBody(RootModel[dict[str, dict[str, Note]]]):
    """Notes by field and label."""


async def list_projects(house: House, asked: Asked) -> Any:
    """The projects one is in, and how far each has come."""

    def query(c: Connection) -> Any:
        if set(project_names(c)) != house.people.projects:  # made by another process
            house.people.refresh()
        roles = house.people.roles_of(asked.person)
        found: list[dict[str, Any]] = []
        for name, role in roles.items():
            found.append({"name": name, "role": role, **counts(c, get_project(c, name)[0])})
        return found

    return await house.read(query)


async def add_project(house: House, asked: Asked) -> Any:
    """Make a project, from a template or with a schema of its own."""
    body: NewProject = asked.body

    def make() -> None:
        schema: Schema | None = schema_from_dict(body.schema_) if body.schema_ is not None else None
        create_project(house.ws, body.name, template=body.template, schema=schema, labels=body.labels)
        house.people.refresh()

    await house.change(make)
    return json_answer({"name": body.name}, 201)


async def project(house: House, asked: Asked) -> Any:
    """All that one needs to annotate in it: schema, notes of labels, settings, guidelines, counts."""
    settings = await house.work(lambda: house.desk.settings(asked.project))

    def query(c: Connection) -> Any:
        key, found = get_project(c, asked.project)
        latest = get_guidelines(c, key)
        return {
            "name": asked.project,
            "role": asked.role,
            "schema": schema_to_dict(found.schema),
            "notes": read_notes(c, key),
            "settings": settings,
            "guidelines": {"version": latest.version, "text": latest.text},
            "counts": counts(c, key),
        }

    return await house.read(query)


async def change_settings(house: House, asked: Asked) -> Any:
    """Change what is given of the settings; all of them as they are then."""
    given: Settings = asked.body
    changes = given.model_dump(exclude_unset=True, exclude_none=True)
    return await done(house.desk.change_settings(asked.project, changes))


async def guidelines(house: House, asked: Asked) -> Any:
    """The guidelines, or an earlier version of them."""

    def query(c: Connection) -> Any:
        return get_guidelines(c, get_project(c, asked.project)[0], asked.query.version)

    return await house.read(query)


async def write_guidelines(house: House, asked: Asked) -> Any:
    """A new version of the guidelines, in Markdown."""
    body: GuidelinesText = asked.body
    if "\0" in body.text:
        raise InputError("the text holds a NUL, which no text has")

    def write(c: Connection) -> Any:
        return put_guidelines(c, get_project(c, asked.project)[0], body.text, asked.name)

    return await done(house.write(write))


async def write_notes(house: House, asked: Asked) -> Any:
    """Definitions, examples and colours of labels, in place of all that were there."""
    given: NotesBody = asked.body
    notes = {
        field: {label: LabelNote(n.definition, tuple(n.examples), n.color) for label, n in labels.items()}
        for field, labels in given.root.items()
    }

    def write(c: Connection) -> Any:
        change_notes(c, asked.project, notes)
        return read_notes(c, get_project(c, asked.project)[0])

    return await done(house.write(write))


async def add_label(house: House, asked: Asked) -> Any:
    """Add a label to a field; the schema, in its next version."""
    body: NewLabel = asked.body

    def write(c: Connection) -> Any:
        return schema_to_dict(add_label_to(c, asked.project, body.field, body.label))

    schema = await done(house.write(write))
    return json_answer({"schema": schema}, 201)


async def change_label(house: House, asked: Asked) -> Any:
    """Rename a label, merge it into another, or remove it: the schema in its next version, and how much was changed.

    Annotations, decisions, gold, suggestions and drafts follow, all or nothing; what annotations and decisions said before is kept.
    """
    body: ChangedLabel = asked.body

    def write(c: Connection) -> Any:
        schema, relabelled = change_labels(c, asked.project, body.field, {body.label: body.to})
        changed = {name: getattr(relabelled, name) for name in ("annotations", "decisions", "gold", "suggestions")}
        return {"schema": schema_to_dict(schema), "changed": changed}

    return await done(house.write(write))


_AT = "/api/projects/{project}"
ENDPOINTS = (
    Endpoint("GET", "/api/projects", "person", list_projects),
    Endpoint("POST", "/api/projects", "admin", add_project, NewProject),
    Endpoint("GET", _AT, "viewer", project),
    Endpoint("PATCH", f"{_AT}/settings", "owner", change_settings, Settings),
    Endpoint("GET", f"{_AT}/guidelines", "viewer", guidelines, query=GuidelinesVersion),
    Endpoint("PUT", f"{_AT}/guidelines", "owner", write_guidelines, GuidelinesText),
    Endpoint("PUT", f"{_AT}/notes", "owner", write_notes, NotesBody),
    Endpoint("POST", f"{_AT}/labels", "owner", add_label, NewLabel),
    Endpoint("PATCH", f"{_AT}/labels", "owner", change_label, ChangedLabel),
)
