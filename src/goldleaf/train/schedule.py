"""How the learning rate goes: the factor on the peak rate at a step."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from goldleaf.train.recipe import ScheduleName


def rate_factor(schedule: ScheduleName, step: int, steps: int, warmup: int) -> float:
    """0..1: rising over `warmup` steps, then falling to 0 (linear, cosine) or staying (constant, plateau).

    >>> [rate_factor("linear", step, 10, 2) for step in (0, 1, 2, 6, 10)]
    [0.5, 1.0, 1.0, 0.5, 0.0]
    """
    if step < warmup:
        return (step + 1) / warmup
    if schedule in ("constant", "plateau"):
        return 1.0
    left = max(0.0, (steps - step) / max(1, steps - warmup))
    return left if schedule == "linear" else 0.5 * (1.0 - math.cos(math.pi * left))


@dataclass(slots=True)
class Validation:
    """The scores seen so far: which was best, for how long none has been better, and what a plateau does to the rate.

    The rate is multiplied by `factor` whenever `plateau_patience` evaluations in a row have brought nothing better than the best one
    before them; the run stops after `patience` such evaluations (0: never).
    """

    patience: int
    plateau_patience: int = 0
    factor: float = 1.0
    best: float = -1.0
    best_step: int = 0
    stale: int = 0
    since_fall: int = 0
    rate: float = 1.0
    scores: list[float] = field(default_factory=list[float])

    def add(self, score: float, step: int) -> bool:
        """Take one more score; True where it is the best so far."""
        self.scores.append(score)
        if score > self.best:
            self.best, self.best_step, self.stale, self.since_fall = score, step, 0, 0
            return True
        self.stale += 1
        self.since_fall += 1
        if self.factor < 1.0 and self.since_fall > self.plateau_patience:
            self.rate *= self.factor
            self.since_fall = 0
        return False

    @property
    def exhausted(self) -> bool:
        return bool(self.patience) and self.stale >= self.patience
