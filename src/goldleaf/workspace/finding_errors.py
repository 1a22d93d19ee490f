"""Find label errors: models that were not trained on the labels they judge, and what else a project (or a file) knows of them."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from goldleaf.bundle import read_bundle
from goldleaf.core import Example, Field, GoldleafError, InputError, Kind, Schema, Span, value_to_json
from goldleaf.formats import ReadOptions, detect_format
from goldleaf.snapshot import Dataset, read_snapshot
from goldleaf.store import Doubt, find_by_ids, get_project, gold_of
from goldleaf.store.values import from_json
from goldleaf.text import near_duplicates
from goldleaf.workspace.aggregating import human_answers
from goldleaf.workspace.doubting import send_to_review
from goldleaf.workspace.folder import Workspace, init_workspace
from goldleaf.workspace.importing import import_file
from goldleaf.workspace.label_tables import gold_table, label_table
from goldleaf.workspace.modelling import read_examples
from goldleaf.workspace.out_of_sample import FOLDS, Opinion, class_probabilities, out_of_sample
from goldleaf.workspace.overlap import leakage
from goldleaf.workspace.schemas import choose_schema
from goldleaf.workspace.snapshotting import SNAPSHOTS, preview_snapshot

if TYPE_CHECKING:
    import pandas as pd

    from goldleaf.quality import Errors, Rehearsal

ERRORS = "errors"
"""The folder of a workspace in which models' opinions are kept, and the source of the doubts."""
REVIEWED = 0.5
"""The probability from which a label goes to review: it is rather wrong than right."""
ROUNDS, MOST_ROUNDS, PLANTED_IN = 3, 20, 5_000
"""How often errors are planted: more often in little gold, until there were about so many values to plant them in."""
_GUESSES = {"conll": ("ner", "tags"), "intent-slot": ("intent-slots",)}
_OTHERS = ("classification", "ner", "tags")
"""What a file without a schema is taken for, the first that can be read."""


@dataclass(frozen=True, slots=True)
class LabelErrors:
    """What was found (`errors`), texts that occur more than once (`duplicates`, `leakage` between splits), how errors that were planted
    were found (`rehearsal`), and who judged (`judged_by`). `texts` has the records' texts."""

    errors: Errors
    duplicates: pd.DataFrame
    leakage: dict[str, Any]
    rehearsal: list[Rehearsal]
    judged_by: str
    texts: dict[str, str]

    def to_dict(self, *, tokens: bool = False) -> dict[str, Any]:
        """Ready for JSON; the probability of every token only with `tokens`."""
        labels = [{**_plain(row), "text": self.texts[row["record"]]} for row in self.errors.labels.to_dict("records")]
        records = self.errors.records[["record", "field", "probability"]].to_dict("records")
        fields: dict[str, Any] = {}
        for name, rows in self.errors.records.groupby("field", sort=False):
            wrong = rows["probability"].to_numpy(float)
            fields[str(name)] = {
                "records": len(wrong),
                "suspected": int((wrong > 0.5).sum()),
                "expected": round(float(wrong.sum()), 1),
            }
        return {
            "judged_by": self.judged_by,
            "fields": fields,
            "labels": labels,
            "records": [_plain(row) for row in records],
            **({"tokens": [_plain(row) for row in self.errors.tokens.to_dict("records")]} if tokens else {}),
            "duplicates": [_plain(row) for row in self.duplicates.to_dict("records")],
            "leakage": self.leakage,
            "rehearsal": [each.to_dict() for each in self.rehearsal],
        }


def find_errors(
    ws: Workspace,
    project: str = "default",
    *,
    bundle: Path | str | None = None,
    field: str | None = None,
    at_least: float | None = None,
    **training: Any,
) -> LabelErrors:
    """Judge a project's gold: what of it is probably wrong, what is proposed in its place, and why.

    With a bundle, what it was not trained on is judged; without, everything, by a model a fold (`out_of_sample` has the options `folds`,
    `recipe`, `seed`, `force` and `on_...`), whose opinions are kept in the workspace. The annotators' answers count where gold was made
    of them. `field` is the only one to judge, `at_least` the probability from which labels are listed. Nothing is written to the project.
    Raises InputError where there is no gold, or none that can be judged.
    """
    data = preview_snapshot(ws, project)
    examples = [*data.train, *data.dev, *data.test]
    if bundle is None:
        opinion, by = out_of_sample(data, ws.folder / ERRORS, **training), _folds(training)
    else:
        seen = _seen(ws, bundle, training.get("on_warning") or _quiet)
        judged = [example.record for example in examples if example.record.id not in seen]
        if not judged:
            todo = "Leave the bundle out: models are trained on parts of the gold, to judge the rest"
            raise InputError("the bundle was trained on all gold", where=str(bundle), todo=todo)
        opinion, by = class_probabilities(bundle, judged), Path(bundle).name
    gold = _gold(examples, data.schema, field)
    return _judge(examples, gold, opinion, by, schema=data.schema, answers=_answers(ws, project), at_least=at_least)


