"""The model's part of a bundle: weights, tokenizer, ONNX, and what the manifest says of them."""

from __future__ import annotations

import platform
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import torch
import transformers
from safetensors.torch import save_file

from goldleaf import __version__
from goldleaf.core import Example, Schema, schema_to_dict
from goldleaf.encode import layout_to_dict
from goldleaf.train.base import quiet_transformers
from goldleaf.train.cased import merge_case
from goldleaf.train.export import check_onnx, export_onnx
from goldleaf.train.model import FieldModel, MultiFieldModel
from goldleaf.train.plan import Prepared
from goldleaf.train.recipe import recipe_to_dict


def write_model(folder: Path, model: FieldModel, prepared: Prepared) -> float:
    """Write the Hugging Face folder, our heads and the ONNX model; return the largest difference of a logit between ONNX and torch.

    The difference is taken over up to 500 validation records. Raises GoldleafError where it is too large.
    """
    merge_case(model.backbone)
    with quiet_transformers():
        model.backbone.save_pretrained(folder)
        prepared.tokenizer.save_pretrained(folder)
    if isinstance(model, MultiFieldModel):
        save_file(
            {name: tensor.contiguous() for name, tensor in model.heads.state_dict().items()},
            folder / "heads.safetensors",
        )
    schema, path = prepared.dataset.schema, folder / "model.onnx"
    export_onnx(model, schema, prepared.layout, path)
    return check_onnx(model, path, schema, prepared.layout, prepared.dev.pieces[:500])


def describe_model(prepared: Prepared, difference: float) -> dict[str, Any]:
    """What the manifest says of a model and of the data it learned from."""
    dataset = prepared.dataset
    return {
        "goldleaf": __version__,
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "schema": schema_to_dict(dataset.schema),
        "recipe": recipe_to_dict(prepared.recipe),
        "snapshot": dataset.hash,
        **({"gold": dataset.manifest["gold"]} if dataset.manifest.get("gold") else {}),
        "layout": layout_to_dict(prepared.layout),
        "records": {"train": len(dataset.train), "dev": len(dataset.dev), "test": len(dataset.test)},
        "reference": reference_statistics(prepared),
        "onnx": {"largest_difference": difference},
        "versions": {
            "python": platform.python_version(),
            "torch": torch.__version__,
            "transformers": transformers.__version__,
            "onnxruntime": onnxruntime.__version__,
        },
    }


def reference_statistics(prepared: Prepared) -> dict[str, Any]:
    """Of the training split: word-pieces a text (quantiles), the unknown share, and how often each label occurs."""
    lengths = [len(p) for p in prepared.train.pieces]
    quantiles = {str(q): float(np.quantile(lengths, q)) for q in (0.05, 0.25, 0.5, 0.75, 0.95, 1.0)}
    labels = label_counts(prepared.train.examples, prepared.dataset.schema)
    return {"pieces": quantiles, "unknown_share": prepared.unknown, "labels": labels}


def label_counts(examples: list[Example], schema: Schema) -> dict[str, dict[str, int]]:
    """Per field, how many values (choice, tags) or spans have each label."""
    counts: dict[str, dict[str, int]] = {}
    for field in schema.fields:
        counter: Counter[str] = Counter()
        for example in examples:
            value = example.values.get(field.name, ())
            counter.update(
                [value] if isinstance(value, str) else [v.label if field.kind == "spans" else v for v in value]
            )
        counts[field.name] = {label: counter[label] for label in field.labels}
    return counts
