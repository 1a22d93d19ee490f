"""Plain text: a record a line."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from goldleaf.core import InputError, Record, Schema, brief
from goldleaf.formats.common import (
    Item,
    ReadOptions,
    Writable,
    WriteOptions,
    finish_record,
    read_each,
    read_lines,
    write_whole,
)


def read_txt(path: Path, schema: Schema, options: ReadOptions) -> Iterator[Item]:
    """Each line that is not blank as a record, the white space around it kept."""
    lines = enumerate(read_lines(path, options.encoding), 1)
    units = ((f"{path.name}:{number}", line) for number, line in lines if line.strip())
    return read_each(units, lambda where, line: Item(finish_record(Record("", line), options), {}, (), where), options)


def write_txt(path: Path, schema: Schema, examples: Iterable[Writable], options: WriteOptions) -> int:
    """Write a text a line, and say how many. A text of several lines, or of none, is an error."""
    count = 0
    with write_whole(path) as file:
        for example in examples:
            text = example.record.text
            if not text.strip() or "\n" in text or text.endswith("\r"):
                raise InputError(
                    "plain text cannot hold this record",
                    where=f"record {example.record.id}",
                    found=brief(text),
                    expected="one line that is not blank",
                    todo="Export JSONL or CSV",
                )
            file.write(text + "\n")
            count += 1
    return count
