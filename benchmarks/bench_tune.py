"""What a search for a recipe brings: the default recipe beside the one that `--tune` finds, on a part of TREC-6.

    python benchmarks/bench_tune.py [--quick] [--trials 10] [--records 1500]

The default recipe is the search's first trial, so both come out of one run: its weights are scored on the test split too. Prints test
and validation score of both and the seconds spent; writes `benchmarks/results/tune.json`. `--quick` searches on the demo's messages in two
trials of one epoch and writes nothing. Skipped, saying so, where TREC-6 does not lie beside the project.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import bench_quality
from bench_estimate import demo
from common import Clock, about, write_results
from goldleaf import workspace
from goldleaf.snapshot import Dataset
from goldleaf.train import Recipe


def run(data: Dataset, recipe: Recipe, trials: int) -> dict[str, Any]:
    """Train the default recipe, search around it, and score both on the test split."""
    with tempfile.TemporaryDirectory() as place:
        folder, clock = Path(place), Clock()
        default = workspace.train(data, folder / "default", recipe=recipe)
        alone = clock.seconds()
        tuned = workspace.tune(
            data, folder / "tuned", recipe=recipe, trials=trials, on_trial=lambda trial: print(trial, flush=True)
        )
        searching = clock.seconds() - alone
        compared = workspace.compare(folder / "default", folder / "tuned", data.test)
        manifest = json.loads((folder / "tuned" / "goldleaf.json").read_text(encoding="utf-8"))
    found = manifest["tuning"]
    return {
        "records": {name: len(data.split(name)) for name in ("train", "dev", "test")},
        "test": {"default": default.report.data["exact_match"], "tuned": tuned.report.data["exact_match"]},
        "validation": {
            "default": found["trials"][0]["score"],
            "tuned": found["trials"][found["best"]]["score"],
        },
        "difference": compared["exact_match"],
        "seconds": {"default": alone, "search": searching},
        "ratio": searching / alone,
        "recipe": manifest["recipe"],
        "tuning": found,
    }


def show(found: dict[str, Any]) -> None:
    for name in ("default", "tuned"):
        test, seconds = found["test"][name], found["seconds"]["default" if name == "default" else "search"]
        print(
            f"{name:8} test {100 * test['value']:.2f} ({100 * test['low']:.2f} .. {100 * test['high']:.2f})"
            f"   validation {100 * found['validation'][name]:.2f}   {seconds:.0f} s"
        )
    difference = found["difference"]["difference"]
    settled = "settled" if found["difference"]["settled"] else "not settled"
    print(
        f"tuned - default on test: {100 * difference['value']:+.2f} ({100 * difference['low']:+.2f} .."
        f" {100 * difference['high']:+.2f}), {settled}; {found['ratio']:.1f} x the seconds"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--trials", type=int, default=10)
    parser.add_argument("--records", type=int, default=1500)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        if options.quick:
            show(run(demo(Path(place)), Recipe(epochs=1), 2))
            return
        if not bench_quality.DATA.is_dir():
            print("skipped: the annotated data does not lie beside the project")
            return
        data = bench_quality.trec(Path(place))
    found = run(replace(data, train=data.train[: options.records], hash=""), Recipe(), options.trials)
    show(found)
    command = f"python benchmarks/bench_tune.py --trials {options.trials} --records {options.records}"
    write_results("tune", {**about("torch", "transformers", "optuna"), "command": command, **found})


if __name__ == "__main__":
    main()
