"""AdamW over a model whose embeddings of many rows learn by rows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn

from goldleaf.train.model import FieldModel
from goldleaf.train.rows import BETAS, EPSILON, use_rows


class Optimizer:
    """AdamW (Loshchilov and Hutter, 2019). Weights decay, but for biases, norms, other vectors and embeddings of many rows."""

    def __init__(
        self, model: FieldModel, *, learning_rate: float, head_rate: float, weight_decay: float, clip: float
    ) -> None:
        self.peak, self.clip = learning_rate, clip
        self.rows = use_rows(model)
        groups = parameter_groups(model, learning_rate=learning_rate, head_rate=head_rate, weight_decay=weight_decay)
        self.adamw = torch.optim.AdamW(groups, betas=BETAS, eps=EPSILON, fused=True)
        self.shares = [group["lr"] / learning_rate for group in groups]

    def step(self, rate: float) -> None:
        """Clip the gradients to the norm `clip`, step, and forget them."""
        gradients = [p for group in self.adamw.param_groups for p in group["params"]]
        gradients += [rows for embedding in self.rows for _, rows in embedding.used]
        torch.nn.utils.clip_grad_norm_(gradients, self.clip)
        for group, share in zip(self.adamw.param_groups, self.shares, strict=True):
            group["lr"] = rate * share
        self.adamw.step()
        self.adamw.zero_grad(set_to_none=True)
        for embedding in self.rows:
            embedding.step(rate)

    def settle(self) -> None:
        """Bring every weight up to date, so that the model can be read."""
        for embedding in self.rows:
            embedding.optimizer.settle()

    def state(self) -> dict[str, Tensor]:
        """The moments by name."""
        slots = self.adamw.state_dict()["state"]
        tensors = {f"{index}.{name}": value for index, values in slots.items() for name, value in values.items()}
        for number, embedding in enumerate(self.rows):
            tensors |= {f"rows-{number}.{name}": value for name, value in embedding.optimizer.state().items()}
        return {name: tensor.contiguous() for name, tensor in tensors.items()}

    def load(self, tensors: Mapping[str, Tensor]) -> None:
        """Go on from what `state` gave."""
        slots: dict[str, dict[str, Tensor]] = {}
        for key, tensor in tensors.items():
            index, name = key.split(".", 1)
            slots.setdefault(index, {})[name] = tensor
        for number, embedding in enumerate(self.rows):
            embedding.optimizer.load(slots.pop(f"rows-{number}"))
        state = {int(index): values for index, values in slots.items()}
        self.adamw.load_state_dict({"state": state, "param_groups": self.adamw.state_dict()["param_groups"]})


def parameter_groups(
    model: FieldModel, *, learning_rate: float, head_rate: float, weight_decay: float
) -> list[dict[str, Any]]:
    """AdamW's groups: decay on matrices alone (never on biases, norms and other vectors), heads at their own rate."""
    heads = {id(p) for p in model.head_parameters()}
    groups: dict[tuple[bool, bool], list[nn.Parameter]] = {}
    for parameter in model.parameters():
        if parameter.requires_grad:
            groups.setdefault((id(parameter) in heads, parameter.ndim > 1), []).append(parameter)
    return [
        {
            "params": params,
            "lr": learning_rate * (head_rate if head else 1.0),
            "weight_decay": weight_decay if matrix else 0.0,
        }
        for (head, matrix), params in groups.items()
    ]
