"""Values as they lie in a JSON column."""

from __future__ import annotations

from typing import Any

from goldleaf.core import Span, Value, value_to_json

to_json = value_to_json


def from_json(value: Any) -> Value:
    """The value that `to_json` wrote: lists of three become spans, all else stays."""
    if isinstance(value, list):
        return [Span(*item) if isinstance(item, list) else item for item in value]
    return value
