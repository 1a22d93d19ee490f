"""What a text looks like, as a name: how it is cased, how long it is beside others."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np


def casing_of(text: str) -> str:
    """How a text is cased: `lower`, `UPPER`, `Mixed`, or `without case` (Chinese, digits).

    >>> casing_of("ship it"), casing_of("SHIP IT"), casing_of("Ship it"), casing_of("寄")
    ('lower', 'UPPER', 'Mixed', 'without case')
    """
    if text.lower() == text.upper():
        return "without case"
    return "lower" if text == text.lower() else "UPPER" if text == text.upper() else "Mixed"


def length_names(lengths: Sequence[int]) -> Callable[[int], str]:
    """A function that names the third of these lengths (in characters) which a length falls into.

    >>> length_names([1, 2, 3, 4, 5, 6])(4)
    '3 to 4 characters'
    """
    low, high = (int(x) for x in np.quantile(np.asarray(lengths), [1 / 3, 2 / 3], method="lower"))

    def name(length: int) -> str:
        if length <= low:
            return f"up to {low} characters"
        return f"{low + 1} to {high} characters" if length <= high else f"over {high} characters"

    return name
