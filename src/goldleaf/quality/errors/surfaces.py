"""What the gold says of the same words elsewhere: how often they are marked with a label, and how often they are not marked.

Words are the same whatever their case and space. All gold counts where words are marked; where they are not, the judged records do, whose
tokens are known.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import cast

from goldleaf.core import Span
from goldleaf.quality.errors.case import Case
from goldleaf.quality.errors.sequences import Sequences, pairs


@dataclass(frozen=True, slots=True)
class Surfaces:
    """How often a surface is `marked` with a label, and how often one that is marked somewhere is `passed` over."""

    marked: Counter[tuple[str, str]]
    passed: Counter[str]

    def is_marked(self, surface: str, label: str) -> bool:
        """Whether the surface has the label anywhere in the gold."""
        return self.marked[surface, label] > 0

    def is_usual(self, surface: str, label: str) -> bool:
        """Whether the surface, passed over in one place, has the label in at least half of the others where it is marked or passed over."""
        return self.is_marked(surface, label) and self.marked[surface, label] >= self.passed[surface] - 1


def surfaces_of(case: Case, lined: Sequences) -> Surfaces:
    """Count the surfaces of a field of spans."""
    marked = Counter(
        (surface, span.label)
        for text, spans in zip(case.texts, case.gold.values, strict=True)
        for span in spans
        if (surface := surface_of(text, span))
    )
    beginnings = {surface[:size] for surface, _ in marked for size in range(1, len(surface) + 1)}
    names = {surface for surface, _ in marked}
    passed: Counter[str] = Counter()
    for n, at in enumerate(cast("list[int]", case.judged.tolist())):
        if (text := case.texts[at]) is not None:
            rows = lined.rows(n)
            outside = cast("list[bool]", (lined.given[rows] == 0).tolist())
            passed.update(_passed(text, pairs(lined.tokens[rows]), outside, beginnings, names))
    return Surfaces(marked, passed)


def surface_of(text: str | None, span: Span) -> str:
    """What a span covers, whatever its case and space."""
    return "" if text is None else _folded(text[span.start : span.end])


def _folded(text: str) -> str:
    return " ".join(text.casefold().split())


def _passed(
    text: str, tokens: list[tuple[int, int]], outside: list[bool], beginnings: set[str], names: set[str]
) -> Iterator[str]:
    """The surfaces with one of the `names` that tokens outside of all spans have."""
    for first, (start, _) in enumerate(tokens):
        for last in range(first, len(tokens)):
            surface = _folded(text[start : tokens[last][1]])
            if not outside[last] or surface not in beginnings:
                break
            if surface in names:
                yield surface
