"""What the benchmarks of prediction and serving share: a bundle, texts, the machine, and a process that is measured."""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from common import SHARED, about, read_results, write_results
from goldleaf import workspace
from goldleaf.bundle import INT8, MODEL, read_bundle
from goldleaf.core import Example, Schema
from goldleaf.snapshot import Dataset
from goldleaf.train import Recipe

DATA = SHARED / "data"


def parser(doc: str | None) -> argparse.ArgumentParser:
    """With the options that all of them take."""
    made = argparse.ArgumentParser(description=doc, formatter_class=argparse.RawDescriptionHelpFormatter)
    made.add_argument("--quick", action="store_true")
    made.add_argument("--bundle", type=Path, help="a bundle of spans; default: one trained on the demo's slots")
    made.add_argument("--data", type=Path, default=DATA, help="the folder of the annotated data")
    return made


def bundle_for(given: Path | None, place: Path) -> Path:
    """A copy of the bundle with both models in it: its ONNX model exported again, and 8-bit weights whatever they lose."""
    target = place / "bundle"
    if given is not None:
        shutil.copytree(given, target)
        if not (target / f"{MODEL}.data").is_file():  # of an earlier version
            workspace.export_model(target)
    else:
        workspace.train(_demo_slots(place), target, recipe=Recipe(epochs=1))
    if not (target / INT8).is_file():
        schema = read_bundle(target, verify=False).schema
        workspace.quantize_model(target, labelled(schema, place), tolerance=100.0)
    return target


def _demo_slots(place: Path) -> Dataset:
    with workspace.init_workspace(place / "ws", template="intent-slots") as ws:
        workspace.import_file(ws, workspace.demo_file("en"))
        data = workspace.take_snapshot(ws)
    schema = Schema((data.schema["slots"],))

    def slots(examples: Sequence[Example]) -> list[Example]:
        return [Example(e.record, {"slots": e.values["slots"]}) for e in examples if "slots" in e.values]

    return replace(data, schema=schema, train=slots(data.train), dev=slots(data.dev), test=slots(data.test))


def labelled(schema: Schema, place: Path) -> list[Example]:
    """A few records to measure on, where a bundle is quantised for its speed alone."""
    path = place / "few.jsonl"
    path.write_text(json.dumps({"text": "an example", "gold": {schema.names[0]: []}}) + "\n", encoding="utf-8")
    return workspace.read_examples(path, schema)


def conll(data: Path, name: str) -> list[Example] | None:
    """The sentences of a file of CoNLL-2003 as texts, without their tokens; None where the data does not lie there."""
    path = data / "conll2003_en" / f"{name}.txt"
    if not path.is_file():
        return None
    schema = workspace.choose_schema("ner", None, labels=["PER", "ORG", "LOC", "MISC"])
    found = workspace.read_examples(path, schema, format="conll")
    return [Example(replace(e.record, tokens=None), e.values) for e in found]


@dataclass(frozen=True)
class Measured:
    """A process that ended: its wall-clock seconds and the largest resident memory in MB."""

    seconds: float
    peak_mb: float


def measure(command: Sequence[Any], **environment: str) -> Measured:
    """Run a command to its end. Raises CalledProcessError where it fails."""
    started = time.perf_counter()
    process = subprocess.Popen([str(c) for c in command], env={**os.environ, **environment})
    peak = 0.0
    while True:
        with suppress(subprocess.TimeoutExpired):
            process.wait(0.1)
        if process.returncode is not None:
            break
        peak = max(peak, _peak_mb(process.pid))  # not rusage: what a process begins with there is its parent's
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, [str(c) for c in command])
    return Measured(time.perf_counter() - started, peak)


def _peak_mb(pid: int) -> float:
    """The largest resident memory that a process has had; 0 where it has just ended."""
    with suppress(OSError):
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("VmHWM"):
                return int(line.split()[1]) / 1024
    return 0.0


def resident_mb() -> float:
    """The resident memory of this process."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20


PACKAGES = ("onnxruntime", "tokenizers", "torch", "transformers", "fastapi", "uvicorn")


def save(name: str, results: dict[str, Any], *, keep: Sequence[str] = ()) -> None:
    """Write `benchmarks/results/NAME.json`, with the command but for its paths; what is to `keep` stays from an earlier file on this
    machine where this run did not measure it."""
    before, now = read_results(name), about(*PACKAGES)
    same = before.get("machine") == now["machine"]
    kept = {key: before[key] for key in keep if key in before and key not in results and same}
    command = " ".join(["python", f"benchmarks/bench_{name}.py", *_shown(sys.argv[1:])])
    write_results(name, {**now, "command": command, **kept, **results})


def _shown(words: Sequence[str]) -> list[str]:
    """The arguments of a command with the folders left out."""
    return ["DIR" if "/" in word else word for word in words]
