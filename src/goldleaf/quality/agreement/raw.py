"""Raw agreement: how often two annotators say the same, with nothing taken off for chance.

Overall it is Fleiss' mean over units of the share of pairs of answers that agree (Psychological Bulletin 76, 1971,
https://doi.org/10.1037/h0031619), so each unit counts once, however many annotators it had:

    P = 1/N sum_i sum_k n_ik (n_ik - 1) / (m_i (m_i - 1))

Of one label against all others, raw agreement is high wherever the label is rare. The specific agreement (Cicchetti and Feinstein,
Journal of Clinical Epidemiology 43, 1990, https://doi.org/10.1016/0895-4356(90)90159-M) is not: where one annotator said k, how often the
other did; it is F1 between two annotators.
"""

from __future__ import annotations

from goldleaf.quality.agreement.tables import Sums, quotient
from goldleaf.quality.labels import Floats


def raw_agreement(sums: Sums) -> Floats:
    """Sums `[samples, ...]` -> `[samples, 1]`; NaN where no unit has two answers.

    >>> from goldleaf.quality.agreement.votes import count_table, tables_of
    >>> tables = tables_of(count_table([[2, 0], [1, 1]]))
    >>> raw_agreement(tables.named(tables.total())).tolist()
    [[0.5]]
    """
    return 1 - quotient(sums["differ"].sum(axis=1, keepdims=True), sums["compared"])


def raw_agreement_of_labels(sums: Sums) -> Floats:
    """Each label against all others: `[samples, labels]`."""
    return 1 - quotient(2 * sums["differ"], sums["compared"])


def specific_agreement(sums: Sums) -> Floats:
    """Where one said the label, how often another did: `[samples, labels]`; NaN where nobody said it of what was compared.

    >>> from goldleaf.quality.agreement.votes import count_table, tables_of
    >>> tables = tables_of(count_table([[2, 0], [1, 1]]))
    >>> specific_agreement(tables.named(tables.total())).round(3).tolist()
    [[0.667, 0.0]]
    """
    return 1 - quotient(sums["parted"], sums["marginal"])
