"""What the parts of a training step bring: embeddings that learn by rows, masks drawn by the byte, and layers that run packed, beside
plain torch.

    python benchmarks/bench_step.py [--quick]

An epoch of the demo's messages trains one `minilm` per variant, at 1,024 pieces a step; the variants take turns, so that the noise
falls on all. Prints word-pieces of text a second (median over rounds) and the ratio to plain torch; writes `benchmarks/results/step.json`.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import torch

from common import about, write_results
from goldleaf import workspace
from goldleaf.train import Recipe, rows
from goldleaf.train.data import TrainBatch, batches_from, epoch_batches
from goldleaf.train.dropout import Masks, use_byte_dropout
from goldleaf.train.model import losses
from goldleaf.train.optimizer import Optimizer
from goldleaf.train.packing import use_packing
from goldleaf.train.plan import Prepared, prepare
from goldleaf.train.precision import uses_bf16
from goldleaf.train.run import fresh_model

VARIANTS = {
    "plain torch": (False, False, False),
    "rows": (True, False, False),
    "masks": (False, True, False),
    "packed": (False, False, True),
    "all": (True, True, True),
}


def stepper(prepared: Prepared, by_rows: bool, masks: bool, packed: bool) -> Callable[[TrainBatch], None]:
    """A function that trains a fresh model on one batch."""
    many, rows.MANY_ROWS = rows.MANY_ROWS, rows.MANY_ROWS if by_rows else 10**9
    model = fresh_model(prepared, 0).train()
    drawn = Masks(0)
    if masks:
        use_byte_dropout(model, drawn)
    if packed:
        use_packing(model.backbone)
    optimizer = Optimizer(model, Recipe(), peak=3e-4)
    rows.MANY_ROWS = many
    schema, bf16 = prepared.dataset.schema, uses_bf16(prepared.recipe)

    def step(batch: TrainBatch) -> None:
        with torch.autocast("cpu", torch.bfloat16, enabled=bf16):
            logits = model(*batch.inputs)
        losses(logits, batch.targets, schema.fields, [None, None], [float(t.numel()) for t in batch.targets]).backward()
        optimizer.step(3e-4)

    return step


def epoch_of(prepared: Prepared, packed: bool) -> list[TrainBatch]:
    steps = epoch_batches(prepared.windows, prepared.layout, budget=1024, packed=packed, seed=0, epoch=0)
    return list(batches_from(prepared.windows, steps, prepared.dataset.schema, prepared.layout))


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
    batches = {packed: epoch_of(prepared, packed) for packed in (False, True)}
    pieces = sum(batch.pieces for batch in batches[False])
    speeds: dict[str, list[float]] = {name: [] for name in VARIANTS}
    functions = {name: stepper(prepared, *options) for name, options in VARIANTS.items()}
    for number in range(rounds + 1):
        for name, step in functions.items():
            started = time.perf_counter()
            for batch in batches[VARIANTS[name][2]]:
                step(batch)
            if number:  # the first round makes the kernels
                speeds[name].append(pieces / (time.perf_counter() - started))
    medians = {name: statistics.median(values) for name, values in speeds.items()}
    for name, value in medians.items():
        print(f"{name:12} {value:7.0f} pieces/s   {value / medians['plain torch']:.2f} x plain torch")
    if rounds > 2:
        precision = "bf16" if uses_bf16(prepared.recipe) else "fp32"
        found = {"precision": precision, "pieces_per_second": speeds, "median": medians}
        write_results("step", about("torch", "transformers") | found)


if __name__ == "__main__":
    main()
