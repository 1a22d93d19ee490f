"""Blocks: a file of records cut into runs of so many records, each of which can be read without the rest of the file.

JSONL is cut at the ends of lines, after one pass that counts them; Parquet by row numbers, from its footer. All blocks of a file have
the same number of records, but for the last, and depend on nothing but the file and that number.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from typing import IO, TYPE_CHECKING, Any, Literal, TypeVar, cast

from goldleaf.core import InputError, Schema, brief
from goldleaf.formats.common import BOM, Item, ReadOptions, decode_line, refuse_nul
from goldleaf.formats.jsonl import parse_line, parse_object
from goldleaf.formats.names import find_text_column

if TYPE_CHECKING:
    import pyarrow.parquet as pq

BlockFormat = Literal["jsonl", "parquet"]
T = TypeVar("T")

_AT_ONCE = 1024
"""Rows of Parquet that are unpacked at once."""


@dataclass(frozen=True, slots=True)
class Block:
    """`records` records of a file, the first of which is number `first` (from 1).

    In JSONL they are the bytes from `start` up to `end`, the first of them in line `line` (from 1); Parquet needs none of the three.
    """

    first: int
    records: int
    start: int = 0
    end: int = 0
    line: int = 1


def cut_blocks(file: IO[bytes], name: str, format: BlockFormat, size: int) -> Iterator[Block]:
    """Blocks of `size` records (the last may have fewer), in order. Blank lines of JSONL are no records.

    Raises InputError, which calls the file `name`, for Parquet that cannot be read or has no text.
    """
    return _cut_jsonl(file, size) if format == "jsonl" else _cut_parquet(file, name, size)


def read_block(
    file: IO[bytes], name: str, format: BlockFormat, block: Block, schema: Schema, options: ReadOptions | None = None
) -> Iterator[Item]:
    """The items of a block. A record without an id has its number in the file for one.

    Raises InputError that names file and line (or row); with `options.skip`, what concerns one record is given to it instead.
    """
    how = options or ReadOptions()
    if format == "jsonl":
        return _items(_lines(file, name, block), partial(_parse_bytes, schema=schema, options=how), how)
    return _items(_rows(file, name, block), partial(parse_object, schema=schema, options=how), how)


def _items(
    units: Iterable[tuple[str, int, T]], parse: Callable[[str, T], Item], options: ReadOptions
) -> Iterator[Item]:
    for where, number, unit in units:
        try:
            item = parse(where, unit)
        except InputError as error:
            placed = error if (error.where or "").startswith(where) else cast("InputError", error.at(where))
            if options.skip is None:
                raise placed from None
            options.skip(placed)
            continue
        yield item if item.record.id else replace(item, record=replace(item.record, id=str(number)))


def _cut_jsonl(file: IO[bytes], size: int) -> Iterator[Block]:
    start = end = records = 0
    first = line = 1
    number = 0
    for number, raw in enumerate(file, 1):
        end += len(raw)
        records += not _is_blank(raw)
        if records == size:
            yield Block(first, records, start, end, line)
            first, records, start, line = first + records, 0, end, number + 1
    if records:
        yield Block(first, records, start, end, line)


def _is_blank(raw: bytes) -> bool:
    """Whether `str.strip` leaves nothing of a line but a byte order mark; most lines are told by their first byte."""
    if raw[:1] == b"{":
        return False
    try:
        return not raw.decode().removeprefix(BOM).strip()
    except UnicodeDecodeError:
        return False


def _lines(file: IO[bytes], name: str, block: Block) -> Iterator[tuple[str, int, tuple[bytes, bool]]]:
    """Where each line that is not blank stands, which record of the file it is, its bytes, and whether the file begins with it."""
    file.seek(block.start)
    number = block.first
    lines = file.read(block.end - block.start).removesuffix(b"\n").split(b"\n")
    for offset, raw in enumerate(lines):
        if not _is_blank(raw):
            yield f"{name}:{block.line + offset}", number, (raw, block.start == 0 and offset == 0)
            number += 1


def _parse_bytes(where: str, unit: tuple[bytes, bool], *, schema: Schema, options: ReadOptions) -> Item:
    raw, begins = unit
    line = decode_line(raw, where)
    refuse_nul(line, where)
    return parse_line(where, line.removeprefix(BOM) if begins else line, schema=schema, options=options)


def _cut_parquet(file: IO[bytes], name: str, size: int) -> Iterator[Block]:
    with _parquet(file, name) as table:
        rows = table.metadata.num_rows
        _columns(table, name)
    for first in range(0, rows, size):
        yield Block(first + 1, min(size, rows - first))


def _rows(file: IO[bytes], name: str, block: Block) -> Iterator[tuple[str, int, dict[str, Any]]]:
    """Only the row groups that hold a row of the block are read, and of them only what a record needs."""
    begin, end = block.first - 1, block.first - 1 + block.records
    with _parquet(file, name) as table:
        groups, before = _groups(table, begin, end)
        row = before
        for batch in table.iter_batches(batch_size=_AT_ONCE, row_groups=groups, columns=_columns(table, name)):
            wanted = batch.slice(max(0, begin - row), max(0, min(end, row + batch.num_rows) - max(begin, row)))
            for number, cells in enumerate(wanted.to_pylist(), max(begin, row) + 1):
                yield f"{name}:row {number}", number, cells
            row += batch.num_rows


def _groups(table: pq.ParquetFile, begin: int, end: int) -> tuple[list[int], int]:
    """The row groups that hold one of the rows `begin` up to `end`, and how many rows stand before them."""
    groups: list[int] = []
    row = before = 0
    for group in range(table.num_row_groups):
        rows = table.metadata.row_group(group).num_rows
        if row < end and row + rows > begin:
            before = before if groups else row
            groups.append(group)
        row += rows
    return groups, before


def _columns(table: pq.ParquetFile, name: str) -> list[str]:
    names = table.schema_arrow.names
    text = "text" if "tokens" in names else find_text_column(names, ReadOptions())
    columns = [column for column in ("id", text, "tokens") if column in names]
    if text not in columns and "tokens" not in columns:
        raise InputError("no column holds the text", where=name, found=brief(names), expected='"text" or "tokens"')
    return columns


@contextmanager
def _parquet(file: IO[bytes], name: str) -> Iterator[pq.ParquetFile]:
    """A Parquet file; what keeps it from being read is an InputError that names it."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        yield pq.ParquetFile(file)
    except (pa.ArrowException, OSError) as error:
        raise InputError("this is not Parquet that can be read", where=name, found=brief(str(error))) from None
