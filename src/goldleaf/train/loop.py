"""The loop: a generator that trains one model with one seed and says how it goes. Bars, logs and bundles stand outside it."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from goldleaf.core import GoldleafError, Schema
from goldleaf.encode import Batch, Layout
from goldleaf.train.checkpoint import load_checkpoint, load_weights, save_checkpoint, save_weights
from goldleaf.train.data import Window, batches_from, epoch_batches
from goldleaf.train.dropout import Masks, use_byte_dropout
from goldleaf.train.model import FieldModel, losses
from goldleaf.train.optimizer import Optimizer
from goldleaf.train.packing import use_packing
from goldleaf.train.precision import uses_bf16
from goldleaf.train.recipe import Recipe
from goldleaf.train.schedule import Validation, rate_factor

BEST = "best.safetensors"


class TrainingError(GoldleafError):
    """Training itself failed: the loss is not a number."""


@dataclass(frozen=True, slots=True)
class Progress:
    """Where a run is. `loss` is the mean since the last report, `score` the validation score of this report (0..1), if it has one.

    `seconds` is the time of this run so far (a resumed one goes on counting), `left` an estimate of what remains at most.
    """

    seed: int
    step: int
    steps: int
    epoch: float
    loss: float
    rate: float
    seconds: float
    left: float
    pieces_per_second: float
    score: float | None = None
    best: bool = False


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything one run needs, decided: a recipe without None, windows with targets, whether the encoder runs packed, and how a model
    is scored."""

    recipe: Recipe
    schema: Schema
    layout: Layout
    windows: Sequence[Window]
    weights: Sequence[Tensor | None]
    packed: bool
    score: Callable[[FieldModel], float]


def planned(recipe: Recipe, name: str) -> Any:
    """An option that planning has filled in."""
    value = getattr(recipe, name)
    if value is None:
        raise TrainingError("the recipe has not been planned", found=f"{name} = None")
    return value


def forward_function(model: FieldModel, *, bf16: bool = False) -> Callable[[Batch], list[Any]]:
    """The model as `encode.run_model` wants it."""

    def forward(batch: Batch) -> list[Any]:
        arrays = [batch.input_ids, batch.attention_mask] + (
            [batch.token_type_ids] if batch.token_type_ids is not None else []
        )
        with torch.inference_mode(), torch.autocast("cpu", torch.bfloat16, enabled=bf16):
            return [out.float().numpy() for out in model(*(torch.from_numpy(a) for a in arrays))]

    return forward


def train_model(model: FieldModel, plan: Plan, *, seed: int, folder: Path, resume: bool = False) -> Iterator[Progress]:
    """Train in place; the generator ends with the best weights in the model. State goes to `folder`.

    Raises TrainingError where the loss is not a number. With `resume`, goes on from the folder's checkpoint, if it has one, to the same
    weights as a run that was never interrupted (on one CPU with the same number of threads).
    """
    run = _Run(model, plan, seed, folder)
    if resume:
        run.restore()
    yield from run.train()
    if (folder / BEST).is_file():
        load_weights(folder / BEST, model)
    model.eval()


