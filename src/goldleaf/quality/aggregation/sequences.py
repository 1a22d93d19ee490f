"""The ways of aggregating spans and tags, by their names."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

SEQUENCE: dict[str, Callable[..., Any]] = {}
