"""What a search tries: a small space around a recipe that has been planned."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from goldleaf.train.loop import planned
from goldleaf.train.recipe import Recipe


@dataclass(frozen=True, slots=True)
class Range:
    """Numbers from `low` to `high`, both included; drawn evenly, or evenly in their logarithm; `whole` ones alone."""

    low: float
    high: float
    log: bool = False
    whole: bool = False


@dataclass(frozen=True, slots=True)
class Choice:
    """One of these."""

    values: tuple[Any, ...]


Space = Mapping[str, Range | Choice]
"""Options of a recipe, and what each may be."""


def space_around(recipe: Recipe) -> Space:
    """What is searched around a planned recipe: the rate to a third and to three times, half and twice the batch, half to one and a half
    times the epochs, warm-up, dropout, label smoothing, and the rate of the heads. The recipe itself lies in it."""
    rate, tokens, epochs = (planned(recipe, name) for name in ("learning_rate", "batch_tokens", "epochs"))
    return {
        "learning_rate": Range(rate / 3, rate * 3, log=True),
        "batch_tokens": Choice((max(1, tokens // 2), tokens, tokens * 2)),
        "epochs": Range(max(1, round(epochs / 2)), max(2, round(epochs * 1.5)), whole=True),
        "warmup": Range(0.0, max(0.2, recipe.warmup)),
        "dropout": Choice(tuple(dict.fromkeys((recipe.dropout, 0.0, 0.2)))),
        "label_smoothing": Range(0.0, max(0.1, recipe.label_smoothing)),
        "head_rate": Range(recipe.head_rate / 2, recipe.head_rate * 8, log=True),
    }


def options_of(recipe: Recipe, space: Space) -> dict[str, Any]:
    """What a recipe says of the options that are searched."""
    return {name: getattr(recipe, name) for name in space}


def with_options(recipe: Recipe, options: Mapping[str, Any]) -> Recipe:
    """The recipe with these options, numbers cut to four digits, which is all that a search can tell apart.

    >>> with_options(Recipe(), {"learning_rate": 0.000123456}).learning_rate
    0.0001235
    """
    cut = {name: float(f"{v:.4g}") if isinstance(v, float) else v for name, v in options.items()}
    return replace(recipe, **cut)


def space_to_dict(space: Space) -> dict[str, Any]:
    """The space as JSON-ready data."""
    return {name: asdict(part) if isinstance(part, Range) else list(part.values) for name, part in space.items()}
