"""Intent and slots: a folder of three files, `seq.in` (tokens), `seq.out` (their tags) and `label` (the intent), a line for each record."""

from __future__ import annotations

import re
import shutil
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from itertools import zip_longest
from pathlib import Path
from typing import Any

from goldleaf.core import Field, InputError, Record, Schema, brief
from goldleaf.formats.common import (
    Item,
    ReadOptions,
    Writable,
    WriteOptions,
    check_file,
    finish_record,
    pick_field,
    read_each,
    read_lines,
    write_whole,
)
from goldleaf.formats.conll import value_to_tags, warn_of_losses
from goldleaf.formats.tokens import join_words, tags_to_value, tokens_to_write

NAMES = ("seq.in", "seq.out", "label")
_MANY = "#"


def read_intent_slot(path: Path, schema: Schema, options: ReadOptions) -> Iterator[Item]:
    """The records of a folder, one at a time. Several intents of one record are joined by `#`, where the field takes many."""
    for name in NAMES:
        check_file(path / name)
    intent, slots = _fields(schema, options.field)
    names = [f"{path.name}/{name}" for name in NAMES]
    files = [read_lines(path / n, options.encoding, name=name) for n, name in zip(NAMES, names, strict=True)]

    def parse(where: str, lines: tuple[str | None, ...]) -> Item | None:
        words, tags, label = (_stripped(line, name, where) for line, name in zip(lines, names, strict=True))
        if not words and not tags and not label:
            return None
        return _parse(where, path.name, words, tags, label, intent, slots, options)

    rows = ((f"{names[0]}:{number}", row) for number, row in enumerate(zip_longest(*files), 1))
    return read_each(rows, parse, options)


def _fields(schema: Schema, name: str | None) -> tuple[Field, Field]:
    """The choice and the spans (or tags) that the folder speaks of; a name says which, where there are several of a kind."""
    kind = schema[name].kind if name else None
    intent = pick_field(schema, name if kind == "choice" else None, "choice")
    return intent, pick_field(schema, name if kind in ("spans", "tags") else None, "spans", "tags")


def _stripped(line: str | None, name: str, where: str) -> str:
    if line is None:
        number = where.rpartition(":")[2]
        raise InputError(
            "the file ends before the others", where=f"{name}:{number}", found="no line", expected=f"line {number}"
        )
    return line.strip(" \t\r")


def _parse(
    where: str, folder: str, seq_in: str, seq_out: str, label: str, intent: Field, slots: Field, options: ReadOptions
) -> Item:
    number = where.rpartition(":")[2]
    words, tags = (re.split(r"[ \t]+", line) if line else [] for line in (seq_in, seq_out))
    if len(words) != len(tags):
        raise InputError(
            "tokens and tags differ in number",
            where=f"{folder}/seq.out:{number}",
            found=f"{len(tags)} tags",
            expected=f"{len(words)}, one for each token of seq.in",
        )
    if not label:
        raise InputError(
            "the intent is missing", where=f"{folder}/label:{number}", found="an empty line", expected="a label"
        )
    text, tokens = join_words(words)
    try:
        value = tags_to_value(slots, tags, tokens)
    except InputError as error:
        raise error.at(f"{folder}/seq.out:{number}") from None
    values: dict[str, Any] = {intent.name: label.split(_MANY) if intent.many else label, slots.name: value}
    return Item(finish_record(Record("", text, tokens), options), values, (), where)


def write_intent_slot(path: Path, schema: Schema, examples: Iterable[Writable], options: WriteOptions) -> int:
    """Write the three files of a folder, and say how many records. One that lacks the intent or the slots is left out, and counted."""
    if path.exists() and not path.is_dir():
        raise InputError(
            "cannot write a folder here", where=str(path), found="a file", expected="a folder, or nothing yet"
        )
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = Path(tempfile.mkdtemp(prefix=f".{path.name}.", suffix=".part", dir=path.parent))
    try:
        count = _write_into(temporary, path.name, schema, examples, options)
        path.mkdir(exist_ok=True)
        for name in NAMES:
            (temporary / name).replace(path / name)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
    return count


def _write_into(folder: Path, name: str, schema: Schema, examples: Iterable[Writable], options: WriteOptions) -> int:
    intent, slots = _fields(schema, options.field)
    counts: Counter[str] = Counter()
    with ExitStack() as stack:
        files = [stack.enter_context(write_whole(folder / n)) for n in NAMES]
        for example in examples:
            record, values = example.record, example.values
            tokens = tokens_to_write(record, options.segment)
            if not tokens or not values.get(intent.name) or slots.name not in values:
                counts["left out"] += 1
                continue
            words = [record.text[start:end] for start, end in tokens]
            tags = value_to_tags(slots, values[slots.name], tokens, options, counts)
            label = values[intent.name]
            labels = [label] if isinstance(label, str) else list(label)
            _check_cells(words + tags, labels, record)
            for file, line in zip(files, (" ".join(words), " ".join(tags), _MANY.join(labels)), strict=True):
                file.write(line + "\n")
            counts["written"] += 1
    warn_of_losses(name, slots, counts, options)
    return counts["written"]


def _check_cells(cells: list[str], labels: list[str], record: Record) -> None:
    where = f"record {record.id}"
    for cell in cells:
        if re.search(r"[ \t\r\n]", cell):
            raise InputError(
                "intent-slot cannot hold this token or tag", where=where, found=brief(cell), expected="no space in it"
            )
    for label in labels:
        if len(labels) > 1 and _MANY in label:
            raise InputError(
                f"several intents are joined by {_MANY}", where=where, found=brief(label), expected=f"no {_MANY} in it"
            )
