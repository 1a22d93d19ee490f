"""A label table, and a table of records, as data frames: for who has the tables alone, and no workspace."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from goldleaf.core import ORIGINS, STATUSES, InputError, brief
from goldleaf.formats.common import ReadOptions, read_lines
from goldleaf.formats.label_table import (
    COLUMNS,
    label_rows,
    one_of,
    read_check,
    read_seconds,
    read_text,
    read_time,
    table_rows,
)
from goldleaf.formats.rows import check_row
from goldleaf.formats.tokens import parse_tokens

if TYPE_CHECKING:
    import pandas as pd


def read_label_frame(path: Path, *, options: ReadOptions | None = None) -> pd.DataFrame:
    """The rows of a label table (CSV, TSV or Parquet) in order, with the columns of `COLUMNS` that it has.

    A cell that holds a JSON list is that list (spans, tags, several choices), any other one label. Rows without a value are skips and
    flags, and are left out. Raises InputError, with file and line, where a column is missing or a cell is not what it should be.
    """
    import pandas as pd

    options = options or ReadOptions()
    header, rows = label_rows(path, options)
    known = {*header, "annotator", "field"} if options.field else {*header, "annotator"}
    columns: dict[str, list[Any]] = {name: [] for name in COLUMNS if name in known}
    for where, row in rows:
        try:
            cells = _cells(row, options)
        except InputError as error:
            raise error.at(where) from None
        if cells is not None:
            for name, column in columns.items():
                column.append(cells[name])
    return pd.DataFrame(columns)


def read_record_frame(path: Path, *, options: ReadOptions | None = None) -> pd.DataFrame:
    """The records of a file: JSONL, or a table (CSV, TSV, Parquet) with the columns `record` (or `id`) and `text` or `tokens`.

    Columns: `record`, `text`, `tokens` (`[start, end]` pairs, None where there are none), `group`, `split`, `timestamp`, `meta`. A table's
    other columns are `meta`. Raises InputError, with file and line, where a record has no id or no text.
    """
    import pandas as pd

    options = options or ReadOptions()
    rows = [_record(where, row) for where, row in _record_rows(path, options)]
    return pd.DataFrame(rows, columns=["record", "text", "tokens", "group", "split", "timestamp", "meta"])


def _record_rows(path: Path, options: ReadOptions) -> Iterator[tuple[str, dict[str, Any]]]:
    if path.suffix.lower() == ".jsonl":
        for number, line in enumerate(read_lines(path, options.encoding), 1):
            if line.strip():
                yield f"{path.name}:{number}", _json_row(line, f"{path.name}:{number}")
    else:
        yield from table_rows(path, options)[1]


def _json_row(line: str, where: str) -> dict[str, Any]:
    try:
        row = json.loads(line)
    except (json.JSONDecodeError, RecursionError) as error:
        raise InputError(
            "not JSON", where=where, found=brief(line), expected="an object a line", todo=str(error)
        ) from None
    if not isinstance(row, dict):
        raise InputError("not an object", where=where, found=brief(line), expected='{"id": ..., "text": ...}')
    return cast("dict[str, Any]", row)


_OWN = ("record", "id", "text", "tokens", "group", "split", "timestamp", "meta", "gold", "annotations", "suggestions")


def _record(where: str, row: dict[str, Any]) -> tuple[Any, ...]:
    record = read_text(row.get("record")) or read_text(row.get("id"))
    if not record:
        raise InputError("the record has no id", where=where, found=brief(row), expected="a value under record or id")
    tokens = row.get("tokens")
    try:
        text, places = parse_tokens(_listed(tokens) if isinstance(tokens, str) else tokens or None, row.get("text"))
    except InputError as error:
        raise error.at(where) from None
    given = row.get("meta")
    meta = cast("dict[str, Any]", given) if isinstance(given, dict) else {}
    meta = {**meta, **{name: cell for name, cell in row.items() if name not in _OWN}}
    pairs = None if places is None else [list(place) for place in places]
    return record, text, pairs, row.get("group") or None, row.get("split") or None, row.get("timestamp") or None, meta


def _cells(row: dict[str, Any], options: ReadOptions) -> dict[str, Any] | None:
    check_row(row)
    value = row.get("value")
    status = one_of("status", row, STATUSES, "submitted")
    if value is None or (isinstance(value, str) and not value.strip()):
        if status == "submitted":
            raise InputError("the value is empty", found=brief(row), expected='a value; "nothing here" is []')
        return None
    names = {"record": read_text(row.get("record")), "annotator": read_text(row.get("annotator")) or options.annotator}
    for name, cell in names.items():
        if not cell:
            raise InputError(f"the row names no {name}", found=brief(row), expected=f"a value under {name}")
    return {
        **names,
        "field": read_text(row.get("field")) or options.field,
        "value": _value(value),
        "seconds": read_seconds(row.get("seconds")),
        "origin": one_of("origin", row, ORIGINS, "human"),
        "at": read_time(row.get("at")),
        "status": status,
        "check": read_check(row.get("check")),
    }


def _value(value: Any) -> Any:
    if isinstance(value, str):
        return _listed(value)
    return list(_items(value)) if hasattr(value, "__iter__") else read_text(value)


def _listed(cell: str) -> Any:
    cell = cell.strip()
    if cell.startswith("["):
        try:
            return json.loads(cell)
        except (json.JSONDecodeError, RecursionError):
            return cell
    return cell


def _items(value: Any) -> Iterator[Any]:
    for item in cast("list[Any]", value):
        yield item if isinstance(item, str) else list(item)
