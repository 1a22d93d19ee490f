"""The schema: named fields, each of one kind, and how a schema changes without losing what was said under it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal, cast, get_args

from goldleaf.core.errors import InputError, brief

Kind = Literal["choice", "spans", "tags"]
KINDS: tuple[Kind, ...] = get_args(Kind)

Overlap = Literal["flat", "nested", "overlapping"]
OVERLAPS: tuple[Overlap, ...] = get_args(Overlap)

_NAME = re.compile(r"\w[\w.-]*")
RESERVED = frozenset(
    {
        "id",
        "record",
        "text",
        "tokens",
        "meta",
        "group",
        "timestamp",
        "split",
        "gold",
        "annotations",
        "suggestions",
        "scores",
    }
)
"""Names a field cannot have: they are a record's own keys in JSONL and in tables."""
_JOINERS = str.maketrans("", "", "\u200c\u200d")
"""Zero-width non-joiner and joiner: no printable characters to Python, yet Persian, Hindi and emoji are written with them."""


@dataclass(frozen=True, slots=True)
class Field:
    """One question asked of a record.

    `many` holds for `choice` (any number of labels instead of exactly one); `overlap` for `spans`: `flat` (no two spans share a
    character), `nested` (they may contain each other) or `overlapping` (anything goes). A field without labels is open: the first
    import that brings labels fills it.
    """

    name: str
    kind: Kind
    labels: tuple[str, ...] = ()
    many: bool = False
    overlap: Overlap = "flat"

    def __post_init__(self) -> None:
        where = f"field {self.name}"
        if not _NAME.fullmatch(self.name) or self.name in RESERVED or self.name.startswith("meta."):
            raise InputError(
                "this cannot be the name of a field",
                found=brief(self.name),
                expected=f"letters, digits, '_', '-' and '.', and none of {', '.join(sorted(RESERVED))}, meta.*",
            )
        if self.kind not in KINDS:
            raise InputError("unknown kind of field", where=where, found=brief(self.kind), expected=" or ".join(KINDS))
        if self.overlap not in OVERLAPS:
            raise InputError("unknown overlap", where=where, found=brief(self.overlap), expected=" or ".join(OVERLAPS))
        if self.many and self.kind != "choice":
            raise InputError("only a choice can have many labels", where=where, found=self.kind)
        if self.overlap != "flat" and self.kind != "spans":
            raise InputError("only spans can overlap", where=where, found=self.kind)
        for label in self.labels:
            visible = label.translate(_JOINERS)
            if not visible or label != label.strip() or not visible.isprintable():
                expected = "printable text without space around it"
                raise InputError("this cannot be a label", where=where, found=brief(label), expected=expected)
        if len(set(self.labels)) != len(self.labels):
            twice = sorted({label for label in self.labels if self.labels.count(label) > 1})
            raise InputError("a label is listed twice", where=where, found=", ".join(twice))


@dataclass(frozen=True, slots=True)
class Schema:
    """The fields of a project, in order, with a version that every annotation names."""

    fields: tuple[Field, ...]
    version: int = 1

    def __post_init__(self) -> None:
        if not self.fields:
            raise InputError("a schema needs a field", expected="at least one field with a name and a kind")
        names = [field.name for field in self.fields]
        if len(set(names)) != len(names):
            raise InputError(
                "two fields have one name", found=", ".join(names), expected="a name of its own for each field"
            )

    def __getitem__(self, name: str) -> Field:
        for field in self.fields:
            if field.name == name:
                return field
        raise InputError("the schema has no such field", found=brief(name), expected=" or ".join(self.names))

    def __contains__(self, name: object) -> bool:
        return name in self.names

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(field.name for field in self.fields)

    def of_kind(self, *kinds: Kind) -> tuple[Field, ...]:
        """The fields of these kinds, in the schema's order."""
        return tuple(field for field in self.fields if field.kind in kinds)


