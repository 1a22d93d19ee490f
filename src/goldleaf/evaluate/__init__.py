"""Predictions and gold in, a Report out."""

from goldleaf.evaluate.baseline import tfidf_baseline
from goldleaf.evaluate.evaluation import evaluate

__all__ = ["evaluate", "tfidf_baseline"]
