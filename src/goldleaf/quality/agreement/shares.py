"""Cohen's kappa of more than two annotators: the mean over pairs, chance from all that each of the two said.

Light's mean (kappa.py) takes the chance agreement of a pair from the records the two share. In a crowd these are few, and kappa is then
far too low: of pairs that share one record it is 0 whatever they say. Here an annotator's shares p_ak of the labels are those of all their
answers to records that somebody else answered too, and a pair weighs as much as it shares:

    kappa = sum_ab n_ab (P_ab - P_e,ab) / (1 - P_e,ab) / sum_ab n_ab,  P_e,ab = sum_k p_ak p_bk

Of two annotators that is Cohen's kappa, and where everyone answered every record Light's mean.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from goldleaf.quality.agreement.kappa import mean_over_pairs
from goldleaf.quality.agreement.pairs import Cells, Combos, Pairs
from goldleaf.quality.agreement.tables import Sums, add_up, beyond_chance, by_group, quotient, spread
from goldleaf.quality.agreement.units import Units
from goldleaf.quality.labels import Answers, Floats, Ints


@dataclass(frozen=True, slots=True)
class Shares:
    """`owner[c]`: whose labels column c of `given` counts. Entry t is of `pair[t]` (in order) and `label[t]`: the two annotators' columns
    of `given` (`one`, `other`) and the pair's column of `first`, `second` and `both` (`combo`); where there is none, how many there are."""

    owner: Ints
    pair: Ints
    label: Ints
    one: Ints
    other: Ints
    combo: Ints


@dataclass(frozen=True, slots=True)
class Said:
    """Annotator `annotator[i]` gave `label[i]` to `weight[i]` units of record `record[i]`; `seen`: record, annotator, and units."""

    record: Ints
    annotator: Ints
    label: Ints
    weight: Floats
    seen: tuple[Ints, Ints, Floats]


def said_of_units(pairs: Pairs, units: Units) -> Said:
    """What the annotators of the listed pairs said where somebody else answered too."""
    answers = _listed(pairs, units.record, units.annotator)
    record, annotator = units.record[answers], units.annotator[answers]
    sizes = units.size[record]
    row = np.repeat(record, sizes)
    weight = units.weight[spread(units.first[record], sizes)]
    label = units.label[spread(units.offset[answers], sizes)]
    column = np.repeat(annotator, sizes)
    return Said(row, column, label, weight, (row, column, weight))


def said_of_sets(pairs: Pairs, answers: Answers, members: Floats) -> Said:
    """The same where an answer is a set: `members[i]` is 1 for each label in answer i."""
    listed = _listed(pairs, answers.record, answers.annotator)
    row, label = np.nonzero(members[listed])
    record, annotator = answers.record[listed], answers.annotator[listed]
    return Said(record[row], annotator[row], label, np.ones(len(row)), (record, annotator, np.ones(len(record))))


def share_tables(
    pairs: Pairs, combos: Combos, said: Said, labels: int, records: int
) -> tuple[dict[str, Cells], Shares]:
    """The tables `seen` (by annotator: units) and `given` (by annotator and label), and which columns belong to which pair."""
    listed = np.union1d(pairs.one, pairs.other)
    who = np.searchsorted(listed, said.annotator)
    keys, column = np.unique(who * labels + said.label, return_inverse=True)
    width, many = max(len(keys), 1), max(len(listed), 1)
    record, annotator, units = said.seen
    tables: dict[str, Cells] = {
        "given": (*add_up(said.record, column, said.weight, (records, width)), width),
        "seen": (*add_up(record, np.searchsorted(listed, annotator), units, (records, many)), many),
    }
    ends = [np.searchsorted(listed, each) for each in (pairs.one, pairs.other)]
    return tables, _shares(keys, ends, combos, labels)


def _shares(keys: Ints, ends: list[Ints], combos: Combos, labels: int) -> Shares:
    """Of each pair, every label that one of the two gave to anything."""
    owner = keys // max(labels, 1)
    starts = np.searchsorted(owner, np.arange(int(max((end.max(initial=-1) for end in ends), default=-1)) + 2))
    found: list[Ints] = []
    for end in ends:
        sizes = starts[end + 1] - starts[end]
        found.append(np.repeat(np.arange(len(end)), sizes) * labels + keys[spread(starts[end], sizes)] % max(labels, 1))
    every = np.unique(np.concatenate(found))
    pair, label = every // max(labels, 1), every % max(labels, 1)
    one, other = (_place(keys, end[pair] * labels + label) for end in ends)
    return Shares(owner, pair, label, one, other, _place(combos.pair * labels + combos.label, every))


def mean_kappa(sums: Sums, combos: Combos, shares: Shares) -> Floats:
    """Of all annotators together: `[samples, 1]`."""
    n, share = sums["n"], _own(sums, shares)
    met = np.flatnonzero((shares.one < len(shares.owner)) & (shares.other < len(shares.owner)))
    chance = by_group(share[:, shares.one[met]] * share[:, shares.other[met]], shares.pair[met], n.shape[1])
    agreed = by_group(sums["both"], combos.pair, n.shape[1])
    return mean_over_pairs(beyond_chance(quotient(agreed, n), chance), n)


def mean_kappa_of_labels(sums: Sums, combos: Combos, shares: Shares, shown: Ints) -> Floats:
    """Each of these labels against all others: `[samples, labels]`; the mean over the pairs in which one of the two ever gave it."""
    size = int(max(shares.label.max(initial=0), shown.max(initial=0))) + 1
    wanted = np.zeros(size, bool)
    wanted[shown] = True
    entries = np.flatnonzero(wanted[shares.label])
    entries = entries[np.argsort(shares.label[entries], kind="stable")]
    share, pairs = _own(sums, shares), shares.pair[entries]
    a, b = share[:, shares.one[entries]], share[:, shares.other[entries]]
    first, second, both = (
        _padded(sums[name][:, : len(combos.pair)])[:, shares.combo[entries]] for name in ("first", "second", "both")
    )
    n = sums["n"][:, pairs]
    kappas = beyond_chance(quotient(n - first - second + 2 * both, n), a * b + (1 - a) * (1 - b))
    defined = ~np.isnan(kappas)
    of = shares.label[entries]
    weighted, weights = (by_group(np.where(defined, values, 0.0), of, size) for values in (kappas * n, n))
    return quotient(weighted, weights)[:, shown]


def _listed(pairs: Pairs, record: Ints, annotator: Ints) -> Ints:
    """The answers of the annotators in listed pairs, to records with two answers."""
    among = np.zeros(int(annotator.max(initial=-1)) + 1, bool)
    among[pairs.one] = among[pairs.other] = True
    return np.flatnonzero(among[annotator] & (np.bincount(record)[record] > 1))


def _place(keys: Ints, wanted: Ints) -> Ints:
    """Where each wanted key stands among the sorted keys; their number where it does not."""
    if not len(keys):
        return np.zeros_like(wanted)
    place = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
    return np.where(keys[place] == wanted, place, len(keys))


def _own(sums: Mapping[str, Floats], shares: Shares) -> Floats:
    """Each annotator's share of each label, and a last column of zeros."""
    given = sums["given"][:, : len(shares.owner)]
    return _padded(quotient(given, sums["seen"][:, shares.owner]))


def _padded(values: Floats) -> Floats:
    return np.concatenate([values, np.zeros((len(values), 1))], axis=1)
