"""What `goldleaf train --dry-run` says beside what the training then takes: seconds, and the peak of resident memory.

    python benchmarks/bench_estimate.py [--quick] [--set demo trec snips]

Estimate and training each run in a process of its own, one after the other, on the same data and recipe: the default but for fewer epochs
and no patience, so that the training runs to its end. SNIPS and TREC-6 are left out, saying so, where they do not lie beside the project.
Prints estimate, truth and their ratio; writes `benchmarks/results/estimate.json`.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import bench_quality
from common import about, read_results, write_results
from goldleaf import workspace
from goldleaf.snapshot import Dataset, write_snapshot

EPOCHS = {"demo": 4, "trec": 2, "snips": 1}


def demo(folder: Path) -> Dataset:
    """The customer messages that come with the package."""
    with workspace.init_workspace(folder / "workspace", template="intent-slots") as ws:
        workspace.import_file(ws, workspace.demo_file("en"))
        return workspace.take_snapshot(ws)


SETS = {"demo": demo, "trec": bench_quality.trec, "snips": bench_quality.snips}


def child(what: str, snapshot: Path, out: Path, epochs: int) -> None:
    """Estimate or train, in this process; print seconds and bytes."""
    started = time.perf_counter()
    data = workspace.load_snapshot(snapshot)
    began = time.perf_counter()
    from goldleaf.train import Recipe
    from goldleaf.train.resident import peak_memory

    recipe = Recipe(epochs=epochs, patience=0)
    if what == "estimate":
        found = workspace.estimate(data, recipe=recipe, started=began)
        print(json.dumps({**found.to_dict(), "took": time.perf_counter() - started}))
    else:
        done = workspace.train(data, out, recipe=recipe)
        print(json.dumps({"seconds": time.perf_counter() - began, "learning": done.seconds, "peak": peak_memory()}))


def run(name: str, epochs: int) -> dict[str, Any]:
    """Estimate and truth of one set."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        write_snapshot(SETS[name](folder), folder / "snapshot")

        def ask(what: str) -> dict[str, Any]:
            words = [what, str(folder / "snapshot"), str(folder / "bundle"), str(epochs)]
            done = subprocess.run([sys.executable, __file__, "--child", *words], stdout=subprocess.PIPE, check=True)
            return json.loads(done.stdout.splitlines()[-1])

        said, truth = ask("estimate"), ask("train")
    return {
        "epochs": epochs,
        "steps": said["steps"],
        "estimate_took": said["took"],
        "seconds": {"estimate": said["seconds"], "truth": truth["seconds"], "learning": truth["learning"]},
        "peak": {"estimate": said["memory"]["peak"], "truth": truth["peak"]},
        "ratio": {
            "seconds": said["seconds"]["total"] / truth["seconds"],
            "peak": said["memory"]["peak"] / truth["peak"],
        },
    }


def show(name: str, found: dict[str, Any]) -> None:
    seconds, peak, ratio = found["seconds"], found["peak"], found["ratio"]
    print(
        f"{name:6} {found['steps']:5} steps   estimate {seconds['estimate']['total']:6.0f} s of {seconds['truth']:6.0f} s"
        f" = {ratio['seconds']:.2f}   {peak['estimate'] / 1e9:.2f} GB of {peak['truth'] / 1e9:.2f} GB = {ratio['peak']:.2f}"
        f"   (said after {found['estimate_took']:.0f} s)",
        flush=True,
    )


def main() -> None:
    if sys.argv[1:2] == ["--child"]:
        what, snapshot, out, epochs = sys.argv[2:]
        child(what, Path(snapshot), Path(out), int(epochs))
        return
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="the demo's messages for one epoch; nothing is written")
    parser.add_argument("--set", nargs="+", choices=list(SETS), default=list(SETS))
    options = parser.parse_args()
    if options.quick:
        show("demo", run("demo", 1))
        return
    for name in options.set:
        if name != "demo" and not bench_quality.DATA.is_dir():
            print(f"{name} skipped: the annotated data does not lie beside the project")
            continue
        found = run(name, EPOCHS[name])
        show(name, found)
        results = read_results("estimate")
        results[name] = {**about("torch", "transformers", "onnxruntime"), **found}
        results[name]["command"] = f"python benchmarks/bench_estimate.py --set {name}"
        write_results("estimate", results)


if __name__ == "__main__":
    main()
