"""JSONL: one JSON object a line, the format that holds all there is to a record and gives it back exactly."""

from __future__ import annotations

import json
from collections.abc import Container, Iterable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any, cast

from goldleaf.core import ORIGINS, STATUSES, Annotation, InputError, Record, Schema, brief, value_to_json
from goldleaf.formats.common import (
    Item,
    ReadOptions,
    Writable,
    WriteOptions,
    annotations_of,
    finish_record,
    read_each,
    read_lines,
    write_whole,
)
from goldleaf.formats.names import find_label_column, find_text_column
from goldleaf.formats.tokens import parse_tokens

_OWN = ("id", "text", "tokens", "meta", "group", "timestamp", "split", "gold", "annotations")
_ANNOTATION = ("annotator", "values", "at", "seconds", "status", "origin", "suggested", "schema_version")


def read_jsonl(path: Path, schema: Schema, options: ReadOptions) -> Iterator[Item]:
    """The items of a JSONL file, one at a time; blank lines are passed over."""
    lines = enumerate(read_lines(path, options.encoding), 1)
    units = ((f"{path.name}:{number}", line) for number, line in lines if line.strip())
    return read_each(units, partial(parse_line, schema=schema, options=options), options)


def write_jsonl(path: Path, schema: Schema, examples: Iterable[Writable], options: WriteOptions) -> int:
    """Write one object a line, with gold and annotations, and say how many."""
    keep = {options.field} if options.field else None
    count = 0
    with write_whole(path) as file:
        for example in examples:
            data = _to_dict(example.record, example.values, annotations_of(example), keep)
            try:
                line = json.dumps(data, ensure_ascii=False, allow_nan=False)
            except (TypeError, ValueError) as error:
                raise InputError(
                    "JSON cannot hold this", where=f"record {example.record.id}", found=str(error)
                ) from None
            file.write(line + "\n")
            count += 1
    return count


def parse_line(where: str, line: str, *, schema: Schema, options: ReadOptions) -> Item:
    """The item that a line holds. Raises InputError, without the place, where it holds none."""
    return parse_object(where, _load(line), schema=schema, options=options)


def parse_object(where: str, data: Mapping[str, Any], *, schema: Schema, options: ReadOptions) -> Item:
    """The item that a line's object, or a row with the same keys, holds."""
    text_key = find_text_column(data, options) if "tokens" not in data or options.text_column else "text"
    text, tokens = parse_tokens(data.get("tokens"), _string(data, text_key))
    given_id = data.get("id")
    if given_id is not None and (type(given_id) not in (str, int) or given_id == ""):
        raise InputError("an id is a string", found=brief(given_id), expected="a string that is not empty, or a number")
    own = {*_OWN, text_key}
    values = _gold(data, schema, options, own)
    predicted, scores = (_by_field(data, key, schema, own) for key in ("values", "scores"))
    record = Record(
        id="" if given_id is None else str(given_id),
        text=text,
        tokens=tokens,
        meta=_meta(data, own),
        group=_string(data, "group"),
        timestamp=_string(data, "timestamp"),
        split=cast("Any", _string(data, "split")),
    )
    annotations = tuple(_annotation(a, record.id, n) for n, a in enumerate(_list(data, "annotations"), 1))
    return Item(finish_record(record, options), values, annotations, where, given_id is not None, predicted, scores)


def _load(line: str) -> dict[str, Any]:
    try:
        data = json.loads(line, object_pairs_hook=_no_duplicates)
    except json.JSONDecodeError as error:
        found = f"{error.msg} at character {error.colno}: {brief(line[max(0, error.pos - 20) : error.pos + 20])}"
        raise InputError("not valid JSON", found=found, expected="one JSON object on a line") from None
    except RecursionError:
        raise InputError("JSON nested too deeply", found=brief(line), expected="one JSON object on a line") from None
    if not isinstance(data, dict):
        raise InputError("not a JSON object", found=brief(data), expected='{"text": ..., ...} on each line')
    return cast("dict[str, Any]", data)


def _no_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    data = dict(pairs)
    if len(data) < len(pairs):
        names = [name for name, _ in pairs]
        raise InputError("a key stands twice in one object", found=next(n for n in names if names.count(n) > 1))
    return data


def _gold(data: Mapping[str, Any], schema: Schema, options: ReadOptions, own: set[str]) -> dict[str, Any]:
    """The object under `gold`, and the keys that name a field; what is taken is added to `own`."""
    gold = dict(_object(data, "gold"))
    taken = {name: name for name in schema.names if name in data}
    if found := find_label_column(data, schema, options):
        taken[found[0]] = found[1]
    for name, key in taken.items():
        own.add(key)
        if data[key] is None:
            continue
        if name in gold:
            raise InputError(f"two golds for the field {name}", found=f'"{key}" and "gold"', expected="one of them")
        gold[name] = data[key]
    return gold


