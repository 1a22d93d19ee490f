"""What the judging of one field starts from: gold and a model's opinion of the same records, and what else is known of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
import pandas as pd

from goldleaf.core import Field, InputError, Schema, Span, brief
from goldleaf.quality.errors.opinions import Opinions, Predictions, read_opinions
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
    """The gold table's values by field. Raises InputError where it is none."""
    if missing := [name for name in NEEDED if name not in gold.columns]:
        found, expected = f"no column {', '.join(missing)}", f"the columns {', '.join(NEEDED)}"
        raise InputError("this is no gold table", found=found, expected=expected)
    kept = gold[[name for name in ("record", "field", "value") if name in gold.columns]].assign(annotator="gold")
    fields = read_answers(kept, schema=schema)
    if schema is not None:
        return fields
    return [_as_tags(answers, kept) if _looks_like_tags(answers, predictions) else answers for answers in fields]


def _looks_like_tags(answers: Answers, predictions: Predictions) -> bool:
    """A list of labels in which none is given twice may be tags: then the model has an opinion a token."""
    if not (answers.kind == "choice" and answers.many and isinstance(predictions, pd.DataFrame)):
        return False
    rows = predictions[predictions["field"] == answers.field] if "field" in predictions.columns else predictions
    return "probabilities" in rows.columns and len(rows) > 0 and np.ndim(rows["probabilities"].iloc[0]) == 2


def _as_tags(answers: Answers, table: pd.DataFrame) -> Answers:
    schema = Schema((Field(answers.field, "tags", answers.labels),))
    rows = table[table["field"] == answers.field] if "field" in table.columns else table
    return read_answers(rows, schema=schema)[0]


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
