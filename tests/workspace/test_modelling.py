"""Train, evaluate and predict through the public Python interface, on a tiny encoder."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from goldleaf import workspace
from goldleaf.core import InputError
from goldleaf.train import Recipe

sys.path.insert(0, str(Path(__file__).parents[1] / "train"))
from tiny_models import build_encoder, dataset

QUICK = Recipe(epochs=8, learning_rate=5e-3, batch_tokens=256, patience=0, precision="fp32")


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> workspace.Trained:
    folder = tmp_path_factory.mktemp("work")
    base = build_encoder("bert", folder / "bert")
    return workspace.train(dataset(), folder / "bundles" / "mine", recipe=replace(QUICK, base_model=str(base)))


def test_training_writes_a_bundle_with_its_report_and_metrics(trained: workspace.Trained) -> None:
    manifest = json.loads((trained.folder / "goldleaf.json").read_text(encoding="utf-8"))
    assert manifest["metrics"]["test"]["fields"]["intent"]["accuracy"]["value"] == 1.0
    assert "Evaluation of mine" in (trained.folder / "report.html").read_text(encoding="utf-8")
    assert "baseline" in trained.report.data


def test_predictions_are_written_in_order_with_scores_and_vectors(trained: workspace.Trained, tmp_path: Path) -> None:
    source, out = tmp_path / "new.txt", tmp_path / "out.jsonl"
    source.write_text("please fly to rome\nbook a table\n", encoding="utf-8")
    assert workspace.predict_file(trained.folder, source, out, embeddings=True, distances=True) == 2
    lines = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
    assert [line["text"] for line in lines] == ["please fly to rome", "book a table"]
    assert [line["values"]["intent"] for line in lines] == ["flight", "table"]
    assert lines[0]["values"]["slots"] == [[14, 18, "city"]]
    assert len(lines[0]["embedding"]) == 32
    assert set(lines[0]["out_of_scope"]["intent"]) == {"distance", "flagged"}


def test_a_bad_line_leaves_no_predictions_behind(trained: workspace.Trained, tmp_path: Path) -> None:
    source, out = tmp_path / "new.jsonl", tmp_path / "out.jsonl"
    source.write_text('{"text": "book a table"}\n{"text": \n', encoding="utf-8")
    with pytest.raises(InputError, match=r"new\.jsonl:2"):
        workspace.predict_file(trained.folder, source, out)
    assert list(tmp_path.iterdir()) == [source]
