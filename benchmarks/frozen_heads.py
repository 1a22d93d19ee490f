"""Heads alone: a linear layer on an encoder's embeddings, with the losses that training has. It costs seconds, and no seed decides it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from goldleaf.core import Example, Prediction, Schema
from goldleaf.snapshot import Dataset
from goldleaf.train import Recipe
from goldleaf.train.data import class_weights, collate, encode_split, make_windows, target_totals
from goldleaf.train.model import losses
from goldleaf.train.plan import prepare
from goldleaf.train.run import fresh_model

BATCH, STEPS = 64, 100
DECAYS = (1e-4, 1e-3, 1e-2, 1e-1)
"""Strengths of the L2 penalty, of which the validation split chooses, for all that are compared alike."""


def embed(examples: Sequence[Example], schema: Schema, recipe: Recipe) -> dict[str, Tensor]:
    """The mean hidden state of each text, by record; the encoder is as it was published."""
    prepared = prepare(Dataset(schema, list(examples), list(examples[:2])), recipe)
    model = fresh_model(prepared, 0).eval()
    pieces = encode_split(examples, prepared.tokenizer.backend_tokenizer, whole_words=prepared.layout.whole_words)
    windows = make_windows(pieces, schema, prepared.layout)
    if len(windows) != len(examples):
        raise ValueError("a text is longer than a window")
    found: dict[str, Tensor] = {}
    order = sorted(range(len(windows)), key=lambda n: len(windows[n].ids))
    for start in range(0, len(order), BATCH):
        rows = order[start : start + BATCH]
        with torch.inference_mode():
            pooled = model(*collate([windows[row] for row in rows], schema, prepared.layout).inputs)[-1]
        found |= {examples[row].record.id: vector for row, vector in zip(rows, pooled.float().clone(), strict=True)}
    return found


def learn(data: Dataset, vectors: dict[str, Tensor], recipe: Recipe) -> list[tuple[float, list[Prediction]]]:
    """For each of the `DECAYS`: how right heads that learned from the training split are on the validation split, and what they say of the
    test split."""
    mean = torch.stack([vectors[e.record.id] for e in data.train]).mean(0)
    scale = torch.stack([vectors[e.record.id] for e in data.train]).std(0) + 1e-6
    inputs = {id: (vector - mean) / scale for id, vector in vectors.items()}
    prepared = prepare(data, recipe)
    windows = make_windows(
        prepared.train, data.schema, prepared.layout, soft=recipe.soft_labels, weighted=recipe.confidence_weights
    )
    batch = collate(windows, data.schema, prepared.layout)
    known: list[Any] = [None] * len(data.schema.fields)
    weights = class_weights(windows, data.schema) if recipe.class_weights == "balanced" else known
    totals = target_totals(windows, data.schema.fields, weights)
    x = torch.stack([inputs[e.record.id] for e in data.train])
    found: list[tuple[float, list[Prediction]]] = []
    for decay in DECAYS:
        heads = [torch.nn.Linear(x.shape[1], len(field.labels)) for field in data.schema.fields]
        parameters = [p for head in heads for p in head.parameters()]
        for p in parameters:
            torch.nn.init.zeros_(p)
        optimizer = torch.optim.LBFGS(parameters, max_iter=STEPS, line_search_fn="strong_wolfe")

        def closure(heads: Any = heads, decay: float = decay, optimizer: Any = optimizer) -> Tensor:
            optimizer.zero_grad()
            logits = [head(x) for head in heads]
            loss = losses(logits, batch.targets, data.schema.fields, weights, totals, shares=batch.weights)
            loss = loss + decay * sum((head.weight**2).sum() for head in heads)
            loss.backward()
            return loss

        optimizer.step(closure)  # pyright: ignore[reportArgumentType]
        score = accuracy(data.dev, predict(data.dev, inputs, data.schema, heads))
        found.append((score, predict(data.test, inputs, data.schema, heads)))
    return found


def predict(examples: Sequence[Example], inputs: dict[str, Tensor], schema: Schema, heads: Any) -> list[Prediction]:
    x = torch.stack([inputs[e.record.id] for e in examples])
    with torch.inference_mode():
        chosen = [head(x).argmax(1).tolist() for head in heads]
    return [
        Prediction(e.record.id, {f.name: f.labels[chosen[n][row]] for n, f in enumerate(schema.fields)})
        for row, e in enumerate(examples)
    ]


def accuracy(examples: Sequence[Example], predictions: Sequence[Prediction]) -> float:
    right = [e.values[name] == p.values[name] for e, p in zip(examples, predictions, strict=True) for name in e.values]
    return sum(right) / len(right)
