"""What a model thinks of the records of a field: the probability of every class, from a model that was not trained on them.

A table of predictions has a row a record and field: `record`, `probabilities`, and where they are known `field`, `classes`, `tokens`.

| kind | probabilities | classes | tokens |
|---|---|---|---|
| choice | `[labels]`, sum 1; with many labels each 0..1 | the labels | - |
| tags | `[tokens, labels]`, rows of sum 1 | the labels | `[start, end]` of each, or None |
| spans | `[tokens, tags]`, rows of sum 1 | `O` and tags of IOB2, BIOES or BILOU, in any order | `[start, end]` of each |

Without `classes` they are those of the schema, without a schema the labels of the gold, sorted (of spans `O`, then `B-` and `I-` of each).
Without `tokens` those of spans are the records'. A row whose probabilities are None is no opinion. Predictions of choices may also be
`Prediction`s, whose scores name the labels.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
import pandas as pd

from goldleaf.core import Field, InputError, Prediction, brief
from goldleaf.quality.errors.classes import classes_of, in_places
from goldleaf.quality.labels import Floats, Ints

Predictions = pd.DataFrame | Iterable[Prediction]
NEEDED = ("record", "probabilities")
SLACK = 0.02
"""How far a sum of probabilities may be from 1: they may be rounded."""
SMALLEST = 1e-7
"""No class is less probable than this: what a model never saw is unlikely, not impossible."""


@dataclass(frozen=True, slots=True)
class Opinions:
    """What a model thinks of one field: of the record `records[i]`, `probabilities[i]` of `classes` and the `tokens[i]` they are of."""

    classes: tuple[str, ...]
    records: list[Any]
    probabilities: list[Floats]
    tokens: list[Ints | None]


def read_opinions(predictions: Predictions, field: Field) -> Opinions:
    """The rows of a field, checked. There are none where the predictions do not name it.

    Raises InputError where a column is missing, probabilities are none, or they do not fit the classes.
    """
    where = f"field {field.name}"
    table = predictions if isinstance(predictions, pd.DataFrame) else _as_table(predictions, field)
    if missing := [name for name in NEEDED if name not in table.columns]:
        found, expected = f"no column {', '.join(missing)}", f"the columns {', '.join(NEEDED)}"
        raise InputError("this is no table of predictions", found=found, expected=expected)
    if "field" in table.columns:
        table = table[table["field"] == field.name]
    table = table[[hasattr(said, "__len__") for said in table["probabilities"].tolist()]]
    if table["record"].duplicated().any():
        twice = table["record"][table["record"].duplicated()].iloc[0]
        raise InputError("a record has two predictions", where=where, found=brief(twice))
    records = table["record"].tolist()
    classes, places = classes_of(table, field)
    probabilities: list[Floats] = []
    for record, said in zip(records, table["probabilities"].tolist(), strict=True):
        found = _numbers(said, len(places), field, f"record {record}, {where}")
        probabilities.append(_bounded(in_places(found, places, len(classes)), field, f"record {record}, {where}"))
    return Opinions(classes, records, probabilities, _tokens(table, probabilities, field))


def first_shape(predictions: Predictions, name: str) -> int | None:
    """How many dimensions the probabilities of a field have; None where that cannot be seen."""
    if not isinstance(predictions, pd.DataFrame) or "probabilities" not in predictions.columns:
        return None
    rows = predictions[predictions["field"] == name] if "field" in predictions.columns else predictions
    first = next((each for each in rows["probabilities"].tolist() if hasattr(each, "__len__") and len(each)), None)
    return None if first is None else 2 if hasattr(first[0], "__len__") else 1


def _as_table(predictions: Iterable[Prediction], field: Field) -> pd.DataFrame:
    said = [p for p in predictions if field.name in p.scores]
    scores = [p.scores[field.name] for p in said]
    if any(not isinstance(each, dict) for each in scores):
        raise InputError(
            "these predictions do not say how probable every label is",
            where=f"field {field.name}",
            found=f"scores of {field.kind}",
            expected="a table with the column probabilities (workspace.class_probabilities makes one from a bundle)",
        )
    named = [dict(sorted(cast("dict[str, float]", each).items())) for each in scores]
    columns = {
        "record": [p.record for p in said],
        "classes": [tuple(each) for each in named],
        "probabilities": [list(each.values()) for each in named],
    }
    return pd.DataFrame(columns)


def _numbers(value: Any, classes: int, field: Field, where: str) -> Floats:
    """The probabilities as an array `[classes]`, or `[tokens, classes]`."""
    try:
        rows = value if field.kind == "choice" else [np.asarray(row, dtype=np.float64) for row in value]
        found = np.asarray(rows, dtype=np.float64)
    except (TypeError, ValueError):
        raise InputError("these are no probabilities", where=where, found=brief(value)) from None
    if field.kind != "choice" and not found.size:
        found = found.reshape(-1, classes)
    if found.shape != ((classes,) if field.kind == "choice" else (len(found), classes)):
        shape = f"[{classes}]" if field.kind == "choice" else f"[tokens, {classes}]"
        raise InputError(
            "the probabilities do not fit the classes", where=where, found=f"shape {list(found.shape)}", expected=shape
        )
    return found


def _bounded(found: Floats, field: Field, where: str) -> Floats:
    """Probabilities that none is smaller than `SMALLEST`, of sum 1 where that is what they are."""
    many = field.kind == "choice" and field.many
    inside = bool(((found >= -SLACK) & (found <= 1 + SLACK)).all())  # false for NaN too
    if not inside or (not many and found.size and bool((abs(found.sum(axis=-1) - 1) > SLACK).any())):
        raise InputError(
            "these are no probabilities",
            where=where,
            found=brief(found.ravel()[:8].tolist()),
            expected="0..1" if many else "0..1, of sum 1",
        )
    found = np.clip(found, SMALLEST, 1 - SMALLEST)
    return found if many else cast("Floats", found / found.sum(axis=-1, keepdims=True))


def _tokens(table: pd.DataFrame, probabilities: Sequence[Floats], field: Field) -> list[Ints | None]:
    if field.kind == "choice" or "tokens" not in table.columns:
        return [None] * len(probabilities)
    tokens: list[Ints | None] = []
    for record, bounds, rows in zip(table["record"].tolist(), table["tokens"].tolist(), probabilities, strict=True):
        if not hasattr(bounds, "__len__"):  # None, or NaN in its place
            tokens.append(None)
            continue
        tokens.append(bounds_of(bounds, len(rows), f"record {record}, field {field.name}"))
    return tokens


def bounds_of(tokens: Any, size: int, where: str) -> Ints:
    """The bounds of tokens as an array `[size, 2]`. Raises InputError where they are none, or another number."""
    try:
        found = np.array([(int(start), int(end)) for start, end in tokens], dtype=np.int64).reshape(-1, 2)
    except (TypeError, ValueError):
        expected = "[[start, end], ...], code points"
        raise InputError("these are no tokens", where=where, found=brief(tokens), expected=expected) from None
    if len(found) != size:
        counts = {"found": f"{len(found)} tokens", "expected": f"{size}"}
        raise InputError("tokens and probabilities differ in number", where=where, **counts)
    return found
