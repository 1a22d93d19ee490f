"""Which precision is the faster one on this machine: measured, because what a processor says of itself does not tell."""

from __future__ import annotations

import functools
import statistics
import time

import torch

from goldleaf.train.recipe import Recipe

MARGIN = 1.15
"""bf16 has to be faster by this much: it rounds, and two measurements of one machine shall not disagree."""


def uses_bf16(recipe: Recipe) -> bool:
    """What the recipe's precision comes to on this machine."""
    return recipe.precision == "bf16" or (recipe.precision == "auto" and bf16_is_faster())


@functools.cache
def bf16_is_faster() -> bool:
    """Whether a product of an encoder's size takes less time in bf16, with the threads there are (some 50 ms, once a process).

    A processor without AVX512-BF16 and AMX emulates it and is not asked. One with them may still be slower than in fp32: a virtual machine
    with AVX512-BF16 and no AMX has been seen to reach half of fp32's rate, one with AMX three times of it.
    """
    if torch.cuda.is_available():
        return torch.cuda.is_bf16_supported()
    if not (torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported()):
        return False
    pairs = [
        (torch.ones(1024, 384, dtype=kind), torch.ones(384, 1536, dtype=kind))
        for kind in (torch.bfloat16, torch.float32)
    ]
    times: list[list[float]] = [[], []]
    with torch.inference_mode():
        for _ in range(9):
            for (left, right), taken in zip(pairs, times, strict=True):
                started = time.perf_counter()
                torch.mm(left, right)
                taken.append(time.perf_counter() - started)
    half, full = (statistics.median(taken) for taken in times)
    return full > MARGIN * half
