"""Stats: what a project holds, how balanced, how long, in which script, and what repeats or leaks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np

from goldleaf.core import SPLITS, Example, Record, Schema, count_methods, labels_in
from goldleaf.store import count_annotations, count_sources, count_suggestions, get_project
from goldleaf.text import detect_script, near_duplicates
from goldleaf.workspace.folder import Workspace
from goldleaf.workspace.overlap import count_repeats, leakage
from goldleaf.workspace.resolve import examples

_QUANTILES = {"min": 0.0, "p5": 0.05, "median": 0.5, "p95": 0.95, "max": 1.0}


def stats(ws: Workspace, project: str = "default") -> dict[str, Any]:
    """Counts and measures of a project, ready for JSON.

    ===============  ====================================================================================
    records          how many
    annotations      how many, superseded ones too; `suggestions`, `sources`, `groups` likewise
    gold             per field, how many records have gold
    gold_methods     per field, how many of them it has by each method
    splits           records in `train`, `dev`, `test` and `none`
    labels           per field and label, how often gold has it (spans and tags: each one counts)
    split_labels     the same, per split
    empty            per field, how many records' gold says "nothing here"
    lengths          `characters`, and `tokens` where records have them: min, p5, median, p95, max, mean
    scripts          per script, how many records
    duplicates       how many records repeat the text of an earlier one
    near_duplicates  how many repeat it nearly or wholly
    leakage          `records`: dev and test records with a twin in an earlier split; `pairs`: per pair of splits
    ===============  ====================================================================================
    """
    with ws.store.read() as c:
        key, found = get_project(c, project)
        held = list(examples(c, key, found.schema))
        counts = {"annotations": count_annotations(c, key), "suggestions": count_suggestions(c, key)}
        counts["sources"] = count_sources(c, key)
    records = [example.record for example in held]
    texts = [record.text for record in records]
    clusters = near_duplicates(texts)
    splits = Counter(record.split or "none" for record in records)
    return {
        "project": project,
        "schema_version": found.schema.version,
        "records": len(records),
        **counts,
        "groups": len({record.group for record in records if record.group is not None}),
        "gold": {f.name: sum(f.name in example.values for example in held) for f in found.schema.fields},
        "gold_methods": {
            f.name: count_methods(e.gold[f.name] for e in held if f.name in e.gold) for f in found.schema.fields
        },
        "splits": {name: splits[name] for name in (*SPLITS, "none")},
        "labels": _labels(found.schema, held),
        "split_labels": {
            name: _labels(found.schema, [e for e in held if e.record.split == name]) for name in SPLITS if splits[name]
        },
        "empty": {
            f.name: sum(f.name in e.values and not e.values[f.name] for e in held)
            for f in found.schema.fields
            if f.kind == "spans" or f.many
        },
        "lengths": _lengths(records),
        "scripts": dict(Counter(map(detect_script, texts)).most_common()),
        "duplicates": count_repeats(texts),
        "near_duplicates": count_repeats(clusters),
        "leakage": leakage(records, clusters),
    }


def _labels(schema: Schema, held: Sequence[Example]) -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = {}
    for field in schema.fields:
        counts = Counter(
            label for e in held if field.name in e.values for label in labels_in(field, e.values[field.name])
        )
        found[field.name] = {label: counts[label] for label in field.labels}
    return found


def _lengths(records: Sequence[Record]) -> dict[str, dict[str, float]]:
    lengths = {"characters": [len(record.text) for record in records]}
    lengths["tokens"] = [len(record.tokens) for record in records if record.tokens is not None]
    return {
        unit: {name: float(np.quantile(values, q)) for name, q in _QUANTILES.items()} | {"mean": float(np.mean(values))}
        for unit, values in lengths.items()
        if values
    }
