"""What every format shares: items, options, reading a file line by line, writing it whole or not at all."""

from __future__ import annotations

import codecs
import os
import tempfile
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import IO, Any, TypeVar, cast

from goldleaf.core import Annotation, Example, Field, InputError, Record, Schema, Scheme, brief, check_record
from goldleaf.core.schema import Kind
from goldleaf.text import Segmenter, segment

BOM = "\ufeff"
T = TypeVar("T")


def _warn(message: str) -> None:
    warnings.warn(message, stacklevel=3)


@dataclass(frozen=True, slots=True)
class Item:
    """One record as a file has it: its values unchecked, its annotations, and where it stands (`train.jsonl:12`). `predicted` is what a
    model says of it, which is no gold, and `scores` how sure that, or who gave the values, is (as in `Prediction.scores`).

    `record.id` is empty where the file gives none. Where `record.text` is empty and only annotations are there (a label table), the
    record is one that exists already.
    """

    record: Record
    values: Mapping[str, Any] = field(default_factory=dict[str, Any])
    annotations: tuple[Annotation, ...] = ()
    where: str = ""
    given_id: bool = False
    predicted: Mapping[str, Any] = field(default_factory=dict[str, Any])
    scores: Mapping[str, Any] = field(default_factory=dict[str, Any])


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """How to read a file. All of it can be left out; which format uses what stands in the guide to the formats.

    `skip` is called with the error of each record that cannot be read, which is then left out; without it the error is raised. What
    concerns a whole file (encoding, header) is always raised.
    """

    field: str | None = None
    column: str | int | None = None
    text_column: str | int | None = None
    columns: tuple[str, ...] = ()
    scheme: Scheme | None = None
    separator: str | None = None
    encoding: str = "utf-8"
    segment: Segmenter | None = None
    annotator: str | None = None
    quotes: bool = True
    warn: Callable[[str], None] = _warn
    skip: Callable[[InputError], None] | None = None


@dataclass(frozen=True, slots=True)
class WriteOptions:
    """How to write a file: which field, in which tag scheme, with what tokens where a record has none, with what between columns."""

    field: str | None = None
    scheme: Scheme = "IOB2"
    segment: Segmenter = "auto"
    separator: str | None = None
    annotator: str = "gold"
    warn: Callable[[str], None] = _warn


Writable = Example | Item
"""What a writer takes: an Item also brings its annotations, for the formats that hold them."""


def annotations_of(example: Writable) -> tuple[Annotation, ...]:
    """The annotations that come with it."""
    return example.annotations if isinstance(example, Item) else ()


def pick_field(schema: Schema, name: str | None, *kinds: Kind) -> Field:
    """The field named, else the only one of these kinds. Raises InputError where there is none, or more than one to choose from."""
    if name is not None:
        if schema[name].kind not in kinds:
            raise InputError(f"field {name} does not fit", found=schema[name].kind, expected=" or ".join(kinds))
        return schema[name]
    fields = schema.of_kind(*kinds)
    if len(fields) == 1:
        return fields[0]
    found = ", ".join(f.name for f in fields) or f"only {', '.join(f'{f.name} ({f.kind})' for f in schema.fields)}"
    todo = "Name it with --field" if fields else None
    raise InputError(f"one {' or '.join(kinds)} field is needed", found=found, expected="exactly one", todo=todo)


def finish_record(record: Record, options: ReadOptions) -> Record:
    """The record checked, and cut into tokens where that is asked for and it has none."""
    if record.tokens is None and options.segment:
        record = replace(record, tokens=segment(record.text, options.segment))
    check_record(record)
    _refuse_halves(record.id + record.text)
    return record


def _refuse_halves(text: str) -> None:
    """Raise InputError for half of a surrogate pair, which JSON's escapes can say and nothing can be done with."""
    try:
        text.encode()
    except UnicodeEncodeError as error:
        message, found = "half of a surrogate pair, which is no character", ascii(text[error.start])
        raise InputError(message, found=found, todo="Correct the escape in the file") from None


def read_each(
    units: Iterable[tuple[str, T]], parse: Callable[[str, T], Item | None], options: ReadOptions
) -> Iterator[Item]:
    """`parse(where, unit)` for each unit; None is passed over; an InputError is given its place, then skipped or raised."""
    for where, unit in units:
        try:
            item = parse(where, unit)
        except InputError as error:
            file = where.rpartition(":")[0].split("/")[0]
            placed = error if error.where and error.where.startswith(file) else cast("InputError", error.at(where))
            if options.skip is None:
                raise placed from None
            options.skip(placed)
            continue
        if item is not None:
            yield item


