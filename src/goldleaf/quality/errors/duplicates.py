"""Texts that occur more than once: labelled against each other, or on both sides of a split.

Two texts are equal when they differ in case, punctuation, digits and space at most, and nearly equal as `text.near_duplicates` says. Values
contradict each other where those of equal texts differ: labels; lists of labels; spans by what they cover and their labels, for offsets
move with the space.
"""

from __future__ import annotations

from collections import defaultdict
from typing import Any, cast

import pandas as pd

from goldleaf.core import InputError, Span
from goldleaf.quality.errors.case import read_gold
from goldleaf.quality.labels import Answers
from goldleaf.text import near_duplicates
from goldleaf.text.near import fold

COLUMNS = ("cluster", "record", "split", "text", "values", "contradicts", "leaks")


def duplicates(records: pd.DataFrame, gold: pd.DataFrame | None = None, *, threshold: float = 0.8) -> pd.DataFrame:
    """A row for each record that has an equal or nearly equal text, those of one cluster together, the largest clusters first.

    Columns: `cluster` (a number), `record`, `split` (None where there is none), `text`, `values` (`{field: value}` of the gold, whose
    columns are `record, value` and maybe `field`), `contradicts` (the fields in which an equal text is labelled otherwise) and `leaks`
    (whether the cluster is in more than one split). Raises InputError where `records` has no `record` or `text`.
    """
    if missing := [name for name in ("record", "text") if name not in records.columns]:
        raise InputError("this is no records table", found=f"no column {missing[0]}", expected="record, text")
    texts = [str(text) for text in records["text"].tolist()]
    names = records["record"].tolist()
    splits = [
        _named(each) for each in (records["split"].tolist() if "split" in records.columns else [None] * len(names))
    ]
    fields = [] if gold is None else read_gold(gold, None, [])
    values = {each.field: dict(zip(each.records, each.values, strict=True)) for each in fields}
    against = _contradictions(names, texts, fields)
    clusters: dict[int, list[int]] = defaultdict(list)
    for place, first in enumerate(near_duplicates(texts, threshold=threshold)):
        clusters[first].append(place)
    rows: list[tuple[Any, ...]] = []
    several = [members for members in clusters.values() if len(members) > 1]
    for number, members in enumerate(sorted(several, key=lambda each: (-len(each), each[0]))):
        leaks = len({splits[place] for place in members} - {None}) > 1
        for place in members:
            given = {field: said[names[place]] for field, said in values.items() if names[place] in said}
            rows.append((number, names[place], splits[place], texts[place], given, against[place], leaks))
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _named(split: Any) -> str | None:
    return split if isinstance(split, str) and split else None


def _contradictions(names: list[Any], texts: list[str], fields: list[Answers]) -> list[list[str]]:
    """For each record the fields in which a record of an equal text has another value."""
    folded = [fold(text) for text in texts]
    found: list[list[str]] = [[] for _ in names]
    for answers in fields:
        place = {record: at for at, record in enumerate(answers.records)}
        said: dict[str, set[Any]] = defaultdict(set)
        keys = [
            _key(answers.values[place[n]], text) if n in place else None for n, text in zip(names, texts, strict=True)
        ]
        for text, key in zip(folded, keys, strict=True):
            if key is not None:
                said[text].add(key)
        for at, (text, key) in enumerate(zip(folded, keys, strict=True)):
            if key is not None and len(said[text]) > 1:
                found[at].append(answers.field)
    return found


def _key(value: Any, text: str) -> Any:
    """What equal values share."""
    if isinstance(value, str):
        return value
    items = cast("list[Any]", value)
    if any(isinstance(item, Span) for item in items):
        return tuple((fold(text[span.start : span.end]), span.label) for span in items)
    return tuple(items)
