"""A bundle run without torch."""

from goldleaf.serve.predictor import Predictor, Result, result_to_dict

__all__ = ["Predictor", "Result", "result_to_dict"]
