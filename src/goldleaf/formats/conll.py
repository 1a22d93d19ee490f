"""CoNLL: a token a line with its columns, a blank line between sentences; and CoNLL-U.

A file of ten TAB-separated columns that begin with a number is read as CoNLL-U: its comments give id, group and text, its words on
several tokens and empty nodes are passed over. Everywhere else a line that begins with `#` is a token.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain, islice
from pathlib import Path
from typing import NamedTuple

from goldleaf.core import (
    Field,
    InputError,
    Record,
    Schema,
    Token,
    brief,
    chunks_to_tags,
    count_malformed,
    guess_scheme,
    locate_tokens,
    spans_to_chunks,
)
from goldleaf.formats.common import (
    Item,
    ReadOptions,
    Writable,
    WriteOptions,
    finish_record,
    pick_field,
    read_each,
    read_lines,
    write_whole,
)
from goldleaf.formats.tokens import join_words, tags_to_value, tokens_to_write

_CONLLU = ("id", "form", "lemma", "upos", "xpos", "feats", "head", "deprel", "deps", "misc")
_NUMBER = re.compile(r"\d+")
_SAMPLE = 2000
"""Sentences that a file's scheme is guessed from."""
_DOCSTART = "-DOCSTART-"


class _Row(NamedTuple):
    line: int
    cells: list[str]


@dataclass(slots=True)
class _Sentence:
    line: int
    rows: list[_Row] = field(default_factory=list[_Row])
    comments: dict[str, str] = field(default_factory=dict[str, str])
    group: str | None = None


@dataclass(frozen=True, slots=True)
class _Layout:
    """How a file is cut: what is between columns, how many there are, where token and label are, and whether it is CoNLL-U."""

    separator: str | None
    width: int
    token: int
    label: int
    conllu: bool


def read_conll(path: Path, schema: Schema, options: ReadOptions) -> Iterator[Item]:
    """The sentences of a CoNLL file, one at a time, with spans (by the rule of conlleval) or tags."""
    target = pick_field(schema, options.field, "spans", "tags")
    layout = _find_layout(path, options)
    sentences = _sentences(path, layout, options)
    if target.kind == "spans":
        return _read_spans(path, sentences, layout, target, options)
    return _items(path, sentences, layout, target, options)


def _read_spans(
    path: Path, sentences: Iterator[_Sentence], layout: _Layout, target: Field, options: ReadOptions
) -> Iterator[Item]:
    """The items, and after the last of them one warning that counts the tags their scheme does not allow."""
    sample = list(islice(sentences, _SAMPLE))
    scheme = options.scheme
    if scheme is None:
        tags = [tag for sentence in sample for tag in [*_column(sentence, layout.label), "O"]]
        try:
            scheme = guess_scheme(tags)
        except InputError:  # a malformed tag: reading it again below names its line
            scheme = "IOB2"
    malformed: Counter[str] = Counter()
    for sentence in chain(sample, sentences):
        for item in _items(path, iter([sentence]), layout, target, options):
            if wrong := count_malformed(_column(sentence, layout.label), scheme):
                malformed += Counter(tags=wrong, sentences=1)
            yield item
    if malformed:
        options.warn(
            f"{path.name}: {malformed['tags']} tags in {malformed['sentences']} sentences stand where {scheme} does not allow them; "
            "they were read by the rule of conlleval"
        )


def _items(
    path: Path, sentences: Iterator[_Sentence], layout: _Layout, target: Field, options: ReadOptions
) -> Iterator[Item]:
    def parse(where: str, sentence: _Sentence) -> Item:
        _check_rows(path, sentence, layout, target)
        text, tokens = _text(sentence, layout)
        tags = _column(sentence, layout.label)
        given = sentence.comments.get("sent_id", "")
        record = finish_record(Record(given, text, tokens, group=sentence.group), options)
        return Item(record, {target.name: tags_to_value(target, tags, tokens)}, (), where, bool(given))

    return read_each(((f"{path.name}:{s.line}", s) for s in sentences), parse, options)


