"""Values: what a field of each kind can say of a record, checked and put into one canonical form.

=========  ==========================================================
choice     `"label"`; with `many`, a list of labels in the schema's order
spans      a list of `Span(start, end, label)`, sorted
tags       a list with one label a token
=========  ==========================================================
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from operator import index
from typing import Any, NamedTuple, SupportsIndex, cast

from goldleaf.core.errors import InputError, brief
from goldleaf.core.record import Record
from goldleaf.core.schema import Field, Kind, Overlap, Schema

Value = Any
"""`str` (one choice), `list[str]` (many choices, tags) or `list[Span]`."""


class Span(NamedTuple):
    """A labelled stretch of a text: code-point offsets, end exclusive."""

    start: int
    end: int
    label: str


def check_value(field: Field, value: object, record: Record) -> Value:
    """The value in canonical form. Raises InputError that names record, field, found and expected."""
    try:
        return _CHECKS[field.kind](field, value, record)
    except InputError as error:
        raise error.at(f"{_name(record)}, field {field.name}") from None


def check_values(schema: Schema, values: Mapping[str, object], record: Record) -> dict[str, Value]:
    """Every value in canonical form, in the schema's order. Raises InputError; a field the schema does not have is one."""
    for name in values:
        if name not in schema:
            expected = " or ".join(schema.names)
            raise InputError("the schema has no such field", where=_name(record), found=brief(name), expected=expected)
    return {
        field.name: check_value(field, values[field.name], record) for field in schema.fields if field.name in values
    }


def value_to_json(value: Value) -> Any:
    """The value as JSON-ready data: spans become `[start, end, label]` lists."""
    if isinstance(value, str):
        return value
    return [list(item) if isinstance(item, Span) else item for item in cast("Sequence[Any]", value)]


def labels_in(field: Field, value: object) -> list[str]:
    """The labels that a value, not yet checked, uses: what an open field learns from. Anything malformed is passed over."""
    if isinstance(value, str):
        return [value] if field.kind == "choice" else []
    if not isinstance(value, Sequence):
        return []
    items = cast("Sequence[object]", value)
    if field.kind != "spans":
        return [item for item in items if isinstance(item, str)]
    return [label for item in items if isinstance(label := _span_parts(item)[2], str)]


def map_labels(value: Value, mapping: Mapping[str, str | None], *, many: bool = False) -> Value | None:
    """The value with its labels renamed or dropped, as `rename_label` and `remove_labels` say. None: nothing is left to say.

    A dropped label takes its span with it, or its place among `many` choices; one choice, and tags (one a token), cannot do without.
    """
    if isinstance(value, str):
        return mapping.get(value, value)
    items = cast("Sequence[Any]", value)
    if any(isinstance(item, Span) for item in items):
        spans = cast("Sequence[Span]", items)
        kept = {span._replace(label=new) for span in spans if (new := mapping.get(span.label, span.label)) is not None}
        return sorted(kept)
    mapped = [mapping.get(item, item) for item in cast("Sequence[str]", items)]
    if many:
        return [label for label in dict.fromkeys(mapped) if label is not None]
    return None if None in mapped else mapped


def _check_label(field: Field, label: object) -> str:
    if not isinstance(label, str) or label not in field.labels:
        raise InputError(
            "unknown label",
            found=brief(label),
            expected=f"one of {_some(field.labels)}",
            todo="Correct it, or add the label to the schema (goldleaf import --add-labels)",
        )
    return label


def _check_choice(field: Field, value: object, record: Record) -> Value:
    if isinstance(value, str):
        label = _check_label(field, value)
        return [label] if field.many else label
    if not isinstance(value, Sequence):
        raise InputError("not a label", found=brief(value), expected="a list of labels" if field.many else "a label")
    given = {_check_label(field, label) for label in cast("Sequence[object]", value)}
    if field.many:
        return [label for label in field.labels if label in given]
    if len(given) != 1:
        found = brief(cast("object", value))
        raise InputError("exactly one label belongs here", found=found, expected=f"one of {_some(field.labels)}")
    return given.pop()


