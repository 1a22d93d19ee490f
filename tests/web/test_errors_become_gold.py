"""From the search for label errors through the app's review to gold with its history."""

from __future__ import annotations

import json
import subprocess
import sys
import uuid
from pathlib import Path

import pytest
from app_server import serving

from goldleaf.snapshot import read_snapshot
from goldleaf.workspace import import_file, init_workspace, open_workspace, snapshot_folder, take_snapshot

sys.path.insert(0, str(Path(__file__).parents[1] / "train"))
from tiny_models import SCHEMA, build_encoder, dataset

AT = "/api/projects/default"
WRONG = "train-1"


@pytest.fixture
def place(tmp_path):
    """A workspace of imported gold, of which one intent is the other one, and a recipe for a tiny encoder."""
    build_encoder("bert", tmp_path / "bert")
    options = 'epochs = 8\nlearning_rate = 5e-3\nbatch_tokens = 256\npatience = 0\nprecision = "fp32"\n'
    (tmp_path / "recipe.toml").write_text(options, "utf-8")
    other = {"flight": "table", "table": "flight"}
    rows = []
    for n, example in enumerate(dataset().train):
        intent, id = example.values["intent"], example.record.id
        apart = " ".join(chr(97 + (n * k * 7 + k) % 26) for k in range(1, 12))
        gold = {"intent": other[intent] if id == WRONG else intent, "slots": []}
        rows.append(json.dumps({"id": id, "text": f"{example.record.text} {apart}", "gold": gold}))
    (tmp_path / "data.jsonl").write_text("\n".join(rows) + "\n", "utf-8")
    with init_workspace(tmp_path / "ws", schema=SCHEMA) as ws:
        import_file(ws, tmp_path / "data.jsonl")
    return tmp_path


def search(place):
    words = ["quality", "errors", "-w", place / "ws", "--field", "intent", "--folds", 2, "--base-model", place / "bert"]
    words += ["--recipe", place / "recipe.toml", "--json"]
    command = [sys.executable, "-m", "goldleaf", *map(str, words)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    return json.loads(done.stdout)


def test_a_suspected_label_goes_to_review_and_comes_back_as_gold_with_its_history(place):
    with serving(place / "ws") as app:
        reviewer = app.person("rita", default="reviewer")
        found = next(row for row in search(place)["labels"] if row["record"] == WRONG)  # while the app serves
        queue = [item["record"] for item in reviewer.good("GET", f"{AT}/review")["items"]]
        assert WRONG in queue
        suspect = next(r for r in reviewer.good("GET", f"{AT}/quality")["suspected"] if r["record"] == WRONG)
        assert (suspect["given"], suspect["proposed"]) == (found["given"], found["proposed"])
        assert suspect["score"] == pytest.approx(found["probability"], abs=1e-5)
        (doubt,) = reviewer.good("GET", f"{AT}/review/{WRONG}")["doubts"]
        decision = {"id": str(uuid.uuid4()), "values": {"intent": doubt["proposed"]}, "comment": "the other one"}
        assert app.person("ben", default="annotator")("POST", f"{AT}/review/{WRONG}", decision)[0] == 403
        gold = reviewer.good("POST", f"{AT}/review/{WRONG}", decision)["gold"]["intent"]
        assert (gold["value"], gold["method"]) == (doubt["proposed"], "adjudicated")

        history = reviewer.good("GET", f"{AT}/records/{WRONG}")
        (decided,) = history["decisions"]
        assert (decided["reviewer"], decided["comment"]) == ("rita", "the other one")
        assert decided["values"] == {"intent": doubt["proposed"]}
        assert decided["before"] == {"intent": {"value": found["given"], "method": "imported", "confidence": 1.0}}
        assert decided["at"].endswith("Z")
        assert WRONG not in [r["record"] for r in reviewer.good("GET", f"{AT}/quality")["suspected"]]
        assert reviewer.good("GET", f"{AT}/review/{WRONG}")["doubts"] == []
    with open_workspace(place / "ws") as ws:
        taken = read_snapshot(snapshot_folder(ws, take_snapshot(ws)))
        import_file(ws, place / "data.jsonl")  # the file says again what it said
        again = take_snapshot(ws)
    examples = {e.record.id: e for e in [*again.train, *again.dev, *again.test]}
    assert examples[WRONG].values["intent"] == doubt["proposed"]
    assert examples[WRONG].gold["intent"].method == "adjudicated"
    assert taken.manifest["gold"]["methods"]["intent"] == {"adjudicated": 1, "imported": 59}
    assert again.hash == taken.hash
