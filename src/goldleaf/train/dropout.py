"""Dropout whose masks are drawn a byte an element: torch draws them one double after the other, which takes a tenth of a step."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor, nn


class Masks:
    """Where the masks of one step come from: the same for the same seed and step, whatever was drawn before. Processes that share a step
    (`rank`) draw different ones."""

    def __init__(self, seed: int, rank: int = 0) -> None:
        self.seed, self.rank = seed, rank
        self.begin(0)

    def begin(self, step: int) -> None:
        """Start the draws of a step."""
        self.generator = np.random.Generator(np.random.SFC64([self.seed, step, *([self.rank] if self.rank else [])]))

    def draw(self, shape: torch.Size) -> Tensor:
        """Random bytes of a shape."""
        return torch.frombuffer(bytearray(self.generator.bytes(shape.numel())), dtype=torch.uint8).view(shape)


class ByteDropout(nn.Module):
    """Dropout at a rate rounded to 1/256; elements that are kept grow so that the expectation stays."""

    def __init__(self, rate: float, masks: Masks) -> None:
        super().__init__()
        self.p = rate
        self.cut = min(round(rate * 256), 255)
        self.masks = masks

    def forward(self, x: Tensor) -> Tensor:
        if not self.training or self.cut == 0:
            return x
        keep = self.masks.draw(x.shape) >= self.cut
        return x * keep.to(x.dtype).mul_(256 / (256 - self.cut))


def use_byte_dropout(module: nn.Module, masks: Masks) -> None:
    """Put a ByteDropout in place of every Dropout."""
    for name, child in list(module.named_children()):
        if type(child) is nn.Dropout:
            setattr(module, name, ByteDropout(child.p, masks))
        else:
            use_byte_dropout(child, masks)
