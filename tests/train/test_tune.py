"""The search for a recipe: what is tried, what is stopped, what stays on disk, and how an interrupted search goes on."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tiny_models import dataset

from goldleaf.core import InputError
from goldleaf.train import Progress, Recipe, Tuning, run_folder, train, tune
from goldleaf.train.space import Choice, Range, options_of, space_around, with_options

optuna = pytest.importorskip("optuna")

from goldleaf.train.tune import _Stopped, _Watch  # noqa: E402

QUICK = Recipe(epochs=4, learning_rate=5e-3, batch_tokens=256, patience=0, precision="fp32")


def progress(step: int, steps: int, score: float | None, seconds: float = 1.0) -> Progress:
    return Progress(0, step, steps, 0.0, 0.5, 1e-3, seconds, 0.0, 0.0, score)


@pytest.fixture(scope="module")
def searched(bert: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Tuning]:
    """A place where three trials were made, and no bundle yet."""
    out = tmp_path_factory.mktemp("search") / "bundle"
    return out, tune(dataset(), replace(QUICK, base_model=str(bert)), out, trials=3)


def test_the_space_lies_around_the_planned_recipe() -> None:
    recipe = Recipe(learning_rate=3e-4, batch_tokens=512, epochs=6, dropout=None)
    space = space_around(recipe)
    assert space["learning_rate"] == Range(3e-4 / 3, 3e-4 * 3, log=True)
    assert space["batch_tokens"] == Choice((256, 512, 1024))
    assert space["epochs"] == Range(3, 9, whole=True)
    assert space["dropout"] == Choice((None, 0.0, 0.2))
    for name, value in options_of(recipe, space).items():
        part = space[name]
        assert value in part.values if isinstance(part, Choice) else part.low <= value <= part.high


def test_options_are_cut_to_four_digits() -> None:
    assert with_options(Recipe(), {"learning_rate": 0.000123456, "epochs": 7}) == Recipe(
        learning_rate=0.0001235, epochs=7
    )


def test_the_first_trial_is_the_planned_recipe_and_the_best_score_wins(searched: tuple[Path, Tuning]) -> None:
    _, found = searched
    first = found.trials[0].options
    assert (first["learning_rate"], first["batch_tokens"], first["epochs"]) == (5e-3, 256, 4)
    assert [t.number for t in found.trials] == [0, 1, 2]
    scores = {t.number: t.score for t in found.trials if t.state == "complete"}
    assert scores[found.best] == max(scores.values(), key=lambda score: score or 0.0)
    assert options_of(found.recipe, found.space) == found.trials[found.best].options


def test_no_trial_but_the_best_leaves_weights_behind(searched: tuple[Path, Tuning]) -> None:
    out, found = searched
    folders = [p.name for p in (run_folder(out) / "tuning").iterdir() if p.is_dir()]
    assert folders == [f"trial-{found.best}"]
    assert not list(run_folder(out).rglob("checkpoint"))


def test_a_search_ends_in_a_bundle_without_training_again(
    searched: tuple[Path, Tuning], bert: Path, tmp_path: Path
) -> None:
    out = tmp_path / "bundle"
    found = tune(dataset(), replace(QUICK, base_model=str(bert)), out, trials=2)
    seen: list[Progress] = []
    train(dataset(), found.recipe, out, resume=True, on_progress=seen.append)
    manifest = json.loads((out / "goldleaf.json").read_text(encoding="utf-8"))
    assert seen == []
    assert manifest["recipe"]["learning_rate"] == found.recipe.learning_rate
    assert manifest["training"]["validation_score"]["mean"] == found.trials[found.best].score
    assert [p.name for p in tmp_path.iterdir()] == ["bundle"]


def test_an_interrupted_search_comes_to_what_it_would_have_come_to(
    searched: tuple[Path, Tuning], bert: Path, tmp_path: Path
) -> None:
    _, whole = searched
    out, seen = tmp_path / "bundle", []

    def stop(report: Progress) -> None:
        seen.append(report)
        if len(seen) == 6:  # in the second epoch of the second trial
            raise KeyboardInterrupt

    recipe = replace(QUICK, base_model=str(bert))
    with pytest.raises(KeyboardInterrupt):
        tune(dataset(), recipe, out, trials=3, on_progress=stop)
    ended: list[int] = []
    again = tune(dataset(), recipe, out, trials=3, resume=True, on_trial=lambda t: ended.append(t.number))
    assert ended == [1, 2]
    assert [replace(t, seconds=0.0) for t in again.trials] == [replace(t, seconds=0.0) for t in whole.trials]


def test_a_finished_search_can_be_made_longer(searched: tuple[Path, Tuning], bert: Path) -> None:
    out, before = searched
    ended: list[int] = []
    recipe = replace(QUICK, base_model=str(bert))
    found = tune(dataset(), recipe, out, trials=4, resume=True, on_trial=lambda t: ended.append(t.number))
    assert ended == [3]
    assert found.trials[:3] == before.trials


def test_the_test_split_is_not_looked_at(bert: Path, tmp_path: Path) -> None:
    class Sealed(list[Any]):
        def __iter__(self) -> Any:
            raise AssertionError("the test split was read")

        def __len__(self) -> int:
            raise AssertionError("the test split was counted")

    data = replace(dataset(), test=Sealed())
    tune(data, replace(QUICK, base_model=str(bert), epochs=1), tmp_path / "bundle", trials=2)


def test_a_trial_below_the_median_at_the_same_share_of_its_run_is_stopped() -> None:
    study = optuna.create_study(
        direction="maximize", pruner=optuna.pruners.MedianPruner(n_startup_trials=3, n_warmup_steps=3)
    )
    for score in (0.8, 0.9, 0.7):
        trial = study.ask()
        watch = _Watch(trial, 1e9)
        for epoch in range(1, 6):
            watch.see(progress(epoch, 5, score))  # a fifth of the run: two tenths
        assert sorted(study.trials[-1].intermediate_values) == list(range(1, 11))
        study.tell(trial, score)
    watch = _Watch(study.ask(), 1e9)
    watch.see(progress(1, 4, 0.75))  # 0.25 of the run: too early to be stopped
    with pytest.raises(_Stopped, match="median"):
        watch.see(progress(2, 4, 0.75))  # 0.5 of the run: the median of 0.7, 0.8, 0.9 is 0.8
    assert watch.best == 0.75


def test_time_that_is_up_ends_the_trial_and_the_search(bert: Path, tmp_path: Path) -> None:
    with pytest.raises(_Stopped, match="time"):
        _Watch(optuna.create_study().ask(), 10.0).see(progress(1, 4, None, seconds=10.5))
    recipe = replace(QUICK, base_model=str(bert))
    found = tune(dataset(), recipe, tmp_path / "bundle", trials=50, minutes=1e-6)
    assert [t.state for t in found.trials] == ["complete"]  # the first one is run to its end all the same


def test_bad_input_is_refused_before_anything_is_written(bert: Path, tmp_path: Path) -> None:
    recipe = replace(QUICK, base_model=str(bert))
    with pytest.raises(InputError, match="needs a trial"):
        tune(dataset(), recipe, tmp_path / "b", trials=0)
    with pytest.raises(InputError, match="needs time"):
        tune(dataset(), recipe, tmp_path / "b", trials=1, minutes=0)
    with pytest.raises(InputError, match="one seed"):
        tune(dataset(), replace(recipe, seeds=(0, 1)), tmp_path / "b", trials=1)
    assert list(tmp_path.iterdir()) == []


def test_a_search_and_a_training_do_not_take_each_other_up(bert: Path, tmp_path: Path) -> None:
    recipe = replace(QUICK, base_model=str(bert))

    def stop(_: object) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        tune(dataset(), recipe, tmp_path / "a", trials=2, on_progress=stop)
    with pytest.raises(InputError, match="--tune N"):
        train(dataset(), recipe, tmp_path / "a", resume=True)
    with pytest.raises(KeyboardInterrupt):
        train(dataset(), recipe, tmp_path / "b", on_progress=stop)
    with pytest.raises(InputError, match="no search"):
        tune(dataset(), recipe, tmp_path / "b", trials=2, resume=True)
    with pytest.raises(InputError, match="another recipe"):
        tune(dataset(), replace(recipe, weight_decay=0.5), tmp_path / "a", trials=2, resume=True)


def test_a_search_whose_trials_all_fail_says_why(bert: Path, tmp_path: Path) -> None:
    from goldleaf.train import TrainingError

    recipe = replace(QUICK, base_model=str(bert), learning_rate=1e38, clip=1e38, warmup=0.0)
    with pytest.raises(TrainingError, match=r"no trial.*not a number"):
        tune(dataset(), recipe, tmp_path / "bundle", trials=1)
    assert not (tmp_path / "bundle").exists()
