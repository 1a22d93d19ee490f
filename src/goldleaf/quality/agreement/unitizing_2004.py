"""Krippendorff's alpha for unitizing as he first gave it: squared distances between the borders of units.

    alpha = 1 - sum_c D_oc / sum_c D_ec

D_oc sums, over all pairs of annotators and of their segments that meet, (difference of starts)^2 + (difference of ends)^2 for two units
of label c, and (length)^2 for a unit that lies in the other's gap; over m (m - 1) L^2. D_ec is that of all ways to lay the same units
into the text. Krippendorff, On the Reliability of Unitizing Continuous Data, Sociological Methodology 25, 1995,
https://doi.org/10.2307/271061, with the correction of Content Analysis, 2nd edition, 2004, p. 254.

`agreement` reports the later definition (unitizing.py): this one is for comparison with published values. It is of one text that all
annotators saw, and its expectation counts pairs of units and gaps, so it does not add up over records.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import permutations

import numpy as np

from goldleaf.core import InputError, Span

Segment = tuple[int, int, bool]


def unitizing_alpha_2004(annotators: Sequence[Sequence[Span]], *, length: int) -> float | None:
    """Of one text of `length` characters: each annotator's spans, which must not overlap within a label. None where nobody marked anything.

    >>> one, other = [Span(75, 145, "c"), Span(220, 250, "c")], [Span(70, 150, "c"), Span(205, 225, "c"), Span(250, 270, "c")]
    >>> round(unitizing_alpha_2004([one, other], length=300), 4)
    0.7286
    """
    if len(annotators) < 2:
        raise InputError("agreement is between annotators", found=str(len(annotators)), expected="at least two")
    labels = sorted({span.label for spans in annotators for span in spans})
    parts = [[_segments(spans, label, length) for spans in annotators] for label in labels]
    expected = sum(_expected(part, length) for part in parts)
    return 1 - sum(_observed(part, length) for part in parts) / expected if expected else None


def _segments(spans: Sequence[Span], label: str, length: int) -> list[Segment]:
    """Units (true) and gaps (false) of one label, from the first character to the last."""
    found: list[Segment] = []
    done = 0
    for start, end, _ in sorted(span for span in spans if span.label == label):
        if not done <= start < end <= length:
            expected = f"spans of {label} that do not overlap, within {length} characters"
            raise InputError("a span is out of place", found=f"[{start}, {end}]", expected=expected)
        found += [(done, start, False)] * (start > done) + [(start, end, True)]
        done = end
    return found + [(done, length, False)] * (length > done)


def _observed(annotators: Sequence[Sequence[Segment]], length: int) -> float:
    m = len(annotators)
    total = sum(_apart(a, b) for one, other in permutations(annotators, 2) for a in one for b in other)
    return total / (m * (m - 1) * length**2)


def _apart(one: Segment, other: Segment) -> float:
    if one[2] and other[2]:
        meet = one[0] < other[1] and other[0] < one[1]
        return meet * ((one[0] - other[0]) ** 2 + (one[1] - other[1]) ** 2)
    if one[2] != other[2]:
        unit, gap = (one, other) if one[2] else (other, one)
        return (gap[0] <= unit[0] and unit[1] <= gap[1]) * (unit[1] - unit[0]) ** 2
    return 0.0


def _expected(annotators: Sequence[Sequence[Segment]], length: int) -> float:
    m = len(annotators)
    units = np.array(
        [end - start for segments in annotators for start, end, unit in segments if unit], dtype=np.float64
    )
    gaps = np.array(
        [end - start for segments in annotators for start, end, unit in segments if not unit], dtype=np.float64
    )
    room = np.maximum(gaps[np.newaxis, :] - units[:, np.newaxis] + 1, 0).sum(axis=1)
    between = (len(units) - 1) / 3 * (2 * units**3 - 3 * units**2 + units)
    ways = m * length * (m * length - 1) - (units * (units - 1)).sum()
    return float(2 / length * (between + units**2 * room).sum() / ways)
