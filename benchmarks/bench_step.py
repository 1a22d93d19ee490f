"""What the parts of a training step bring: ours (embeddings that learn by rows, masks drawn by the byte, layers that run packed) and others
that were tried, beside plain torch.

    python benchmarks/bench_step.py [--quick] [--compile]

An epoch of the demo's messages trains one `minilm` per variant, at 1,024 pieces a step; the variants take turns, so that the noise falls on
all. Prints word-pieces of text a second (median over rounds), the ratio to plain torch, and what preparing the data takes; writes
`benchmarks/results/step.json`. `--compile` adds `torch.compile`, which needs a C++ compiler and some minutes.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import torch

from common import about, write_results
from goldleaf import workspace
from goldleaf.encode import batching
from goldleaf.train import Recipe
from goldleaf.train.data import TrainBatch, batches_from, epoch_batches
from goldleaf.train.dropout import Masks, use_byte_dropout
from goldleaf.train.model import losses
from goldleaf.train.optimizer import Optimizer
from goldleaf.train.packing import use_packing
from goldleaf.train.plan import Prepared, prepare
from goldleaf.train.precision import uses_bf16
from goldleaf.train.run import fresh_model


@dataclass(frozen=True, slots=True)
class Variant:
    """How steps are taken."""

    rows: bool = False
    masks: bool = False
    packed: bool = False
    rounded: bool = True
    fused: bool = True
    threads: int = 2
    frozen: int = 0
    compiled: bool = False


OURS = Variant(rows=True, masks=True, packed=True)
VARIANTS = {
    "plain torch": Variant(),
    "rows": Variant(rows=True),
    "masks": Variant(masks=True),
    "packed": Variant(packed=True),
    "rows, masks, packed": OURS,
    "plain, every length its own shape": Variant(rounded=False),
    "plain, AdamW not fused": Variant(fused=False),
    "ours, one thread": replace(OURS, threads=1),
    "ours, embeddings and lower half frozen": replace(OURS, frozen=3),
}
COMPILED = {"plain, compiled": Variant(compiled=True)}


def stepper(prepared: Prepared, variant: Variant) -> Callable[[TrainBatch], None]:
    """A function that trains a fresh model on one batch."""
    model = fresh_model(prepared, 0).train()
    drawn = Masks(0)
    if variant.masks:
        use_byte_dropout(model, drawn)
    if variant.packed:
        use_packing(model.backbone)
    if variant.frozen:
        frozen = [model.backbone.embeddings, *model.backbone.encoder.layer[: variant.frozen]]
        for module in frozen:
            module.requires_grad_(False)
    optimizer = Optimizer(model, Recipe(), peak=3e-4, by_rows=variant.rows)
    if not variant.fused:
        optimizer.adamw = torch.optim.AdamW(optimizer.adamw.param_groups, fused=False, foreach=False)
    forward = torch.compile(model, dynamic=True) if variant.compiled else model
    schema, bf16 = prepared.dataset.schema, uses_bf16(prepared.recipe)

    def step(batch: TrainBatch) -> None:
        torch.set_num_threads(variant.threads)
        with torch.autocast("cpu", torch.bfloat16, enabled=bf16):
            logits = forward(*batch.inputs)
        losses(logits, batch.targets, schema.fields, [None, None], [float(t.numel()) for t in batch.targets]).backward()
        optimizer.step(3e-4)

    return step


def epoch_of(prepared: Prepared, packed: bool, rounded: bool) -> list[TrainBatch]:
    kept, batching.ROUND = batching.ROUND, batching.ROUND if rounded else 1
    steps = epoch_batches(prepared.windows, prepared.layout, budget=1024, packed=packed, seed=0, epoch=0)
    batches = list(batches_from(prepared.windows, steps, prepared.dataset.schema, prepared.layout))
    batching.ROUND = kept
    return batches


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--compile", action="store_true")
    options = parser.parse_args()
    rounds = 2 if options.quick else 7
    variants = VARIANTS | (COMPILED if options.compile else {})
    with (
        tempfile.TemporaryDirectory() as place,
        workspace.init_workspace(Path(place) / "ws", template="intent-slots") as ws,
    ):
        workspace.import_file(ws, workspace.demo_file("en"))
        data = workspace.take_snapshot(ws)
    started = time.perf_counter()
    prepared = prepare(data, Recipe(batch_tokens=1024))
    preparing = time.perf_counter() - started
    batches = {(v.packed, v.rounded): epoch_of(prepared, v.packed, v.rounded) for v in variants.values()}
    pieces = sum(batch.pieces for batch in batches[False, True])
    speeds: dict[str, list[float]] = {name: [] for name in variants}
    functions = {name: stepper(prepared, variant) for name, variant in variants.items()}
    for number in range(rounds + 1):
        for name, step in functions.items():
            started = time.perf_counter()
            for batch in batches[variants[name].packed, variants[name].rounded]:
                step(batch)
            if number:  # the first round makes the kernels
                speeds[name].append(pieces / (time.perf_counter() - started))
    medians = {name: statistics.median(values) for name, values in speeds.items()}
    for name, value in medians.items():
        print(f"{name:40} {value:7.0f} pieces/s   {value / medians['plain torch']:.2f} x plain torch", flush=True)
    print(f"preparing {len(prepared.train.examples)} records: {preparing:.2f} s", flush=True)
    if rounds > 2:
        precision = "bf16" if uses_bf16(prepared.recipe) else "fp32"
        found = {"precision": precision, "preparing": preparing, "pieces_per_second": speeds, "median": medians}
        write_results("step", about("torch", "transformers") | found)


if __name__ == "__main__":
    main()
