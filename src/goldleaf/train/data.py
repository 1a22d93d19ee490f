"""Examples -> windows with targets -> batches of tensors."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from tokenizers import Tokenizer
from torch import Tensor

from goldleaf.core import Example, Field, InputError, Schema, find_clash
from goldleaf.encode import (
    IGNORED,
    Layout,
    Pieces,
    crossing_pieces,
    cut_pieces,
    length_batches,
    make_target,
    output_classes,
    pad_windows,
    window_bounds,
    within_word,
)
from goldleaf.train.sureness import confidence_of, soft_target


@dataclass(frozen=True, slots=True)
class Window:
    """One window of one text: its piece ids, a target a field (None: not asked), and what each field's loss weighs (empty: 1)."""

    ids: Any
    targets: tuple[Any, ...]
    weights: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class Encoded:
    """A split, cut into pieces once."""

    examples: list[Example]
    pieces: list[Pieces]

    def piece_count(self) -> int:
        return sum(len(p) for p in self.pieces)


def encode_split(examples: Sequence[Example], tokenizer: Tokenizer, *, whole_words: bool) -> Encoded:
    """Cut every text of a split into pieces."""
    return Encoded(list(examples), cut_pieces(tokenizer, [e.record.text for e in examples], whole_words=whole_words))


def spans_end_with_words(examples: Sequence[Example], schema: Schema) -> bool:
    """Whether at most one span in a hundred begins or ends inside a word."""
    names = [f.name for f in schema.of_kind("spans")]
    spans = [(e.record.text, span) for e in examples for name in names for span in e.values.get(name, ())]
    return 100 * sum(within_word(text, s.start) or within_word(text, s.end) for text, s in spans) <= len(spans)


def count_crossings(encoded: Encoded, schema: Schema) -> int:
    """How many pieces cross the border of a gold span; they are left out of the loss."""
    names = [f.name for f in schema.of_kind("spans")]
    return sum(
        crossing_pieces(e.values[name], p)
        for e, p in zip(encoded.examples, encoded.pieces, strict=True)
        for name in names
        if name in e.values
    )


def check_trainable(examples: Sequence[Example], schema: Schema) -> None:
    """Raise InputError for what no head here can learn: a field never asked, a choice of one class, spans that share text."""
    for field in schema.fields:
        values = [(e.record, e.values[field.name]) for e in examples if field.name in e.values]
        if not values:
            raise InputError(
                "the training split has no value of a field",
                where=f"field {field.name}",
                expected="at least one labelled record",
            )
        if field.kind == "choice" and not field.many:
            seen = sorted({value for _, value in values})
            if len(seen) < 2:
                raise InputError(
                    "the training split has one class only",
                    where=f"field {field.name}",
                    found=seen[0],
                    expected="records of two classes or more",
                )
        if field.kind == "spans":
            clash = next(((r, c) for r, value in values if (c := find_clash(value, "flat"))), None)
            if clash is not None:
                raise InputError(
                    "spans share text, which a token-classification head cannot say",
                    where=f"record {clash[0].id}, field {field.name}",
                    found=f"{list(clash[1][0])} and {list(clash[1][1])}",
                    expected="flat spans",
                    todo="Put the inner spans into a field of their own",
                )


def make_windows(
    encoded: Encoded, schema: Schema, layout: Layout, *, soft: bool = False, weighted: bool = False
) -> list[Window]:
    """All windows of a split, targets included; a record without any value gives none. `soft` choices are distributions over their labels;
    `weighted` windows weigh what their gold's confidence is."""
    windows: list[Window] = []
    for example, pieces in zip(encoded.examples, encoded.pieces, strict=True):
        targets = [_target(field, example, pieces, soft) for field in schema.fields]
        if all(target is None for target in targets):
            continue
        weights = tuple(confidence_of(field, example) for field in schema.fields) if weighted else ()
        for start, end in window_bounds(len(pieces), layout):
            cut = tuple(
                t[start:end] if f.kind != "choice" and t is not None else t
                for f, t in zip(schema.fields, targets, strict=True)
            )
            windows.append(Window(pieces.ids[start:end], cut, weights))
    return windows


def _target(field: Field, example: Example, pieces: Pieces, soft: bool) -> Any:
    if field.name not in example.values:
        return None
    if soft and field.kind == "choice":
        return soft_target(field, example)
    return make_target(field, example.values[field.name], example.record, pieces)


@dataclass(frozen=True, slots=True)
class TrainBatch:
    """Tensors of one step. `pieces` counts the pieces of text in it, without padding and special ones; `weights` `[windows, fields]` is
    what each loss weighs, None where all weigh alike."""

    inputs: tuple[Tensor, ...]
    targets: tuple[Tensor, ...]
    pieces: int
    weights: Tensor | None = None


def epoch_batches(
    windows: Sequence[Window], layout: Layout, *, budget: int, packed: bool, seed: int, epoch: int
) -> list[list[int]]:
    """The window numbers of each step of an epoch: the same for the same seed and epoch, however the run came there. Where the encoder
    runs packed, padding does not count."""
    extra = len(layout.prefix) + len(layout.suffix)
    rng = np.random.default_rng([seed, epoch])
    return length_batches([len(w.ids) + extra for w in windows], budget, rng=rng, padded=not packed)


