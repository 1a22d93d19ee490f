"""How far annotators agree: every coefficient that fits the kind of a field, with intervals over records and what each number means."""

from __future__ import annotations

from typing import Any, get_args

import numpy as np
import pandas as pd

from goldleaf.core import InputError, Schema
from goldleaf.quality.agreement.confusion import confusion_frame
from goldleaf.quality.agreement.evidence import Evidence, Options
from goldleaf.quality.agreement.kinds import evidence_of
from goldleaf.quality.agreement.meaning import NAMES, Level, meaning_of
from goldleaf.quality.agreement.over_time import Every, time_bins
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
    resamples: int = 1000,
    seed: int = 0,
) -> Agreement:
    """The agreement of each field of a label table: overall, by label, by pair of annotators, over time, and what is taken for what.

    `level` is that of the labels of choice fields: `ordinal` (in the order of the schema, or numbers) or `interval` (numbers). `records`
    (`record`, `text` or `tokens`) lets spans be compared by token; without it they are by character. Intervals are of 95 %, by drawing
    records with replacement; `resamples=0` leaves them out.

    >>> table = pd.DataFrame({"record": [1, 1, 2, 2, 3, 3], "annotator": list("ababab"), "value": list("yynynn")})
    >>> found = agreement(table)["label"]
    >>> round(found.scores["alpha"].value, 3)  # 1 - 5 (1 + 1) / (6^2 - 3^2 - 3^2)
    0.444
    >>> found.confusion[["label", "other", "pairs", "examples"]].values.tolist()
    [['n', 'n', 1.0, [3]], ['n', 'y', 1.0, [2]], ['y', 'y', 1.0, [1]]]
    """
    if level not in LEVELS:
        raise InputError("unknown level", found=repr(level), expected=" or ".join(LEVELS))
    if resamples < 0:
        raise InputError("there cannot be fewer than 0 resamples", found=str(resamples))
    every = read_answers(table, schema=schema)
    if not any(len(answers) for answers in every):
        raise InputError("the label table has no answers", expected="at least one row that is not skipped or flagged")
    if level != "nominal" and not any(_scaled(answers) for answers in every):
        found = ", ".join(f"{answers.field} ({answers.kind})" for answers in every)
        raise InputError(
            f"no field has an {level} scale",
            found=found,
            expected="a field with one choice",
            todo='Use level="nominal"',
        )
    return Agreement(
        {answers.field: _field(answers, Options(schema, records, level, seed), resamples) for answers in every}
    )


def _scaled(answers: Answers) -> bool:
    return answers.kind == "choice" and not answers.many


def _field(answers: Answers, options: Options, resamples: int) -> FieldAgreement:
    level: Level = options.level if _scaled(answers) else "nominal"
    evidence = evidence_of(answers, Options(options.schema, options.records, level, options.seed))
    given = np.bincount(answers.record, minlength=len(answers.records))
    compared = int((given > 1).sum())
    found = _estimates(evidence, ("field", "label", "pair"), resamples if compared > 1 else 0, options.seed)
    labels = [answers.as_written(label) for label in evidence.cell_labels]
    return FieldAgreement(
        field=answers.field,
        kind=answers.kind,
        level=level,
        unit=evidence.unit,
        records=len(answers.records),
        compared=compared,
        annotators=len(answers.annotators),
        answers=len(answers),
        pairs=int((given * (given - 1) // 2).sum()),
        scores=_scores(found["field"], evidence, level),
        labels=_labels(evidence, found["label"], answers),
        annotator_pairs=_pairs(evidence, found.get("pair", {}), answers),
        time=_time(answers, evidence, resamples, options.seed),
        confusion=confusion_frame(evidence.cells, labels, answers.records),
        notes=evidence.notes,
    )


def _estimates(
    evidence: Evidence, about: tuple[str, ...], resamples: int, seed: int, kept: Bools | None = None
) -> Found:
    """All coefficients of all parts, in the order of `NAMES`."""
    found: Found = {by: {} for by in about}
    for part in evidence.parts:
        for by, coefficients in estimate(part, about, resamples=resamples, seed=seed, kept=kept).items():
            found[by] |= coefficients
    return {
        by: {name: coefficients[name] for name in NAMES if name in coefficients} for by, coefficients in found.items()
    }


def _scores(found: dict[str, Estimate], evidence: Evidence, level: Level) -> dict[str, Score]:
    scores: dict[str, Score] = {}
    for name, sides in found.items():
        value, low, high = (None if np.isnan(side[0]) else float(side[0]) for side in sides)
        scores[name] = Score(value, low, high, meaning_of(name, value, unit=evidence.unit, level=level))
    return scores


def _columns(found: dict[str, Estimate], size: int) -> dict[str, Floats]:
    """Three columns a coefficient: value, low, high."""
    return {
        f"{name}{end}": side[:size]
        for name, sides in found.items()
        for end, side in zip(("", "_low", "_high"), sides, strict=True)
    }


def _labels(evidence: Evidence, found: dict[str, Estimate], answers: Answers) -> pd.DataFrame:
    labels = [answers.as_written(label) for label in evidence.labels]
    return pd.DataFrame({"label": labels, "answers": evidence.answers, **_columns(found, len(labels))})


def _pairs(evidence: Evidence, found: dict[str, Estimate], answers: Answers) -> pd.DataFrame:
    pairs = evidence.pairs
    columns = _columns(found, len(pairs.one))
    alone = pairs.shared < 2
    columns |= {
        name: np.where(alone, np.nan, column) for name, column in columns.items() if name.endswith(("_low", "_high"))
    }
    frame = pd.DataFrame(
        {
            "annotator": [answers.annotators[place] for place in pairs.one],
            "other": [answers.annotators[place] for place in pairs.other],
            "shared": pairs.shared,
            **columns,
        }
    )
    return frame.sort_values("shared", ascending=False, kind="stable", ignore_index=True)


def _time(answers: Answers, evidence: Evidence, resamples: int, seed: int, every: Every = "auto") -> pd.DataFrame:
    bins, stretches = time_bins(answers, every)
    rows: list[dict[str, Any]] = []
    for number, (start, end) in enumerate(stretches):
        kept = bins == number
        size = int(kept.sum())
        found = _estimates(evidence, ("field",), resamples if size > 1 else 0, seed, kept)["field"]
        rows.append(
            {"start": start, "end": end, "records": size}
            | {name: column[0] for name, column in _columns(found, 1).items()}
        )
    return pd.DataFrame(rows, columns=None if rows else ["start", "end", "records"])
