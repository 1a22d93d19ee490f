"""One step, however it is taken: whole, in parts, after memory ran out, or by two processes."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import textwrap
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.numpy import load_file
from tiny_models import build_encoder, dataset
from torch import nn

from goldleaf.core import Field, Schema
from goldleaf.train import Progress, Recipe, TrainingError, train
from goldleaf.train.data import Window, collate, cut_rows, target_totals
from goldleaf.train.loop import Run, train_model
from goldleaf.train.model import FieldModel, losses
from goldleaf.train.plan import Prepared, make_plan, prepare
from goldleaf.train.run import fresh_model

RECIPE = Recipe(epochs=2, learning_rate=5e-3, batch_tokens=128, dropout=0.0, precision="fp32", patience=0)


@pytest.fixture(scope="module")
def still_bert(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny encoder; nothing in it is random once it is drawn."""
    return build_encoder("bert", tmp_path_factory.mktemp("bases") / "bert")


def run(
    base: Path, folder: Path, wrap: Callable[[FieldModel], object] = lambda model: None, **options: Any
) -> tuple[FieldModel, list[Progress]]:
    prepared: Prepared = prepare(dataset(), replace(RECIPE, base_model=str(base), **options))
    model = fresh_model(prepared, 0)
    wrap(model)
    reports = list(train_model(model, make_plan(prepared), seed=0, folder=folder))
    return model, reports


def assert_alike(ours: nn.Module, theirs: nn.Module) -> None:
    for (name, a), b in zip(ours.state_dict().items(), theirs.state_dict().values(), strict=True):
        torch.testing.assert_close(a, b, atol=2e-4, rtol=2e-3, msg=name)


def test_a_step_taken_in_parts_learns_what_the_whole_one_does(still_bert: Path, tmp_path: Path) -> None:
    whole, _ = run(still_bert, tmp_path / "whole")
    parts, _ = run(still_bert, tmp_path / "parts", memory_tokens=20)
    assert_alike(parts, whole)


@pytest.mark.parametrize("many_rows", [0, 2000])
def test_the_lower_half_stands_still_in_its_epochs_and_learns_afterwards(
    still_bert: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, many_rows: int
) -> None:
    monkeypatch.setattr("goldleaf.train.rows.MANY_ROWS", many_rows)

    def moved(epochs: int) -> set[str]:
        prepared = prepare(dataset(), replace(RECIPE, base_model=str(still_bert), epochs=epochs, frozen_epochs=1))
        model = fresh_model(prepared, 0)
        start = {name: p.detach().clone() for name, p in model.named_parameters()}
        for _ in Run(model, make_plan(prepared), 0, tmp_path / f"{epochs}").train():
            pass
        return {name for name, p in model.named_parameters() if not torch.equal(p, start[name])}

    first, second = moved(1), moved(2)
    lower = {name for name in second if "embeddings" in name or ".layer.0." in name}  # of two layers
    assert any("word_embeddings" in name for name in lower)
    assert any(".layer.1." in name for name in first)
    assert first == second - lower


def test_the_losses_of_parts_add_up_to_the_mean_of_the_whole() -> None:
    fields = (
        Field("one", "choice", ("a", "b")),
        Field("many", "choice", ("a", "b", "c"), many=True),
        Field("tags", "tags", ("x", "y")),
    )
    marks = [np.array([1.0, 0.0, 1.0], dtype=np.float32), None, np.array([0.0, 0.0, 1.0], dtype=np.float32)]
    windows = [
        Window(np.arange(n + 2), (target, mark, np.array([-100, *[n % 2] * (n + 1)])))
        for n, (target, mark) in enumerate(zip([1, None, 0], marks, strict=True))
    ]
    weights = [torch.tensor([1.0, 3.0]), None, None]
    assert target_totals(windows, fields, weights) == [3.0 + 1.0, 2 * 3.0, 1 + 2 + 3]
    generator = torch.Generator().manual_seed(0)
    logits = [torch.randn(shape, generator=generator) for shape in ((3, 2), (3, 3), (3, 8, 2))]
    layout = prepare_layout()
    schema = Schema(fields)

    def loss(rows: list[int], totals: list[float]) -> torch.Tensor:
        batch = collate([windows[row] for row in rows], schema, layout)
        length = batch.inputs[0].shape[1]
        some = [logits[0][rows], logits[1][rows], logits[2][rows][:, :length]]
        return losses(some, batch.targets, fields, weights, totals, smoothing=0.1)

    totals = target_totals(windows, fields, weights)
    whole = loss([0, 1, 2], totals)
    torch.testing.assert_close(loss([0], totals) + loss([1, 2], totals), whole)
    by_torch = nn.functional.cross_entropy(
        logits[0][[0, 2]], torch.tensor([1, 0]), weight=weights[0], label_smoothing=0.1
    )
    alone = losses([logits[0]], [torch.tensor([1, -100, 0])], fields[:1], weights[:1], totals[:1], smoothing=0.1)
    torch.testing.assert_close(alone, by_torch)


