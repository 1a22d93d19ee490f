"""The search for a recipe: several runs, each with options drawn from a space around the planned recipe, judged on the validation split.

The first trial is the planned recipe itself. The next are drawn by Optuna's TPE (Bergstra et al., 2011): at random at first, then where
good trials have been. After each validation, a trial that stands below the median of the others at the same share of their runs is
stopped (Golovin et al., 2017, "the median stopping rule"). The test split is not even handed to the search.
"""

from __future__ import annotations

import importlib.util
import json
import logging
import math
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from goldleaf.bundle import check_vacant
from goldleaf.core import InputError, MissingExtraError
from goldleaf.snapshot import Dataset
from goldleaf.train.loop import Progress, TrainingError
from goldleaf.train.plan import Prepared, prepare
from goldleaf.train.recipe import Recipe, recipe_to_dict
from goldleaf.train.run import TUNING, history_so_far, on_disk, run_folder, run_identity, run_seed
from goldleaf.train.space import Range, Space, options_of, space_around, space_to_dict, with_options

if TYPE_CHECKING:
    import optuna

STARTUP, SPARED, WATCHED = 5, 3, 3
"""Trials that are drawn at random; trials that end before any is stopped; tenths of its run that a trial is given before it may be."""

State = Literal["complete", "stopped", "failed"]


@dataclass(frozen=True, slots=True)
class Trial:
    """One run of a search: its options, its best validation score (0..1; None where it failed before one), and how it ended."""

    number: int
    state: State
    score: float | None
    seconds: float
    options: dict[str, Any]
    note: str = ""


@dataclass(frozen=True, slots=True)
class Tuning:
    """A finished search. `recipe` is that of the trial with the best validation score."""

    recipe: Recipe
    best: int
    trials: tuple[Trial, ...]
    space: Space

    def to_dict(self) -> dict[str, Any]:
        """What a manifest says of it."""
        return {
            "best": self.best,
            "trials": [asdict(trial) for trial in self.trials],
            "searched": space_to_dict(self.space),
            "sampler": "TPE",
            "pruner": "median",
            "seconds": sum(trial.seconds for trial in self.trials),
            "note": f"{NOTE}: it is the best of {len(self.trials)}, and chosen for being so",
        }


NOTE = "The validation score of the best trial is optimistic"


class _Stopped(Exception):  # noqa: N818 - no error: how a trial ends early
    """A trial is not worth going on with, or the time is up."""


def tune(
    dataset: Dataset,
    recipe: Recipe,
    out: Path,
    *,
    trials: int,
    minutes: float | None = None,
    resume: bool = False,
    force: bool = False,
    on_progress: Callable[[Progress], None] = lambda progress: None,
    on_trial: Callable[[Trial], None] = lambda trial: None,
) -> Tuning:
    """Search for a recipe in `trials` runs, or as many as fit into `minutes`, and leave the best run in the run folder of `out`.

    `train(dataset, tuning.recipe, out, resume=True)` then writes its bundle without training again. A search that was interrupted goes on
    with `resume`, in the middle of a trial too, and comes to what it would have come to; `trials` may be more than it was. Raises
    InputError for wrong input, MissingExtraError without Optuna, TrainingError where no trial came to its end.
    """
    _check(recipe, trials, minutes)
    _require_optuna()
    check_vacant(out)
    prepared = prepare(replace(dataset, test=[]), recipe, force=force)
    folder = _open_search(run_folder(out) / TUNING, prepared, resume=resume)
    with on_disk(folder), _quiet_optuna():
        search = _Search(prepared, folder, _open_study(folder), minutes, on_progress)
        while len(search.finished()) < trials and not search.out_of_time():
            on_trial(search.run_trial())
        tuning = search.result()
        _leave_best(tuning, prepared, folder)
    return tuning


def _check(recipe: Recipe, trials: int, minutes: float | None) -> None:
    if trials < 1:
        raise InputError("a search needs a trial", found=f"{trials} trials", expected="1 or more")
    if minutes is not None and not minutes > 0:
        raise InputError("a search needs time", found=f"{minutes:g} minutes", expected="more than 0")
    if len(recipe.seeds) > 1:
        raise InputError(
            "a search runs with one seed",
            found=f"seeds {', '.join(map(str, recipe.seeds))}",
            todo="Search with one, and train the recipe that it finds with several",
        )


