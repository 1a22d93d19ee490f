"""A bundle run without torch."""

from goldleaf.serve.predictor import Predictor, Result

__all__ = ["Predictor", "Result"]