def prepare_layout() -> Any:
    from goldleaf.encode import Layout

    return Layout((1,), (2,), (0,), (0,), 0)


def test_parts_hold_every_window_once_and_no_more_than_fits() -> None:
    windows = [Window(np.arange(n), ()) for n in (5, 3, 4, 9, 1)]
    assert cut_rows([0, 1, 2, 3, 4], windows, 8) == [[0, 1], [2], [3], [4]]
    assert cut_rows([4, 2, 1], windows, 100) == [[4, 2, 1]]


def short_of_memory(most: int) -> Callable[[FieldModel], object]:
    """A model on a device that holds `most` windows."""

    def refuse(module: nn.Module, args: tuple[torch.Tensor, ...]) -> None:
        if module.training and len(args[0]) > most:
            raise torch.OutOfMemoryError("out of memory")

    return lambda model: model.register_forward_pre_hook(refuse)


def test_memory_that_runs_out_halves_the_parts_and_says_so(still_bert: Path, tmp_path: Path) -> None:
    whole, _ = run(still_bert, tmp_path / "whole")
    halved, reports = run(still_bert, tmp_path / "halved", short_of_memory(5))
    assert_alike(halved, whole)
    notes = [r.note for r in reports if r.note]
    assert notes
    assert notes[0].startswith("memory ran out at")


def test_a_window_that_does_not_fit_alone_stops_the_training(still_bert: Path, tmp_path: Path) -> None:
    with pytest.raises(TrainingError, match="one window of text does not fit"):
        run(still_bert, tmp_path / "none", short_of_memory(0))


def test_two_processes_learn_what_one_does_with_the_same_steps(still_bert: Path, tmp_path: Path) -> None:
    script = textwrap.dedent(f"""
        import sys
        sys.path.insert(0, {str(Path(__file__).parent)!r})
        from pathlib import Path
        import torch
        from tiny_models import dataset
        from goldleaf.train import Recipe, train
        torch.set_num_threads(1)
        recipe = Recipe(epochs=2, learning_rate=5e-3, batch_tokens=128, dropout=0.0, precision="fp32", patience=0,
                        base_model={str(still_bert)!r})
        train(dataset(), recipe, Path(sys.argv[1]))
    """)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
    shared = {"WORLD_SIZE": "2", "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": port}
    together = [
        subprocess.Popen(
            [sys.executable, "-c", script, str(tmp_path / "two")],
            env={**os.environ, **shared, "RANK": rank, "LOCAL_RANK": rank},
            stderr=subprocess.PIPE,
        )
        for rank in "01"
    ]
    for process in together:
        _, errors = process.communicate(timeout=300)
        assert process.returncode == 0, errors.decode()[-3000:]
    train(dataset(), replace(RECIPE, base_model=str(still_bert)), tmp_path / "one")
    ours, theirs = (load_file(tmp_path / name / "model.safetensors") for name in ("two", "one"))
    assert ours.keys() == theirs.keys()
    for name, weights in ours.items():
        np.testing.assert_allclose(weights, theirs[name], atol=2e-4, rtol=2e-3)
    assert not (tmp_path / "two.run").exists()
