"""A model's out-of-sample predictions of spans or tags as one annotator more, who is trusted by measured reliability as people are.

Of spans a prediction has one probability each, and nothing of the spans that it does not have; so what counts is what the model says, and
how often it is right is learned beside the people. It is not told among the annotators.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, cast

import numpy as np
import pandas as pd

from goldleaf.core import Prediction
from goldleaf.quality.aggregation.sequences.sequenced import Question, Sequenced
from goldleaf.quality.labels import Answers

MODEL = "(model)"


def with_model(answers: Answers, predictions: Mapping[Any, Prediction]) -> Answers:
    """The answers and the model's, its own last among the annotators. Records of which it says nothing have none of it; so have those whose
    tags it counts otherwise than people."""
    sizes = {record: len(value) for record, value in zip(answers.record.tolist(), answers.values, strict=True)}
    rows: list[tuple[int, Any]] = []
    for row, record in enumerate(answers.records):
        said = predictions.get(record) or predictions.get(str(record))
        value = cast("list[Any] | None", said.values.get(answers.field)) if said is not None else None
        if value is not None and (answers.kind == "spans" or len(value) == sizes[row]):
            rows.append((row, sorted(value) if answers.kind == "spans" else value))
    more = len(rows)
    named = {str(each.label) if answers.kind == "spans" else str(each) for _, value in rows for each in value}
    return replace(
        answers,
        labels=(*answers.labels, *sorted(named - set(answers.labels))),
        annotators=[*answers.annotators, MODEL],
        record=np.r_[answers.record, np.array([row for row, _ in rows], np.int64)],
        annotator=np.r_[answers.annotator, np.full(more, len(answers.annotators))],
        values=[*answers.values, *(value for _, value in rows)],
        seconds=np.r_[answers.seconds, np.full(more, np.nan)],
        at=answers.at.append(pd.DatetimeIndex([pd.NaT] * more, tz=answers.at.tz)),
        check=np.r_[answers.check, np.zeros(more, bool)],
    )


def without_model(found: Sequenced, annotators: int) -> Sequenced:
    """What annotators are judged by, without the votes of the model, which is not among the first `annotators`."""
    return replace(found, asked=[_of_people(each, annotators) for each in found.asked])


def _of_people(asked: Question, annotators: int) -> Question:
    mine = asked.votes.annotator < annotators
    columns = {name: getattr(asked.votes, name)[mine] for name in ("record", "annotator", "label")}
    return replace(asked, votes=replace(asked.votes, **columns, annotators=annotators))
