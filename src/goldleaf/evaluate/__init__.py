"""Predictions and gold in, a Report out."""

from goldleaf.evaluate.baseline import tfidf_baseline
from goldleaf.evaluate.comparison import compare
from goldleaf.evaluate.evaluation import evaluate

__all__ = ["compare", "evaluate", "tfidf_baseline"]
