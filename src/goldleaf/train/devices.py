"""Where a run computes: the CPU, a GPU, or the devices of several processes that share every step.

Processes are started by `torchrun` or `accelerate launch`; each takes its share of a step's windows, and the gradients are summed before
the optimiser moves, so that all have the same weights at any time: those of one process with the same steps.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from goldleaf.core import MissingExtraError


class Devices:
    """This process's device, and its place among the others."""

    def __init__(self) -> None:
        self.count, self.rank = int(os.environ.get("WORLD_SIZE", "1")), int(os.environ.get("RANK", "0"))
        self._accelerator: Any = _accelerator() if self.count > 1 else None
        cuda = torch.cuda.is_available()
        self.device: torch.device = (
            self._accelerator.device if self._accelerator is not None else torch.device("cuda" if cuda else "cpu")
        )

    @property
    def is_main(self) -> bool:
        """Whether this process scores, saves and reports."""
        return self.rank == 0

    @property
    def on_cpu(self) -> bool:
        return self.device.type == "cpu"

    def share(self, rows: Sequence[int]) -> Sequence[int]:
        """This process's part of a step's windows."""
        return rows[self.rank :: self.count]

    def send(self, tensors: Iterable[Tensor]) -> tuple[Tensor, ...]:
        """Tensors on the device; to a GPU from pinned memory, without waiting."""
        if self.on_cpu:
            return tuple(tensors)
        return tuple(t.pin_memory().to(self.device, non_blocking=True) for t in tensors)

    def sum_gradients(self, parameters: Sequence[nn.Parameter]) -> None:
        """Give every process the sum of all processes' gradients. A parameter without one counts as zero."""
        if self._accelerator is None:
            return
        for parameter in parameters:
            if parameter.grad is None:
                parameter.grad = torch.zeros_like(parameter)
        flat = torch.cat([p.grad.flatten() for p in parameters if p.grad is not None])
        flat = self._accelerator.reduce(flat, "sum")
        for parameter, part in zip(parameters, flat.split([p.numel() for p in parameters]), strict=True):
            parameter.grad = part.view_as(parameter)

    def sum(self, value: float) -> float:
        """The sum of all processes' values."""
        if self._accelerator is None:
            return value
        return float(self._accelerator.reduce(torch.tensor(value, device=self.device), "sum"))

    def agree(self, value: float | None) -> float:
        """The main process's value, for all."""
        return self.sum(value if self.is_main and value is not None else 0.0)

    def wait(self) -> None:
        """Until all processes have come here."""
        if self._accelerator is not None:
            self._accelerator.wait_for_everyone()


def _accelerator() -> Any:
    try:
        from accelerate import Accelerator
    except ImportError:
        raise MissingExtraError(
            "training in several processes needs accelerate", todo='Install it with: pip install "goldleaf[train]"'
        ) from None
    return Accelerator(cpu=not torch.cuda.is_available())


def out_of_memory(error: BaseException) -> bool:
    """Whether torch says that a device or the machine has no memory left."""
    return isinstance(error, (torch.OutOfMemoryError, MemoryError)) or "can't allocate memory" in str(error)
