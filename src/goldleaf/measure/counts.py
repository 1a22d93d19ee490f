"""Scores that can be added together: what was found rightly, wrongly and not at all."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from goldleaf.core import Field, Span, Value


@dataclass(frozen=True, slots=True)
class Counts:
    """True positives, false positives and false negatives. Empty denominators give 0, as conlleval has it."""

    tp: int = 0
    fp: int = 0
    fn: int = 0

    def __add__(self, other: Counts) -> Counts:
        return Counts(self.tp + other.tp, self.fp + other.fp, self.fn + other.fn)

    @property
    def precision(self) -> float:
        """tp / (tp + fp)"""
        return self.tp / (self.tp + self.fp) if self.tp + self.fp else 0.0

    @property
    def recall(self) -> float:
        """tp / (tp + fn)"""
        return self.tp / (self.tp + self.fn) if self.tp + self.fn else 0.0

    @property
    def f1(self) -> float:
        """The harmonic mean of precision and recall: 2 tp / (2 tp + fp + fn)"""
        total = 2 * self.tp + self.fp + self.fn
        return 2 * self.tp / total if total else 0.0

    @property
    def support(self) -> int:
        """How many there are in gold."""
        return self.tp + self.fn


def count_labels(field: Field, gold: Value, predicted: Value) -> dict[str, Counts]:
    """Counts of one value per label: of spans that agree in both borders and label (as conlleval counts entities), of tags, or of labels.

    >>> count_labels(Field("e", "spans", ("PER",)), [Span(0, 2, "PER")], [Span(0, 3, "PER")])
    {'PER': Counts(tp=0, fp=1, fn=1)}
    """
    if field.kind == "tags":
        return _count_tags(gold, predicted)
    ours, theirs = set(_items(gold)), set(_items(predicted))
    counts: dict[str, Counts] = {}
    for items, one in ((ours & theirs, Counts(tp=1)), (theirs - ours, Counts(fp=1)), (ours - theirs, Counts(fn=1))):
        for item in items:
            label = item.label if isinstance(item, Span) else item
            counts[label] = counts.get(label, Counts()) + one
    return counts


def _items(value: Value) -> Sequence[Span | str]:
    return [value] if isinstance(value, str) else value


def _count_tags(gold: Sequence[str], predicted: Sequence[str]) -> dict[str, Counts]:
    pairs = Counter(zip(gold, predicted, strict=True))
    counts: dict[str, Counts] = {}
    for (right, found), n in pairs.items():
        if right == found:
            counts[right] = counts.get(right, Counts()) + Counts(tp=n)
        else:
            counts[right] = counts.get(right, Counts()) + Counts(fn=n)
            counts[found] = counts.get(found, Counts()) + Counts(fp=n)
    return counts


def total(counts: Iterable[Counts]) -> Counts:
    """The sum."""
    result = Counts()
    for each in counts:
        result += each
    return result


def main_score(field: Field, golds: Sequence[Value], predictions: Sequence[Value]) -> float:
    """The one number a training goes by, 0..1: micro F1 of spans or many labels, accuracy of a choice, token accuracy of tags."""
    counts = total(c for g, p in zip(golds, predictions, strict=True) for c in count_labels(field, g, p).values())
    if field.kind == "spans" or field.many:
        return counts.f1
    return counts.recall
