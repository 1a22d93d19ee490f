"""F1 between two annotators' spans: 2 matched / (one's spans + the other's), whichever of the two is taken for gold.

===========  ==============================================================================
`exact`      same borders and same label
`overlap`    same label and a character in common; each span is matched once, as many as can be
`label`      same label, wherever the spans lie
`borders`    same borders, whatever the label
===========  ==============================================================================

Over records it is a ratio of sums over pairs of annotators, in which each record weighs as much as one mean pair, however many annotators
it had. For texts in which what is not marked cannot be counted it is the limit of kappa (Hripcsak and Rothschild, Agreement, the F-Measure,
and Reliability in Information Retrieval, JAMIA 12, 2005, https://doi.org/10.1197/jamia.M1733).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from goldleaf.core import Span
from goldleaf.quality.agreement.comparisons import Comparisons
from goldleaf.quality.agreement.pieces import NOTHING
from goldleaf.quality.agreement.tables import Sums, add_up, quotient, spread
from goldleaf.quality.labels import Floats, Ints

MODES = ("exact", "overlap", "label")
Match = tuple[dict[str, list[int]], int, Counter[tuple[str, str]]]


@dataclass(frozen=True, slots=True)
class Matches:
    """What comparing two values found, laid out flat: comparison c has the cells `start[c]` up to `start[c + 1]` of `label`, with the
    spans of that label in both (`counts[:, 0]`) and twice those matched in each of `MODES`; `borders` is twice those with same borders."""

    start: Ints
    label: Ints
    counts: Floats
    borders: Floats
    taken: list[Counter[tuple[str, str]]]
    place: Ints


def compare(one: Sequence[Span], other: Sequence[Span]) -> Match:
    """Per label: its spans in both, and how many match exactly, by overlap and by label; how many have the same borders; and what was
    taken for what.

    >>> counts, borders, taken = compare([Span(0, 5, "PER"), Span(8, 9, "LOC")], [Span(0, 3, "PER"), Span(8, 9, "ORG")])
    >>> counts, borders, dict(taken)
    ({'PER': [2, 0, 1, 1], 'LOC': [1, 0, 0, 0], 'ORG': [1, 0, 0, 0]}, 1, {('LOC', 'ORG'): 1, ('PER', 'PER'): 1})
    """
    counts: dict[str, list[int]] = {}
    if one == other:
        for span in one:
            counts.setdefault(span[2], [0, 0, 0, 0])[0] += 1
        return (
            {k: [2 * n, n, n, n] for k, (n, *_) in counts.items()},
            len(one),
            Counter({(k, k): n for k, (n, *_) in counts.items()}),
        )
    shared = set(one).intersection(other)
    for side, spans in enumerate((one, other), 1):
        for span in spans:
            counts.setdefault(span[2], [0, 0, 0, 0])[side] += 1
    for label, cells in counts.items():
        _, ours, theirs, _ = cells
        exact = sum(span[2] == label for span in shared)
        overlap = exact
        if min(ours, theirs) > exact:
            overlap = _overlapping([s for s in one if s[2] == label], [s for s in other if s[2] == label])
        cells[:] = ours + theirs, exact, overlap, min(ours, theirs)
    return counts, _same_borders(one, other), _taken(one, other, shared)


def compare_all(values: Sequence[Sequence[Span]], one: Ints, other: Ints, labels: dict[str, int]) -> Matches:
    """Each two different values compared once; `place` says which comparison is that of one[i] and other[i]."""
    keys, place = np.unique(one * len(values) + other, return_inverse=True)
    cells: list[tuple[int, int, int, int, int]] = []
    start, borders, taken = [0], np.zeros(len(keys)), list[Counter[tuple[str, str]]]()
    for number, key in enumerate(map(int, keys)):
        counts, same, moved = compare(values[key // len(values)], values[key % len(values)])
        cells += [(labels[label], total, 2 * a, 2 * b, 2 * c) for label, (total, a, b, c) in counts.items()]
        borders[number] = 2 * same
        taken.append(moved)
        start.append(len(cells))
    table = np.array(cells, dtype=np.int64).reshape(-1, 5)
    return Matches(
        np.array(start), table[:, 0], table[:, 1:].astype(np.float64), borders, taken, place.astype(np.int64)
    )


def span_tables(compared: Comparisons, matches: Matches, labels: int) -> dict[str, tuple[Ints, Ints, Floats, int]]:
    """The tables `spans`, `exact`, `overlap` and `label` (a column a label) and `borders` (one column), a row a record."""
    row, cell = cells_of(matches, np.arange(len(compared.record)))
    weight, shape = compared.share(), (len(compared.answers), labels)
    tables = {
        name: (
            *add_up(compared.record[row], matches.label[cell], weight[row] * matches.counts[cell, column], shape),
            labels,
        )
        for column, name in enumerate(("spans", *MODES))
    }
    borders = weight * matches.borders[matches.place]
    none = np.zeros_like(compared.record)
    return tables | {"borders": (*add_up(compared.record, none, borders, (shape[0], 1)), 1)}


def cells_of(matches: Matches, rows: Ints) -> tuple[Ints, Ints]:
    """For these of the pairs that `compare_all` was given: the row and the cell of each label in it."""
    place = matches.place[rows]
    sizes = matches.start[place + 1] - matches.start[place]
    return np.repeat(rows, sizes), spread(matches.start[place], sizes)


def span_f1(sums: Sums, mode: str) -> Floats:
    """`exact`, `overlap`, `label` or `borders`: `[samples, 1]`; NaN where nobody marked anything."""
    return quotient(sums[mode].sum(axis=1, keepdims=True), sums["spans"].sum(axis=1, keepdims=True))


def span_f1_of_labels(sums: Sums, mode: str) -> Floats:
    """`exact`, `overlap` or `label`: `[samples, labels]`."""
    return quotient(sums[mode], sums["spans"])


def _overlapping(one: Sequence[Span], other: Sequence[Span]) -> int:
    """The most pairs of spans with a character in common that can be made, each span in one of them at most."""
    if _crossing(one) or _crossing(other):
        return _most_pairs(one, other)
    found = left = right = 0
    while left < len(one) and right < len(other):
        a, b = one[left], other[right]
        if a[0] < b[1] and b[0] < a[1]:
            found, left, right = found + 1, left + 1, right + 1
        elif a[1] <= b[1]:
            left += 1
        else:
            right += 1
    return found


def _crossing(spans: Sequence[Span]) -> bool:
    return any(a[1] > b[0] for a, b in pairwise(spans))


def _most_pairs(one: Sequence[Span], other: Sequence[Span]) -> int:
    from scipy import sparse  # pyright: ignore[reportMissingTypeStubs]
    from scipy.sparse import csgraph  # pyright: ignore[reportMissingTypeStubs]

    build: Any = sparse
    match: Any = csgraph
    touching = np.array([[a[0] < b[1] and b[0] < a[1] for b in other] for a in one])
    return int((match.maximum_bipartite_matching(build.csr_matrix(touching)) >= 0).sum())


def _same_borders(one: Sequence[Span], other: Sequence[Span]) -> int:
    """How many spans of one can be paired with spans of the other that have the same borders."""
    places = [(s[0], s[1]) for s in other]
    found = 0
    for span in one:
        if (span[0], span[1]) in places:
            places.remove((span[0], span[1]))
            found += 1
    return found


def _taken(one: Sequence[Span], other: Sequence[Span], shared: set[Span]) -> Counter[tuple[str, str]]:
    """What one marked against what the other did: equal spans, then those with the same borders, then those that share most characters;
    what is left stands against nothing. The two labels are in alphabetical order, nothing last."""
    found, used = Counter[tuple[str, str]](), set(shared)
    for span in shared:
        found[span[2], span[2]] += 1
    ours, theirs = [s for s in one if s not in shared], [s for s in other if s not in shared]
    close: list[tuple[bool, int, int, int]] = []
    for i, a in enumerate(ours):
        for j, b in enumerate(theirs):
            if (apart := max(a[0], b[0]) - min(a[1], b[1])) < 0:
                close.append(((a[0], a[1]) != (b[0], b[1]), apart, i, j))
    for _, _, i, j in sorted(close):
        if ours[i] not in used and theirs[j] not in used:
            a, b = ours[i][2], theirs[j][2]
            found[(a, b) if a <= b else (b, a)] += 1
            used |= {ours[i], theirs[j]}
    for span in ours + theirs:
        if span not in used:
            found[span[2], NOTHING] += 1
    return found
