"""What a training will cost, by running a little of each of its parts: a few steps of batches from short to long, a validation pass over
some records, one export. Nothing is kept; what has to be on disk for it is in a temporary folder."""

from __future__ import annotations

import gc
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from goldleaf.bundle import write_manifest
from goldleaf.core import Example
from goldleaf.encode.batching import ROUND
from goldleaf.snapshot import Dataset
from goldleaf.train import packing
from goldleaf.train.calibrate import calibrate
from goldleaf.train.checkpoint import save_checkpoint, save_weights
from goldleaf.train.costs import Counts, Estimate, Seconds, along, evaluations_in_epoch, phases, shortened
from goldleaf.train.data import Encoded
from goldleaf.train.loop import BEST, Run
from goldleaf.train.model import FieldModel
from goldleaf.train.plan import Prepared, make_plan, prepare
from goldleaf.train.recipe import Recipe
from goldleaf.train.resident import forget_peak, peak_memory
from goldleaf.train.run import fresh_model
from goldleaf.train.scope import MOST, write_scope
from goldleaf.train.write import describe_model, write_model

STEP_SECONDS, FEWEST_STEPS, MOST_STEPS, ROUNDS = 12.0, 3, 20, 3
"""About how long steps are timed, on how many batches, and how often each; the first time makes its kernels."""

FEW, MORE = 50, 400
"""Records on which evaluation is timed; validation on `MORE`."""

_Once = dict[str, float]


def estimate(
    dataset: Dataset,
    recipe: Recipe,
    *,
    force: bool = False,
    finish: Callable[[Path, Dataset], Any] = lambda folder, data: None,
    started: float | None = None,
) -> Estimate:
    """Say what `train` would take, at most, and write nothing.

    `finish` is called with a bundle (of an untrained model) and the dataset with some of its test records, as `train` calls its own.
    `started` is when the preparing began (`time.perf_counter()`), if it began before this call. Raises what `train` would raise before
    it learns, and GoldleafError where the architecture cannot be exported.
    """
    started = time.perf_counter() if started is None else started
    forget_peak()
    prepared = prepare(dataset, recipe, force=force)
    once: _Once = {"prepare": time.perf_counter() - started}
    with tempfile.TemporaryDirectory(prefix="goldleaf-") as place:
        counts = _measure_run(prepared, Path(place) / "run", once)
        gc.collect()
        training_memory = peak_memory()
        _measure_bundle(prepared, Path(place) / "bundle", once, finish)
    cost, every = Seconds(**once), prepared.recipe.checkpoint_seconds
    least = phases(shortened(counts, prepared.recipe.patience), cost, checkpoint_seconds=every)
    return Estimate(
        prepared.recipe,
        counts,
        phases(counts, cost, checkpoint_seconds=every),
        sum(least.values()),
        training_memory,
        peak_memory(),
        prepared.warnings,
    )


def _measure_run(prepared: Prepared, folder: Path, once: _Once) -> Counts:
    """Time what a seed's run is made of, and count how often it comes."""
    seed = prepared.recipe.seeds[0]
    once["load"], model = _timed(lambda: fresh_model(prepared, seed))
    once["logs"], _ = _timed(lambda: _open_log(folder / "logs"))
    thin, share = _thin_dev(prepared)
    run = Run(model, make_plan(thin), seed, folder)
    batches = run.batches_of(0)
    lengths = [max(len(prepared.windows[row].ids) for row in rows) for rows in batches]
    shapes = [_shape(run, rows) for rows in batches]
    _measure_steps(run, batches, lengths, shapes, once)
    model.eval()
    with run.optimizer.readable():
        first, _ = _timed(lambda: run.plan.score(model))
        again, _ = _timed(lambda: run.plan.score(model))
        once |= {"validation": again * share, "first_validation": max(0.0, first - again)}
        once["save_best"], _ = _timed(lambda: save_weights(folder / BEST, model))
    once["checkpoint"], _ = _timed(lambda: save_checkpoint(folder, model, run.optimizer, {}))
    return Counts(
        records={
            "train": len(prepared.train.examples),
            "dev": len(prepared.dev.examples),
            "test": len(prepared.dataset.test),
        },
        windows=len(prepared.windows),
        word_pieces=sum(len(w.ids) for w in prepared.windows),
        parameters=sum(p.numel() for p in model.parameters()),
        steps=run.steps,
        epochs=run.epochs,
        evaluations=sum(evaluations_in_epoch(n, prepared.recipe.evaluate_every) for n in run.steps_per_epoch),
        seeds=len(prepared.recipe.seeds),
        shapes=len(set(shapes)),
        frozen_steps=sum(run.steps_per_epoch[: prepared.recipe.frozen_epochs]),
    )


