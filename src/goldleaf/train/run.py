"""A dataset and a recipe in, a bundle out."""

from __future__ import annotations

import json
import shutil
import statistics
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError

from goldleaf.bundle import check_vacant, new_bundle, write_manifest
from goldleaf.core import InputError
from goldleaf.snapshot import Dataset, gold_hash
from goldleaf.train.base import load_config
from goldleaf.train.calibrate import calibrate
from goldleaf.train.cased import see_case
from goldleaf.train.checkpoint import load_weights
from goldleaf.train.devices import Devices
from goldleaf.train.loop import BEST, Progress, train_model
from goldleaf.train.model import FieldModel, build_model
from goldleaf.train.plan import Prepared, make_plan, prepare
from goldleaf.train.recipe import Recipe, recipe_to_dict
from goldleaf.train.scope import write_scope
from goldleaf.train.write import describe_model, write_model

TUNING = "tuning"
"""The folder of a search for a recipe, in a run's folder."""


@dataclass(frozen=True, slots=True)
class SeedRun:
    """What one seed came to: its best validation score (0..1), when it was reached, and everything it reported."""

    seed: int
    score: float
    step: int
    seconds: float
    history: tuple[Progress, ...]


@dataclass(frozen=True, slots=True)
class Training:
    """A finished training: the bundle's folder, the runs of its seeds, and the prepared data they ran on."""

    folder: Path
    runs: tuple[SeedRun, ...]
    prepared: Prepared

    @property
    def best(self) -> SeedRun:
        return max(self.runs, key=lambda run: run.score)


def train(
    dataset: Dataset,
    recipe: Recipe,
    out: Path,
    *,
    resume: bool = False,
    force: bool = False,
    on_progress: Callable[[Progress], None] = lambda progress: None,
    on_warning: Callable[[str], None] = lambda message: None,
    finish: Callable[[Path, Training], Mapping[str, Any]] = lambda folder, training: {},
) -> Training:
    """Train a model for each seed and write the best one as a bundle at `out`, whole or not at all.

    Checkpoints and TensorBoard logs live in `OUT.run` until the bundle is written; `resume` goes on from there. `finish` is called with
    the folder of the bundle before it takes its place, and returns what its manifest shall hold beside the rest (the metrics). Of several
    processes that `torchrun` has started, the first writes, calls `finish` and warns; the others help, and return when the bundle stands.
    """
    check_vacant(out)
    devices = Devices()
    prepared = prepare(dataset, recipe, force=force)
    if devices.is_main:
        for warning in prepared.warnings:
            on_warning(warning)
        _open_run(out, prepared, resume=resume)
    devices.wait()
    work = run_folder(out)
    with on_disk(work):
        runs = [
            run_seed(prepared, seed, work, resume=resume, is_main=devices.is_main, on_progress=on_progress)
            for seed in prepared.recipe.seeds
        ]
    training = Training(out, tuple(runs), prepared)
    if devices.is_main:
        _write_bundle(training, work, on_warning=on_warning, finish=finish)
        shutil.rmtree(work, ignore_errors=True)
    devices.wait()
    return training


def _write_bundle(
    training: Training,
    work: Path,
    *,
    on_warning: Callable[[str], None],
    finish: Callable[[Path, Training], Mapping[str, Any]],
) -> None:
    out, prepared = training.folder, training.prepared
    with new_bundle(out) as folder, on_disk(out):
        model = _load_best(prepared, training.best.seed, work)
        calibration = calibrate(model, prepared, on_warning=on_warning)
        difference = write_model(folder, model, prepared)
        scope = write_scope(folder, model, prepared)
        _write_history(folder, training, work)
        manifest = {
            **describe_model(prepared, difference),
            "calibration": calibration,
            "scope": scope,
            "training": _summary(training),
        }
        write_manifest(folder, manifest)  # so that the bundle can be evaluated as a bundle
        if extra := finish(folder, training):
            write_manifest(folder, {**manifest, **extra})


@contextmanager
def on_disk(place: Path) -> Iterator[None]:
    """A full disk and its like are one message, and nothing learned is lost."""
    try:
        yield
    except (OSError, SafetensorError) as error:
        found = (error.strerror if isinstance(error, OSError) else None) or str(error)
        todo = "What was learned so far is kept: make room, and go on with --resume"
        raise InputError("the training cannot be written", where=str(place), found=found, todo=todo) from None


def run_folder(out: Path) -> Path:
    """Where the state of an unfinished training for `out` lives."""
    return out.with_name(f"{out.name}.run")


def _open_run(out: Path, prepared: Prepared, *, resume: bool) -> None:
    """Begin the run's folder anew or, to resume, find that it belongs to the same recipe and data."""
    work = run_folder(out)
    identity = run_identity(prepared)
    path = work / "run.json"
    if resume and path.is_file():
        found = json.loads(path.read_text(encoding="utf-8"))
        if found != json.loads(json.dumps(identity)):
            different = [k for k in found["recipe"] if found["recipe"][k] != identity["recipe"].get(k)] or ["snapshot"]
            raise InputError(
                "the interrupted training had another recipe or other data",
                where=str(work),
                found=f"a different {', '.join(different)}",
                expected="the same options and snapshot",
                todo="Give the same options, or train without --resume",
            )
        return
    if resume and (work / TUNING).is_dir():
        raise InputError(
            "the interrupted training was a search for a recipe",
            where=str(work),
            todo="Give its number of trials again (--tune N), or train without --resume",
        )
    try:
        shutil.rmtree(work, ignore_errors=True)
        work.mkdir(parents=True)
        path.write_text(json.dumps(identity), encoding="utf-8")
    except OSError as error:
        raise InputError(
            "the training's folder cannot be written", where=str(work), found=str(error.strerror)
        ) from None


