"""The evaluation of one model on one set of examples."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from goldleaf.core import Example, Field, InputError, Prediction, Schema, count_methods
from goldleaf.evaluate.abstention import abstention_of
from goldleaf.evaluate.calibration import calibration_of
from goldleaf.evaluate.confidence import histogram_of, worst_errors
from goldleaf.evaluate.confusion import confusion_of
from goldleaf.evaluate.pairs import Pair, check_aligned, group_of, labels_of, pair_up
from goldleaf.evaluate.scores import count_trained, difference, point_scores, score_field
from goldleaf.evaluate.span_errors import span_errors_of
from goldleaf.measure import Interval, group_sums, interval, ratio, resample
from goldleaf.report import Report


def evaluate(
    schema: Schema,
    examples: Sequence[Example],
    predictions: Sequence[Prediction],
    *,
    title: str = "Evaluation",
    baseline: Sequence[Prediction] | None = None,
    uncalibrated: Sequence[Prediction] | None = None,
    train: Sequence[Example] | None = None,
    history: Sequence[Mapping[str, Any]] = (),
    seed: int = 0,
    resamples: int = 1000,
) -> Report:
    """Score predictions against gold, field by field, with 95 % bootstrap intervals over groups.

    A field that a record has no gold of was not asked, and is masked. With `train`, labels that training never saw are listed; with
    `baseline`, its scores stand beside the model's; with `uncalibrated` (the predictions with their scores before calibration), so does
    the calibration error before; `history` holds what training reported. A field's `gold` counts by which method
    its labels came to be, where that is known. Raises InputError where there is nothing to score, or
    predictions do not belong to the examples.
    """
    if not examples:
        raise InputError("there is nothing to evaluate on", found="no labelled records", expected="at least one")
    check_aligned(examples, predictions)
    rng = np.random.default_rng(seed)
    pairs = {f.name: found for f in schema.fields if (found := pair_up(f, examples, predictions))}
    if not pairs:
        expected = f"gold and predictions of {' or '.join(schema.names)}"
        raise InputError("there is nothing to evaluate on", found="no gold that was predicted", expected=expected)
    fields = {name: _evaluate_field(schema[name], rows, train, rng, resamples) for name, rows in pairs.items()}
    data: dict[str, Any] = {"records": len(examples), "groups": len({group_of(e.record) for e in examples})}
    for name, found in fields.items():
        golds = [examples[pair.place].gold for pair in pairs[name]]
        if methods := count_methods(gold[name] for gold in golds if name in gold):
            found["gold"] = methods
    data["fields"] = fields
    data["exact_match"] = _exact_match(pairs, rng, resamples).to_dict()
    if baseline is not None:
        check_aligned(examples, baseline, who="predictions of the baseline")
        data["baseline"] = {
            "name": "TF-IDF + logistic regression",
            "fields": _beside(schema, pairs, examples, baseline, rng, resamples),
        }
    if uncalibrated is not None:
        check_aligned(examples, uncalibrated, who="uncalibrated predictions")
        for name, found in fields.items():
            if "calibration" in found:
                found["calibration"]["before"] = calibration_of(
                    schema[name], pair_up(schema[name], examples, uncalibrated)
                )
    if history:
        data["history"] = [dict(row) for row in history]
    return Report(title, data)


def _evaluate_field(
    field: Field, pairs: Sequence[Pair], train: Sequence[Example] | None, rng: np.random.Generator, resamples: int
) -> dict[str, Any]:
    seen = None if train is None else count_trained(field, train)
    data: dict[str, Any] = {"kind": field.kind, "many": field.many, "records": len(pairs)}
    data |= score_field(field, pairs, rng=rng, resamples=resamples, seen=seen)
    data["confusion"] = confusion_of(field, pairs)
    if (confidence := histogram_of(field, pairs)) is not None:
        data["confidence"] = confidence
        data["calibration"] = calibration_of(field, pairs)
        data["abstention"] = abstention_of(field, pairs)
    if field.kind == "spans":
        data["span_errors"] = span_errors_of(pairs)
    data["wrong"] = sum(not pair.right for pair in pairs)
    data["errors"] = worst_errors(field, pairs)
    known = set(field.labels) if seen is None else set(seen)
    unseen = Counter(label for pair in pairs for label in labels_of(pair.gold) if label not in known)
    return data | {"unseen_labels": dict(sorted(unseen.items()))}


def _exact_match(pairs: Mapping[str, Sequence[Pair]], rng: np.random.Generator, resamples: int) -> Interval:
    """The share of records whose every asked field is right."""
    right: dict[int, bool] = {}
    groups: dict[int, str] = {}
    for pair in (pair for rows in pairs.values() for pair in rows):
        right[pair.place] = right.get(pair.place, True) and pair.right
        groups[pair.place] = pair.group
    sums = group_sums(np.array([[float(r), 1.0] for r in right.values()]), list(groups.values()))
    return interval(lambda s: ratio(s[:, 0], s[:, 1]), sums, resample(sums, resamples=resamples, rng=rng))


def _beside(
    schema: Schema,
    pairs: Mapping[str, Sequence[Pair]],
    examples: Sequence[Example],
    baseline: Sequence[Prediction],
    rng: np.random.Generator,
    resamples: int,
) -> dict[str, Any]:
    """The baseline's scores of the fields it predicts, and how far the model is above them."""
    fields: dict[str, Any] = {}
    for name, rows in pairs.items():
        if others := pair_up(schema[name], examples, baseline):
            gain = difference(schema[name], rows, others, rng=rng, resamples=resamples)
            fields[name] = point_scores(schema[name], others) | {"difference": gain}
    return fields
