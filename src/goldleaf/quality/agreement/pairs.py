"""Two annotators at a time: which pairs to look at, and the tables of what they said of the records they share.

A crowd has more pairs than anyone can read (10,000 annotators make 50 million), and most share a record or two. The `MOST_LISTED` that
share most records are taken; where even counting all pairs is too much, the most active annotators are, as many as can be counted.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from goldleaf.quality.agreement.kappa import cohen_kappa
from goldleaf.quality.agreement.spans import MODES, Matches, cells_of
from goldleaf.quality.agreement.tables import (
    DENSE,
    Sums,
    add_up,
    beyond_chance,
    by_group,
    pairs_within,
    quotient,
    spread,
)
from goldleaf.quality.agreement.units import Units
from goldleaf.quality.labels import Floats, Ints

MOST_LISTED = 1_000
MOST_COUNTED = 5_000_000
"""Meetings of two annotators at a record: more are not counted."""
MOST_CELLS = 20_000_000
"""Units of listed pairs, together: the pairs that share fewest records are left out beyond it."""

Cells = tuple[Ints, Ints, Floats, int]


@dataclass(frozen=True, slots=True)
class Pairs:
    """Pair p is of annotators `one[p]` < `other[p]` and shares `shared[p]` records. Meeting i is of pair `pair[i]` at `record[i]`: of the
    answers `first[i]` and `second[i]`. `found` is how many pairs there are; None where only the `active` annotators were counted."""

    one: Ints
    other: Ints
    shared: Ints
    pair: Ints
    record: Ints
    first: Ints
    second: Ints
    found: int | None
    active: int


@dataclass(frozen=True, slots=True)
class Combos:
    """Which pair and which label each column of `first`, `second` and `both` is of; sorted by pair."""

    pair: Ints
    label: Ints


def choose_pairs(record: Ints, annotator: Ints, *, cost: float) -> Pairs:
    """The pairs of annotators that share most records; a shared record costs `cost` of the `MOST_CELLS` that all may take."""
    many = int(annotator.max(initial=-1)) + 1
    active = _active(record, annotator, many)
    chosen = np.zeros(many, bool)
    chosen[active] = True
    answers = np.flatnonzero(chosen[annotator])
    answers = answers[np.argsort(record[answers] * many + annotator[answers], kind="stable")]
    one, other = pairs_within(np.bincount(record[answers]))
    keys = annotator[answers][one] * many + annotator[answers][other]
    every, times = _count_keys(keys, many)
    listed = np.lexsort((every, -times))[:MOST_LISTED]
    listed = np.sort(listed[: max(int((np.cumsum(times[listed]) * cost <= MOST_CELLS).sum()), 1)])
    pair, inside = _find(keys, every[listed], many)
    first, second = answers[one[inside]], answers[other[inside]]
    return Pairs(
        every[listed] // max(many, 1),
        every[listed] % max(many, 1),
        times[listed],
        pair,
        record[first],
        first,
        second,
        len(every) if len(active) == many else None,
        len(active),
    )


def _find(keys: Ints, listed: Ints, many: int) -> tuple[Ints, Ints]:
    """The place in `listed` (sorted) of the keys that are in it, and where these stand."""
    if many * many <= DENSE * len(keys):
        place = np.full(many * many, -1, np.int32)
        place[listed] = np.arange(len(listed))
        found = place[keys]
        inside = np.flatnonzero(found >= 0)
        return found[inside].astype(np.int64), inside
    inside = np.flatnonzero(np.isin(keys, listed))
    return np.searchsorted(listed, keys[inside]), inside


def _active(record: Ints, annotator: Ints, many: int) -> Ints:
    """The annotators with most answers, as many as have no more than `MOST_COUNTED` meetings; all of them where that is so."""
    sizes = np.bincount(record).astype(np.float64)
    if (sizes * (sizes - 1) / 2).sum() <= MOST_COUNTED:
        return np.arange(many)
    order = np.argsort(-np.bincount(annotator, minlength=many), kind="stable")
    rank = np.empty(many, np.int64)
    rank[order] = np.arange(many)
    low, high = 1, many
    while low < high:
        middle = (low + high + 1) // 2
        sizes = np.bincount(record[rank[annotator] < middle]).astype(np.float64)
        low, high = (middle, high) if (sizes * (sizes - 1) / 2).sum() <= MOST_COUNTED else (low, middle - 1)
    return np.sort(order[:low])


def _count_keys(keys: Ints, many: int) -> tuple[Ints, Ints]:
    if many * many <= DENSE * len(keys):
        times = np.bincount(keys, minlength=many * many)
        every = np.flatnonzero(times)
        return every, times[every]
    return np.unique(keys, return_counts=True)


def pair_tables(pairs: Pairs, units: Units) -> tuple[dict[str, Cells], Combos]:
    """By pair: `n`, the units shared; by pair and label: how many of them the `first`, the `second` and `both` gave it."""
    sizes = units.size[pairs.record]
    pair, record = np.repeat(pairs.pair, sizes), np.repeat(pairs.record, sizes)
    one = units.label[spread(units.offset[pairs.first], sizes)]
    other = units.label[spread(units.offset[pairs.second], sizes)]
    weight = units.weight[spread(units.first[pairs.record], sizes)]
    labels, records = len(units.labels), len(units.size)
    keys = [pair * labels + one, pair * labels + other]
    combos = np.unique(np.concatenate([np.unique(key) for key in keys]))
    first, second = (np.searchsorted(combos, key) for key in keys)
    width = max(len(combos), 1)
    same = one == other

    def cells(rows: Ints, columns: Ints, values: Floats, size: int) -> Cells:
        return (*add_up(rows, columns, values, (records, size)), size)

    tables = {
        "n": cells(record, pair, weight, max(len(pairs.one), 1)),
        "first": cells(record, first, weight, width),
        "second": cells(record, second, weight, width),
        "both": cells(record[same], first[same], weight[same], width),
    }
    return tables, Combos(combos // labels, combos % labels)


def pair_set_tables(pairs: Pairs, values: Ints, members: Floats, records: int) -> tuple[dict[str, Cells], Combos]:
    """The same where an answer is a set of labels: answer i has the set number `values[i]`, and `members[set]` is 1 for what is in it."""
    labels = members.shape[1]
    sets, inside = np.nonzero(members)
    sizes = np.bincount(sets, minlength=len(members))
    starts = np.cumsum(sizes) - sizes
    keys: list[Ints] = []
    for answers in (pairs.first, pairs.second):
        number = values[answers]
        meeting = np.repeat(np.arange(len(number)), sizes[number])
        keys.append(meeting * labels + inside[spread(starts[number], sizes[number])])
    keys.append(np.intersect1d(keys[0], keys[1], assume_unique=True))
    combos = (
        np.unique(pairs.pair[np.concatenate(keys) // labels] * labels + np.concatenate(keys) % labels)
        if labels
        else keys[0]
    )
    width = max(len(combos), 1)
    shape = (records, max(len(pairs.one), 1))
    tables: dict[str, Cells] = {"n": (*add_up(pairs.record, pairs.pair, None, shape), shape[1])}
    for name, key in zip(("first", "second", "both"), keys, strict=True):
        meeting = key // max(labels, 1)
        wanted: Ints = pairs.pair[meeting] * labels + key % max(labels, 1)
        column = np.asarray(np.searchsorted(combos, wanted), dtype=np.int64)
        tables[name] = (*add_up(pairs.record[meeting], column, None, (records, width)), width)
    return tables, Combos(combos // max(labels, 1), combos % max(labels, 1))


def scale_tables(pairs: Pairs, units: Units, numbers: Floats) -> dict[str, Cells]:
    """By pair, for weighted kappa: the sums of both annotators' places on a scale, of their squares, and of the squared distances."""
    one, other = numbers[units.label[units.offset[pairs.first]]], numbers[units.label[units.offset[pairs.second]]]
    values = {"x_a": one, "x_b": other, "xx": one**2 + other**2, "apart": (one - other) ** 2}
    shape = (len(units.size), max(len(pairs.one), 1))
    return {name: (*add_up(pairs.record, pairs.pair, value, shape), shape[1]) for name, value in values.items()}