class _Run:
    """The state of one run, and its steps."""

    def __init__(self, model: FieldModel, plan: Plan, seed: int, folder: Path) -> None:
        self.model, self.plan, self.recipe, self.seed, self.folder = model, plan, plan.recipe, seed, folder
        self.peak: float = planned(self.recipe, "learning_rate")
        self.masks = Masks(seed)
        use_byte_dropout(model, self.masks)
        if plan.packed:
            use_packing(model.backbone)
        self.optimizer = Optimizer(model, self.recipe, peak=self.peak)
        self.bf16 = uses_bf16(self.recipe)
        self.epochs: int = planned(self.recipe, "epochs")
        self.steps_per_epoch = [len(self._epoch(epoch)) for epoch in range(self.epochs)]
        self.steps = sum(self.steps_per_epoch)
        self.warmup = round(self.recipe.warmup * self.steps)
        self.validation = Validation(
            self.recipe.patience,
            self.recipe.plateau_patience,
            self.recipe.plateau_factor if self.recipe.schedule == "plateau" else 1.0,
        )
        self.step = self.epoch = self.place = 0
        self.before = 0.0
        self.losses: list[float] = []
        self.pieces = 0
        folder.mkdir(parents=True, exist_ok=True)

    def _epoch(self, epoch: int) -> list[list[int]]:
        return epoch_batches(
            self.plan.windows,
            self.plan.layout,
            budget=planned(self.recipe, "batch_tokens"),
            packed=self.plan.packed,
            seed=self.seed,
            epoch=epoch,
        )

    def train(self) -> Iterator[Progress]:
        self.started = self.saved = self.reported = time.perf_counter()
        while self.epoch < self.epochs and not self.validation.exhausted:
            yield from self._train_epoch()
            self.epoch, self.place = self.epoch + 1, 0
            if self.epoch < self.epochs and not self.validation.exhausted:
                self._save()

    def _train_epoch(self) -> Iterator[Progress]:
        steps = self._epoch(self.epoch)
        due = {
            round(len(steps) * k * self.recipe.evaluate_every)
            for k in range(1, math.floor(1 / self.recipe.evaluate_every) + 1)
        } | {len(steps)}
        for batch in batches_from(self.plan.windows, steps, self.plan.schema, self.plan.layout, first=self.place):
            self._train_step(batch)
            self.place += 1
            if self.place in due:
                yield self._evaluate(len(steps))
                if self.validation.exhausted:
                    return
            elif time.perf_counter() - self.reported > 1.0:
                yield self._progress(len(steps))
            if time.perf_counter() - self.saved > self.recipe.checkpoint_seconds and self.place < len(steps):
                self._save()

    def _train_step(self, batch: Any) -> None:
        self.model.train()
        self.rate = (
            self.peak * rate_factor(self.recipe.schedule, self.step, self.steps, self.warmup) * self.validation.rate
        )
        self.masks.begin(self.step)
        with torch.autocast("cpu", torch.bfloat16, enabled=self.bf16):
            logits = self.model(*batch.inputs)
        loss = losses(
            logits, batch.targets, self.plan.schema.fields, self.plan.weights, smoothing=self.recipe.label_smoothing
        )
        value = float(loss.detach())
        if not math.isfinite(value):
            raise TrainingError(
                "the loss is not a number any more",
                where=f"seed {self.seed}, step {self.step + 1}",
                found=str(value),
                todo=f"Take a lower learning rate than {self.peak:g}, or precision fp32",
            )
        if loss.requires_grad:
            loss.backward()
            self.optimizer.step(self.rate)
        self.step += 1
        self.losses.append(value)
        self.pieces += batch.pieces

    def _evaluate(self, epoch_steps: int) -> Progress:
        self.model.eval()
        with self.optimizer.readable():
            score = self.plan.score(self.model)
            best = self.validation.add(score, self.step)
            if best:
                save_weights(self.folder / BEST, self.model)
        return self._progress(epoch_steps, score, best)

    def _progress(self, epoch_steps: int, score: float | None = None, best: bool = False) -> Progress:
        now = time.perf_counter()
        elapsed = self.before + now - self.started
        loss = float(np.mean(self.losses)) if self.losses else 0.0
        speed = self.pieces / max(now - self.reported, 1e-9) if score is None else 0.0
        left = elapsed / max(self.step, 1) * (self.steps - self.step)
        self.losses, self.pieces, self.reported = [], 0, now
        return Progress(
            self.seed,
            self.step,
            self.steps,
            self.epoch + self.place / epoch_steps,
            loss,
            self.rate,
            elapsed,
            left,
            speed,
            score,
            best,
        )

    def _save(self) -> None:
        now = time.perf_counter()
        state = {
            "step": self.step,
            "epoch": self.epoch,
            "place": self.place,
            "seconds": self.before + now - self.started,
            "validation": asdict(self.validation),
        }
        save_checkpoint(self.folder, self.model, self.optimizer, state)
        self.saved = time.perf_counter()

    def restore(self) -> None:
        """Take up the folder's checkpoint; nothing where there is none."""
        state = load_checkpoint(self.folder, self.model, self.optimizer)
        if state is None:
            return
        self.step, self.epoch, self.place, self.before = state["step"], state["epoch"], state["place"], state["seconds"]
        self.validation = Validation(**state["validation"])
