"""The predictor: a bundle on onnxruntime, tokenizers and numpy alone."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime

from goldleaf.bundle import SCOPE, Bundle, read_bundle
from goldleaf.core import InputError, Prediction, Record, value_to_json
from goldleaf.encode import Batch, Logits, cut_pieces, layout_from_dict, load_tokenizer, predict, rescale, run_model
from goldleaf.measure import Mahalanobis


@dataclass(frozen=True, slots=True)
class Result:
    """A prediction; where they were asked for, the pooled embedding `[hidden]`, the logits of each field (`[labels]` of a choice, else
    `[pieces, classes]`), the distance from scope of each choice of one label, and the prediction with its scores before calibration."""

    prediction: Prediction
    embedding: Logits | None = None
    uncalibrated: Prediction | None = None
    logits: Mapping[str, Logits] | None = None
    distances: Mapping[str, float] | None = None


def result_to_dict(result: Result) -> dict[str, Any]:
    """`{"id", "values", "scores"}`, and `"embedding"` where there is one, as JSON-ready data: what files and services answer with."""
    prediction = result.prediction
    values = {name: value_to_json(value) for name, value in prediction.values.items()}
    data: dict[str, Any] = {"id": prediction.record, "values": values, "scores": dict(prediction.scores)}
    if result.embedding is not None:
        data["embedding"] = [round(float(x), 6) for x in result.embedding]
    return data


class Predictor:
    """Predicts records with a bundle. Raises InputError where the bundle is not whole, has been changed, or cannot be run."""

    def __init__(self, folder: str | Path, *, threads: int | None = None, verify: bool = True) -> None:
        self.bundle: Bundle = read_bundle(Path(folder), verify=verify)
        self.schema = self.bundle.schema
        self.layout = layout_from_dict(self.bundle.manifest["layout"])
        self.tokenizer = load_tokenizer(self.bundle.folder / "tokenizer.json")
        options = onnxruntime.SessionOptions()
        options.log_severity_level = 3
        if threads is not None:
            options.intra_op_num_threads = threads
        model = self.bundle.folder / "model.onnx"
        if not model.is_file():
            raise InputError(
                "the bundle has no ONNX model",
                where=str(folder),
                todo="Train it again with a base model that can be exported",
            )
        try:
            self._session = onnxruntime.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])
        except Exception as error:  # onnxruntime raises its own kinds
            raise InputError(
                "the bundle's ONNX model cannot be loaded", where=str(model), found=str(error)[:200]
            ) from None
        self._names = [i.name for i in self._session.get_inputs()]
        self._logits = [o.name for o in self._session.get_outputs()][: len(self.schema.fields)]

    @property
    def temperatures(self) -> dict[str, float]:
        """What each field's logits were divided by when the model was calibrated."""
        found = self.bundle.manifest.get("calibration", {})
        return {name: each["temperature"] for name, each in found.items()}

    @cached_property
    def scopes(self) -> dict[str, Mahalanobis]:
        """How the distance of a text from what a choice was trained on is measured, for each choice of one label."""
        path = self.bundle.folder / SCOPE
        if not path.is_file():
            return {}
        with np.load(path, allow_pickle=False) as arrays:
            names = [field.name for field in self.schema.fields if f"{field.name}.means" in arrays]
            return {name: Mahalanobis(arrays[f"{name}.whitening"], arrays[f"{name}.means"]) for name in names}

    def run(
        self,
        records: Sequence[Record],
        *,
        embeddings: bool = False,
        logits: bool = False,
        distances: bool = False,
        uncalibrated: bool = False,
        budget: int = 2048,
    ) -> list[Result]:
        """Predict records, in order. `budget` bounds the padded word-pieces that run at once."""
        pieces = cut_pieces(self.tokenizer, [r.text for r in records], whole_words=self.layout.whole_words)
        wanted = [*self._logits, "pooled_embedding"] if embeddings or distances else self._logits

        def forward(batch: Batch) -> list[Any]:
            arrays = [batch.input_ids, batch.attention_mask, batch.token_type_ids]
            return list(self._session.run(wanted, dict(zip(self._names, arrays, strict=False))))

        outputs = run_model(pieces, self.schema, self.layout, forward, budget=budget)
        predictions = predict(records, pieces, outputs, self.schema)
        results = [
            Result(p, o.embedding if embeddings else None, logits=o.logits if logits else None)
            for p, o in zip(predictions, outputs, strict=True)
        ]
        if distances and outputs:
            vectors = np.array([o.embedding for o in outputs])
            columns = {name: scope.distance(vectors) for name, scope in self.scopes.items()}
            results = [
                replace(r, distances={name: round(float(d[n]), 6) for name, d in columns.items()})
                for n, r in enumerate(results)
            ]
        if uncalibrated:
            before = predict(records, pieces, rescale(outputs, self.temperatures), self.schema)
            results = [replace(r, uncalibrated=p) for r, p in zip(results, before, strict=True)]
        return results

    def stream(self, records: Iterable[Record], *, chunk: int = 1024, **options: Any) -> Iterator[Result]:
        """Predict any number of records in constant memory, in order, `chunk` at a time."""
        iterator = iter(records)
        while part := list(itertools.islice(iterator, chunk)):
            yield from self.run(part, **options)

    def __call__(self, text: str) -> Prediction:
        """Predict one text."""
        return self.run([Record("0", text)])[0].prediction
