"""Export: a project's records with their gold or annotations, into a file."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Literal

from goldleaf.core import InputError, Scheme, Split
from goldleaf.formats import Item, WriteOptions, write_items
from goldleaf.store import Connection, active, annotations_of, get_project, pages
from goldleaf.text import Segmenter
from goldleaf.workspace.folder import Workspace
from goldleaf.workspace.resolve import examples

What = Literal["gold", "annotations"]
_BY_SUFFIX = {
    ".jsonl": "jsonl",
    ".csv": "csv",
    ".tsv": "tsv",
    ".txt": "txt",
    ".conll": "conll",
    ".bio": "conll",
    ".parquet": "labels",
}


def export_file(
    ws: Workspace,
    path: Path | str,
    *,
    project: str = "default",
    format: str = "auto",
    what: What = "gold",
    field: str | None = None,
    split: Split | None = None,
    scheme: Scheme = "IOB2",
    segment: Segmenter | None = None,
    separator: str | None = None,
    warn: Callable[[str], None] | None = None,
) -> int:
    """Write a project's records, in order of import, with their gold or with every annotation; how many records were written.

    The file is whole or not there; `auto` takes the format from its name, where annotations as CSV or TSV are a label table. `field` and
    `split` choose what is written, `scheme` and `segment` how spans become tags. `warn` is told what the format could not hold.
    """
    path = Path(path)
    format = _format_of(path, what) if format == "auto" else format
    options = WriteOptions(field=field, scheme=scheme, segment=segment or "auto", separator=separator)
    if warn is not None:
        options = replace(options, warn=warn)
    with ws.store.read() as c:
        key, found = get_project(c, project)
        if field is not None:
            _ = found.schema[field]
        rows = examples(c, key, found.schema, split=split) if what == "gold" else _annotated(c, key, split, field)
        try:
            return write_items(path, format, found.schema, rows, options=options)
        except OSError as error:
            raise InputError("the file cannot be written", where=str(path), found=error.strerror) from None


def _annotated(c: Connection, project: int, split: Split | None, field: str | None) -> Iterator[Item]:
    """Each record with its annotations, superseded ones left out, and no gold."""
    for page in pages(c, project, split=split):
        said = annotations_of(c, {stored.pk: stored.record.id for stored in page})
        for stored in page:
            given = tuple(a for a in active(said.get(stored.pk, [])) if field is None or field in a.values)
            yield Item(stored.record, annotations=given, where=stored.place, given_id=True)


def _format_of(path: Path, what: What) -> str:
    """The format that the file's name tells; annotations are a label table where it could also be one with a row a record."""
    if path.suffix.lower() not in _BY_SUFFIX:
        expected = ", ".join(sorted(_BY_SUFFIX))
        raise InputError("the name does not tell the format", where=str(path), expected=expected, todo="Give --format")
    found = _BY_SUFFIX[path.suffix.lower()]
    return "labels" if what == "annotations" and found in ("csv", "tsv") else found
