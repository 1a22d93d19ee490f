"""The classes that probabilities are of: named as a caller names them, in the order that the judging needs.

Of spans that is `O`, then `B-` and `I-` of each label (IOB2). A caller's tags may stand in any order and in any scheme that marks where a
span begins: those that begin one (`B`, `S`, `U`) are `B-` here, those that go on with it (`I`, `M`, `E`, `L`) are `I-`, and their
probabilities are added up.

>>> span_classes(("B-PER", "E-PER", "O", "S-PER", "I-PER"), "field entities")
(('O', 'B-PER', 'I-PER'), [1, 2, 0, 1, 2])
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

import numpy as np
import pandas as pd

from goldleaf.core import Field, InputError, brief
from goldleaf.core.tagging import split_tag
from goldleaf.quality.labels import Floats

BEGINS = frozenset("BSU")


def classes_of(table: pd.DataFrame, field: Field) -> tuple[tuple[str, ...], list[int]]:
    """The classes, and for each column of the probabilities the place of its class among them. Raises InputError where the rows name
    different ones, one twice, or some that spans do not have."""
    where = f"field {field.name}"
    named = _named(table, where)
    if named is None:
        named = field.labels if field.kind != "spans" else tag_names(field.labels)
    if len(set(named)) < len(named):
        twice = next(name for name in named if named.count(name) > 1)
        raise InputError("the predictions name a class twice", where=where, found=brief(twice))
    return span_classes(named, where) if field.kind == "spans" else (named, list(range(len(named))))


def tag_names(labels: Sequence[str]) -> tuple[str, ...]:
    """`O`, then `B-` and `I-` of each label."""
    return ("O", *(f"{mark}-{label}" for label in labels for mark in "BI"))


def span_classes(named: Sequence[str], where: str) -> tuple[tuple[str, ...], list[int]]:
    """The tags of spans in order, and for each that is named its place among them."""
    try:
        tags = [split_tag(name) for name in named]
    except InputError as error:
        raise _no_spans(named, where) from error
    labels = list(dict.fromkeys(label for _, label in tags if label))
    begun = {label for mark, label in tags if mark in BEGINS}
    if ("", "") not in tags or begun != set(labels):
        raise _no_spans(named, where)
    place = {label: 1 + 2 * number for number, label in enumerate(labels)}
    return tag_names(labels), [place[label] + (mark not in BEGINS) if label else 0 for mark, label in tags]


def in_places(found: Floats, places: Sequence[int], classes: int) -> Floats:
    """The columns of `[rows, named]` at their places `[rows, classes]`, those of one place added up."""
    if list(places) == list(range(classes)):
        return found
    return cast("Floats", found @ np.eye(classes)[list(places)])


def _no_spans(named: Sequence[str], where: str) -> InputError:
    expected = "O, and for each label B- (and I-; S- and E- too, in any order)"
    return InputError("these are no classes of spans", where=where, found=brief(list(named)), expected=expected)


def _named(table: pd.DataFrame, where: str) -> tuple[str, ...] | None:
    """What the column `classes` says; None where there is none."""
    if "classes" not in table.columns or not len(table):
        return None
    found: dict[tuple[str, ...], None] = {}
    for each in table["classes"].tolist():
        if isinstance(each, str) or not hasattr(each, "__iter__"):
            raise InputError("these are no classes", where=where, found=brief(each), expected="their names, in a list")
        found[tuple(str(name) for name in each)] = None
    if len(found) > 1:
        first, second = [brief(list(each)) for each in found][:2]
        raise InputError("the predictions are of different classes", where=where, found=f"{first} and {second}")
    return next(iter(found))
