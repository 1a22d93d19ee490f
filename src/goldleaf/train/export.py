"""The whole model as ONNX, checked against torch."""

from __future__ import annotations

import contextlib
import io
import logging
import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import torch

from goldleaf.core import GoldleafError, Schema
from goldleaf.encode import Batch, Layout, Pieces, run_model
from goldleaf.train.loop import forward_function
from goldleaf.train.model import FieldModel

OPSET = 20


def export_onnx(model: FieldModel, schema: Schema, layout: Layout, path: Path) -> None:
    """Write the model in fp32 with dynamic batch and length; the outputs are the fields' logits, in order, and `pooled_embedding`.

    Raises GoldleafError where torch cannot export the architecture.
    """
    model.eval()
    names = ["input_ids", "attention_mask", *(["token_type_ids"] if layout.uses_types else [])]
    ids, mask = torch.ones((2, 16), dtype=torch.int64), torch.ones((2, 16), dtype=torch.int64)
    mask[1, 9:] = 0  # a mask of ones alone would be taken for no mask at all
    sample = (ids, mask, torch.zeros_like(ids)) if layout.uses_types else (ids, mask)
    axes = {
        0: torch.export.Dim("windows", min=1, max=65536),
        1: torch.export.Dim("length", min=2, max=max(layout.max_length, 16)),
    }
    try:
        with _quietly(), torch.no_grad():
            torch.onnx.export(
                model,
                sample,
                str(path),
                input_names=names,
                output_names=[*output_names(schema), "pooled_embedding"],
                dynamic_shapes=tuple(axes for _ in sample),
                opset_version=OPSET,
                dynamo=True,
                external_data=False,
            )
    except OSError:  # a full disk is no fault of the architecture
        raise
    except Exception as error:  # torch.export raises many kinds
        kind = type(model.backbone).__name__
        raise GoldleafError(
            "this architecture cannot be exported to ONNX", found=f"{kind}: {str(error).strip()[:300]}"
        ) from error


def output_names(schema: Schema) -> list[str]:
    """The names of the logits in the ONNX graph."""
    return [f"field_{number}_logits" for number in range(len(schema.fields))]


def largest_difference(
    model: FieldModel, path: Path, schema: Schema, layout: Layout, pieces: Sequence[Pieces], *, budget: int = 2048
) -> float:
    """The largest absolute difference of any logit between torch and onnxruntime over these texts."""
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    names = [i.name for i in session.get_inputs()]

    def forward(batch: Batch) -> list[Any]:
        arrays = [batch.input_ids, batch.attention_mask, batch.token_type_ids]
        return list(session.run(None, dict(zip(names, arrays, strict=False))))

    model.eval()
    ours = run_model(pieces, schema, layout, forward, budget=budget)
    theirs = run_model(pieces, schema, layout, forward_function(model), budget=budget)
    pairs = [(a.logits[name], b.logits[name]) for a, b in zip(ours, theirs, strict=True) for name in schema.names]
    return max((float(np.abs(a - b).max()) for a, b in pairs if a.size), default=0.0)


@contextlib.contextmanager
def _quietly() -> Iterator[None]:
    """Without what the exporter prints about itself."""
    loggers = [logging.getLogger(name) for name in ("torch", "torch.onnx", "onnxscript", "onnx_ir")]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.CRITICAL)
    try:
        with (
            warnings.catch_warnings(),
            contextlib.redirect_stdout(io.StringIO()),
            contextlib.redirect_stderr(io.StringIO()),
        ):
            warnings.simplefilter("ignore")
            yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)
