"""From what several annotators said of each record to one value with a confidence: one call for every kind and method."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from goldleaf.core import InputError, Prediction, Schema
from goldleaf.quality.aggregation.majority import fit_majority
from goldleaf.quality.aggregation.sequences import SEQUENCE
from goldleaf.quality.aggregation.votes import Fitted, votes_of
from goldleaf.quality.labels import Answers, Floats, read_answers

CHOICE: dict[str, Callable[..., Fitted]] = {"majority": fit_majority}
"""`fn(votes: Votes, *, seed: int) -> Fitted`"""


@dataclass(frozen=True, slots=True)
class Aggregation:
    """`values` has a row a record and field: `record, field, value, confidence, method`. `annotators` has one an annotator and field:
    `field, annotator, answers, accuracy, low, high`. `reasons` says by field why a method was taken, `iterations` what it took."""

    values: pd.DataFrame
    annotators: pd.DataFrame
    reasons: dict[str, str] = field(default_factory=dict[str, str])
    iterations: dict[str, int] = field(default_factory=dict[str, int])


def aggregate(
    table: pd.DataFrame,
    method: str = "auto",
    *,
    schema: Schema | None = None,
    records: pd.DataFrame | None = None,
    predictions: Iterable[Prediction] | None = None,
    seed: int = 0,
) -> pd.DataFrame:
    """One row a record and field: `record, field, value, confidence, method`."""
    return aggregation(table, method, schema=schema, records=records, predictions=predictions, seed=seed).values


def aggregation(
    table: pd.DataFrame,
    method: str = "auto",
    *,
    schema: Schema | None = None,
    records: pd.DataFrame | None = None,
    predictions: Iterable[Prediction] | None = None,
    seed: int = 0,
) -> Aggregation:
    """`aggregate`, with how reliable each annotator is and why the method was taken."""
    parts = [_aggregate_field(answers, method, records, seed) for answers in read_answers(table, schema=schema)]
    return Aggregation(pd.concat([part[0] for part in parts]), pd.concat([part[1] for part in parts]))


def _aggregate_field(answers: Answers, method: str, records: pd.DataFrame | None, seed: int) -> Any:
    if answers.kind != "choice":
        function = SEQUENCE.get(method)
        if function is None:
            raise InputError("no such method", found=method, expected=" or ".join(SEQUENCE))
        values, confidence, reliability = function(answers, records, seed=seed)
        return _table(answers, values, confidence, method), reliability
    votes = votes_of(answers)
    fitted = CHOICE["majority" if method == "auto" else method](votes, seed=seed)
    best = fitted.probabilities_.argmax(axis=1)
    values = [answers.as_written(answers.labels[each]) for each in best.tolist()]
    return _table(answers, values, fitted.probabilities_.max(axis=1), method), pd.DataFrame()


def _table(answers: Answers, values: list[Any], confidence: Floats, method: str) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "record": answers.records,
            "field": answers.field,
            "value": values,
            "confidence": np.asarray(confidence),
            "method": method,
        }
    )