def _require_optuna() -> None:
    if importlib.util.find_spec("optuna") is None:
        raise MissingExtraError(
            "searching is not installed", found="no optuna", todo='Install it with: pip install "goldleaf[tune]"'
        )


class _Search:
    """The study on disk, and its next trial."""

    def __init__(
        self,
        prepared: Prepared,
        folder: Path,
        study: optuna.Study,
        minutes: float | None,
        on_progress: Callable[[Progress], None],
    ) -> None:
        self.prepared, self.folder, self.study, self.on_progress = prepared, folder, study, on_progress
        self.seed = prepared.recipe.seeds[0]
        self.limit = math.inf if minutes is None else 60 * minutes
        self.space = space_around(prepared.recipe)

    def finished(self) -> list[Trial]:
        """The trials that came to an end, in order. (What was interrupted is in the study as failed.)"""
        from optuna.trial import TrialState

        ended = self.study.get_trials(deepcopy=False, states=(TrialState.COMPLETE, TrialState.PRUNED))
        return [Trial(**t.user_attrs["trial"]) for t in ended]

    def spent(self) -> float:
        return sum(trial.seconds for trial in self.finished())

    def out_of_time(self) -> bool:
        return bool(self.finished()) and self.spent() >= self.limit

    def run_trial(self) -> Trial:
        """Draw the options of the next trial and run it to its end, or to where it is stopped."""
        import optuna

        number = len(self.finished())
        # drawn from the seed and the trials before, so that a resumed search draws what it would have drawn
        self.study.sampler = optuna.samplers.TPESampler(seed=self.seed + number, n_startup_trials=STARTUP)
        if number == 0:
            self.study.enqueue_trial(options_of(self.prepared.recipe, self.space), skip_if_exists=True)
        asked = self.study.ask()
        options = {name: _suggest(asked, name, part) for name, part in self.space.items()}
        recipe = with_options(self.prepared.recipe, options) if number else self.prepared.recipe
        trial = self._run(asked, number, recipe)
        asked.set_user_attr("trial", asdict(trial))
        if trial.state == "complete":
            self.study.tell(asked, trial.score)
        else:
            self.study.tell(asked, state=optuna.trial.TrialState.PRUNED)
        self._keep_best()
        return trial

    def _run(self, asked: optuna.Trial, number: int, recipe: Recipe) -> Trial:
        folder = _trial_folder(self.folder, number, recipe)
        left = self.limit - self.spent()
        watch = _Watch(asked, left if number else math.inf)
        state, note = "complete", ""
        try:
            for report in history_so_far(folder / f"seed-{self.seed}"):
                watch.see(report)

            def see(report: Progress) -> None:
                self.on_progress(report)
                watch.see(report)

            prepared = replace(self.prepared, recipe=recipe)
            done = run_seed(prepared, self.seed, folder, resume=True, on_progress=see)
            watch.best, watch.seconds = done.score, done.seconds
        except _Stopped as stopped:
            state, note = "stopped", str(stopped)
        except TrainingError as error:
            state, note = "failed", str(error)
        return Trial(number, state, watch.best, round(watch.seconds, 1), options_of(recipe, self.space), note)

    def best(self) -> Trial | None:
        complete = [t for t in self.finished() if t.state == "complete"]
        return max(complete, key=lambda t: (t.score or 0.0, -t.number), default=None)

    def _keep_best(self) -> None:
        """Of the trials that have ended, the best keeps its weights; no other leaves anything but its line in the study."""
        best, ended = self.best(), len(self.finished())
        for place in self.folder.glob("trial-*"):
            number = int(place.name.removeprefix("trial-"))
            if best is not None and number == best.number:
                shutil.rmtree(place / f"seed-{self.seed}" / "checkpoint", ignore_errors=True)
            elif number < ended:
                shutil.rmtree(place, ignore_errors=True)

    def result(self) -> Tuning:
        """The search as it stands. Raises TrainingError where no trial came to its end."""
        trials, best = self.finished(), self.best()
        if best is None:
            raise TrainingError(
                "no trial of the search came to its end", found=trials[0].note if trials else "no trial"
            )
        recipe = self.prepared.recipe if best.number == 0 else with_options(self.prepared.recipe, best.options)
        return Tuning(recipe, best.number, tuple(trials), self.space)


