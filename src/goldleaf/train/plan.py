"""From a dataset and a recipe with gaps to a run with none: tokenizer, windows, and defaults chosen from model and data."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from torch import Tensor
from transformers import PreTrainedConfig

from goldleaf.core import Example, InputError, Schema
from goldleaf.encode import Decoding, Layout, predict, run_model, unknown_share
from goldleaf.measure import main_score
from goldleaf.snapshot import Dataset
from goldleaf.train import base
from goldleaf.train.cased import is_uncased, widen_vocabulary
from goldleaf.train.data import (
    Encoded,
    Window,
    check_trainable,
    class_weights,
    count_crossings,
    encode_split,
    epoch_batches,
    hold_out,
    make_windows,
    spans_end_with_words,
)
from goldleaf.train.loop import Plan, forward_function, planned
from goldleaf.train.model import FieldModel
from goldleaf.train.packing import can_pack
from goldleaf.train.precision import uses_bf16
from goldleaf.train.recipe import Recipe
from goldleaf.train.sureness import missing_sureness

MIN_STEPS, MAX_EPOCHS = 1000, 30
"""Small data is passed over often enough to make `MIN_STEPS` steps, but at most `MAX_EPOCHS` times."""

FEWEST_EPOCHS, MANY_PIECES, FEWEST_OF_MANY = 5, 400_000, 3
"""Any data is passed over `FEWEST_EPOCHS` times; data of more than `MANY_PIECES` word-pieces, `FEWEST_OF_MANY` times."""

CHOICE_SHARE = 1 / 3
"""A schema of choices alone learns at this share of the rate, for one epoch more: a text has one target, a sentence of tags twenty."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """A dataset made ready for a base model."""

    dataset: Dataset
    recipe: Recipe
    layout: Layout
    tokenizer: Any
    config: PreTrainedConfig
    train: Encoded
    dev: Encoded
    windows: Sequence[Window]
    warnings: tuple[str, ...]
    unknown: float
    case: tuple[Tensor, Tensor] | None


def prepare(dataset: Dataset, recipe: Recipe, *, force: bool = False) -> Prepared:
    """Cut the splits into pieces, measure what the base model does not know, and fill the recipe's gaps.

    Raises InputError where the training split cannot be learned from, the base model is of the wrong kind, or (unless `force`) more than
    5 % of the pieces are unknown to it.
    """
    check_trainable(dataset.train, dataset.schema)
    config = base.load_config(recipe.base_model)
    tokenizer = base.load_transformers_tokenizer(recipe.base_model)
    base.check_vocabulary(tokenizer, config, recipe.base_model)
    if dataset.schema.of_kind("spans", "tags") and base.joins_han(tokenizer.backend_tokenizer):
        base.isolate_han(tokenizer.backend_tokenizer)
        tokenizer = base.rewrap(tokenizer, tokenizer.backend_tokenizer)
    warnings: list[str] = []
    dataset = _with_dev(dataset, recipe, warnings)
    recipe, tokenizer, case = _with_case(dataset, recipe, tokenizer)
    tokenizer.backend_tokenizer.no_truncation()
    tokenizer.backend_tokenizer.no_padding()
    layout = base.make_layout(tokenizer, config, max_length=recipe.max_length, overlap=recipe.overlap)
    recipe = replace(recipe, decoding=recipe.decoding or usual_decoding(dataset.schema))
    whole_words = spans_end_with_words(dataset.train, dataset.schema)
    layout = replace(layout, whole_words=whole_words, decoding=planned(recipe, "decoding"))
    train = encode_split(dataset.train, tokenizer.backend_tokenizer, whole_words=layout.whole_words)
    dev = encode_split(dataset.dev, tokenizer.backend_tokenizer, whole_words=layout.whole_words)
    unknown = unknown_share(train.pieces + dev.pieces, layout.unk_id)
    base.check_known_script(unknown, recipe.base_model, force=force)
    soft, weighted = recipe.soft_labels, recipe.confidence_weights
    windows = make_windows(train, dataset.schema, layout, soft=soft, weighted=weighted)
    warnings += missing_sureness(dataset.train, dataset.schema, soft=soft, weighted=weighted)
    if crossing := count_crossings(train, dataset.schema):
        warnings.append(
            f"{crossing} of {train.piece_count()} word-pieces cross the border of a span and are left out of the loss"
        )
    recipe = fill_recipe(recipe, dataset.schema, windows, layout, config)
    return Prepared(dataset, recipe, layout, tokenizer, config, train, dev, windows, tuple(warnings), unknown, case)


def usual_decoding(schema: Schema) -> Decoding:
    """Viterbi where several fields are learned together; a model of one field is read as plain `transformers` reads it."""
    return "viterbi" if len(schema.fields) > 1 else "argmax"


def _with_case(dataset: Dataset, recipe: Recipe, tokenizer: Any) -> tuple[Recipe, Any, tuple[Tensor, Tensor] | None]:
    """Widen an uncased vocabulary where the recipe says so, or says nothing and capitals can tell spans apart."""
    uncased = is_uncased(tokenizer.backend_tokenizer)
    wanted = (
        recipe.cased
        if recipe.cased is not None
        else bool(dataset.schema.of_kind("spans", "tags")) and _has_capitals(dataset.train)
    )
    if not (uncased and wanted):
        return replace(recipe, cased=False), tokenizer, None
    widened, lower, case = widen_vocabulary(tokenizer.backend_tokenizer)
    return replace(recipe, cased=True), base.rewrap(tokenizer, widened), (lower, case)


def _has_capitals(examples: Sequence[Example]) -> bool:
    """Whether one in a hundred letters or more is a capital."""
    text = "".join(e.record.text for e in examples[:5000])
    letters = sum(c.isalpha() for c in text)
    return sum(c.isupper() for c in text) >= max(1, 0.01 * letters)


def _with_dev(dataset: Dataset, recipe: Recipe, warnings: list[str]) -> Dataset:
    if dataset.dev:
        return dataset
    kept, held = hold_out(dataset.train, share=0.1, seed=recipe.seeds[0])
    if not kept or not held:
        raise InputError(
            "there is nothing to validate on",
            found=f"{len(dataset.train)} training and no dev records",
            expected="at least two labelled records, of two groups",
            todo="Label more, or give a dev split",
        )
    check_trainable(kept, dataset.schema)
    warnings.append(
        f"the snapshot has no dev split: {len(held)} of {len(dataset.train)} training records are held out for validation"
    )
    return replace(dataset, train=kept, dev=held)


def fill_recipe(
    recipe: Recipe, schema: Schema, windows: Sequence[Window], layout: Layout, config: PreTrainedConfig
) -> Recipe:
    """The recipe without None, by rules of thumb: small models learn faster than large ones, and tags faster than choices; small data is
    cut into smaller batches and passed over more often. What they were measured on is in `docs/design/0005-what-moved-the-scores.md`."""
    pieces = sum(len(w.ids) for w in windows)
    tokens = recipe.batch_tokens or int(np.clip(2 ** round(math.log2(max(pieces, 1) / 128)), 256, 1024))
    steps = len(epoch_batches(windows, layout, budget=tokens, packed=can_pack(config), seed=0, epoch=0))
    choices_alone = not schema.of_kind("spans", "tags")
    fewest = FEWEST_OF_MANY if pieces > MANY_PIECES else FEWEST_EPOCHS + choices_alone
    epochs = int(np.clip(math.ceil(MIN_STEPS / max(steps, 1)), fewest, MAX_EPOCHS))
    width = int(getattr(config, "hidden_size", 768))
    rate = 3e-4 if width <= 384 else 1.5e-4 if width <= 512 else 6e-5 if width <= 768 else 3e-5
    return replace(
        recipe,
        batch_tokens=tokens,
        epochs=recipe.epochs or epochs,
        learning_rate=recipe.learning_rate or (rate * CHOICE_SHARE if choices_alone else rate),
        max_length=layout.max_length,
        overlap=layout.overlap,
        precision="bf16" if uses_bf16(recipe) else "fp32",
    )


def make_plan(prepared: Prepared) -> Plan:
    """What `train_model` runs."""
    schema, recipe = prepared.dataset.schema, prepared.recipe
    weights = (
        class_weights(prepared.windows, schema) if recipe.class_weights == "balanced" else [None] * len(schema.fields)
    )
    packed = can_pack(prepared.config)
    return Plan(recipe, schema, prepared.layout, prepared.windows, weights, packed, validation_scorer(prepared))


def validation_scorer(prepared: Prepared) -> Callable[[FieldModel], float]:
    """The mean over fields of each field's main score (0..1) on the validation split."""
    schema = prepared.dataset.schema
    records = [e.record for e in prepared.dev.examples]
    budget = 2 * planned(prepared.recipe, "batch_tokens")

    def score(model: FieldModel) -> float:
        outputs = run_model(
            prepared.dev.pieces,
            schema,
            prepared.layout,
            forward_function(model, bf16=uses_bf16(prepared.recipe)),
            budget=budget,
        )
        found = predict(records, prepared.dev.pieces, outputs, schema, decoding=prepared.layout.decoding)
        return score_predictions(schema, prepared.dev.examples, found)

    return score


def score_predictions(schema: Schema, examples: Sequence[Example], predictions: Sequence[Any]) -> float:
    """The mean over fields of each field's main score; fields that no example has a value of do not count."""
    scores: list[float] = []
    for field in schema.fields:
        pairs = [(e, p) for e, p in zip(examples, predictions, strict=True) if field.name in e.values]
        if pairs:
            scores.append(
                main_score(field, [e.values[field.name] for e, _ in pairs], [p.values[field.name] for _, p in pairs])
            )
    return float(np.mean(scores)) if scores else 0.0
