"""Spans seen token by token: what token accuracy compares."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from goldleaf.core import Span, Token

Mark = frozenset[tuple[str, bool]]


def token_marks(spans: Iterable[Span], tokens: Sequence[Token]) -> list[Mark]:
    """For each token, the label of every span that touches it and whether the span begins there: its IOB2 tag, for nested spans too.

    >>> [sorted(mark) for mark in token_marks([Span(0, 5, "PER")], [(0, 2), (3, 5), (6, 7)])]
    [[('PER', True)], [('PER', False)], []]
    """
    marks: list[set[tuple[str, bool]]] = [set() for _ in tokens]
    first = 0
    for start, end, label in sorted(spans):
        while first < len(tokens) and tokens[first][1] <= start:
            first += 1
        place = first
        while place < len(tokens) and tokens[place][0] < end:
            marks[place].add((label, place == first))
            place += 1
    return [frozenset(mark) for mark in marks]


def tokens_right(gold: Iterable[Span], predicted: Iterable[Span], tokens: Sequence[Token]) -> int:
    """How many tokens have the same marks in both."""
    return sum(a == b for a, b in zip(token_marks(gold, tokens), token_marks(predicted, tokens), strict=True))
