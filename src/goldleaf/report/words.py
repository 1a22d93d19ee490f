"""Which scores of a field are shown, what they are called, and how numbers are written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

_ALL = ("precision", "recall", "f1", "accuracy", "token_accuracy", "macro_f1", "weighted_f1")
_ONE_A_UNIT = ("accuracy", "macro_f1", "weighted_f1")
"""One label a record or token: precision, recall and micro F1 are the accuracy."""
_NAMES = {"f1": "F1 (micro)", "macro_f1": "macro F1", "weighted_f1": "weighted F1", "token_accuracy": "token accuracy"}
_EXPLAINED = {
    "precision": "of what was predicted, the share that is right",
    "recall": "of what is in the gold, the share that was found",
    "f1": "2 tp / (2 tp + fp + fn), all labels together",
    "token_accuracy": "the share of tokens whose tag is right",
    "macro_f1": "the mean F1 of the labels, each counting the same",
    "weighted_f1": "the mean F1 of the labels, weighted by support",
}

SPAN_ERRORS_EXPLAINED = {
    "boundary": "right label, other borders",
    "type": "right borders, other label",
    "both": "overlaps a gold span; borders and label differ",
    "missed": "in the gold, and nothing there was predicted",
    "invented": "predicted, and nothing there is in the gold",
}

SCOPE_SCORES = {
    "auroc": "AUROC",
    "aupr": "AUPR",
    "false_alarms": "in scope flagged where 95 % out of scope are",
    "found": "out of scope flagged where 5 % in scope are",
}


def scores_of(field: Mapping[str, Any]) -> Sequence[str]:
    """The keys of the scores that say something of their own for this kind of field."""
    one = field["kind"] == "tags" or (field["kind"] == "choice" and not field.get("many"))
    return [key for key in (_ONE_A_UNIT if one else _ALL) if key in field]


def main_score_of(field: Mapping[str, Any]) -> str:
    """The score that a field is steered by."""
    return "f1" if field["kind"] == "spans" or field.get("many") else "accuracy"


def name_of(key: str) -> str:
    """A score's name."""
    return _NAMES.get(key, key)


def explain(field: Mapping[str, Any], key: str) -> str:
    """What a score is, in a few words."""
    if key == "accuracy":
        return f"the share of {'tokens' if field['kind'] == 'tags' else 'records'} that are wholly right"
    return _EXPLAINED[key]


def sureness_in_words(field: Mapping[str, Any]) -> str:
    """How far the confidence of a field's answers can be relied on, in a sentence."""
    calibration, abstention = field["calibration"], field["abstention"]
    before = calibration.get("before")
    text = f"calibration error {percent(calibration['ece'])} %"
    text += f" (before calibration {percent(before['ece'])} %)" if before else ""
    reached = [each for each in abstention["targets"] if each["threshold"] is not None]
    if reached:
        first = reached[0]
        share, target = f"{100 * first['coverage']:.0f} %", f"{100 * first['target']:g} %"
        text += f"; {target} of the answers with a score of {first['threshold']:.3g} or more are right, {share} of all"
    return text


def baseline_of(data: Mapping[str, Any], name: str, key: str) -> tuple[float | None, Mapping[str, float] | None]:
    """A baseline's score of a field, and by how much the model's accuracy is above it; None where there is none."""
    beside = data.get("baseline", {}).get("fields", {}).get(name, {})
    return beside.get(key), beside.get("difference") if key == "accuracy" else None


def percent(value: float | None) -> str:
    """A share as a percentage with two digits, as the field prints it; nothing for None."""
    return "" if value is None else f"{100 * value:.2f}"


def signed(value: float) -> str:
    """A difference of shares with its sign."""
    return f"{100 * value:+.2f}"


def interval_of(score: Mapping[str, float]) -> str:
    """The interval of a score."""
    return f"{percent(score['low'])} .. {percent(score['high'])}"


def methods_in_words(methods: Mapping[str, int]) -> str:
    """How labels came to be: `adjudicated 12 (10.0%), imported 108 (90.0%)`."""
    total = sum(methods.values())
    return ", ".join(f"{method} {count:,} ({count / total:.1%})" for method, count in methods.items())
