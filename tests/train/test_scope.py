"""What a bundle knows of the texts it was trained on."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
from tiny_models import SCHEMA, dataset

from goldleaf.core import Record, Schema
from goldleaf.measure import fit_mahalanobis
from goldleaf.serve import Predictor
from goldleaf.train import Recipe, train

QUICK = Recipe(epochs=3, learning_rate=5e-3, batch_tokens=256, patience=0, precision="fp32")


def test_the_predictor_measures_the_distance_that_training_fitted(bert: Path, tmp_path: Path) -> None:
    data, out = dataset(), tmp_path / "bundle"
    train(data, replace(QUICK, base_model=str(bert)), out)
    predictor = Predictor(out)
    results = predictor.run([e.record for e in data.train], embeddings=True)
    vectors = np.array([r.embedding for r in results])
    fitted = fit_mahalanobis(vectors, np.array([e.values["intent"] for e in data.train]))
    dev = [e.record for e in data.dev]
    embedded = np.array([r.embedding for r in predictor.run(dev, embeddings=True)])
    given = predictor.run(dev, distances=True)
    assert given[0].embedding is None
    found = [r.distances["intent"].distance for r in given if r.distances is not None]
    np.testing.assert_allclose(found, fitted.distance(embedded), rtol=0.02, atol=0.02)
    scope = json.loads((out / "goldleaf.json").read_text(encoding="utf-8"))["scope"]
    assert list(scope) == ["intent"]
    assert scope["intent"]["records"] == len(data.train)
    assert sum(d <= scope["intent"]["threshold"] + 0.02 for d in found) >= 11
    far = predictor.run([Record("x", "the the the nice nice in in from from")], distances=True)[0].distances
    assert far is not None
    assert far["intent"].distance > np.median(found)
    assert far["intent"].flagged == (far["intent"].distance > scope["intent"]["threshold"])
    flags = [r.distances["intent"].flagged for r in given if r.distances is not None]
    assert sum(flags) <= 1


def test_a_bundle_without_a_choice_has_no_scope(bert: Path, tmp_path: Path) -> None:
    out = tmp_path / "bundle"
    train(dataset(Schema((SCHEMA["slots"],))), replace(QUICK, base_model=str(bert)), out)
    assert not (out / "scope.npz").exists()
    assert Predictor(out).run([Record("x", "rome")], distances=True)[0].distances == {}