def run_identity(prepared: Prepared) -> dict[str, Any]:
    """What a run must have in common with the one it resumes; how labels came to be, where the recipe reads it."""
    recipe = prepared.recipe
    reads = recipe.soft_labels or recipe.confidence_weights
    return {
        "recipe": recipe_to_dict(recipe),
        "snapshot": prepared.dataset.hash,
        "records": len(prepared.train.examples),
        **({"gold": gold_hash(prepared.dataset)} if reads else {}),
    }


def run_seed(
    prepared: Prepared,
    seed: int,
    work: Path,
    *,
    resume: bool,
    is_main: bool = True,
    on_progress: Callable[[Progress], None],
) -> SeedRun:
    """Train with one seed, in `work/seed-N`; with `resume`, from its checkpoint on, or not at all where it is done. Of several processes,
    the main one reports and writes."""
    folder = work / f"seed-{seed}"
    done = folder / "done.json"
    if resume and done.is_file():
        return _seed_run(json.loads(done.read_text(encoding="utf-8")))
    model = fresh_model(prepared, seed)
    history = history_so_far(folder) if resume else []
    reports = train_model(model, make_plan(prepared), seed=seed, folder=folder, resume=resume)
    if not is_main:
        history += reports
    else:
        for progress in log_progress(reports, folder, history):
            on_progress(progress)
    scored = [p for p in history if p.score is not None]
    best = max(scored, key=lambda p: (p.score or 0.0, -p.step))
    run = SeedRun(seed, best.score or 0.0, best.step, history[-1].seconds, tuple(history))
    if is_main:
        done.write_text(json.dumps(asdict(run)), encoding="utf-8")
    return run


def fresh_model(prepared: Prepared, seed: int) -> FieldModel:
    """The base model with untrained heads drawn from the seed."""
    torch.manual_seed(seed)
    config = load_config(prepared.recipe.base_model)
    model = build_model(prepared.recipe.base_model, config, prepared.dataset.schema, dropout=prepared.recipe.dropout)
    if prepared.case is not None:
        see_case(model.backbone, *prepared.case)
    return model


def history_so_far(folder: Path) -> list[Progress]:
    """The reports up to the checkpoint that will be resumed; later ones will be made again."""
    state = folder / "checkpoint" / "state.json"
    if not state.is_file() or not (folder / "history.jsonl").is_file():
        return []
    step = json.loads(state.read_text(encoding="utf-8"))["step"]
    lines = (folder / "history.jsonl").read_text(encoding="utf-8").splitlines()
    history: list[Progress] = []
    for line in lines:
        try:
            entry = Progress(**json.loads(line))
        except ValueError:  # the last line, cut short by the kill
            break
        if entry.step <= step:
            history.append(entry)
    return history


def log_progress(progress: Iterator[Progress], folder: Path, history: list[Progress]) -> Iterator[Progress]:
    """Pass reports on, keeping them in `history`, in `history.jsonl` and as TensorBoard scalars."""
    from torch.utils.tensorboard import SummaryWriter

    folder.mkdir(parents=True, exist_ok=True)
    with SummaryWriter(str(folder / "logs")) as writer, (folder / "history.jsonl").open("w", encoding="utf-8") as file:
        file.writelines(json.dumps(asdict(p)) + "\n" for p in history)
        for report in progress:
            history.append(report)
            file.write(json.dumps(asdict(report)) + "\n")
            file.flush()
            writer.add_scalar("loss", report.loss, report.step)
            writer.add_scalar("learning_rate", report.rate, report.step)
            writer.add_scalar("pieces_per_second", report.pieces_per_second, report.step)
            if report.score is not None:
                writer.add_scalar("validation_score", report.score, report.step)
            yield report


def _seed_run(data: Mapping[str, Any]) -> SeedRun:
    return SeedRun(**{**data, "history": tuple(Progress(**p) for p in data["history"])})


def _load_best(prepared: Prepared, seed: int, work: Path) -> FieldModel:
    model = fresh_model(prepared, seed)
    load_weights(work / f"seed-{seed}" / BEST, model)
    return model.eval()


def history_of(training: Training) -> list[dict[str, Any]]:
    """Every report of every seed, as JSON-ready rows."""
    return [asdict(report) for run in training.runs for report in run.history]


def _write_history(folder: Path, training: Training, work: Path) -> None:
    """`training/history.jsonl` of all seeds, and the TensorBoard logs."""
    target = folder / "training"
    target.mkdir()
    lines = [json.dumps(row) + "\n" for row in history_of(training)]
    (target / "history.jsonl").write_text("".join(lines), encoding="utf-8")
    for run in training.runs:
        shutil.copytree(work / f"seed-{run.seed}" / "logs", target / "logs" / f"seed-{run.seed}")


def _summary(training: Training) -> dict[str, Any]:
    """What the manifest says of the runs: the mean and the spread over seeds, and each one."""
    scores = [run.score for run in training.runs]
    return {
        "validation_score": {
            "mean": statistics.fmean(scores),
            "stdev": statistics.stdev(scores) if len(scores) > 1 else 0.0,
        },
        "chosen_seed": training.best.seed,
        "seeds": [
            {"seed": r.seed, "score": r.score, "step": r.step, "seconds": round(r.seconds, 1)} for r in training.runs
        ],
        "warnings": list(training.prepared.warnings),
    }
