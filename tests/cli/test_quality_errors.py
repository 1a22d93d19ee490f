"""`goldleaf quality errors`, on a tiny encoder: what it prints where."""

import json
import sys
from pathlib import Path

import pytest

from goldleaf import workspace

sys.path.insert(0, str(Path(__file__).parents[1] / "train"))
from tiny_models import SCHEMA, build_encoder, dataset


@pytest.fixture
def place(tmp_path):
    build_encoder("bert", tmp_path / "bert")
    (tmp_path / "recipe.toml").write_text(
        'epochs = 2\nlearning_rate = 5e-3\nbatch_tokens = 256\npatience = 0\nprecision = "fp32"\n', "utf-8"
    )
    rows = []
    for n, example in enumerate(dataset().train):
        text = " ".join(chr(97 + (n * k * 7 + k) % 26) for k in range(1, 12))
        gold = {"intent": example.values["intent"], "slots": []}
        rows.append(json.dumps({"id": f"r{n}", "text": f"{example.record.text} {text}", "gold": gold}))
    (tmp_path / "data.jsonl").write_text("\n".join(rows) + "\n", "utf-8")
    with workspace.init_workspace(tmp_path / "ws", schema=SCHEMA) as ws:
        workspace.import_file(ws, tmp_path / "data.jsonl")
    return tmp_path


def test_suspected_labels_are_printed_as_json_and_written_as_a_page_and_asked_again_nothing_is_trained(goldleaf, place):
    words = ["quality", "errors", "-w", place / "ws", "--folds", 2, "--base-model", place / "bert"]
    words += ["--recipe", place / "recipe.toml", "--html", place / "errors.html"]
    status, out, err = goldleaf(*words, "--json")
    assert status == 0, err
    assert "fold 1 of 2" in err
    found = json.loads(out)
    assert found["fields"]["intent"]["records"] == 60
    assert "tokens" not in found
    assert "Label errors in default" in (place / "errors.html").read_text("utf-8")
    status, out, err = goldleaf(*words)
    assert status == 0
    assert "fold 2 of 2: known already" in err
    assert "suspected labels" in out
