"""What the options of a recipe bring: the same small trainings with and without each, over seeds.

    python benchmarks/bench_options.py [--quick] [--set NAME ...] [--option NAME ...] [--seed N ...]

Each set is cut to `RECORDS` training records and trained for 4 epochs with steps of 512 pieces, once a seed for every option; seeds are
paired. Prints each option's mean difference of the test score to the plain recipe with its standard error. `rule` and `crf` are for
sets of spans alone: pieces read by Viterbi under the rule of IOB2, and a CRF that learns transitions too (`benchmarks/crf.py`).
`--quick` is one set and one option with one seed and writes nothing; otherwise `benchmarks/results/options.json` keeps what earlier
runs measured.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import tempfile
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Any

import crf
from bench_quality import CHINESE, DATA, SETS, SHARED
from common import about, read_results, write_results
from goldleaf import workspace
from goldleaf.snapshot import Dataset
from goldleaf.train import Recipe

RECORDS = {"conll2003": 3000, "resume_ner": 1500, "snips": 1500, "trec": 3000, "sst2": 3000}
PLAIN = Recipe(epochs=4, batch_tokens=512, patience=0)
OPTIONS: dict[str, dict[str, Any]] = {
    "plain": {},
    "average": {"average": 0.99},
    "layer_decay": {"layer_decay": 0.9},
    "label_smoothing": {"label_smoothing": 0.1},
    "uncased": {"cased": False},
    "rule": {},
    "crf": {},
}
SPANS_ALONE = {"conll2003", "resume_ner"}


def cut(data: Dataset, records: int) -> Dataset:
    """An even sample of the training and validation records, so that all documents and labels have their share."""
    train = data.train[:: max(1, len(data.train) // records)][:records]
    dev = data.dev[:: max(1, len(data.dev) // 800)][:800]
    return replace(data, train=train, dev=dev)


def applies(option: str, name: str) -> bool:
    """Whether an option says anything about a set."""
    if option in ("rule", "crf"):
        return name in SPANS_ALONE
    return option != "uncased" or name in ("conll2003", "snips")


def score(name: str, option: str, seed: int, *, quick: bool) -> dict[str, float]:
    """The main test score of each field after a training."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        recipe = replace(PLAIN, seeds=(seed,), **OPTIONS[option])
        if name == "resume_ner":
            script = SHARED / "models" / CHINESE / "expand.py"
            subprocess.run([sys.executable, script, folder / CHINESE, "float32"], check=True, capture_output=True)
            recipe = replace(recipe, base_model=str(folder / CHINESE))
        data = cut(SETS[name](folder), 300 if quick else RECORDS[name])
        with crf.installed(learned=option == "crf") if option in ("rule", "crf") else nullcontext():
            trained = workspace.train(data, folder / "bundle", recipe=replace(recipe, epochs=1 if quick else 4))
    fields = trained.report.data["fields"]
    return {n: (f["f1"] if data.schema[n].kind == "spans" else f["accuracy"])["value"] for n, f in fields.items()}


def show(name: str, found: dict[str, dict[str, dict[str, float]]]) -> None:
    """Differences to the plain recipe over the seeds that both have."""
    for option, runs in found.items():
        for field in next(iter(runs.values())):
            both = [seed for seed in runs if seed in found["plain"]]
            mean = statistics.fmean(runs[seed][field] for seed in both)
            gains = [100 * (runs[seed][field] - found["plain"][seed][field]) for seed in both]
            error = statistics.stdev(gains) / len(gains) ** 0.5 if len(gains) > 1 else float("nan")
            print(
                f"{name:10} {field:9} {option:16} {100 * mean:6.2f}  {statistics.fmean(gains):+.2f} ± {error:.2f}"
                f"  ({len(both)} seeds)",
                flush=True,
            )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--set", nargs="+", choices=list(RECORDS), default=list(RECORDS))
    parser.add_argument("--option", nargs="+", choices=list(OPTIONS), default=list(OPTIONS))
    parser.add_argument("--seed", type=int, nargs="+", default=[0, 1, 2])
    given = parser.parse_args()
    if not DATA.is_dir():
        print("skipped: the annotated data does not lie beside the project")
        return
    names, options, seeds = given.set, given.option, given.seed
    if given.quick:
        names, options, seeds = ["conll2003"], ["plain", "crf"], [0]
    results = {} if given.quick else read_results("options").get("scores", {})
    for seed in seeds:
        for name in names:
            for option in options:
                runs = results.setdefault(name, {}).setdefault(option, {})
                if not applies(option, name):
                    del results[name][option]
                elif str(seed) not in runs:
                    runs[str(seed)] = score(name, option, seed, quick=given.quick)
                    print(name, option, seed, runs[str(seed)], flush=True)
                    if not given.quick:
                        versions = about("torch", "transformers")
                        write_results("options", {**versions, "records": RECORDS, "scores": results})
    for name in names:
        show(name, results[name])


if __name__ == "__main__":
    main()