def _check_rows(path: Path, sentence: _Sentence, layout: _Layout, target: Field) -> None:
    for line, cells in sentence.rows:
        where = f"{path.name}:{line}"
        if len(cells) != layout.width:
            raise InputError(
                "another number of columns than the line the file begins with",
                where=where,
                found=f"{len(cells)}: {brief(' '.join(cells))}",
                expected=str(layout.width),
            )
        if not cells[layout.token]:
            raise InputError("the token is empty", where=where, found=brief(cells), expected="a token in each line")
        if target.kind == "spans":
            try:
                tags_to_value(target, [cells[layout.label]], [(0, 1)])
            except InputError as error:
                raise error.at(where) from None


def _text(sentence: _Sentence, layout: _Layout) -> tuple[str, tuple[Token, ...]]:
    words = _column(sentence, layout.token)
    text = sentence.comments.get("text")
    if text is not None:
        try:
            return text, locate_tokens(text, words)
        except InputError:  # contractions: the words are not all parts of the text
            pass
    return join_words(words)


def _column(sentence: _Sentence, index: int) -> list[str]:
    return [row.cells[index] if -len(row.cells) <= index < len(row.cells) else "" for row in sentence.rows]


def _find_layout(path: Path, options: ReadOptions) -> _Layout:
    for number, line in enumerate(read_lines(path, options.encoding), 1):
        conllu = _looks_conllu(line)
        if _is_blank(line) or line.startswith(_DOCSTART) or (line.startswith("#") and _comments_ahead(path, options)):
            continue
        separator = options.separator or ("\t" if "\t" in line else None)
        width = len(_cut(line, separator))
        where = f"{path.name}:{number}"
        names = options.columns or (_CONLLU if conllu else ())
        if width < 2 or (names and len(names) != width):
            expected = f"{len(names)}: {' '.join(names)}" if names else "at least a token and a label"
            raise InputError(
                "too few or too many columns", where=where, found=f"{width}: {brief(line)}", expected=expected
            )
        default = ("form", "upos") if conllu and not options.columns else (1, -1)
        token = _index(options.text_column, default[0], names, width)
        return _Layout(separator, width, token, _index(options.column, default[1], names, width), conllu)
    raise InputError("there is no sentence in the file", where=path.name, expected="a token and its label on a line")


def _comments_ahead(path: Path, options: ReadOptions) -> bool:
    lines = read_lines(path, options.encoding)
    return next((_looks_conllu(line) for line in lines if line.strip() and not line.startswith("#")), False)


def _looks_conllu(line: str) -> bool:
    cells = line.split("\t")
    return len(cells) == len(_CONLLU) and _NUMBER.match(cells[0]) is not None


def _index(given: str | int | None, default: str | int, names: Sequence[str], width: int) -> int:
    """A column's index from its name or its number (from 1, or from -1 backwards)."""
    column = default if given is None else given
    if isinstance(column, str) and column in names:
        return list(names).index(column)
    number = int(column) if isinstance(column, int) or re.fullmatch(r"-?\d+", column) else 0
    if number == 0 or abs(number) > width:
        known = f"one of {', '.join(names)}, or " if names else ""
        raise InputError("no such column", found=brief(given), expected=f"{known}a number 1..{width} (or -1..-{width})")
    return number - 1 if number > 0 else number + width


def _sentences(path: Path, layout: _Layout, options: ReadOptions) -> Iterator[_Sentence]:
    document, group = 0, None
    sentence: _Sentence | None = None
    comments: dict[str, str] = {}
    for number, line in enumerate(read_lines(path, options.encoding), 1):
        document_starts = line.startswith(_DOCSTART)
        if _is_blank(line) or document_starts:
            if sentence is not None and sentence.rows:
                yield sentence
            sentence, comments = None, {}
            if document_starts:
                document += 1
                group = f"{path.name}#{document}"
        elif layout.conllu and line.startswith("#"):
            key, _, value = line[1:].partition("=")
            comments[key.strip()] = value.strip()
            if key.split()[:1] == ["newdoc"]:
                document += 1
                group = value.strip() or f"{path.name}#{document}"
        else:
            sentence = sentence or _Sentence(number, comments=comments, group=group)
            cells = _cut(line, layout.separator)
            if not layout.conllu or cells[0].isdigit() or len(cells) != layout.width:
                sentence.rows.append(_Row(number, cells))
    if sentence is not None and sentence.rows:
        yield sentence


