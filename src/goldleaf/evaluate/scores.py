"""The scores of one field with their intervals, from one table of counts that can be added."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from goldleaf.core import Example, Field, Token
from goldleaf.evaluate.pairs import Pair, labels_of
from goldleaf.measure import (
    Counts,
    count_labels,
    f1_of,
    group_sums,
    interval,
    intervals,
    precision_of,
    ratio,
    recall_of,
    resample,
    tokens_right,
    total,
)
from goldleaf.text import segment

Array = np.ndarray[Any, np.dtype[np.float64]]
HEAD = 7
"""Columns before those of the labels: tp, fp, fn, right, asked, right tokens, tokens."""


def score_field(
    field: Field, pairs: Sequence[Pair], *, rng: np.random.Generator, resamples: int, seen: Counter[str] | None = None
) -> dict[str, Any]:
    """Scores with intervals, and each label's; `seen` counts the labels of the training data."""
    counted = [count_labels(field, pair.gold, pair.predicted) for pair in pairs]
    names = _all_labels(field, counted)
    sums = group_sums(_table(field, pairs, counted, names), [pair.group for pair in pairs])
    drawn = resample(sums, resamples=resamples, rng=rng)
    statistics = dict(_STATISTICS)
    if field.kind == "choice":
        del statistics["token_accuracy"]
    scores = {name: interval(statistic, sums, drawn).to_dict() for name, statistic in statistics.items()}
    bounds = intervals(lambda s: _label_f1(s)[0], sums, drawn)
    labels: dict[str, Any] = {}
    for name, bound in zip(names, bounds, strict=True):
        counts = total(c[name] for c in counted if name in c)
        labels[name] = _rates(counts) | {"f1_low": round(bound.low, 6), "f1_high": round(bound.high, 6)}
        if seen is not None:
            labels[name]["trained"] = seen[name]
    return {**scores, "labels": labels}


def point_scores(field: Field, pairs: Sequence[Pair]) -> dict[str, float]:
    """Accuracy, micro F1 and macro F1 without intervals."""
    counted = [count_labels(field, pair.gold, pair.predicted) for pair in pairs]
    names = _all_labels(field, counted)
    sums = _table(field, pairs, counted, names).sum(axis=0, keepdims=True)
    return {name: round(float(_STATISTICS[name](sums)[0]), 6) for name in ("accuracy", "f1", "macro_f1")}


def difference(
    field: Field, pairs: Sequence[Pair], others: Sequence[Pair], *, rng: np.random.Generator, resamples: int
) -> dict[str, float]:
    """Accuracy of `pairs` minus that of `others` on the same records, by the paired bootstrap."""
    rows = np.array(
        [[_units(field, a)[0] - _units(field, b)[0], _units(field, a)[1]] for a, b in zip(pairs, others, strict=True)]
    )
    sums = group_sums(rows.astype(np.float64), [pair.group for pair in pairs])
    drawn = resample(sums, resamples=resamples, rng=rng)
    return interval(lambda s: ratio(s[:, 0], s[:, 1]), sums, drawn).to_dict()


def count_trained(field: Field, train: Sequence[Example]) -> Counter[str]:
    """How often each label of a field occurs in the training data."""
    return Counter(label for e in train if field.name in e.values for label in labels_of(e.values[field.name]))


def _all_labels(field: Field, counted: Sequence[Mapping[str, Counts]]) -> list[str]:
    """The labels that occur in gold or predictions, in the schema's order."""
    seen = {label for counts in counted for label in counts}
    return [label for label in field.labels if label in seen] + sorted(seen - set(field.labels))


def _table(field: Field, pairs: Sequence[Pair], counted: Sequence[Mapping[str, Counts]], names: Sequence[str]) -> Array:
    """A row a record: `HEAD` columns, then tp, fp, fn of each label."""
    column = {name: HEAD + 3 * place for place, name in enumerate(names)}
    table = np.zeros((len(pairs), HEAD + 3 * len(names)))
    for row, (pair, counts) in enumerate(zip(pairs, counted, strict=True)):
        for name, c in counts.items():
            table[row, column[name] : column[name] + 3] = (c.tp, c.fp, c.fn)
        table[row, 3:5] = _units(field, pair)
        table[row, 5:7] = _tokens(field, pair)
    table[:, :3] = table[:, HEAD:].reshape(len(pairs), -1, 3).sum(axis=1)
    return table


def _units(field: Field, pair: Pair) -> tuple[int, int]:
    """What accuracy counts: tokens of tags, else records."""
    return _tokens(field, pair) if field.kind == "tags" else (int(pair.right), 1)


def _tokens(field: Field, pair: Pair) -> tuple[int, int]:
    """How many tokens are right, and how many there are."""
    if field.kind == "tags":
        return sum(a == b for a, b in zip(pair.gold, pair.predicted, strict=True)), len(pair.gold)
    if field.kind == "choice":
        return 0, 0
    given = pair.record.tokens
    tokens: Sequence[Token] = given if given is not None else segment(pair.record.text)
    return (len(tokens) if pair.right else tokens_right(pair.gold, pair.predicted, tokens)), len(tokens)


def _label_f1(sums: Array) -> tuple[Array, Array, Array]:
    """F1, support, and whether the label occurs at all, each `[n, labels]`."""
    parts = sums[:, HEAD:].reshape(len(sums), -1, 3)
    tp, fp, fn = parts[..., 0], parts[..., 1], parts[..., 2]
    return ratio(2 * tp, 2 * tp + fp + fn), tp + fn, (tp + fp + fn > 0).astype(np.float64)


def _macro(sums: Array) -> Array:
    """The mean F1 of the labels that occur in this sample: one that a resample has lost does not count as wrong."""
    f1, _, present = _label_f1(sums)
    return ratio(f1.sum(axis=1), present.sum(axis=1))


def _weighted(sums: Array) -> Array:
    f1, support, _ = _label_f1(sums)
    return ratio((f1 * support).sum(axis=1), support.sum(axis=1))


def _rates(counts: Counts) -> dict[str, float | int]:
    return {
        "precision": round(counts.precision, 6),
        "recall": round(counts.recall, 6),
        "f1": round(counts.f1, 6),
        "support": counts.support,
    }


_STATISTICS: dict[str, Callable[[Array], Array]] = {
    "precision": precision_of,
    "recall": recall_of,
    "f1": f1_of,
    "accuracy": lambda s: ratio(s[:, 3], s[:, 4]),
    "token_accuracy": lambda s: ratio(s[:, 5], s[:, 6]),
    "macro_f1": _macro,
    "weighted_f1": _weighted,
}