def check_file(path: Path, *, folder: bool = False) -> None:
    """Raise one clear InputError unless the path is a file that has something in it (or, with `folder`, a folder)."""
    if not path.exists():
        raise InputError("there is no such file", where=str(path), todo="Check the path")
    if path.is_dir() != folder:
        found, expected = ("a file", "a folder") if folder else ("a folder", "a file")
        raise InputError("this is not what the format reads", where=str(path), found=found, expected=expected)
    if not folder and path.stat().st_size == 0:
        raise InputError("the file is empty", where=str(path), found="0 bytes", expected="at least one record")


def read_lines(
    path: Path, encoding: str = "utf-8", *, name: str | None = None, keep_ends: bool = False
) -> Iterator[str]:
    """The lines of a text file, ended by LF or CRLF and by nothing else, one at a time, the byte order mark taken off.

    Raises InputError that names file, line and byte where the bytes are not in the encoding, and for a NUL.
    """
    name = name or path.name
    if _is_wide(encoding):
        lines: Iterator[str] = _wide_lines(path, encoding, name)
    else:
        lines = _byte_lines(path, encoding, name)
    for number, given in enumerate(lines, 1):
        line = given.removeprefix(BOM) if number == 1 else given
        refuse_nul(line, f"{name}:{number}", encoding)
        yield line if keep_ends else line.removesuffix("\n").removesuffix("\r")


def refuse_nul(line: str, where: str, encoding: str = "utf-8") -> None:
    """Raise InputError for a NUL character."""
    if "\x00" in line:
        raise InputError(
            "a NUL character, which no text has",
            where=where,
            found=f"NUL at character {line.index(chr(0)) + 1}",
            expected=f"text in {encoding}",
            todo="Save the file as UTF-8 text, or name its encoding",
        )


def decode_line(line: bytes, where: str, encoding: str = "utf-8") -> str:
    """The text of a line. Raises InputError that names the first byte which is not in the encoding."""
    try:
        return line.decode(encoding)
    except UnicodeDecodeError as error:
        raise _bad_bytes(line[error.start : error.start + 1], where, error.start, encoding) from None


def _is_wide(encoding: str) -> bool:
    """Whether a line feed is more than one byte; also says clearly that an encoding is unknown."""
    try:
        return codecs.lookup(encoding).name.startswith(("utf-16", "utf-32"))
    except LookupError:
        raise InputError("unknown encoding", found=brief(encoding), expected="utf-8, gb18030, latin-1, ...") from None


def _byte_lines(path: Path, encoding: str, name: str) -> Iterator[str]:
    with _open(path) as file:
        for number, line in enumerate(file, 1):
            yield decode_line(line, f"{name}:{number}", encoding)


def _wide_lines(path: Path, encoding: str, name: str) -> Iterator[str]:
    number = 0
    try:
        with path.open(encoding=encoding, newline="\n") as file:
            for number, line in enumerate(file, 1):  # noqa: B007
                yield line
    except UnicodeError as error:
        raise InputError(f"not {encoding}", where=f"{name}:{number + 1}", found=brief(str(error))) from None


def _bad_bytes(found: bytes, where: str, offset: int, encoding: str) -> InputError:
    return InputError(
        f"not valid {encoding.upper()}",
        where=where,
        found=f"byte 0x{found.hex()} at byte {offset + 1} of the line",
        expected=f"text in {encoding.upper()}",
        todo="Save the file as UTF-8, or name its encoding",
    )


def _open(path: Path) -> IO[bytes]:
    try:
        return path.open("rb")
    except OSError as error:
        raise InputError("cannot read the file", where=str(path), found=error.strerror or str(error)) from None


class _TextWriter:
    """Writes text; a byte order mark that begins the text itself is written twice, so that reading takes only the first."""

    def __init__(self, file: IO[str], name: str) -> None:
        self._file, self._name, self._begun = file, name, False

    def write(self, text: str) -> None:
        if not self._begun and text.startswith(BOM):
            text = BOM + text
        self._begun = self._begun or bool(text)
        if "\x00" in text:
            raise InputError("a NUL character cannot be written", where=self._name, found=brief(text))
        try:
            self._file.write(text)
        except UnicodeEncodeError as error:
            found = brief(text[error.start : error.end])
            raise InputError("a character that UTF-8 cannot hold", where=self._name, found=found) from None


@contextmanager
def write_whole(path: Path) -> Iterator[_TextWriter]:
    """A text file to write to, which takes its name only when the block ends without an error."""
    with temporary_beside(path) as temporary:
        with temporary.open("w", encoding="utf-8", newline="") as file:
            yield _TextWriter(file, path.name)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)


@contextmanager
def temporary_beside(path: Path) -> Iterator[Path]:
    """The path of a new file in the folder of `path`; what is left of it at the end is removed."""
    if path.is_dir():
        raise InputError("cannot write a file here", where=str(path), found="a folder", expected="the path of a file")
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".part", dir=path.parent)
    os.close(handle)
    temporary = Path(name)
    temporary.chmod(0o666 & ~_umask())
    try:
        yield temporary
    finally:
        temporary.unlink(missing_ok=True)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
