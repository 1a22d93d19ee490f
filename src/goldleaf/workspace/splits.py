"""Splits: kept where given, followed where a twin or the group has one, drawn where there is none, and never changed.

Records that must stand together (one group, or near-duplicates of each other) make one unit, and a unit goes to one split whole. Units
are dealt by iterative stratification (Sechidis, Tsoumakas and Vlahavas, "On the Stratification of Multi-Label Data", ECML PKDD 2011):
the label that is rarest among the units left comes first, and each of its units goes where that label is wanted most.
"""

from __future__ import annotations

import heapq
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from goldleaf.core import SPLITS, Split
from goldleaf.store import SplitOrigin

Origin = SplitOrigin
"""`given`, `drawn`, or `twin` (it followed its group or near-duplicate)."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A record as the drawing sees it: `cluster` names its near-duplicates, `labels` what it is stratified by."""

    id: str
    cluster: int
    group: str | None = None
    labels: tuple[str, ...] = ()
    split: Split | None = None
    origin: Origin | None = None


def draw_splits(
    candidates: Sequence[Candidate], shares: Mapping[Split, float], rng: np.random.Generator
) -> dict[int, tuple[Split, Origin]]:
    """Split and origin for each candidate (by position) that has none. `shares` need not add up to one.

    A unit that touches a split joins it (where it touches several, the one with most of its records). The others are dealt so that all
    that was ever drawn comes near the shares, whatever order the candidates stand in.
    """
    units = _units(candidates)
    chosen: dict[int, tuple[Split, Origin]] = {}
    loose: list[list[int]] = []
    for unit in units:
        if touched := Counter(candidates[i].split for i in unit if candidates[i].split):
            split = max(SPLITS, key=lambda name: touched[name])
            chosen |= {i: (split, "twin") for i in unit if candidates[i].split is None}
        else:
            loose.append(unit)
    order = sorted(loose, key=lambda unit: min(candidates[i].id for i in unit))
    order = [order[i] for i in rng.permutation(len(order))]
    drawn: list[tuple[Split | None, tuple[str, ...]]] = []
    drawn.extend((c.split, c.labels) for c in candidates if c.origin == "drawn")
    drawn.extend((split, candidates[i].labels) for i, (split, _) in chosen.items())
    return chosen | _deal(order, candidates, shares, drawn)


def _units(candidates: Sequence[Candidate]) -> list[list[int]]:
    """Positions of the candidates that groups and clusters tie together, directly or through others."""
    parent = list(range(len(candidates)))

    def root(i: int) -> int:
        while parent[i] != i:
            parent[i] = parent[parent[i]]
            i = parent[i]
        return i

    first: dict[tuple[str, object], int] = {}
    for i, candidate in enumerate(candidates):
        ties: list[tuple[str, object]] = [("cluster", candidate.cluster)]
        if candidate.group is not None:
            ties.append(("group", candidate.group))
        for tie in ties:
            parent[root(i)] = root(first.setdefault(tie, i))
    units: dict[int, list[int]] = defaultdict(list)
    for i in range(len(candidates)):
        units[root(i)].append(i)
    return list(units.values())


def _deal(
    units: Sequence[list[int]],
    candidates: Sequence[Candidate],
    shares: Mapping[Split, float],
    drawn: Sequence[tuple[Split | None, tuple[str, ...]]],
) -> dict[int, tuple[Split, Origin]]:
    weights = [Counter(label for i in unit for label in candidates[i].labels) for unit in units]
    wanted = _wanted(units, weights, shares, drawn)
    holders: dict[str, list[int]] = defaultdict(list)
    for number, weight in enumerate(weights):
        for label in weight:
            holders[label].append(number)
    left = {label: len(numbers) for label, numbers in holders.items()}
    queue = [(count, label) for label, count in left.items()]
    heapq.heapify(queue)
    dealt: dict[int, tuple[Split, Origin]] = {}
    done = [False] * len(units)

    def deal(number: int, label: str | None) -> None:
        size = len(units[number])
        split = max(shares, key=lambda s: (wanted[s][label] if label is not None else 0.0, wanted[s][None]))
        done[number] = True
        wanted[split][None] -= size
        for name, count in weights[number].items():
            wanted[split][name] -= count
            left[name] -= 1
            heapq.heappush(queue, (left[name], name))
        dealt.update(dict.fromkeys(units[number], (split, "drawn")))

    while queue:
        count, label = heapq.heappop(queue)
        if count != left[label] or count == 0:
            continue
        for number in sorted((n for n in holders[label] if not done[n]), key=lambda n: -len(units[n])):
            deal(number, label)
    for number in sorted((n for n in range(len(units)) if not done[n]), key=lambda n: -len(units[n])):
        deal(number, None)
    return dealt


def _wanted(
    units: Sequence[list[int]],
    weights: Sequence[Counter[str]],
    shares: Mapping[Split, float],
    drawn: Sequence[tuple[Split | None, tuple[str, ...]]],
) -> dict[Split, dict[str | None, float]]:
    """How many records each split still wants, of each label and (under None) in all."""
    total: Counter[str | None] = Counter({None: sum(map(len, units)) + len(drawn)})
    for weight in weights:
        total.update(weight)
    held: dict[Split | None, Counter[str | None]] = {split: Counter() for split in SPLITS}
    for split, labels in drawn:
        total.update(labels)
        held[split].update([None, *labels])
    whole = sum(shares.values())
    return {s: {name: n * share / whole - held[s][name] for name, n in total.items()} for s, share in shares.items()}
