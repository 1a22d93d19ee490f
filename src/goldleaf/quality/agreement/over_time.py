"""When a record could be compared, and which stretch of time that lies in."""

from __future__ import annotations

from typing import Literal

import numpy as np
import pandas as pd

from goldleaf.core import InputError
from goldleaf.quality.labels import Answers, Ints

Every = Literal["auto", "day", "week"] | int
MOST_DAYS, MOST_WEEKS, EQUAL = 31, 60, 10
"""`auto` takes days for at most so many, then weeks, then stretches of equal length; within one day, stretches."""


def check_every(every: Every) -> None:
    """Raises InputError unless this is a way to cut time."""
    if every not in ("auto", "day", "week") and (isinstance(every, str) or every < 1):
        expected = "auto, day, week or a number of stretches"
        raise InputError("unknown stretch of time", found=repr(every), expected=expected)


def time_bins(answers: Answers, every: Every = "auto") -> tuple[Ints, list[tuple[pd.Timestamp, pd.Timestamp]]]:
    """The number of the stretch each record lies in (-1: no time known, or a single answer), and where the stretches begin and end.

    A record lies where the last of its answers does: only then could it be compared. Days and weeks are those of UTC, weeks begin on
    Monday; a number makes so many stretches of equal length. Nothing where no answer has a time.
    """
    last = _last(answers)
    known = last > NEVER
    if not known.any():
        return np.full(len(last), -1), []
    edges = _edges(int(last[known].min()), int(last[known].max()), every)
    bins = np.where(known, np.searchsorted(edges, last, "right") - 1, -1)
    bins = np.minimum(bins, len(edges) - 2)
    used = np.unique(bins[bins >= 0])
    numbers = np.full(len(edges), -1)
    numbers[used] = np.arange(len(used))
    spans = [(_stamp(edges, place), _stamp(edges, place + 1)) for place in used.tolist()]
    return np.where(bins >= 0, numbers[bins], -1), spans


DAY, WEEK = 86_400, 7 * 86_400
MONDAY = 4 * DAY
"""1970 began on a Thursday."""
NEVER = int(np.iinfo(np.int64).min)


def _last(answers: Answers) -> Ints:
    """Seconds since 1970 of the last answer to each record that has two, NEVER where it is not known."""
    last = np.full(len(answers.records), NEVER)
    known = np.flatnonzero(answers.at.notna())
    seconds = answers.at[known].as_unit("s").asi8
    np.maximum.at(last, answers.record[known], seconds)
    last[np.bincount(answers.record, minlength=len(last)) < 2] = NEVER
    return last


def _edges(low: int, high: int, every: Every) -> Ints:
    days, weeks = high // DAY - low // DAY + 1, (high - MONDAY) // WEEK - (low - MONDAY) // WEEK + 1
    if every == "auto":
        every = EQUAL if days == 1 or weeks > MOST_WEEKS else "day" if days <= MOST_DAYS else "week"
    if every == "day":
        return (low // DAY + np.arange(days + 1)) * DAY
    if every == "week":
        return MONDAY + ((low - MONDAY) // WEEK + np.arange(weeks + 1)) * WEEK
    return np.linspace(low, high + 1, int(every) + 1).astype(np.int64)


def _stamp(edges: Ints, place: int) -> pd.Timestamp:
    return pd.Timestamp(int(edges[place]), unit="s", tz="UTC")
