"""Learning curves, on a tiny encoder."""

from __future__ import annotations

import itertools
import json
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from goldleaf import workspace
from goldleaf.core import Example, InputError, Record, Schema
from goldleaf.train import Recipe
from goldleaf.workspace.learning import part_of

sys.path.insert(0, str(Path(__file__).parents[1] / "train"))
from tiny_models import SCHEMA, build_encoder, dataset

INTENT = Schema((SCHEMA["intent"],))
QUICK = Recipe(epochs=1, learning_rate=5e-3, batch_tokens=256, patience=0, precision="fp32")


@pytest.fixture(scope="module")
def bert(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_encoder("bert", tmp_path_factory.mktemp("models") / "bert")


def test_parts_of_one_seed_are_nested_and_keep_groups_together() -> None:
    examples = [Example(Record(str(n), "x", group=str(n // 4)), {}) for n in range(100)]
    parts = [part_of(examples, f, seed=3) for f in (0.1, 0.25, 0.5, 1.0)]
    assert [len(p) for p in parts] == [12, 28, 52, 100]  # three groups of four are the first to reach ten, and so on
    for small, large in itertools.pairwise(parts):
        assert {e.record.id for e in small} <= {e.record.id for e in large}
    assert all(sum(e.record.group == g for e in parts[0]) == 4 for g in {e.record.group for e in parts[0]})
    assert part_of(examples, 0.1, seed=4) != parts[0]


def test_a_run_that_is_done_is_not_done_again_and_no_model_stays(bert: Path, tmp_path: Path) -> None:
    recipe, out = replace(QUICK, base_model=str(bert)), tmp_path / "curve"
    done: list[tuple[float, int]] = []

    def stop_after_two(run: dict) -> None:
        done.append((run["fraction"], run["seed"]))
        if len(done) == 2:
            raise KeyboardInterrupt

    options = {"recipe": recipe, "fractions": (0.25, 0.5, 1.0)}
    with pytest.raises(KeyboardInterrupt):
        workspace.learning_curve(dataset(INTENT), out, on_run=stop_after_two, **options)
    found = workspace.learning_curve(
        dataset(INTENT), out, on_run=lambda r: done.append((r["fraction"], r["seed"])), **options
    )
    assert done == [(0.25, 0), (0.5, 0), (1.0, 0)]
    assert [run["records"] for run in found["runs"]] == [15, 30, 60]
    assert found["fields"]["intent"]["twice"]["records"] == 120
    assert found == json.loads((out / "curve.json").read_text(encoding="utf-8"))
    assert sorted(p.name for p in out.iterdir()) == ["curve.html", "curve.json"]
    page = (out / "curve.html").read_text(encoding="utf-8")
    assert "Twice the records (120) would bring" in page

    with pytest.raises(InputError, match="a different recipe"):
        workspace.learning_curve(dataset(INTENT), out, **{**options, "recipe": replace(recipe, clip=2.0)})
    with pytest.raises(InputError, match="a different snapshot"):
        workspace.learning_curve(dataset(INTENT, train=50), out, **options)


def test_a_training_that_was_interrupted_goes_on(bert: Path, tmp_path: Path) -> None:
    recipe, out = replace(QUICK, epochs=3, checkpoint_seconds=0.0, base_model=str(bert)), tmp_path / "curve"

    def stop(progress: object) -> None:
        if progress.epoch >= 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        workspace.learning_curve(dataset(INTENT), out, recipe=recipe, fractions=(1.0,), on_progress=stop)
    seen: list[float] = []
    workspace.learning_curve(
        dataset(INTENT), out, recipe=recipe, fractions=(1.0,), on_progress=lambda p: seen.append(p.epoch)
    )
    assert min(seen) > 1.0
    assert sorted(p.name for p in out.iterdir()) == ["curve.html", "curve.json"]


def test_what_cannot_be_a_curve_is_one_message(bert: Path, tmp_path: Path) -> None:
    recipe = replace(QUICK, base_model=str(bert))
    for fractions in ((0.0,), (1.5,), ()):
        with pytest.raises(InputError, match="fraction"):
            workspace.learning_curve(dataset(INTENT), tmp_path / "curve", recipe=recipe, fractions=fractions)
    with pytest.raises(InputError, match=r"0\.01 of the training split, seed 0"):
        workspace.learning_curve(dataset(INTENT), tmp_path / "curve", recipe=recipe, fractions=(0.01,))
    (tmp_path / "notes.txt").write_text("mine", "utf-8")
    with pytest.raises(InputError, match="something already"):
        workspace.learning_curve(dataset(INTENT), tmp_path, recipe=recipe)
