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
from goldleaf.train.data import Window, collate, cut_rows, epoch_batches, target_totals
from goldleaf.train.devices import Devices, out_of_memory
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

    `seconds` is the time of this run so far (a resumed one goes on counting), `left` an estimate of what remains at most. `note` says what
    the run has changed by itself: memory ran out, and a step is taken in smaller parts.
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
    note: str = ""


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
        device = next(model.parameters()).device
        with torch.inference_mode(), torch.autocast(device.type, torch.bfloat16, enabled=bf16):
            return [out.float().cpu().numpy() for out in model(*(torch.from_numpy(a).to(device) for a in arrays))]

    return forward


def train_model(model: FieldModel, plan: Plan, *, seed: int, folder: Path, resume: bool = False) -> Iterator[Progress]:
    """Train in place; the generator ends with the best weights in the model. State goes to `folder`.

    Raises TrainingError where the loss is not a number, or a single window does not fit into memory. With `resume`, goes on from the
    folder's checkpoint, if it has one, to the same weights as a run that was never interrupted (on one CPU, with as many threads).
    """
    run = Run(model, plan, seed, folder)
    if resume:
        run.restore()
    yield from run.train()
    run.devices.wait()
    if (folder / BEST).is_file():
        load_weights(folder / BEST, model)
    model.eval()


