"""Gwet's AC1: agreement beyond chance, where chance is what annotators do who cannot tell and pick a label at random.

    AC1 = (P - P_e) / (1 - P_e),  P_e = 1/(q - 1) sum_k p_k (1 - p_k)

with P the raw agreement, p_k the mean over units of the share of label k, and q the number of labels that could be given. Where one label
is nearly all there is, kappa and alpha fall although everyone agrees (its paradox: Feinstein and Cicchetti, 1990), and AC1 does not.
Gwet, British Journal of Mathematical and Statistical Psychology 61, 2008, https://doi.org/10.1348/000711006X126600; with gaps as in his
Handbook of Inter-Rater Reliability, 4th edition, 2014, chapter 2.
"""

from __future__ import annotations

from goldleaf.quality.agreement.raw import raw_agreement, raw_agreement_of_labels
from goldleaf.quality.agreement.tables import Sums, beyond_chance, quotient
from goldleaf.quality.labels import Floats


def ac1(sums: Sums, *, labels: int) -> Floats:
    """Sums `[samples, ...]` -> `[samples, 1]`; `labels` is q. NaN where no unit has two answers, or there is but one label to give.

    >>> from goldleaf.quality.agreement.votes import count_table, tables_of
    >>> tables = tables_of(count_table([[2, 0]] * 8 + [[0, 2], [1, 1]]))
    >>> ac1(tables.named(tables.total()), labels=2).round(3).tolist()  # P = .9, P_e = 2 * .85 * .15 = .255
    [[0.866]]
    """
    shares = quotient(sums["share"], sums["units"])
    return beyond_chance(raw_agreement(sums), chance_of(shares, labels))


def ac1_of_labels(sums: Sums) -> Floats:
    """Each label against all others (q is 2): `[samples, labels]`."""
    shares = quotient(sums["share"], sums["units"])
    return beyond_chance(raw_agreement_of_labels(sums), 2 * shares * (1 - shares))


def chance_of(shares: Floats, labels: int) -> Floats:
    """P_e from the shares of the labels, `[..., labels]` -> `[..., 1]`: all of it where there is but one label to give."""
    spread = (shares * (1 - shares)).sum(axis=-1, keepdims=True)
    return spread / (labels - 1) if labels > 1 else spread + 1
