"""Label errors: gold that a model, other records or the annotators speak against."""

from goldleaf.quality.errors.duplicates import duplicates
from goldleaf.quality.errors.errors import find_errors, label_errors
from goldleaf.quality.errors.found import Errors
from goldleaf.quality.errors.rehearsal import Rehearsal, rehearse

__all__ = ["Errors", "Rehearsal", "duplicates", "find_errors", "label_errors", "rehearse"]