def _check_tags(field: Field, value: object, record: Record) -> Value:
    if record.tokens is None:
        raise InputError(
            "tags need tokens, and the record has none",
            expected="a record with tokens",
            todo="Import it with its tokens",
        )
    if isinstance(value, str) or not isinstance(value, Sequence):
        raise InputError("not a list of tags", found=brief(value), expected="one label for each token")
    tags = cast("Sequence[object]", value)
    if len(tags) != len(record.tokens):
        raise InputError(
            "tags and tokens differ in number", found=f"{len(tags)} tags", expected=f"{len(record.tokens)}, one a token"
        )
    return [_check_label(field, tag) for tag in tags]


def _check_spans(field: Field, value: object, record: Record) -> Value:
    if isinstance(value, str) or not isinstance(value, Sequence):
        raise InputError("not a list of spans", found=brief(value), expected="[[start, end, label], ...]")
    spans = sorted({_check_span(field, item, record) for item in cast("Sequence[object]", value)})
    if clash := find_clash(spans, field.overlap):
        first, second = clash
        raise InputError(
            f"two spans {'share text' if field.overlap == 'flat' else 'cross'}",
            found=f"{list(first)} and {list(second)}",
            expected=f"{field.overlap} spans",
            todo='Correct them, or let the field say "overlap": "nested" or "overlapping"',
        )
    return spans


def _check_span(field: Field, item: object, record: Record) -> Span:
    first, last, label = _span_parts(item)
    start, end = _offset(first), _offset(last)
    if start is None or end is None or not isinstance(label, str):
        raise InputError("not a span", found=brief(item), expected="[start, end, label], offsets in code points")
    if not 0 <= start < end <= len(record.text):
        inside = "is empty" if start == end else "ends before it starts"
        raise InputError(
            f"the span {'lies outside the text' if start < end else inside}",
            found=brief([start, end, label]),
            expected=f"0 <= start < end <= {len(record.text)} (code points, end exclusive)",
        )
    return Span(start, end, _check_label(field, label))


def _offset(value: object) -> int | None:
    """A whole number of any type (numpy's too) as an int; None for all else, and for true and false."""
    if type(value) is int:
        return value
    if isinstance(value, bool) or not isinstance(value, SupportsIndex):
        return None
    try:
        return index(value)
    except TypeError:  # numpy's bool and arrays
        return None


def _span_parts(item: object) -> tuple[object, object, object]:
    if isinstance(item, Mapping):
        parts = cast("Mapping[str, object]", item)
        return parts.get("start"), parts.get("end"), parts.get("label")
    if isinstance(item, Sequence) and not isinstance(item, str) and len(cast("Sequence[object]", item)) == 3:
        start, end, label = cast("Sequence[object]", item)
        return start, end, label
    return None, None, None


def find_clash(spans: Iterable[Span], overlap: Overlap) -> tuple[Span, Span] | None:
    """The first two spans, in sorted order, that the overlap does not allow; None where all is well."""
    if overlap == "overlapping":
        return None
    open_spans: list[Span] = []
    for span in sorted(spans, key=lambda s: (s.start, -s.end, s.label)):
        open_spans = [other for other in open_spans if other.end > span.start]
        for other in open_spans:
            if overlap == "flat" or span.end > other.end:
                return other, span
        open_spans.append(span)
    return None


def _name(record: Record) -> str:
    return f"record {record.id or '(without id)'}"


def _some(labels: Sequence[str], limit: int = 12) -> str:
    shown = ", ".join(labels[:limit]) or "no labels yet"
    return shown if len(labels) <= limit else f"{shown}, ... ({len(labels)} in all)"


_CHECKS: dict[Kind, Callable[[Field, object, Record], Value]] = {
    "choice": _check_choice,
    "spans": _check_spans,
    "tags": _check_tags,
}
