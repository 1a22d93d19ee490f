"""The training records behind a prediction."""

from __future__ import annotations

import json
import shutil
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from goldleaf import workspace
from goldleaf.core import InputError, value_to_json
from goldleaf.train import Recipe

sys.path.insert(0, str(Path(__file__).parents[1] / "train"))
from tiny_models import build_encoder, dataset

QUICK = Recipe(epochs=8, learning_rate=5e-3, batch_tokens=256, patience=0, precision="fp32")


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace whose records two annotators labelled alike, and a bundle trained on them."""
    folder = tmp_path_factory.mktemp("explained")
    data = dataset()
    with (folder / "data.jsonl").open("w", encoding="utf-8") as file:
        rows = [(split, example) for split in ("train", "dev", "test") for example in data.split(split)]
        for n, (split, example) in enumerate(rows):
            values = {name: value_to_json(value) for name, value in example.values.items()}
            said = [{"annotator": who, "values": values} for who in ("ann", "ben")]
            tokens = example.record.tokens and [list(token) for token in example.record.tokens]
            line = {"id": f"r{n}", "text": example.record.text, "tokens": tokens, "split": split, "annotations": said}
            file.write(json.dumps(line) + "\n")
    recipe = replace(QUICK, base_model=str(build_encoder("bert", folder / "bert")))
    with workspace.init_workspace(folder / "ws", schema=data.schema) as ws:
        workspace.import_file(ws, folder / "data.jsonl")
        workspace.train_project(ws, recipe=recipe)
    return folder / "ws"


def test_a_prediction_stands_beside_the_records_it_resembles_and_who_labelled_them(place: Path) -> None:
    with workspace.open_workspace(place) as ws:
        (found,) = workspace.explain(ws, place / "bundles" / "default-1", ["please fly to rome"], k=3)
    assert found.prediction.values["intent"] == "flight"
    assert len(found.neighbours) == 3
    cosines = [neighbour.cosine for neighbour in found.neighbours]
    assert cosines == sorted(cosines, reverse=True)
    first = found.neighbours[0]
    assert first.values["intent"] == "flight"
    assert first.method["intent"] == "majority"
    assert first.annotators["intent"] == ("ann", "ben")
    json.dumps(found.to_dict())


def test_a_snapshot_that_is_gone_is_asked_for(place: Path, tmp_path: Path) -> None:
    moved = tmp_path / "ws"
    shutil.copytree(place, moved)
    (kept,) = (moved / "snapshots").iterdir()
    elsewhere = tmp_path / "kept"
    shutil.move(kept, elsewhere)
    with workspace.open_workspace(moved) as ws:
        with pytest.raises(InputError, match="snapshot that the bundle was trained on"):
            workspace.explain(ws, moved / "bundles" / "default-1", ["hello"])
        assert workspace.explain(ws, moved / "bundles" / "default-1", ["hello"], snapshot=elsewhere)
