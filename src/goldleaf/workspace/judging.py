"""What a project's labels (or a label table alone) are worth, and who gave them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from goldleaf.core import InputError, Schema
from goldleaf.store import get_project
from goldleaf.workspace.aggregating import human_answers
from goldleaf.workspace.folder import Workspace
from goldleaf.workspace.label_tables import label_table, read_label_table, read_records_table, records_table

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True)
class Labels:
    """What quality is measured on: the answers of annotators, the records they are of (None where they are not known), and the schema
    (None where the kinds are to be read off the values)."""

    table: pd.DataFrame
    records: pd.DataFrame | None = None
    schema: Schema | None = None


def labels_of(ws: Workspace, project: str = "default", *, field: str | None = None, checks: bool = False) -> Labels:
    """A project's. Answers to check questions are left out unless `checks` asks for them."""
    with ws.store.read() as c:
        schema = get_project(c, project)[1].schema
    table = label_table(ws, project, field=field)
    return Labels(
        table[table["origin"] != "import"] if checks else human_answers(table), records_table(ws, project), schema
    )


def read_labels(labels: Path | str, records: Path | str | None = None, *, field: str | None = None) -> Labels:
    """Those of a label table's file, with a file of its records where there is one.

    `field` is the one to take, and what a table without that column is about. Raises InputError where the table has no such field.
    """
    table = read_label_table(labels, field=field)
    if field is not None:
        names = list(dict.fromkeys(table["field"]))
        table = table[table["field"] == field]
        if table.empty:
            raise InputError("the table has no such field", where=str(labels), found=field, expected=" or ".join(names))
    return Labels(table, None if records is None else read_records_table(records))


def judge_annotators(labels: Labels, *, gold: pd.DataFrame | Path | str | None = None) -> list[dict[str, Any]]:
    """What `quality.annotators` says of each annotator and field, as rows ready for JSON.

    `gold` is a gold table (of which what was imported or decided counts) or the file of a label table.
    """
    from goldleaf.quality.annotators import annotators

    if isinstance(gold, Path | str):
        gold = read_label_table(gold).drop(columns="annotator")
    elif gold is not None:
        gold = gold[gold["method"].isin(("imported", "adjudicated"))]
    known = None if gold is None or gold.empty else gold
    found = annotators(labels.table, schema=labels.schema, records=labels.records, gold=known)
    return [{str(name): _plain(cell) for name, cell in row.items()} for row in found.to_dict("records")]


def _plain(cell: Any) -> Any:
    """Numbers of numpy as Python's, rounded; NaN as None."""
    if isinstance(cell, dict):
        return {str(name): _plain(each) for name, each in cell.items()}
    if isinstance(cell, list | tuple):
        return [_plain(each) for each in cell]
    value = cell.item() if hasattr(cell, "item") else cell
    return (None if value != value else round(value, 6)) if isinstance(value, float) else value
