"""Schemas to begin with: templates, and files in JSON or TOML."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal, get_args

from goldleaf.core import Field, InputError, Schema, schema_from_dict

Template = Literal["ner", "classification", "intent-slots", "tags"]
TEMPLATES: tuple[Template, ...] = get_args(Template)

_FIELDS: dict[Template, tuple[Field, ...]] = {
    "ner": (Field("entities", "spans"),),
    "classification": (Field("label", "choice"),),
    "intent-slots": (Field("intent", "choice"), Field("slots", "spans")),
    "tags": (Field("tags", "tags"),),
}


Labels = Mapping[str, Sequence[str]] | Sequence[str]
"""Labels for the first field, or for each field by its name."""


def choose_schema(template: str | None, schema: Schema | None, labels: Labels | None = None) -> Schema:
    """A template's schema or the one given (exactly one of the two), its fields open or filled with these labels.

    ==============  =====================================
    ner             spans `entities`
    classification  choice `label`
    intent-slots    choice `intent`, spans `slots`
    tags            tags `tags`
    ==============  =====================================
    """
    if (template is None) == (schema is None):
        found = "neither" if schema is None else "both"
        raise InputError("a project begins with a template or a schema", found=found, expected="one of the two")
    if template is not None and template not in TEMPLATES:
        raise InputError("unknown template", found=repr(template), expected=" or ".join(TEMPLATES))
    chosen = schema or Schema(_FIELDS[template])  # pyright: ignore[reportArgumentType]
    return with_labels(chosen, labels) if labels else chosen


def with_labels(schema: Schema, labels: Labels) -> Schema:
    """The schema with these labels put in place: a list for the first field, or a list per field."""
    given = labels if isinstance(labels, Mapping) else {schema.fields[0].name: labels}
    for name in given:
        _ = schema[name]
    fields = (replace(f, labels=tuple(given[f.name])) if given.get(f.name) else f for f in schema.fields)
    return replace(schema, fields=tuple(fields))


def read_schema(path: Path | str) -> Schema:
    """A schema from a file: TOML where its name ends so, else JSON. Raises InputError that says what is wrong where."""
    path = Path(path)
    try:
        text = path.read_text(encoding="utf-8")
        data: Any = tomllib.loads(text) if path.suffix.lower() == ".toml" else json.loads(text)
    except OSError as error:
        raise InputError("the schema cannot be read", where=str(path), found=error.strerror) from None
    except ValueError as error:
        raise InputError("the schema is neither JSON nor TOML", where=str(path), found=str(error)) from None
    return schema_from_dict(data, where=str(path))
