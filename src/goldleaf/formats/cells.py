"""Values in one cell of a table, and back."""

from __future__ import annotations

import json
from typing import Any, cast

from goldleaf.core import Field, InputError, brief, value_to_json

_MANY = "|"


def parse_cell(field: Field, cell: str) -> Any:
    """The value that a cell which is not empty holds.

    A choice is its label, many choices are labels joined by `|`, spans are JSON, tags are joined by a space; a list of any of them may
    also be JSON.
    """
    if field.kind == "choice" and not field.many:
        return cell.strip()
    listed = _json_list(cell)
    if field.kind == "spans":
        if listed is None:
            raise InputError(
                f"not the spans of {field.name}", found=brief(cell), expected='JSON: [[start, end, "label"], ...]'
            )
        return listed
    if listed is not None and all(isinstance(item, str) for item in listed):
        return listed
    return [part.strip() for part in cell.split(_MANY)] if field.kind == "choice" else cell.split()


def format_cell(field: Field, value: Any) -> str:
    """The cell that `parse_cell` reads as this value."""
    if field.kind == "choice" and not field.many:
        return str(value)
    items = [value] if isinstance(value, str) else cast("list[Any]", value_to_json(value))
    joined = (_MANY if field.kind == "choice" else " ").join(map(str, items))
    plain = bool(items) and not joined.startswith("[")
    if field.kind == "choice" and plain and not any(_MANY in item for item in items):
        return joined
    if field.kind == "tags" and plain and all(len(item.split()) == 1 for item in items):
        return joined
    return json.dumps(items, ensure_ascii=False)


def _json_list(cell: str) -> list[Any] | None:
    if not cell.lstrip().startswith("["):
        return None
    try:
        data = json.loads(cell)
    except (json.JSONDecodeError, RecursionError):
        return None
    return cast("list[Any]", data) if isinstance(data, list) else None