def _by_field(data: Mapping[str, Any], key: str, schema: Schema, own: set[str]) -> dict[str, Any]:
    """What a prediction has under a key: an object with a field's name before each part. Anything else is meta."""
    found = data.get(key)
    if not isinstance(found, dict) or key in own or not found or any(name not in schema for name in found):
        return {}
    own.add(key)
    return {name: part for name, part in cast("dict[str, Any]", found).items() if part is not None}


def _meta(data: Mapping[str, Any], own: set[str]) -> dict[str, Any]:
    meta = dict(_object(data, "meta"))
    for key in data.keys() - own:
        if key in meta:
            raise InputError("a key stands beside meta and in it", found=brief(key), expected="one of them")
    return meta | {key: value for key, value in data.items() if key not in own}


def _annotation(data: object, record: str, number: int) -> Annotation:
    if not isinstance(data, dict):
        raise InputError(
            f"annotation {number} is no object", found=brief(data), expected='{"annotator": .., "values": ..}'
        )
    entry = cast("dict[str, Any]", data)
    if extra := sorted(entry.keys() - set(_ANNOTATION)):
        raise InputError(
            f"annotation {number} has an unknown key", found=", ".join(extra), expected=", ".join(_ANNOTATION)
        )
    annotator, seconds = _string(entry, "annotator"), entry.get("seconds")
    if not annotator:
        raise InputError(f"annotation {number} names no annotator", found=brief(entry), expected='"annotator": "name"')
    if seconds is not None and (isinstance(seconds, bool) or not isinstance(seconds, int | float) or not seconds >= 0):
        raise InputError(f"the seconds of annotation {number}", found=brief(seconds), expected="a number from 0")
    return Annotation(
        record,
        annotator,
        dict(_object(entry, "values")),
        at=_string(entry, "at"),
        seconds=seconds,
        status=_one_of(entry, "status", STATUSES, "submitted"),
        origin=_one_of(entry, "origin", ORIGINS, "human"),
        suggested=dict(_object(entry, "suggested")),
        schema_version=_version(entry),
    )


def _version(data: Mapping[str, Any]) -> int:
    version = data.get("schema_version", 1)
    if type(version) is not int or version < 1:
        raise InputError('"schema_version" is a number from 1', found=brief(version))
    return version


def _one_of(data: Mapping[str, Any], key: str, allowed: tuple[str, ...], default: str) -> Any:
    value = data.get(key, default)
    if value not in allowed:
        raise InputError(f"unknown {key}", found=brief(value), expected=" or ".join(allowed))
    return value


def _string(data: Mapping[str, Any], key: str) -> str | None:
    value = data.get(key)
    if value is not None and not isinstance(value, str):
        raise InputError(f'"{key}" is not a string', found=brief(value), expected="a string")
    return value


def _object(data: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    value = data.get(key)
    if value is not None and not isinstance(value, dict):
        raise InputError(f'"{key}" is not an object', found=brief(value), expected="{...}")
    return cast("Mapping[str, Any]", value or {})


def _list(data: Mapping[str, Any], key: str) -> list[Any]:
    value = data.get(key)
    if value is not None and not isinstance(value, list):
        raise InputError(f'"{key}" is not a list', found=brief(value), expected="[...]")
    return cast("list[Any]", value or [])


def _to_dict(
    record: Record, values: Mapping[str, Any], annotations: tuple[Annotation, ...], keep: Container[str] | None
) -> dict[str, Any]:
    data: dict[str, Any] = {"id": record.id} if record.id else {}
    data["text"] = record.text
    if record.tokens is not None:
        data["tokens"] = [list(token) for token in record.tokens]
    rest = {"meta": record.meta, "group": record.group, "timestamp": record.timestamp, "split": record.split}
    data |= {key: value for key, value in rest.items() if value not in (None, {})}
    gold = _json_values(values, keep)
    if gold:
        data["gold"] = gold
    if annotations:
        data["annotations"] = [_annotation_to_dict(annotation, keep) for annotation in annotations]
    return data


def _annotation_to_dict(annotation: Annotation, keep: Container[str] | None) -> dict[str, Any]:
    data: dict[str, Any] = {"annotator": annotation.annotator, "values": _json_values(annotation.values, keep)}
    rest = {
        "at": annotation.at,
        "seconds": annotation.seconds,
        "status": annotation.status if annotation.status != "submitted" else None,
        "origin": annotation.origin if annotation.origin != "human" else None,
        "suggested": _json_values(annotation.suggested, keep) or None,
        "schema_version": annotation.schema_version if annotation.schema_version != 1 else None,
    }
    return data | {key: value for key, value in rest.items() if value is not None}


def _json_values(values: Mapping[str, Any], keep: Container[str] | None) -> dict[str, Any]:
    return {name: value_to_json(value) for name, value in values.items() if keep is None or name in keep}
