"""Near-duplicates: which texts are the same but for case, punctuation, digits and a few characters."""

from __future__ import annotations

from collections.abc import Sequence


def near_duplicates(texts: Sequence[str], *, threshold: float = 0.8) -> list[int]:
    """For each text the smallest index of its cluster."""
    first: dict[str, int] = {}
    return [first.setdefault(text.casefold(), index) for index, text in enumerate(texts)]
