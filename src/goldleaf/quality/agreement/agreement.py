"""How far annotators agree: every coefficient that fits the kind of a field, with intervals over records and what each number means."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, get_args

import numpy as np
import pandas as pd

from goldleaf.core import InputError, Schema
from goldleaf.quality.agreement.confusion import confusion_frame
from goldleaf.quality.agreement.evidence import Evidence, Options
from goldleaf.quality.agreement.kinds import evidence_of
from goldleaf.quality.agreement.meaning import NAMES, Level, meaning_of
from goldleaf.quality.agreement.over_time import Every, check_every, time_bins
from goldleaf.quality.agreement.parts import Estimate, estimate
from goldleaf.quality.agreement.result import Agreement, FieldAgreement, Score
from goldleaf.quality.labels import Answers, Bools, Floats, read_answers

LEVELS: tuple[Level, ...] = get_args(Level)
Found = dict[str, dict[str, Estimate]]


def agreement(
    table: pd.DataFrame,
    *,
    schema: Schema | None = None,
    records: pd.DataFrame | None = None,
    level: Level = "nominal",
    every: Every = "auto",
    resamples: int = 1000,
    seed: int = 0,
) -> Agreement:
    """The agreement of each field of a label table: overall, by label, by pair of annotators, over time, and what is taken for what.

    `level` is that of the labels of choice fields: `ordinal` (in the order of the schema, or numbers) or `interval` (numbers). `records`
    (`record`, `text` or `tokens`) lets spans be compared by token; without it they are by character. `every` cuts time into `day`s, `week`s
    or a number of equal stretches. Intervals are of 95 %, by drawing records with replacement; `resamples=0` leaves them out.

    >>> table = pd.DataFrame({"record": [1, 1, 2, 2, 3, 3], "annotator": list("ababab"), "value": list("yynynn")})
    >>> found = agreement(table)["label"]
    >>> round(found.scores["alpha"].value, 3)  # 1 - 5 (1 + 1) / (6^2 - 3^2 - 3^2)
    0.444
    >>> found.confusion[["label", "other", "pairs", "examples"]].values.tolist()
    [['n', 'n', 1.0, [3]], ['n', 'y', 1.0, [2]], ['y', 'y', 1.0, [1]]]
    """
    options = Options(schema, records, level, every, resamples, seed)
    _check(options)
    fields = read_answers(table, schema=schema)
    if not any(len(answers) for answers in fields):
        raise InputError("the label table has no answers", expected="at least one row that is not skipped or flagged")
    if level != "nominal" and not any(_scaled(answers) for answers in fields):
        found = ", ".join(f"{answers.field} ({answers.kind})" for answers in fields)
        todo = 'Use level="nominal"'
        raise InputError(f"no field has an {level} scale", found=found, expected="a field with one choice", todo=todo)
    return Agreement({answers.field: _field(answers, options) for answers in fields})


def _check(options: Options) -> None:
    if options.level not in LEVELS:
        raise InputError("unknown level", found=repr(options.level), expected=" or ".join(LEVELS))
    if options.resamples < 0:
        raise InputError("there cannot be fewer than 0 resamples", found=str(options.resamples))
    check_every(options.every)


def _scaled(answers: Answers) -> bool:
    return answers.kind == "choice" and not answers.many


def _field(answers: Answers, options: Options) -> FieldAgreement:
    options = options if _scaled(answers) else replace(options, level="nominal")
    evidence = evidence_of(answers, options)
    given = np.bincount(answers.record, minlength=len(answers.records))
    compared = int((given > 1).sum())
    found = _estimates(evidence, ("field", "label", "pair"), options if compared > 1 else replace(options, resamples=0))
    labels = [answers.as_written(label) for label in evidence.cell_labels]
    return FieldAgreement(
        field=answers.field,
        kind=answers.kind,
        level=options.level,
        unit=evidence.unit,
        records=len(answers.records),
        compared=compared,
        annotators=len(answers.annotators),
        answers=len(answers),
        pairs=int((given * (given - 1) // 2).sum()),
        scores=_scores(found["field"], evidence, options.level),
        labels=_labels(evidence, found["label"], answers),
        annotator_pairs=_pairs(evidence, found["pair"], answers),
        time=_time(answers, evidence, options),
        confusion=confusion_frame(evidence.cells, labels, answers.records),
        notes=evidence.notes,
    )


def _estimates(evidence: Evidence, about: tuple[str, ...], options: Options, kept: Bools | None = None) -> Found:
    """All coefficients of all parts, in the order of `NAMES`."""
    found: Found = {by: {} for by in about}
    for part in evidence.parts:
        for by, coefficients in estimate(
            part, about, resamples=options.resamples, seed=options.seed, kept=kept
        ).items():
            found[by] |= coefficients
    return {by: {name: scores[name] for name in NAMES if name in scores} for by, scores in found.items()}


def _scores(found: dict[str, Estimate], evidence: Evidence, level: Level) -> dict[str, Score]:
    scores: dict[str, Score] = {}
    for name, sides in found.items():
        value, low, high = (None if np.isnan(side[0]) else float(side[0]) for side in sides)
        scores[name] = Score(value, low, high, meaning_of(name, value, unit=evidence.unit, level=level))
    return scores


def _columns(found: dict[str, Estimate], size: int) -> dict[str, Floats]:
    """Three columns a coefficient: value, low, high."""
    ends = ("", "_low", "_high")
    return {f"{name}{end}": side[:size] for name, sides in found.items() for end, side in zip(ends, sides, strict=True)}


def _labels(evidence: Evidence, found: dict[str, Estimate], answers: Answers) -> pd.DataFrame:
    labels = [answers.as_written(label) for label in evidence.labels]
    return pd.DataFrame({"label": labels, "answers": evidence.answers, **_columns(found, len(labels))})


def _pairs(evidence: Evidence, found: dict[str, Estimate], answers: Answers) -> pd.DataFrame:
    pairs = evidence.pairs
    alone = pairs.shared < 2
    columns = {
        name: np.where(alone, np.nan, column) if name.endswith(("_low", "_high")) else column
        for name, column in _columns(found, len(pairs.one)).items()
    }
    names = {
        "annotator": [answers.annotators[place] for place in pairs.one],
        "other": [answers.annotators[place] for place in pairs.other],
        "shared": pairs.shared,
    }
    frame = pd.DataFrame({**names, **columns})
    return frame.sort_values("shared", ascending=False, kind="stable", ignore_index=True)


def _time(answers: Answers, evidence: Evidence, options: Options) -> pd.DataFrame:
    bins, stretches = time_bins(answers, options.every)
    rows: list[dict[str, Any]] = []
    for number, (start, end) in enumerate(stretches):
        kept = bins == number
        size = int(kept.sum())
        found = _estimates(evidence, ("field",), options if size > 1 else replace(options, resamples=0), kept)["field"]
        scores = {name: column[0] for name, column in _columns(found, 1).items()}
        rows.append({"start": start, "end": end, "records": size, **scores})
    return pd.DataFrame(rows, columns=None if rows else ["start", "end", "records"])
