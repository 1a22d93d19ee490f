"""The whole model as ONNX, checked against torch.

Two files: `model.onnx`, the graph, and beside it `model.onnx.data`, the weights, which the predictor maps into memory and reads as far as
it needs them (of the embedding of the pieces, the rows that occur).
"""

from __future__ import annotations

import contextlib
import io
import logging
import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
import torch
from safetensors import SafetensorError
from safetensors.torch import load_file

from goldleaf.bundle import Bundle
from goldleaf.core import GoldleafError, InputError, Schema
from goldleaf.encode import Batch, Layout, Pieces, layout_from_dict, run_model
from goldleaf.train.base import load_config
from goldleaf.train.fuse import fuse_attention
from goldleaf.train.loop import forward_function
from goldleaf.train.model import FieldModel, MultiFieldModel, build_model

OPSET = 20
TOLERANCE = 1e-3
"""How far a logit of the ONNX model may lie from torch's."""


def export_onnx(model: FieldModel, schema: Schema, layout: Layout, path: Path) -> None:
    """Write the model in fp32 with dynamic batch and length; the outputs are the fields' logits, in order, and `pooled_embedding`.

    Attention is one node where it can be (`goldleaf.train.fuse`) and where that gives what torch gives. Raises GoldleafError where
    torch cannot export the architecture.
    """
    exported = _to_onnx(model, schema, layout)
    fused = onnx.ModelProto()
    fused.CopyFrom(exported)
    if fuse_attention(fused, getattr(model.backbone.config, "num_attention_heads", 0)):
        _save(fused, path)
        with contextlib.suppress(Exception):  # onnxruntime refuses in kinds of its own what it cannot run
            if largest_difference(model, path, schema, layout, random_pieces(model, layout)) <= TOLERANCE:
                return
    _save(exported, path)


def export_bundle(bundle: Bundle, path: Path) -> float:
    """Write the ONNX model of a bundle again, from the weights that transformers loads; return the largest difference of a logit between
    the two, over random pieces.

    Raises GoldleafError where the difference is above `TOLERANCE`, or the architecture cannot be exported.
    """
    model, layout = load_bundle_model(bundle), layout_from_dict(bundle.manifest["layout"])
    export_onnx(model, bundle.schema, layout, path)
    return check_onnx(model, path, bundle.schema, layout, random_pieces(model, layout))


def check_onnx(model: FieldModel, path: Path, schema: Schema, layout: Layout, pieces: Sequence[Pieces]) -> float:
    """The largest difference; raises GoldleafError where it is above `TOLERANCE`."""
    difference = largest_difference(model, path, schema, layout, pieces)
    if not difference <= TOLERANCE:
        found = f"logits that differ by {difference:.2g}"
        raise GoldleafError(
            "the ONNX model does not give what torch gives", found=found, expected=f"at most {TOLERANCE:g}"
        )
    return difference


def load_bundle_model(bundle: Bundle) -> FieldModel:
    """The model of a bundle in torch, from its safetensors."""
    folder = str(bundle.folder)
    model = build_model(folder, load_config(folder), bundle.schema)
    if isinstance(model, MultiFieldModel):
        heads = bundle.folder / "heads.safetensors"
        try:
            model.heads.load_state_dict(load_file(heads))
        except (OSError, RuntimeError, SafetensorError) as error:
            raise InputError("the bundle's heads cannot be loaded", where=str(heads), found=str(error)[:200]) from None
    return model.eval()


def random_pieces(model: FieldModel, layout: Layout) -> list[Pieces]:
    """Texts of random pieces: short ones, long ones, and one that takes several windows."""
    rng = np.random.default_rng(0)
    longest = min(layout.room, 200)
    sizes = [1, 2, 3, 5, 8, 13, longest // 2, longest, longest + 7]
    return [_pieces_of(rng.integers(0, model.backbone.config.vocab_size, size, dtype=np.int32)) for size in sizes]


def _pieces_of(ids: Any) -> Pieces:
    places, marks = np.arange(len(ids), dtype=np.int32), np.zeros(len(ids), dtype=np.bool_)
    return Pieces(ids, places, places + np.int32(1), marks, marks)


def _save(model: onnx.ModelProto, path: Path) -> None:
    weights = path.with_name(f"{path.name}.data")
    weights.unlink(missing_ok=True)  # it would be added to
    onnx.save_model(model, path, save_as_external_data=True, location=weights.name)
    weights.chmod(path.stat().st_mode)  # it is made for its owner alone


def _to_onnx(model: FieldModel, schema: Schema, layout: Layout) -> onnx.ModelProto:
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
            program = torch.onnx.export(
                model,
                sample,
                input_names=names,
                output_names=[*output_names(schema), "pooled_embedding"],
                dynamic_shapes=tuple(axes for _ in sample),
                opset_version=OPSET,
                dynamo=True,
            )
            return program.model_proto  # type: ignore[union-attr]
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
