"""What a model thinks of the records of a field: the probability of every class, from a model that was not trained on them.

A table of predictions has a row a record and field: `record`, `probabilities`, and where they are known `field`, `classes`, `tokens`.

| kind | probabilities | classes | tokens |
|---|---|---|---|
| choice | `[labels]`, sum 1; with many labels each 0..1 | the labels | - |
| tags | `[tokens, labels]`, rows of sum 1 | the labels | `[start, end]` of each, or None |
| spans | `[tokens, 1 + 2 labels]`, rows of sum 1 | `O`, then `B-` and `I-` of each label (IOB2) | `[start, end]` of each |

Without `classes` they are those of the schema; predictions of choices may also be `Prediction`s, whose scores name the labels.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
import pandas as pd

from goldleaf.core import Field, InputError, Prediction, brief
from goldleaf.quality.labels import Floats, Ints

Predictions = pd.DataFrame | Iterable[Prediction]
NEEDED = ("record", "probabilities")
SLACK = 1e-3
"""How far a sum of probabilities may be from 1."""
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
    table = predictions if isinstance(predictions, pd.DataFrame) else _as_table(predictions, field)
    if missing := [name for name in NEEDED if name not in table.columns]:
        found, expected = f"no column {', '.join(missing)}", f"the columns {', '.join(NEEDED)}"
        raise InputError("this is no table of predictions", found=found, expected=expected)
    if "field" in table.columns:
        table = table[table["field"] == field.name]
    if table["record"].duplicated().any():
        twice = table["record"][table["record"].duplicated()].iloc[0]
        raise InputError("a record has two predictions", where=f"field {field.name}", found=brief(twice))
    records = table["record"].tolist()
    classes = _classes(table, field)
    rows = zip(records, table["probabilities"].tolist(), strict=True)
    probabilities = [_checked(value, classes, field, f"record {record}, field {field.name}") for record, value in rows]
    tokens = _tokens(table, probabilities, field)
    return Opinions(classes, records, probabilities, tokens)


def _as_table(predictions: Iterable[Prediction], field: Field) -> pd.DataFrame:
    said = [p for p in predictions if field.name in p.scores]
    if any(not isinstance(p.scores[field.name], dict) for p in said):
        raise InputError(
            "these predictions do not say how probable every label is",
            where=f"field {field.name}",
            found=f"scores of {field.kind}",
            expected="a table with the column probabilities (workspace.class_probabilities makes one from a bundle)",
        )
    columns = {
        "record": [p.record for p in said],
        "classes": [tuple(p.scores[field.name]) for p in said],
        "probabilities": [list(p.scores[field.name].values()) for p in said],
    }
    return pd.DataFrame(columns)


def _classes(table: pd.DataFrame, field: Field) -> tuple[str, ...]:
    if "classes" in table.columns and len(table):
        named = {tuple(str(label) for label in each) for each in table["classes"].tolist()}
        if len(named) > 1:
            found = " and ".join(brief(list(each)) for each in sorted(named)[:2])
            raise InputError("the predictions are of different classes", where=f"field {field.name}", found=found)
        classes = named.pop()
    elif field.kind == "spans":
        classes = ("O", *(f"{mark}-{label}" for label in field.labels for mark in "BI"))
    else:
        classes = field.labels
    if field.kind == "spans":
        labels = [label[2:] for label in classes[1::2]]
        if classes != ("O", *(f"{mark}-{label}" for label in labels for mark in "BI")):
            expected = "O, then B- and I- of each label"
            raise InputError(
                "these are no classes of spans",
                where=f"field {field.name}",
                found=brief(list(classes)),
                expected=expected,
            )
    return classes


def _checked(value: Any, classes: Sequence[str], field: Field, where: str) -> Floats:
    """The probabilities as an array, none of them smaller than `SMALLEST`, of sum 1 where that is what they are."""
    many = field.kind == "choice" and field.many
    try:
        found = np.asarray(
            [np.asarray(row, dtype=np.float64) for row in value] if field.kind != "choice" else value, dtype=np.float64
        )
    except (TypeError, ValueError):
        raise InputError("these are no probabilities", where=where, found=brief(value)) from None
    if field.kind != "choice":
        found = found.reshape(-1, len(classes)) if not found.size else found
    expected = (len(classes),) if field.kind == "choice" else (len(found), len(classes))
    if found.shape != expected:
        shape = f"[{len(classes)}]" if field.kind == "choice" else f"[tokens, {len(classes)}]"
        raise InputError(
            "the probabilities do not fit the classes", where=where, found=f"shape {list(found.shape)}", expected=shape
        )
    inside = bool(((found >= -SLACK) & (found <= 1 + SLACK)).all())  # false for NaN too
    if not inside or (not many and found.size and bool((abs(found.sum(axis=-1) - 1) > SLACK).any())):
        raise InputError(
            "these are no probabilities",
            where=where,
            found=brief(found.ravel()[:8].tolist()),
            expected="0..1, of sum 1",
        )
    found = np.clip(found, SMALLEST, 1 - SMALLEST)
    return found if many else cast("Floats", found / found.sum(axis=-1, keepdims=True))


def _tokens(table: pd.DataFrame, probabilities: Sequence[Floats], field: Field) -> list[Ints | None]:
    if field.kind == "choice":
        return [None] * len(probabilities)
    given: list[Any] = table["tokens"].tolist() if "tokens" in table.columns else [None] * len(probabilities)
    tokens: list[Ints | None] = []
    for record, bounds, rows in zip(table["record"].tolist(), given, probabilities, strict=True):
        where = f"record {record}, field {field.name}"
        if not hasattr(bounds, "__len__"):  # None, or NaN in its place
            if field.kind == "spans":
                raise InputError(
                    "probabilities of spans need tokens", where=where, expected="a column tokens, [[start, end], ...]"
                )
            tokens.append(None)
            continue
        pairs = np.array([list(pair) for pair in bounds], dtype=np.int64).reshape(-1, 2)
        if len(pairs) != len(rows):
            raise InputError(
                "tokens and probabilities differ in number",
                where=where,
                found=f"{len(pairs)} tokens",
                expected=f"{len(rows)}",
            )
        tokens.append(pairs)
    return tokens