def _is_blank(line: str) -> bool:
    return not line.strip(" \t\r")


def _cut(line: str, separator: str | None) -> list[str]:
    """The columns of a line. No other space than blank and TAB parts them: a token may hold an ideographic or unbreakable one."""
    return line.rstrip(" ").split(separator) if separator else re.split(r"[ \t]+", line.rstrip(" \t"))


def write_conll(path: Path, schema: Schema, examples: Iterable[Writable], options: WriteOptions) -> int:
    """Write token and tag on each line, and say how many sentences. A record without tokens is segmented.

    A record whose field was not asked, or that has no token, is left out; spans that no tokens stand for exactly are widened to them.
    Both are counted in a warning.
    """
    target = pick_field(schema, options.field, "spans", "tags")
    counts: Counter[str] = Counter()
    group: str | None = None
    with write_whole(path) as file:
        for example in examples:
            tokens = tokens_to_write(example.record, options.segment)
            if target.name not in example.values or not tokens:
                counts["left out"] += 1
                continue
            tags = value_to_tags(target, example.values[target.name], tokens, options, counts)
            if example.record.group != group:
                group = example.record.group
                file.write(f"{_DOCSTART}{options.separator or ' '}O\n\n")
            words = [example.record.text[start:end] for start, end in tokens]
            file.write(_rows(words, tags, options.separator or " ", example.record) + "\n\n")
            counts["written"] += 1
    warn_of_losses(path.name, target, counts, options)
    return counts["written"]


def value_to_tags(
    target: Field, value: Sequence[object], tokens: tuple[Token, ...], options: WriteOptions, counts: Counter[str]
) -> list[str]:
    """One tag a token; how many spans had to be changed is added to `counts`."""
    if target.kind == "tags":
        if len(value) != len(tokens):
            raise InputError("tags and tokens differ in number", found=f"{len(value)} tags", expected=str(len(tokens)))
        return [str(tag) for tag in value]
    chunks, inexact = spans_to_chunks(value, tokens)  # type: ignore[arg-type]
    counts["inexact"] += len(inexact)
    return chunks_to_tags(chunks, len(tokens), options.scheme)


def warn_of_losses(name: str, target: Field, counts: Counter[str], options: WriteOptions) -> None:
    """One warning for what the format could not say."""
    if counts["left out"]:
        options.warn(f"{name}: {counts['left out']} records were left out, for they have no {target.name} or no token")
    if counts["inexact"]:
        options.warn(
            f"{name}: {counts['inexact']} spans of {target.name} were widened to whole tokens or cut where they overlap"
        )


def _rows(words: Sequence[str], tags: Sequence[str], separator: str, record: Record) -> str:
    if words[0].startswith(_DOCSTART) or not (_whole(words, separator) and _whole(set(tags), separator)):
        raise InputError(
            "CoNLL cannot hold this token or tag",
            where=f"record {record.id}",
            found=brief(next((c for c in chain(words, tags) if not _whole([c], separator)), words[0])),
            expected="no blank, TAB or line end in it",
            todo="Segment the text, or export JSONL",
        )
    return "\n".join([f"{word}{separator}{tag}" for word, tag in zip(words, tags, strict=True)])


def _whole(cells: Iterable[str], separator: str) -> bool:
    """Whether a reader gives each cell back as it is: no separator, TAB or line end in it, and no blank at its ends."""
    joined = "\0".join(cells)
    if any(char in joined for char in ("\n", "\r", "\t", separator)):
        return False
    return " " not in joined or all(cell.strip(" ") == cell for cell in cells)
