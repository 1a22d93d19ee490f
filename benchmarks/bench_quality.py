"""How good the models are that Goldleaf trains by default, on real data that lies beside the project; skipped, saying so, without it.

    python benchmarks/bench_quality.py [--quick] [--set snips ...] [--seed 0 1 2] [--recipe classic] [--keep DIR]

Every set is trained with the recipe that Goldleaf chooses by itself, but for what `RECIPES` says. `--recipe classic` is the one that
courses on BERT end with (Adam at 2e-5, 5 epochs, 16 sentences a step), on the same base model; its runs are listed apart. `--quick`
trains each set on a few hundred records for one epoch: it shows that the script runs, not how good a model is. Each finished run is
written to `benchmarks/results/quality.json` at once, beside those of other seeds with the same recipe: scores per seed, their mean and
standard deviation, date, machine and versions.
"""

from __future__ import annotations

import argparse
import json
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

from common import about, read_results, write_results
from goldleaf import workspace
from goldleaf.snapshot import Dataset
from goldleaf.train import Recipe, recipe_to_dict

SHARED = Path(__file__).resolve().parents[2] / "shared"
DATA = SHARED / "data"
CHINESE = "me5-small-zh-en"


def conll2003(folder: Path) -> Dataset:
    names = (("train", "train"), ("dev", "dev"), ("test_original", "test"))
    return _project(folder, "ner", [(DATA / "conll2003_en" / f"{name}.txt", split, "conll") for name, split in names])


def snips(folder: Path) -> Dataset:
    splits = (("train", "train"), ("valid", "dev"), ("test", "test"))
    files = [(DATA / "intent_slot_snips" / name, split, "intent-slot") for name, split in splits]
    return _project(folder, "intent-slots", files)


def trec(folder: Path) -> Dataset:
    rows = {name: _lines(f"TREC.{name}", separator=":") for name in ("train", "test")}
    return _project(folder, "classification", [(_jsonl(folder, n, r), n, "jsonl") for n, r in rows.items()])


def sst2(folder: Path) -> Dataset:
    rows = {name: _lines(f"stsa.binary.{name}") for name in ("train", "dev", "test")}
    return _project(folder, "classification", [(_jsonl(folder, n, r), n, "jsonl") for n, r in rows.items()])


def resume_ner(folder: Path) -> Dataset:
    files = [(DATA / "zh_ner_resume" / f"{name}.char.bmes", name, "conll") for name in ("train", "dev", "test")]
    return _project(folder, "ner", files)


def chnsenticorp(folder: Path) -> Dataset:
    """Texts that occur twice are kept once in training."""
    files: list[tuple[Path, str, str]] = []
    for name in ("train", "dev", "test"):
        lines = (DATA / "zh_sent_chnsenticorp" / f"{name}.tsv").read_text(encoding="utf-8").splitlines()[1:]
        rows = [tuple(line.split("\t", 1)) for line in (dict.fromkeys(lines) if name == "train" else lines)]
        files.append((_jsonl(folder, name, rows), name, "jsonl"))
    return _project(folder, "classification", files)


SETS = {
    "conll2003": conll2003,
    "snips": snips,
    "trec": trec,
    "sst2": sst2,
    "resume_ner": resume_ner,
    "chnsenticorp": chnsenticorp,
}
RECIPES = {"resume_ner": Recipe(base_model=CHINESE), "chnsenticorp": Recipe(base_model=CHINESE)}
OPTIONS: dict[str, dict[str, Any]] = {
    "default": {},
    "classic": {"learning_rate": 2e-5, "epochs": 5, "batch_tokens": 352},
}


def _lines(name: str, *, separator: str = "") -> list[tuple[str, str]]:
    """Label and text of the `label text` lines of a Latin-1 file; of a label, what stands before the separator."""
    rows: list[tuple[str, str]] = []
    for line in (DATA / "en_textclass" / name).read_text(encoding="latin-1").splitlines():
        label, text = line.split(" ", 1)
        rows.append((label.split(separator)[0] if separator else label, text.strip()))
    return rows


def _jsonl(folder: Path, name: str, rows: Iterable[tuple[str, ...]]) -> Path:
    path = folder / f"{name}.jsonl"
    with path.open("w", encoding="utf-8") as file:
        file.writelines(json.dumps({"text": text, "gold": {"label": label}}) + "\n" for label, text in rows)
    return path


def _project(folder: Path, template: str, files: Iterable[tuple[Path, str, str]]) -> Dataset:
    with workspace.init_workspace(folder / "workspace", template=template) as ws:
        for path, split, format in files:
            workspace.import_file(ws, path, format=format, split=split)
        return workspace.take_snapshot(ws)


