"""Gold beside what was predicted: the rows that every measurement of a field reads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

from goldleaf.core import Example, Field, InputError, Prediction, Record, Span, Value


@dataclass(frozen=True, slots=True)
class Pair:
    """A field's gold value and predicted value of the record at a place among the examples, and the model's scores, if it gave any."""

    place: int
    record: Record
    gold: Value
    predicted: Value
    scores: Any = None

    @property
    def right(self) -> bool:
        """Whether the two say the same."""
        return self.gold == self.predicted

    @property
    def group(self) -> str:
        """What is resampled with it: the record's group, or the record alone."""
        return group_of(self.record)


def group_of(record: Record) -> str:
    """The record's group; a record without one is a group of its own."""
    return f"record {record.id}" if record.group is None else f"group {record.group}"


def check_aligned(examples: Sequence[Example], predictions: Sequence[Prediction], *, who: str = "predictions") -> None:
    """Raise InputError unless there is one prediction for each example, in the same order."""
    if len(examples) != len(predictions):
        raise InputError(
            f"examples and {who} differ in number",
            found=f"{len(predictions)} {who}",
            expected=f"{len(examples)}, one for each example",
        )
    for place, (example, prediction) in enumerate(zip(examples, predictions, strict=True)):
        if example.record.id != prediction.record:
            raise InputError(
                f"examples and {who} are not in the same order",
                where=f"place {place}",
                found=f"a prediction of record {prediction.record}",
                expected=f"one of record {example.record.id}",
            )


def pair_up(field: Field, examples: Sequence[Example], predictions: Sequence[Prediction]) -> list[Pair]:
    """The records that were asked the field. None of them, where the model predicts the field of no record at all.

    Raises InputError where the model left out only some: leaving hard records out would flatter it.
    """
    name = field.name
    rows = enumerate(zip(examples, predictions, strict=True))
    asked = [(place, e, p) for place, (e, p) in rows if name in e.values]
    silent = [e.record.id for _, e, p in asked if name not in p.values]
    if len(silent) == len(asked):
        return []
    if silent:
        raise InputError(
            f"{len(silent)} of {len(asked)} records with gold have no prediction",
            where=f"field {name}",
            found=f"none for record {silent[0]}",
            expected="a prediction for each of them",
        )
    pairs = [
        Pair(place, e.record, _plain(e.values[name]), _plain(p.values[name]), p.scores.get(name))
        for place, e, p in asked
    ]
    for pair in pairs if field.kind == "tags" else ():
        if len(pair.gold) != len(pair.predicted):
            raise InputError(
                "gold and predicted tags differ in number",
                where=f"record {pair.record.id}, field {name}",
                found=f"{len(pair.predicted)} predicted",
                expected=f"{len(pair.gold)}, one a token",
            )
    return pairs


def labels_of(value: Value) -> list[str]:
    """The labels that a value uses, as often as it does."""
    return [value] if isinstance(value, str) else [v.label if isinstance(v, Span) else v for v in value]


def _plain(value: Value) -> Value:
    """A tuple as the list it stands for, so that equal values compare equal."""
    return list(cast("tuple[Any, ...]", value)) if isinstance(value, tuple) else value
