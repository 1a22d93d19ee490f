"""Scores that add up, and how sure they are."""

from goldleaf.measure.bootstrap import Interval, f1_of, group_sums, interval, precision_of, ratio, recall_of, resample
from goldleaf.measure.counts import Counts, count_labels, main_score, total

__all__ = [
    "Counts",
    "Interval",
    "count_labels",
    "f1_of",
    "group_sums",
    "interval",
    "main_score",
    "precision_of",
    "ratio",
    "recall_of",
    "resample",
    "total",
]
