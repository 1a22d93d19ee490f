"""Aggregate: what several annotators said becomes gold with a confidence; what is not sure enough goes to review."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from goldleaf.core import Annotation, Gold, InputError, Value, value_to_json
from goldleaf.store import Connection, Doubt, active, annotations_of, drop_gold, get_project, gold_of, pages, put_gold
from goldleaf.store.values import from_json
from goldleaf.workspace.doubting import send_to_review
from goldleaf.workspace.folder import Workspace
from goldleaf.workspace.label_tables import label_table, records_table

if TYPE_CHECKING:
    import pandas as pd

    from goldleaf.quality.aggregation import Aggregation

THRESHOLD = 0.7
SOURCE = "aggregation"
_BINS = 20


@dataclass(frozen=True, slots=True)
class Aggregated:
    """How many records got gold, by field; how many of them go to review, for a confidence under the threshold; and the aggregation
    itself: the values, the annotators' reliability, and by field why the method was taken."""

    written: Mapping[str, int]
    doubted: int
    aggregation: Aggregation


def aggregate(
    ws: Workspace,
    project: str = "default",
    *,
    method: str = "auto",
    field: str | None = None,
    threshold: float = THRESHOLD,
    seed: int = 0,
) -> Aggregated:
    """Aggregate the answers of a project's annotators, and write gold with the method, the confidence and the annotations it rests on.

    Gold that a reviewer decided or an import brought stands above it. Records that got gold with a confidence under `threshold` go to
    review. Again, it takes the place of what the last aggregation wrote. Raises InputError where nobody has answered, or where the
    threshold is not within 0..1.
    """
    from goldleaf.quality.aggregation import aggregation

    if not 0 <= threshold <= 1:
        raise InputError("this is no confidence", found=str(threshold), expected="0 to 1", where="threshold")
    table = human_answers(label_table(ws, project, field=field))
    if table.empty:
        raise InputError(
            "no annotator has answered", where=f"project {project}", todo="Annotate, or import annotations"
        )
    with ws.store.read() as c:
        schema = get_project(c, project)[1].schema
    found = aggregation(table, method, schema=schema, records=records_table(ws, project), seed=seed)
    with ws.store.write() as c:
        written, doubted = _write(c, project, found, threshold)
    return Aggregated(written, doubted, found)


def describe_aggregation(found: Aggregation, threshold: float = THRESHOLD) -> dict[str, Any]:
    """What came of it, ready for JSON: `threshold`, `fields`, `annotators`, `confusions`, `values` and `spans`.

    A field has `method`, `reason`, `records`, `doubted` (under the threshold) and `confidence` (how many values in each twentieth of 0..1);
    an annotator `field`, `annotator`, `answers`, `accuracy`, `low`, `high`; a confusion `field`, `annotator`, `label` (what is), `said`,
    `count`, `share`, `low`, `high`; a value `record`, `field`, `value`, `confidence`, `method`; a span `record`, `field`, `start`, `end`,
    `label`, `confidence`.
    """
    import numpy as np

    fields: dict[str, Any] = {}
    for name, rows in found.values.groupby("field", sort=False):
        sure = rows["confidence"].to_numpy(float)
        counts, _ = np.histogram(sure, bins=_BINS, range=(0, 1))
        fields[str(name)] = {
            "method": str(rows["method"].iloc[0]),
            "reason": found.reasons.get(str(name), ""),
            "records": len(rows),
            "doubted": int((sure < threshold).sum()),
            "confidence": counts.tolist(),
        }
    return {
        "threshold": threshold,
        "fields": fields,
        "annotators": [_plain(row) for row in found.annotators.to_dict("records")],
        "confusions": [_plain(row) for row in found.confusions.to_dict("records")],
        "values": [
            _plain({**row, "value": value_to_json(row["value"]) if isinstance(row["value"], list) else row["value"]})
            for row in found.values[["record", "field", "value", "confidence", "method"]].to_dict("records")
        ],
        "spans": [_plain(row) for row in found.spans.to_dict("records")],
    }


