"""Predictions and gold in, a Report out."""

from goldleaf.evaluate.baseline import tfidf_baseline
from goldleaf.evaluate.calibration import calibration_of
from goldleaf.evaluate.comparison import compare
from goldleaf.evaluate.evaluation import evaluate
from goldleaf.evaluate.out_of_scope import out_of_scope_of
from goldleaf.evaluate.pairs import pair_up
from goldleaf.evaluate.slices import make_typos, slices_of

__all__ = [
    "calibration_of",
    "compare",
    "evaluate",
    "make_typos",
    "out_of_scope_of",
    "pair_up",
    "slices_of",
    "tfidf_baseline",
]
