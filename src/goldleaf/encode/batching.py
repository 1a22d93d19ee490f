"""Which windows run together: as alike in length as can be, so that little is padded."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np


def length_batches(
    lengths: Sequence[int], budget: int, *, rng: np.random.Generator | None = None, max_rows: int | None = None
) -> list[list[int]]:
    """Batches of window numbers whose padded size (rows x longest) stays within `budget` pieces; every window is in exactly one.

    With a generator, windows of one length are dealt anew and the batches come in random order; without, they go from short to long.
    A window longer than the budget is a batch of its own.
    """
    sizes = np.asarray(lengths)
    # a little noise lets neighbours in length mix from epoch to epoch
    keys = sizes + (rng.uniform(-0.5, 0.5, len(sizes)) * np.maximum(1.0, 0.1 * sizes) if rng is not None else 0.0)
    batches: list[list[int]] = []
    current: list[int] = []
    longest = 0
    for index in np.argsort(keys, kind="stable"):
        size = int(sizes[index])
        if current and (max(longest, size) * (len(current) + 1) > budget or len(current) == max_rows):
            batches.append(current)
            current, longest = [], 0
        current.append(int(index))
        longest = max(longest, size)
    if current:
        batches.append(current)
    if rng is not None:
        batches = [batches[i] for i in rng.permutation(len(batches))]
    return batches
