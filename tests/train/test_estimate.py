"""What a training will cost: the arithmetic by hand, and an estimate that leaves nothing behind."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path

import pytest
from tiny_models import SCHEMA, dataset

from goldleaf.core import InputError, Schema
from goldleaf.train import Recipe, estimate, train
from goldleaf.train.costs import Counts, Seconds, along, evaluations_in_epoch, phases, shortened
from goldleaf.train.estimate import even_sample

QUICK = Recipe(epochs=6, learning_rate=5e-3, batch_tokens=256, patience=2, precision="fp32")
COUNTS = Counts(
    records={"train": 500, "dev": 50, "test": 50},
    windows=500,
    word_pieces=9000,
    parameters=10,
    steps=100,
    epochs=4,
    evaluations=4,
    seeds=2,
    shapes=5,
)
ONCE = Seconds(
    prepare=3.0,
    load=2.0,
    logs=1.0,
    first_step=1.5,
    first_use=0.5,
    step=0.2,
    first_validation=0.4,
    validation=2.0,
    save_best=0.5,
    checkpoint=0.25,
    export=7.0,
    evaluation=6.0,
)


def test_phases_are_what_each_part_takes_times_how_often_it_comes() -> None:
    found = phases(COUNTS, ONCE, checkpoint_seconds=60)
    assert found == pytest.approx(
        {
            "prepare": 3.0,
            "load": 7.0,  # two seeds and the bundle: 3 x 2, and 1 for the logs
            "first_use": 3.9,  # 1.5, 0.5 for each of the four other shapes, 0.4
            "steps": 40.0,  # 2 seeds x 100 steps x 0.2
            "validation": 20.0,  # 2 seeds x 4 x (2 + 0.5)
            "checkpoints": 1.5,  # 2 seeds x after 3 of the 4 epochs x 0.25
            "export": 7.0,
            "evaluation": 6.0,
        }
    )


def test_steps_in_which_the_lower_half_stands_still_are_counted_at_their_own_time() -> None:
    found = phases(replace(COUNTS, frozen_steps=25), replace(ONCE, frozen_step=0.12), checkpoint_seconds=60)
    assert found["steps"] == pytest.approx(36.0)  # 2 seeds x (75 x 0.2 + 25 x 0.12)


def test_long_epochs_save_checkpoints_between() -> None:
    slow = phases(replace(COUNTS, steps=2000), ONCE, checkpoint_seconds=60)
    assert slow["checkpoints"] == pytest.approx(
        2 * (3 + 4) * 0.25
    )  # an epoch takes 100 s: one between, in each of four
    always = phases(COUNTS, ONCE, checkpoint_seconds=0)
    assert always["checkpoints"] == pytest.approx(2 * (3 + 96) * 0.25)  # after every step but the last of an epoch


def test_patience_ends_a_run_at_the_earliest_when_only_its_first_score_was_best() -> None:
    counts = replace(COUNTS, steps=1000, epochs=10, evaluations=20)
    least = shortened(counts, 4)
    assert (least.evaluations, least.steps, least.epochs) == (
        5,
        250,
        3,
    )  # two and a half of ten epochs: three are begun
    assert shortened(counts, 0) == counts
    assert shortened(counts, 19) == counts


def test_an_epoch_is_scored_at_its_end_whatever_the_share() -> None:
    assert evaluations_in_epoch(100, 0.5) == 2
    assert evaluations_in_epoch(100, 3.0) == 1


def test_two_measured_sizes_give_the_line_to_all() -> None:
    assert along(2.0, 5.0, sizes=(50, 350), total=1050) == pytest.approx(10.0)  # 0.01 s each for 1,000 more
    assert along(5.0, 2.0, sizes=(50, 350), total=1050) == 0.0  # noise is not a gain
    assert along(2.0, 2.5, sizes=(50, 30), total=30) == 0.0  # all of them were measured already


def test_a_sample_is_even_from_short_to_long() -> None:
    assert even_sample([10, 20, 30, 40], 2) == [1, 3]
    assert even_sample([7], 5) == [0]


def test_an_estimate_counts_what_training_would_do(bert: Path) -> None:
    data = dataset()
    found = estimate(data, replace(QUICK, base_model=str(bert), seeds=(0, 1)))
    assert found.counts.records == {"train": 60, "dev": 12, "test": 12}
    assert found.counts.word_pieces == sum(len(e.record.text.split()) for e in data.train)  # every word is a piece here
    assert (found.counts.epochs, found.counts.evaluations, found.counts.seeds) == (6, 6, 2)
    assert found.counts.steps % 6 == 0
    assert found.seconds == pytest.approx(sum(found.phases.values()))
    assert 0 < found.earliest < found.seconds
    assert 0 < found.training_memory <= found.peak_memory
    assert found.to_dict()["recipe"]["epochs"] == 6


def test_an_estimate_has_the_steps_of_the_training(bert: Path, tmp_path: Path) -> None:
    recipe = replace(QUICK, base_model=str(bert), epochs=2, patience=0)
    done = train(dataset(), recipe, tmp_path / "bundle")
    assert estimate(dataset(), recipe).counts.steps == done.best.history[-1].steps


def test_an_estimate_leaves_nothing_behind(bert: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    estimate(dataset(), replace(QUICK, base_model=str(bert)))
    assert list(tmp_path.iterdir()) == []


def test_what_training_refuses_is_refused_by_the_estimate(bert: Path) -> None:
    with pytest.raises(InputError, match="nothing to validate on"):
        estimate(
            replace(dataset(Schema((SCHEMA["slots"],)), train=1), dev=[], test=[]), replace(QUICK, base_model=str(bert))
        )
