"""What one annotator said of one record, and the gold that is resolved from it."""

from __future__ import annotations

import dataclasses
import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

from goldleaf.core.schema import Schema
from goldleaf.core.values import Value, value_to_json

Status = Literal["submitted", "skipped", "flagged", "surplus"]
STATUSES: tuple[Status, ...] = get_args(Status)
Origin = Literal["human", "model", "rule", "llm", "import"]
ORIGINS: tuple[Origin, ...] = get_args(Origin)


@dataclass(frozen=True, slots=True)
class Annotation:
    """A value per field, who gave it, when (ISO 8601, UTC), in how many active seconds, and what had been suggested.

    `check` marks the answer to a check question: a record whose gold was known, asked to see how well the annotator answers.
    Annotations are only ever added: a correction names the one it `supersedes`.
    """

    record: str
    annotator: str
    values: Mapping[str, Value]
    at: str | None = None
    seconds: float | None = None
    status: Status = "submitted"
    origin: Origin = "human"
    suggested: Mapping[str, Any] = field(default_factory=dict[str, Any])
    schema_version: int = 1
    id: int | None = None
    supersedes: int | None = None
    check: bool = False


GoldMethod = Literal["adjudicated", "imported", "aggregated", "majority", "single"]
GOLD_METHODS: tuple[GoldMethod, ...] = get_args(GoldMethod)
"""From the one that beats all others to the one that any other beats."""


@dataclass(frozen=True, slots=True)
class Gold:
    """The resolved value of a record's field: by which method, how surely (0..1), and from which annotations.

    `annotators` is by how many people those are. `probabilities` says of the labels of a choice how probable each is, those that are
    not named being out of the question; it is empty where the method says nothing of it.
    """

    record: str
    field: str
    value: Value
    method: GoldMethod
    confidence: float = 1.0
    annotations: tuple[int, ...] = ()
    annotators: int = 0
    probabilities: Mapping[str, float] = dataclasses.field(default_factory=dict[str, float])


def resolve_majority(record: str, field_name: str, annotations: Sequence[Annotation]) -> Gold | None:
    """The plain majority of the submitted answers to one field; None where nobody answered or the first two are level.

    An annotation that another one of them supersedes does not count. Confidence is the winner's share of the answers; the
    probabilities of a single label's choice are the shares of all.
    """
    superseded = {a.supersedes for a in annotations if a.supersedes is not None}
    answers = [a for a in annotations if a.status == "submitted" and field_name in a.values and a.id not in superseded]
    if not answers:
        return None
    ids = tuple(a.id for a in answers if a.id is not None)
    if len(answers) == 1:
        return Gold(record, field_name, answers[0].values[field_name], "single", 1.0, ids, 1)
    people = len({a.annotator for a in answers})
    keys = [json.dumps(value_to_json(a.values[field_name]), ensure_ascii=False) for a in answers]
    ranked = Counter(keys).most_common(2)
    if len(ranked) == 2 and ranked[0][1] == ranked[1][1]:
        return None
    winner = answers[keys.index(ranked[0][0])].values[field_name]
    said = [value for a in answers if isinstance(value := a.values[field_name], str)]
    shares = {label: count / len(said) for label, count in Counter(said).items()}
    return Gold(record, field_name, winner, "majority", ranked[0][1] / len(answers), ids, people, shares)


def best_gold(candidates: Iterable[Gold]) -> Gold | None:
    """Of several golds for one field of one record, the one whose method beats the others; the first among equals."""
    return min(candidates, key=lambda gold: GOLD_METHODS.index(gold.method), default=None)


def count_methods(golds: Iterable[Gold]) -> dict[str, int]:
    """How many of these were resolved by each method, from the one that beats all others on; methods of none are left out."""
    counts = Counter(gold.method for gold in golds)
    return {method: counts[method] for method in GOLD_METHODS if counts[method]}


@dataclass(frozen=True, slots=True)
class Project:
    """One schema, its guidelines and its records, under a name."""

    name: str
    schema: Schema
    guidelines: str = ""
