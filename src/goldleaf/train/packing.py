"""The layers of an encoder see pieces of text alone: padding is taken out before them and put back after them.

Sentences of a batch differ in length, and a fifth of a padded batch of short ones is nothing. The linear layers, norms and dropouts,
where the time goes, treat every piece by itself, so they run on `[1, pieces, hidden]`. Attention alone needs to know what belongs together:
it spreads the pieces out to `[windows, heads, length, width]`, and gathers them again (Zhai et al., 2023, ByteTransformer, section III).
Values and gradients are those of the padded batch.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from transformers import AttentionInterface, PreTrainedConfig

NAME = "goldleaf_packed"
PACKABLE = ("bert", "camembert", "electra", "roberta", "xlm-roberta")
"""Encoders whose layers know nothing of a piece's position: it was added to its embedding before."""

ROUND = 64
"""Packed pieces are filled up to a multiple of this, so that few shapes occur."""


@dataclass(frozen=True, slots=True)
class Moves:
    """Which row of a spread-out matrix each row of a packed one is, and the other way round. Rows that are none of the other side's point
    to 0 and are listed as blank."""

    packed: Tensor
    spread: Tensor
    blank_packed: Tensor
    blank_spread: Tensor

    def pack(self, rows: Tensor) -> Tensor:
        return _Take.apply(rows, self.packed, self.blank_packed, self.spread, self.blank_spread)  # type: ignore[no-untyped-call]

    def unpack(self, rows: Tensor) -> Tensor:
        return _Take.apply(rows, self.spread, self.blank_spread, self.packed, self.blank_packed)  # type: ignore[no-untyped-call]


@dataclass(frozen=True, slots=True)
class Packing:
    """How the pieces of a padded batch `[windows, length]` are packed: whole, and by head. `bias` `[windows * heads, 1, length]` is 0 for a
    piece and the least number for padding."""

    windows: int
    length: int
    whole: Moves
    by_head: Moves
    bias: Tensor

    @classmethod
    def of(cls, attention_mask: Tensor, heads: int) -> Packing:
        """The packing of a mask of ones and zeros `[windows, length]`."""
        windows, length = attention_mask.shape
        real = attention_mask.bool()
        places = torch.nonzero(real.flatten()).squeeze(1)
        size = -(-len(places) // ROUND) * ROUND
        whole = _moves(places, size, real.flatten())
        head = torch.arange(heads, device=places.device)
        window, place = places // length, places % length
        by_head = (window.unsqueeze(1) * heads + head) * length + place.unsqueeze(1)  # [pieces, heads]
        real_by_head = real.unsqueeze(1).expand(-1, heads, -1).reshape(-1)
        bias = (~real).unsqueeze(1) * torch.finfo(torch.float32).min
        moves = _moves(by_head.flatten(), size * heads, real_by_head)
        return cls(windows, length, whole, moves, bias.repeat_interleave(heads, 0))


def _moves(places: Tensor, size: int, real: Tensor) -> Moves:
    """Row k of `size` packed ones is row `places[k]` of the spread-out ones, of which `real` are any."""
    count = len(places)
    packed, spread = places.new_zeros(size), places.new_zeros(len(real))
    packed[:count] = places
    spread[places] = torch.arange(count, device=places.device)
    return Moves(packed, spread, torch.arange(count, size, device=places.device), torch.nonzero(~real).squeeze(1))


class _Take(torch.autograd.Function):
    """Rows of a matrix by number, some of them blank. Its gradient takes rows too, where torch's would add them up."""

    @staticmethod
    def forward(ctx: Any, rows: Tensor, index: Tensor, blank: Tensor, back: Tensor, back_blank: Tensor) -> Tensor:
        ctx.save_for_backward(back, back_blank)
        return rows.index_select(0, index).index_fill_(0, blank, 0)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, None, None, None, None]:
        back, back_blank = ctx.saved_tensors
        return gradients[0].index_select(0, back).index_fill_(0, back_blank, 0), None, None, None, None


def can_pack(config: PreTrainedConfig) -> bool:
    """Whether the layers of an architecture can run packed."""
    return config.model_type in PACKABLE


def use_packing(backbone: Any) -> None:
    """Let the layers of a Hugging Face encoder, one that `can_pack`, run packed from now on."""
    base = backbone.base_model
    AttentionInterface.register(NAME, packed_attention)
    backbone.set_attn_implementation(NAME)
    packing: list[Packing] = []

    def see_mask(module: nn.Module, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        mask = kwargs["attention_mask"] if "attention_mask" in kwargs else args[1]
        packing[:] = [Packing.of(mask, backbone.config.num_attention_heads)]

    def before(
        module: nn.Module, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> tuple[tuple[Any, ...], dict[str, Any]]:
        rows = packing[0].whole.pack(args[0].flatten(0, 1))
        return (rows.unsqueeze(0), *args[1:]), {**kwargs, "packing": packing[0]}

    def after(module: nn.Module, args: tuple[Any, ...], kwargs: dict[str, Any], output: Any) -> Any:
        now = packing.pop()
        rows = now.whole.unpack(output.last_hidden_state.squeeze(0))
        output.last_hidden_state = rows.view(now.windows, now.length, -1)
        return output

    base.register_forward_pre_hook(see_mask, with_kwargs=True)
    base.encoder.register_forward_pre_hook(before, with_kwargs=True)
    base.encoder.register_forward_hook(after, with_kwargs=True)


def packed_attention(
    module: Any,
    query: Tensor,
    key: Tensor,
    value: Tensor,
    attention_mask: Tensor | None,
    *,
    scaling: float,
    packing: Packing,
    **kwargs: Any,
) -> tuple[Tensor, None]:
    """Attention within each window; query, key and value are `[1, heads, pieces, width]`, the result `[1, pieces, heads, width]`."""
    _, heads, pieces, width = query.shape

    def spread(tensor: Tensor) -> Tensor:
        rows = packing.by_head.unpack(tensor.transpose(1, 2).reshape(-1, width))
        return rows.view(packing.windows * heads, packing.length, width)

    bias = packing.bias.to(query.dtype)
    scores = torch.baddbmm(bias, spread(query), spread(key).transpose(1, 2), alpha=scaling)
    mixed = torch.bmm(module.dropout(scores.softmax(-1)), spread(value))
    return packing.by_head.pack(mixed.flatten(0, 1)).view(1, pieces, heads, width), None
