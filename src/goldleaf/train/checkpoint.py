"""A run's state on disk: enough to go on, after any death, to the very weights the uninterrupted run would have had.

Tensors are safetensors, the rest JSON; nothing is pickled. A checkpoint is written beside the old one and renamed into place, so one whole
checkpoint exists at any time.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from goldleaf.core import InputError
from goldleaf.train.optimizer import Optimizer

_NAME = "checkpoint"


def save_checkpoint(folder: Path, model: nn.Module, optimizer: Optimizer, state: Mapping[str, Any]) -> None:
    """Write model, optimiser, torch's generator and `state` (JSON-ready) as the folder's one checkpoint."""
    temporary = folder / f"{_NAME}.writing"
    shutil.rmtree(temporary, ignore_errors=True)
    temporary.mkdir(parents=True)
    save_file(_tensors(model), temporary / "model.safetensors")
    save_file(optimizer.state(), temporary / "optimizer.safetensors")
    save_file({"torch": torch.get_rng_state()}, temporary / "generators.safetensors")
    (temporary / "state.json").write_text(json.dumps(state), encoding="utf-8")
    for path in temporary.iterdir():
        _sync(path)
    current, old = folder / _NAME, folder / f"{_NAME}.old"
    shutil.rmtree(old, ignore_errors=True)
    if current.exists():
        current.rename(old)
    temporary.rename(current)
    _sync(folder)
    shutil.rmtree(old, ignore_errors=True)


def load_checkpoint(folder: Path, model: nn.Module, optimizer: Optimizer) -> dict[str, Any] | None:
    """Put the folder's checkpoint into model, optimiser and torch's generator, and return its state; None where there is none."""
    # killed between the two renames: the old one is still whole
    place = next((p for p in (folder / _NAME, folder / f"{_NAME}.old") if (p / "state.json").is_file()), None)
    if place is None:
        return None
    try:
        load_weights(place / "model.safetensors", model)
        optimizer.load(load_file(place / "optimizer.safetensors"))
        torch.set_rng_state(load_file(place / "generators.safetensors")["torch"])
        return json.loads((place / "state.json").read_text(encoding="utf-8"))
    except (OSError, ValueError, RuntimeError, KeyError) as error:
        raise InputError(
            "the checkpoint cannot be read", where=str(place), found=str(error), todo="Train again without --resume"
        ) from None


def save_weights(path: Path, model: nn.Module) -> None:
    """The model's weights as one safetensors file, whole or not at all."""
    temporary = path.with_suffix(".writing")
    save_file(_tensors(model), temporary)
    _sync(temporary)
    temporary.replace(path)


def load_weights(path: Path, model: nn.Module) -> None:
    """Weights that `save_weights` wrote, into a model of the same shape."""
    model.load_state_dict(load_file(path), strict=False)


def _tensors(model: nn.Module) -> dict[str, Tensor]:
    """The state without tensors that share their storage with one already listed (tied weights)."""
    seen: set[int] = set()
    tensors: dict[str, Tensor] = {}
    for name, tensor in model.state_dict().items():
        if tensor.data_ptr() not in seen or tensor.numel() == 0:
            seen.add(tensor.data_ptr())
            tensors[name] = tensor.contiguous()
    return tensors


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
