"""The formats by name."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path

from goldleaf.core import InputError, Schema, Scheme, brief
from goldleaf.formats.common import Item, ReadOptions, Writable, WriteOptions, check_file
from goldleaf.formats.conll import read_conll, write_conll
from goldleaf.formats.delimited import read_delimited, write_delimited
from goldleaf.formats.detect import detect_format
from goldleaf.formats.intent_slot import read_intent_slot, write_intent_slot
from goldleaf.formats.jsonl import read_jsonl, write_jsonl
from goldleaf.formats.label_table import read_labels, write_labels
from goldleaf.formats.txt import read_txt, write_txt
from goldleaf.text import Segmenter

READERS: dict[str, Callable[[Path, Schema, ReadOptions], Iterator[Item]]] = {
    "jsonl": read_jsonl,
    "csv": partial(read_delimited, "csv"),
    "tsv": partial(read_delimited, "tsv"),
    "txt": read_txt,
    "conll": read_conll,
    "intent-slot": read_intent_slot,
    "labels": read_labels,
}
WRITERS: dict[str, Callable[[Path, Schema, Iterable[Writable], WriteOptions], int]] = {
    "jsonl": write_jsonl,
    "csv": partial(write_delimited, "csv"),
    "tsv": partial(write_delimited, "tsv"),
    "txt": write_txt,
    "conll": write_conll,
    "intent-slot": write_intent_slot,
    "labels": write_labels,
}
_FOLDERS = frozenset({"intent-slot"})


def read_items(path: Path, format: str, schema: Schema, options: ReadOptions | None = None) -> Iterator[Item]:
    """The items of a file (or folder), one at a time and in the order given; `format` may be `auto`.

    Raises InputError, which names file and line, what was found and what was expected: for the path, the options and the header at
    once, for a record when it is reached.
    """
    path = Path(path)
    name = detect_format(path) if format == "auto" else format
    if name not in READERS:
        raise InputError("no reader for this format", found=brief(name), expected=" or ".join(READERS))
    check_file(path, folder=name in _FOLDERS)
    return _not_empty(READERS[name](path, schema, options or ReadOptions()), path)


def _not_empty(items: Iterator[Item], path: Path) -> Iterator[Item]:
    """The same items; a file of nothing but white space is an error, as an empty one is."""
    first = next(items, None)
    if first is not None:
        yield first
        yield from items
    elif all(_is_blank(file) for file in (path.iterdir() if path.is_dir() else [path])):
        raise InputError("the file is empty", where=str(path), found="white space", expected="at least one record")


def _is_blank(path: Path) -> bool:
    with path.open("rb") as file:
        return not file.read(1 << 16).removeprefix(b"\xef\xbb\xbf").strip()


def write_items(
    path: Path,
    format: str,
    schema: Schema,
    examples: Iterable[Writable],
    *,
    field: str | None = None,
    scheme: Scheme = "IOB2",
    segment: Segmenter | None = None,
    options: WriteOptions | None = None,
) -> int:
    """Write examples (or items, which bring annotations) and say how many rows or records; the file gets its name when it is whole.

    `field`, `scheme` and `segment` are for the formats of one tag a token; `options` says all of it at once instead.
    """
    if format not in WRITERS:
        raise InputError("no writer for this format", found=brief(format), expected=" or ".join(WRITERS))
    if field is not None:
        schema[field]  # raises for an unknown name before anything is written
    chosen = options or WriteOptions(field=field, scheme=scheme, segment=segment or "auto")
    return WRITERS[format](Path(path), schema, examples, chosen)
