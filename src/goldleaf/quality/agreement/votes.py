"""How many annotators gave each label to each unit, and what of it adds up: the tables of all coefficients for labels without an order.

A unit is a record, a token, or a stretch of characters, with a weight (how many such units stand for one). Of a unit with m answers, n
of them label k, and its weight w, a record adds up

=============  ======================================  ===================================================
`units`        w                                       units with an answer
`compared`     w where m > 1                           units that can be compared
`answers`      w m where m > 1                         answers to them
`share`        w n / m                                 Fleiss' and Gwet's shares of a label
`marginal`     w n where m > 1                         Krippendorff's marginals
`parted`       w n (m - n) / (m - 1)                   his coincidences of k with any other label
`differ`       w n (m - n) / (m (m - 1))               the share of the unit's pairs of answers in which just the first is k
=============  ======================================  ===================================================
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from goldleaf.quality.agreement.tables import Tables, add_up, joined, scalar, spread, sum_by
from goldleaf.quality.agreement.units import Units
from goldleaf.quality.labels import Floats, Ints


@dataclass(frozen=True, slots=True)
class Votes:
    """`count[i]` of the answers to unit `unit[i]` of record `record[i]` are label `label[i]`; units in order, `answers` a record."""

    unit: Ints
    record: Ints
    label: Ints
    count: Floats
    weight: Floats
    answers: Ints
    size: Floats
    labels: int


def count_votes(units: Units) -> Votes:
    """The votes for each unit; a unit that nobody answered has none."""
    records, labels = len(units.size), len(units.labels)
    sizes = units.size[units.record]
    place = spread(units.first[units.record], sizes)
    unit, label, count = add_up(place, units.label, None, (len(units.weight), labels))
    of_record = np.repeat(np.arange(records), units.size)
    return Votes(
        unit,
        of_record[unit],
        label,
        count,
        units.weight[unit],
        np.bincount(units.record, minlength=records),
        sum_by(of_record, units.weight, records),
        labels,
    )


def count_table(counts: np.typing.ArrayLike) -> Votes:
    """Votes from a table `[records, labels]` of how often each label was given, as published examples have them."""
    table = np.asarray(counts, dtype=np.float64)
    record, label = np.nonzero(table)
    answers = table.sum(axis=1).astype(np.int64)
    ones = np.ones(len(table))
    return Votes(record, record, label, table[record, label], ones[record], answers, ones, table.shape[1])


def nominal_tables(votes: Votes) -> dict[str, tuple[Ints, Ints, Floats, int]]:
    """The tables above, a row a record.

    >>> tables = joined(nominal_tables(count_table([[2, 0], [1, 1]])), 2)
    >>> {name: sums.tolist() for name, sums in tables.named(tables.total()).items() if name != "differ"}
    {'units': [[2.0]], 'compared': [[2.0]], 'answers': [[4.0]], 'share': [[1.5, 0.5]], 'marginal': [[3.0, 1.0]], 'parted': [[1.0, 1.0]]}
    """
    compared = votes.answers > 1
    each = votes.answers[votes.record].astype(np.float64)
    two = each > 1
    n, w = votes.count, votes.weight
    parted = np.divide(w * n * (each - n), each - 1, out=np.zeros_like(n), where=two)
    values = {"share": w * n / each, "marginal": np.where(two, w * n, 0.0), "parted": parted, "differ": parted / each}
    tables = {
        "units": scalar(votes.size * (votes.answers > 0)),
        "compared": scalar(votes.size * compared),
        "answers": scalar(votes.size * votes.answers * compared),
    }
    shape = (len(votes.answers), votes.labels)
    return tables | {
        name: (*add_up(votes.record, votes.label, value, shape), shape[1]) for name, value in values.items()
    }


def tables_of(votes: Votes) -> Tables:
    """The nominal tables alone."""
    return joined(nominal_tables(votes), len(votes.answers))
