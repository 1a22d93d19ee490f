"""What the answers to a field give to estimate from, whatever its kind."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from goldleaf.core import Schema
from goldleaf.quality.agreement import parts
from goldleaf.quality.agreement.comparisons import FEW, number_values, thin_out
from goldleaf.quality.agreement.meaning import Level
from goldleaf.quality.agreement.over_time import Every
from goldleaf.quality.agreement.pairs import Cells, Pairs, pair_tables
from goldleaf.quality.agreement.parts import Part
from goldleaf.quality.agreement.shares import said_of_units, share_tables
from goldleaf.quality.agreement.tables import joined, scalar, sum_by
from goldleaf.quality.agreement.units import Unit, Units
from goldleaf.quality.labels import Answers, Ints

MOST_LABELS = 1_000
"""Each of so many most frequent labels is held against all others."""
MEETING = 40.0
"""Comparing two lists of spans, or sets, costs about as much as comparing so many single labels."""


@dataclass(frozen=True, slots=True)
class Options:
    """What `agreement` was asked for."""

    schema: Schema | None = None
    records: pd.DataFrame | None = None
    level: Level = "nominal"
    every: Every = "auto"
    resamples: int = 1000
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Evidence:
    """The parts that coefficients are estimated from. Their `label` coefficients are of `labels`, each given `answers` times; `cells` are
    record, first and second of `cell_labels`, and how many pairs of answers gave the two."""

    unit: Unit
    parts: tuple[Part, ...]
    labels: tuple[str, ...]
    answers: Ints
    pairs: Pairs
    cells: tuple[Ints, Ints, Ints, np.ndarray[Any, np.dtype[np.float64]]]
    cell_labels: tuple[str, ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Values:
    """The different values of a field, and the number of each answer's; `kept` are the answers that are compared value by value."""

    number: Ints
    values: list[Any]
    kept: Ints
    notes: tuple[str, ...]


def number_answers(answers: Answers, key: Callable[[Any], Hashable], *, seed: int) -> Values:
    """Each value numbered, and which answers to compare: all, or a few of each record where there would be too many pairs."""
    number, values = number_values(answers.values, key)
    kept = thin_out(answers.record, number, rng=np.random.default_rng(seed))
    every = np.arange(len(number))
    if kept is None:
        return Values(number, values, every, ())
    note = f"Values were compared in pairs for at most {FEW} answers to each record, drawn at random: there are too many pairs for all."
    return Values(number, values, every[kept], (note,))


def most_frequent(given: Ints) -> tuple[Ints, tuple[str, ...]]:
    """Labels by how often they were given, `MOST_LABELS` of them at most, and a note where there are more."""
    ranked = np.argsort(-given, kind="stable")
    if len(ranked) <= MOST_LABELS:
        return ranked, ()
    return ranked[:MOST_LABELS], (
        f"{MOST_LABELS:,} of {len(ranked):,} labels are held against all others: the most frequent.",
    )


def cohen_part(pairs: Pairs, units: Units, shown: Ints, scale: dict[str, Cells]) -> Part:
    """What two annotators at a time say: of the field (means over pairs), of each label, and of each pair."""
    tables, combos = pair_tables(pairs, units)
    labels, records = len(units.labels), len(units.size)
    own, shares = share_tables(pairs, combos, said_of_units(pairs, units), labels, records)
    return Part(
        joined(tables | own | scale, records),
        {
            "field": partial(parts.cohen_scores, combos=combos, shares=shares),
            "label": partial(parts.cohen_label_scores, combos=combos, shares=shares, shown=shown),
            "pair": partial(parts.pair_scores, combos=combos, labels=labels),
        },
    )


def same_part(answers: Answers, number: Ints) -> Part:
    """How often two whole answers are the same."""
    records = len(answers.records)
    wide = int(number.max(initial=0)) + 1
    keys, times = np.unique(answers.record * wide + number, return_counts=True)
    m = np.bincount(answers.record, minlength=records).astype(np.float64)
    same = sum_by(keys // wide, (times * (times - 1)).astype(np.float64), records) / np.maximum(m * (m - 1), 1)
    return Part(
        joined({"same": scalar(same), "met": scalar((m > 1).astype(np.float64))}, records), {"field": parts.same_scores}
    )


def left_out(pairs: Pairs) -> tuple[str, ...]:
    """What is to be said where not all pairs of annotators are listed."""
    listed = len(pairs.one)
    if pairs.found is None:
        return (
            f"Pairs of annotators are those among the {pairs.active:,} with most answers; {listed:,} that share most records are listed, "
            "and Cohen's kappa is the mean over them.",
        )
    if pairs.found > listed:
        share = f"{listed:,} of {pairs.found:,} pairs of annotators"
        return (f"{share} are listed, those that share most records; Cohen's kappa is the mean over them.",)
    return ()
