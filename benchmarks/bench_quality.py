"""How good the models are that Goldleaf trains by default, on real data beside the project; skipped, saying so, where it is absent.

    python benchmarks/bench_quality.py [--quick] [--set snips ...] [--seeds 3]

`--quick` trains each set on a few hundred records for one epoch: it shows that the script runs, not how good a model is. Writes
`benchmarks/results/quality.json` with scores per seed, their mean and standard deviation, date, machine and versions.
"""

from __future__ import annotations

import argparse
import json
import platform
import statistics
import tempfile
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from goldleaf import __version__, workspace
from goldleaf.snapshot import Dataset
from goldleaf.train import Recipe

DATA = Path(__file__).resolve().parents[1].parent / "shared" / "data"
RESULTS = Path(__file__).parent / "results"


def conll2003(folder: Path) -> Dataset:
    names = (("train", "train"), ("dev", "dev"), ("test_original", "test"))
    return _project(folder, "ner", [(DATA / "conll2003_en" / f"{name}.txt", split, "conll") for name, split in names])


def snips(folder: Path) -> Dataset:
    splits = (("train", "train"), ("valid", "dev"), ("test", "test"))
    return _project(
        folder, "intent-slots", [(DATA / "intent_slot_snips" / name, split, "intent-slot") for name, split in splits]
    )


def trec(folder: Path) -> Dataset:
    files = [
        (_to_jsonl(folder, f"TREC.{name}", ":"), split, "jsonl")
        for name, split in (("train", "train"), ("test", "test"))
    ]
    return _project(folder, "classification", files)


def sst2(folder: Path) -> Dataset:
    files = [(_to_jsonl(folder, f"stsa.binary.{name}", " "), name, "jsonl") for name in ("train", "dev", "test")]
    return _project(folder, "classification", files)


SETS = {"conll2003": conll2003, "snips": snips, "trec": trec, "sst2": sst2}


def _to_jsonl(folder: Path, name: str, separator: str) -> Path:
    """The `label text` lines of a Latin-1 file as JSONL in a temporary folder."""
    path = folder / f"{name}.jsonl"
    with path.open("w", encoding="utf-8") as file:
        for line in (DATA / "en_textclass" / name).read_text(encoding="latin-1").splitlines():
            head, text = line.split(" ", 1)
            label = head.split(":")[0] if separator == ":" else head
            file.write(json.dumps({"text": text.strip(), "gold": {"label": label}}) + "\n")
    return path


def _project(folder: Path, template: str, files: list[tuple[Path, str, str]]) -> Dataset:
    with workspace.init_workspace(folder / "workspace", template=template) as ws:
        for path, split, format in files:
            workspace.import_file(ws, path, format=format, split=split)
        return workspace.take_snapshot(ws)


def measure(name: str, seeds: list[int], *, quick: bool) -> dict[str, Any]:
    """Train with each seed and score the test split."""
    runs: list[dict[str, float]] = []
    for seed in seeds:
        with tempfile.TemporaryDirectory() as place:
            data = SETS[name](Path(place))
            recipe = Recipe(seeds=(seed,))
            if quick:
                data, recipe = (
                    replace(data, train=data.train[:400], dev=data.dev[:200], test=data.test[:200]),
                    replace(recipe, epochs=1),
                )
            trained = workspace.train(data, Path(place) / "bundle", recipe=recipe)
            scores = {
                f"{n}.{k}": f[k]["value"] for n, f in trained.report.data["fields"].items() for k in ("f1", "accuracy")
            }
            runs.append(
                {
                    "seed": seed,
                    "exact_match": trained.report.data["exact_match"]["value"],
                    "seconds": trained.seconds,
                    **scores,
                }
            )
            print(name, runs[-1], flush=True)
    keys = [key for key in runs[0] if key != "seed"]
    columns = {key: [run[key] for run in runs] for key in keys}
    spread = {
        k: {"mean": statistics.fmean(v), "stdev": statistics.stdev(v) if len(v) > 1 else 0.0}
        for k, v in columns.items()
    }
    return {"runs": runs, "summary": spread}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--set", nargs="+", choices=sorted(SETS), default=sorted(SETS))
    parser.add_argument("--seeds", type=int, default=3)
    options = parser.parse_args()
    if not DATA.is_dir():
        print(f"skipped: the data is not here ({DATA.name} beside the project)")
        return
    seeds = list(range(1 if options.quick else options.seeds))
    results = {name: measure(name, seeds, quick=options.quick) for name in options.set}
    if not options.quick:
        about = {
            "date": datetime.now(UTC).isoformat(timespec="seconds"),
            "machine": platform.processor() or platform.machine(),
        }
        RESULTS.mkdir(exist_ok=True)
        text = json.dumps({**about, "goldleaf": __version__, "results": results}, indent=1)
        (RESULTS / "quality.json").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
