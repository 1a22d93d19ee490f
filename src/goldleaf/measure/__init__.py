"""Scores that add up, and how sure they are."""

from goldleaf.measure.bootstrap import (
    Interval,
    Table,
    f1_of,
    group_sums,
    interval,
    intervals,
    precision_of,
    ratio,
    recall_of,
    resample,
)
from goldleaf.measure.calibration import calibration_error, fit_chunk_temperature, fit_temperature, reliability
from goldleaf.measure.counts import Counts, count_labels, main_score, total
from goldleaf.measure.geometric import LogSums, geometric_ratio
from goldleaf.measure.holm import holm
from goldleaf.measure.learning import PowerLaw, fit_power_law
from goldleaf.measure.likeness import likeness, value_key
from goldleaf.measure.mahalanobis import Mahalanobis, fit_mahalanobis
from goldleaf.measure.ranking import auroc, average_precision, false_alarms
from goldleaf.measure.tokens import token_marks, tokens_right

__all__ = [
    "Counts",
    "Interval",
    "LogSums",
    "Mahalanobis",
    "PowerLaw",
    "Table",
    "auroc",
    "average_precision",
    "calibration_error",
    "count_labels",
    "f1_of",
    "false_alarms",
    "fit_chunk_temperature",
    "fit_mahalanobis",
    "fit_power_law",
    "fit_temperature",
    "geometric_ratio",
    "group_sums",
    "holm",
    "interval",
    "intervals",
    "likeness",
    "main_score",
    "precision_of",
    "ratio",
    "recall_of",
    "reliability",
    "resample",
    "token_marks",
    "tokens_right",
    "total",
    "value_key",
]
