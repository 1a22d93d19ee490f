"""Gold frozen for training: a folder of Parquet, its schema and a manifest, named by what it says.

=============================================  ======================================================================
train.parquet, dev.parquet, test.parquet       one row a record: id, text, tokens, group, timestamp, meta (JSON), a column a field
gold.parquet                                   where it is known how labels came to be: a row a record and field: record, field,
                                               method, confidence, annotations, annotators (how many), labels, probabilities
schema.json                                    the schema the values are in
manifest.json                                  format, hash, records per split, `gold`, and whatever the writer adds
=============================================  ======================================================================

The hash covers canonical content (the schema's fields; of each record id, text, tokens, group, split and values; records sorted by id)
and no file bytes: the same gold in the same splits has the same hash whoever wrote it. Rows stand sorted by id too, so that one hash
also means one order to train in. How labels came to be has a hash of its own (`gold.hash` in the manifest).
"""

from __future__ import annotations

import hashlib
import json
import shutil
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, cast

from goldleaf.core import (
    GOLD_METHODS,
    SPLITS,
    Example,
    Field,
    Gold,
    InputError,
    Record,
    Schema,
    Span,
    Split,
    check_record,
    check_values,
    count_methods,
    schema_from_dict,
    schema_to_dict,
    value_to_json,
)

if TYPE_CHECKING:
    import pyarrow as pa

FORMAT = 1
T = TypeVar("T")
MANIFEST, SCHEMA, GOLD = "manifest.json", "schema.json", "gold.parquet"


@dataclass(frozen=True)
class Dataset:
    """Examples in three splits under one schema; `hash` and `manifest` are filled once it has been written or read."""

    schema: Schema
    train: list[Example] = field(default_factory=list)
    dev: list[Example] = field(default_factory=list)
    test: list[Example] = field(default_factory=list)
    hash: str = ""
    manifest: dict[str, Any] = field(default_factory=dict)

    def split(self, name: str) -> list[Example]:
        """The examples of one split. Raises InputError where there is no split of that name."""
        if name not in SPLITS:
            raise InputError("no such split", found=repr(name), expected="train, dev or test")
        return cast("list[Example]", getattr(self, name))

    def __len__(self) -> int:
        return len(self.train) + len(self.dev) + len(self.test)


def dataset_hash(dataset: Dataset) -> str:
    """32 hexadecimal digits that name the dataset's content (BLAKE2b over its canonical form)."""
    digest = hashlib.blake2b(digest_size=16)
    digest.update(_canonical(schema_to_dict(dataset.schema)["fields"]))
    rows = [(example.record.id, name, example) for name in SPLITS for example in dataset.split(name)]
    for _, name, example in sorted(rows, key=lambda row: row[:2]):
        record = example.record
        values = {key: value_to_json(value) for key, value in example.values.items()}
        digest.update(b"\n" + _canonical([record.id, record.text, record.tokens, record.group, name, values]))
    return digest.hexdigest()


def gold_hash(dataset: Dataset) -> str:
    """32 hexadecimal digits that name how the dataset's labels came to be (of its records in the order of ids); empty where nothing is
    known of it."""
    digest, known = hashlib.blake2b(digest_size=16), False
    for example in sorted(_examples(dataset), key=lambda e: e.record.id):
        for name, gold in _known_gold(dataset.schema, example):
            known = True
            digest.update(b"\n" + _canonical([example.record.id, name, *_origin(gold)]))
    return digest.hexdigest() if known else ""


def count_gold(dataset: Dataset) -> dict[str, dict[str, int]]:
    """By field, how many labels came to be by each method, from the one that beats all others on."""
    known = [pair for example in _examples(dataset) for pair in _known_gold(dataset.schema, example)]
    return {name: count_methods(gold for field, gold in known if field == name) for name in dataset.schema.names}


def write_snapshot(dataset: Dataset, folder: Path) -> Dataset:
    """Write the dataset as a snapshot folder, whole or not at all, and return it as `read_snapshot` will.

    Where the folder already holds this very snapshot nothing is written. Raises InputError where it holds anything else, or where
    one id is given to two records.
    """
    dataset = _sorted(dataset)
    dataset = replace(dataset, hash=dataset_hash(dataset))
    counts = {name: len(dataset.split(name)) for name in SPLITS}
    manifest = {"format": FORMAT, **dataset.manifest, "hash": dataset.hash, "records": counts}
    if origins := gold_hash(dataset):
        manifest["gold"] = {"hash": origins, "methods": count_gold(dataset)}
    dataset = replace(dataset, manifest=manifest)
    if folder.exists() and not (folder.is_dir() and not any(folder.iterdir())):
        return _already_there(dataset, folder)
    temporary = folder.with_name(f".{folder.name}.{uuid.uuid4().hex[:8]}.writing")
    try:
        temporary.mkdir(parents=True)
        _fill(dataset, temporary)
        temporary.rename(folder)
    except OSError as error:
        found = error.strerror or str(error)
        raise InputError("the snapshot cannot be written", where=str(folder), found=found) from None
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
    return dataset


