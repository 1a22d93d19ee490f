"""Embeddings of many rows, of which one batch has few.

The gradient of a vocabulary's embedding is zero but for the thousand rows a batch has; filling, clipping and decaying all thirty thousand
of them takes a fifth of a small encoder's step. Here only the batch's rows have a gradient, and AdamW's moments of the others stand still.
What the moments would have done meanwhile is made up for when a row comes again, in closed form: with `k` steps missed, the first moment
shrinks by b1^k, the second by b2^k, and the weight moves by the geometric series of the ratios (Kingma and Ba, 2015, algorithm 1, with no
gradient). So the row learns as under a dense AdamW whose rate changes slowly, not as under a lazy one.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

MANY_ROWS = 2000
"""Embeddings of fewer rows are left to torch."""

BETAS, EPSILON = (0.9, 0.999), 1e-8


class RowEmbedding(nn.Module):
    """An embedding that hands out the rows of a batch as leaves of the graph. `used` holds (row numbers, rows) since the last step; it
    learns nothing while it is `still`."""

    def __init__(self, embedding: nn.Embedding) -> None:
        super().__init__()
        self.weight = embedding.weight
        self.embedding_dim, self.padding_idx = embedding.embedding_dim, embedding.padding_idx
        self.weight.requires_grad_(False)
        self.used: list[tuple[Tensor, Tensor]] = []
        self.still = False
        self.optimizer = RowAdam(self.weight)

    def forward(self, ids: Tensor) -> Tensor:
        if self.still or not (self.training and torch.is_grad_enabled()):
            return nn.functional.embedding(ids, self.weight)
        numbers, places = torch.unique(ids, return_inverse=True)
        self.optimizer.make_up(numbers)
        rows = self.weight[numbers].requires_grad_()
        self.used.append((numbers, rows))
        return nn.functional.embedding(places, rows)

    def step(self, rate: float) -> None:
        """Let the rows that were used learn from their gradients."""
        used, self.used = self.used, []
        self.optimizer.step(_merged([(numbers, rows.grad) for numbers, rows in used if rows.grad is not None]), rate)


def _merged(parts: list[tuple[Tensor, Tensor]]) -> list[tuple[Tensor, Tensor]]:
    """Gradients of several forward passes as one, so that no row is in two."""
    if len(parts) < 2:
        return parts
    numbers, places = torch.unique(torch.cat([n for n, _ in parts]), return_inverse=True)
    gradients = torch.cat([g for _, g in parts])
    return [(numbers, gradients.new_zeros(len(numbers), gradients.shape[1]).index_add_(0, places, gradients))]


class RowAdam:
    """Adam on chosen rows of a matrix, as if the others had been given gradients of zero."""

    def __init__(self, weight: Tensor) -> None:
        self.weight = weight
        self.mean, self.square = torch.zeros_like(weight), torch.zeros_like(weight)
        self.last = torch.zeros(len(weight), dtype=torch.long)
        self.steps, self.rate = 0, 0.0

    def make_up(self, numbers: Tensor) -> None:
        """Bring rows to where the steps since their last one would have moved them."""
        missed = self.steps - self.last[numbers]
        behind = (missed > 0) & (self.last[numbers] > 0)
        if not bool(behind.any()):
            return
        numbers, missed = numbers[behind], missed[behind].to(self.weight.dtype).unsqueeze(1)
        first, second = BETAS
        ratio = first / math.sqrt(second)
        series = ratio * (1 - ratio**missed) / (1 - ratio)
        middle = 1 / (1 - ratio) - missed * ratio**missed / (1 - ratio**missed)  # of the moves, weighted by their size
        since = self.last[numbers].to(self.weight.dtype).unsqueeze(1) + middle
        mean, square = self.mean[numbers], self.square[numbers]
        self.weight[numbers] -= self._move(mean, square, since) * series
        self.mean[numbers] = mean * first**missed
        self.square[numbers] = square * second**missed
        self.last[numbers] = self.steps

    def settle(self) -> None:
        """Make up for all rows, before the weights are read."""
        self.make_up(torch.nonzero((self.last > 0) & (self.last < self.steps)).squeeze(1))

    def step(self, gradients: list[tuple[Tensor, Tensor]], rate: float) -> None:
        """One step with gradients of some rows (numbers are distinct, and were made up for); the others miss it."""
        self.steps, self.rate = self.steps + 1, rate
        first, second = BETAS
        for numbers, gradient in gradients:
            mean = self.mean[numbers].lerp_(gradient, 1 - first)
            square = self.square[numbers].mul_(second).addcmul_(gradient, gradient, value=1 - second)
            self.mean[numbers], self.square[numbers] = mean, square
            self.weight[numbers] -= self._move(mean, square, torch.tensor(float(self.steps)))
            self.last[numbers] = self.steps

    def _move(self, mean: Tensor, square: Tensor, step: Tensor) -> Tensor:
        """Adam's move, with the moments' biases as they are at a step (broadcast over rows)."""
        first, second = BETAS
        scale = (1 - second**step).sqrt()
        return mean / (square.sqrt() + EPSILON * scale) * (self.rate * scale / (1 - first**step))

    def state(self) -> dict[str, Tensor]:
        """Everything but the weight."""
        progress = torch.tensor([self.steps, self.rate], dtype=torch.float64)
        return {"mean": self.mean, "square": self.square, "last": self.last, "progress": progress}

    def load(self, state: dict[str, Tensor]) -> None:
        """Go on from what `state` gave."""
        self.mean, self.square, self.last = state["mean"], state["square"], state["last"]
        steps, self.rate = state["progress"].tolist()
        self.steps = int(steps)


def use_rows(module: nn.Module) -> list[RowEmbedding]:
    """Put a RowEmbedding in place of every embedding of many rows that learns; the names of the weights stay the same."""
    found: list[RowEmbedding] = []
    for name, child in list(module.named_children()):
        if isinstance(child, nn.Embedding):
            if child.num_embeddings >= MANY_ROWS and child.weight.requires_grad:
                found.append(RowEmbedding(child))
                setattr(module, name, found[-1])
        else:
            found += use_rows(child)
    return found
