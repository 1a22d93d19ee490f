"""Train with a recipe that is searched for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from goldleaf.snapshot import Dataset
from goldleaf.workspace.modelling import Trained, import_training, train

if TYPE_CHECKING:
    from goldleaf.train import Progress, Recipe, Trial


def tune(
    dataset: Dataset,
    out: Path | str,
    *,
    trials: int,
    minutes: float | None = None,
    recipe: Recipe | None = None,
    resume: bool = False,
    force: bool = False,
    on_progress: Callable[[Progress], None] = lambda progress: None,
    on_warning: Callable[[str], None] = lambda message: None,
    on_trial: Callable[[Trial], None] = lambda trial: None,
) -> Trained:
    """Search for a recipe around `recipe` in `trials` runs, or as many as `minutes` allow, and write the best run as a bundle; see `train`.

    The trials are judged on the validation split; the test split is read when the search is over. The manifest's `tuning` and the
    page `training/tuning.html` say what was searched and found. Raises InputError and MissingExtraError (without Optuna).
    """
    from goldleaf.report import render_tuning_page

    room = import_training()
    path = Path(out)
    found = room.tune(
        dataset,
        recipe or room.Recipe(),
        path,
        trials=trials,
        minutes=minutes,
        resume=resume,
        force=force,
        on_progress=on_progress,
        on_trial=on_trial,
    )
    said: dict[str, Any] = found.to_dict()

    def describe(folder: Path) -> Mapping[str, Any]:
        page = render_tuning_page(f"Search for the recipe of {path.name}", said)
        (folder / "training" / "tuning.html").write_text(page, encoding="utf-8")
        return {"tuning": said}

    done = train(
        dataset,
        path,
        recipe=found.recipe,
        resume=True,
        force=force,
        on_progress=on_progress,
        on_warning=on_warning,
        describe=describe,
    )
    return replace(done, tuning=said)
