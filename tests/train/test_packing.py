"""Packed layers give what padded ones give, and learn what they learn."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from tiny_models import build_encoder
from torch import Tensor
from transformers import AutoConfig, AutoModelForSequenceClassification, AutoModelForTokenClassification

from goldleaf.train.packing import PACKABLE, Packing, can_pack, use_packing
from goldleaf.train.precision import bf16_is_faster

MASK = torch.tensor([[1, 1, 1, 1, 1, 1, 1], [1, 1, 1, 0, 0, 0, 0], [1, 1, 1, 1, 1, 0, 0]])


def answer(model: Any, ids: Tensor) -> tuple[Tensor, dict[str, Tensor]]:
    """Logits where the text is, and the gradients of their squares."""
    model.zero_grad()
    logits = model(input_ids=ids, attention_mask=MASK).logits
    real = logits[MASK.bool()] if logits.ndim == 3 else logits
    real.square().sum().backward()
    return real.detach(), {name: p.grad for name, p in model.named_parameters() if p.grad is not None}


@pytest.mark.parametrize("architecture", ["bert", "roberta"])
@pytest.mark.parametrize("auto", [AutoModelForTokenClassification, AutoModelForSequenceClassification])
def test_packed_layers_give_the_values_and_gradients_of_padded_ones(
    architecture: str, auto: Any, tmp_path: Path
) -> None:
    model = auto.from_pretrained(build_encoder(architecture, tmp_path / architecture), num_labels=3).eval()
    ids = torch.arange(5, 26).view(3, 7) * MASK + (1 - MASK) * (model.config.pad_token_id or 0)
    logits, gradients = answer(model, ids)
    gradients = {name: g.clone() for name, g in gradients.items()}
    use_packing(model)
    packed_logits, packed_gradients = answer(model, ids)
    torch.testing.assert_close(packed_logits, logits, atol=1e-5, rtol=1e-5)
    assert gradients.keys() == packed_gradients.keys()
    for name, gradient in gradients.items():
        torch.testing.assert_close(packed_gradients[name], gradient, atol=1e-5, rtol=1e-4)


def test_packing_spreads_out_what_it_packed() -> None:
    packing = Packing.of(MASK, heads=2)
    hidden = torch.arange(21 * 3, dtype=torch.float32).view(21, 3)
    packed = packing.whole.pack(hidden)
    assert packed.shape == (64, 3)  # 15 pieces, filled up
    assert torch.equal(packed[:15], hidden[MASK.flatten().bool()])
    assert torch.equal(packing.whole.unpack(packed), hidden * MASK.view(21, 1))
    by_head = packing.by_head.unpack(packed.repeat_interleave(2, 0)).view(3, 2, 7, 3)
    assert torch.equal(by_head[:, 0], by_head[:, 1])
    assert torch.equal(by_head[:, 0].reshape(21, 3), hidden * MASK.view(21, 1))


def test_only_architectures_that_place_pieces_before_their_layers_are_packed(tmp_path: Path) -> None:
    able = {
        name: can_pack(AutoConfig.from_pretrained(build_encoder(name, tmp_path / name)))
        for name in ("bert", "roberta", "xlnet", "deberta", "modernbert")
    }
    assert able == {"bert": True, "roberta": True, "xlnet": False, "deberta": False, "modernbert": False}
    assert "bert" in PACKABLE


def test_the_faster_precision_is_measured_once() -> None:
    assert bf16_is_faster() == bf16_is_faster()
    assert bf16_is_faster.cache_info().misses == 1
