"""The moving average of a model's weights, which is often better than where the last step left them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import Tensor, nn

EVERY = 8
"""Steps between two additions: reading every weight at each step costs more than it brings."""


class Average:
    """An exponential moving average (Polyak and Juditsky, 1992): `average <- d average + (1 - d) weights`, `d` = `decay` a step.

    It begins as a plain mean, so that the first weights do not linger: after n additions, `d` is at most n / (n + 1).
    """

    def __init__(self, model: nn.Module, decay: float) -> None:
        self.decay = decay**EVERY
        self.weights = [p for p in model.parameters() if p.is_floating_point()]
        self.means = [torch.zeros_like(p, requires_grad=False) for p in self.weights]
        self.added = torch.zeros((), dtype=torch.long)

    @torch.no_grad()
    def add(self, step: int) -> None:
        """Take in the weights after step `step`, where it is one in `EVERY`."""
        if step % EVERY:
            return
        share = max(1 - self.decay, 1 / (int(self.added) + 1))
        for mean, weight in zip(self.means, self.weights, strict=True):
            mean.lerp_(weight, share)
        self.added += 1

    @contextmanager
    def applied(self) -> Iterator[None]:
        """The model with the average as its weights."""
        if not int(self.added):
            yield
            return
        self._swap()
        try:
            yield
        finally:
            self._swap()

    def _swap(self) -> None:
        for weight, mean in zip(self.weights, self.means, strict=True):
            weight.data, mean.data = mean.data, weight.data

    def state(self) -> dict[str, Tensor]:
        return {"added": self.added, **{str(number): mean for number, mean in enumerate(self.means)}}

    def load(self, state: dict[str, Tensor]) -> None:
        """Go on from what `state` gave."""
        self.added = state["added"]
        for number, mean in enumerate(self.means):
            mean.copy_(state[str(number)])
