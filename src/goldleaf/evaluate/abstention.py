"""What is gained by holding the least sure answers back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from goldleaf.core import Field
from goldleaf.evaluate.confidence import Vector, confidences
from goldleaf.evaluate.pairs import Pair

POINTS = 100
"""How many points of the curve are kept."""
TARGETS = (0.9, 0.95, 0.98, 0.99, 0.995)
"""The shares of right answers that a threshold is looked for."""


def abstention_of(field: Field, pairs: Sequence[Pair]) -> dict[str, Any] | None:
    """The risk-coverage curve of a field's answers (El-Yaniv and Wiener, JMLR 2010; Geifman and El-Yaniv, NeurIPS 2017); None where the
    model gave no scores.

    An answer is what `histogram_of` counts: a record's choice, a chosen label of many, a predicted span, a token's tag. `coverage` is
    the share of answers that are given, the surest first, and `accuracy` the share of right ones among them (of spans, precision).
    `aurc` is the mean of 1 - accuracy over all coverages, 0 at best. `targets` holds for each of `TARGETS` that the whole does not
    reach by itself the lowest threshold from which on answers are right that often; `threshold`, `coverage`, `accuracy` are None where
    there is none.
    """
    found = confidences(field, pairs)
    if found is None:
        return None
    levels, given, right = _by_level(*found)
    share = right / given
    curve = _curve(given, right)
    kept = np.unique(np.linspace(0, len(curve) - 1, min(POINTS, len(curve))).round().astype(int))
    total = len(curve)
    return {
        "aurc": round(float(1 - curve.mean()), 6),
        "coverage": [round(float(n + 1) / total, 6) for n in kept],
        "accuracy": [round(float(a), 6) for a in curve[kept]],
        "targets": [_threshold(t, levels, given, share) for t in TARGETS if share[-1] < t],
    }


def _by_level(confidence: Vector, right: Vector) -> tuple[Vector, Vector, Vector]:
    """The distinct confidences, highest first, and how many answers are given, and how many of them are right, from each on up."""
    levels, place = np.unique(-confidence, return_inverse=True)
    given = np.bincount(place, minlength=len(levels)).cumsum().astype(np.float64)
    return -levels, given, np.bincount(place, weights=right, minlength=len(levels)).cumsum()


def _curve(given: Vector, right: Vector) -> Vector:
    """The share of right answers among the surest 1, 2, ... `[answers]`; answers of equal confidence count as their mean."""
    counts = np.arange(1, int(given[-1]) + 1, dtype=np.float64)
    correct: Vector = np.interp(counts, np.append(0.0, given), np.append(0.0, right))
    return correct / counts


def _threshold(target: float, levels: Vector, given: Vector, share: Vector) -> dict[str, Any]:
    reached = np.flatnonzero(share >= target)
    if not len(reached):
        return {"target": target, "threshold": None, "coverage": None, "accuracy": None}
    last = int(reached[-1])
    return {
        "target": target,
        "threshold": round(float(levels[last]), 6),
        "coverage": round(float(given[last] / given[-1]), 6),
        "accuracy": round(float(share[last]), 6),
    }
