"""The evaluation of one model on one set of examples."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from goldleaf.core import Example, Field, InputError, Prediction, Schema, Span, Value, value_to_json
from goldleaf.measure import (
    Counts,
    Interval,
    count_labels,
    f1_of,
    group_sums,
    interval,
    precision_of,
    ratio,
    recall_of,
    resample,
    total,
)
from goldleaf.report import Report
from goldleaf.text import segment

WORST = 25
"""How many errors a report shows per field."""


def evaluate(
    schema: Schema,
    examples: Sequence[Example],
    predictions: Sequence[Prediction],
    *,
    title: str = "Evaluation",
    baseline: Sequence[Prediction] | None = None,
    train: Sequence[Example] | None = None,
    history: Sequence[Mapping[str, Any]] = (),
    seed: int = 0,
    resamples: int = 1000,
) -> Report:
    """Score predictions against gold, field by field, with 95 % bootstrap intervals over groups.

    A field that a record has no gold of was not asked, and is masked. With `train`, labels that training never saw are listed; with
    `baseline`, its scores stand beside the model's. Raises InputError where there is nothing to score.
    """
    if not examples:
        raise InputError("there is nothing to evaluate on", found="no labelled records", expected="at least one")
    rng = np.random.default_rng(seed)
    data: dict[str, Any] = {"records": len(examples), "fields": {}}
    for field in schema.fields:
        rows = [
            (e, p)
            for e, p in zip(examples, predictions, strict=True)
            if field.name in e.values and field.name in p.values
        ]
        if rows:
            data["fields"][field.name] = _evaluate_field(field, rows, rng, resamples) | _unseen(field, rows, train)
    if not data["fields"]:
        raise InputError(
            "there is nothing to evaluate on", found="no gold of any field", expected=" or ".join(schema.names)
        )
    data["exact_match"] = _exact_match(schema, examples, predictions, rng, resamples).to_dict()
    if baseline is not None:
        data["baseline"] = {
            "name": "TF-IDF + logistic regression",
            "fields": _score_baseline(schema, examples, baseline),
        }
    if history:
        data["history"] = [dict(row) for row in history]
    return Report(title, data)


Rows = Sequence[tuple[Example, Prediction]]


def _evaluate_field(field: Field, rows: Rows, rng: np.random.Generator, resamples: int) -> dict[str, Any]:
    pairs = [(e.values[field.name], p.values[field.name]) for e, p in rows]
    per_record = [count_labels(field, gold, found) for gold, found in pairs]
    labels = {label: total(c[label] for c in per_record if label in c) for label in _all_labels(field, per_record)}
    sums = group_sums(_table(field, rows, per_record), [e.record.group or e.record.id for e, _ in rows])
    resampled = resample(sums, resamples=resamples, rng=rng)
    scores = {
        "precision": interval(precision_of, sums, resampled),
        "recall": interval(recall_of, sums, resampled),
        "f1": interval(f1_of, sums, resampled),
        "accuracy": interval(lambda s: ratio(s[:, 3], s[:, 4]), sums, resampled),
        "token_accuracy": interval(lambda s: ratio(s[:, 5], s[:, 6]), sums, resampled),
        "macro_f1": interval(lambda s: _macro(s, len(labels)), sums, resampled),
        "weighted_f1": interval(lambda s: _weighted(s, len(labels)), sums, resampled),
    }
    if field.kind == "choice":
        del scores["token_accuracy"]
    return {
        "kind": field.kind,
        "records": len(rows),
        **{name: score.to_dict() for name, score in scores.items()},
        "labels": {label: _label_scores(c) for label, c in labels.items()},
        "confusion": _confusion(field, pairs),
        "errors": _worst_errors(field, rows),
    }


def _all_labels(field: Field, per_record: Sequence[Mapping[str, Counts]]) -> list[str]:
    """The labels that occur in gold or predictions, in the schema's order."""
    seen = {label for counts in per_record for label in counts}
    return [label for label in field.labels if label in seen] + sorted(seen - set(field.labels))


def _table(
    field: Field, rows: Rows, per_record: Sequence[Mapping[str, Counts]]
) -> np.ndarray[Any, np.dtype[np.float64]]:
    """A row a record: tp, fp, fn, right, asked, right tokens, tokens, then tp, fp, fn of each label."""
    labels = _all_labels(field, per_record)
    table = np.zeros((len(rows), 7 + 3 * len(labels)))
    for row, ((example, prediction), counts) in enumerate(zip(rows, per_record, strict=True)):
        gold, found = example.values[field.name], prediction.values[field.name]
        all_counts = total(counts.values())
        right, tokens = _tokens_right(field, example, gold, found)
        unit = field.kind == "tags"
        table[row, :7] = (
            all_counts.tp, all_counts.fp, all_counts.fn, right if unit else gold == found, tokens if unit else 1, right, tokens,
        )  # fmt: skip
        for column, label in enumerate(labels):
            c = counts.get(label)
            if c is not None:
                table[row, 7 + 3 * column : 10 + 3 * column] = (c.tp, c.fp, c.fn)
    return table


def _tokens_right(field: Field, example: Example, gold: Value, found: Value) -> tuple[int, int]:
    """How many tokens have the right tag, and how many there are; of spans, the tag is IOB2's."""
    if field.kind == "tags":
        return sum(a == b for a, b in zip(gold, found, strict=True)), len(gold)
    if field.kind == "choice":
        return 0, 0
    tokens = example.record.tokens if example.record.tokens is not None else segment(example.record.text)
    tags = [_token_tags(tokens, spans) for spans in (gold, found)]
    return sum(a == b for a, b in zip(*tags, strict=True)), len(tokens)


