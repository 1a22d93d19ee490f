"""Which score tells texts of no known intent from the others: CLINC150, a MiniLM trained on its 150 intents.

    python benchmarks/bench_out_of_scope.py [--quick] [--bundle DIR]

Data lie beside the project; without them the script says so and stops. `--bundle` takes a bundle that was trained before, or puts the new
one there (about ten minutes on two cores). `--quick` trains on 20 intents for two epochs and writes no results.

Of each score, on the test split (4,500 texts in scope, 1,000 out of it): AUROC, AUPR of the texts out of scope, false alarms at 95 %
recall, and what comes of the threshold that lets 95 % of the validation texts in scope pass. Writes
`benchmarks/results/out_of_scope.json`.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from common import about, write_results
from goldleaf import workspace
from goldleaf.core import Example, Field, Record, Schema
from goldleaf.encode import softmax
from goldleaf.measure import (
    auroc,
    average_precision,
    calibration_error,
    false_alarms,
    fit_mahalanobis,
    fit_temperature,
    reliability,
)
from goldleaf.serve import Predictor
from goldleaf.snapshot import Dataset
from goldleaf.train import Recipe

DATA = Path(__file__).resolve().parents[2] / "shared" / "data" / "intent_clinc150" / "data_full.json"
RECIPE = Recipe(epochs=5, learning_rate=3e-4)
Array = np.ndarray[Any, np.dtype[Any]]


def load(intents: int | None) -> tuple[Dataset, dict[str, list[Record]]]:
    """The texts in scope as a dataset, and those out of it by split."""
    rows = json.loads(DATA.read_text(encoding="utf-8"))
    labels = tuple(sorted({label for _, label in rows["train"]})[:intents])

    def read(name: str) -> list[Example]:
        kept = [(text, label) for text, label in rows[name] if label in labels]
        return [Example(Record(f"{name}-{n}", text), {"intent": label}) for n, (text, label) in enumerate(kept)]

    outside = {
        split: [Record(f"{name}-{n}", text) for n, (text, _) in enumerate(rows[name])]
        for split, name in (("dev", "oos_val"), ("test", "oos_test"))
    }
    return Dataset(Schema((Field("intent", "choice", labels),)), read("train"), read("val"), read("test")), outside


def scores_of(train: Array, golds: Array, vectors: Array, raw: Array, temperature: float) -> dict[str, Array]:
    """How far out of scope each text is, by each score: higher is farther. `raw` are logits before calibration."""
    logits = raw / temperature
    chances = softmax(logits)
    distance = fit_mahalanobis(train, golds).distance(vectors)
    unit = [v / np.linalg.norm(v, axis=1, keepdims=True) for v in (train, vectors)]
    nearest = np.sort(unit[1] @ unit[0].T, axis=1)[:, -10:]
    return {
        "max softmax, not calibrated": 1 - softmax(raw).max(axis=1),
        "max softmax": 1 - chances.max(axis=1),
        "entropy": -(chances * np.log(np.maximum(chances, 1e-12))).sum(axis=1),
        "max logit": -logits.max(axis=1),
        "energy, not calibrated": energy(raw),
        "energy": energy(logits),
        "Mahalanobis": distance,
        "relative Mahalanobis": distance**2 - fit_mahalanobis(train, np.zeros(len(train))).distance(vectors) ** 2,
        "10 nearest, cosine": 1 - nearest.mean(axis=1),
    }


def energy(logits: Array) -> Array:
    """-log sum exp (Liu et al., NeurIPS 2020)."""
    most = logits.max(axis=1)
    return -most - np.log(np.exp(logits - most[:, np.newaxis]).sum(axis=1))


def outputs_of(predictor: Predictor, records: list[Record]) -> tuple[Array, Array]:
    """Embeddings, and logits before calibration."""
    results = predictor.run(records, embeddings=True, logits=True)
    vectors = np.array([r.embedding for r in results], dtype=np.float64)
    logits = np.array([r.logits["intent"] for r in results if r.logits is not None], dtype=np.float64)
    return vectors, logits * predictor.temperatures.get("intent", 1.0)


def measure(bundle: Path, data: Dataset, outside: dict[str, list[Record]]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Every score on the test split, with the threshold that lets 95 % of the validation texts in scope pass; and the calibration."""
    predictor = Predictor(bundle)
    labels = predictor.schema["intent"].labels
    train, _ = outputs_of(predictor, [e.record for e in data.train])
    golds = np.array([labels.index(e.values["intent"]) for e in data.train])
    inside = {name: outputs_of(predictor, [e.record for e in data.split(name)]) for name in ("dev", "test")}
    wanted = {name: np.array([labels.index(e.values["intent"]) for e in data.split(name)]) for name in inside}
    right = inside["test"][1].argmax(axis=1) == wanted["test"]
    t = fit_temperature(inside["dev"][1], wanted["dev"])
    known = {name: scores_of(train, golds, *found, t) for name, found in inside.items()}
    strange = scores_of(train, golds, *outputs_of(predictor, outside["test"]), t)
    error = {
        name: calibration_error(reliability(1 - known["test"][score], right.astype(np.float64)))
        for name, score in (("before", "max softmax, not calibrated"), ("after", "max softmax"))
    }
    rows: dict[str, dict[str, float]] = {}
    for name, positive in strange.items():
        negative, threshold = known["test"][name], np.quantile(known["dev"][name], 0.95)
        rows[name] = {
            "auroc": auroc(negative, positive),
            "aupr": average_precision(negative, positive),
            "false_alarms_at_95": false_alarms(negative, positive),
            "flagged_out_of_scope": float((positive > threshold).mean()),
            "flagged_in_scope": float((negative > threshold).mean()),
            "right_in_scope": float((right & (negative <= threshold)).mean()),
        }
    return rows, {"accuracy": float(right.mean()), "temperature": t, "ece": error}


def train(data: Dataset, bundle: Path, recipe: Recipe) -> None:
    start = time.perf_counter()
    workspace.train(data, bundle, recipe=recipe, resume=True)
    print(f"trained in {time.perf_counter() - start:.0f} s", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--bundle", type=Path)
    options = parser.parse_args()
    if not DATA.is_file():
        print("skipped: the annotated data does not lie beside the project")
        return
    data, outside = load(20 if options.quick else None)
    with tempfile.TemporaryDirectory() as place:
        bundle = options.bundle or Path(place) / "bundle"
        if not bundle.is_dir():
            train(data, bundle, replace(RECIPE, epochs=2) if options.quick else RECIPE)
        rows, calibration = measure(bundle, data, outside)
        manifest = json.loads((bundle / "goldleaf.json").read_text(encoding="utf-8"))
    for name, row in rows.items():
        print(f"{name:28}", *(f"{key} {100 * value:5.2f}" for key, value in row.items()), sep="  ")
    print("in scope:", calibration)
    best = max(rows, key=lambda name: rows[name]["auroc"])
    print(f"best by AUROC: {best}; {rows[best]['auroc'] / rows['max softmax']['auroc']:.3f} times that of max softmax")
    if options.quick:
        return
    found = {
        **about("torch", "transformers", "onnxruntime"),
        "command": f"python benchmarks/bench_out_of_scope.py{' --bundle DIR' if options.bundle else ''}",
        "recipe": {key: manifest["recipe"][key] for key in ("base_model", "epochs", "learning_rate", "batch_tokens")},
        "in_scope": calibration,
    }
    write_results("out_of_scope", {**found, "scores": rows})


if __name__ == "__main__":
    main()