def run(name: str, seed: int, *, kind: str, quick: bool, keep: Path | None = None) -> dict[str, Any]:
    """Train with one seed and score the test split; `keep` is a folder that the bundle is copied to."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        recipe = replace(RECIPES.get(name, Recipe()), seeds=(seed,), **OPTIONS[kind])
        if recipe.base_model == CHINESE:
            script = SHARED / "models" / CHINESE / "expand.py"
            subprocess.run([sys.executable, script, folder / CHINESE, "float32"], check=True, capture_output=True)
            recipe = replace(recipe, base_model=str(folder / CHINESE))
        data = SETS[name](folder)
        if quick:
            data = replace(data, train=data.train[:400], dev=data.dev[:200], test=data.test[:200])
            recipe = replace(recipe, epochs=1)
        trained = workspace.train(data, folder / "bundle", recipe=recipe)
        if keep is not None:
            shutil.copytree(trained.folder, keep / f"{name}-{kind}-{seed}")
        manifest = json.loads((trained.folder / "goldleaf.json").read_text(encoding="utf-8"))
    fields = trained.report.data["fields"]
    scores = {f"{n}.{k}": f[k]["value"] for n, f in fields.items() for k in ("f1", "accuracy")}
    return {
        "seed": seed,
        "exact_match": trained.report.data["exact_match"]["value"],
        **scores,
        "validation": manifest["training"]["validation_score"]["mean"],
        "seconds": trained.seconds,
        "recipe": {**manifest["recipe"], "base_model": RECIPES.get(name, Recipe()).base_model},
    }


def spread(runs: list[dict[str, Any]]) -> dict[str, dict[str, float]]:
    """Mean and standard deviation over seeds of every number."""
    table = {key: [run[key] for run in runs] for key in runs[0] if key not in ("seed", "recipe")}
    return {
        k: {"mean": statistics.fmean(v), "stdev": statistics.stdev(v) if len(v) > 1 else 0.0} for k, v in table.items()
    }


def save(name: str, run: dict[str, Any], *, kind: str) -> list[dict[str, Any]]:
    """Put a run of a set into the results file; return it with those of other seeds that had its recipe."""
    results = read_results("quality")
    key = name if kind == "default" else f"{name}, {kind} recipe"
    before = [r for r in results.get(key, {}).get("runs", []) if r["seed"] != run["seed"] and _same_recipe(r, run)]
    runs = sorted([*before, run], key=lambda r: r["seed"])
    seeds = " ".join(str(r["seed"]) for r in runs)
    command = f"python benchmarks/bench_quality.py --set {name} --seed {seeds}"
    command += "" if kind == "default" else f" --recipe {kind}"
    results[key] = {**about("torch", "transformers"), "command": command, "summary": spread(runs), "runs": runs}
    write_results("quality", results)
    return runs


def _same_recipe(one: dict[str, Any], other: dict[str, Any]) -> bool:
    """Apart from the seed and from what the machine decided; settings that are newer than a run stood at their defaults in it."""
    sides = [{**recipe_to_dict(Recipe()), **run["recipe"]} for run in (one, other)]
    return all(sides[0][name] == sides[1][name] for name in sides[0].keys() - {"seeds", "precision", "memory_tokens"})


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--set", nargs="+", choices=list(SETS), default=list(SETS))
    parser.add_argument("--seed", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--recipe", choices=list(OPTIONS), default="default")
    parser.add_argument("--keep", type=Path, metavar="DIR", help="keep the bundles in this folder")
    options = parser.parse_args()
    if not DATA.is_dir():
        print("skipped: the annotated data does not lie beside the project")
        return
    for name in options.set:
        if RECIPES.get(name, Recipe()).base_model == CHINESE and not (SHARED / "models" / CHINESE).is_dir():
            print(f"{name} skipped: the Chinese encoder does not lie beside the project")
            continue
        for seed in options.seed[:1] if options.quick else options.seed:
            done = run(name, seed, kind=options.recipe, quick=options.quick, keep=options.keep)
            print(name, {k: v for k, v in done.items() if k != "recipe"}, flush=True)
            runs = [done] if options.quick else save(name, done, kind=options.recipe)
            columns = (f"{k} {v['mean']:.4f} ± {v['stdev']:.4f}" for k, v in spread(runs).items())
            print(f"{name}, {len(runs)} seeds:", *columns, sep="  ", flush=True)


if __name__ == "__main__":
    main()