def review_errors(ws: Workspace, found: LabelErrors, project: str = "default", *, at_least: float = REVIEWED) -> int:
    """Send the records to review whose labels are wrong with at least this probability, in place of those that the last search sent; how
    many they are. What a reviewer has decided is not doubted again. Raises InputError where `at_least` is no probability.
    """
    if not 0 <= at_least <= 1:
        raise InputError("this is no probability", found=str(at_least), expected="0 to 1", where="review")
    reasons = _reasons(found.errors)
    rows = found.errors.records
    columns = [rows[name].tolist() for name in ("record", "field", "probability", "proposed")]
    with ws.store.write() as c:
        key, opened = get_project(c, project)
        stored = find_by_ids(c, key, list(dict.fromkeys(columns[0])))
        golds = gold_of(c, {each.pk: record for record, each in stored.items()})
        doubts: list[tuple[int, Doubt]] = []
        for record, field, probability, proposed in zip(*columns, strict=True):
            if probability < at_least or record not in stored:
                continue
            pk = stored[record].pk
            if any(gold.field == field and gold.method == "adjudicated" for gold in golds.get(pk, [])):
                continue
            value = from_json(value_to_json(proposed)) if proposed is not None else None
            doubts.append(
                (pk, Doubt(record, field, ERRORS, float(probability), value, reasons.get((record, field), ())))
            )
        return send_to_review(c, key, opened, ERRORS, doubts)


def _reasons(errors: Errors) -> dict[tuple[str, str], tuple[str, ...]]:
    """By record and field, each reason once."""
    found: dict[tuple[str, str], tuple[str, ...]] = {}
    for record, field, reasons in zip(
        *(errors.labels[n].tolist() for n in ("record", "field", "reasons")), strict=True
    ):
        found[record, field] = tuple(dict.fromkeys((*found.get((record, field), ()), *reasons)))
    return found


def find_errors_in_file(
    path: Path | str,
    *,
    bundle: Path | str | None = None,
    format: str = "auto",
    field: str | None = None,
    at_least: float | None = None,
    **training: Any,
) -> LabelErrors:
    """Judge the labels of a file alone: by a bundle that was not trained on it, or by a model a fold.

    Without a bundle, the file is taken for spans (CoNLL), intents and slots, or else for one label a text, and the opinions are kept beside
    it in `PATH.errors`. Raises InputError where the file has no labels that can be judged.
    """
    path = Path(path)
    format = detect_format(path) if format == "auto" else format
    if format == "labels":
        todo = "Import it with its records, and judge the project"
        raise InputError("a label table has no texts to judge by", where=str(path), todo=todo)
    if bundle is None:
        data = _dataset_of(path, format, field)
        schema, examples = data.schema, [*data.train, *data.dev, *data.test]
        opinion, by = out_of_sample(data, path.with_name(f"{path.name}.{ERRORS}"), **training), _folds(training)
    else:
        schema = read_bundle(Path(bundle), verify=False).schema
        examples = read_examples(path, schema, format=format, options=ReadOptions(field=field))
        opinion, by = class_probabilities(bundle, [example.record for example in examples]), Path(bundle).name
    gold = _gold(examples, schema, field)
    return _judge(examples, gold, opinion, by, schema=schema, at_least=at_least)


def _quiet(message: str) -> None:
    pass


def _folds(training: Mapping[str, Any]) -> str:
    return f"{training.get('folds', FOLDS)} models, each not trained on what it judges"


