"""Soft labels and confidences: what a choice learns where it is known how sure its labels are, and how much each record weighs."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.numpy import load_file
from tiny_models import SCHEMA, dataset

from goldleaf.core import Example, Field, Gold, InputError, Record, Schema
from goldleaf.encode import Layout
from goldleaf.snapshot import Dataset, gold_hash
from goldleaf.train import Recipe, train
from goldleaf.train.data import Window, class_weights, collate, target_totals
from goldleaf.train.model import losses
from goldleaf.train.plan import make_plan, prepare
from goldleaf.train.sureness import LEAST, confidence_of, soft_target

CHOICE = Field("label", "choice", ("a", "b"))
MANY = Field("topics", "choice", ("x", "y"), many=True)
QUICK = Recipe(epochs=2, learning_rate=5e-3, batch_tokens=256, patience=0, precision="fp32")
LAYOUT = Layout((1,), (2,), (0,), (0,), 0)


def made(field: Field, value: Any, confidence: float = 1.0, **probabilities: float) -> Example:
    gold = Gold("r", field.name, value, "aggregated", confidence, probabilities=probabilities)
    return Example(Record("r", "text"), {field.name: value}, {field.name: gold})


def told(data: Dataset, confidence: float = 0.75) -> Dataset:
    """The dataset, of which every intent is as sure as this."""

    def tell(example: Example) -> Example:
        value = example.values["intent"]
        other = next(label for label in SCHEMA["intent"].labels if label != value)
        likely = {value: confidence, other: 1 - confidence}
        gold = Gold(example.record.id, "intent", value, "aggregated", confidence, (), 3, likely)
        return replace(example, gold={"intent": gold})

    return replace(data, train=[tell(e) for e in data.train])


def test_a_soft_target_is_what_the_aggregation_said_and_a_sure_label_where_it_said_nothing() -> None:
    assert soft_target(CHOICE, made(CHOICE, "a", 0.75, a=0.75, b=0.25)).tolist() == [0.75, 0.25]
    assert soft_target(CHOICE, made(CHOICE, "b", 1.0, b=1.0)).tolist() == [0.0, 1.0]
    assert soft_target(CHOICE, made(CHOICE, "b")).tolist() == [0.0, 1.0]
    assert soft_target(CHOICE, Example(Record("r", "text"), {"label": "a"})).tolist() == [1.0, 0.0]
    assert soft_target(MANY, made(MANY, ["x"], 0.9, x=0.9, y=0.5)).tolist() == pytest.approx([0.9, 0.5])
    assert soft_target(MANY, made(MANY, ["x"])).tolist() == [1.0, 0.0]


def test_a_label_weighs_what_its_confidence_is_and_never_nothing() -> None:
    assert confidence_of(CHOICE, made(CHOICE, "a", 0.6)) == 0.6
    assert confidence_of(CHOICE, made(CHOICE, "a", 0.0)) == LEAST
    assert confidence_of(CHOICE, Example(Record("r", "text"), {"label": "a"})) == 1.0


def loss_of(windows: list[Window], fields: tuple[Field, ...], logits: list[torch.Tensor]) -> float:
    batch = collate(windows, Schema(fields), LAYOUT)
    weights = [None] * len(fields)
    totals = target_totals(windows, fields, weights)
    return float(losses(logits, batch.targets, fields, weights, totals, shares=batch.weights))


def test_the_loss_of_a_soft_target_is_its_cross_entropy() -> None:
    logits = [torch.tensor([[0.0, math.log(3)], [0.0, 0.0]])]  # q = (1/4, 3/4), (1/2, 1/2)
    soft = [Window(np.arange(2), (np.array([0.75, 0.25], dtype=np.float32),)), Window(np.arange(2), (None,))]
    # -(3/4 log 1/4 + 1/4 log 3/4); the second window was not asked
    assert loss_of(soft, (CHOICE,), logits) == pytest.approx(-(0.75 * math.log(0.25) + 0.25 * math.log(0.75)))
    hard = [Window(np.arange(2), (1,)), Window(np.arange(2), (0,))]
    sure = [Window(np.arange(2), (np.eye(2, dtype=np.float32)[n],)) for n in (1, 0)]
    assert loss_of(sure, (CHOICE,), logits) == pytest.approx(loss_of(hard, (CHOICE,), logits))


def test_the_loss_of_a_step_is_the_mean_that_is_weighted_by_confidence() -> None:
    tags = Field("tags", "tags", ("o", "p"))
    fields = (CHOICE, MANY, tags)
    logits = [
        torch.tensor([[0.0, math.log(3)], [0.0, 0.0]]),
        torch.zeros(2, 2),
        torch.zeros(2, 8, 2),  # pieces are padded to eight
    ]
    many = np.array([1.0, 0.0], dtype=np.float32)
    windows = [
        Window(np.arange(3), (1, many, np.array([0, 1, -100])), (1.0, 0.5, 0.25)),
        Window(np.arange(1), (0, many, np.array([1])), (0.2, 0.5, 1.0)),
    ]
    # choice: (1.0 log 4/3 + 0.2 log 2) / 1.2; many and tags: every term is log 2, whatever it weighs
    choice = (math.log(4 / 3) + 0.2 * math.log(2)) / 1.2
    assert target_totals(windows, fields, [None] * 3) == pytest.approx([1.2, 2 * 1.0, 2 * 0.25 + 1.0])
    assert loss_of(windows, fields, logits) == pytest.approx(choice + 2 * math.log(2))


def test_classes_are_balanced_by_the_probabilities_of_soft_labels() -> None:
    windows = [Window(np.arange(2), (np.array([0.75, 0.25], dtype=np.float32),))] * 4
    (weight,) = class_weights(windows, Schema((CHOICE,)))
    assert weight is not None
    # 3 of 4 are a and 1 is b: inverse 4/3 and 4, their mean 8/3
    assert weight.tolist() == pytest.approx([0.5, 1.5])
    # each window counts 0.75 * 0.5 + 0.25 * 1.5 = 0.75
    assert target_totals(windows, (CHOICE,), [weight]) == pytest.approx([3.0])


def test_a_recipe_that_says_nothing_of_it_trains_as_if_nothing_were_known(bert: Path) -> None:
    recipe = replace(QUICK, base_model=str(bert))
    plain, known = (make_plan(prepare(data, recipe)).windows for data in (dataset(), told(dataset())))
    assert [w.targets[0] for w in plain] == [w.targets[0] for w in known]
    assert {w.weights for w in known} == {()}
    asked = make_plan(prepare(told(dataset()), replace(recipe, soft_labels=True, confidence_weights=True))).windows
    assert {tuple(sorted(w.targets[0].tolist())) for w in asked} == {(0.25, 0.75)}
    assert {w.weights for w in asked} == {(0.75, 1.0)}, "of slots nothing is known: they are sure"


def test_what_a_recipe_asks_for_and_no_label_has_is_warned_of(bert: Path) -> None:
    recipe = replace(QUICK, base_model=str(bert), soft_labels=True, confidence_weights=True)
    assert [w.split(":")[0] for w in prepare(dataset(), recipe).warnings] == ["soft_labels", "confidence_weights"]
    assert prepare(told(dataset()), recipe).warnings == ()


def test_a_training_on_soft_labels_resumes_to_the_same_weights_and_only_with_the_same_confidences(
    bert: Path, tmp_path: Path
) -> None:
    recipe = replace(
        QUICK, base_model=str(bert), soft_labels=True, confidence_weights=True, epochs=4, checkpoint_seconds=0.0
    )
    train(told(dataset()), recipe, tmp_path / "whole")

    def stop(progress: Any) -> None:
        if progress.epoch >= 2:
            raise KeyboardInterrupt

    cut = tmp_path / "cut"
    with pytest.raises(KeyboardInterrupt):
        train(told(dataset()), recipe, cut, on_progress=stop)
    assert json.loads((tmp_path / "cut.run" / "run.json").read_text())["gold"] == gold_hash(told(dataset()))
    with pytest.raises(InputError, match="other data"):
        train(told(dataset(), confidence=0.9), recipe, cut, resume=True)
    train(told(dataset()), recipe, cut, resume=True)
    ours, theirs = load_file(cut / "model.safetensors"), load_file(tmp_path / "whole" / "model.safetensors")
    assert all((ours[name] == theirs[name]).all() for name in theirs)
