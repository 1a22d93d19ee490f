"""Whether a model is as often right as it says."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from goldleaf.core import Field
from goldleaf.evaluate.confidence import confidences
from goldleaf.evaluate.pairs import Pair
from goldleaf.measure import calibration_error, reliability


def calibration_of(field: Field, pairs: Sequence[Pair]) -> dict[str, Any] | None:
    """`{"ece", "bins"}` of a field's answers (see `histogram_of`), by bins of equal mass; None where the model gave no scores.

    A bin is `{"confidence", "accuracy", "count"}`; `ece` is the expected calibration error, 0..1.
    """
    found = confidences(field, pairs)
    if found is None:
        return None
    bins = reliability(*found)
    return {"ece": calibration_error(bins), "bins": bins}
