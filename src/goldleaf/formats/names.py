"""Which column or key holds the text, and which the label, where a file does not use our names for them."""

from __future__ import annotations

from collections.abc import Collection

from goldleaf.core import InputError, Schema, brief
from goldleaf.formats.common import ReadOptions

TEXT_NAMES = ("text", "sentence", "utterance", "content", "text_a", "review", "query")
LABEL_NAMES = ("label", "intent", "category", "class", "sentiment", "labels", "tags", "ner_tags")


def find_text_column(names: Collection[str], options: ReadOptions) -> str:
    """The column named in the options, else `text`, else the only one whose name says that it is the text."""
    if isinstance(options.text_column, str):
        if options.text_column not in names:
            raise _no_column("text", options.text_column, names)
        return options.text_column
    known = [name for name in TEXT_NAMES if name in names]
    return "text" if "text" in names or len(known) != 1 else known[0]


def find_label_column(names: Collection[str], schema: Schema, options: ReadOptions) -> tuple[str, str] | None:
    """A field, and the column that holds it under another name; None where every field stands under its own.

    It is the column named in the options, else the only one whose name says that it is the label, where no column has a field's name.
    The field is the one named in the options, else the only choice, else the only field.
    """
    named = options.column if isinstance(options.column, str) else None
    if named is not None and named not in names:
        raise _no_column("label", named, names)
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


def _no_column(what: str, name: str, names: Collection[str]) -> InputError:
    return InputError(f"no such {what} column", found=", ".join(map(brief, names)), expected=brief(name))
