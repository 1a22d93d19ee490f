"""The long label table, as CSV or Parquet: a row says what one annotator answered to one field of one record.

Columns: `record`, `annotator`, `value`; `field` where the schema has several; `seconds`, `at`, `origin`, `status`, `check` if known.
Rows that follow each other and are of one annotator, record and time, for different fields, are one annotation.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any, cast

from goldleaf.core import ORIGINS, STATUSES, Annotation, InputError, Record, Schema, brief, value_to_json
from goldleaf.formats.cells import format_cell, parse_cell
from goldleaf.formats.common import (
    Item,
    ReadOptions,
    Writable,
    WriteOptions,
    annotations_of,
    pick_field,
    read_each,
    temporary_beside,
    write_whole,
)
from goldleaf.formats.rows import check_row, find_separator, format_row, read_rows

COLUMNS = ("record", "field", "annotator", "value", "seconds", "origin", "at", "status", "check")
REQUIRED = ("record", "value")


def read_labels(path: Path, schema: Schema, options: ReadOptions) -> Iterator[Item]:
    """The annotations of a label table, each as an item without a text, for a record that exists already."""
    _, rows = label_rows(path, options)
    return _joined(read_each(rows, partial(_parse, schema=schema, options=options), options))


def label_rows(path: Path, options: ReadOptions) -> tuple[list[str], Iterator[tuple[str, dict[str, Any]]]]:
    """The header of a label table, and its rows as they stand there, each with its place. Raises InputError where a column is missing."""
    header, rows = table_rows(path, options)
    needed = [*REQUIRED, *(() if options.annotator else ("annotator",))]
    if missing := [name for name in needed if name not in header]:
        found = ", ".join(map(brief, header))
        raise InputError(
            f"no column {' and no column '.join(missing)}", where=path.name, found=found, expected=", ".join(needed)
        )
    if unknown := [name for name in header if name not in COLUMNS]:
        options.warn(f"{path.name}: columns passed over: {', '.join(unknown)}")
    return header, rows


def table_rows(path: Path, options: ReadOptions) -> tuple[list[str], Iterator[tuple[str, dict[str, Any]]]]:
    """The header of a table (CSV, TSV or Parquet), and its rows, each with its place."""
    return _parquet_rows(path) if _is_parquet(path) else _csv_rows(path, options)


def _is_parquet(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(4) == b"PAR1"


def _csv_rows(path: Path, options: ReadOptions) -> tuple[list[str], Iterator[tuple[str, dict[str, Any]]]]:
    format = "tsv" if path.suffix.lower() in (".tsv", ".tab") else "csv"
    return read_rows(path, find_separator(path, format, options), options)


def _parquet_rows(path: Path) -> tuple[list[str], Iterator[tuple[str, dict[str, Any]]]]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        file = pq.ParquetFile(path)
    except (pa.ArrowException, OSError) as error:
        raise InputError("not a Parquet file", where=path.name, found=str(error)) from None

    def rows() -> Iterator[tuple[str, dict[str, Any]]]:
        number = 0
        with file:
            for batch in file.iter_batches(batch_size=4096):
                for row in cast("list[dict[str, Any]]", batch.to_pylist()):
                    number += 1
                    yield f"{path.name}:{number}", row

    return list(file.schema_arrow.names), rows()


def _parse(where: str, row: dict[str, Any], *, schema: Schema, options: ReadOptions) -> Item:
    check_row(row)
    record = read_text(row.get("record"))
    annotator = read_text(row.get("annotator")) or options.annotator
    if not record or not annotator:
        missing = "annotator" if record else "record"
        raise InputError(f"the row names no {missing}", found=brief(row), expected=f"a value under {missing}")
    annotation = Annotation(
        record,
        annotator,
        _values(row, schema, options),
        at=read_time(row.get("at")),
        seconds=read_seconds(row.get("seconds")),
        status=one_of("status", row, STATUSES, "submitted"),
        origin=one_of("origin", row, ORIGINS, "human"),
        check=read_check(row.get("check")),
    )
    if not annotation.values and annotation.status == "submitted":
        raise InputError("the value is empty", found=brief(row), expected='a value; "nothing here" is []')
    return Item(Record(record, ""), {}, (annotation,), where, True)


def _values(row: Mapping[str, Any], schema: Schema, options: ReadOptions) -> dict[str, Any]:
    value = row.get("value")
    if value is None or (isinstance(value, str) and not value.strip()):
        return {}
    name = read_text(row.get("field"))
    field = schema[name] if name else pick_field(schema, options.field, "choice", "spans", "tags")
    if isinstance(value, Sequence) and not isinstance(value, str):
        return {field.name: list(cast("Sequence[Any]", value))}
    return {field.name: parse_cell(field, read_text(value))}


def read_text(value: object) -> str:
    """The cell as a string; numbers of a Parquet file are written without a fraction where they have none."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return ""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def read_time(value: object) -> str | None:
    """The cell as a time, ISO 8601; None where it is empty."""
    return value.isoformat() if isinstance(value, date) else read_text(value) or None


