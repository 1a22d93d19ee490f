"""Annotators: of each, how much and how fast they answered, how often they are right, how that changes, and what looks suspicious.

An answer's score is how far it is what it should be: against gold where the record has some (check questions, and whatever else is given),
else against the others. A choice of one label is scored by the probability that it is right, under the aggregation that `auto` takes
(`aggregation/reliability.py` says how much of it is the annotator's own vote); a value of another kind by its likeness (span F1, token
accuracy) to what more than half of the other annotators say, who count by how much they agree with everyone. With R the sum of n scores and
m the mean over all annotators, the skill is that of Beta(R + 2 m, n - R + 2 (1 - m)) with its 95 % interval.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
import pandas as pd

from goldleaf.core import Field, InputError, Schema, Span
from goldleaf.measure import count_labels, likeness
from goldleaf.quality.aggregation.auto import fit_auto
from goldleaf.quality.aggregation.reliability import beta_interval, discount, judge_votes, shared_votes
from goldleaf.quality.aggregation.votes import Matrix, add_up, truth_of, votes_of
from goldleaf.quality.consensus import others_say
from goldleaf.quality.labels import Answers, Floats, read_answers
from goldleaf.quality.support import support
from goldleaf.quality.suspicion import suspect

COLUMNS = (
    "field",
    "annotator",
    "answers",
    "seconds",
    "median_seconds",
    "checked",
    "gold_agreement",
    "gold_low",
    "gold_high",
    "agreement",
    "skill",
    "low",
    "high",
    "labels",
    "trend",
    "trend_low",
    "trend_high",
    "over_time",
    "suspicion",
)
BINS, FEWEST_TIMED = 5, 10
"""The parts that an annotator's time is cut into; and how many scored answers with a time a trend needs."""


