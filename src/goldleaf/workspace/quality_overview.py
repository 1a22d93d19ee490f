"""The quality of a project's labels as one page shows it: agreement, annotators, how gold came to be. A process of its own can make it."""

from __future__ import annotations

import json
import os
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from goldleaf.core import GOLD_METHODS, Field, InputError
from goldleaf.store import find_by_ids, get_project
from goldleaf.workspace.aggregating import human_answers
from goldleaf.workspace.folder import Workspace, open_workspace
from goldleaf.workspace.items import TEXT_START
from goldleaf.workspace.judging import Labels, judge_annotators, labels_of
from goldleaf.workspace.label_tables import gold_table

if TYPE_CHECKING:
    import pandas as pd

    from goldleaf.quality.agreement import FieldAgreement

RESAMPLES, MOST_CONFUSED, MOST_EXAMPLES, MOST_PEOPLE, BINS = 300, 150, 3, 300, 20
MADE = ("aggregated", "majority", "single")
"""The methods that make gold of answers: the others are sure."""
SCORES = ("alpha", "alpha_masi", "alpha_u", "fleiss_kappa", "ac1", "f1_exact", "f1_overlap", "raw_agreement")
"""The coefficients that the page shows, where a field has them."""


def quality_overview(ws: Workspace, project: str = "default", *, resamples: int = RESAMPLES) -> dict[str, Any]:
    """What the labels of a project are worth, ready for JSON: `fields`, by name, `annotators` and `people`.

    ==========  ==========================================================================================================
    agreement   `records`, `compared`, `annotators`, `answers`, `unit`, `scores` (`name`, `value`, `low`, `high`, `meaning`) and
                `confusion` (`labels`, `pairs`, `share`, `examples`: `record`, `text`); None where no record has two answers
    methods     how many records have gold by each method
    confidence  how many values of gold that was made of answers have a confidence in each twentieth of 0..1
    ==========  ==========================================================================================================

    `annotators` are rows of `judge_annotators`, those that look suspicious first, then the busiest, at most `MOST_PEOPLE`; `people` is how
    many there are.
    """
    with ws.store.read() as c:
        schema = get_project(c, project)[1].schema
    labels, gold = labels_of(ws, project, checks=True), gold_table(ws, project)
    found = _agreement(labels, resamples)
    texts = _texts(ws, project, [record for each in found.values() for record in _examples(each)])
    people = [] if labels.table.empty else judge_annotators(labels, gold=gold)
    return {
        "fields": {
            field.name: {
                "kind": field.kind,
                "agreement": _describe(found[field.name], texts) if field.name in found else None,
                **_gold_of(gold, field),
            }
            for field in schema.fields
        },
        "annotators": sorted(people, key=lambda row: (not row["suspicion"], -row["answers"]))[:MOST_PEOPLE],
        "people": len({row["annotator"] for row in people}),
    }


def write_overview() -> None:
    """`FOLDER PROJECT` as arguments: one JSON object on standard output, made with what processor time others leave."""
    with suppress(OSError, AttributeError):
        os.nice(10)
    with open_workspace(sys.argv[1]) as ws:
        sys.stdout.write(json.dumps(quality_overview(ws, sys.argv[2])))


def _agreement(labels: Labels, resamples: int) -> dict[str, FieldAgreement]:
    """By field, of those that have records with two answers."""
    from goldleaf.quality.agreement import agreement

    table = human_answers(labels.table)
    with suppress(InputError):  # nobody has answered
        found = agreement(table, schema=labels.schema, records=labels.records, resamples=resamples)
        return {each.field: each for each in found if each.compared}
    return {}


def _describe(found: FieldAgreement, texts: dict[str, str]) -> dict[str, Any]:
    data = found.to_dict()
    confusion = [
        {
            **{key: row[key] for key in ("labels", "pairs", "share")},
            "examples": [{"record": str(r), "text": texts.get(str(r), "")} for r in row["examples"][:MOST_EXAMPLES]],
        }
        for row in data["confusion"][:MOST_CONFUSED]
    ]
    scores = [{"name": name, **data["scores"][name]} for name in SCORES if name in data["scores"]]
    counts = {key: data[key] for key in ("records", "compared", "annotators", "answers", "unit")}
    return {**counts, "scores": scores, "confusion": confusion}


def _examples(found: FieldAgreement) -> list[str]:
    return [str(r) for examples in found.confusion["examples"][:MOST_CONFUSED] for r in examples[:MOST_EXAMPLES]]


def _texts(ws: Workspace, project: str, records: list[str]) -> dict[str, str]:
    with ws.store.read() as c:
        stored = find_by_ids(c, get_project(c, project)[0], list(dict.fromkeys(records)))
    return {id: each.record.text[:TEXT_START] for id, each in stored.items()}


def _gold_of(gold: pd.DataFrame, field: Field) -> dict[str, Any]:
    import numpy as np

    mine = gold[gold["field"] == field.name]
    counts = mine["method"].value_counts()
    sure = mine[mine["method"].isin(MADE)]["confidence"].to_numpy(float)
    return {
        "methods": {method: int(counts[method]) for method in GOLD_METHODS if method in counts},
        "confidence": np.histogram(sure, bins=BINS, range=(0, 1))[0].tolist(),
    }
