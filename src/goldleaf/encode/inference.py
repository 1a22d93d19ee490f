"""Records -> batches of windows -> logits -> predictions, around any function that runs the model."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from goldleaf.core import Field, Prediction, Record, Schema
from goldleaf.encode.batching import ROUND, length_batches
from goldleaf.encode.decode import Decoding, Logits, decode_value
from goldleaf.encode.pieces import Batch, Layout, Pieces, owned_bounds, pad_windows, window_bounds

Forward = Callable[[Batch], Sequence[Logits]]
"""Runs the model: one `[windows, length, classes]` or `[windows, labels]` array a field, in the schema's order; more may follow, each
`[windows, width]` (the pooled embedding)."""


@dataclass(frozen=True, slots=True)
class Output:
    """What the model gave for one record: logits per field (`[pieces, classes]` or `[labels]`) and the pooled embedding, if asked for."""

    logits: dict[str, Logits]
    embedding: Logits | None = None


def run_model(
    pieces: Sequence[Pieces],
    schema: Schema,
    layout: Layout,
    forward: Forward,
    *,
    budget: int = 2048,
    multiple: int = ROUND,
) -> list[Output]:
    """One Output a text, in order. Texts longer than a window run as several that overlap; no piece is left out.

    `budget` bounds the padded pieces that run at once; batches are padded to a `multiple` of pieces (1: no more than they need).
    """
    windows = [(text, bounds) for text, p in enumerate(pieces) for bounds in window_bounds(len(p), layout)]
    lengths = [end - start + layout.max_length - layout.room for _, (start, end) in windows]
    results: list[list[Logits]] = [[] for _ in windows]
    for rows in length_batches(lengths, budget, multiple=multiple):
        ids = [pieces[windows[row][0]].ids[slice(*windows[row][1])] for row in rows]
        batch = pad_windows(ids, layout, multiple=multiple)
        outputs = forward(batch)
        for place, row in enumerate(rows):
            body = batch.offset(place) + len(layout.prefix)
            size = windows[row][1][1] - windows[row][1][0]
            results[row] = [out[place, body : body + size] if out.ndim == 3 else out[place] for out in outputs]
    return _merge(pieces, windows, results, schema)


def _merge(
    pieces: Sequence[Pieces], windows: list[tuple[int, tuple[int, int]]], results: list[list[Logits]], schema: Schema
) -> list[Output]:
    merged: list[Output] = []
    row = 0
    for text in range(len(pieces)):
        first = row
        while row < len(windows) and windows[row][0] == text:
            row += 1
        bounds = [b for _, b in windows[first:row]]
        parts = results[first:row]
        logits = {f.name: _merge_field(f, [p[n] for p in parts], bounds) for n, f in enumerate(schema.fields)}
        extra = [p[len(schema.fields)] for p in parts if len(p) > len(schema.fields)]
        merged.append(Output(logits, np.mean(extra, axis=0) if extra else None))
    return merged


def _merge_field(field: Field, parts: list[Logits], bounds: list[tuple[int, int]]) -> Logits:
    if field.kind == "choice":
        return parts[0] if len(parts) == 1 else np.mean(parts, axis=0)
    if len(parts) == 1:
        return parts[0]
    owned = owned_bounds(bounds)
    return np.concatenate(
        [part[low - start : high - start] for part, (start, _), (low, high) in zip(parts, bounds, owned, strict=True)]
    )


def rescale(outputs: Sequence[Output], factors: Mapping[str, float]) -> list[Output]:
    """The outputs with the logits of each field that `factors` names multiplied by its factor: with the temperatures, the logits as
    they were before calibration."""
    return [
        Output({name: x * np.float32(factors.get(name, 1.0)) for name, x in output.logits.items()}, output.embedding)
        for output in outputs
    ]


def predict(
    records: Sequence[Record],
    pieces: Sequence[Pieces],
    outputs: Sequence[Output],
    schema: Schema,
    *,
    decoding: Decoding = "argmax",
) -> list[Prediction]:
    """Decode every field of every record. `tags` are left out where a record has no tokens."""
    return [_predict_one(r, p, o, schema, decoding) for r, p, o in zip(records, pieces, outputs, strict=True)]


def _predict_one(record: Record, pieces: Pieces, output: Output, schema: Schema, decoding: Decoding) -> Prediction:
    values: dict[str, Any] = {}
    scores: dict[str, Any] = {}
    for field in schema.fields:
        if field.kind == "tags" and record.tokens is None:
            continue
        logits = output.logits[field.name]
        values[field.name], scores[field.name] = decode_value(field, logits, record, pieces, decoding=decoding)
    return Prediction(record.id, values, scores)