def pair_span_tables(pairs: Pairs, matches: Matches, records: int) -> dict[str, Cells]:
    """By pair: `spans`, `exact`, `overlap`, `label` and `borders`, from one comparison a meeting."""
    row, cell = cells_of(matches, np.arange(len(pairs.pair)))
    shape = (records, max(len(pairs.one), 1))
    tables = {
        name: (*add_up(pairs.record[row], pairs.pair[row], matches.counts[cell, column], shape), shape[1])
        for column, name in enumerate(("spans", *MODES))
    }
    borders = matches.borders[matches.place]
    return tables | {"borders": (*add_up(pairs.record, pairs.pair, borders, shape), shape[1])}


def pair_scores(sums: Sums, combos: Combos, labels: int) -> dict[str, Floats]:
    """Of each pair, `[samples, pairs]`: raw agreement, Cohen's kappa, alpha and AC1."""
    n = sums["n"]
    agreed = by_group(sums["both"], combos.pair, n.shape[1])
    chance = by_group(sums["first"] * sums["second"], combos.pair, n.shape[1])
    together = by_group((sums["first"] + sums["second"]) ** 2, combos.pair, n.shape[1])
    raw = quotient(agreed, n)
    spread_ = 1 - quotient(together, 4 * n**2)
    return {
        "raw_agreement": raw,
        "cohen_kappa": cohen_kappa(agreed, chance, n),
        "alpha": 1 - quotient(2 * (2 * n - 1) * (n - agreed), 4 * n**2 - together, of=4 * n**2),
        "ac1": beyond_chance(raw, spread_ / (labels - 1) if labels > 1 else np.ones_like(raw)),
    }
