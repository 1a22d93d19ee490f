"""Train, evaluate, predict: the verbs around a model. Torch comes in with the first of them alone."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from types import ModuleType
from typing import IO, TYPE_CHECKING, Any

from goldleaf.bundle import check_vacant
from goldleaf.core import (
    Example,
    InputError,
    MissingExtraError,
    Prediction,
    Record,
    Schema,
    check_values,
)
from goldleaf.formats import Item, ReadOptions, detect_format, read_items
from goldleaf.snapshot import Dataset, read_snapshot
from goldleaf.workspace.folder import Workspace
from goldleaf.workspace.probes import score_slices, tell_apart
from goldleaf.workspace.snapshotting import take_snapshot

if TYPE_CHECKING:
    from goldleaf.report import Report
    from goldleaf.serve import Predictor
    from goldleaf.train import Progress, Recipe, Training

BUNDLES = "bundles"


@dataclass(frozen=True, slots=True)
class Trained:
    """A bundle that training wrote, its report on the test split (or, where that is empty, the dev split), and the seeds' scores.

    `tuning` is what the manifest says of the search for its recipe; None where there was none.
    """

    folder: Path
    report: Report
    split: str
    seconds: float
    tuning: Mapping[str, Any] | None = None


def import_training() -> ModuleType:
    """The room `train`, which brings torch. Raises MissingExtraError where it is not installed."""
    try:
        from goldleaf import train as room
    except ImportError as error:
        if error.name not in ("torch", "transformers", "safetensors", "tensorboard", "onnx", "onnxscript"):
            raise
        raise MissingExtraError(
            "training is not installed", found=f"no {error.name}", todo='Install it with: pip install "goldleaf[train]"'
        ) from None
    return room


def train(
    dataset: Dataset,
    out: Path | str,
    *,
    recipe: Recipe | None = None,
    resume: bool = False,
    force: bool = False,
    on_progress: Callable[[Progress], None] = lambda progress: None,
    on_warning: Callable[[str], None] = lambda message: None,
    describe: Callable[[Path], Mapping[str, Any]] = lambda folder: {},
) -> Trained:
    """Train on a snapshot, write the bundle at `out`, and evaluate it as it will be served (on onnxruntime).

    `describe` is called with the bundle's folder before it takes its place, and returns what else its manifest shall hold.

    Raises InputError for data, base models and places that will not do; MissingExtraError where torch is not installed.
    """
    room = import_training()
    path = Path(out)
    found: dict[str, Any] = {}

    def finish(folder: Path, training: Training) -> Mapping[str, Any]:
        data = training.prepared.dataset
        split = "test" if data.test else "dev"
        report = evaluate(
            folder, data.test or data.dev, train=data.train, history=room.history_of(training), name=path.name
        )
        report.save_html(folder / "report.html")
        found.update(report=report, split=split)
        return {"metrics": {split: summary(report)}, **describe(folder)}

    training = room.train(
        dataset,
        recipe or room.Recipe(),
        path,
        resume=resume,
        force=force,
        on_progress=on_progress,
        on_warning=on_warning,
        finish=finish,
    )
    if not found:  # written by another process that shares the training
        split = "test" if dataset.test else "dev"
        found.update(report=evaluate(path, dataset.split(split)), split=split)
    return Trained(path, found["report"], found["split"], sum(run.seconds for run in training.runs))


def train_project(
    ws: Workspace,
    project: str = "default",
    *,
    out: Path | str | None = None,
    verb: Callable[..., Trained] = train,
    **options: Any,
) -> Trained:
    """Take a snapshot of a project and train on it; see `train`. `out` defaults to the next free `bundles/PROJECT-N`.

    `verb` is what is done with the snapshot: `train`, or `tune` with its options.
    """
    target = Path(out) if out is not None else next_bundle(ws.folder, project, resume=bool(options.get("resume")))
    check_vacant(target)
    dataset = take_snapshot(ws, project, warn=options.get("on_warning"))
    return verb(dataset, target, **options)


def next_bundle(folder: Path, project: str, *, resume: bool = False) -> Path:
    """The first `bundles/PROJECT-N` that is free; to resume, the one that an interrupted training has begun."""
    number = 1
    while (path := folder / BUNDLES / f"{project}-{number}").exists():
        number += 1
    if resume:
        begun = sorted((folder / BUNDLES).glob(f"{project}-*.run"), key=lambda p: p.stat().st_mtime)
        if begun and not begun[-1].with_suffix("").exists():
            return begun[-1].with_suffix("")
    return path


def summary(report: Report) -> dict[str, Any]:
    """A report's scores without its errors and confusions, for the manifest."""
    keys = ("precision", "recall", "f1", "accuracy", "macro_f1", "weighted_f1", "token_accuracy")
    fields = {name: {k: f[k] for k in keys if k in f} for name, f in report.data["fields"].items()}
    return {"records": report.data["records"], "fields": fields, "exact_match": report.data["exact_match"]}