def schema_to_dict(schema: Schema) -> dict[str, Any]:
    """The schema as JSON-ready data, defaults left out."""
    fields: list[dict[str, Any]] = []
    for field in schema.fields:
        data: dict[str, Any] = {"name": field.name, "kind": field.kind, "labels": list(field.labels)}
        if field.many:
            data["many"] = True
        if field.overlap != "flat":
            data["overlap"] = field.overlap
        fields.append(data)
    return {"version": schema.version, "fields": fields}


def schema_from_dict(data: object, *, where: str = "schema") -> Schema:
    """The schema that `schema_to_dict` wrote, or a person did. Raises InputError that says what is wrong where."""
    root = _mapping(data, where)
    _known_keys(root, {"version", "fields"}, where)
    entries = root.get("fields")
    if not isinstance(entries, list):
        found = brief(cast("object", entries))
        raise InputError(
            "a schema lists its fields", where=where, found=found, expected='"fields": [{"name": .., "kind": ..}]'
        )
    version = root.get("version", 1)
    if not isinstance(version, int) or isinstance(version, bool) or version < 1:
        raise InputError("a version is a number from 1", where=where, found=brief(version))
    try:
        fields = [
            _field_from_dict(entry, f"{where}, field {n}") for n, entry in enumerate(cast("list[object]", entries), 1)
        ]
        return Schema(tuple(fields), version)
    except InputError as error:
        raise error if error.where and error.where.startswith(where) else error.at(where) from None


def _field_from_dict(data: object, where: str) -> Field:
    entry = _mapping(data, where)
    _known_keys(entry, {"name", "kind", "labels", "many", "overlap"}, where)
    name, kind, labels = entry.get("name"), entry.get("kind"), entry.get("labels", [])
    if not isinstance(name, str) or not isinstance(kind, str):
        raise InputError("a field has a name and a kind", where=where, found=brief(data))
    if not isinstance(labels, list) or not all(isinstance(label, str) for label in cast("list[object]", labels)):
        raise InputError("labels are a list of strings", where=where, found=brief(cast("object", labels)))
    many, overlap = entry.get("many", False), cast("Overlap", entry.get("overlap", "flat"))
    if not isinstance(many, bool):
        raise InputError('"many" is true or false', where=where, found=brief(many))
    return Field(name, cast("Kind", kind), tuple(cast("list[str]", labels)), many=many, overlap=overlap)


def _mapping(data: object, where: str) -> Mapping[str, Any]:
    if not isinstance(data, Mapping):
        raise InputError("this is not a table of names and values", where=where, found=brief(data))
    return cast("Mapping[str, Any]", data)


def _known_keys(data: Mapping[str, Any], known: set[str], where: str) -> None:
    if extra := sorted(set(data) - known):
        raise InputError("unknown key", where=where, found=", ".join(extra), expected=", ".join(sorted(known)))


def add_labels(schema: Schema, field: str, labels: Iterable[str]) -> Schema:
    """The next version, with labels the field did not have; the schema itself where it has them all. Old values stay as they are."""
    old = schema[field]
    new = tuple(dict.fromkeys(label for label in labels if label not in old.labels))
    return _with_field(schema, replace(old, labels=old.labels + new)) if new else schema


def rename_label(schema: Schema, field: str, old: str, new: str) -> tuple[Schema, dict[str, str | None]]:
    """The next version, and the mapping that `map_labels` applies to values given under the old one."""
    return remove_labels(schema, field, {old: new})


def remove_labels(
    schema: Schema, field: str, mapping: Mapping[str, str | None]
) -> tuple[Schema, dict[str, str | None]]:
    """The next version without the labels that `mapping` names, each mapped to another label or to None (dropped from values)."""
    target = schema[field]
    if unknown := [label for label in mapping if label not in target.labels]:
        raise InputError(
            "no such label", where=f"field {field}", found=", ".join(unknown), expected=", ".join(target.labels)
        )
    kept = [mapping.get(label, label) for label in target.labels]
    labels = tuple(dict.fromkeys(label for label in kept if label is not None))
    return _with_field(schema, replace(target, labels=labels)), dict(mapping)


def _with_field(schema: Schema, field: Field) -> Schema:
    return Schema(tuple(field if f.name == field.name else f for f in schema.fields), schema.version + 1)
