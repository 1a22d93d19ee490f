"""The whole loop: raw text is imported, annotated by people through the real server, frozen, trained on, and predicted with."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

from app_server import serving

from goldleaf.core import value_to_json
from goldleaf.workspace import import_file, init_workspace, open_workspace, stats, suggest, take_snapshot

sys.path.insert(0, str(Path(__file__).parents[1] / "train"))
from tiny_models import SCHEMA, build_encoder, dataset

AT = "/api/projects/default"


def test_what_is_annotated_in_the_app_trains_a_model_whose_suggestions_the_app_then_shows(tmp_path):
    from goldleaf.serve import Predictor
    from goldleaf.train import Recipe, train

    examples = dataset(SCHEMA, train=60).train
    truth = {e.record.text: {name: value_to_json(v) for name, v in e.values.items()} for e in examples}
    raw = tmp_path / "raw.txt"
    raw.write_text("\n".join(e.record.text for e in examples), encoding="utf-8")
    with init_workspace(tmp_path / "ws", schema=SCHEMA) as ws:
        import_file(ws, raw)

    with serving(tmp_path / "ws") as app:
        people = [app.person(name, default="annotator") for name in ("ann", "bob")]
        finished = {n: annotate(person, truth) for n, person in enumerate(people)}
        assert sum(finished.values()) == 60

    with open_workspace(tmp_path / "ws") as ws:
        found = stats(ws)
        assert found["gold"] == {"intent": 60, "slots": 60}
        snapshot = take_snapshot(ws)
    recipe = Recipe(epochs=8, learning_rate=5e-3, batch_tokens=256, patience=0, precision="fp32")
    base = build_encoder("bert", tmp_path / "bert")
    train(snapshot, replace(recipe, base_model=str(base)), tmp_path / "bundle", force=True)
    prediction = Predictor(tmp_path / "bundle")("please fly to rome")
    assert prediction.values["intent"] == "flight"

    more = tmp_path / "more.txt"
    more.write_text("please fly to oslo", encoding="utf-8")
    with open_workspace(tmp_path / "ws") as ws:
        import_file(ws, more)
        assert suggest(ws, tmp_path / "bundle").records == 1
    command = ["suggest", tmp_path / "bundle", "-w", tmp_path / "ws"]
    again = subprocess.run([sys.executable, "-m", "goldleaf", *command], capture_output=True, text=True, check=True)
    assert "0 suggestions for 0 records (intent, slots)" in again.stderr
    assert "1 records had them already" in again.stderr
    with serving(tmp_path / "ws") as app:
        ann = people[0]
        ann.port = app.port
        ann.good("GET", "/api/me")
        items = ann.good("POST", f"{AT}/desk/next", {"count": 1})["items"]
        assert items[0]["suggestions"] == {} or 0 < items[0]["suggestions"]["intent"]["score"] <= 1


def annotate(person, truth):
    """Answer until nothing is left, for at most 30 records, so that somebody else has something to do; how many."""
    count = 0
    items = person.good("POST", f"{AT}/desk/next", {"count": 1})["items"]
    while items and count < 30:
        answer = person.submit(items[0]["record"], truth[items[0]["text"]], want=1 if count < 29 else 0)
        assert answer["outcome"] == "counted"
        items, count = answer["items"], count + 1
    return count