def collate(windows: Sequence[Window], schema: Schema, layout: Layout) -> TrainBatch:
    """Pad windows and their targets. Not asked is -100, or NaN where many labels or a distribution are."""
    batch = pad_windows([w.ids for w in windows], layout)
    arrays = [batch.input_ids, batch.attention_mask] + (
        [batch.token_type_ids] if batch.token_type_ids is not None else []
    )
    offsets = [batch.offset(row) + len(layout.prefix) for row in range(len(windows))]
    targets = [
        _collate_field(field, [w.targets[n] for w in windows], offsets, batch.input_ids.shape[1])
        for n, field in enumerate(schema.fields)
    ]
    weights = torch.tensor([w.weights for w in windows]) if windows[0].weights else None
    inputs = tuple(torch.from_numpy(a) for a in arrays)
    return TrainBatch(inputs, tuple(targets), sum(len(w.ids) for w in windows), weights)


def _collate_field(field: Field, values: Sequence[Any], offsets: Sequence[int], length: int) -> Tensor:
    if field.many or is_soft(field, values):
        blank = np.full(len(field.labels), np.nan, dtype=np.float32)
        return torch.from_numpy(np.stack([blank if v is None else v for v in values]))
    if field.kind == "choice":
        return torch.tensor([IGNORED if v is None else v for v in values])
    target = np.full((len(values), length), IGNORED, dtype=np.int64)
    for row, (value, at) in enumerate(zip(values, offsets, strict=True)):
        if value is not None:
            target[row, at : at + len(value)] = value
    return torch.from_numpy(target)


def is_soft(field: Field, targets: Sequence[Any]) -> bool:
    """Whether these targets (None: not asked) of a choice of one label are distributions."""
    return field.kind == "choice" and not field.many and any(isinstance(t, np.ndarray) for t in targets)


def class_weights(windows: Sequence[Window], schema: Schema) -> list[Tensor | None]:
    """Inverse frequency of each class over its mean, at most 10; for many labels the odds against a label, at most 10."""
    weights: list[Tensor | None] = []
    for n, field in enumerate(schema.fields):
        targets = [w.targets[n] for w in windows if w.targets[n] is not None]
        if field.many:
            share = np.mean(targets, axis=0)
            weights.append(torch.tensor(np.clip((1 - share) / np.maximum(share, 1e-6), 0.1, 10.0), dtype=torch.float32))
            continue
        if is_soft(field, targets):
            counts = np.sum(targets, axis=0)
        else:
            flat = np.concatenate([np.atleast_1d(t) for t in targets])
            counts = np.bincount(flat[flat != IGNORED], minlength=len(output_classes(field)))
        inverse = counts.sum() / np.maximum(counts, 1)
        weights.append(torch.tensor(np.clip(inverse / inverse[counts > 0].mean(), 0.0, 10.0), dtype=torch.float32))
    return weights


def hold_out(examples: Sequence[Example], *, share: float, seed: int) -> tuple[list[Example], list[Example]]:
    """Split off about a share of the examples, whole groups at a time: (kept, held out)."""
    names = [e.record.group or e.record.id for e in examples]
    groups = sorted(set(names))
    order = np.random.default_rng(seed).permutation(len(groups))
    sizes = Counter(names)
    wanted, chosen, count = max(1, round(share * len(examples))), set[str](), 0
    for index in order:
        if count >= wanted:
            break
        chosen.add(groups[index])
        count += sizes[groups[index]]
    return [e for e, g in zip(examples, names, strict=True) if g not in chosen], [
        e for e, g in zip(examples, names, strict=True) if g in chosen
    ]


def batches_from(
    windows: Sequence[Window], steps: Sequence[list[int]], schema: Schema, layout: Layout
) -> Iterator[TrainBatch]:
    """The batches of an epoch, each whole."""
    for rows in steps:
        yield collate([windows[row] for row in rows], schema, layout)


def cut_rows(rows: Sequence[int], windows: Sequence[Window], most: int) -> list[list[int]]:
    """A step's windows in parts of at most `most` pieces, in order; a window of more is a part of its own."""
    parts: list[list[int]] = []
    total = 0
    for row in rows:
        size = len(windows[row].ids)
        if not parts or total + size > most:
            parts.append([])
            total = 0
        parts[-1].append(row)
        total += size
    return parts


def target_totals(windows: Sequence[Window], fields: Sequence[Field], weights: Sequence[Tensor | None]) -> list[float]:
    """Per field, what the loss of a step is divided by: the number of its targets, weighted as their classes and their records are."""
    totals: list[float] = []
    for n, (field, weight) in enumerate(zip(fields, weights, strict=True)):
        asked = [w for w in windows if w.targets[n] is not None]
        targets = [w.targets[n] for w in asked]
        shares = np.array([w.weights[n] if w.weights else 1.0 for w in asked])
        if field.many or not targets:
            totals.append(float(shares.sum() * len(field.labels)))
        elif is_soft(field, targets):
            classes = np.ones(len(field.labels)) if weight is None else weight.numpy()
            totals.append(float(shares @ (np.stack(targets) @ classes)))
        else:
            each = [_class_total(np.atleast_1d(target), weight) for target in targets]
            totals.append(float(shares @ np.array(each)))
    return totals


def _class_total(target: Any, weight: Tensor | None) -> float:
    """The number of a window's targets, weighted as their classes are."""
    labelled = target[target != IGNORED]
    return float(len(labelled)) if weight is None else float(weight[torch.from_numpy(labelled)].sum())