def _judge(
    examples: Sequence[Example],
    gold: pd.DataFrame,
    opinion: Opinion,
    by: str,
    *,
    schema: Schema,
    answers: pd.DataFrame | None = None,
    at_least: float | None = None,
) -> LabelErrors:
    import pandas as pd

    from goldleaf.quality import duplicates, find_errors, rehearse

    columns = ("record", "text", "tokens", "group", "split")
    rows = [(r.id, r.text, r.tokens, r.group, r.split) for r in (example.record for example in examples)]
    records = pd.DataFrame(rows, columns=list(columns))
    known: dict[str, Any] = {"records": records, "schema": schema, "embeddings": opinion.embeddings}
    more: dict[str, Any] = {} if at_least is None else {"at_least": at_least}
    found = find_errors(gold, opinion.predictions, answers=answers, **known, **more)
    twins = near_duplicates([example.record.text for example in examples])
    return LabelErrors(
        found,
        duplicates(records, gold),
        leakage([example.record for example in examples], twins),
        rehearse(
            gold, opinion.predictions, rounds=min(MOST_ROUNDS, max(ROUNDS, PLANTED_IN // max(len(gold), 1))), **known
        ),
        by,
        {example.record.id: example.record.text for example in examples},
    )


def _gold(examples: Sequence[Example], schema: Schema, field: str | None) -> pd.DataFrame:
    import pandas as pd

    names = schema.names if field is None else (schema[field].name,)
    rows = [(e.record.id, name, value_to_json(e.values[name])) for e in examples for name in names if name in e.values]
    return pd.DataFrame(rows, columns=["record", "field", "value"])


def _answers(ws: Workspace, project: str) -> pd.DataFrame | None:
    """What annotators said of the records whose gold was made of it: a reviewer's decision, or imported gold, stands above it."""
    gold = gold_table(ws, project)
    made = gold[gold["method"].isin(("aggregated", "majority", "single"))][["record", "field"]]
    table = human_answers(label_table(ws, project)).merge(made, on=["record", "field"])
    return None if table.empty else table


def _seen(ws: Workspace, bundle: Path | str, warn: Callable[[str], None]) -> set[str]:
    """The records that a bundle was trained on, as far as its snapshot is in the workspace."""
    name = str(read_bundle(Path(bundle), verify=False).manifest.get("snapshot"))
    try:
        return {example.record.id for example in read_snapshot(ws.folder / SNAPSHOTS / name).train}
    except GoldleafError:
        warn(f"the snapshot that {Path(bundle).name} was trained on is not here: it judges all records, seen or not")
        return set()


def _dataset_of(path: Path, format: str, field: str | None) -> Dataset:
    """A file's labelled records, as a project of the first kind that they can be read as."""
    failed: InputError | None = None
    seen = _schema_in(path) if format == "jsonl" else None
    guesses = [choose_schema(template, None) for template in _GUESSES.get(format, _OTHERS)]
    for schema in guesses if seen is None else [seen]:
        if field is not None and seen is None and len(schema.fields) == 1:
            schema = replace(schema, fields=(replace(schema.fields[0], name=field),))
        with tempfile.TemporaryDirectory() as place, init_workspace(Path(place) / "ws", schema=schema) as ws:
            try:
                import_file(ws, path, format=format, options=ReadOptions(field=field))
                return preview_snapshot(ws)
            except InputError as error:
                failed = failed or error
    raise failed or InputError("the file cannot be read", where=str(path))


def _schema_in(path: Path) -> Schema | None:
    """The schema that the gold of a JSONL file shows; None where no line has gold, or it cannot be read so."""
    found: dict[str, Field] = {}
    try:
        with path.open(encoding="utf-8") as lines:
            for row in (json.loads(line) for line in lines if line.strip()):
                for name, value in (
                    row["gold"].items() if isinstance(row, dict) and isinstance(row.get("gold"), dict) else ()
                ):
                    tokens = row.get("tokens")
                    kind = _kind_of(value, len(tokens) if isinstance(tokens, list) else None)
                    if kind is not None:
                        found.setdefault(name, Field(name, kind, many=kind == "choice" and isinstance(value, list)))
    except (OSError, ValueError):
        return None
    return Schema(tuple(found.values())) if found else None


def _kind_of(value: Any, tokens: int | None) -> Kind | None:
    """The kind that a value shows; None where it shows none, as an empty list does."""
    if isinstance(value, str):
        return "choice"
    if not isinstance(value, list) or not value:
        return None
    if not isinstance(value[0], str):
        return "spans"
    return "tags" if len(value) == tokens else "choice"


def _plain(row: Mapping[Any, Any]) -> dict[str, Any]:
    """A row ready for JSON: spans as lists, numbers rounded, nothing for what is not known."""
    return {str(name): _cell(cell) for name, cell in row.items()}


def _cell(cell: Any) -> Any:
    value = cell.item() if hasattr(cell, "item") else cell
    if not hasattr(value, "__len__") and str(value) in ("None", "nan", "<NA>"):  # nothing, in each of its forms
        return None
    if isinstance(value, float):
        return round(value, 6)
    if isinstance(value, dict):
        return {str(name): _cell(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [list(item) if isinstance(item, Span) else _cell(item) for item in value]
    return value