def annotators(
    table: pd.DataFrame,
    *,
    schema: Schema | None = None,
    records: pd.DataFrame | None = None,
    gold: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """A row an annotator and field, in the order of the table; a cell that nothing is known for is NaN.

    `answers`; `seconds` of work in all and `median_seconds` an answer; `checked` answers to records with gold, and `gold_agreement` with it
    (mean likeness, with its 95 % interval `gold_low`, `gold_high`); `agreement`, the mean likeness to the others' answers; `skill` with
    its 95 % interval `low`, `high` (NaN: no gold, and no record in common with another); `labels`, by label how often the annotator finds
    it, `{label: {"skill", "low", "high", "answers"}}`; `trend`, how much the score changes from the first answer to the last, with its
    interval, and `over_time`, the mean score in up to five equal parts of the time (both need the column `at`); `suspicion`, a list of
    sentences that say what looks wrong and by what evidence. No annotator is named in what is said of another.

    `gold` is a table with `record`, `value` and where there are several fields `field`. `records` is not needed: a label table says it all.

    >>> rows = [(n, who, "dog" if n % 3 else "cat") for n in range(20) for who in "abcd"] + [(n, "e", "cat") for n in range(20)]
    >>> found = annotators(pd.DataFrame(rows, columns=["record", "annotator", "value"])).set_index("annotator")
    >>> found.loc["e", "suspicion"]
    ["says 'cat' in 20 of 20 answers; others say it in 35 %", 'right in 40 % (21 to 60); chance is 35 %']
    """
    fields = [answers for answers in read_answers(table, schema=schema) if len(answers)]
    if not fields:
        raise InputError("there are no annotators", found="a label table without answers")
    parts = [_describe(answers, _gold_of(answers, gold, len(fields))) for answers in fields]
    return pd.concat(parts, ignore_index=True)


@dataclass(frozen=True, slots=True)
class Scores:
    """Of each answer `[n]`: the score against gold (NaN: the record has none), and against gold or the others (NaN: neither is there);
    and by label and annotator, how many times it was there (expected, for a choice) and found `[annotators, labels]`."""

    checked: Floats
    scored: Floats
    there: Matrix
    found: Matrix


def _describe(answers: Answers, gold: Sequence[Any]) -> pd.DataFrame:
    count = len(answers.annotators)
    alike, others = support(answers)
    shared, total = add_up(answers.annotator, others, count), add_up(answers.annotator, alike, count)
    agreement = np.divide(total, shared, out=np.full(count, np.nan), where=shared > 0)
    one_label = answers.kind == "choice" and not answers.many
    scores = _score_votes(answers, gold) if one_label else _score_values(answers, gold, agreement)
    skill = _rate(answers, scores.scored, doubtful=one_label)
    columns: dict[str, Any] = {"field": answers.field, "annotator": answers.annotators}
    columns["answers"] = np.bincount(answers.annotator, minlength=count)
    columns["seconds"], columns["median_seconds"] = _seconds(answers)
    columns["checked"] = np.bincount(answers.annotator[np.isfinite(scores.checked)], minlength=count)
    columns["gold_agreement"], columns["gold_low"], columns["gold_high"] = _rate(answers, scores.checked, plain=True)
    columns["agreement"] = agreement
    columns["skill"], columns["low"], columns["high"] = skill
    columns["labels"] = _by_label(answers, scores)
    columns |= _over_time(answers, scores.scored)
    columns["suspicion"] = suspect(answers, scores.scored, skill)
    return pd.DataFrame(columns, columns=pd.Index(COLUMNS))


def _gold_of(answers: Answers, gold: pd.DataFrame | None, fields: int) -> list[Any]:
    """Gold by the place of the record; None where there is none."""
    if gold is None:
        return [None] * len(answers.records)
    if missing := [name for name in ("record", "value") if name not in gold.columns]:
        raise InputError("this is no table of gold", found=f"no column {', '.join(missing)}", expected="record, value")
    if "field" in gold.columns:
        gold = gold[gold["field"] == answers.field]
    elif fields > 1:
        raise InputError("gold of several fields needs a column field", found="no column field", expected="field")
    known = dict(zip(gold["record"].tolist(), gold["value"].tolist(), strict=True))
    return [_as_value(answers, known.get(record)) for record in answers.records]


def _as_value(answers: Answers, value: Any) -> Any:
    if value is None or value != value:
        return None
    if answers.kind == "spans":
        return sorted(Span(int(start), int(end), str(label)) for start, end, label in value)
    return [str(item) for item in value] if answers.kind == "tags" or answers.many else str(value)


def _score_votes(answers: Answers, gold: Sequence[Any]) -> Scores:
    """Of a choice of one label, by the aggregation, with gold in its place where there is some."""
    votes = votes_of(answers)
    truth = truth_of(fit_auto(votes)).copy()
    scored = np.where(shared_votes(votes), judge_votes(votes, truth), np.nan)
    place = {label: at for at, label in enumerate(answers.labels)}
    known = np.array([value is not None for value in gold])
    right = np.array([place.get(value, -1) for value in gold], dtype=np.int64)
    truth[known] = np.arange(votes.classes) == right[known, np.newaxis]
    hit = (votes.label == right[votes.record]).astype(np.float64)
    checked = np.where(known[votes.record], hit, np.nan)
    scored = np.where(known[votes.record], hit, scored)
    counts = np.isfinite(scored)
    there = np.zeros((votes.annotators, votes.classes))
    found = np.zeros_like(there)
    np.add.at(there, votes.annotator[counts], truth[votes.record[counts]])
    np.add.at(found, (votes.annotator[counts], votes.label[counts]), truth[votes.record[counts], votes.label[counts]])
    return Scores(checked, scored, there, found)


def _score_values(answers: Answers, gold: Sequence[Any], agreement: Floats) -> Scores:
    """Of several choices, spans and tags, by the likeness to gold or to what the others say, each of whom counts by the square of their
    agreement. By label, what counts is F1: an error is half a case that was missed."""
    said = others_say(answers, np.maximum(np.nan_to_num(agreement), 0.01) ** 2)
    checked, scored = np.full(len(answers), np.nan), np.full(len(answers), np.nan)
    place = {label: at for at, label in enumerate(answers.labels)}
    there = np.zeros((len(answers.annotators), len(place)))
    found = np.zeros_like(there)
    field = Field(answers.field, answers.kind, many=answers.many)
    for row, value in enumerate(answers.values):
        should, who = gold[answers.record[row]], int(answers.annotator[row])
        if should is not None:
            checked[row] = likeness(answers.kind, value, should)
        should = said[row] if should is None else should
        if should is None:
            continue
        scored[row] = likeness(answers.kind, value, should)
        if answers.kind == "tags" and len(should) != len(value):
            continue
        for label, counts in count_labels(field, should, value).items():
            if label in place:
                found[who, place[label]] += counts.tp
                there[who, place[label]] += counts.tp + (counts.fp + counts.fn) / 2
    return Scores(checked, scored, there, found)


def _rate(
    answers: Answers, scores: Floats, *, plain: bool = False, doubtful: bool = False
) -> tuple[Floats, Floats, Floats]:
    """Skill and interval of each annotator; `plain`: the mean itself, rather than drawn towards all annotators'; `doubtful`: scores are
    probabilities to be right, and what they leave open makes the interval wider."""
    known, count = np.isfinite(scores), len(answers.annotators)
    sums = add_up(answers.annotator[known], scores[known], count)
    answered = np.bincount(answers.annotator[known], minlength=count)
    every = float(scores[known].mean()) if known.any() else np.nan
    open_ = add_up(answers.annotator[known], scores[known] * (1 - scores[known]), count) * doubtful
    mean, low, high = beta_interval(*discount(sums, answered, open_), every)
    if plain:
        mean = np.divide(sums, answered, out=np.full(count, np.nan), where=answered > 0)
        low, high = np.minimum(low, mean), np.maximum(high, mean)
    return mean, low, high


def _seconds(answers: Answers) -> tuple[Floats, Floats]:
    count = len(answers.annotators)
    timed = np.isfinite(answers.seconds)
    who = answers.annotator[timed]
    total = add_up(who, answers.seconds[timed], count)
    median = pd.Series(answers.seconds[timed]).groupby(who).median()
    empty = np.bincount(who, minlength=count) == 0
    middle = cast("Floats", median.reindex(range(count)).to_numpy(float))
    return cast("Floats", np.where(empty, np.nan, total)), middle


def _by_label(answers: Answers, scores: Scores) -> list[dict[str, dict[str, float]]]:
    whole = float(scores.found.sum() / scores.there.sum()) if scores.there.any() else np.nan
    skill, low, high = beta_interval(scores.found, scores.there, whole)
    return [
        {
            label: {
                "skill": round(float(skill[who, at]), 6),
                "low": round(float(low[who, at]), 6),
                "high": round(float(high[who, at]), 6),
                "answers": round(float(scores.there[who, at]), 3),
            }
            for at, label in enumerate(answers.labels)
            if scores.there[who, at] >= 0.05
        }
        for who in range(len(answers.annotators))
    ]


def _over_time(answers: Answers, scores: Floats) -> dict[str, Any]:
    """The trend of each annotator's scores in the order of their answers (least squares), and the means of its parts."""
    known = np.isfinite(scores) & ~np.asarray(answers.at.isna())
    when = np.asarray(answers.at.asi8)
    rows = np.flatnonzero(known)
    rows = rows[np.lexsort((when[rows], answers.annotator[rows]))]
    starts = np.searchsorted(answers.annotator[rows], np.arange(len(answers.annotators) + 1))
    trend = np.full((3, len(answers.annotators)), np.nan)
    parts: list[list[float]] = []
    for who in range(len(answers.annotators)):
        mine = scores[rows[starts[who] : starts[who + 1]]]
        if len(mine) < FEWEST_TIMED:
            parts.append([])
            continue
        parts.append([round(float(part.mean()), 6) for part in np.array_split(mine, BINS)])
        at = np.linspace(-0.5, 0.5, len(mine))
        slope = float(at @ mine / (at @ at))
        rest = mine - mine.mean() - slope * at
        error = 1.96 * float(np.sqrt(rest @ rest / (len(mine) - 2) / (at @ at)))
        trend[:, who] = slope, slope - error, slope + error
    return {"trend": trend[0], "trend_low": trend[1], "trend_high": trend[2], "over_time": parts}
