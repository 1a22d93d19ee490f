"""The predictor: a bundle on onnxruntime, tokenizers and numpy alone.

A session is told three things. Its arena of memory does not remember a plan a shape, for every batch has its own. The optimiser that joins
a sum and a LayerNorm is off: the joined kernel takes six times as long as the two. Where several batches run at once, each has one thread.
"""

from __future__ import annotations

import itertools
import os
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime

from goldleaf.bundle import INT8, MODEL, SCOPE, Bundle, read_bundle
from goldleaf.core import InputError, Prediction, Record, value_to_json
from goldleaf.encode import (
    Batch,
    Logits,
    cut_pieces,
    layout_from_dict,
    load_tokenizer,
    pad_windows,
    predict,
    rescale,
    run_model,
)
from goldleaf.measure import Mahalanobis

BUDGET = 512
"""Padded pieces that run at once. What a layer makes of more does not fit the cache of a core; less is not worth a call."""


@dataclass(frozen=True, slots=True)
class Distance:
    """How far a text is from everything a choice was trained on, and whether farther than all but a few of the validation texts."""

    distance: float
    flagged: bool


@dataclass(frozen=True, slots=True)
class Result:
    """A prediction; where they were asked for, the pooled embedding `[hidden]`, the logits of each field (`[labels]` of a choice, else
    `[pieces, classes]`), the distance from scope of each choice of one label, and the prediction with its scores before calibration."""

    prediction: Prediction
    embedding: Logits | None = None
    uncalibrated: Prediction | None = None
    logits: Mapping[str, Logits] | None = None
    distances: Mapping[str, Distance] | None = None


def result_to_dict(result: Result) -> dict[str, Any]:
    """`{"id", "values", "scores"}`, with `"embedding"` and `"out_of_scope": {field: {"distance", "flagged"}}` where they were asked for, as
    JSON-ready data: what files and services answer with."""
    prediction = result.prediction
    values = {name: value_to_json(value) for name, value in prediction.values.items()}
    data: dict[str, Any] = {"id": prediction.record, "values": values, "scores": dict(prediction.scores)}
    if result.embedding is not None:
        data["embedding"] = [round(float(x), 6) for x in result.embedding]
    if result.distances is not None:
        data["out_of_scope"] = {name: asdict(distance) for name, distance in result.distances.items()}
    return data