def read_snapshot(folder: Path) -> Dataset:
    """Read a snapshot folder and check that it is whole and unchanged. Raises InputError that names the file at fault."""
    manifest = _read_json(folder, MANIFEST)
    if not isinstance(manifest, dict) or manifest.get("format") != FORMAT:
        found = repr(manifest.get("format")) if isinstance(manifest, dict) else "no manifest"
        raise InputError(
            "a snapshot of another format", where=str(folder / MANIFEST), found=found, expected=str(FORMAT)
        )
    schema = schema_from_dict(_read_json(folder, SCHEMA), where=str(folder / SCHEMA))
    known = _read_gold(folder / GOLD) if manifest.get("gold") else {}
    splits = {name: _read_split(folder / f"{name}.parquet", schema, name, known) for name in SPLITS}
    dataset = Dataset(schema, **splits, hash=str(manifest.get("hash")), manifest=manifest)
    found, origins = dataset_hash(dataset), gold_hash(dataset)
    if found != dataset.hash or origins != manifest.get("gold", {"hash": ""})["hash"]:
        raise InputError(
            "the snapshot has been changed since it was written",
            where=str(folder),
            found=f"content {found}" if found != dataset.hash else f"origins of labels {origins}",
            expected=dataset.hash if found != dataset.hash else str(manifest.get("gold")),
            todo="Take it again (goldleaf snapshot)",
        )
    return dataset


def gold_hash_in(folder: Path) -> str | None:
    """What `gold_hash` gave of the snapshot in a folder, by its manifest alone; None where there is no snapshot."""
    if not (folder / MANIFEST).is_file():
        return None
    manifest = _read_json(folder, MANIFEST)
    return str(manifest.get("gold", {"hash": ""})["hash"]) if isinstance(manifest, dict) else ""


def _examples(dataset: Dataset) -> list[Example]:
    return [*dataset.train, *dataset.dev, *dataset.test]


def _known_gold(schema: Schema, example: Example) -> Iterator[tuple[str, Gold]]:
    return ((name, example.gold[name]) for name in schema.names if name in example.gold and name in example.values)


def _origin(gold: Gold) -> list[Any]:
    """All that is kept of how a label came to be; the value itself stands with its record."""
    return [gold.method, gold.confidence, list(gold.annotations), gold.annotators, dict(gold.probabilities)]


def _canonical(data: object) -> bytes:
    return json.dumps(data, ensure_ascii=True, sort_keys=True, separators=(",", ":")).encode()


def _sorted(dataset: Dataset) -> Dataset:
    seen: set[str] = set()
    splits: dict[str, list[Example]] = {}
    for name in SPLITS:
        splits[name] = [_in_split(e, name) for e in sorted(dataset.split(name), key=lambda e: e.record.id)]
        for example in splits[name]:
            if example.record.id in seen:
                raise InputError("one id is given to two records", where=f"record {example.record.id}")
            seen.add(example.record.id)
    return replace(dataset, **splits)


def _in_split(example: Example, name: Split) -> Example:
    return example if example.record.split == name else replace(example, record=replace(example.record, split=name))


def _already_there(dataset: Dataset, folder: Path) -> Dataset:
    if folder.is_dir() and (folder / MANIFEST).is_file():
        there = read_snapshot(folder)
        if there.hash == dataset.hash and there.manifest.get("gold") == dataset.manifest.get("gold"):
            return there
        same = there.hash == dataset.hash
        found = f"the snapshot {there.hash}{', whose labels came to be otherwise' if same else ''}"
    else:
        found = "a folder" if folder.is_dir() else "a file"
    raise InputError(
        "there is something already", where=str(folder), found=found, expected="a new name", todo="Give another --out"
    )


