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


def example(n, text, intent, slots):
    """A record of its own, by eleven letters that no other has in this order."""
    more = " ".join(chr(97 + (n * k * 7 + k) % 26) for k in range(1, 12))
    return {"id": f"r{n}", "text": f"{text} {more}", "gold": {"intent": intent, "slots": slots}}


def test_each_reason_repeated_texts_and_leaks_are_told_by_the_command(goldleaf, tmp_path):
    build_encoder("bert", tmp_path / "bert")
    recipe = 'epochs = 15\nlearning_rate = 5e-3\nbatch_tokens = 256\npatience = 0\nprecision = "fp32"\n'
    (tmp_path / "recipe.toml").write_text(recipe, "utf-8")
    rows = [
        example(n, e.record.text, e.values["intent"], [list(s) for s in e.values["slots"]])
        for n, e in enumerate(dataset(train=100).train)
    ]
    places = {n: rows[n]["gold"]["slots"][0] for n in range(100)}
    rows[7]["gold"]["slots"] = []  # overlooked, and marked everywhere else
    before = rows[9]["text"].rindex(" ", 0, places[9][0] - 1) + 1
    rows[9]["gold"]["slots"] = [[before, *places[9][1:]]]  # with the word before the city
    rows[11]["gold"]["intent"] = "table"
    twin = {**rows[13], "id": "twin", "gold": {**rows[13]["gold"], "intent": "table"}, "split": "test"}
    rows = [{**row, "split": "train"} for row in rows]
    split = rows[15].pop("gold")
    (tmp_path / "data.jsonl").write_text("\n".join(map(json.dumps, [*rows, twin])) + "\n", "utf-8")
    answers = [("r15", who, split["intent"] if who != "c" else "table") for who in "abc"]
    table = ["record,annotator,field,value", *(f"{r},{who},intent,{v}" for r, who, v in answers)]
    (tmp_path / "answers.csv").write_text("\n".join(table) + "\n", "utf-8")
    with workspace.init_workspace(tmp_path / "ws", schema=SCHEMA) as ws:
        workspace.import_file(ws, tmp_path / "data.jsonl")
        workspace.import_file(ws, tmp_path / "answers.csv", format="labels", as_="annotations")
    words = ["quality", "errors", "-w", tmp_path / "ws", "--folds", 2, "--base-model", tmp_path / "bert"]
    words += ["--recipe", tmp_path / "recipe.toml", "--at-least", 0.0001]
    status, out, err = goldleaf(*words, "--json")
    assert status == 0, err
    found = json.loads(out)
    why = {}
    for row in found["labels"]:
        why.setdefault((row["record"], row["field"]), []).extend(row["reasons"])
    assert "model disagrees" in why["r11", "intent"]
    assert any("neighbours disagree" in reasons for (_, field), reasons in why.items() if field == "intent")
    assert "same text labelled differently elsewhere" in why["twin", "intent"]
    assert why["r15", "intent"] == ["annotators split"]
    assert "boundary off by a token" in why["r9", "slots"]
    assert "entity missed that is marked elsewhere" in why["r7", "slots"]
    (pair,) = [row for row in found["duplicates"] if row["record"] == "twin"]
    assert (pair["contradicts"], pair["leaks"]) == (["intent"], True)
    status, out, err = goldleaf(*words)
    assert status == 0, err
    assert "2 records have an equal text that is labelled otherwise" in " ".join(out.split())
    assert "1 records of a later split" in " ".join(out.split())
    assert "contradicted in" in " ".join(out.split())
