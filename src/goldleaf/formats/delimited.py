"""CSV and TSV: a header, and a row for each record."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, cast

from goldleaf.core import Field, InputError, Record, Schema, brief
from goldleaf.formats.cells import format_cell, parse_cell
from goldleaf.formats.common import (
    Item,
    ReadOptions,
    Writable,
    WriteOptions,
    finish_record,
    read_each,
    write_whole,
)
from goldleaf.formats.names import find_label_column, find_text_column
from goldleaf.formats.rows import check_row, find_separator, format_row, read_rows
from goldleaf.formats.tokens import join_words, parse_tokens, tags_to_value

_OWN = ("id", "text", "tokens", "group", "timestamp", "split", "meta")
_META = "meta."


def read_delimited(format: str, path: Path, schema: Schema, options: ReadOptions) -> Iterator[Item]:
    """The rows of a CSV or TSV file as items, one at a time."""
    header, rows = read_rows(path, find_separator(path, format, options), options)
    text = find_text_column(header, options)
    if text not in header and "tokens" not in header:
        raise InputError(
            "no column holds the text",
            where=f"{path.name}:1",
            found=", ".join(map(brief, header)),
            expected="a column text, or tokens",
            todo="Name the column of the text",
        )
    columns = {name: name for name in schema.names if name in header}
    if found := find_label_column(header, schema, options):
        columns[found[0]] = found[1]
    return read_each(rows, partial(_parse_row, schema=schema, text=text, columns=columns, options=options), options)


def _parse_row(
    where: str, row: dict[str, str], *, schema: Schema, text: str, columns: Mapping[str, str], options: ReadOptions
) -> Item:
    check_row(row)
    tokens = _json(row, "tokens")
    content, offsets = parse_tokens(tokens, row.get(text) if row.get(text) or tokens is None else None)
    values: dict[str, Any] = {}
    for name, column in columns.items():
        cell, field = row[column], schema[name]
        if not cell.strip():
            continue
        if tokens is None and _is_tagged(field, cell):
            content, offsets = join_words(content.split())
            values[name] = _tags(field, cell.split(), offsets)
        else:
            values[name] = (
                _tags(field, cell.split(), offsets or ()) if _is_tagged(field, cell) else parse_cell(field, cell)
            )
    given = row.get("id", "")
    record = Record(
        given,
        content,
        offsets,
        _meta(row, {text, *columns.values()}),
        row.get("group") or None,
        row.get("timestamp") or None,
        cast("Any", row.get("split") or None),
    )
    return Item(finish_record(record, options), values, (), where, bool(given))


def _is_tagged(field: Field, cell: str) -> bool:
    """Whether the cell has a tag for each token: what stands for spans where it is no JSON."""
    return field.kind == "spans" and not cell.lstrip().startswith("[")


def _tags(field: Field, tags: Sequence[str], tokens: Sequence[tuple[int, int]]) -> Any:
    if len(tags) != len(tokens):
        raise InputError(
            f"tags of {field.name} and tokens differ in number",
            found=f"{len(tags)} tags",
            expected=f"{len(tokens)}, or spans as JSON",
        )
    return tags_to_value(field, tags, tokens)


def _meta(row: Mapping[str, str], taken: set[str]) -> dict[str, Any]:
    """`meta.KEY` columns, the JSON object of a `meta` column, and every column that is nothing else."""
    meta = _json(row, "meta") or {}
    if not isinstance(meta, dict):
        raise InputError("meta is no object", found=brief(meta), expected="a JSON object, or columns meta.KEY")
    rest = {
        name.removeprefix(_META): cell for name, cell in row.items() if name not in _OWN and name not in taken and cell
    }
    return cast("dict[str, Any]", meta) | rest


def _json(row: Mapping[str, str], column: str) -> Any:
    cell = row.get(column, "")
    if not cell.strip():
        return None
    try:
        return json.loads(cell)
    except (json.JSONDecodeError, RecursionError) as error:
        raise InputError(f"{column} is not valid JSON", found=brief(cell), expected=f"JSON ({error})") from None


def write_delimited(
    format: str, path: Path, schema: Schema, examples: Iterable[Writable], options: WriteOptions
) -> int:
    """Write a header and a row a record, and say how many. A column that no record fills is left out."""
    separator = options.separator or ("\t" if format == "tsv" else ",")
    fields = [schema[options.field]] if options.field else list(schema.fields)
    used: dict[str, None] = dict.fromkeys(["text"])
    count = 0
    with tempfile.TemporaryFile(
        "w+", encoding="utf-8", errors="surrogatepass"
    ) as spool:  # columns are known after the last row
        for example in examples:
            row = _to_row(example.record, example.values, fields)
            used |= dict.fromkeys(row)
            spool.write(json.dumps(row) + "\n")
            count += 1
        spool.seek(0)
        names = [f.name for f in fields]
        own = [name for name in _OWN if name in used]
        header = [*own, *sorted(used.keys() - {*own, *names}), *names]
        with write_whole(path) as file:
            file.write(format_row(header, separator))
            for line in spool:
                row = json.loads(line)
                file.write(format_row([row.get(name, "") for name in header], separator))
    return count


def _to_row(record: Record, values: Mapping[str, Any], fields: Sequence[Field]) -> dict[str, str]:
    tokens = None if record.tokens is None else json.dumps([list(token) for token in record.tokens])
    plain = {
        "id": record.id,
        "text": record.text,
        "tokens": tokens,
        "group": record.group,
        "timestamp": record.timestamp,
        "split": record.split,
    }
    simple = {
        key: value for key, value in record.meta.items() if isinstance(value, str) and value and key == key.strip()
    }
    rest = {key: value for key, value in record.meta.items() if key not in simple}
    row = {key: value for key, value in plain.items() if value} | {_META + key: value for key, value in simple.items()}
    if rest:
        row["meta"] = json.dumps(rest, ensure_ascii=False)
    return row | {field.name: format_cell(field, values[field.name]) for field in fields if field.name in values}
