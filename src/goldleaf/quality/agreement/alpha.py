"""Krippendorff's alpha: 1 - D_o / D_e, the observed disagreement against that of answers dealt out at random.

With o_ck the coincidences of labels c and k (each pair of answers to a unit with m answers counts 1/(m - 1)), n_c their marginals and n
their sum,

    alpha = 1 - (n - 1) sum_ck o_ck d_ck / sum_ck n_c n_k d_ck

where d_ck is 1 for different labels (nominal), the squared distance of numbers (interval), or the squared number of answers that lie
between two labels, their own counted half (ordinal; that is the interval distance of mid-ranks). Any number of annotators, any gaps; units
with one answer count for nothing. Krippendorff, Computing Krippendorff's Alpha-Reliability, 2011, https://repository.upenn.edu/asc_papers/43;
Hayes and Krippendorff, Communication Methods and Measures 1, 2007, https://doi.org/10.1080/19312450709336664.

The coincidences of nominal labels add up as `parted` (see votes.py). Ordinal distances hang on the marginals, so each resample has its
own: the coincidences of all pairs of labels are kept. Of numbers, sums and sums of squares are enough.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from goldleaf.quality.agreement.tables import Sums, add_up, pairs_within, quotient, scalar, sum_by
from goldleaf.quality.agreement.votes import Votes
from goldleaf.quality.labels import Floats, Ints

Cells = Mapping[str, tuple[Ints, Ints, Floats, int]]


def nominal_alpha(sums: Sums) -> Floats:
    """Sums `[samples, ...]` -> `[samples, 1]`; NaN where no unit has two answers, or only one label occurs in such.

    >>> from goldleaf.quality.agreement.votes import count_table, tables_of
    >>> tables = tables_of(count_table([[2, 0], [2, 0], [0, 2], [1, 1]]))
    >>> nominal_alpha(tables.named(tables.total())).round(3).tolist()  # 1 - 7 (1 + 1) / (8^2 - 5^2 - 3^2)
    [[0.533]]
    """
    n = sums["answers"]
    apart = n**2 - (sums["marginal"] ** 2).sum(axis=1, keepdims=True)
    return 1 - quotient((n - 1) * sums["parted"].sum(axis=1, keepdims=True), apart, of=n**2)


def nominal_alpha_of_labels(sums: Sums) -> Floats:
    """Each label against all others: `[samples, labels]`."""
    n = sums["answers"]
    return 1 - quotient((n - 1) * sums["parted"], sums["marginal"] * (n - sums["marginal"]), of=n**2)


def ordinal_tables(votes: Votes) -> tuple[dict[str, tuple[Ints, Ints, Floats, int]], tuple[Ints, Ints]]:
    """Coincidences (`met`) of every two different labels that meet, one column each; and the two labels of each column."""
    firsts = np.flatnonzero(np.r_[True, np.diff(votes.unit) > 0]) if len(votes.unit) else np.zeros(0, np.int64)
    one, other = pairs_within(np.diff(np.r_[firsts, len(votes.unit)]))
    value = votes.weight[one] * votes.count[one] * votes.count[other] / (votes.answers[votes.record[one]] - 1)
    met, column = np.unique(votes.label[one] * votes.labels + votes.label[other], return_inverse=True)
    cells = add_up(votes.record[one], column, value, (len(votes.answers), max(len(met), 1)))
    return {"met": (*cells, max(len(met), 1))}, (met // votes.labels, met % votes.labels)


def ordinal_alpha(sums: Sums, meeting: tuple[Ints, Ints]) -> Floats:
    """Labels in their order; `meeting` are the two labels of each column of `met`: `[samples, 1]`.

    >>> from goldleaf.quality.agreement.tables import joined
    >>> from goldleaf.quality.agreement.votes import count_table, nominal_tables
    >>> votes = count_table([[2, 0, 0], [0, 2, 0], [0, 1, 1]])
    >>> met, meeting = ordinal_tables(votes)
    >>> tables = joined(nominal_tables(votes) | met, 3)
    >>> ordinal_alpha(tables.named(tables.total()), meeting).round(3).tolist()  # mid-ranks 1, 3.5, 5.5: 1 - 5 * 8 / 180
    [[0.778]]
    """
    n, marginal = sums["answers"], sums["marginal"]
    rank = np.cumsum(marginal, axis=1) - marginal / 2
    observed = np.zeros_like(n)
    if len(meeting[0]):
        apart = (rank[:, meeting[0]] - rank[:, meeting[1]]) ** 2
        observed = (2 * sums["met"] * apart).sum(axis=1, keepdims=True)
    squares = (marginal * rank**2).sum(axis=1, keepdims=True)
    expected = 2 * (n * squares - (marginal * rank).sum(axis=1, keepdims=True) ** 2)
    return 1 - quotient((n - 1) * observed, expected, of=n * squares)


def interval_tables(votes: Votes, numbers: Floats) -> dict[str, tuple[Ints, Ints, Floats, int]]:
    """Of each record with more than one answer: the sum of the answers (`x`, from their mean), of their squares (`x2`), and of the squared
    distances within the record over m - 1 (`within`). `numbers` is what each label stands for."""
    m = votes.answers.astype(np.float64)
    two, records = m > 1, len(m)
    value = numbers[votes.label]
    value = value - (np.average(value, weights=votes.count) if len(value) else 0.0)
    x = sum_by(votes.record, votes.count * value, records)
    x2 = sum_by(votes.record, votes.count * value**2, records)
    within = np.divide(2 * (m * x2 - x**2), m - 1, out=np.zeros(records), where=two)
    exact = (
        np.bincount(votes.record, minlength=records) > 1
    )  # of answers that are all one number the difference is 0, not rounding
    return {"x": scalar(x * two), "x2": scalar(x2 * two), "within": scalar(within * exact)}


def interval_alpha(sums: Sums) -> Floats:
    """Labels that are numbers: `[samples, 1]`.

    >>> from goldleaf.quality.agreement.tables import joined
    >>> from goldleaf.quality.agreement.votes import count_table, nominal_tables
    >>> votes = count_table([[2, 0, 0], [0, 2, 0], [0, 1, 1]])
    >>> tables = joined(nominal_tables(votes) | interval_tables(votes, np.array([1.0, 2, 3])), 3)
    >>> interval_alpha(tables.named(tables.total())).round(3).tolist()  # 1 - 5 * 2 / (2 (6 * 23 - 11^2))
    [[0.706]]
    """
    n, squares = sums["answers"], sums["x2"]
    return 1 - quotient((n - 1) * sums["within"], 2 * (n * squares - sums["x"] ** 2), of=n * squares)