def evaluate(
    bundle: Path | str,
    examples: Sequence[Example],
    *,
    train: Sequence[Example] | None = None,
    history: Sequence[Mapping[str, Any]] = (),
    name: str | None = None,
    slices: bool = False,
    out_of_scope: Sequence[Record] = (),
    int8: bool = False,
) -> Report:
    """Predict examples with a bundle and score the predictions, under the bundle's name or `name`.

    With `train`, a TF-IDF baseline learned from it stands beside; with `slices`, the scores on parts of the data, and on the same
    texts with typos; with `out_of_scope` (texts that no label of the choices is right for), how well the model tells those apart; with
    `int8`, the model with 8-bit weights predicts."""
    from goldleaf.evaluate import evaluate as score
    from goldleaf.evaluate import tfidf_baseline
    from goldleaf.report import Report
    from goldleaf.serve import Predictor, available_cores

    predictor = Predictor(bundle, int8=int8, workers=available_cores())
    records = [e.record for e in examples]
    results = list(predictor.stream(records, uncalibrated=bool(predictor.temperatures)))
    predictions: list[Prediction] = [r.prediction for r in results]
    before = [r.uncalibrated for r in results if r.uncalibrated is not None]
    baseline = tfidf_baseline(predictor.schema, train, records) if train else None
    report = score(
        predictor.schema,
        examples,
        predictions,
        title=f"Evaluation of {name or Path(bundle).name}",
        baseline=baseline,
        uncalibrated=before or None,
        train=train,
        history=history,
    )
    data = dict(report.data)
    if slices:
        data["slices"] = score_slices(predictor, examples, predictions, train)
    if out_of_scope:
        data["out_of_scope"] = tell_apart(predictor, examples, out_of_scope)
    return Report(report.title, data)


def compare(first: Path | str, second: Path | str, examples: Sequence[Example]) -> dict[str, Any]:
    """Predict examples with two bundles and compare their scores by the paired bootstrap; see `goldleaf.evaluate.compare`.

    Fields that both have, of the same kind, are compared; `bundles` holds the two names.
    """
    from goldleaf.evaluate import compare as score
    from goldleaf.serve import Predictor, available_cores

    predictors = [Predictor(place, workers=available_cores()) for place in (first, second)]
    ours, theirs = (p.schema for p in predictors)
    common = [
        f for f in ours.fields if f.name in theirs and (theirs[f.name].kind, theirs[f.name].many) == (f.kind, f.many)
    ]
    if not common:
        raise InputError(
            "the bundles have no field in common",
            where=f"{first} and {second}",
            found=f"{', '.join(ours.names)} and {', '.join(theirs.names)}",
            expected="a field of the same name and kind",
        )
    records = [e.record for e in examples]
    results = [[r.prediction for r in p.stream(records)] for p in predictors]
    return {"bundles": _told_apart(first, second), **score(Schema(tuple(common)), examples, *results)}


def _told_apart(first: Path | str, second: Path | str) -> list[str]:
    """The bundles' names; their paths where the names are equal."""
    names = [Path(first).name, Path(second).name]
    return names if names[0] != names[1] else [str(first), str(second)]


