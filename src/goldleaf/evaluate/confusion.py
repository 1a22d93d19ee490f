"""What was taken for what."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence

from goldleaf.core import Field, Kind, Span
from goldleaf.evaluate.pairs import Pair

NOTHING = "(nothing)"
"""Stands for gold where a span was invented, and for the prediction where one was missed."""


def confusion_of(field: Field, pairs: Iterable[Pair]) -> dict[str, dict[str, int]]:
    """`{gold: {predicted: n}}`, most frequent first; empty for choices of many labels, where no label is taken for another.

    Tags are counted by token. Spans with the same borders are compared; any other is missed or invented.
    """
    if field.many:
        return {}
    counts = Counter(cell for pair in pairs for cell in _CELLS[field.kind](pair))
    table: dict[str, dict[str, int]] = {}
    for (gold, predicted), number in counts.most_common():
        table.setdefault(gold, {})[predicted] = number
    return table


def _choice_cells(pair: Pair) -> Iterator[tuple[str, str]]:
    yield pair.gold, pair.predicted


def _tag_cells(pair: Pair) -> Iterator[tuple[str, str]]:
    yield from zip(pair.gold, pair.predicted, strict=True)


def _span_cells(pair: Pair) -> Iterator[tuple[str, str]]:
    """Equal spans first; of the rest, those that share both borders in pairs."""
    right, given = set[Span](pair.gold), set[Span](pair.predicted)
    yield from ((span.label, span.label) for span in right & given)
    missed, invented = sorted(right - given), sorted(given - right)
    for span in missed:
        twin = _same_borders(span, invented)
        if twin is not None:
            invented.remove(twin)
        yield span.label, twin.label if twin is not None else NOTHING
    yield from ((NOTHING, span.label) for span in invented)


def _same_borders(span: Span, others: Sequence[Span]) -> Span | None:
    return next((o for o in others if (o.start, o.end) == (span.start, span.end)), None)


_CELLS: dict[Kind, Callable[[Pair], Iterator[tuple[str, str]]]] = {
    "choice": _choice_cells,
    "tags": _tag_cells,
    "spans": _span_cells,
}