def read_seconds(value: object) -> float | None:
    """The cell as a number of seconds; None where it is empty."""
    text = read_text(value)
    if not text:
        return None
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1.0
    if not 0 <= seconds < math.inf:
        raise InputError("the seconds are no time", found=brief(value), expected="a number from 0")
    return seconds


def read_check(value: object) -> bool:
    """Whether the cell says yes."""
    return read_text(value).lower() in ("1", "true", "yes")


def one_of(name: str, row: Mapping[str, Any], allowed: tuple[str, ...], default: str) -> Any:
    """The cell, which is one of the allowed words; the default where it is empty."""
    value = read_text(row.get(name)) or default
    if value not in allowed:
        raise InputError(f"unknown {name}", found=brief(value), expected=" or ".join(allowed))
    return value


def _joined(items: Iterator[Item]) -> Iterator[Item]:
    """Items that follow each other and are one annotation, as one."""
    held: Item | None = None
    for item in items:
        both = held and _join(held, item)
        if held and not both:
            yield held
        held = both or item
    if held:
        yield held


def _join(first: Item, second: Item) -> Item | None:
    a, b = first.annotations[0], second.annotations[0]
    same = all(getattr(a, name) == getattr(b, name) for name in ("record", "annotator", "at", "status", "origin"))
    if not same or not a.values or not b.values or a.values.keys() & b.values.keys():
        return None
    known = [seconds for seconds in (a.seconds, b.seconds) if seconds is not None]
    values = {**a.values, **b.values}
    return replace(first, annotations=(replace(a, values=values, seconds=sum(known) if known else None),))


def write_labels(path: Path, schema: Schema, examples: Iterable[Writable], options: WriteOptions) -> int:
    """Write a row for each field of each annotation (of the gold, under the name of `options.annotator`, where an example has none).

    Says how many rows. The seconds of an annotation stand in its first row.
    """
    rows = _label_rows(schema, examples, options)
    if path.suffix.lower() == ".parquet":
        return _write_parquet(path, rows)
    count = 0
    separator = options.separator or ("\t" if path.suffix.lower() in (".tsv", ".tab") else ",")
    with write_whole(path) as file:
        file.write(format_row(COLUMNS, separator))
        for row in rows:
            file.write(format_row([_written(row[name]) for name in COLUMNS], separator))
            count += 1
    return count


def _label_rows(schema: Schema, examples: Iterable[Writable], options: WriteOptions) -> Iterator[dict[str, Any]]:
    names = [options.field] if options.field else list(schema.names)
    for example in examples:
        if not example.record.id:
            raise InputError(
                "a label table needs the id of each record", found=brief(example.record.text), expected="an id"
            )
        gold = Annotation(example.record.id, options.annotator, example.values, origin="import")
        for annotation in annotations_of(example) or (gold,):
            answered = [name for name in names if name in annotation.values]
            if not answered and annotation.status != "submitted":
                yield _row(annotation, None, None, annotation.seconds)
            for number, name in enumerate(answered):
                cell = format_cell(schema[name], value_to_json(annotation.values[name]))
                yield _row(annotation, name, cell, None if number else annotation.seconds)


def _written(cell: object) -> str:
    return "" if cell is None or cell is False else "true" if cell is True else str(cell)


def _row(annotation: Annotation, field: str | None, value: str | None, seconds: float | None) -> dict[str, Any]:
    a = annotation
    return dict(
        zip(COLUMNS, (a.record, field, a.annotator, value, seconds, a.origin, a.at, a.status, a.check), strict=True)
    )


def _write_parquet(path: Path, rows: Iterator[dict[str, Any]]) -> int:
    import pyarrow as pa
    import pyarrow.parquet as pq

    types = {"seconds": pa.float64(), "check": pa.bool_()}
    schema = pa.schema([(name, types.get(name, pa.string())) for name in COLUMNS])
    count, batch = 0, list[dict[str, Any]]()
    with temporary_beside(path) as temporary:
        with pq.ParquetWriter(temporary, schema) as writer:
            for row in rows:
                count += 1
                batch.append(row)
                if len(batch) == 4096:
                    writer.write_table(pa.Table.from_pylist(batch, schema))
                    batch.clear()
            writer.write_table(pa.Table.from_pylist(batch, schema))
        temporary.replace(path)
    return count
