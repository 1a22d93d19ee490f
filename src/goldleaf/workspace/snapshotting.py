"""Snapshot: the project's gold, its splits drawn where they are missing, frozen into a folder."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from goldleaf import __version__
from goldleaf.core import SPLITS, Example, InputError, Schema, Split, labels_in
from goldleaf.snapshot import Dataset, dataset_hash, gold_hash, gold_hash_in, write_snapshot
from goldleaf.store import Connection, StoredRecord, get_project, given_splits, set_splits
from goldleaf.text import near_duplicates
from goldleaf.workspace.folder import Workspace
from goldleaf.workspace.overlap import describe_leakage, leakage
from goldleaf.workspace.resolve import stored_examples
from goldleaf.workspace.splits import Candidate, Origin, draw_splits

SNAPSHOTS = "snapshots"


def take_snapshot(
    ws: Workspace,
    project: str = "default",
    *,
    out: Path | str | None = None,
    seed: int = 0,
    dev: float = 0.1,
    test: float = 0.1,
    warn: Callable[[str], None] | None = None,
) -> Dataset:
    """Freeze a project's gold into `snapshots/HASH` (or `out`) and return it; records without any gold stay out.

    Records without a split get one, and keep it from then on: their group's or near-duplicate's where that has one, else drawn with
    `seed`, stratified by labels, towards `dev` and `test` of all that was drawn. A split that imports have given takes no drawn
    records. `warn` is told of leakage between splits and of empty splits; the manifest says it too.
    """
    with ws.store.write() as c:
        drawn = _draw(c, project, seed=seed, dev=dev, test=test)
        folder = Path(out) if out is not None else snapshot_folder(ws, drawn.dataset)
        dataset = write_snapshot(drawn.dataset, folder)
        set_splits(c, drawn.splits)
    if warn is not None:
        for sentence in [*describe_leakage(drawn.dataset.manifest["leakage"]), *_empty(dataset)]:
            warn(sentence)
    return dataset


def snapshot_folder(ws: Workspace, dataset: Dataset) -> Path:
    """Where a dataset's snapshot is kept: `snapshots/HASH`, or beside it where that holds the same labels that came to be otherwise."""
    name, origins = dataset_hash(dataset), gold_hash(dataset)
    folder = ws.folder / SNAPSHOTS / name
    return folder if gold_hash_in(folder) in (None, origins) else folder.with_name(f"{name}-{origins[:8]}")


def preview_snapshot(ws: Workspace, project: str = "default") -> Dataset:
    """The dataset that `take_snapshot` would freeze now. Nothing is written: no folder, and no split."""
    with ws.store.read() as c:
        dataset = _draw(c, project, seed=0, dev=0.1, test=0.1).dataset
    return replace(dataset, hash=dataset_hash(dataset))


@dataclass(frozen=True, slots=True)
class _Drawn:
    """A dataset, and the splits of the records (by their keys) that had none."""

    dataset: Dataset
    splits: dict[int, tuple[Split, Origin]]


def _draw(c: Connection, project: str, *, seed: int, dev: float, test: float) -> _Drawn:
    if not (dev >= 0 and test >= 0 and dev + test < 1):
        raise InputError(
            "no share is left for training", found=f"dev {dev}, test {test}", expected="both >= 0, sum < 1"
        )
    key, found = get_project(c, project)
    held = [pair for pair in stored_examples(c, key, found.schema) if pair[1].values]
    if not held:
        raise InputError("no record has gold", where=f"project {project}", todo="Import labelled records first")
    clusters = near_duplicates([stored.record.text for stored, _ in held])
    shares = _shares(given_splits(c, key), dev, test)
    drawn = draw_splits(_candidates(held, clusters, found.schema), shares, np.random.default_rng(seed))
    chosen = [_placed(example, drawn.get(i)) for i, (_, example) in enumerate(held)]
    origins = Counter(drawn[i][1] if i in drawn else stored.split_origin for i, (stored, _) in enumerate(held))
    manifest = {
        "project": project,
        "schema_version": found.schema.version,
        "goldleaf": __version__,
        "taken_at": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "splits": {"seed": seed, "shares": shares, **{str(name): n for name, n in sorted(origins.items())}},
        "leakage": leakage([example.record for example in chosen], clusters),
    }
    dataset = replace(_dataset(found.schema, chosen), manifest=manifest)
    return _Drawn(dataset, {held[i][0].pk: choice for i, choice in drawn.items()})


def label_names(example: Example, schema: Schema) -> tuple[str, ...]:
    """The labels in an example's gold, each once, as `field=label`; a field that says "nothing here" gives `field=`."""
    names: list[str] = []
    for field in schema.fields:
        if field.name in example.values:
            labels = labels_in(field, example.values[field.name])
            names += [f"{field.name}={label}" for label in dict.fromkeys(labels or [""])]
    return tuple(names)


def _shares(given: set[str], dev: float, test: float) -> dict[Split, float]:
    """What is to be drawn towards: no dev or test where imports have given one."""
    shares: dict[Split, float] = {"train": 1 - dev - test, "dev": dev, "test": test}
    return {split: share for split, share in shares.items() if split == "train" or (share and split not in given)}


def _candidates(
    held: Sequence[tuple[StoredRecord, Example]], clusters: Sequence[int], schema: Schema
) -> list[Candidate]:
    return [
        Candidate(
            stored.record.id,
            cluster,
            stored.record.group,
            label_names(example, schema),
            stored.record.split,
            stored.split_origin,
        )
        for (stored, example), cluster in zip(held, clusters, strict=True)
    ]


def _placed(example: Example, choice: tuple[Split, Origin] | None) -> Example:
    return example if choice is None else replace(example, record=replace(example.record, split=choice[0]))


def _dataset(schema: Schema, chosen: Sequence[Example]) -> Dataset:
    splits: dict[str, Any] = {name: [e for e in chosen if e.record.split == name] for name in SPLITS}
    return Dataset(schema, **splits)


def _empty(dataset: Dataset) -> list[str]:
    return [f"the {name} split is empty" for name in SPLITS if not dataset.split(name)]
