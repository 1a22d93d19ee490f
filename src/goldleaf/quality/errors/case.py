"""What the judging of one field starts from: gold and a model's opinion of the same records, and what else is known of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
import pandas as pd

from goldleaf.core import Field, InputError, Schema, Span, brief
from goldleaf.quality.errors.opinions import Opinions, Predictions, first_shape, read_opinions
from goldleaf.quality.labels import Answers, Ints, read_answers
from goldleaf.quality.nearest import Vectors

NEEDED = ("record", "value")


@dataclass(frozen=True, slots=True)
class Case:
    """One field. `gold` has its values; of them those at `judged` `[n]` have an opinion, at `opinion` `[n]`, and are judged; the others are
    what they are held against. `groups` `[gold]` numbers what belongs together (a document), `texts` are the records' texts and `tokens`
    their tokens, None where they are not known; `vectors` `[n, hidden]`, the number of the `space` that each is in, and the annotators'
    `answers` likewise."""

    gold: Answers
    field: Field
    opinions: Opinions
    judged: Ints
    opinion: Ints
    groups: Ints
    texts: list[str | None]
    tokens: list[Any]
    vectors: Vectors | None
    space: Ints | None
    answers: Answers | None

    def __len__(self) -> int:
        return len(self.judged)

    @property
    def judged_groups(self) -> Ints:
        """The groups of the judged records, numbered from 0."""
        return np.unique(self.groups[self.judged], return_inverse=True)[1]


def read_gold(gold: pd.DataFrame, schema: Schema | None, predictions: Predictions) -> list[Answers]:
    """The gold table's values by field. Raises InputError where it is none, or has two values of one field of a record.

    Without a schema the predictions tell apart what values alone do not: a list of labels is tags where there are opinions a token.
    """
    if missing := [name for name in NEEDED if name not in gold.columns]:
        found, expected = f"no column {', '.join(missing)}", f"the columns {', '.join(NEEDED)}"
        raise InputError("this is no gold table", found=found, expected=expected)
    kept = _with_field(gold[[name for name in ("record", "field", "value") if name in gold.columns]], predictions)
    _check_once(kept, [name for name in ("record", "field") if name in kept.columns], "the gold has two values of one")
    kept = kept.assign(annotator="gold")
    fields = read_answers(kept, schema=schema)
    if schema is not None:
        return fields
    return [_with_kind(answers, kept, predictions) for answers in fields]


def in_canonical_order(gold: pd.DataFrame) -> pd.DataFrame:
    """The rows by record, so that their order makes no difference to what is drawn, or which of two equals comes first."""
    if "record" not in gold.columns:
        return gold
    records = gold["record"].tolist()
    try:
        order = sorted(range(len(records)), key=records.__getitem__)
    except TypeError:  # names of several types
        order = sorted(range(len(records)), key=lambda row: (type(records[row]).__name__, repr(records[row])))
    return gold.iloc[order]


def _with_field(gold: pd.DataFrame, predictions: Predictions) -> pd.DataFrame:
    """The table with the name of its field, where only the predictions have it. Raises InputError where that leaves a choice."""
    if not isinstance(predictions, pd.DataFrame):
        return gold
    if "field" in gold.columns:
        if "field" not in predictions.columns and gold["field"].nunique() > 1:
            expected = "a column field, as the gold has"
            raise InputError("the predictions do not say of which field they are", expected=expected)
        return gold
    named = list(dict.fromkeys(predictions["field"].tolist())) if "field" in predictions.columns else []
    if len(named) > 1:
        found, expected = " and ".join(map(str, named)), "a column field, as the predictions have"
        raise InputError("the gold does not say of which field it is", found=found, expected=expected)
    return gold.assign(field=named[0]) if named else gold


def _check_once(table: pd.DataFrame, names: list[str], message: str) -> None:
    if (twice := table.duplicated(names)).any():
        row = table[twice].iloc[0]
        where = ", ".join(f"{name} {row[name]}" for name in names)
        raise InputError(message, where=where, expected="one row for each", todo="Leave out all but one")


def _with_kind(answers: Answers, table: pd.DataFrame, predictions: Predictions) -> Answers:
    """The answers as what the opinions show them to be, where a list of labels (or nothing but empty lists) may be one or the other."""
    shape = first_shape(predictions, answers.field)
    if answers.kind == "choice" and answers.many and shape == 2:
        field = Field(answers.field, "tags", answers.labels)
    elif answers.kind == "spans" and not answers.labels and shape == 1:
        field = Field(answers.field, "choice", many=True)
    else:
        return answers
    rows = table[table["field"] == answers.field] if "field" in table.columns else table
    return read_answers(rows, schema=Schema((field,)))[0]


def make_case(
    gold: Answers,
    predictions: Predictions,
    *,
    records: pd.DataFrame | None,
    embeddings: pd.DataFrame | None,
    answers: Answers | None,
) -> Case:
    """Join what is known of the records of one field. Raises InputError where gold has a label that the predictions do not know."""
    field = Field(gold.field, gold.kind, gold.labels, many=gold.many)
    opinions = read_opinions(predictions, field)
    place = {record: at for at, record in enumerate(opinions.records)}
    judged = [at for at, record in enumerate(gold.records) if record in place]
    _check_labels(gold, opinions, judged)
    rows = _rows_of(records)
    known = [rows.get(record, {}) for record in gold.records]
    groups = [row.get("group") for row in known]
    keys = [("group", g) if _given(g) else ("record", r) for g, r in zip(groups, gold.records, strict=True)]
    numbers: dict[Any, int] = {}
    return Case(
        gold,
        field,
        opinions,
        np.array(judged, dtype=np.int64),
        np.array([place[gold.records[at]] for at in judged], dtype=np.int64),
        np.array([numbers.setdefault(key, len(numbers)) for key in keys], dtype=np.int64),
        [row["text"] if _given(row.get("text")) else None for row in known],
        [row["tokens"] if _given(row.get("tokens")) else None for row in known],
        *_vectors_of(embeddings, [gold.records[at] for at in judged]),
        answers,
    )


def _rows_of(records: pd.DataFrame | None) -> Mapping[Any, dict[str, Any]]:
    if records is None:
        return {}
    if "record" not in records.columns:
        raise InputError("this is no records table", found="no column record", expected="a column record")
    _check_once(records, ["record"], "the records table has a record twice")
    kept = records[[name for name in ("record", "text", "tokens", "group") if name in records.columns]]
    return {row["record"]: row for row in cast("list[dict[str, Any]]", kept.to_dict("records"))}


def _given(value: Any) -> bool:
    return value is not None and not (isinstance(value, float) and np.isnan(value)) and value is not pd.NA


def _vectors_of(embeddings: pd.DataFrame | None, records: list[Any]) -> tuple[Vectors | None, Ints | None]:
    """`[records, hidden]` and `[records]`; None where embeddings are not given. Raises InputError where one is missing, or they differ in
    length."""
    if embeddings is None or not records:
        return None, None
    if missing := [name for name in ("record", "embedding") if name not in embeddings.columns]:
        raise InputError(
            "this is no table of embeddings", found=f"no column {missing[0]}", expected="record, embedding"
        )
    _check_once(embeddings, ["record"], "there are two embeddings of a record")
    place = {record: row for row, record in enumerate(embeddings["record"].tolist())}
    if absent := [record for record in records if record not in place]:
        raise InputError("a record has no embedding", found=brief(absent[0]), expected="one for each that is judged")
    rows = [place[record] for record in records]
    vectors = embeddings["embedding"].tolist()
    spaces = embeddings["space"].tolist() if "space" in embeddings.columns else [0] * len(embeddings)
    numbers = {name: number for number, name in enumerate(dict.fromkeys(spaces))}
    try:
        found = np.array([np.asarray(vectors[row], dtype=np.float64) for row in rows])
    except ValueError:
        raise InputError("embeddings differ in length", expected="as many numbers for each record") from None
    return found, np.array([numbers[spaces[row]] for row in rows], dtype=np.int64)


def _check_labels(gold: Answers, opinions: Opinions, judged: list[int]) -> None:
    known = {label[2:] for label in opinions.classes[1::2]} if gold.kind == "spans" else set(opinions.classes)
    used = {label for at in judged for label in _labels_of(gold.values[at])}
    if unknown := sorted(used - known):
        raise InputError(
            "gold has a label that the predictions do not know",
            where=f"field {gold.field}",
            found=unknown[0],
            expected=" or ".join(sorted(known)) or "a label",
            todo="Predict with a model of this schema",
        )


def _labels_of(value: Any) -> list[str]:
    return [value] if isinstance(value, str) else [item.label if isinstance(item, Span) else item for item in value]
