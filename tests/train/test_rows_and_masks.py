"""Embeddings that learn by rows, and masks drawn by the byte, beside what torch does."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from goldleaf.train.average import EVERY, Average
from goldleaf.train.dropout import ByteDropout, Masks
from goldleaf.train.model import FieldModel
from goldleaf.train.optimizer import Optimizer
from goldleaf.train.recipe import Recipe
from goldleaf.train.rows import RowAdam, RowEmbedding


class Bag(nn.Module):
    """Ids in, a number out: an embedding of many rows and a linear head."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.embedding: nn.Module = nn.Embedding(3000, 8)
        self.head = nn.Linear(8, 1)

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        return self.head(self.embedding(ids).mean(1)).squeeze(1)

    def head_parameters(self) -> list[nn.Parameter]:
        return list(self.head.parameters())


class Tower(FieldModel):
    """Two layers over an embedding."""

    def __init__(self) -> None:
        super().__init__()
        self.embeddings = nn.Embedding(4, 2)
        self.encoder = nn.ModuleDict({"layer": nn.ModuleList(nn.Linear(2, 2) for _ in range(2))})
        self.head = nn.Linear(2, 1)

    @property
    def layer(self) -> nn.ModuleList:
        return self.encoder["layer"]  # type: ignore[return-value]

    def head_parameters(self) -> list[nn.Parameter]:
        return list(self.head.parameters())


def batches(steps: int) -> list[tuple[torch.Tensor, torch.Tensor]]:
    """Some rows in every batch, some seldom, some never."""
    generator = torch.Generator().manual_seed(1)
    wide = [torch.randint(0, 3000 if n % 5 == 0 else 40, (16, 4), generator=generator) for n in range(steps)]
    return [(ids, (ids.float().mean(1) > 20).float() * 2 - 1) for ids in wide]


def train_bag(by_rows: bool, steps: int = 60) -> Bag:
    model = Bag()
    ours = Optimizer(model, Recipe(weight_decay=0.0, clip=1e9), peak=1e-2) if by_rows else None
    theirs = torch.optim.AdamW(model.parameters(), lr=1e-2, weight_decay=0.0) if not by_rows else None
    for ids, target in batches(steps):
        ((model(ids) - target) ** 2).mean().backward()
        if ours is not None:
            ours.step(1e-2)
        elif theirs is not None:
            theirs.step()
            theirs.zero_grad()
    if ours is not None:
        with ours.readable():
            pass
    return model


def test_rows_learn_as_under_a_dense_adamw() -> None:
    ours, theirs, start = train_bag(by_rows=True), train_bag(by_rows=False), Bag()
    assert isinstance(ours.embedding, RowEmbedding)
    moved = (theirs.embedding.weight - start.embedding.weight).norm()
    assert (ours.embedding.weight - theirs.embedding.weight).norm() < 0.03 * moved
    torch.testing.assert_close(ours.head.weight, theirs.head.weight, atol=5e-3, rtol=0)


def test_a_row_that_misses_steps_is_where_gradients_of_zero_would_have_brought_it() -> None:
    gradient = torch.tensor([[0.5, -2.0]])
    dense = nn.Parameter(torch.zeros(1, 2))
    adamw = torch.optim.AdamW([dense], lr=1e-3, weight_decay=0.0)
    rows = RowAdam(torch.zeros(1, 2))
    for step in range(200):
        dense.grad = gradient.clone() if step == 100 else torch.zeros(1, 2)
        adamw.step()
        rows.step([(torch.tensor([0]), gradient)] if step == 100 else [], 1e-3)
    rows.settle()
    torch.testing.assert_close(rows.weight, dense.detach(), atol=0, rtol=0.05)


def test_rows_that_were_never_used_stay() -> None:
    model, start = train_bag(by_rows=True), Bag()
    used = torch.unique(torch.cat([ids.flatten() for ids, _ in batches(60)]))
    never = torch.ones(3000, dtype=torch.bool)
    never[used] = False
    assert bool(never.any())
    assert torch.equal(model.embedding.weight[never], start.embedding.weight[never])


def test_the_moments_of_rows_are_saved_and_taken_up() -> None:
    model = Bag()
    recipe = Recipe(weight_decay=0.0, average=0.9)
    optimizer = Optimizer(model, recipe, peak=1e-2)
    for number, (ids, target) in enumerate(batches(20)):
        if number == 10:
            weights = {name: tensor.clone() for name, tensor in model.state_dict().items()}
            state = {name: tensor.clone() for name, tensor in optimizer.state().items()}
        ((model(ids) - target) ** 2).mean().backward()
        optimizer.step(1e-2)
    again = Bag()
    resumed = Optimizer(again, recipe, peak=1e-2)
    again.load_state_dict(weights)
    resumed.load(state)
    for ids, target in batches(20)[10:]:
        ((again(ids) - target) ** 2).mean().backward()
        resumed.step(1e-2)
    with optimizer.readable(), resumed.readable():
        assert torch.equal(again.embedding.weight, model.embedding.weight)
        assert torch.equal(again.head.weight, model.head.weight)
    assert torch.equal(again.head.weight, model.head.weight)


def test_the_average_of_weights_is_a_plain_mean_at_first_and_then_forgets() -> None:
    model = nn.Linear(1, 1, bias=False)
    average = Average(model, decay=0.5 ** (1 / EVERY))  # halves the old at every addition
    for step, weight in enumerate([1.0, 3.0, 8.0]):
        nn.init.constant_(model.weight, weight)
        average.add(step * EVERY + 1)  # not a step that counts
        average.add((step + 1) * EVERY)
    with average.applied():
        assert model.weight.item() == (((1 + 3) / 2) + 8) / 2
    assert model.weight.item() == 8.0


def test_lower_layers_learn_at_lower_rates() -> None:
    model = Tower()
    optimizer = Optimizer(model, Recipe(layer_decay=0.5, head_rate=3.0), peak=1.0)
    groups = zip(optimizer.adamw.param_groups, optimizer.shares, strict=True)
    share = {id(p): share for group, share in groups for p in group["params"]}
    weights = (model.embeddings.weight, model.layer[0].weight, model.layer[1].weight, model.head.weight)
    assert [share[id(w)] for w in weights] == [0.25, 0.5, 1.0, 3.0]


@pytest.mark.parametrize("rate", [0.1, 0.5])
def test_masks_drop_their_share_and_keep_the_expectation(rate: float) -> None:
    dropout = ByteDropout(rate, Masks(0))
    out = dropout(torch.ones(400, 500))
    assert (out == 0).float().mean().item() == pytest.approx(rate, abs=0.005)
    assert out.mean().item() == pytest.approx(1.0, abs=0.01)
    assert out.unique().numel() == 2


def test_masks_depend_on_seed_and_step_alone() -> None:
    def draw(seed: int, step: int) -> torch.Tensor:
        masks = Masks(seed)
        masks.draw(torch.Size([7]))
        masks.begin(step)
        return masks.draw(torch.Size([100]))

    assert torch.equal(draw(1, 5), draw(1, 5))
    assert not torch.equal(draw(1, 5), draw(1, 6))
    assert not torch.equal(draw(1, 5), draw(2, 5))


def test_dropout_does_nothing_out_of_training() -> None:
    x = torch.ones(10)
    assert ByteDropout(0.5, Masks(0)).eval()(x) is x
