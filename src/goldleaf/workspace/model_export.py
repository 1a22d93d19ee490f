"""The verb that writes a bundle's ONNX model again, or one with 8-bit weights beside it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from goldleaf.bundle import INT8, MODEL, add_model, folder_beside, read_bundle
from goldleaf.core import Example, GoldleafError, InputError, Record
from goldleaf.workspace.modelling import import_training

CALIBRATION_RECORDS = 256
"""Texts that a static model is calibrated on, spread over those that are given."""


@dataclass(frozen=True, slots=True)
class Exported:
    """What `export_model` wrote: the file, its bytes with its weights, and what the manifest says of it."""

    path: Path
    size: int
    about: dict[str, Any]


def export_model(bundle: Path | str) -> Exported:
    """Write `model.onnx` of a bundle again, from the weights that transformers loads, and check it against torch.

    Raises GoldleafError where the two differ or the architecture cannot be exported, InputError where the bundle is not whole or cannot
    be written, MissingExtraError without torch; the bundle is then as it was.
    """
    room = import_training()
    found = read_bundle(Path(bundle), leave_out=(MODEL, f"{MODEL}.data"))
    with folder_beside(found.folder) as folder:
        difference = room.export_bundle(found, folder / MODEL)
        size = _size(folder / MODEL)
        about = {"largest_difference": difference}
        add_model(found, folder / MODEL, {"onnx": about})
    return Exported(found.folder / MODEL, size, about)


def quantize_model(
    bundle: Path | str,
    examples: Sequence[Example],
    *,
    calibration: Sequence[Record] = (),
    tolerance: float = 0.3,
    on_step: Callable[[str], None] = lambda text: None,
) -> Exported:
    """Put a model with 8-bit weights, `model.int8.onnx`, beside `model.onnx`, if what it loses on `examples` is small.

    With `calibration` records (a few hundred are taken) what comes into each product is rounded by ranges measured on them (static), else
    by ranges found in each run (dynamic). The manifest's `int8` says `method`, `weight_bits`, `records`, and `fields`: per field the main
    score (0..1) `before` and `after`.

    Raises GoldleafError where a field loses more than `tolerance` points (hundredths); the bundle is then as it was.
    """
    from goldleaf.evaluate import compare
    from goldleaf.serve import Predictor, available_cores
    from goldleaf.serve.quantize import quantize_model as quantize

    if not examples:
        raise InputError("there is nothing to measure the loss on", found="no labelled records")
    records = [e.record for e in examples]
    cores = available_cores()
    read_bundle(Path(bundle), leave_out=(INT8, f"{INT8}.data"))  # which are made anew
    fp32 = Predictor(bundle, workers=cores, verify=False)
    with folder_beside(fp32.bundle.folder) as folder:
        on_step("quantising")
        feeds = fp32.feeds(_spread(calibration, CALIBRATION_RECORDS))
        about = quantize(fp32.bundle.folder / MODEL, folder / INT8, calibration=feeds)
        on_step(f"measuring on {len(examples):,} records")
        before = [r.prediction for r in fp32.stream(records)]
        int8 = Predictor(bundle, model=folder / INT8, workers=cores, verify=False)
        after = [r.prediction for r in int8.stream(records)]
        scores = compare(fp32.schema, examples, before, after, resamples=1000)
        fields = {
            name: {"score": f["score"], "before": f["first"], "after": f["second"]}
            for name, f in scores["fields"].items()
        }
        about |= {"records": scores["records"], "fields": fields}
        _check_loss(fields, tolerance, str(bundle))
        size = _size(folder / INT8)
        add_model(fp32.bundle, folder / INT8, {"int8": about})
    return Exported(fp32.bundle.folder / INT8, size, about)


def _check_loss(fields: dict[str, dict[str, Any]], tolerance: float, where: str) -> None:
    for name, found in fields.items():
        if (lost := 100 * (found["before"] - found["after"])) > tolerance:
            raise GoldleafError(
                f"8-bit weights lose too much of {name}, and nothing was written",
                where=where,
                found=f"{found['score']} {100 * found['before']:.2f} -> {100 * found['after']:.2f}, {lost:.2f} points less",
                expected=f"at most {tolerance:g} points less",
                todo="Try --calibrate train, allow more with --tolerance, or stay with model.onnx",
            )


def _spread(records: Sequence[Record], most: int) -> list[Record]:
    """At most so many, evenly spread."""
    step = max(1, -(-len(records) // most))
    return list(records[::step])


def _size(model: Path) -> int:
    return model.stat().st_size + model.with_name(f"{model.name}.data").stat().st_size
