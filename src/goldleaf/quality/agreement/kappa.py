"""Kappa: the share of what chance leaves to agree on that is agreed on, (P - P_e) / (1 - P_e).

Cohen's (Educational and Psychological Measurement 20, 1960, https://doi.org/10.1177/001316446002000104) is of two annotators, each with
their own shares of the labels: P_e = sum_k p_ak p_bk. Of more than two it is the mean over pairs (Light, Psychological Bulletin 76, 1971,
https://doi.org/10.1037/h0031643; shares.py says how, for a crowd of which most pairs share little). Where labels have an order, the
weighted kappa (Cohen, Psychological Bulletin 70, 1968, https://doi.org/10.1037/h0026256) counts a disagreement by the square of the
distance.

Fleiss' (Psychological Bulletin 76, 1971, https://doi.org/10.1037/h0031619) is of any number, who share one distribution of labels:
P_e = sum_k p_k^2. Where units have different numbers of answers, p_k is the mean over units of the label's share (Gwet, Handbook of
Inter-Rater Reliability, 4th edition, 2014, chapter 2); with equal numbers that is Fleiss' own.
"""

from __future__ import annotations

import numpy as np

from goldleaf.quality.agreement.raw import raw_agreement, raw_agreement_of_labels
from goldleaf.quality.agreement.tables import Sums, beyond_chance, quotient
from goldleaf.quality.labels import Floats


def fleiss_kappa(sums: Sums) -> Floats:
    """Sums `[samples, ...]` -> `[samples, 1]`; NaN where no unit has two answers, or only one label occurs.

    >>> from goldleaf.quality.agreement.votes import count_table, tables_of
    >>> tables = tables_of(count_table([[2, 0], [2, 0], [0, 2], [1, 1]]))
    >>> fleiss_kappa(tables.named(tables.total())).round(3).tolist()  # P = .75, P_e = (5/8)^2 + (3/8)^2 = .531
    [[0.467]]
    """
    shares = quotient(sums["share"], sums["units"])
    return beyond_chance(raw_agreement(sums), (shares**2).sum(axis=1, keepdims=True))


def fleiss_kappa_of_labels(sums: Sums) -> Floats:
    """Each label against all others, the kappa_j of Fleiss' paper: `[samples, labels]`."""
    shares = quotient(sums["share"], sums["units"])
    return beyond_chance(raw_agreement_of_labels(sums), shares**2 + (1 - shares) ** 2)


def cohen_kappa(agreed: Floats, chance: Floats, units: Floats) -> Floats:
    """Of each pair: `agreed` and `units` are sums, `chance` is sum_k of the products of the two annotators' counts of a label.

    >>> cohen_kappa(np.array([140.0]), np.array([120.0 * 100 + 60 * 60 + 20 * 40]), np.array([200.0])).round(3).tolist()
    [0.492]
    """
    return beyond_chance(quotient(agreed, units), quotient(chance, units**2))


def weighted_kappa(sums: Sums) -> Floats:
    """Of each pair, by squared distances: 1 - sum (x_a - x_b)^2 / its expectation, `[samples, pairs]`.

    `apart` sums (x_a - x_b)^2, `x_a`, `x_b` the places on the scale and `xx` x_a^2 + x_b^2, over the units of each pair.
    """
    expected = sums["xx"] - quotient(2 * sums["x_a"] * sums["x_b"], sums["n"])
    return 1 - quotient(sums["apart"], expected, of=sums["xx"])


def mean_over_pairs(kappas: Floats, units: Floats) -> Floats:
    """The mean weighted by units, of the pairs for which it is defined: `[samples, pairs]` -> `[samples, 1]`."""
    defined = ~np.isnan(kappas)
    weights = np.where(defined, units, 0.0)
    return quotient(
        (np.where(defined, kappas, 0.0) * weights).sum(axis=1, keepdims=True), weights.sum(axis=1, keepdims=True)
    )
