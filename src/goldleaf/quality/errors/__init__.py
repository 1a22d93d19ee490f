"""Label errors: gold that a model, other records or the annotators speak against."""

from goldleaf.quality.errors.errors import find_errors, label_errors
from goldleaf.quality.errors.found import Errors

__all__ = ["Errors", "find_errors", "label_errors"]