def _measure_steps(
    run: Run, batches: Sequence[list[int]], lengths: Sequence[int], shapes: Sequence[tuple[int, int]], once: _Once
) -> None:
    """Steps of the longest batch first, for the memory, then of an even sample from short to long, in rounds, mixed as an epoch is."""

    def step(number: int) -> float:
        return _timed(lambda: run.take_step(batches[number]))[0]

    longest = int(np.argmax(lengths))
    first, again = step(longest), step(longest)
    once["first_step"] = max(0.0, first - again)
    chosen = even_sample(lengths, int(np.clip(STEP_SECONDS / ROUNDS / again, FEWEST_STEPS, MOST_STEPS)))
    new = len({shapes[number] for number in chosen} - {shapes[longest]})
    rng = np.random.default_rng(run.seed)
    rounds = [[step(number) for number in rng.permutation(chosen)] for _ in range(ROUNDS)]
    once["step"] = statistics.fmean(seconds for times in rounds[1:] for seconds in times)
    once["first_use"] = max(0.0, sum(rounds[0]) - len(chosen) * once["step"]) / max(new, 1)
    if run.recipe.frozen_epochs:
        run.optimizer.hold(True)
        once["frozen_step"] = statistics.fmean(step(number) for number in rng.permutation(chosen))


def _shape(run: Run, rows: Sequence[int]) -> tuple[int, int]:
    """The size of what the layers see of a batch: rows and columns of the padded windows, or the packed pieces."""
    lengths = [len(run.plan.windows[row].ids) for row in rows]
    if run.plan.packed and run.devices.on_cpu:
        return 1, -(-sum(lengths) // packing.ROUND)
    return len(rows), -(-max(lengths) // ROUND)


def even_sample(lengths: Sequence[int], count: int) -> list[int]:
    """Numbers of about `count` of the things with these lengths: the middles of as many equal parts of their order from short to long.

    >>> even_sample([5, 9, 1, 3, 7, 8], 3)
    [3, 4, 1]
    """
    order = np.argsort(lengths, kind="stable")
    count = min(count, len(order))
    return [int(order[int((part + 0.5) * len(order) / count)]) for part in range(count)]


def _thin_dev(prepared: Prepared) -> tuple[Prepared, float]:
    """With at most `MORE` validation records, and what they are to be multiplied by to be all of them (by their word-pieces)."""
    some = _thin(prepared.dev, MORE)
    return replace(prepared, dev=some), prepared.dev.piece_count() / max(1, some.piece_count())


def _thin(split: Encoded, count: int) -> Encoded:
    chosen = even_sample([len(p) for p in split.pieces], count)
    return Encoded([split.examples[n] for n in chosen], [split.pieces[n] for n in chosen])


def _measure_bundle(prepared: Prepared, folder: Path, once: _Once, finish: Callable[[Path, Dataset], Any]) -> None:
    """Calibrate an untrained model and write it as a bundle, and let `finish` evaluate it on some records."""
    model = fresh_model(prepared, prepared.recipe.seeds[0]).eval()
    folder.mkdir()

    def write() -> None:
        write_manifest(folder, describe_model(prepared, write_model(folder, model, prepared)))

    thin, share = _thin_dev(prepared)
    calibrating, _ = _timed(lambda: calibrate(model, thin, on_warning=lambda message: None))
    writing, _ = _timed(write)
    once["export"] = calibrating * share + writing + _scope_seconds(folder, model, prepared)
    test = prepared.dataset.test or prepared.dataset.dev
    cold, _ = _timed(lambda: finish(folder, _with_test(prepared.dataset, test, FEW)))
    few, more = (_timed(lambda n=n: finish(folder, _with_test(prepared.dataset, test, n)))[0] for n in (FEW, MORE))
    once["evaluation"] = cold + along(few, more, sizes=(FEW, min(MORE, len(test))), total=len(test))


def _scope_seconds(folder: Path, model: FieldModel, prepared: Prepared) -> float:
    """What it will take to embed up to `MOST` training texts and all validation texts, and to fit their distances."""
    splits = (prepared.train, prepared.dev)
    total = sum(min(len(split.examples), MOST) for split in splits)
    times: list[float] = []
    sizes: list[int] = []
    for count in (FEW, MORE):
        some = replace(prepared, train=_thin(prepared.train, count), dev=_thin(prepared.dev, count))
        sizes.append(len(some.train.examples) + len(some.dev.examples))
        times.append(_timed(partial(write_scope, folder, model, some))[0])
    return times[-1] + along(*times, sizes=(sizes[0], sizes[1]), total=total - sizes[1] + sizes[0])


def _with_test(dataset: Dataset, test: Sequence[Example], count: int) -> Dataset:
    return replace(dataset, test=[test[n] for n in even_sample([len(e.record.text) for e in test], count)])


def _open_log(folder: Path) -> None:
    """Load TensorBoard, which every run writes to."""
    from torch.utils.tensorboard import SummaryWriter

    SummaryWriter(str(folder)).close()


def _timed(call: Callable[[], Any]) -> tuple[float, Any]:
    """Seconds, and what the call returned."""
    started = time.perf_counter()
    found = call()
    return time.perf_counter() - started, found
