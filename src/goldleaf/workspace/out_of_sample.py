"""Predictions of records by models that were not trained on them: a model a fold, and what each thinks of its fold kept as a file."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import zipfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from goldleaf.core import Example, InputError, Record, Schema, UnavailableError
from goldleaf.encode import output_classes
from goldleaf.snapshot import Dataset, dataset_hash
from goldleaf.text import near_duplicates
from goldleaf.workspace.modelling import import_training

if TYPE_CHECKING:
    import pandas as pd

    from goldleaf.train import Progress, Recipe

FOLDS = 5
FORMAT = 2
"""How opinions are kept, and how records are parted."""
LOCK = ".lock"
MODEL_FILES = (".json", ".safetensors", ".txt", ".model")
VALIDATION = 0.1
"""The share of what a fold's model may see that its training is stopped by."""


@dataclass(frozen=True, slots=True)
class Opinion:
    """What models think of records, as `goldleaf.quality.find_errors` takes it: `predictions` has a row a record and field (`record, field,
    classes, probabilities, tokens`), `embeddings` a row a record (`record, embedding`, and `space`: which model's)."""

    predictions: pd.DataFrame
    embeddings: pd.DataFrame


def class_probabilities(
    bundle: Path | str, records: Sequence[Record], *, int8: bool = False, space: int = 0
) -> Opinion:
    """What a bundle thinks of every class of every field of records (tags are left out where a record has no tokens), and their embeddings.

    Nothing is kept apart: records that the bundle was trained on are judged by a model that has seen their labels.
    """
    import pandas as pd

    from goldleaf.encode import class_probabilities as probabilities_of
    from goldleaf.encode import cut_pieces
    from goldleaf.serve import Predictor, available_cores

    predictor = Predictor(bundle, int8=int8, workers=available_cores())
    classes = {field.name: output_classes(field) for field in predictor.schema.fields}
    rows: list[tuple[Any, ...]] = []
    vectors: list[Any] = []
    for record, result in zip(records, predictor.stream(records, embeddings=True, logits=True), strict=True):
        (pieces,) = cut_pieces(predictor.tokenizer, [record.text], whole_words=predictor.layout.whole_words)
        vectors.append(result.embedding)
        logits = result.logits or {}
        for field in predictor.schema.fields:
            if field.kind != "tags" or record.tokens is not None:
                said = probabilities_of(field, logits[field.name], record, pieces)
                rows.append((record.id, field.name, classes[field.name], *said))
    ids = [record.id for record in records]
    columns = ["record", "field", "classes", "probabilities", "tokens"]
    return Opinion(
        pd.DataFrame(rows, columns=columns), pd.DataFrame({"record": ids, "embedding": vectors, "space": space})
    )


def out_of_sample(
    dataset: Dataset,
    folder: Path,
    *,
    folds: int = FOLDS,
    recipe: Recipe | None = None,
    seed: int = 0,
    force: bool = False,
    on_fold: Callable[[int, bool], None] = lambda fold, known: None,
    on_progress: Callable[[Progress], None] = lambda progress: None,
    on_warning: Callable[[str], None] = lambda message: None,
) -> Opinion:
    """What `folds` models think of the records of all splits, each of the records that it was not trained on.

    Records of one group, and nearly equal texts, are of one fold. What a model thinks of its fold is kept in a folder under `folder` that
    is named by the content of the dataset, the recipe and its base model, the folds and the seed; there it is read when it is asked for
    again, and an interrupted training goes on. Models are not kept. `on_fold` is told each fold before it begins, and whether it is known
    already.

    Raises InputError where there are fewer independent records than folds, UnavailableError where another process is at the same,
    MissingExtraError where torch is not installed.
    """
    import pandas as pd

    place = folder / _name(dataset, recipe, folds, seed)
    dataset = _told_apart(dataset)
    examples = sorted([*dataset.train, *dataset.dev, *dataset.test], key=lambda example: example.record.id)
    parts = draw_parts(examples, folds, seed=seed)
    options = {"recipe": recipe, "force": force, "on_progress": on_progress, "on_warning": _once(on_warning)}
    found: list[Opinion] = []
    with _alone(place):
        for fold, members in enumerate(parts):
            path, records = place / f"fold-{fold}.npz", [examples[i].record for i in members]
            opinion = _known(path, dataset.schema, fold, records)
            on_fold(fold, opinion is not None)
            if opinion is None:
                others = [i for number, part in enumerate(parts) if number != fold for i in part]
                data = _training_data(dataset, examples, others, seed=seed)
                _check_learnable(data.train, data.schema, fold)
                _write(path, _train_and_ask(data, place / f"fold-{fold}", records, fold, options))
                opinion = _read(path, dataset.schema, fold)
            found.append(opinion)
    return Opinion(
        pd.concat([each.predictions for each in found], ignore_index=True),
        pd.concat([each.embeddings for each in found], ignore_index=True),
    )


