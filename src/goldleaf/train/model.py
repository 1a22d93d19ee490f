"""One encoder with a head for each field.

A schema of one field is trained in the class that plain transformers has for it, so that its pipeline loads the bundle. Several fields
share one `AutoModel` under heads of our own: linear on every piece for spans and tags, linear on the mean over the text for a choice.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn
from transformers import (
    AutoModel,
    AutoModelForSequenceClassification,
    AutoModelForTokenClassification,
    PreTrainedConfig,
)

from goldleaf.core import Field, Schema
from goldleaf.encode import output_classes
from goldleaf.train.base import from_pretrained, labels_config, set_dropout


class FieldModel(nn.Module):
    """Logits of every field, in the schema's order, and the pooled embedding."""

    backbone: Any

    def forward(
        self, input_ids: Tensor, attention_mask: Tensor, token_type_ids: Tensor | None = None
    ) -> tuple[Tensor, ...]:
        """`[windows, length, classes]` for spans and tags, `[windows, labels]` for a choice; last, but not while it trains, the mean
        hidden state `[windows, hidden]`."""
        raise NotImplementedError

    def head_parameters(self) -> list[nn.Parameter]:
        """What begins untrained."""
        raise NotImplementedError


class SingleFieldModel(FieldModel):
    """The class of plain transformers for one field."""

    def __init__(self, backbone: Any) -> None:
        super().__init__()
        self.backbone = backbone

    def forward(
        self, input_ids: Tensor, attention_mask: Tensor, token_type_ids: Tensor | None = None
    ) -> tuple[Tensor, ...]:
        inputs = _inputs(self.backbone, input_ids, attention_mask, token_type_ids)
        if self.training:
            return (self.backbone(**inputs).logits,)
        out = self.backbone(**inputs, output_hidden_states=True)
        return out.logits, mean_pool(out.hidden_states[-1], attention_mask)

    def head_parameters(self) -> list[nn.Parameter]:
        encoder = {id(p) for p in self.backbone.base_model.parameters()}
        return [p for p in self.parameters() if id(p) not in encoder]


class MultiFieldModel(FieldModel):
    """Several fields on one shared encoder."""

    def __init__(self, backbone: Any, fields: Sequence[Field], dropout: float) -> None:
        super().__init__()
        self.backbone = backbone
        self.pooled = tuple(field.kind == "choice" for field in fields)
        width = backbone.config.hidden_size
        self.dropout = nn.Dropout(dropout)
        self.heads = nn.ModuleList(nn.Linear(width, len(output_classes(field))) for field in fields)
        for head in self.heads:
            nn.init.normal_(head.weight, std=0.02)  # type: ignore[arg-type]
            nn.init.zeros_(head.bias)  # type: ignore[arg-type]

    def forward(
        self, input_ids: Tensor, attention_mask: Tensor, token_type_ids: Tensor | None = None
    ) -> tuple[Tensor, ...]:
        hidden = self.backbone(**_inputs(self.backbone, input_ids, attention_mask, token_type_ids)).last_hidden_state
        pooled = mean_pool(hidden, attention_mask)
        dropped, dropped_pool = self.dropout(hidden), self.dropout(pooled)
        logits = [head(dropped_pool if p else dropped) for head, p in zip(self.heads, self.pooled, strict=True)]
        return tuple(logits) if self.training else (*logits, pooled)

    def head_parameters(self) -> list[nn.Parameter]:
        return list(self.heads.parameters())


def mean_pool(hidden: Tensor, attention_mask: Tensor) -> Tensor:
    """The mean of `[windows, length, hidden]` over the pieces that are not padding."""
    mask = attention_mask.unsqueeze(-1).to(hidden.dtype)
    return (hidden * mask).sum(1) / mask.sum(1).clamp(min=1)


def _inputs(
    backbone: Any, input_ids: Tensor, attention_mask: Tensor, token_type_ids: Tensor | None
) -> dict[str, Tensor]:
    if backbone.config.model_type == "xlnet":  # it subtracts the mask from 1.0, which ONNX does not do with integers
        attention_mask = attention_mask.float()
    inputs = {"input_ids": input_ids, "attention_mask": attention_mask}
    return inputs if token_type_ids is None else {**inputs, "token_type_ids": token_type_ids}


def build_model(name: str, config: PreTrainedConfig, schema: Schema, *, dropout: float | None = None) -> FieldModel:
    """Load the encoder from `name` and put untrained heads for the schema's fields on it (from torch's generator)."""
    if len(schema.fields) == 1:
        field = schema.fields[0]
        config = labels_config(config, output_classes(field), many=field.many, dropout=dropout)
        auto = AutoModelForSequenceClassification if field.kind == "choice" else AutoModelForTokenClassification
        return SingleFieldModel(from_pretrained(auto, name, config))
    config = set_dropout(config, dropout)
    try:
        backbone = from_pretrained(AutoModel, name, config, add_pooling_layer=False)
    except TypeError:  # an architecture without a pooler
        backbone = from_pretrained(AutoModel, name, config)
    head_dropout = dropout if dropout is not None else float(getattr(config, "hidden_dropout_prob", None) or 0.1)
    return MultiFieldModel(backbone, schema.fields, head_dropout)


def losses(
    logits: Sequence[Tensor],
    targets: Sequence[Tensor],
    fields: Sequence[Field],
    weights: Sequence[Tensor | None],
    totals: Sequence[float],
    *,
    smoothing: float = 0.0,
    shares: Tensor | None = None,
) -> Tensor:
    """The sum over fields of the loss over what is labelled, divided by the field's total: the mean, where `totals` are those of this batch
    (`data.target_totals`); a part of it, where they are those of a larger one. Targets of -100 (NaN where many labels or a distribution are
    asked) are not labelled. `shares` `[windows, fields]` is what each window's loss weighs."""
    loss = logits[0].new_zeros(())
    for n, (out, target, field, weight, total) in enumerate(
        zip(logits, targets, fields, weights, totals, strict=False)
    ):
        soft = target.is_floating_point()
        asked = ~torch.isnan(target[:, 0]) if soft else (target != -100).reshape(len(target), -1).any(1)
        if not bool(asked.any()):
            continue
        if soft:
            out, target = out[asked], target[asked]
        given = None if shares is None else shares[asked, n] if soft else shares[:, n]
        how = "sum" if given is None else "none"
        if field.many:
            found = nn.functional.binary_cross_entropy_with_logits(
                out.float(), target, pos_weight=weight, reduction=how
            )
        else:
            flat = out.reshape(-1, out.shape[-1]).float()
            aim = target if soft else target.reshape(-1)
            found = nn.functional.cross_entropy(flat, aim, weight=weight, label_smoothing=smoothing, reduction=how)
        if given is not None:
            found = (found.reshape(len(given), -1).sum(1) * given).sum()
        loss = loss + found / total
    return loss
