"""What the training texts of a choice look like to the model: how it is told later that a text is like none of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from goldleaf.bundle import SCOPE
from goldleaf.encode import run_model
from goldleaf.measure import fit_mahalanobis
from goldleaf.train.data import Encoded
from goldleaf.train.loop import forward_function, planned
from goldleaf.train.model import FieldModel
from goldleaf.train.plan import Prepared

MOST, FLAGGED = 20_000, 0.05
"""So many training texts are enough; the threshold flags this share of the validation texts."""


def write_scope(folder: Path, model: FieldModel, prepared: Prepared) -> dict[str, dict[str, Any]]:
    """Write `scope.npz`, and return what the manifest says of it: per choice of one label `{"records", "threshold"}`.

    The file holds `FIELD.whitening` and `FIELD.means` (see `measure.Mahalanobis`) of the pooled embeddings of up to `MOST` training texts.
    """
    fields = [field for field in prepared.dataset.schema.of_kind("choice") if not field.many]
    if not fields:
        return {}
    places = np.random.default_rng(0).permutation(len(prepared.train.examples))[:MOST]
    train, dev = embeddings_of(model, prepared, prepared.train, places), None
    arrays: dict[str, Any] = {}
    found: dict[str, dict[str, Any]] = {}
    for field in fields:
        labels = [prepared.train.examples[n].values.get(field.name) for n in places]
        asked = np.array([label is not None for label in labels])
        fitted = fit_mahalanobis(train[asked], np.array([label for label in labels if label is not None]))
        arrays[f"{field.name}.whitening"] = fitted.whitening.astype(np.float32)
        arrays[f"{field.name}.means"] = fitted.means.astype(np.float32)
        if dev is None:
            dev = embeddings_of(model, prepared, prepared.dev, np.arange(len(prepared.dev.examples)))
        threshold = float(np.quantile(fitted.distance(dev), 1 - FLAGGED, method="higher"))
        found[field.name] = {"records": int(asked.sum()), "threshold": round(threshold, 6)}
    np.savez(folder / SCOPE, **arrays)
    return found


def embeddings_of(model: FieldModel, prepared: Prepared, split: Encoded, places: Any) -> Any:
    """The pooled embeddings `[texts, width]` of the texts at these places of a split."""
    pieces = [split.pieces[n] for n in places]
    budget = 2 * planned(prepared.recipe, "batch_tokens")
    outputs = run_model(pieces, prepared.dataset.schema, prepared.layout, forward_function(model.eval()), budget=budget)
    return np.array([output.embedding for output in outputs], dtype=np.float64)
