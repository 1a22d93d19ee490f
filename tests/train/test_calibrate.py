"""A temperature a field, folded into the heads: scores move, values do not."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from tiny_models import ARCHITECTURES, SCHEMA, build_encoder, dataset

from goldleaf.core import Example, Field, Schema
from goldleaf.encode import predict, rescale, run_model
from goldleaf.serve import Predictor
from goldleaf.snapshot import Dataset
from goldleaf.train import Recipe, train
from goldleaf.train.calibrate import calibrate, fold_temperatures
from goldleaf.train.loop import forward_function
from goldleaf.train.plan import prepare
from goldleaf.train.run import fresh_model

MANY = Schema((Field("topics", "choice", ("flight", "table", "city"), many=True),))
QUICK = Recipe(epochs=3, learning_rate=5e-3, batch_tokens=256, patience=0, precision="fp32")


def topics() -> Dataset:
    """The tiny data, asked for many labels."""
    data = dataset(Schema((SCHEMA["intent"],)))
    parts = {
        name: [Example(e.record, {"topics": [e.values["intent"], "city"]}) for e in data.split(name)]
        for name in ("train", "dev", "test")
    }
    return Dataset(MANY, **parts)


DATA = {
    "joint": dataset(),
    "choice": dataset(Schema((SCHEMA["intent"],))),
    "spans": dataset(Schema((SCHEMA["slots"],))),
    "many": topics(),
}


@pytest.mark.parametrize("kind", DATA)
@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_folding_divides_the_logits_and_changes_no_value(architecture: str, kind: str, tmp_path: Path) -> None:
    base = build_encoder(architecture, tmp_path / architecture)
    prepared = prepare(DATA[kind], replace(QUICK, base_model=str(base)))
    model = fresh_model(prepared, 0).eval()
    schema, pieces = prepared.dataset.schema, prepared.dev.pieces
    for head in model.head_parameters():
        torch.nn.init.normal_(head, std=0.5)
    before = run_model(pieces, schema, prepared.layout, forward_function(model))
    temperatures = {name: 1.7 + n for n, name in enumerate(schema.names)}
    fold_temperatures(model, schema.fields, temperatures)
    after = run_model(pieces, schema, prepared.layout, forward_function(model))
    for one, other in zip(before, rescale(after, temperatures), strict=True):
        for name in schema.names:
            np.testing.assert_allclose(one.logits[name], other.logits[name], atol=1e-4)
        np.testing.assert_allclose(one.embedding, other.embedding, atol=1e-6)
    records = [e.record for e in prepared.dev.examples]
    values = [[p.values for p in predict(records, pieces, outputs, schema)] for outputs in (before, after)]
    assert values[0] == values[1]


def test_what_is_fitted_is_what_the_manifest_says_and_what_the_predictor_undoes(bert: Path, tmp_path: Path) -> None:
    out = tmp_path / "bundle"
    warnings: list[str] = []
    train(dataset(), replace(QUICK, base_model=str(bert)), out, on_warning=warnings.append)
    found = json.loads((out / "goldleaf.json").read_text(encoding="utf-8"))["calibration"]
    assert set(found) == {"intent", "slots"}
    assert found["intent"]["answers"] == 12
    assert set(found["intent"]["ece"]) == {"before", "after"}
    assert any("intent: calibrated on only 12 answers" in w for w in warnings)
    t = found["intent"]["temperature"]
    assert t != 1.0
    result = Predictor(out).run([dataset().test[0].record], uncalibrated=True)[0]
    after, before = result.prediction, result.uncalibrated
    assert before is not None
    assert before.values == after.values
    # softmax(z) is softmax(z / T) to the power of T, made to sum to 1
    raised = {label: p**t for label, p in after.scores["intent"].items()}
    for label, p in before.scores["intent"].items():
        assert p == pytest.approx(raised[label] / sum(raised.values()), abs=1e-4)


def test_a_field_without_validation_answers_keeps_its_logits(bert: Path) -> None:
    data = dataset()
    data = replace(data, dev=[Example(e.record, {"intent": e.values["intent"]}) for e in data.dev])
    prepared = prepare(data, replace(QUICK, base_model=str(bert)))
    found = calibrate(fresh_model(prepared, 0).eval(), prepared, on_warning=lambda message: None)
    assert found["slots"] == {"temperature": 1.0, "answers": 0}
