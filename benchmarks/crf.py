"""A linear-chain CRF over the classes of spans (Lafferty, McCallum and Pereira, 2001), to be tried beside the plain head.

`installed()` lets Goldleaf's training learn it: the loss over a window's pieces is its negative log-likelihood, and pieces are read by
Viterbi under the learned transitions and the rule that an `I-` follows a `B-` or an `I-` of its label. It is no part of the product.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any
from unittest.mock import patch

import numpy as np
import torch
from torch import Tensor, nn

from goldleaf.core import Field
from goldleaf.encode import decode
from goldleaf.train import loop, run

FASTER = 30.0
"""Transitions begin at 0 and learn so many times faster than the rest."""


def impossible(classes: int) -> Tensor:
    """`[classes, classes]`, -10,000 where class j cannot follow class i: `I-` only follows `B-` and `I-` of its label."""
    found = torch.zeros(classes, classes)
    for inside in range(2, classes, 2):
        found[:, inside] = -10_000.0
        found[inside - 1, inside] = found[inside, inside] = 0.0
    return found


class Transitions(nn.Module):
    """What a class says of the next."""

    def __init__(self, classes: int) -> None:
        super().__init__()
        self.weights = nn.Parameter(torch.zeros(classes, classes))
        self.register_buffer("impossible", impossible(classes), persistent=False)

    def matrix(self) -> Tensor:
        return FASTER * self.weights + self.impossible  # type: ignore[operator]


def negative_log_likelihood(logits: Tensor, target: Tensor, transitions: Tensor) -> Tensor:
    """The sum over windows of -log p(target); `logits` `[windows, length, classes]`, pieces of target -100 are passed over."""
    keep = target != -100
    count = keep.sum(1)
    order = torch.argsort((~keep).long(), dim=1, stable=True)[:, : int(count.max())]
    scores = logits.gather(1, order.unsqueeze(-1).expand(-1, -1, logits.shape[-1])).float()
    gold = target.gather(1, order).clamp(min=0)
    rows = count > 0
    scores, gold, count = scores[rows], gold[rows], count[rows]
    real = torch.arange(scores.shape[1])[None] < count[:, None]
    points = scores.gather(2, gold.unsqueeze(-1)).squeeze(-1)
    steps = transitions[gold[:, :-1], gold[:, 1:]]
    path = (points * real).sum(1) + (steps * real[:, 1:]).sum(1)
    alpha = scores[:, 0]
    for place in range(1, scores.shape[1]):
        longer = torch.logsumexp(alpha.unsqueeze(2) + transitions, dim=1) + scores[:, place]
        alpha = torch.where(real[:, place, None], longer, alpha)
    return (torch.logsumexp(alpha, dim=1) - path).sum()


def viterbi(logits: Any, transitions: Any) -> list[int]:
    """The best classes of `[units, classes]` logits."""
    best, back = logits[0].copy(), []
    best[2::2] = -10_000.0
    for row in logits[1:]:
        through = best[:, None] + transitions
        back.append(through.argmax(0))
        best = through.max(0) + row
    path = [int(best.argmax())]
    for pointers in reversed(back):
        path.append(int(pointers[path[-1]]))
    return path[::-1]


@contextmanager
def installed() -> Iterator[None]:
    """Training and reading with a CRF for the (only) field of spans."""
    current: dict[str, Any] = {}
    fresh, plain_chunks = run.fresh_model, decode.read_chunks

    def with_transitions(prepared: Any, seed: int) -> Any:
        model = fresh(prepared, seed)
        classes = 1 + 2 * len(prepared.dataset.schema.fields[0].labels)
        model.transitions = current["transitions"] = Transitions(classes)
        return model

    def crf_losses(logits: Sequence[Tensor], targets: Sequence[Tensor], *rest: Any, **options: Any) -> Tensor:
        totals = rest[2]
        return negative_log_likelihood(logits[0], targets[0], current["transitions"].matrix()) / totals[0]

    def read_chunks(field: Field, logits: Any, record: Any, pieces: Any, **options: Any) -> Any:
        if not len(pieces):
            return plain_chunks(field, logits, record, pieces)
        units, bounds = decode.read_units(record, pieces)
        transitions = current["transitions"].matrix().detach().numpy().astype(np.float64)
        classes = np.array(viterbi(logits.astype(np.float64), transitions))[units]
        return decode.Reading(logits[units], bounds, classes, decode.chunks_of(classes.tolist(), field.labels))

    with ExitStack() as patches:
        patches.enter_context(patch.object(run, "fresh_model", with_transitions))
        patches.enter_context(patch.object(loop, "losses", crf_losses))
        patches.enter_context(patch.object(decode, "read_chunks", read_chunks))
        yield