class Predictor:
    """Predicts records with a bundle.

    `int8` takes the model with 8-bit weights that `goldleaf export-model --int8` has put into the bundle. `workers` is how many batches
    of a stream run at once, `threads` how many threads each of them has: by default one worker with all cores, which answers a single
    text soonest; as many workers as cores, with a thread each, get most done. `model` is an ONNX file to run in place of the bundle's.

    Raises InputError where the bundle is not whole, has been changed, has no such model, or cannot be run.
    """

    def __init__(
        self,
        folder: str | Path,
        *,
        int8: bool = False,
        workers: int = 1,
        threads: int | None = None,
        verify: bool = True,
        model: Path | None = None,
    ) -> None:
        self.bundle: Bundle = read_bundle(Path(folder), verify=verify)
        self.schema = self.bundle.schema
        self.layout = layout_from_dict(self.bundle.manifest["layout"])
        self.tokenizer = load_tokenizer(self.bundle.folder / "tokenizer.json")
        self.workers = workers
        path = model or _model_of(self.bundle, int8=int8)
        self._session = _open_session(path, threads or max(1, available_cores() // workers))
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
        budget: int = BUDGET,
    ) -> list[Result]:
        """Predict records, in order. `budget` bounds the padded word-pieces that run at once."""
        pieces = cut_pieces(self.tokenizer, [r.text for r in records], whole_words=self.layout.whole_words)
        wanted = [*self._logits, "pooled_embedding"] if embeddings or distances else self._logits

        def forward(batch: Batch) -> list[Any]:
            return list(self._session.run(wanted, self._feeds(batch)))

        outputs = run_model(pieces, self.schema, self.layout, forward, budget=budget, multiple=1)
        predictions = predict(records, pieces, outputs, self.schema, decoding=self.layout.decoding)
        results = [
            Result(p, o.embedding if embeddings else None, logits=o.logits if logits else None)
            for p, o in zip(predictions, outputs, strict=True)
        ]
        if distances and outputs:
            found = self._distances(np.array([o.embedding for o in outputs]))
            results = [replace(r, distances=each) for r, each in zip(results, found, strict=True)]
        if uncalibrated:
            scaled = rescale(outputs, self.temperatures)
            before = predict(records, pieces, scaled, self.schema, decoding=self.layout.decoding)
            results = [replace(r, uncalibrated=p) for r, p in zip(results, before, strict=True)]
        return results

    def _distances(self, vectors: Logits) -> list[dict[str, Distance]]:
        """Of each of `[records, hidden]` pooled embeddings, for each choice of one label."""
        rows: list[dict[str, Distance]] = [{} for _ in vectors]
        for name, scope in self.scopes.items():
            threshold = self.bundle.manifest["scope"][name]["threshold"]
            for row, distance in zip(rows, scope.distance(vectors), strict=True):
                row[name] = Distance(round(float(distance), 6), bool(distance > threshold))
        return rows

    def feeds(self, records: Sequence[Record]) -> list[dict[str, Any]]:
        """The arrays that the model is run on, by name, a record's first window at a time."""
        pieces = cut_pieces(self.tokenizer, [r.text for r in records])
        room = self.layout.room
        return [self._feeds(pad_windows([p.ids[:room]], self.layout, multiple=1)) for p in pieces]

    def _feeds(self, batch: Batch) -> dict[str, Any]:
        arrays = (batch.input_ids, batch.attention_mask, batch.token_type_ids)
        return dict(zip(self._names, arrays, strict=False))

    def stream(self, records: Iterable[Record], *, chunk: int = 1024, **options: Any) -> Iterator[Result]:
        """Predict any number of records in constant memory, in order, `chunk` at a time for each worker."""
        iterator = iter(records)
        parts = iter(lambda: list(itertools.islice(iterator, chunk)), [])
        if self.workers == 1:
            for part in parts:
                yield from self.run(part, **options)
            return
        waiting: deque[Future[list[Result]]] = deque()
        with ThreadPoolExecutor(self.workers, thread_name_prefix="predictor") as pool:
            try:
                for part in parts:
                    waiting.append(pool.submit(self.run, part, **options))
                    if len(waiting) > self.workers:
                        yield from waiting.popleft().result()
                while waiting:
                    yield from waiting.popleft().result()
            finally:
                for future in waiting:
                    future.cancel()

    def __call__(self, text: str) -> Prediction:
        """Predict one text."""
        return self.run([Record("0", text)])[0].prediction


def available_cores() -> int:
    """How many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _model_of(bundle: Bundle, *, int8: bool) -> Path:
    name = INT8 if int8 else MODEL
    path = bundle.folder / name
    if path.is_file() and (not int8 or name in bundle.manifest["checksums"]):
        return path
    raise InputError(
        "the bundle has no model with 8-bit weights" if int8 else "the bundle has no ONNX model",
        where=str(bundle.folder),
        expected=name,
        todo=f"Make it with: goldleaf export-model {bundle.folder}{' --int8' if int8 else ''}",
    )


def _open_session(path: Path, threads: int) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    options.intra_op_num_threads = threads
    options.enable_mem_pattern = False
    try:
        return onnxruntime.InferenceSession(
            str(path), options, providers=["CPUExecutionProvider"], disabled_optimizers=["SkipLayerNormFusion"]
        )
    except Exception as error:  # onnxruntime raises its own kinds
        raise InputError("the bundle's ONNX model cannot be loaded", where=str(path), found=str(error)[:200]) from None