class _Watch:
    """Tells a trial's validation scores to the study, and ends the trial where it is not worth its time."""

    def __init__(self, asked: optuna.Trial, left: float) -> None:
        self.asked, self.left = asked, left
        self.tenths, self.seconds = 0, 0.0
        self.best: float | None = None

    def see(self, report: Progress) -> None:
        """Take in a report. Raises _Stopped."""
        self.seconds = report.seconds
        if report.score is not None:
            self.best = max(report.score, self.best or 0.0)
            # runs of different lengths are compared where the same share of them, and of their schedule, is done
            now = math.floor(10 * report.step / report.steps + 1e-9)
            for tenth in range(self.tenths + 1, now + 1):
                self.asked.report(report.score, tenth)
            self.tenths = now
            if self.asked.should_prune():
                raise _Stopped("below the median")
        if report.seconds > self.left:
            raise _Stopped("the time was up")


def _suggest(asked: optuna.Trial, name: str, part: Any) -> Any:
    if not isinstance(part, Range):
        return asked.suggest_categorical(name, part.values)
    if part.whole:
        return asked.suggest_int(name, int(part.low), int(part.high))
    return asked.suggest_float(name, part.low, part.high, log=part.log)


def _open_search(folder: Path, prepared: Prepared, *, resume: bool) -> Path:
    """The search's folder, begun anew or, to resume, found to belong to the same recipe and data."""
    path, identity = folder / "search.json", json.loads(json.dumps(run_identity(prepared)))
    if resume and path.is_file():
        if json.loads(path.read_text(encoding="utf-8")) != identity:
            raise InputError(
                "the interrupted search had another recipe or other data",
                where=str(folder),
                todo="Give the same options and snapshot, or search without --resume",
            )
        return folder
    if resume and (folder.parent / "run.json").is_file():
        raise InputError(
            "the interrupted training was no search", where=str(folder.parent), todo="Go on without a search"
        )
    try:
        shutil.rmtree(folder.parent, ignore_errors=True)
        folder.mkdir(parents=True)
        path.write_text(json.dumps(identity), encoding="utf-8")
    except OSError as error:
        raise InputError(
            "the search's folder cannot be written", where=str(folder), found=str(error.strerror)
        ) from None
    return folder


def _open_study(folder: Path) -> optuna.Study:
    """The study that `trials.log` holds, or a new one. What was running when it was interrupted is marked as failed."""
    import optuna
    from optuna.storages import JournalStorage
    from optuna.storages.journal import JournalFileBackend

    path = folder / "trials.log"
    _mend(path)
    study = optuna.create_study(
        storage=JournalStorage(JournalFileBackend(str(path))),
        study_name=TUNING,
        direction="maximize",
        pruner=optuna.pruners.MedianPruner(n_startup_trials=SPARED, n_warmup_steps=WATCHED),
        load_if_exists=True,
    )
    for trial in study.get_trials(deepcopy=False, states=(optuna.trial.TrialState.RUNNING,)):
        study.tell(trial.number, state=optuna.trial.TrialState.FAIL)
    return study


def _mend(path: Path) -> None:
    """Take away what a kill or a full disk leaves: a line without end, and a lock that nobody holds."""
    for lock in path.parent.glob(f"{path.name}.lock*"):
        lock.unlink(missing_ok=True)
    if path.is_file() and not (text := path.read_bytes()).endswith(b"\n"):
        path.write_bytes(text[: text.rfind(b"\n") + 1])


def _trial_folder(folder: Path, number: int, recipe: Recipe) -> Path:
    """Where the state of a trial lives; that of an interrupted one with the same recipe is kept."""
    place = folder / f"trial-{number}"
    path, said = place / "recipe.json", json.dumps(recipe_to_dict(recipe))
    if not (path.is_file() and path.read_text(encoding="utf-8") == said):
        shutil.rmtree(place, ignore_errors=True)
        place.mkdir()
        path.write_text(said, encoding="utf-8")
    return place


def _leave_best(tuning: Tuning, prepared: Prepared, folder: Path) -> None:
    """Put the best trial where `train` looks for a run that is done."""
    name = f"seed-{tuning.recipe.seeds[0]}"
    shutil.rmtree(folder.parent / name, ignore_errors=True)
    shutil.copytree(folder / f"trial-{tuning.best}" / name, folder.parent / name)
    identity = run_identity(replace(prepared, recipe=tuning.recipe))
    (folder.parent / "run.json").write_text(json.dumps(identity), encoding="utf-8")


@contextmanager
def _quiet_optuna() -> Iterator[None]:
    """Without what Optuna says of every trial."""
    logger = logging.getLogger("optuna")
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        yield
    finally:
        logger.setLevel(level)
