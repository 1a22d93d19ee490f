"""Suggestions of a model: what a bundle says of the records that nobody has settled yet, for annotators to accept or correct."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from dataclasses import field as dataclass_field
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from goldleaf.core import Field, InputError, Prediction, Schema, Value, brief, check_value
from goldleaf.store import (
    Connection,
    StoredRecord,
    Suggestion,
    active,
    annotations_of,
    get_project,
    gold_of,
    pages,
    put_suggestions,
    suggestions_of,
)
from goldleaf.workspace.folder import Workspace

if TYPE_CHECKING:
    from goldleaf.serve import Predictor

CHUNK = 256
"""Records that are predicted, and their suggestions kept, at once: what an interruption loses."""


@dataclass
class Suggested:
    """What was done: by which `suggester`, of how many `records`, how many `values`; `known` had suggestions of it already, `skipped`
    values the project's schema cannot hold (`first` says of the first why)."""

    suggester: str
    records: int = 0
    values: int = 0
    known: int = 0
    skipped: int = 0
    first: str | None = None
    fields: list[str] = dataclass_field(default_factory=list[str])


def suggest(
    ws: Workspace,
    bundle: Path | str,
    project: str = "default",
    *,
    int8: bool = False,
    on_progress: Callable[[int], None] = lambda done: None,
) -> Suggested:
    """Predict a project's records that have neither gold nor an answer, and keep values and scores as suggestions.

    The suggester is the bundle's name with the beginning of its model's checksum. Again, it goes on where it stopped. Raises InputError
    where the bundle cannot be used or has no field of the project's.
    """
    from goldleaf.serve import Predictor

    predictor = Predictor(bundle, int8=int8)
    with ws.store.read() as c:
        key, found = get_project(c, project)
        done = Suggested(_name(predictor), fields=_shared(predictor.schema, found.schema))
        for page in pages(c, key):
            wanted = _wanted(c, page, done)
            for start in range(0, len(wanted), CHUNK):
                part = wanted[start : start + CHUNK]
                _keep(ws, part, predictor, found.schema, done)
                done.records += len(part)
                on_progress(done.records)
    return done


def score_of(field: Field, value: Value, given: Any, score: Any) -> Any:
    """A score that a file brings beside a value, as `Prediction.scores` has it. Raises InputError where it does not go with the value.

    Spans are kept in order of the text: `given`, the value as the file has it, says which number belongs to which.
    """
    if _is_share(score):
        return float(score)
    if field.kind == "choice":
        if isinstance(score, Mapping) and all(_is_share(p) for p in cast("Mapping[str, Any]", score).values()):
            return {str(label): float(p) for label, p in cast("Mapping[str, Any]", score).items()} or None
    elif (
        isinstance(score, list)
        and all(map(_is_share, numbers := cast("list[Any]", score)))
        and len(numbers) == len(value)
    ):
        numbers = [float(p) for p in numbers]
        return _in_order(given, numbers) if field.kind == "spans" else numbers
    raise InputError(
        "these are not the scores of the value",
        where=f"scores, field {field.name}",
        found=brief(score),
        expected="a number from 0 to 1, or one for each label of a choice, span or token",
    )


def _is_share(score: Any) -> bool:
    return isinstance(score, int | float) and not isinstance(score, bool) and 0 <= score <= 1


def _in_order(spans: Sequence[Any], numbers: list[float]) -> list[float]:
    """Numbers of spans in the order in which spans are kept."""
    keys = [(s["start"], s["end"], s["label"]) if isinstance(s, Mapping) else tuple(s) for s in spans]  # pyright: ignore
    return [number for _, number in sorted(zip(keys, numbers, strict=True))] if len(keys) == len(numbers) else numbers


def _name(predictor: Predictor) -> str:
    checksums = predictor.bundle.manifest["checksums"]
    return f"{predictor.bundle.folder.absolute().name}@{str(checksums.get('model.onnx', ''))[:8]}"


def _shared(model: Schema, project: Schema) -> list[str]:
    """The fields that both schemas have, of one kind."""
    shared = [f.name for f in model.fields if f.name in project and project[f.name].kind == f.kind]
    if not shared:
        found, expected = ", ".join(model.names), " or ".join(project.names)
        raise InputError("the bundle has no field of the project's", found=found, expected=expected)
    return shared


def _wanted(c: Connection, page: Sequence[StoredRecord], done: Suggested) -> list[StoredRecord]:
    """The records of a page that nothing is known of, and that this suggester has not spoken of."""
    ids = {stored.pk: stored.record.id for stored in page}
    golds, answers, given = gold_of(c, ids), annotations_of(c, ids), suggestions_of(c, ids)
    wanted: list[StoredRecord] = []
    for stored in page:
        answered = any(a.status == "submitted" for a in active(answers.get(stored.pk, [])))
        if answered or golds.get(stored.pk):
            continue
        if any(s.suggester == done.suggester for s in given.get(stored.pk, [])):
            done.known += 1
        else:
            wanted.append(stored)
    return wanted


def _keep(ws: Workspace, part: Sequence[StoredRecord], predictor: Predictor, schema: Schema, done: Suggested) -> None:
    """Predict some records and store what is said of them, in one short transaction."""
    results = predictor.run([stored.record for stored in part])
    new: list[tuple[int, Suggestion]] = []
    for stored, result in zip(part, results, strict=True):
        new += [(stored.pk, s) for s in _suggestions(stored, result.prediction, schema, done)]
    with ws.store.write() as c:
        put_suggestions(c, new)
    done.values += len(new)


def _suggestions(stored: StoredRecord, prediction: Prediction, schema: Schema, done: Suggested) -> list[Suggestion]:
    found: list[Suggestion] = []
    for name in done.fields:
        if name not in prediction.values:
            continue
        try:
            value: Any = check_value(schema[name], prediction.values[name], stored.record)
        except InputError as error:
            done.skipped += 1
            done.first = done.first or str(error)
            continue
        score = prediction.scores.get(name)
        found.append(Suggestion(stored.record.id, name, value, done.suggester, "model", score))
    return found
