"""The labels behind a prediction: the training records that a text most resembles, with what they are labelled and by whom."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from goldleaf.bundle import read_bundle
from goldleaf.core import (
    Annotation,
    Example,
    Gold,
    GoldleafError,
    InputError,
    Prediction,
    Record,
    Schema,
    value_to_json,
)
from goldleaf.snapshot import Dataset, read_snapshot
from goldleaf.store import active, annotations_of, find_by_ids, get_project, gold_of
from goldleaf.workspace.folder import Workspace
from goldleaf.workspace.resolve import resolve
from goldleaf.workspace.snapshotting import SNAPSHOTS


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A training record: how alike it is (the cosine of the embeddings), its text and gold, and by field how the gold came to be: its
    `method` and the `annotators` who said so (empty where the project does not have the record any more)."""

    record: str
    cosine: float
    text: str
    values: Mapping[str, Any]
    method: Mapping[str, str]
    annotators: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Explained:
    """A text, what the bundle predicts of it, and the training records that it resembles most, nearest first."""

    text: str
    prediction: Prediction
    neighbours: tuple[Neighbour, ...]

    def to_dict(self) -> dict[str, Any]:
        """Ready for JSON."""
        values = {name: value_to_json(value) for name, value in self.prediction.values.items()}
        rows = [
            {
                "record": n.record,
                "cosine": round(n.cosine, 6),
                "text": n.text,
                "values": {name: value_to_json(value) for name, value in n.values.items()},
                "method": dict(n.method),
                "annotators": {name: list(people) for name, people in n.annotators.items()},
            }
            for n in self.neighbours
        ]
        return {"text": self.text, "values": values, "scores": dict(self.prediction.scores), "neighbours": rows}


def explain(
    ws: Workspace,
    bundle: Path | str,
    texts: Sequence[str],
    *,
    project: str = "default",
    k: int = 5,
    snapshot: Path | str | None = None,
    int8: bool = False,
) -> list[Explained]:
    """For each text the `k` training records whose pooled embeddings are nearest to its own, and who labelled them.

    The training records are those of the snapshot that the bundle was trained on, which the workspace keeps (or `snapshot` names).
    Raises InputError where the bundle or the snapshot is not there, or the snapshot is another one.
    """
    from goldleaf.quality import nearest
    from goldleaf.serve import Predictor

    trained_on = _training_data(ws, Path(bundle), snapshot).train
    predictor = Predictor(bundle, int8=int8)
    asked = predictor.run([Record(str(n), text) for n, text in enumerate(texts)], embeddings=True)
    known = predictor.stream((example.record for example in trained_on), embeddings=True)
    places, cosines = nearest(
        np.array([result.embedding for result in asked]), np.array([result.embedding for result in known]), k=k
    )
    people = _origins(ws, project, [trained_on[place] for place in np.unique(places).tolist()])
    return [
        Explained(
            text, result.prediction, tuple(_neighbour(trained_on[p], c, people) for p, c in zip(row, near, strict=True))
        )
        for text, result, row, near in zip(texts, asked, places.tolist(), cosines.tolist(), strict=True)
    ]


_Origin = tuple[dict[str, str], dict[str, tuple[str, ...]]]


def _neighbour(example: Example, cosine: float, people: Mapping[str, _Origin]) -> Neighbour:
    method, annotators = people.get(example.record.id, ({}, {}))
    return Neighbour(example.record.id, cosine, example.record.text, example.values, method, annotators)


def _training_data(ws: Workspace, bundle: Path, snapshot: Path | str | None) -> Dataset:
    wanted = str(read_bundle(bundle, verify=False).manifest["snapshot"])
    folder = Path(snapshot) if snapshot is not None else ws.folder / SNAPSHOTS / wanted
    try:
        dataset = read_snapshot(folder)
    except GoldleafError as error:
        todo = "Name the snapshot's folder (--snapshot)"
        raise InputError(
            "the snapshot that the bundle was trained on is not here", where=str(folder), found=str(error), todo=todo
        ) from None
    if dataset.hash != wanted:
        raise InputError(
            "the bundle was trained on another snapshot", where=str(folder), found=dataset.hash, expected=wanted
        )
    return dataset


def _origins(ws: Workspace, project: str, examples: Sequence[Example]) -> dict[str, _Origin]:
    """By record how each field's gold came to be: the best method, and the annotators who gave that value."""
    with ws.store.read() as c:
        key, found = get_project(c, project)
        stored = find_by_ids(c, key, [example.record.id for example in examples])
        ids = {each.pk: record for record, each in stored.items()}
        golds, said = gold_of(c, ids), annotations_of(c, ids)
    return {
        example.record.id: _origin(example, golds.get(pk, []), active(said.get(pk, [])), found.schema)
        for example in examples
        if example.record.id in stored
        for pk in (stored[example.record.id].pk,)
    }


def _origin(example: Example, golds: Sequence[Gold], answers: Sequence[Annotation], schema: Schema) -> _Origin:
    best = resolve(example.record.id, schema, golds, answers)
    method = {name: gold.method for name, gold in best.items() if name in example.values}
    annotators = {
        name: tuple(a.annotator for a in answers if a.status == "submitted" and a.values.get(name) == value)
        for name, value in example.values.items()
    }
    return method, annotators
