"""A bundle run without torch."""

from goldleaf.serve.predictor import BUDGET, Predictor, Result, available_cores, result_to_dict

__all__ = ["BUDGET", "Predictor", "Result", "available_cores", "result_to_dict"]
