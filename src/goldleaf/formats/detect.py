"""Which format a path holds: by the folder, the name's end, and the first lines."""

from __future__ import annotations

import json
from itertools import islice
from pathlib import Path

from goldleaf.core import InputError, brief, split_tag
from goldleaf.formats.common import check_file
from goldleaf.formats.intent_slot import NAMES
from goldleaf.formats.label_table import REQUIRED

_BY_SUFFIX = {
    **dict.fromkeys((".jsonl", ".ndjson", ".jsonlines"), "jsonl"),
    **dict.fromkeys((".conll", ".conllu", ".bio", ".iob", ".iob2", ".bmes", ".bioes", ".bilou", ".conll2003"), "conll"),
    ".parquet": "labels",
}
_SAMPLE = 1 << 16


def detect_format(path: Path) -> str:
    """The name of the format. Raises InputError where the path does not say it.

    A table with the columns `record`, `annotator` and `value` is `labels`; a folder with `seq.in`, `seq.out` and `label` is
    `intent-slot`. A `.txt` file whose lines end in tags is `conll`.
    """
    if path.is_dir():
        if all((path / name).is_file() for name in NAMES):
            return "intent-slot"
        raise InputError(
            "no format is a folder like this", where=str(path), expected=f"one with {', '.join(NAMES)}", todo=_TODO
        )
    check_file(path)
    suffix = path.suffix.lower()
    if suffix in _BY_SUFFIX:
        return _BY_SUFFIX[suffix]
    lines = _first_lines(path)
    if suffix in (".csv", ".tsv", ".tab"):
        return _table(lines, suffix)
    if lines and _is_json(lines[0]):
        return "jsonl"
    if _is_tagged(lines):
        return "conll"
    if suffix in (".txt", ".text"):
        return "txt"
    found = brief(lines[0] if lines else "")
    raise InputError(
        "cannot tell the format",
        where=str(path),
        found=found,
        expected="a name that ends in .jsonl, .csv, ...",
        todo=_TODO,
    )


_TODO = "Name it with --format"


def _first_lines(path: Path) -> list[str]:
    with path.open("rb") as file:
        text = file.read(_SAMPLE).decode("utf-8-sig", errors="replace")
    lines = text.split("\n")
    return [line.rstrip("\r") for line in (lines[:-1] if len(text) >= _SAMPLE // 4 and len(lines) > 1 else lines)]


def _table(lines: list[str], suffix: str) -> str:
    header = lines[0] if lines else ""
    names = {name.strip().strip('"') for name in header.replace(";", ",").replace("\t", ",").split(",")}
    if {*REQUIRED, "annotator"} <= names:
        return "labels"
    if suffix == ".csv":
        return "csv"
    return "conll" if _is_tagged(lines) else "tsv"


def _is_json(line: str) -> bool:
    try:
        return isinstance(json.loads(line), dict)
    except (json.JSONDecodeError, RecursionError):
        return False


def _is_tagged(lines: list[str]) -> bool:
    """Whether the lines look like tokens and tags: equally many columns, the last of them a tag, sentences parted by blank lines."""
    rows = [line.split() for line in islice((s for s in lines if s.strip() and not s.startswith("-DOCSTART-")), 50)]
    if not rows or len(rows[0]) < 2 or any(len(row) != len(rows[0]) for row in rows):
        return False
    try:
        for row in rows:
            split_tag(row[-1])
    except InputError:
        return False
    return True
