"""Learning curve: train on growing parts of the training split, and say what more labels would bring."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from goldleaf.bundle import check_vacant
from goldleaf.core import Example, GoldleafError, InputError
from goldleaf.measure import fit_power_law
from goldleaf.snapshot import Dataset, dataset_hash
from goldleaf.workspace.modelling import evaluate, import_training

if TYPE_CHECKING:
    from goldleaf.train import Progress, Recipe, Training

FRACTIONS = (0.1, 0.25, 0.5, 1.0)
CURVE, PAGE = "curve.json", "curve.html"


def learning_curve(
    dataset: Dataset,
    out: Path | str,
    *,
    recipe: Recipe | None = None,
    fractions: Sequence[float] = FRACTIONS,
    seeds: Sequence[int] = (0,),
    force: bool = False,
    on_progress: Callable[[Progress], None] = lambda progress: None,
    on_warning: Callable[[str], None] = lambda message: None,
    on_run: Callable[[Mapping[str, Any]], None] = lambda run: None,
) -> dict[str, Any]:
    """Train on each fraction of the training split with each seed, score the test split (where it is empty, the dev split), and keep the
    scores in the folder `out` as `curve.json` and `curve.html`.

    Returns `{"snapshot", "recipe", "split", "records", "runs", "fields"}`: a run is `{"fraction", "seed", "records", "seconds",
    "fields": {NAME: {"score", "value", "low", "high"}}}`, and `fields.NAME` says what twice the records would bring: `{"score",
    "slope", "now", "twice": {"records", "value", "low", "high"}}`, None where there are fewer than three fractions. Parts of one seed are
    nested, and keep groups together. Models are not kept. A run that is in `curve.json` already is not done again; one that was
    interrupted goes on from its checkpoint. Raises InputError for fractions outside 0..1, another recipe or other data than the
    folder's, or a part that cannot be learned from.
    """
    room = import_training()
    wanted = _checked(fractions, seeds)
    chosen, folder = replace(recipe or room.Recipe(), seeds=(0,)), Path(out)
    about = {
        "snapshot": dataset.hash or dataset_hash(dataset),
        "recipe": json.loads(json.dumps(room.recipe_to_dict(chosen))),
        "split": "test" if dataset.test else "dev",
        "records": len(dataset.train),
    }
    runs = _runs_so_far(folder, about)
    for fraction, seed in wanted:
        if any((run["fraction"], run["seed"]) == (fraction, seed) for run in runs):
            continue
        part = replace(dataset, train=part_of(dataset.train, fraction, seed=seed), hash="")
        options = {"force": force, "on_progress": on_progress, "on_warning": on_warning}
        try:
            run = _train_part(part, folder / f"run-{fraction:g}-seed-{seed}", replace(chosen, seeds=(seed,)), options)
        except InputError as error:
            raise error.at(f"{fraction:g} of the training split, seed {seed}") from None
        runs.append({"fraction": fraction, "seed": seed, "records": len(part.train), **run})
        _save(folder, {**about, "runs": runs, "fields": _outlook(runs, len(dataset.train))})
        on_run(runs[-1])
    data = {**about, "runs": runs, "fields": _outlook(runs, len(dataset.train))}
    _save(folder, data)
    return data


def _checked(fractions: Sequence[float], seeds: Sequence[int]) -> list[tuple[float, int]]:
    if wrong := [f for f in fractions if not 0 < f <= 1]:
        raise InputError("not a fraction", found=f"{wrong[0]:g}", expected="more than 0, at most 1")
    if not fractions or not seeds:
        raise InputError("there is nothing to train", expected="at least one fraction and one seed")
    return [(fraction, seed) for seed in dict.fromkeys(seeds) for fraction in sorted(set(fractions))]


def part_of(examples: Sequence[Example], fraction: float, *, seed: int) -> list[Example]:
    """About a fraction of the examples, whole groups at a time, in their order; for one seed the smaller part lies within the larger."""
    if fraction >= 1:
        return list(examples)
    keys = [f"record {e.record.id}" if e.record.group is None else f"group {e.record.group}" for e in examples]
    sizes = Counter(keys)
    names = list(sizes)
    kept: set[str] = set()
    count = 0
    for place in np.random.default_rng(seed).permutation(len(names)):
        if count >= round(fraction * len(examples)):
            break
        kept.add(names[place])
        count += sizes[names[place]]
    return [e for e, key in zip(examples, keys, strict=True) if key in kept]


def _train_part(data: Dataset, place: Path, recipe: Recipe, options: dict[str, Any]) -> dict[str, Any]:
    """Train a model, score it, and leave nothing but the scores."""
    room = import_training()
    found: dict[str, Any] = {}

    def finish(folder: Path, training: Training) -> Mapping[str, Any]:
        report = evaluate(folder, data.test or training.prepared.dataset.dev)
        found["seconds"] = round(sum(run.seconds for run in training.runs), 1)
        found["fields"] = {name: _main(field) for name, field in report.data["fields"].items()}
        found["evaluated"] = report.data["records"]
        return {}

    shutil.rmtree(place, ignore_errors=True)  # of a run that was stopped after its bundle was written
    room.train(data, recipe, place, resume=room.run_folder(place).is_dir(), finish=finish, **options)
    shutil.rmtree(place, ignore_errors=True)
    return found


def _main(field: Mapping[str, Any]) -> dict[str, Any]:
    score = "f1" if field["kind"] == "spans" or field["many"] else "accuracy"
    return {"score": score, **field[score]}


def _outlook(runs: Sequence[Mapping[str, Any]], records: int) -> dict[str, Any]:
    """Per field, the power law through its runs and what it says of twice the training split."""
    fields: dict[str, Any] = {}
    for name in dict.fromkeys(name for run in runs for name in run["fields"]):
        rows = [run for run in runs if name in run["fields"]]
        sizes, scores = [run["records"] for run in rows], [run["fields"][name]["value"] for run in rows]
        law = fit_power_law(sizes, scores, smallest=0.5 / rows[0]["evaluated"])
        fields[name] = law and {
            "score": rows[0]["fields"][name]["score"],
            "slope": round(law.slope, 6),
            "now": law.score_at(records).to_dict(),
            "twice": {"records": 2 * records, **law.score_at(2 * records).to_dict()},
        }
    return fields


def _runs_so_far(folder: Path, about: Mapping[str, Any]) -> list[dict[str, Any]]:
    path = folder / CURVE
    if not path.is_file():
        if folder.is_dir() and not any(p.name.startswith("run-") for p in folder.iterdir()) and any(folder.iterdir()):
            check_vacant(folder)
        return []
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        different = [key for key, value in about.items() if found[key] != value]
        runs = list(found["runs"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InputError("the learning curve cannot be read", where=str(path), found=repr(error)) from None
    if different:
        raise InputError(
            "this learning curve was begun with other data or options",
            where=str(path),
            found=f"a different {', '.join(different)}",
            todo="Give the same, or another --out",
        )
    return runs


def _save(folder: Path, data: Mapping[str, Any]) -> None:
    """Write data and page, each whole or not at all."""
    from goldleaf.report import render_curve_page

    texts = {CURVE: json.dumps(data, ensure_ascii=False, indent=1) + "\n", PAGE: render_curve_page(data)}
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in texts.items():
            temporary = folder / f".{name}.writing"
            temporary.write_text(text, encoding="utf-8")
            temporary.replace(folder / name)
    except OSError as error:
        raise GoldleafError(
            "the learning curve cannot be written", where=str(folder), found=error.strerror or str(error)
        ) from None
