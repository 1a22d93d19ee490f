"""A label table as a data frame, for who has the table alone: no workspace, no schema, no records."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from goldleaf.core import ORIGINS, STATUSES, InputError, brief
from goldleaf.formats.common import ReadOptions
from goldleaf.formats.label_table import COLUMNS, label_rows, one_of, read_check, read_seconds, read_text, read_time
from goldleaf.formats.rows import check_row

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
    columns: dict[str, list[Any]] = {name: [] for name in COLUMNS if name in {*header, "annotator"}}
    for where, row in rows:
        try:
            cells = _cells(row, options)
        except InputError as error:
            raise error.at(where) from None
        if cells is not None:
            for name, column in columns.items():
                column.append(cells[name])
    return pd.DataFrame(columns)


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
