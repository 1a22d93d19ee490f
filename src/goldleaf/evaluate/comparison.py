"""Two models on the same records: which is better, by how much, how certain that is, and what would settle it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import NormalDist
from typing import Any

import numpy as np

from goldleaf.core import Example, Field, InputError, Prediction, Schema
from goldleaf.evaluate.pairs import Pair, check_aligned, group_of, pair_up
from goldleaf.measure import Table, count_labels, f1_of, group_sums, interval, ratio, resample, total

CONFIDENCE, POWER = 0.95, 0.8
"""A difference is settled where its `CONFIDENCE` interval leaves out 0; records are planned for finding it with a chance of `POWER`."""


def compare(
    schema: Schema,
    examples: Sequence[Example],
    first: Sequence[Prediction],
    second: Sequence[Prediction],
    *,
    seed: int = 0,
    resamples: int = 10_000,
) -> dict[str, Any]:
    """The main score of every field that both predict, and of the whole record, by the paired bootstrap over groups (Efron and Tibshirani,
    *An Introduction to the Bootstrap*, 1993; for F1, Berg-Kirkpatrick, Burkett and Klein, EMNLP 2012).

    Each comparison is `{"score", "first", "second", "difference": {"value", "low", "high"}, "certainty", "settled", "more_records",
    "only_first", "only_second"}`. The difference is second minus first; `certainty` is the share of resamples that have its sign (a
    difference of 0 counts half); `more_records` is how many further test records would, if the difference stays as it is, settle it with a
    chance of 80 % (None where there is no difference). Raises InputError where there is nothing that both predict.
    """
    for predictions in (first, second):
        check_aligned(examples, predictions)
    rng = np.random.default_rng(seed)
    fields: dict[str, Any] = {}
    right: dict[int, tuple[bool, bool]] = {}
    for field in schema.fields:
        ours, theirs = pair_up(field, examples, first), pair_up(field, examples, second)
        if not ours or not theirs:
            continue
        fields[field.name] = _compare_field(field, ours, theirs, rng, resamples)
        for a, b in zip(ours, theirs, strict=True):
            one, other = right.get(a.place, (True, True))
            right[a.place] = (one and a.right, other and b.right)
    if not fields:
        raise InputError(
            "the two have no field in common that the records have gold of",
            expected=f"gold and predictions of {' or '.join(schema.names)}",
        )
    groups = [group_of(examples[place].record) for place in right]
    rows = np.array([[a, 1 - a, 0, b, 1 - b, 0] for a, b in right.values()], dtype=np.float64)
    whole = {"score": "exact_match", **_compare_rows(rows, groups, rng, resamples, accuracy=True)}
    return {"records": len(right), "groups": len(set(groups)), "fields": fields, "exact_match": whole}


def _compare_field(
    field: Field, ours: Sequence[Pair], theirs: Sequence[Pair], rng: np.random.Generator, resamples: int
) -> dict[str, Any]:
    table = np.array(
        [[*_counts(field, a), *_counts(field, b)] for a, b in zip(ours, theirs, strict=True)], dtype=np.float64
    )
    accuracy = field.kind != "spans" and not field.many
    only = [
        sum(a.right and not b.right for a, b in zip(x, y, strict=True)) for x, y in ((ours, theirs), (theirs, ours))
    ]
    found = _compare_rows(table, [pair.group for pair in ours], rng, resamples, accuracy=accuracy)
    score = "accuracy" if accuracy else "f1"
    return {"score": score, **found, "only_first": only[0], "only_second": only[1]}


def _counts(field: Field, pair: Pair) -> tuple[int, int, int]:
    counts = total(count_labels(field, pair.gold, pair.predicted).values())
    return counts.tp, counts.fp, counts.fn


def _compare_rows(
    rows: Table, groups: Sequence[str], rng: np.random.Generator, resamples: int, *, accuracy: bool
) -> dict[str, Any]:
    """`rows` are tp, fp, fn of the first model and of the second, a record each."""

    def score(sums: Table) -> Table:
        return ratio(sums[:, 0], sums[:, 0] + sums[:, 1]) if accuracy else f1_of(sums)

    def difference(sums: Table) -> Table:
        return score(sums[:, 3:]) - score(sums[:, :3])

    sums = group_sums(rows, groups)
    drawn = resample(sums, resamples=resamples, rng=rng)
    bound = interval(difference, sums, drawn, confidence=CONFIDENCE)
    spread = difference(drawn)
    sign = 1.0 if bound.value >= 0 else -1.0
    certainty = float(np.where(spread == 0, 0.5, sign * spread > 0).mean())
    settled = bound.low > 0 or bound.high < 0
    whole = rows.sum(axis=0, keepdims=True)
    return {
        "first": round(float(score(whole[:, :3])[0]), 6),
        "second": round(float(score(whole[:, 3:])[0]), 6),
        "difference": bound.to_dict(),
        "certainty": round(certainty, 6),
        "settled": settled,
        "more_records": 0 if settled else more_records(len(rows), bound.value, float(spread.std())),
    }


def more_records(records: int, difference: float, error: float) -> int | None:
    """How many records beyond those there are would settle a difference whose standard error is `error`; None for a difference of 0.

    The error falls with the root of the number of records, and a difference is found with a chance of `POWER` where it is
    z(1 - (1 - `CONFIDENCE`) / 2) + z(`POWER`) = 2.8 errors (the usual sample size of a two-sided test).

    >>> more_records(1000, 0.01, 0.005)
    963
    """
    if difference == 0:
        return None
    normal = NormalDist()
    errors = normal.inv_cdf((1 + CONFIDENCE) / 2) + normal.inv_cdf(POWER)
    return max(0, math.ceil(records * (errors * error / difference) ** 2) - records)
