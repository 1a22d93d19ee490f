"""The ways of aggregating spans and tags, by their names."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from goldleaf.quality.aggregation.sequence_majority import sequence_majority

SEQUENCE: dict[str, Callable[..., Any]] = {"auto": sequence_majority, "majority": sequence_majority}
"""`fn(answers, records, *, seed) -> values, confidences, annotators`"""
