"""Slips of the finger, made on purpose: what a model makes of texts that were typed in haste."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np

from goldleaf.text.script import script_of

RATE = 0.05
"""The share of letters that are typed wrong: about one word in five, in English."""


def add_typos(
    text: str, *, rng: np.random.Generator, rate: float = RATE, borders: Collection[int] = ()
) -> tuple[str, list[int]]:
    """The text with about `rate` of its letters typed wrong, and where each old offset 0..len(text) lies in it.

    A slip is made at a letter that has another one behind it: the two change places, the first is dropped, or it is doubled (a third
    each); Han characters only change places. No slip reaches over one of `borders` (offsets where a span or token begins or ends),
    so that what stands between two of them is never empty afterwards. Digits, spaces and punctuation stay.

    >>> add_typos("cancel it", rng=np.random.default_rng(0), rate=0.3)
    ('cnacel it', [0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
    """
    fixed = set(borders)
    parts: list[str] = []
    places: list[int] = []
    length, at = 0, 0
    draws = rng.random((len(text), 2))
    while at < len(text):
        if draws[at, 0] < rate and _can_slip(text, at, fixed):
            new = _slip(text[at : at + 2], float(draws[at, 1]))
            places += [length, length + len(new) - 1]
            at += 2
        else:
            new = text[at]
            places.append(length)
            at += 1
        parts.append(new)
        length += len(new)
    return "".join(parts), [*places, length]


def _can_slip(text: str, at: int, fixed: set[int]) -> bool:
    return at + 1 < len(text) and at + 1 not in fixed and text[at].isalpha() and text[at + 1].isalpha()


def _slip(pair: str, draw: float) -> str:
    """Two letters, typed wrong."""
    if draw < 1 / 3 or script_of(pair[0]) == "han":
        return pair[::-1]
    return pair[1] if draw < 2 / 3 else pair[0] + pair
