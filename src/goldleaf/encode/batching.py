"""Which windows run together: as alike in length as can be, so that little is padded."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

ROUND = 8
"""Lengths are rounded up to a multiple of this, so that few shapes occur: the CPU backend makes a kernel for each one it meets."""


def length_batches(
    lengths: Sequence[int],
    budget: int,
    *,
    rng: np.random.Generator | None = None,
    padded: bool = True,
    multiple: int = ROUND,
) -> list[list[int]]:
    """Batches of window numbers whose size stays within `budget` pieces; every window is in exactly one. The size is that of the padded
    batch (rows x longest), or, where padding costs nothing, the sum of the lengths. Lengths are rounded up to a `multiple`.

    With a generator, windows of one rounded length are dealt anew and the batches come in random order; without, they go from short to
    long. A window longer than the budget is a batch of its own.
    """
    sizes = -(-np.asarray(lengths, dtype=np.int64) // multiple) * multiple
    order = np.argsort(sizes if rng is None else sizes + rng.random(len(sizes)), kind="stable")
    batches: list[list[int]] = []
    total = 0
    for index in order:
        size = int(sizes[index]) if padded else int(lengths[index])
        total = (len(batches[-1]) + 1) * size if padded and batches else total + size
        if not batches or total > budget:
            batches.append([])
            total = size
        batches[-1].append(int(index))
    return batches if rng is None else [batches[i] for i in rng.permutation(len(batches))]
