"""AdamW over a model whose embeddings of many rows learn by rows."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn

from goldleaf.train.average import Average
from goldleaf.train.model import FieldModel
from goldleaf.train.recipe import Recipe
from goldleaf.train.rows import BETAS, EPSILON, use_rows


class Optimizer:
    """AdamW (Loshchilov and Hutter, 2019). Weights decay, but for biases, norms, other vectors and embeddings of many rows."""

    def __init__(self, model: FieldModel, recipe: Recipe, *, peak: float, by_rows: bool = True) -> None:
        self.clip = recipe.clip
        self.rows = use_rows(model) if by_rows else []
        self.lower = lower_half(model)
        groups = parameter_groups(model, recipe)
        self.shares = [group.pop("share") for group in groups]
        self.row_share = recipe.layer_decay ** layer_count(model)
        self.adamw = torch.optim.AdamW(groups, lr=peak, betas=BETAS, eps=EPSILON, fused=True)
        self.average = Average(model, recipe.average) if recipe.average else None
        self.steps = 0

    def step(self, rate: float) -> None:
        """Clip the gradients to the norm `clip`, step, and forget them."""
        gradients = [*self.parameters, *(rows for embedding in self.rows for _, rows in embedding.used)]
        torch.nn.utils.clip_grad_norm_(gradients, self.clip)
        for group, share in zip(self.adamw.param_groups, self.shares, strict=True):
            group["lr"] = rate * share
        self.adamw.step()
        self.adamw.zero_grad(set_to_none=True)
        for embedding in self.rows:
            if not embedding.still:
                embedding.step(rate * self.row_share)
        self.steps += 1
        if self.average is not None:
            self.average.add(self.steps)

    @property
    def parameters(self) -> list[nn.Parameter]:
        """What AdamW moves; embeddings by rows are apart."""
        return [p for group in self.adamw.param_groups for p in group["params"]]

    def hold(self, still: bool) -> None:
        """Let the embeddings and the lower half of the layers stand still, without a moment of AdamW moving, or learn again."""
        for parameter in self.lower:
            parameter.requires_grad_(not still)
        for embedding in self.rows:
            embedding.still = still

    def forget(self) -> None:
        """Drop the gradients of a step that is not taken."""
        self.adamw.zero_grad(set_to_none=True)
        for embedding in self.rows:
            embedding.used = []

    @contextmanager
    def readable(self) -> Iterator[None]:
        """The model as it would be used: every weight up to date, or its average where the recipe asks for it."""
        for embedding in self.rows:
            embedding.optimizer.settle()
        if self.average is None:
            yield
            return
        with self.average.applied():
            yield

    def state(self) -> dict[str, Tensor]:
        """The moments by name."""
        slots = self.adamw.state_dict()["state"]
        tensors = {f"{index}.{name}": value for index, values in slots.items() for name, value in values.items()}
        for number, embedding in enumerate(self.rows):
            tensors |= {f"rows-{number}.{name}": value for name, value in embedding.optimizer.state().items()}
        if self.average is not None:
            tensors |= {f"average.{name}": value for name, value in self.average.state().items()}
        tensors["progress.steps"] = torch.tensor(self.steps)
        return {name: tensor.contiguous() for name, tensor in tensors.items()}

    def load(self, tensors: Mapping[str, Tensor]) -> None:
        """Go on from what `state` gave."""
        slots: dict[str, dict[str, Tensor]] = {}
        for key, tensor in tensors.items():
            index, name = key.split(".", 1)
            slots.setdefault(index, {})[name] = tensor
        self.steps = int(slots.pop("progress")["steps"])
        for number, embedding in enumerate(self.rows):
            embedding.optimizer.load(slots.pop(f"rows-{number}"))
        if self.average is not None:
            self.average.load(slots.pop("average"))
        state = {int(index): values for index, values in slots.items()}
        self.adamw.load_state_dict({"state": state, "param_groups": self.adamw.state_dict()["param_groups"]})


def parameter_groups(model: FieldModel, recipe: Recipe) -> list[dict[str, Any]]:
    """AdamW's groups, each with its `share` of the rate: decay on matrices alone (never on biases, norms and other vectors), heads at
    their own rate, and each layer of the encoder at `layer_decay` of the rate of the one above it (Howard and Ruder, 2018)."""
    heads = {id(p) for p in model.head_parameters()}
    layers = layer_count(model)
    groups: dict[tuple[float, bool], list[nn.Parameter]] = {}
    for name, parameter in model.named_parameters():
        if parameter.requires_grad:
            below = 0 if id(parameter) in heads else layers - depth_of(name, layers)
            share = recipe.head_rate if id(parameter) in heads else recipe.layer_decay**below
            groups.setdefault((share, parameter.ndim > 1), []).append(parameter)
    return [
        {"params": params, "share": share, "weight_decay": recipe.weight_decay if matrix else 0.0}
        for (share, matrix), params in groups.items()
    ]


def lower_half(model: FieldModel) -> list[nn.Parameter]:
    """The weights of the encoder that learn up to the middle of its layers, embeddings by rows apart; none of an encoder without layers."""
    heads, layers = {id(p) for p in model.head_parameters()}, layer_count(model)
    named = [(name, p) for name, p in model.named_parameters() if p.requires_grad and id(p) not in heads]
    return [p for name, p in named if depth_of(name, layers) <= layers // 2] if layers else []


LAYER = re.compile(r"\.layers?\.(\d+)\.")


def layer_count(model: FieldModel) -> int:
    """How many layers the encoder has, by the names of its weights."""
    return max((int(found[1]) + 1 for name, _ in model.named_parameters() if (found := LAYER.search(name))), default=0)


def depth_of(name: str, layers: int) -> int:
    """Where a weight of the encoder stands: 0 for embeddings, n for the n-th layer, `layers` for what is beside them.

    >>> depth_of("backbone.bert.encoder.layer.0.output.dense.weight", 6), depth_of("backbone.embeddings.norm.weight", 6)
    (1, 0)
    """
    if found := LAYER.search(name):
        return int(found[1]) + 1
    return 0 if "embedding" in name else layers
