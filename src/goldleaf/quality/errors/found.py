"""What judging a field gives: the suspected labels, and a probability for every record (and token) that was judged."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd

LABELS = ("record", "field", "kind", "error", "given", "proposed", "probability", "reasons", "start", "end", "token")
RECORDS = ("record", "field", "probability", "given", "proposed", "reasons")
TOKENS = ("record", "field", "token", "start", "end", "probability")
NO_TOKENS = pd.DataFrame(columns=list(TOKENS))

MODEL = "model disagrees"
NEIGHBOURS = "neighbours disagree"
ELSEWHERE = "same text labelled differently elsewhere"
SPLIT = "annotators split"
BOUNDARY = "boundary off by a token"
MISSED = "entity missed that is marked elsewhere"
REASONS = (MODEL, NEIGHBOURS, ELSEWHERE, SPLIT, BOUNDARY, MISSED)


@dataclass(frozen=True, slots=True)
class Errors:
    """`labels` has a row a suspected label, the most probable first: `record, field, kind, error, given, proposed, probability, reasons,
    start, end, token, record_probability` (`start` and `end`: the text whose labels would change; `token`: which one, of tags).

    `records` has a row for every judged record and field: `record, field, probability` (that something in it is wrong), `given`,
    `proposed` (the whole value with what is more probably wrong than right corrected), `reasons`. `tokens` has a row for every token of a
    judged field of spans or tags: `record, field, token, start, end, probability`.
    """

    labels: pd.DataFrame
    records: pd.DataFrame
    tokens: pd.DataFrame


Rows = list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Found:
    """What is found in one field: rows of `labels` and `records`, and the table of `tokens`, as `Errors` names their columns."""

    labels: Rows
    records: Rows
    tokens: pd.DataFrame