def _fill(dataset: Dataset, folder: Path) -> None:
    import pyarrow.parquet as pq

    for name in SPLITS:
        pq.write_table(_table(dataset.schema, dataset.split(name)), folder / f"{name}.parquet", compression="zstd")
    if dataset.manifest.get("gold"):
        pq.write_table(_gold_table(dataset), folder / GOLD, compression="zstd")
    for name, data in ((SCHEMA, schema_to_dict(dataset.schema)), (MANIFEST, dataset.manifest)):
        (folder / name).write_text(json.dumps(data, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def _table(schema: Schema, examples: list[Example]) -> pa.Table:
    import pyarrow as pa

    records = [example.record for example in examples]
    tokens = [None if r.tokens is None else [list(token) for token in r.tokens] for r in records]
    meta = [json.dumps(dict(r.meta), ensure_ascii=False) for r in records]
    columns: dict[str, Any] = {
        "id": pa.array([r.id for r in records], pa.string()),
        "text": pa.array([r.text for r in records], pa.string()),
        "tokens": pa.array(tokens, pa.list_(pa.list_(pa.int32()))),
        "group": pa.array([r.group for r in records], pa.string()),
        "timestamp": pa.array([r.timestamp for r in records], pa.string()),
        "meta": pa.array(meta, pa.string()),
    }
    for entry in schema.fields:
        to_cell, arrow_type = _COLUMNS[entry.kind]
        cells = [None if entry.name not in e.values else to_cell(e.values[entry.name]) for e in examples]
        columns[entry.name] = pa.array(cells, arrow_type(entry))
    return pa.table(columns)


def _gold_table(dataset: Dataset) -> pa.Table:
    import pyarrow as pa

    examples = sorted(_examples(dataset), key=lambda e: e.record.id)
    rows = [(e.record.id, name, gold) for e in examples for name, gold in _known_gold(dataset.schema, e)]
    golds = [gold for _, _, gold in rows]
    return pa.table(
        {
            "record": pa.array([id for id, _, _ in rows], pa.string()),
            "field": pa.array([name for _, name, _ in rows], pa.string()),
            "method": pa.array([gold.method for gold in golds], pa.string()),
            "confidence": pa.array([gold.confidence for gold in golds], pa.float64()),
            "annotations": pa.array([list(gold.annotations) for gold in golds], pa.list_(pa.int64())),
            "annotators": pa.array([gold.annotators for gold in golds], pa.int32()),
            "labels": pa.array([list(gold.probabilities) for gold in golds], pa.list_(pa.string())),
            "probabilities": pa.array([list(gold.probabilities.values()) for gold in golds], pa.list_(pa.float64())),
        }
    )


def _span_type(_: Field) -> pa.DataType:
    import pyarrow as pa

    return pa.list_(pa.struct([("start", pa.int32()), ("end", pa.int32()), ("label", pa.string())]))


def _label_type(entry: Field) -> pa.DataType:
    import pyarrow as pa

    return pa.string() if entry.kind == "choice" and not entry.many else pa.list_(pa.string())


def _span_cells(value: Iterable[Span]) -> list[dict[str, Any]]:
    return [{"start": span.start, "end": span.end, "label": span.label} for span in value]


def _same(value: Any) -> Any:
    return value


_COLUMNS: dict[str, tuple[Callable[[Any], Any], Callable[[Field], Any]]] = {
    "choice": (_same, _label_type),
    "spans": (_span_cells, _span_type),
    "tags": (_same, _label_type),
}


def _read_json(folder: Path, name: str) -> Any:
    path = folder / name
    if not path.is_file():
        what = f"a folder without {name}" if folder.is_dir() else "a file" if folder.exists() else "nothing"
        raise InputError(
            "not a snapshot", where=str(folder), found=what, expected="a folder that goldleaf snapshot wrote"
        )
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InputError("this part of the snapshot cannot be read", where=str(path), found=str(error)) from None


def _read_gold(path: Path) -> dict[str, dict[str, Gold]]:
    """By record and field; the values are filled in where the records are read."""
    found: dict[str, dict[str, Gold]] = {}

    def read(row: Mapping[str, Any]) -> None:
        if row["method"] not in GOLD_METHODS:
            raise InputError("unknown method of gold", found=repr(row["method"]), expected=", ".join(GOLD_METHODS))
        likely = dict(zip(row["labels"], row["probabilities"], strict=True))
        origin = (row["method"], row["confidence"], tuple(row["annotations"]), row["annotators"], likely)
        found.setdefault(row["record"], {})[row["field"]] = Gold(row["record"], row["field"], "", *origin)

    _read_rows(path, read)
    return found


def _read_split(path: Path, schema: Schema, name: Split, known: Mapping[str, Mapping[str, Gold]]) -> list[Example]:
    return _read_rows(path, lambda row: _example(row, schema, name, known))


def _read_rows(path: Path, read: Callable[[Mapping[str, Any]], T]) -> list[T]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    if not path.is_file():
        raise InputError("the snapshot is not whole", where=str(path.parent), found=f"no {path.name}")
    try:
        return [read(row) for row in pq.read_table(path).to_pylist()]
    except InputError as error:
        raise error.at(str(path)) from None
    except (OSError, pa.ArrowException, ValueError, KeyError, TypeError) as error:
        raise InputError("this part of the snapshot cannot be read", where=str(path), found=str(error)) from None


def _example(row: Mapping[str, Any], schema: Schema, name: Split, known: Mapping[str, Mapping[str, Gold]]) -> Example:
    tokens = None if row["tokens"] is None else tuple((start, end) for start, end in row["tokens"])
    meta = json.loads(row["meta"])
    record = Record(row["id"], row["text"], tokens, meta, row["group"], row["timestamp"], name)
    check_record(record)
    given = {entry.name: row[entry.name] for entry in schema.fields if row[entry.name] is not None}
    values = check_values(schema, given, record)
    origins = known.get(record.id, {})
    return Example(record, values, {n: replace(g, value=values[n]) for n, g in origins.items() if n in values})
