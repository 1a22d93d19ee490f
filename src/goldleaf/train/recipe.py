"""The recipe: everything that decides a training run, as data."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any, Literal, get_args

from goldleaf.core import InputError, brief

ScheduleName = Literal["linear", "cosine", "constant", "plateau"]
SCHEDULES: tuple[ScheduleName, ...] = get_args(ScheduleName)
METHODS = ("full",)


@dataclass(frozen=True, slots=True)
class Recipe:
    """What decides a run. `None` means: chosen from the data and the model when the run is planned, and then written into the bundle.

    base_model
        `minilm`, a folder, or a Hugging Face name.
    epochs, patience
        At most this many passes over the training split; stop when the validation score has not risen for `patience` of them (0: never).
    learning_rate, schedule, warmup
        Peak rate; how it goes on; the share of all steps in which it rises to the peak. `plateau` multiplies the rate by
        `plateau_factor` when the validation score has not risen for `plateau_patience` evaluations.
    head_rate
        The heads, which begin untrained, learn at this multiple of the rate.
    layer_decay
        Each layer of the encoder learns at this multiple of the rate of the one above it, the embeddings last (1: all alike).
    average
        Keep a moving average of the weights with this decay a step, and use it in place of the last ones (0: none).
    frozen_epochs
        In this many epochs at the beginning the embeddings and the lower half of the encoder's layers stand still.
    batch_tokens
        Word-pieces in a step; padding counts where the encoder's layers cannot do without it.
    memory_tokens
        Word-pieces that are in memory at once; a step of more is taken in parts whose gradients add up to the same (`None`: a whole step,
        halved when memory runs out).
    weight_decay, clip, dropout, label_smoothing
        AdamW's decay (L2; never on biases and norms), the largest gradient norm, dropout in encoder and heads (`None`: the model's own).
    class_weights
        `balanced` weighs a label by the inverse of its frequency (at most 10 times the mean).
    soft_labels
        A choice learns the probabilities that an aggregation gave its labels (or the shares of the answers), not the one that won.
    confidence_weights
        The loss of a label weighs as much as its gold's confidence.
    cased
        Let an uncased WordPiece encoder see capitals (`None`: where spans or tags are asked and the data has capitals).
    decoding
        How the classes of spans are read: `argmax`, each the likeliest, as plain `transformers` does; or `viterbi`, the likeliest that mark
        spans together (`None`: viterbi where several fields are learned together).
    max_length, overlap
        Pieces in a window, and pieces that neighbouring windows of a long text share.
    precision
        `auto`: bf16 where this machine multiplies it faster than fp32 (measured), else fp32.
    seeds
        One run a seed; the bundle holds the run with the best validation score and the spread of all.
    """

    base_model: str = "minilm"
    method: str = "full"
    epochs: int | None = None
    patience: int = 4
    learning_rate: float | None = None
    head_rate: float = 1.0
    layer_decay: float = 1.0
    average: float = 0.0
    frozen_epochs: int = 0
    schedule: ScheduleName = "linear"
    warmup: float = 0.1
    plateau_factor: float = 0.5
    plateau_patience: int = 1
    batch_tokens: int | None = None
    memory_tokens: int | None = None
    weight_decay: float = 0.01
    clip: float = 1.0
    dropout: float | None = None
    label_smoothing: float = 0.0
    class_weights: Literal["none", "balanced"] = "none"
    soft_labels: bool = False
    confidence_weights: bool = False
    cased: bool | None = None
    decoding: Literal["argmax", "viterbi"] | None = None
    max_length: int | None = None
    overlap: int | None = None
    precision: Literal["auto", "bf16", "fp32"] = "auto"
    evaluate_every: float = 1.0
    checkpoint_seconds: float = 60.0
    seeds: tuple[int, ...] = (0,)


_POSITIVE = (
    "epochs",
    "learning_rate",
    "batch_tokens",
    "clip",
    "max_length",
    "evaluate_every",
    "head_rate",
    "layer_decay",
)
_SHARES = ("warmup", "dropout", "label_smoothing", "plateau_factor", "average")
_CHOICES: dict[str, tuple[str, ...]] = {
    "schedule": SCHEDULES,
    "method": METHODS,
    "class_weights": ("none", "balanced"),
    "precision": ("auto", "bf16", "fp32"),
    "decoding": ("argmax", "viterbi"),
}
_TYPES: dict[str, tuple[type, ...]] = {
    "base_model": (str,),
    "cased": (bool,),
    "soft_labels": (bool,),
    "confidence_weights": (bool,),
    "epochs": (int,),
    "patience": (int,),
    "plateau_patience": (int,),
    "frozen_epochs": (int,),
    "batch_tokens": (int,),
    "memory_tokens": (int,),
    "max_length": (int,),
    "overlap": (int,),
}


def recipe_to_dict(recipe: Recipe) -> dict[str, Any]:
    """The recipe as JSON-ready data."""
    return {key: list(value) if isinstance(value, tuple) else value for key, value in asdict(recipe).items()}


def recipe_from_dict(data: Mapping[str, Any], *, where: str = "recipe") -> Recipe:
    """The recipe with every option checked. Raises InputError that names the option, what was found and what is expected."""
    known = [f.name for f in fields(Recipe)]
    if extra := sorted(set(data) - set(known)):
        raise InputError("unknown option", where=where, found=", ".join(extra), expected=", ".join(known))
    for name, value in data.items():
        if value is not None:
            _check_option(name, value, where)
    seeds = data.get("seeds", (0,))
    return Recipe(**{**data, "seeds": tuple(seeds)})


def _check_option(name: str, value: Any, where: str) -> None:
    place = f"{where}, {name}"
    if name == "seeds":
        if (
            not isinstance(value, (list, tuple))
            or not value
            or not all(type(seed) is int and seed >= 0 for seed in value)
        ):
            raise InputError(
                "not a list of seeds", where=place, found=brief(value), expected="numbers from 0, at least one"
            )
        if len(set(value)) != len(value):
            raise InputError("a seed is listed twice", where=place, found=brief(value))
    elif name in _CHOICES:
        if value not in _CHOICES[name]:
            raise InputError("unknown choice", where=place, found=brief(value), expected=" or ".join(_CHOICES[name]))
    else:
        types = _TYPES.get(name, (int, float))
        if not isinstance(value, types) or (isinstance(value, bool) and bool not in types):
            raise InputError(
                "wrong type", where=place, found=brief(value), expected=" or ".join(t.__name__ for t in types)
            )
        if isinstance(value, (int, float)) and (
            value < 0 or (name in _POSITIVE and value == 0) or (name in _SHARES and value >= 1)
        ):
            expected = (
                "a share from 0 to below 1" if name in _SHARES else "more than 0" if name in _POSITIVE else "0 or more"
            )
            raise InputError("out of range", where=place, found=brief(value), expected=expected)


def load_recipe(path: Path) -> Recipe:
    """Read a recipe from TOML or JSON."""
    try:
        text = path.read_text(encoding="utf-8")
        data = json.loads(text) if path.suffix == ".json" else tomllib.loads(text)
    except OSError as error:
        raise InputError("the recipe cannot be read", where=str(path), found=str(error.strerror)) from None
    except ValueError as error:
        raise InputError("the recipe is neither TOML nor JSON", where=str(path), found=str(error)) from None
    if not isinstance(data, Mapping):
        raise InputError("a recipe is a table of options", where=str(path), found=brief(data))
    return recipe_from_dict(data, where=str(path))