class Run:
    """The state of one run, and its steps."""

    def __init__(self, model: FieldModel, plan: Plan, seed: int, folder: Path) -> None:
        self.model, self.plan, self.recipe, self.seed, self.folder = model, plan, plan.recipe, seed, folder
        self.peak: float = planned(self.recipe, "learning_rate")
        self.devices = Devices()
        model.to(self.devices.device)
        self.masks = Masks(seed, self.devices.rank)
        if self.devices.on_cpu:
            use_byte_dropout(model, self.masks)
        if plan.packed and self.devices.on_cpu:
            use_packing(model.backbone)
        alone = self.devices.on_cpu and self.devices.count == 1
        self.optimizer = Optimizer(model, self.recipe, peak=self.peak, by_rows=alone)
        self.weights = [None if w is None else w.to(self.devices.device) for w in plan.weights]
        self.most: int = self.recipe.memory_tokens or sum(len(w.ids) for w in plan.windows)
        self.note = ""
        self.bf16 = uses_bf16(self.recipe)
        self.epochs: int = planned(self.recipe, "epochs")
        self.steps_per_epoch = [len(self.batches_of(epoch)) for epoch in range(self.epochs)]
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

    def batches_of(self, epoch: int) -> list[list[int]]:
        """The window numbers of each of an epoch's steps."""
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
        self.optimizer.hold(self.epoch < self.recipe.frozen_epochs)
        steps = self.batches_of(self.epoch)
        due = {
            round(len(steps) * k * self.recipe.evaluate_every)
            for k in range(1, math.floor(1 / self.recipe.evaluate_every) + 1)
        } | {len(steps)}
        for rows in steps[self.place :]:
            self.take_step(rows)
            self.place += 1
            if self.place in due:
                yield self._evaluate(len(steps))
                if self.validation.exhausted:
                    return
            elif self.note or time.perf_counter() - self.reported > 1.0:
                yield self._progress(len(steps))
            if time.perf_counter() - self.saved > self.recipe.checkpoint_seconds and self.place < len(steps):
                self._save()

    def take_step(self, rows: Sequence[int]) -> None:
        """Learn from the windows of a step."""
        self.model.train()
        self.rate = (
            self.peak * rate_factor(self.recipe.schedule, self.step, self.steps, self.warmup) * self.validation.rate
        )
        value = self._gradient(rows)
        while value is None:
            value = self._gradient(rows)
        if not math.isfinite(value):
            raise TrainingError(
                "the loss is not a number any more",
                where=f"seed {self.seed}, step {self.step + 1}",
                found=str(value),
                todo=f"Take a lower learning rate than {self.peak:g}, or precision fp32",
            )
        self.devices.sum_gradients(self.optimizer.parameters)
        self.optimizer.step(self.rate)
        self.step += 1
        self.losses.append(value)
        self.pieces += sum(len(self.plan.windows[row].ids) for row in rows)

    def _gradient(self, rows: Sequence[int]) -> float | None:
        """Add up the gradients of a step in parts that fit into memory, and return its loss; None where they turned out not to fit, and
        smaller ones are to be tried."""
        self.masks.begin(self.step)
        if not self.devices.on_cpu:
            torch.cuda.manual_seed((self.seed * 1_000_003 + self.step) * self.devices.count + self.devices.rank)
        plan = self.plan
        totals = target_totals([plan.windows[row] for row in rows], plan.schema.fields, plan.weights)
        value = 0.0
        for part in cut_rows(self.devices.share(rows), plan.windows, self.most):
            try:
                value += self._backward(part, totals)
            except (RuntimeError, MemoryError) as error:
                if not out_of_memory(error):
                    raise
                self.optimizer.forget()
                self._halve(part)
                return None
        return self.devices.sum(value)

    def _backward(self, part: Sequence[int], totals: Sequence[float]) -> float:
        batch = collate([self.plan.windows[row] for row in part], self.plan.schema, self.plan.layout)
        inputs, targets = self.devices.send(batch.inputs), self.devices.send(batch.targets)
        with torch.autocast(self.devices.device.type, torch.bfloat16, enabled=self.bf16):
            logits = self.model(*inputs)
        smoothing = self.recipe.label_smoothing
        shares = None if batch.weights is None else self.devices.send((batch.weights,))[0]
        fields = self.plan.schema.fields
        loss = losses(logits, targets, fields, self.weights, totals, smoothing=smoothing, shares=shares)
        if loss.requires_grad:
            loss.backward()
        return float(loss.detach())

    def _halve(self, part: Sequence[int]) -> None:
        """Take steps in parts of half the size of one that did not fit."""
        size = sum(len(self.plan.windows[row].ids) for row in part)
        if len(part) == 1:
            raise TrainingError(
                "one window of text does not fit into memory",
                where=f"seed {self.seed}, step {self.step + 1}",
                found=f"{size} word-pieces",
                todo="Take a smaller max_length or base model",
            )
        self.most = max(1, size // 2)
        self.note = f"memory ran out at {size} word-pieces: steps are taken in parts of {self.most}"

    def _evaluate(self, epoch_steps: int) -> Progress:
        self.model.eval()
        with self.optimizer.readable():
            score = self.devices.agree(self.plan.score(self.model) if self.devices.is_main else None)
            best = self.validation.add(score, self.step)
            if best and self.devices.is_main:
                save_weights(self.folder / BEST, self.model)
        return self._progress(epoch_steps, score, best)

    def _progress(self, epoch_steps: int, score: float | None = None, best: bool = False) -> Progress:
        now = time.perf_counter()
        elapsed = self.before + now - self.started
        loss = float(np.mean(self.losses)) if self.losses else 0.0
        speed = self.pieces / max(now - self.reported, 1e-9) if score is None else 0.0
        left = elapsed / max(self.step, 1) * (self.steps - self.step)
        note, self.note = self.note, ""
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
            note,
        )

    def _save(self) -> None:
        if not self.devices.is_main:
            return
        now = time.perf_counter()
        state = {
            "step": self.step,
            "epoch": self.epoch,
            "place": self.place,
            "seconds": self.before + now - self.started,
            "validation": asdict(self.validation),
            "most": self.most,
        }
        save_checkpoint(self.folder, self.model, self.optimizer, state)
        self.saved = time.perf_counter()

    def restore(self) -> None:
        """Take up the folder's checkpoint; nothing where there is none."""
        state = load_checkpoint(self.folder, self.model, self.optimizer)
        if state is None:
            return
        self.step, self.epoch, self.place, self.before = state["step"], state["epoch"], state["place"], state["seconds"]
        self.validation, self.most = Validation(**state["validation"]), state["most"]