def read_examples(
    path: Path | str, schema: Schema, *, format: str = "auto", options: ReadOptions | None = None
) -> list[Example]:
    """The labelled records of a file, checked against a schema. Raises InputError that names file and line."""
    examples: list[Example] = []
    for number, item in enumerate(_items(Path(path), schema, format, options), 1):
        record = _named(item, number)
        values = {name: value for name, value in item.values.items() if name in schema}
        if not values:
            continue
        try:
            examples.append(Example(record, check_values(schema, values, record)))
        except InputError as error:
            raise error.at(item.where) from None
    if not examples:
        raise InputError(
            "the file has no labelled records", where=str(path), expected=f"values of {', '.join(schema.names)}"
        )
    return examples


def read_records(path: Path | str, schema: Schema, *, format: str = "auto") -> list[Record]:
    """The records of a file, whatever labels it has. Raises InputError that names file and line, or where there is none."""
    records = [_named(item, number) for number, item in enumerate(_items(Path(path), schema, format, None), 1)]
    if not records:
        raise InputError("the file has no records", where=str(path))
    return records


def _items(path: Path, schema: Schema, format: str, options: ReadOptions | None) -> Iterator[Item]:
    return read_items(path, detect_format(path) if format == "auto" else format, schema, options or ReadOptions())


def _named(item: Item, number: int) -> Record:
    return item.record if item.record.id else replace(item.record, id=f"{number}")


def predict_file(
    bundle: Path | str,
    path: Path | str,
    out: Path | str | None = None,
    *,
    format: str = "auto",
    embeddings: bool = False,
    distances: bool = False,
    int8: bool = False,
    write: Callable[[str], None] | None = None,
    on_progress: Callable[[int], None] = lambda done: None,
) -> int:
    """Predict a file's records as JSONL, in order, in constant memory; return how many there were.

    A line is `{"id", "text", "values": {field: value}, "scores": {field: ..}}`, with `"embedding"` and `"out_of_scope"` (how far the
    text is from all that each choice was trained on) where asked for. With `out` the file is written whole or not at all; without, each
    line is given to `write`. With `int8` the model with 8-bit weights predicts.
    """
    from goldleaf.serve import Predictor, available_cores

    predictor = Predictor(bundle, int8=int8, workers=available_cores())
    lines = _predict_lines(predictor, Path(path), format, embeddings=embeddings, distances=distances)
    if out is None:
        return _write_lines(lines, write or print_line, on_progress)
    target = Path(out)
    if target.exists() and not target.is_file():  # a pipe or a device is written as it comes
        with _opened(target) as file:
            return _write_lines(lines, lambda line: _put(file, line), on_progress)
    temporary = target.with_name(f".{target.name}.{os.getpid()}.writing")
    try:
        with _opened(temporary, shown=target) as file:
            count = _write_lines(lines, lambda line: _put(file, line), on_progress)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(target)
    finally:
        temporary.unlink(missing_ok=True)
    return count


@contextmanager
def _opened(path: Path, *, shown: Path | None = None) -> Iterator[IO[str]]:
    """A file to write; what keeps it from being written is an InputError that names it, or `shown`."""
    try:
        with path.open("w", encoding="utf-8") as file:
            yield file
    except OSError as error:
        raise InputError(
            "the predictions cannot be written", where=str(shown or path), found=error.strerror or str(error)
        ) from None


def _put(file: IO[str], line: str) -> None:
    file.write(line + "\n")


def print_line(line: str) -> None:
    """Write a line to standard output."""
    import sys

    sys.stdout.write(line + "\n")


def _write_lines(lines: Iterable[str], write: Callable[[str], None], on_progress: Callable[[int], None]) -> int:
    count = 0
    for line in lines:
        write(line)
        count += 1
        on_progress(count)
    return count


def _predict_lines(predictor: Predictor, path: Path, format: str, **wanted: bool) -> Iterator[str]:
    import itertools

    from goldleaf.serve import result_to_dict

    encode = json.JSONEncoder(ensure_ascii=False).encode
    items = _items(path, predictor.schema, format, None)
    kept, fed = itertools.tee(_named(item, number) for number, item in enumerate(items, 1))
    for record, result in zip(kept, predictor.stream(fed, **wanted), strict=True):
        yield encode({"id": record.id, "text": record.text} | result_to_dict(result))


def load_snapshot(folder: Path | str) -> Dataset:
    """A snapshot from its folder."""
    return read_snapshot(Path(folder))
