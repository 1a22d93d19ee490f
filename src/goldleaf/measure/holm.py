"""Many tests at once: which of them still say something (Holm, 1979, "A simple sequentially rejective multiple test procedure")."""

from __future__ import annotations

from collections.abc import Sequence


def holm(ps: Sequence[float | None], *, level: float = 0.05) -> set[int]:
    """The places of the p-values that withstand Holm's correction: the k-th least of m is at most `level / (m - k + 1)`, and so are all
    before it. None is no test.

    >>> holm([0.04, 0.01, None, 0.03])
    {1}
    """
    judged = sorted((p, place) for place, p in enumerate(ps) if p is not None)
    found: set[int] = set()
    for rank, (p, place) in enumerate(judged):
        if p > level / (len(judged) - rank):
            break
        found.add(place)
    return found