@contextmanager
def _alone(place: Path) -> Iterator[None]:
    """Nobody else trains in this folder meanwhile (where the system can say so). Raises UnavailableError where somebody does."""
    try:
        import fcntl
    except ImportError:  # not a POSIX system
        place.mkdir(parents=True, exist_ok=True)
        yield
        return
    place.mkdir(parents=True, exist_ok=True)
    with (place / LOCK).open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            todo = "Wait until it is done: what it finds is kept, and read when it is asked for again"
            raise UnavailableError("the same labels are being judged already", where=str(place), todo=todo) from None
        yield


def _told_apart(dataset: Dataset) -> Dataset:
    """The dataset without choices of which all gold has one label: nothing can be learned of them.

    Raises InputError where nothing stays."""
    examples = [*dataset.train, *dataset.dev, *dataset.test]
    alone = {
        field.name
        for field in dataset.schema.fields
        if field.kind == "choice"
        and not field.many
        and len({e.values[field.name] for e in examples if field.name in e.values}) < 2
    }
    if not alone:
        return dataset
    fields = tuple(field for field in dataset.schema.fields if field.name not in alone)
    if not fields:
        todo = "Label records with other labels too, or judge by a bundle"
        raise InputError("all gold has one label", where=f"field {', '.join(sorted(alone))}", todo=todo)

    def kept(part: list[Example]) -> list[Example]:
        told = [replace(e, values={n: v for n, v in e.values.items() if n not in alone}) for e in part]
        return [example for example in told if example.values]

    schema = replace(dataset.schema, fields=fields)
    return replace(
        dataset, schema=schema, train=kept(dataset.train), dev=kept(dataset.dev), test=kept(dataset.test), hash=None
    )


def _check_learnable(train: Sequence[Example], schema: Schema, fold: int) -> None:
    """Raise InputError where a fold's model would see one label of a choice alone."""
    for field in schema.fields:
        labels = (
            {e.values[field.name] for e in train if field.name in e.values}
            if not field.many and field.kind == "choice"
            else None
        )
        if labels is not None and len(labels) < 2:
            raise InputError(
                "too little gold to train a model on a part of it",
                where=f"field {field.name}, fold {fold + 1}",
                found=f"{len(train)} records with {'no label' if not labels else 'one label, ' + str(min(labels))}",
                expected="two labels or more in every part",
                todo="Label more records, or judge by a bundle",
            )


def _once(say: Callable[[str], None]) -> Callable[[str], None]:
    """Models of one recipe are warned of alike: a message that differs from an earlier one in numbers alone is not said again."""
    said: set[str] = set()

    def once(message: str) -> None:
        shape = re.sub(r"\d+", "", message)
        if shape not in said:
            said.add(shape)
            say(message)

    return once


def _known(path: Path, schema: Schema, fold: int, records: Sequence[Record]) -> Opinion | None:
    """What is kept of a fold; None where nothing is, or not of these very records."""
    if not path.is_file():
        return None
    try:
        opinion = _read(path, schema, fold)
    except (OSError, ValueError, KeyError, zipfile.BadZipFile):
        return None
    return opinion if opinion.embeddings["record"].tolist() == [record.id for record in records] else None


def draw_parts(examples: Sequence[Example], folds: int, *, seed: int = 0) -> list[list[int]]:
    """The places of the examples in `folds` parts of about as many records; what belongs together is in one. Raises InputError where that
    cannot be."""
    units = units_of([example.record for example in examples])
    if folds < 2 or len(units) < folds:
        found = f"{folds} folds of {len(units):,} groups of records" if folds >= 2 else f"{folds}"
        expected = "at least 2, and a group (or a record without equals) for each"
        todo = f"Take {len(units)} folds, or label more records" if len(units) >= 2 else "Label more records"
        raise InputError("there cannot be so many folds", found=found, expected=expected, todo=todo)
    order = np.random.default_rng(seed).permutation(len(units)).tolist()
    parts: list[list[int]] = [[] for _ in range(folds)]
    for number in sorted(order, key=lambda n: -len(units[n])):  # equal sizes stay in the order drawn
        min(parts, key=len).extend(units[number])
    return [sorted(part) for part in parts]


def units_of(records: Sequence[Record]) -> list[list[int]]:
    """The places of records that must not be parted: of one group, or nearly equal texts, directly or through others."""
    parent = list(range(len(records)))

    def root(i: int) -> int:
        while parent[i] != i:
            parent[i] = parent[parent[i]]
            i = parent[i]
        return i

    first: dict[str, int] = {}
    for i, twin in enumerate(near_duplicates([record.text for record in records])):
        parent[root(i)] = root(twin)
        group = records[i].group
        if group is not None:
            parent[root(i)] = root(first.setdefault(group, i))
    units: dict[int, list[int]] = {}
    for i in range(len(records)):
        units.setdefault(root(i), []).append(i)
    return list(units.values())


