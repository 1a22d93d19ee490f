"""What the parts of a training step bring: embeddings that learn by rows, and masks drawn by the byte, beside plain torch.

    python benchmarks/bench_step.py [--quick]

The same batches of the demo's messages train one `minilm` per variant; the variants take turns, so that the machine's noise falls on all.
Prints milliseconds a step (median over rounds) and the ratio to plain torch; writes `benchmarks/results/step.json`.
"""

from __future__ import annotations

import argparse
import json
import platform
import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import torch

from goldleaf import __version__, workspace
from goldleaf.train import Recipe, rows
from goldleaf.train.data import TrainBatch, batches_from, epoch_batches
from goldleaf.train.dropout import Masks, use_byte_dropout
from goldleaf.train.loop import uses_bf16
from goldleaf.train.model import losses
from goldleaf.train.optimizer import Optimizer
from goldleaf.train.plan import prepare
from goldleaf.train.run import fresh_model

RESULTS = Path(__file__).parent / "results" / "step.json"
VARIANTS = {
    "plain torch": (False, False),
    "rows": (True, False),
    "masks": (False, True),
    "rows and masks": (True, True),
}


def stepper(prepared: object, by_rows: bool, masks: bool) -> Callable[[TrainBatch], None]:
    """A function that trains a fresh model on one batch."""
    many, rows.MANY_ROWS = rows.MANY_ROWS, rows.MANY_ROWS if by_rows else 10**9
    model = fresh_model(prepared, 0).train()  # type: ignore[arg-type]
    drawn = Masks(0)
    if masks:
        use_byte_dropout(model, drawn)
    optimizer = Optimizer(model, Recipe(), peak=3e-4)
    rows.MANY_ROWS = many
    schema, bf16 = prepared.dataset.schema, uses_bf16(prepared.recipe)  # type: ignore[attr-defined]

    def step(batch: TrainBatch) -> None:
        with torch.autocast("cpu", torch.bfloat16, enabled=bf16):
            logits = model(*batch.inputs)
        losses(logits, batch.targets, schema.fields, [None] * len(schema.fields)).backward()
        optimizer.step(3e-4)

    return step


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true")
    rounds = 2 if parser.parse_args().quick else 7
    with (
        tempfile.TemporaryDirectory() as place,
        workspace.init_workspace(Path(place) / "ws", template="intent-slots") as ws,
    ):
        workspace.import_file(ws, workspace.demo_file("en"))
        prepared = prepare(workspace.take_snapshot(ws), Recipe(batch_tokens=1024))
    steps = epoch_batches(prepared.windows, prepared.layout, budget=1024, seed=0, epoch=0)
    batches = list(batches_from(prepared.windows, steps, prepared.dataset.schema, prepared.layout))
    times: dict[str, list[float]] = {name: [] for name in VARIANTS}
    functions = {name: stepper(prepared, *options) for name, options in VARIANTS.items()}
    for number in range(rounds + 1):
        for name, step in functions.items():
            started = time.perf_counter()
            for batch in batches:
                step(batch)
            if number:  # the first round makes the kernels
                times[name].append((time.perf_counter() - started) / len(batches) * 1000)
    medians = {name: statistics.median(values) for name, values in times.items()}
    for name, value in medians.items():
        print(f"{name:16} {value:7.1f} ms/step   {medians['plain torch'] / value:.2f} x plain torch")
    if rounds > 2:
        about = {"date": datetime.now(UTC).isoformat(timespec="seconds"), "machine": platform.machine()}
        versions = {"goldleaf": __version__, "torch": torch.__version__}
        RESULTS.parent.mkdir(exist_ok=True)
        text = json.dumps({**about, "versions": versions, "ms_per_step": times, "median": medians}, indent=1)
        RESULTS.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
