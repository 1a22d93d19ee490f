"""The label table as the quality code reads it: checked once, and coded as integers.

A label table is a pandas DataFrame with a row for each answer of an annotator to a field of a record: `record`, `annotator`, `value`,
and where they are known `field`, `seconds`, `origin`, `at`, `status`, `check`. A value is a label (choice), a list of labels (several
choices, or tags, one a token) or a list of `[start, end, label]` (spans, in code points). No row says that a field was not asked.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
import pandas as pd

from goldleaf.core import Field, InputError, Kind, Schema, Span, brief

Ints = np.ndarray[Any, np.dtype[np.int64]]
Floats = np.ndarray[Any, np.dtype[np.float64]]
Bools = np.ndarray[Any, np.dtype[np.bool_]]

NEEDED = ("record", "annotator", "value")
ONLY_FIELD = "label"
"""What the field is called where a table has no column `field`."""
COUNTED = ("submitted",)
"""The statuses of answers that count: not skipped, not flagged, not surplus. A table without a column `status` has only such."""


@dataclass(frozen=True, slots=True)
class Answers:
    """The answers to one field, `n` of them: `record[i]` and `annotator[i]` are places in `records` and `annotators`.

    `values` are strings (choice), lists of strings (several choices, tags) or sorted lists of `Span`. `seconds` is NaN and `at` is NaT
    where it is not known; `check` marks answers to check questions. Labels that the table writes as numbers are strings here, and
    `written` says how each was written; records and annotators stay as they are.
    """

    field: str
    kind: Kind
    many: bool
    labels: tuple[str, ...]
    records: list[Any]
    annotators: list[Any]
    record: Ints
    annotator: Ints
    values: list[Any]
    seconds: Floats
    at: pd.DatetimeIndex
    check: Bools
    written: dict[str, Any]

    def __len__(self) -> int:
        return len(self.values)

    def as_written(self, value: Any) -> Any:
        """A choice as the table writes it; any other value as it is."""
        return self.written.get(value, value) if isinstance(value, str) else value


def read_answers(table: pd.DataFrame, *, schema: Schema | None = None) -> list[Answers]:
    """The answers of each field of a label table, in the order of the schema (else of first appearance).

    Without a schema the kinds are read off the values: a list of `[start, end, label]` is spans; lists of labels are tags where all answers
    to a record have one length and some record has a list with a label twice, else several choices. Of two answers of one annotator
    to one record the last counts; rows that are skipped, flagged or surplus do not count. Raises InputError where a column is missing or a
    value is none.
    """
    if missing := [name for name in NEEDED if name not in table.columns]:
        expected = f"the columns {', '.join(NEEDED)}"
        raise InputError("this is no label table", found=f"no column {', '.join(missing)}", expected=expected)
    if "status" in table.columns:
        table = table[table["status"].isna() | table["status"].isin(COUNTED)]
    if "field" not in table.columns:
        table = table.assign(field=schema.names[0] if schema is not None and len(schema.fields) == 1 else ONLY_FIELD)
    table = table.drop_duplicates(["field", "record", "annotator"], keep="last")
    names = list(dict.fromkeys(table["field"].tolist()))
    if schema is not None:
        if unknown := [name for name in names if name not in schema]:
            raise InputError(
                "the schema has no such field", found=brief(unknown[0]), expected=" or ".join(schema.names)
            )
        names = [name for name in schema.names if name in set(names)]
    return [_read_field(name, table[table["field"] == name], schema) for name in names]


def _read_field(name: str, table: pd.DataFrame, schema: Schema | None) -> Answers:
    if (empty := np.flatnonzero(table["value"].isna())).size:
        where = f"record {table['record'].iloc[int(empty[0])]}, field {name}"
        todo = "Leave the row out where nothing was asked; an empty list says that there is nothing"
        raise InputError("an answer has no value", where=where, expected="a value", todo=todo)
    record, records = _coded(table["record"])
    annotator, annotators = _coded(table["annotator"])
    written: dict[str, Any] = {}
    said = table["value"]
    numbers = pd.api.types.is_numeric_dtype(said)
    if numbers or (not pd.api.types.is_string_dtype(said) and said.map(np.isscalar).all()):
        codes, labels = pd.factorize(said)
        written = {str(label): label for label in labels if not isinstance(label, str)}
        raw = np.array([str(label) for label in labels], dtype=object)[codes].tolist()
    else:
        raw = said.tolist()
    field = schema[name] if schema is not None else _guess_field(name, raw, record)
    values = raw if field.kind == "choice" and not field.many else [_plain(value) for value in raw]
    _check(values, field, records, record)
    count = len(values)
    return Answers(
        name,
        field.kind,
        field.many,
        tuple(field.labels) if schema is not None and field.labels else _labels(values, field),
        records,
        annotators,
        record,
        annotator,
        values,
        table["seconds"].to_numpy(float) if "seconds" in table.columns else np.full(count, np.nan),
        pd.DatetimeIndex(
            pd.to_datetime(table["at"], utc=True, errors="coerce", format="ISO8601")
            if "at" in table.columns
            else [pd.NaT] * count
        ),
        table["check"].fillna(False).to_numpy(bool) if "check" in table.columns else np.zeros(count, bool),
        written,
    )


def _coded(column: pd.Series[Any]) -> tuple[Ints, list[Any]]:
    codes, names = pd.factorize(column)
    if (codes < 0).any():
        row = int(np.flatnonzero(codes < 0)[0])
        raise InputError("a cell of the label table is empty", where=f"row {row}, {column.name}", expected="a name")
    return codes.astype(np.int64), list(names)


def _guess_field(name: str, values: Sequence[Any], record: Ints) -> Field:
    lists = [value for value in values if not isinstance(value, str)]
    if not lists:
        return Field(name, "choice")
    filled = [value for value in lists if _length(value)]
    if not all(isinstance(value[0], str) for value in filled) or not filled:
        return Field(name, "spans")
    lengths: dict[int, int] = {}
    even = all(
        lengths.setdefault(at, _length(value)) == _length(value)
        for at, value in zip(record.tolist(), values, strict=True)
    )
    twice = any(len(set(value)) < len(value) for value in lists)
    return Field(name, "tags") if even and twice else Field(name, "choice", many=True)


def _length(value: Any) -> int:
    return len(value) if hasattr(value, "__len__") else 0


def _plain(value: Any) -> Any:
    """Lists for arrays and tuples, `Span` for triples."""
    if isinstance(value, str) or not isinstance(value, Iterable):
        return value
    items = [
        item if isinstance(item, str) else tuple(cast("Iterable[Any]", item)) for item in cast("Iterable[Any]", value)
    ]
    if any(not isinstance(item, str) for item in items):
        return sorted(
            Span(int(item[0]), int(item[1]), str(item[2])) if len(item) == 3 else cast("Any", item) for item in items
        )
    return items


def _check(values: Sequence[Any], field: Field, records: Sequence[Any], record: Ints) -> None:
    if field.kind == "choice" and not field.many and set(map(type, values)) <= {str}:
        return
    for row, value in enumerate(values):
        if not _fits(value, field):
            expected = {
                "choice": "a list of labels" if field.many else "a label",
                "tags": "a label a token",
                "spans": "[[start, end, label], ...]",
            }
            where = f"record {records[int(record[row])]}, field {field.name}"
            raise InputError(
                "not a value of this field", where=where, found=brief(value), expected=expected[field.kind]
            )


def _fits(value: Any, field: Field) -> bool:
    if field.kind == "choice" and not field.many:
        return isinstance(value, str)
    if not isinstance(value, list):
        return False
    kind = Span if field.kind == "spans" else str
    return all(isinstance(item, kind) for item in cast("list[Any]", value))


def _labels(values: Sequence[Any], field: Field) -> tuple[str, ...]:
    if field.kind == "choice" and not field.many:
        return tuple(sorted(set(values)))
    if field.kind == "spans":
        return tuple(sorted({span.label for value in values for span in value}))
    return tuple(sorted({label for value in values for label in value}))
