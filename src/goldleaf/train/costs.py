"""What a training costs, put together from what a few of its parts took: arithmetic alone. `estimate.py` measures the parts."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, replace
from typing import Any

from goldleaf.train.recipe import Recipe, recipe_to_dict


@dataclass(frozen=True, slots=True)
class Counts:
    """How much there is to do. `steps`, `epochs` and `evaluations` are those of one seed, `word_pieces` those of one epoch; in the first
    `frozen_steps` of the steps the lower half of the encoder stands still."""

    records: dict[str, int]
    windows: int
    word_pieces: int
    parameters: int
    steps: int
    epochs: int
    evaluations: int
    seeds: int
    shapes: int
    """Different sizes of a batch: the backend makes kernels for each."""
    frozen_steps: int = 0


@dataclass(frozen=True, slots=True)
class Seconds:
    """What each part took, or would take, once."""

    prepare: float
    load: float
    """The base model, once a seed and once for the bundle."""
    logs: float
    """Loading TensorBoard, once."""
    first_step: float
    """What the very first step took beyond a step."""
    first_use: float
    """What the first step of a shape took beyond a step."""
    step: float
    first_validation: float
    validation: float
    save_best: float
    checkpoint: float
    export: float
    evaluation: float
    frozen_step: float = 0.0


@dataclass(frozen=True, slots=True)
class Estimate:
    """What a training costs at most, by what a few of its steps took on this machine. Seconds, and bytes of resident memory.

    `phases` adds up to `seconds`. Patience may end the training earlier, but not before `earliest` (equal to `seconds` where it cannot).
    `training_memory` is the peak until the last step, `peak_memory` that of everything, export and evaluation included.
    """

    recipe: Recipe
    counts: Counts
    phases: dict[str, float]
    earliest: float
    training_memory: int
    peak_memory: int
    warnings: tuple[str, ...] = ()

    @property
    def seconds(self) -> float:
        return sum(self.phases.values())

    def to_dict(self) -> dict[str, Any]:
        """The estimate as JSON-ready data."""
        return {
            "seconds": {"total": self.seconds, "earliest": self.earliest, **self.phases},
            "memory": {"training": self.training_memory, "peak": self.peak_memory},
            **asdict(self.counts),
            "recipe": recipe_to_dict(self.recipe),
            "warnings": list(self.warnings),
        }


def phases(counts: Counts, once: Seconds, *, checkpoint_seconds: float) -> dict[str, float]:
    """Seconds of each phase. Every validation score is taken to be the best so far, and every epoch to be run.

    A run saves a checkpoint after each epoch but the last, and between whenever `checkpoint_seconds` have passed.
    """
    frozen = min(counts.frozen_steps, counts.steps)
    learning = (counts.steps - frozen) * once.step + frozen * once.frozen_step
    between = counts.steps - counts.epochs
    if checkpoint_seconds > 0:
        between = min(between, int(learning / counts.epochs / checkpoint_seconds) * counts.epochs)
    return {
        "prepare": once.prepare,
        "load": (counts.seeds + 1) * once.load + once.logs,
        "first_use": once.first_step + once.first_use * (counts.shapes - 1) + once.first_validation,
        "steps": counts.seeds * learning,
        "validation": counts.seeds * counts.evaluations * (once.validation + once.save_best),
        "checkpoints": counts.seeds * (counts.epochs - 1 + between) * once.checkpoint,
        "export": once.export,
        "evaluation": once.evaluation,
    }


def shortened(counts: Counts, patience: int) -> Counts:
    """The counts where no score but the first is ever the best: `patience` evaluations after it the run ends."""
    evaluations = patience + 1
    if not patience or evaluations >= counts.evaluations:
        return counts
    share = evaluations / counts.evaluations
    epochs = -(-counts.epochs * evaluations // counts.evaluations)
    return replace(counts, evaluations=evaluations, steps=round(counts.steps * share), epochs=epochs)


def evaluations_in_epoch(steps: int, every: float) -> int:
    """How often an epoch of these steps is scored: after each share `every` of it, and at its end.

    >>> evaluations_in_epoch(100, 1.0), evaluations_in_epoch(100, 0.4), evaluations_in_epoch(2, 0.25)
    (1, 3, 3)
    """
    return len({round(steps * part * every) for part in range(1, math.floor(1 / every) + 1)} | {steps})


def along(few: float, more: float, *, sizes: tuple[int, int], total: int) -> float:
    """Seconds for `total` things beyond the first `sizes[0]`, where `few` and `more` is what the two sizes took.

    >>> along(2.0, 5.0, sizes=(50, 350), total=1050)
    10.0
    """
    small, large = sizes
    if total <= small or large <= small:
        return 0.0
    return max(0.0, more - few) / (large - small) * (total - small)