def _token_tags(tokens: Sequence[tuple[int, int]], spans: Sequence[Span]) -> list[str]:
    tags = ["O"] * len(tokens)
    for span in spans:
        mark = "B"
        for number, (start, end) in enumerate(tokens):
            if start < span.end and end > span.start:
                tags[number] = f"{mark}-{span.label}"
                mark = "I"
    return tags


def _per_label(sums: np.ndarray[Any, Any], count: int) -> tuple[Any, Any]:
    """F1 and support of each label, `[resamples, labels]`."""
    parts = sums[:, 7:].reshape(len(sums), count, 3)
    tp, fp, fn = parts[..., 0], parts[..., 1], parts[..., 2]
    return ratio(2 * tp, 2 * tp + fp + fn), tp + fn


def _macro(sums: np.ndarray[Any, Any], count: int) -> Any:
    return _per_label(sums, count)[0].mean(axis=1) if count else np.zeros(len(sums))


def _weighted(sums: np.ndarray[Any, Any], count: int) -> Any:
    f1, support = _per_label(sums, count)
    return ratio((f1 * support).sum(axis=1), support.sum(axis=1))


def _label_scores(counts: Counts) -> dict[str, float | int]:
    return {
        "precision": round(counts.precision, 6),
        "recall": round(counts.recall, 6),
        "f1": round(counts.f1, 6),
        "support": counts.support,
    }


def _confusion(field: Field, pairs: Sequence[tuple[Value, Value]]) -> dict[str, dict[str, int]]:
    """`{gold: {predicted: n}}`. Of spans, those with the same borders are compared; the rest is missed or invented."""
    counts: Counter[tuple[str, str]] = Counter()
    for gold, found in pairs:
        if field.kind == "spans":
            ours, theirs = ({(s.start, s.end): s.label for s in spans} for spans in (gold, found))
            counts.update((ours.get(k, "(nothing)"), theirs.get(k, "(nothing)")) for k in ours.keys() | theirs.keys())
        elif field.kind == "tags":
            counts.update(zip(gold, found, strict=True))
        elif not field.many:
            counts[(gold, found)] += 1
    table: dict[str, dict[str, int]] = {}
    for (gold, found), number in sorted(counts.items()):
        table.setdefault(gold, {})[found] = number
    return table


def _worst_errors(field: Field, rows: Rows) -> list[dict[str, Any]]:
    """The wrong values the model was surest of."""
    wrong = [(e, p) for e, p in rows if e.values[field.name] != p.values[field.name]]
    ranked = sorted(wrong, key=lambda row: -_sureness(field, row[1]))
    return [
        {
            "record": e.record.id,
            "text": e.record.text[:500],
            "gold": value_to_json(e.values[field.name]),
            "predicted": value_to_json(p.values[field.name]),
            "score": round(_sureness(field, p), 4),
        }
        for e, p in ranked[:WORST]
    ]


def _sureness(field: Field, prediction: Prediction) -> float:
    """How sure the model was: of a choice the value's probability, of many labels the least sure one, of spans and tags the mean."""
    scores, value = prediction.scores.get(field.name), prediction.values[field.name]
    if not scores:
        return 0.0
    if isinstance(scores, Mapping):
        return (
            float(scores[value])
            if isinstance(value, str)
            else min(max(float(s), 1 - float(s)) for s in scores.values())
        )
    return float(np.mean(scores))


def _unseen(field: Field, rows: Rows, train: Sequence[Example] | None) -> dict[str, Any]:
    """Labels in gold that training never saw."""
    if train is None:
        return {}
    seen = {label for e in train for label in _labels_of(e.values.get(field.name, ()))}
    unseen = Counter(label for e, _ in rows for label in _labels_of(e.values[field.name]) if label not in seen)
    return {"unseen_labels": dict(sorted(unseen.items()))}


def _labels_of(value: Value) -> list[str]:
    return [value] if isinstance(value, str) else [v.label if isinstance(v, Span) else v for v in value]


def _exact_match(
    schema: Schema,
    examples: Sequence[Example],
    predictions: Sequence[Prediction],
    rng: np.random.Generator,
    resamples: int,
) -> Interval:
    """The share of records whose every asked field is right."""
    right = [
        all(p.values.get(n) == v for n, v in e.values.items() if n in schema)
        for e, p in zip(examples, predictions, strict=True)
    ]
    sums = group_sums(np.array([[r, 1.0] for r in right]), [e.record.group or e.record.id for e in examples])
    return interval(lambda s: ratio(s[:, 0], s[:, 1]), sums, resample(sums, resamples=resamples, rng=rng))


def _score_baseline(
    schema: Schema, examples: Sequence[Example], baseline: Sequence[Prediction]
) -> dict[str, dict[str, float]]:
    scores: dict[str, dict[str, float]] = {}
    for field in schema.fields:
        pairs = [
            (e.values[field.name], p.values[field.name])
            for e, p in zip(examples, baseline, strict=True)
            if field.name in e.values and field.name in p.values
        ]
        if pairs:
            counts = [count_labels(field, gold, found) for gold, found in pairs]
            labels = [total(c[label] for c in counts if label in c) for label in _all_labels(field, counts)]
            scores[field.name] = {
                "accuracy": round(sum(g == p for g, p in pairs) / len(pairs), 6),
                "macro_f1": round(sum(c.f1 for c in labels) / len(labels), 6),
            }
    return scores
