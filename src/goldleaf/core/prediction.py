"""What a model said of one record."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from goldleaf.core.values import Value


@dataclass(frozen=True, slots=True)
class Prediction:
    """A value per field, and how sure the model is of it.

    `scores` holds, per field, for a choice the probability of every label (`{label: p}`), for spans one probability a span and for
    tags one a token, each in the order of the value.
    """

    record: str
    values: Mapping[str, Value]
    scores: Mapping[str, Any] = field(default_factory=dict[str, Any])
