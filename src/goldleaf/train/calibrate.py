"""Calibration: a temperature a field, fitted on the validation split and folded into the heads, so that whoever runs the model (this
package, ONNX or plain transformers) is given calibrated scores. Dividing all logits of a text or token by one number changes no value."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import torch
from torch import nn

from goldleaf.core import Example, Field, GoldleafError, Kind, Prediction, Span
from goldleaf.encode import (
    IGNORED,
    Output,
    Pieces,
    make_target,
    predict,
    read_chunks,
    read_units,
    rescale,
    run_model,
)
from goldleaf.evaluate import calibration_of, pair_up
from goldleaf.measure import fit_chunk_temperature, fit_temperature
from goldleaf.train.loop import forward_function, planned
from goldleaf.train.model import FieldModel, MultiFieldModel
from goldleaf.train.plan import Prepared

FEWEST = 100
"""Fewer validation answers than this are worth a warning."""


def calibrate(model: FieldModel, prepared: Prepared, *, on_warning: Callable[[str], None]) -> dict[str, dict[str, Any]]:
    """Divide the logits of every field by its temperature, in place; return what the manifest says of it.

    That is, per field, `{"temperature", "answers", "ece": {"before", "after"}}`, measured on the validation split. A field that the
    split has no answers of keeps its logits.
    """
    schema, examples, pieces = prepared.dataset.schema, prepared.dev.examples, prepared.dev.pieces
    budget = 2 * planned(prepared.recipe, "batch_tokens")
    outputs = run_model(pieces, schema, prepared.layout, forward_function(model.eval()), budget=budget)
    found: dict[str, dict[str, Any]] = {}
    for field in schema.fields:
        temperature, answers = _FIT[field.kind](field, prepared, outputs)
        found[field.name] = {"temperature": temperature, "answers": answers}
        if answers < FEWEST:
            on_warning(f"{field.name}: calibrated on only {answers} answers of the validation split")
    records = [e.record for e in examples]
    factors = {name: 1 / each["temperature"] for name, each in found.items()}
    for name, scaled in (("before", outputs), ("after", rescale(outputs, factors))):
        predictions = predict(records, pieces, scaled, schema, decoding=prepared.layout.decoding)
        for field, error in _errors(prepared, predictions).items():
            found[field].setdefault("ece", {})[name] = error
    fold_temperatures(model, schema.fields, {name: each["temperature"] for name, each in found.items()})
    return found


def _fit_choice(field: Field, prepared: Prepared, outputs: Sequence[Output]) -> tuple[float, int]:
    rows = [
        (output.logits[field.name], make_target(field, example.values[field.name], example.record, pieces))
        for example, pieces, output in _asked(field, prepared, outputs)
    ]
    logits, targets = (np.array([row[n] for row in rows]) for n in (0, 1))
    return fit_temperature(logits, targets, many=field.many), len(rows)


def _fit_tags(field: Field, prepared: Prepared, outputs: Sequence[Output]) -> tuple[float, int]:
    logits: list[Any] = []
    targets: list[Any] = []
    for example, pieces, output in _asked(field, prepared, outputs):
        target = make_target(field, example.values[field.name], example.record, pieces)
        units = read_units(example.record, pieces)[0]
        units = units[target[units] != IGNORED]
        logits.append(output.logits[field.name][units])
        targets.append(target[units])
    if not targets:
        return 1.0, 0
    right = np.concatenate(targets)
    return fit_temperature(np.concatenate(logits), right), len(right)


def _fit_spans(field: Field, prepared: Prepared, outputs: Sequence[Output]) -> tuple[float, int]:
    """On the spans that are predicted: most words are outside every span, and would drown what is asked of a span's score."""
    rows: list[Any] = []
    read: list[Any] = []
    right: list[bool] = []
    for example, pieces, output in _asked(field, prepared, outputs):
        gold = set(example.values[field.name])
        logits, bounds, classes, chunks = read_chunks(
            field, output.logits[field.name], example.record, pieces, decoding=prepared.layout.decoding
        )
        for first, last, label in chunks:
            rows.append(logits[first:last])
            read.append(classes[first:last])
            right.append(Span(int(bounds[first, 0]), int(bounds[last - 1, 1]), label) in gold)
    if not rows:
        return 1.0, 0
    starts = np.cumsum([0, *map(len, rows)])[:-1]
    return fit_chunk_temperature(np.concatenate(rows), np.concatenate(read), starts, np.array(right)), len(rows)


def _asked(field: Field, prepared: Prepared, outputs: Sequence[Output]) -> Iterator[tuple[Example, Pieces, Output]]:
    """The validation records that have gold of a field."""
    rows = zip(prepared.dev.examples, prepared.dev.pieces, outputs, strict=True)
    return (row for row in rows if field.name in row[0].values)


_FIT: dict[Kind, Callable[[Field, Prepared, Sequence[Output]], tuple[float, int]]] = {
    "choice": _fit_choice,
    "spans": _fit_spans,
    "tags": _fit_tags,
}
"""Each kind's temperature, and the number of answers it was fitted on."""


def _errors(prepared: Prepared, predictions: Sequence[Prediction]) -> dict[str, float]:
    """The expected calibration error of each field that the validation split has answers of."""
    examples = prepared.dev.examples
    rows = {f: calibration_of(f, pair_up(f, examples, predictions)) for f in prepared.dataset.schema.fields}
    return {field.name: found["ece"] for field, found in rows.items() if found is not None}


def fold_temperatures(model: FieldModel, fields: Sequence[Field], temperatures: Mapping[str, float]) -> None:
    """Divide weights and bias of the layers that give the logits."""
    with torch.no_grad():
        for field, layer in zip(fields, output_layers(model), strict=True):
            for parameter in layer.parameters():
                parameter /= temperatures[field.name]


def output_layers(model: FieldModel) -> list[nn.Linear]:
    """The layer that gives each field's logits, in the schema's order.

    Raises GoldleafError where the architecture ends in no linear layer.
    """
    if isinstance(model, MultiFieldModel):
        return [head for head in model.heads if isinstance(head, nn.Linear)]
    backbone: Any = model.backbone
    encoder = {id(module) for module in backbone.base_model.modules()}
    own = [m for m in backbone.modules() if id(m) not in encoder and isinstance(m, nn.Linear)]
    if not own or own[-1].out_features != backbone.config.num_labels:
        raise GoldleafError("the architecture cannot be calibrated", found=type(backbone).__name__)
    return own[-1:]
