"""Label errors: the gold labels that are most probably wrong, with what is proposed in their place, and why."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Literal

import numpy as np
import pandas as pd

from goldleaf.core import InputError, Kind, Schema
from goldleaf.quality.errors.case import in_canonical_order, make_case, read_gold
from goldleaf.quality.errors.choice import find_in_choice
from goldleaf.quality.errors.found import LABELS, NO_TOKENS, RECORDS, Errors, Found, Rows
from goldleaf.quality.errors.opinions import Predictions
from goldleaf.quality.errors.spans import find_in_spans
from goldleaf.quality.errors.tags import find_in_tags
from goldleaf.quality.labels import read_answers

AT_LEAST = 0.01
"""Labels that are less probably wrong than this are not listed."""

KINDS: dict[Kind, Callable[..., Found]] = {"choice": find_in_choice, "spans": find_in_spans, "tags": find_in_tags}
"""`fn(case: Case, *, at_least: float, seed: int) -> Found`"""


def label_errors(gold: pd.DataFrame, predictions: Predictions, **options: Any) -> pd.DataFrame:
    """The suspected labels alone, the most probable first: `find_errors(...).labels`."""
    return find_errors(gold, predictions, **options).labels


def find_errors(
    gold: pd.DataFrame,
    predictions: Predictions,
    *,
    records: pd.DataFrame | None = None,
    schema: Schema | None = None,
    embeddings: pd.DataFrame | None = None,
    answers: pd.DataFrame | None = None,
    at_least: float = AT_LEAST,
    seed: int = 0,
) -> Errors:
    """Judge every gold label (`record, value`, and `field` where there are several) that the predictions have an opinion of.

    `predictions` say how probable each class is, by a model that was not trained on the record (`opinions` has the columns). Gold without
    an opinion is not judged, and what it says of other records counts. `records` (`record`, and where they are known `text, tokens,
    group`), `embeddings` (`record, embedding`, and `space` where they are of several models) and `answers` (a label table) each add what
    they know. Raises InputError where a table is not what it should be, or nothing can be judged.
    """
    held = predictions if isinstance(predictions, pd.DataFrame) else list(predictions)
    said = {} if answers is None else {each.field: each for each in read_answers(answers, schema=schema)}
    found: list[Found] = []
    for values in read_gold(in_canonical_order(gold), schema, held):
        case = make_case(values, held, records=records, embeddings=embeddings, answers=said.get(values.field))
        if len(case):
            found.append(KINDS[values.kind](case, at_least=at_least, seed=seed))
    if not found:
        raise InputError("no gold can be judged", found="no prediction of a record and field that has gold")
    return _tables(found, {record: row for row, record in enumerate(gold["record"].tolist())})


def _tables(found: list[Found], order: Mapping[Any, int]) -> Errors:
    """One table of each, its rows in the order of the gold; the most probable first where they are ranked."""

    def rows(name: Literal["labels", "records"]) -> Rows:
        return sorted((row for each in found for row in getattr(each, name)), key=lambda row: order[row["record"]])

    whole = pd.DataFrame(rows("records"), columns=list(RECORDS))
    labels = pd.DataFrame(rows("labels"), columns=list(LABELS))
    labels = labels.astype(dict.fromkeys(("start", "end", "token"), "Int64"))
    named = [each.tokens for each in found if len(each.tokens)]
    tokens = pd.concat(named, ignore_index=True) if named else NO_TOKENS
    tokens = tokens.iloc[np.argsort([order[record] for record in tokens["record"].tolist()], kind="stable")]
    wrong = {(row["record"], row["field"]): row["probability"] for each in found for row in each.records}
    pairs = zip(labels["record"].tolist(), labels["field"].tolist(), strict=True)
    labels["record_probability"] = np.array([wrong[pair] for pair in pairs], dtype=np.float64)
    return Errors(_ranked(labels), _ranked(whole), tokens.reset_index(drop=True))


def _ranked(table: pd.DataFrame) -> pd.DataFrame:
    return table.sort_values("probability", ascending=False, kind="stable", ignore_index=True)
