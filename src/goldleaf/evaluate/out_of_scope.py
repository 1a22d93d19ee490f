"""How well a model's own uncertainty tells texts that have no right label from those that have one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from goldleaf.core import InputError
from goldleaf.evaluate.confidence import Vector
from goldleaf.measure import Interval, auroc, average_precision, false_alarms

FLAGGED = 0.05
"""The share of texts in scope that the threshold flags."""
BINS = 30

Statistic = Callable[[Vector, Vector], float]


def out_of_scope_of(inside: Vector, outside: Vector, *, seed: int = 0, resamples: int = 1000) -> dict[str, Any]:
    """How well a score (higher: farther out of scope) parts texts inside a field's labels `[n]` from texts outside `[m]`.

    `{"records": {"inside", "outside"}, "auroc", "aupr", "false_alarms", "threshold", "found", "histogram"}`: `auroc`, `aupr` (of the texts
    outside) and `false_alarms` (the share of texts inside that are flagged where 95 % of those outside are) with bootstrap intervals over
    texts, each kind drawn by itself; `threshold` flags `FLAGGED` of the texts inside, and `found` is the share of those outside that it
    flags; `histogram` has `edges`, and how many of each kind lie in each bin. Raises InputError where one of the two is empty.
    """
    if not len(inside) or not len(outside):
        raise InputError("nothing to tell apart", found=f"{len(inside)} texts in scope, {len(outside)} out of it")
    rng = np.random.default_rng(seed)
    draws = [(_again(inside, rng), _again(outside, rng)) for _ in range(resamples)]
    threshold = float(np.quantile(inside, 1 - FLAGGED, method="higher"))

    def bounded(statistic: Statistic) -> dict[str, float]:
        low, high = np.quantile([statistic(a, b) for a, b in draws], [0.025, 0.975])
        return Interval(statistic(inside, outside), float(low), float(high)).to_dict()

    return {
        "records": {"inside": len(inside), "outside": len(outside)},
        "auroc": bounded(auroc),
        "aupr": bounded(average_precision),
        "false_alarms": bounded(false_alarms),
        "threshold": round(threshold, 6),
        "found": bounded(lambda a, b: float((b > np.quantile(a, 1 - FLAGGED, method="higher")).mean())),
        "histogram": _histogram(inside, outside),
    }


def _again(scores: Vector, rng: np.random.Generator) -> Vector:
    return scores[rng.integers(len(scores), size=len(scores))]


def _histogram(inside: Vector, outside: Vector) -> dict[str, Any]:
    both = np.concatenate([inside, outside])
    low, high = float(both.min()), float(both.max())
    edges = np.linspace(low, high if high > low else low + 1, BINS + 1)
    counts = {name: np.histogram(part, edges)[0].tolist() for name, part in (("inside", inside), ("outside", outside))}
    return {"edges": [round(float(edge), 6) for edge in edges], **counts}
