"""A project as tables: what was said (the label table), of what (the records table), and what holds (the gold table)."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from goldleaf.core import value_to_json
from goldleaf.formats import ReadOptions, read_label_frame, read_record_frame
from goldleaf.store import Connection, active, annotations_of, get_project, pages
from goldleaf.workspace.folder import Workspace
from goldleaf.workspace.resolve import gold_pages

if TYPE_CHECKING:
    import pandas as pd

LABELS = ("record", "field", "annotator", "value", "seconds", "origin", "at", "status", "check")
RECORDS = ("record", "text", "tokens", "group", "split", "timestamp", "meta")
GOLD = ("record", "field", "value", "method", "confidence")


def label_table(ws: Workspace, project: str = "default", *, field: str | None = None) -> pd.DataFrame:
    """A row for each answer of an annotator to a field, in order of import of the records; superseded answers and skips are left out.

    Columns: `LABELS`. Values are JSON-ready: a label, a list of labels, a list of `[start, end, label]`. Raises NotFoundError for an
    unknown project, InputError for an unknown field.
    """
    import pandas as pd

    with ws.store.read() as c:
        key, found = get_project(c, project)
        names = [found.schema[field].name] if field is not None else list(found.schema.names)
        rows = [row for page in pages(c, key) for row in _answers(c, {s.pk: s.record.id for s in page}, names)]
    return pd.DataFrame(rows, columns=list(LABELS))


def _answers(c: Connection, ids: dict[int, str], names: list[str]) -> list[tuple[Any, ...]]:
    said = annotations_of(c, ids)
    return [
        (a.record, name, a.annotator, value_to_json(a.values[name]), a.seconds, a.origin, a.at, a.status, a.check)
        for key in ids
        for a in active(said.get(key, []))
        for name in names
        if name in a.values
    ]


def records_table(ws: Workspace, project: str = "default") -> pd.DataFrame:
    """A row for each record, in order of import. Columns: `RECORDS`; tokens are `[start, end]` pairs, None where the record has none."""
    import pandas as pd

    with ws.store.read() as c:
        key, _ = get_project(c, project)
        records = [stored.record for page in pages(c, key) for stored in page]
    rows = [
        (
            r.id,
            r.text,
            None if r.tokens is None else [list(t) for t in r.tokens],
            r.group,
            r.split,
            r.timestamp,
            dict(r.meta),
        )
        for r in records
    ]
    return pd.DataFrame(rows, columns=list(RECORDS))


def gold_table(ws: Workspace, project: str = "default") -> pd.DataFrame:
    """A row for each field of a record that has gold: the best method's. Columns: `GOLD`."""
    import pandas as pd

    with ws.store.read() as c:
        key, found = get_project(c, project)
        rows = [
            (stored.record.id, name, value_to_json(gold.value), gold.method, gold.confidence)
            for page in gold_pages(c, key, found.schema)
            for stored, golds in page
            for name, gold in golds.items()
        ]
    return pd.DataFrame(rows, columns=list(GOLD))


def read_label_table(path: Path | str, *, field: str | None = None) -> pd.DataFrame:
    """The label table in a CSV, TSV or Parquet file alone, without a workspace. Raises InputError that names file and line."""
    return read_label_frame(Path(path), options=ReadOptions(field=field))


def read_records_table(path: Path | str) -> pd.DataFrame:
    """The records in a JSONL, CSV, TSV or Parquet file alone, without a workspace. Raises InputError that names file and line."""
    return read_record_frame(Path(path))
