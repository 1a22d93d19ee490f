"""What is known of how sure a label is, as training can use it: a distribution over a choice's labels, and a weight of a record's loss.

With p the probabilities of an aggregation (or the shares of the answers) and c the confidence of a record's gold:

    soft labels          loss = - sum_l p[l] log q[l]          in place of - log q[gold]; q is what the model gives
    confidence weights   loss of a step = sum_r max(c[r], LEAST) loss[r] / sum_r max(c[r], LEAST)

Gold of which nothing is known (imported, adjudicated) is sure: its whole probability is on its label, and it weighs 1.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from goldleaf.core import Example, Field, Schema

LEAST = 0.05
"""What a label of no confidence weighs; a step of nothing but such labels has a mean all the same."""


def soft_target(field: Field, example: Example) -> Any:
    """The probabilities of a choice's labels `[labels]`: of one they add up to 1, of several each is its own."""
    gold, value = example.gold.get(field.name), example.values[field.name]
    known = gold.probabilities if gold is not None else {}
    held = value if field.many else (value,)
    found = np.array([known.get(x, 0.0) if known else x in held for x in field.labels], dtype=np.float32)
    return found if field.many else found / found.sum()


def confidence_of(field: Field, example: Example) -> float:
    """What an example's label weighs."""
    gold = example.gold.get(field.name)
    return 1.0 if gold is None else max(gold.confidence, LEAST)


def missing_sureness(examples: Sequence[Example], schema: Schema, *, soft: bool, weighted: bool) -> list[str]:
    """Warnings: what a recipe asks for and no label of these examples has."""
    golds = [(name, gold) for e in examples for name, gold in e.gold.items()]
    choices = {field.name for field in schema.of_kind("choice")}
    said: list[str] = []
    if soft and not any(gold.probabilities for name, gold in golds if name in choices):
        said.append("soft_labels: of no choice is it known how probable its labels are; all labels are taken as sure")
    if weighted and all(gold.confidence == 1 for _, gold in golds):
        said.append("confidence_weights: no label has a confidence below 1; all weigh alike")
    return said
