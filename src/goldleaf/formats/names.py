"""Which column or key holds the text, and which the label, where a file does not use our names for them."""

from __future__ import annotations

from collections.abc import Collection

from goldleaf.core import InputError, Schema, brief
from goldleaf.formats.common import ReadOptions

TEXT_NAMES = ("text", "sentence", "utterance", "content", "text_a", "review", "query")
LABEL_NAMES = ("label", "intent", "category", "class", "sentiment", "labels", "tags", "ner_tags")


def find_text_column(names: Collection[str], options: ReadOptions) -> str:
    """The column named in the options, else `text`, else the only one whose name says that it is the text."""
    if (named := _named(names, options.text_column, "text")) is not None:
        return named
    known = [name for name in TEXT_NAMES if name in names]
    return "text" if "text" in names or len(known) != 1 else known[0]


def find_label_column(names: Collection[str], schema: Schema, options: ReadOptions) -> tuple[str, str] | None:
    """A field, and the column that holds it under another name; None where every field stands under its own.

    It is the column named in the options, else the only one whose name says that it is the label, where no column has a field's name.
    The field is the one named in the options, else the only choice, else the only field.
    """
    named = _named(names, options.column, "label")
    known = [named] if named else [name for name in LABEL_NAMES if name in names]
    if not named and (len(known) != 1 or "gold" in names or any(name in names for name in schema.names)):
        return None
    fields = [schema[options.field]] if options.field else list(schema.of_kind("choice") or schema.fields)
    if len(fields) == 1:
        return (fields[0].name, known[0]) if known[0] != fields[0].name else None
    if named:
        raise InputError(
            "which field is this column?",
            found=brief(named),
            expected=" or ".join(schema.names),
            todo="Name it with --field",
        )
    return None


def _named(names: Collection[str], column: str | int | None, what: str) -> str | None:
    """The column that a name, or a number (from 1, or from -1 backwards), says; None where neither is given."""
    if column is None or column in names:
        return None if column is None else str(column)
    found = ", ".join(map(brief, names))
    if isinstance(column, str):
        raise InputError(f"no such {what} column", found=found, expected=brief(column))
    if column == 0 or abs(column) > len(names):
        raise InputError(f"no such {what} column", found=f"{len(names)} columns: {found}", expected=f"column {column}")
    return list(names)[column - 1 if column > 0 else column]
