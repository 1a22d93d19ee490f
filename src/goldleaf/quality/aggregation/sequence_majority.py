"""The majority of spans and tags: the baseline that knows neither order nor people.

A span is in the value where at least half of a record's answers have exactly it; of spans that share text the one with more votes stays
(of equals the longer, then the earlier). A token's tag is the one that most give it. The confidence is the mean share of the answers that
stand behind the parts: 1 where all say the same.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
import pandas as pd

from goldleaf.core import InputError, Span
from goldleaf.quality.labels import Answers, Floats
from goldleaf.quality.support import support


def sequence_majority(
    answers: Answers, records: pd.DataFrame | None = None, *, seed: int = 0
) -> tuple[list[Any], Floats, pd.DataFrame]:
    """A value and a confidence for each of `answers.records`, and a row an annotator: how far their answers are like the others'."""
    given: list[list[Any]] = [[] for _ in answers.records]
    for record, value in zip(answers.record.tolist(), answers.values, strict=True):
        given[record].append(value)
    vote = _tags if answers.kind == "tags" else _spans
    found = [vote(values, record) for values, record in zip(given, answers.records, strict=True)]
    return [value for value, _ in found], np.array([sure for _, sure in found]), _people(answers)


def _spans(values: list[list[Span]], _: Any) -> tuple[list[Span], float]:
    times = Counter(span for value in values for span in set(value))
    kept: list[Span] = []
    for span in sorted(
        (s for s, n in times.items() if 2 * n >= len(values)), key=lambda s: (-times[s], s.start - s.end, s)
    ):
        if all(span.end <= other.start or other.end <= span.start for other in kept):
            kept.append(span)
    shares = [times[span] / len(values) for span in kept] + [
        1 - n / len(values) for span, n in times.items() if span not in kept
    ]
    return sorted(kept), float(np.mean(shares)) if shares else 1.0


def _tags(values: list[list[str]], record: Any) -> tuple[list[str], float]:
    if len({len(value) for value in values}) > 1:
        found = " and ".join(str(n) for n in sorted({len(value) for value in values}))
        raise InputError(
            "answers have different numbers of tags", where=f"record {record}", found=found, expected="one a token"
        )
    counts = [Counter(tags).most_common() for tags in zip(*values, strict=True)]
    best = [min(count, key=lambda item: (-item[1], item[0])) for count in counts]
    return [tag for tag, _ in best], float(np.mean([n / len(values) for _, n in best])) if best else 1.0


def _people(answers: Answers) -> pd.DataFrame:
    alike, others = support(answers)
    count = len(answers.annotators)
    sums = [np.bincount(answers.annotator, column, count) for column in (alike, others)]
    rate = np.divide(sums[0], sums[1], out=np.full(count, np.nan), where=sums[1] > 0)
    return pd.DataFrame(
        {
            "field": answers.field,
            "annotator": answers.annotators,
            "answers": np.bincount(answers.annotator, minlength=count),
            "accuracy": rate,
            "low": np.nan,
            "high": np.nan,
        }
    )