def _name(dataset: Dataset, recipe: Recipe | None, folds: int, seed: int) -> str:
    """What decides the opinions: the gold, the recipe with the base model that it names, the folds and the seed."""
    room = import_training()
    chosen = recipe or room.Recipe()
    model = _content_of(Path(chosen.base_model).expanduser())
    settings = {"format": FORMAT, "recipe": room.recipe_to_dict(chosen), "model": model}
    digest = hashlib.blake2b(json.dumps(settings, sort_keys=True).encode(), digest_size=4).hexdigest()
    return f"{(dataset.hash or dataset_hash(dataset))[:16]}-{digest}-{folds}-{seed}"


def _content_of(folder: Path) -> list[str]:
    """The content of a base model's folder, a digest a file: its name alone does not say which model it is. Nothing for any other name."""
    found: list[str] = []
    for path in sorted(folder.iterdir()) if folder.is_dir() else ():
        if path.is_file() and path.suffix in MODEL_FILES:
            with path.open("rb") as file:
                found.append(f"{path.name} {hashlib.file_digest(file, 'blake2b').hexdigest()}")
    return found


def _training_data(dataset: Dataset, examples: Sequence[Example], places: list[int], *, seed: int) -> Dataset:
    """These examples as training and validation split, whole units at a time."""
    chosen = [examples[i] for i in sorted(places)]
    units = units_of([example.record for example in chosen])
    order = np.random.default_rng(seed).permutation(len(units)).tolist()
    dev: set[int] = set()
    for number in order[:-1]:
        if len(dev) >= VALIDATION * len(chosen):
            break
        dev.update(units[number])
    train = [e for i, e in enumerate(chosen) if i not in dev]
    return Dataset(dataset.schema, _placed(train, "train"), _placed([chosen[i] for i in sorted(dev)], "dev"))


def _placed(examples: Sequence[Example], split: Any) -> list[Example]:
    return [replace(example, record=replace(example.record, split=split)) for example in examples]


def _train_and_ask(
    data: Dataset, bundle: Path, records: Sequence[Record], fold: int, options: dict[str, Any]
) -> Opinion:
    """Train a model, ask it about the records it has not seen, and leave nothing else of it."""
    room = import_training()
    if not bundle.is_dir():
        settings = {**options, "recipe": options["recipe"] or room.Recipe()}
        room.train(data, out=bundle, resume=room.run_folder(bundle).is_dir(), **settings)
    opinion = class_probabilities(bundle, records, space=fold)
    shutil.rmtree(bundle, ignore_errors=True)
    return opinion


def _write(path: Path, opinion: Opinion) -> None:
    """One file, whole or not at all, without pickles: for each field its records, how many rows each has, and all rows."""
    table, arrays = opinion.predictions, dict[str, Any]()
    arrays["records"] = np.array(opinion.embeddings["record"].tolist(), dtype=np.str_)
    arrays["embeddings"] = np.array(opinion.embeddings["embedding"].tolist(), dtype=np.float32)
    for name in dict.fromkeys(table["field"].tolist()):
        rows = table[table["field"] == name]
        said = [np.asarray(p, dtype=np.float32) for p in rows["probabilities"]]
        arrays[f"{name}/records"] = np.array(rows["record"].tolist(), dtype=np.str_)
        arrays[f"{name}/sizes"] = np.array([len(p) if p.ndim == 2 else -1 for p in said])
        arrays[f"{name}/probabilities"] = np.concatenate([np.atleast_2d(p) for p in said])
        bounds = [t for t in rows["tokens"] if t is not None]
        arrays[f"{name}/tokens"] = np.concatenate(bounds) if bounds else np.zeros((0, 2), np.int64)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.writing")
    try:
        with temporary.open("wb") as file:
            np.savez_compressed(file, **arrays)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def _read(path: Path, schema: Schema, fold: int) -> Opinion:
    import pandas as pd

    rows: list[tuple[Any, ...]] = []
    with np.load(path, allow_pickle=False) as arrays:
        for field in schema.fields:
            if f"{field.name}/records" not in arrays:
                continue
            sizes = arrays[f"{field.name}/sizes"]
            cuts = np.cumsum(np.maximum(sizes, 1) if (sizes < 0).any() else sizes)[:-1]
            said = np.split(arrays[f"{field.name}/probabilities"], cuts)
            tokens = np.split(arrays[f"{field.name}/tokens"], cuts) if (sizes >= 0).all() else [None] * len(said)
            classes = output_classes(field)
            ids = arrays[f"{field.name}/records"].tolist()
            for record, size, p, t in zip(ids, sizes.tolist(), said, tokens, strict=True):
                rows.append((record, field.name, classes, p if size >= 0 else p[0], t))
        ids, vectors = arrays["records"].tolist(), list(arrays["embeddings"])
    columns = ["record", "field", "classes", "probabilities", "tokens"]
    return Opinion(
        pd.DataFrame(rows, columns=columns), pd.DataFrame({"record": ids, "embedding": vectors, "space": fold})
    )