def _plain(row: Mapping[Any, Any]) -> dict[str, Any]:
    """Numbers of numpy as Python's, rounded; NaN as None."""
    found: dict[str, Any] = {}
    for name, cell in row.items():
        value = cell.item() if hasattr(cell, "item") else cell
        if isinstance(value, float):
            value = None if value != value else round(value, 6)
        found[str(name)] = value
    return found


def human_answers(table: pd.DataFrame) -> pd.DataFrame:
    """The answers that annotators gave: what an import said as gold, and check questions, whose gold is known, left out."""
    return table[(table["origin"] != "import") & ~table["check"].astype(bool)]


@dataclass(frozen=True, slots=True)
class _Said:
    """What the aggregation says of a record's field."""

    value: Value
    confidence: float
    probabilities: Mapping[str, float]


def _write(c: Connection, project: str, aggregation: Aggregation, threshold: float) -> tuple[dict[str, int], int]:
    key, found = get_project(c, project)
    said = _said(aggregation)
    fields = [name for name in found.schema.names if any(name in by_field for by_field in said.values())]
    drop_gold(c, key, fields, "aggregated")
    written = dict.fromkeys(fields, 0)
    doubts: list[tuple[int, Doubt]] = []
    for page in pages(c, key):
        ids = {stored.pk: stored.record.id for stored in page if stored.record.id in said}
        answers, golds = annotations_of(c, ids), gold_of(c, ids)
        new: list[tuple[int, Gold]] = []
        for pk, record in ids.items():
            known = {gold.field for gold in golds.get(pk, []) if gold.method in ("adjudicated", "imported")}
            for name, made in said[record].items():
                mine = [a for a in active(answers.get(pk, [])) if _counts(a, name)]
                new.append((pk, _gold(record, name, made, mine)))
                written[name] += 1
                if made.confidence < threshold and name not in known:
                    doubts.append((pk, _doubt(record, name, made, [a.values[name] for a in mine])))
        put_gold(c, new)
    return written, send_to_review(c, key, found, SOURCE, doubts)


def _said(aggregation: Aggregation) -> dict[str, dict[str, _Said]]:
    """By record and field."""
    likely = {name: _likely(table) for name, table in aggregation.probabilities.items()}
    said: dict[str, dict[str, _Said]] = {}
    columns = [aggregation.values[name].tolist() for name in ("record", "field", "value", "confidence")]
    for record, name, value, sure in zip(*columns, strict=True):
        probabilities = likely.get(name, {}).get(record, {})
        said.setdefault(record, {})[name] = _Said(from_json(value), float(sure), probabilities)
    return said


def _likely(table: pd.DataFrame) -> dict[str, dict[str, float]]:
    """By record, the labels that are in question with their probabilities, to six digits."""
    labels = [str(label) for label in table.columns]
    return {
        str(record): {label: p for label, p in zip(labels, row, strict=True) if p > 0}
        for record, row in zip(table.index, table.to_numpy(float).round(6).tolist(), strict=True)
    }


def _counts(annotation: Annotation, field: str) -> bool:
    """Whether an answer to a field was aggregated (see `human_answers`)."""
    given = annotation.status == "submitted" and annotation.origin != "import"
    return given and field in annotation.values and not annotation.check


def _gold(record: str, field: str, made: _Said, answers: Sequence[Annotation]) -> Gold:
    ids = tuple(a.id for a in answers if a.id)
    people = len({a.annotator for a in answers})
    return Gold(record, field, made.value, "aggregated", made.confidence, ids, people, made.probabilities)


def _doubt(record: str, field: str, made: _Said, answers: Sequence[Any]) -> Doubt:
    reason = "annotators split" if any(answer != answers[0] for answer in answers[1:]) else "not sure"
    return Doubt(record, field, SOURCE, round(1 - made.confidence, 6), made.value, (reason,))
