"""CSV and TSV as rows of strings, with the line each row begins on, exactly: what stands in quotes comes back as it was."""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from goldleaf.core import InputError, brief
from goldleaf.formats.common import ReadOptions, read_lines

Row = tuple[str, dict[str, str]]
"""Where it stands (`data.csv:7`), and its cells by column."""


def read_rows(path: Path, separator: str, options: ReadOptions) -> tuple[list[str], Iterator[Row]]:
    """The columns of a table, and its rows. `options.columns` names the columns of a file without a header."""
    raw = _raw_rows(path, separator, options)
    if options.columns:
        return list(options.columns), _rows(raw, list(options.columns))
    where, header = next(raw, (path.name, []))
    if not header:
        raise InputError("there is no header", where=where, expected="a line with the names of the columns")
    header = [name.strip() for name in header]
    if len(set(header)) < len(header):
        twice = sorted({name for name in header if header.count(name) > 1})
        raise InputError(
            "two columns have one name", where=where, found=", ".join(map(brief, twice)), expected="a name for each"
        )
    return header, _rows(raw, header)


def find_separator(path: Path, format: str, options: ReadOptions) -> str:
    """The one named, else TAB for TSV, else a comma, or the semicolon of a header that has no comma."""
    if options.separator:
        return options.separator
    if format == "tsv":
        return "\t"
    header = next(read_lines(path, options.encoding), "")
    return ";" if ";" in header and "," not in header else ","


def format_row(cells: Sequence[str], separator: str) -> str:
    """One line of the table, its end included; cells are quoted where they must be."""
    if len(cells) == 1 and not cells[0]:
        return '""\n'
    return separator.join(_quoted(cell, separator) for cell in cells) + "\n"


def _quoted(cell: str, separator: str) -> str:
    special = any(char in cell for char in (separator, '"', "\n", "\r"))
    return '"' + cell.replace('"', '""') + '"' if special or cell.strip() != cell else cell


def _raw_rows(path: Path, separator: str, options: ReadOptions) -> Iterator[tuple[str, list[str]]]:
    csv.field_size_limit(sys.maxsize)  # the module's limit of 128 kB a cell is process-wide, and too low for a document
    quoting = csv.QUOTE_MINIMAL if options.quotes else csv.QUOTE_NONE
    lines = read_lines(path, options.encoding, keep_ends=options.quotes)
    reader = csv.reader(lines, delimiter=separator, quoting=quoting, strict=True)
    begin = 1
    try:
        for row in reader:
            if row:
                yield f"{path.name}:{begin}", row
            begin = reader.line_num + 1
    except csv.Error as error:
        todo = "A quote in a quoted cell is written twice; if quotes have no meaning in this file, read it with quotes=False"
        message = "this row is not valid CSV"
        raise InputError(
            message, where=f"{path.name}:{begin}", found=str(error), expected="cells in balanced quotes", todo=todo
        ) from None


def _rows(raw: Iterator[tuple[str, list[str]]], header: list[str]) -> Iterator[Row]:
    for where, cells in raw:
        yield where, dict(zip(header, cells, strict=True)) if len(cells) == len(header) else _misfit(cells, header)


def _misfit(cells: list[str], header: list[str]) -> dict[str, str]:
    """A row of the wrong width, marked: the reader of records raises for it, so that it can be skipped like any other."""
    return {MISFIT: f"{len(cells)}: {brief(cells)}", EXPECTED: f"{len(header)}, as in the header"}


MISFIT, EXPECTED = "\x00found", "\x00expected"


def check_row(row: dict[str, str]) -> None:
    """Raise InputError for a row that has another number of cells than the header."""
    if MISFIT in row:
        raise InputError("another number of columns than in the header", found=row[MISFIT], expected=row[EXPECTED])
