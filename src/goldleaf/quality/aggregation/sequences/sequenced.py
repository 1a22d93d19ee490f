"""What every way of aggregating spans and tags gives."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd

from goldleaf.quality.aggregation.votes import Matrix, Votes
from goldleaf.quality.labels import Floats

NOTHING = "(nothing)"
"""What the confusions call a place without a span."""
PARTS = ("record", "start", "end", "label", "confidence")


@dataclass(frozen=True, slots=True)
class Question:
    """Votes on what was in question, the `truth` `[questions, classes]` that annotators are judged by, and the classes' names."""

    votes: Votes
    truth: Matrix
    names: list[str]


@dataclass(frozen=True, slots=True)
class Sequenced:
    """Of one field: a value and a confidence a record; `spans`, a row a span of the values (a row a token, where tags mark no spans) with
    the columns `PARTS`, in code points, for tags in tokens; what annotators are judged by; the method, why it was taken, and how many
    iterations it took."""

    values: list[Any]
    confidence: Floats
    spans: pd.DataFrame
    asked: list[Question]
    method: str
    reason: str = ""
    iterations: int = 0
