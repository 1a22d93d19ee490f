"""What a cluster of one machine brings: the engine `local` beside Ray with one and with two workers, on the same records.

    python benchmarks/bench_bulk.py [--quick] [--bundle DIR]

Without a bundle, `minilm` is trained for one epoch on 200 messages of the demo (how good it is does not matter). The demo's messages,
over and over, are predicted by each engine; that the parts are byte for byte what `local` writes is checked. `start` is the time until
the cluster is up, which is the same for ten records and for ten million; `ratio` is the time of `local` by that of the engine, with the
start and without. Writes `benchmarks/results/bulk.json`.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from common import about, write_results
from goldleaf import workspace
from goldleaf.train import Recipe


def small_bundle(place: Path) -> Path:
    """One epoch of `minilm` on some of the demo's messages."""
    some = place / "some.jsonl"
    some.write_text("".join(workspace.demo_file("en").read_text("utf-8").splitlines(keepends=True)[:200]), "utf-8")
    with workspace.init_workspace(place / "ws", template="intent-slots") as ws:
        workspace.import_file(ws, some)
        return workspace.train_project(ws, out=place / "bundle", recipe=Recipe(epochs=1)).folder


def messages(count: int) -> Iterator[str]:
    """Lines of JSONL: the demo's texts, again and again."""
    texts = [json.loads(line)["text"] for line in workspace.demo_file("en").read_text(encoding="utf-8").splitlines()]
    for number in range(count):
        yield json.dumps({"id": str(number), "text": texts[number % len(texts)]}) + "\n"


def run_local(bundle: Path, source: Path, out: Path) -> dict[str, float]:
    begin = time.perf_counter()
    workspace.predict_file(bundle, source, out)
    return {"start": 0.0, "seconds": time.perf_counter() - begin}


def run_ray(bundle: Path, source: Path, out: Path, workers: int) -> dict[str, float]:
    begin = time.perf_counter()
    notes: dict[str, float] = {}

    def note(text: str) -> None:
        notes[text.partition(":")[0]] = time.perf_counter() - begin

    workspace.predict_bulk(bundle, str(source), str(out), workers=workers, shard_records=1024, on_note=note)
    return {"start": notes["workers"], "seconds": time.perf_counter() - begin}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--bundle", type=Path)
    given = parser.parse_args()
    results: list[dict[str, Any]] = []
    print(f"{'records':>7}  {'engine':14} {'start':>7} {'all':>8} {'records/s':>10} {'ratio':>6} {'without start':>14}")
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        bundle = given.bundle or small_bundle(place)
        for records in [2048] if given.quick else [2048, 4096]:  # two parts at least, one for each worker
            results += list(measure(bundle, place, records))
    if not given.quick:
        write_results("bulk", about("ray", "onnxruntime") | {"runs": results})


def measure(bundle: Path, place: Path, records: int) -> Iterator[dict[str, Any]]:
    """A run of each engine on so many records, printed as it comes."""
    source, local = place / f"{records}.jsonl", place / f"{records}.out"
    source.write_text("".join(messages(records)), encoding="utf-8")
    alone = run_local(bundle, source, local)
    yield told(records, "local", alone, alone)
    for workers in (1, 2):
        out = place / f"{records}-{workers}"
        found = run_ray(bundle, source, out, workers)
        assert b"".join(p.read_bytes() for p in sorted(out.glob("part-*"))) == local.read_bytes()
        yield told(records, f"ray, {workers} worker{'s'[: workers - 1]}", found, alone)


def told(records: int, engine: str, found: dict[str, float], alone: dict[str, float]) -> dict[str, Any]:
    """A run beside the one of `local`, printed."""
    seconds, start = found["seconds"], found["start"]
    ratio, without = alone["seconds"] / seconds, alone["seconds"] / (seconds - start)
    speed = records / seconds
    print(
        f"{records:7,}  {engine:14} {start:6.1f}s {seconds:7.1f}s {speed:10.0f} {ratio:6.2f} {without:14.2f}",
        flush=True,
    )
    return {"records": records, "engine": engine, **found, "ratio": ratio, "ratio_without_start": without}


if __name__ == "__main__":
    main()
