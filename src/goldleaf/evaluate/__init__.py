"""Predictions and gold in, a Report out."""

from goldleaf.evaluate.baseline import tfidf_baseline
from goldleaf.evaluate.calibration import calibration_of
from goldleaf.evaluate.comparison import compare
from goldleaf.evaluate.evaluation import evaluate
from goldleaf.evaluate.pairs import pair_up

__all__ = ["calibration_of", "compare", "evaluate", "pair_up", "tfidf_baseline"]
