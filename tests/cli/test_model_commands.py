"""The commands around a model, on a tiny encoder: what they print where, and how bad input ends."""

import json
import os
import resource
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from goldleaf import workspace

sys.path.insert(0, str(Path(__file__).parents[1] / "train"))
from tiny_models import SCHEMA, build_encoder, dataset


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A workspace with the tiny data, a tiny base model, a recipe, and the bundle that training makes of them."""
    folder = tmp_path_factory.mktemp("place")
    build_encoder("bert", folder / "bert")
    (folder / "recipe.toml").write_text(
        'epochs = 8\nlearning_rate = 5e-3\nbatch_tokens = 256\npatience = 0\nprecision = "fp32"\n', "utf-8"
    )
    with workspace.init_workspace(folder / "ws", schema=SCHEMA) as ws:
        data = dataset()
        for split in ("train", "dev", "test"):
            path = write(folder / f"{split}.jsonl", *(row(e) for e in data.split(split)))
            workspace.import_file(ws, path, split=split)
    done = run("train", "-w", folder / "ws", "--base-model", folder / "bert", "--recipe", folder / "recipe.toml")
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture
def bundle(place):
    return place / "ws" / "bundles" / "default-1"


def row(example):
    slots = [[s.start, s.end, s.label] for s in example.values["slots"]]
    return {
        "id": example.record.id,
        "text": example.record.text,
        "gold": {"intent": example.values["intent"], "slots": slots},
    }


def write(path, *rows):
    path.write_text("".join(json.dumps(r) + "\n" for r in rows), "utf-8")
    return path


def run(*words, limit=None):
    """A command in a process of its own; `limit` is the size in bytes beyond which no file grows, as on a full disk."""

    def bound():
        if limit is not None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

    command = [sys.executable, "-m", "goldleaf", *map(str, words)]
    return subprocess.run(command, capture_output=True, text=True, check=False, preexec_fn=bound)


def one_message(done):
    """The one line of an error, which is all that a failed command says last; no traceback."""
    assert done.returncode == 1, done.stderr
    assert "Traceback" not in done.stderr
    last = done.stderr.strip().splitlines()[-1]
    assert last.startswith("error: ")
    return last


def test_train_writes_the_next_free_bundle(place, bundle):
    assert (bundle / "model.onnx").is_file()
    assert not (bundle.parent / "default-1.run").exists()


def test_evaluate_scores_the_test_split_as_json_and_page(goldleaf, place, bundle, tmp_path):
    page = tmp_path / "report.html"
    status, out, _ = goldleaf("evaluate", bundle, "-w", place / "ws", "--json", "--html", page)
    assert status == 0
    assert json.loads(out)["fields"]["intent"]["accuracy"]["value"] == 1.0
    assert page.read_text("utf-8").startswith("<!doctype html>")


def test_evaluate_scores_slices_where_they_are_asked_for(goldleaf, place, bundle, tmp_path):
    page = tmp_path / "report.html"
    status, out, _ = goldleaf("evaluate", bundle, "-w", place / "ws", "--slices", "--json", "--html", page)
    found = json.loads(out)
    assert status == 0
    assert {row["by"] for row in found["slices"]["slots"]} >= {"length", "typos"}
    assert "with typos" in page.read_text("utf-8")
    calibration = found["fields"]["intent"]["calibration"]
    assert calibration["before"]["ece"] != calibration["ece"]


def test_evaluate_says_how_well_texts_out_of_scope_are_told_apart(goldleaf, place, bundle, tmp_path):
    strange, page = tmp_path / "strange.txt", tmp_path / "report.html"
    strange.write_text("cheap nice rome\nin the the at\n", "utf-8")
    words = ("evaluate", bundle, "-w", place / "ws", "--out-of-scope", strange)
    status, out, _ = goldleaf(*words, "--json", "--html", page)
    found = json.loads(out)["out_of_scope"]["intent"]
    assert (status, found["records"]) == (0, {"inside": 12, "outside": 2})
    assert 0 <= found["auroc"]["low"] <= found["auroc"]["high"] <= 1
    assert "Out of scope" in page.read_text("utf-8")
    strange.write_text("", "utf-8")
    status, _, err = goldleaf(*words)
    assert (status, "strange.txt" in err.strip().splitlines()[-1]) == (1, True)


def test_evaluate_on_a_file_lists_the_labels_training_never_saw(goldleaf, place, bundle, tmp_path):
    with workspace.open_workspace(place / "ws") as ws:
        before = workspace.take_snapshot(ws)
    path = write(tmp_path / "new.jsonl", {"text": "take the bus", "gold": {"intent": "bus"}})
    status, _, err = goldleaf("evaluate", bundle, "--data", path)
    assert status == 1
    assert "new.jsonl:1" in err
    assert "bus" in err
    with workspace.open_workspace(place / "ws") as ws:
        assert workspace.take_snapshot(ws).hash == before.hash


def test_a_label_that_only_the_test_split_has_is_reported(place, tmp_path):
    shutil.copytree(place / "ws", tmp_path / "ws")
    with workspace.open_workspace(tmp_path / "ws") as ws:
        path = write(tmp_path / "more.jsonl", {"id": "n", "text": "take the bus to oslo", "gold": {"intent": "bus"}})
        workspace.import_file(ws, path, split="test", add_labels=True)
    done = run(
        "train",
        "-w",
        tmp_path / "ws",
        "--base-model",
        place / "bert",
        "--recipe",
        place / "recipe.toml",
        "--json",
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["fields"]["intent"]["unseen_labels"] == {"bus": 1}


def test_compare_says_which_is_better_and_what_would_settle_it(goldleaf, place, bundle, tmp_path):
    words = ("train", "-w", place / "ws", "--base-model", place / "bert", "--out", tmp_path / "weak")
    recipe = tmp_path / "weak.toml"
    recipe.write_text('epochs = 1\nlearning_rate = 1e-9\nprecision = "fp32"\n', "utf-8")
    assert goldleaf(*words, "--recipe", recipe)[0] == 0
    status, out, _ = goldleaf("compare", tmp_path / "weak", bundle, "-w", place / "ws", "--json")
    found = json.loads(out)
    assert (status, found["bundles"]) == (0, ["weak", "default-1"])
    assert found["fields"]["slots"]["second"] == 1.0
    assert found["fields"]["slots"]["settled"]
    status, out, _ = goldleaf("compare", bundle, bundle, "-w", place / "ws")
    assert status == 0
    assert "no difference at all on these records" in out


def test_learning_curve_says_what_twice_the_labels_would_bring(goldleaf, place, tmp_path):
    words = ("learning-curve", "-w", place / "ws", "--base-model", place / "bert", "--out", tmp_path / "curve")
    recipe = tmp_path / "recipe.toml"
    recipe.write_text('epochs = 1\nlearning_rate = 5e-3\nprecision = "fp32"\n', "utf-8")
    fractions = ("--fraction", "0.3", "--fraction", "0.6", "--fraction", "1")
    status, out, err = goldleaf(*words, "--recipe", recipe, *fractions, "--json")
    assert status == 0, err
    assert json.loads(out)["fields"]["intent"]["twice"]["records"] == 120
    status, out, err = goldleaf(*words, "--recipe", recipe, *fractions)
    assert (status, "Twice the records (120) would bring" in out) == (0, True)
    assert "epoch" not in err  # nothing was trained again


def test_predict_answers_on_standard_output_in_order(goldleaf, bundle, tmp_path):
    path = tmp_path / "new.txt"
    path.write_text("please fly to rome\nbook a table\n", "utf-8")
    status, out, err = goldleaf("predict", bundle, path)
    assert (status, err) == (0, "")
    assert [json.loads(line)["values"]["intent"] for line in out.splitlines()] == ["flight", "table"]


@pytest.mark.parametrize("split", ["dev", "train"])
def test_an_empty_split_is_one_message(goldleaf, bundle, place, tmp_path, split):
    with workspace.init_workspace(tmp_path / "ws", schema=SCHEMA) as ws:
        workspace.import_file(ws, place / "test.jsonl", split="test")
    status, out, err = goldleaf("evaluate", bundle, "-w", tmp_path / "ws", "--split", split)
    assert (status, out) == (1, "")
    assert "nothing to evaluate on" in err.strip().splitlines()[-1]
    assert "one_split" not in err


def test_training_without_training_records_is_one_message(goldleaf, place, tmp_path):
    with workspace.init_workspace(tmp_path / "ws", schema=SCHEMA) as ws:
        workspace.import_file(ws, place / "test.jsonl", split="test")
    status, out, err = goldleaf("train", "-w", tmp_path / "ws", "--base-model", place / "bert")
    assert (status, out) == (1, "")
    assert "the training split has no value of a field" in err
    assert not (tmp_path / "ws" / "bundles").exists()


def test_a_text_of_100_000_characters_is_read_to_its_end(goldleaf, bundle, tmp_path):
    text = "book a table for two in oslo " * 3450
    path = write(tmp_path / "long.jsonl", {"id": "long", "text": text})
    status, out, _ = goldleaf("predict", bundle, path)
    assert (status, len(text) > 100_000) == (0, True)
    assert json.loads(out)["text"] == text


def test_a_line_of_50_mb_is_one_message_and_leaves_nothing(goldleaf, bundle, tmp_path):
    path, out = tmp_path / "line.txt", tmp_path / "out.jsonl"
    path.write_text("book a table in oslo " * 2_500_000, "utf-8")
    status, _, err = goldleaf("predict", bundle, path, "-o", out)
    assert status == 1
    assert "line.txt:1" in err
    assert "at most 1,000,000" in err
    assert sorted(p.name for p in tmp_path.iterdir()) == ["line.txt"]


def test_a_model_of_8_bits_is_made_measured_and_run(goldleaf, place, bundle, tmp_path):
    copy, path = tmp_path / "bundle", tmp_path / "new.txt"
    shutil.copytree(bundle, copy)
    path.write_text("please fly to rome\nbook a table\n", "utf-8")
    status, _, err = goldleaf("predict", copy, path, "--int8")
    assert (status, "goldleaf export-model" in err) == (1, True)
    words = ("export-model", copy, "--int8", "-w", place / "ws", "--tolerance", 20, "--json")
    status, out, err = goldleaf(*words, "--calibrate", "train")
    assert (status, json.loads(out)["method"], "quantising" in err) == (0, "static", True)
    status, out, _ = goldleaf(*words, "--calibrate", path, "--data", place / "test.jsonl")
    assert (status, json.loads(out)["records"], json.loads(out)["fields"]["slots"]["score"]) == (0, 12, "f1")
    status, out, _ = goldleaf(*words)
    assert (status, json.loads(out)["method"], json.loads(out)["records"]) == (0, "dynamic", 12)
    files = [copy / "model.int8.onnx", copy / "model.int8.onnx.data"]
    assert json.loads(out)["bytes"] == sum(path.stat().st_size for path in files)
    status, out, _ = goldleaf("predict", copy, path, "--int8")
    assert [json.loads(line)["values"]["intent"] for line in out.splitlines()] == ["flight", "table"]
    status, out, _ = goldleaf("evaluate", copy, "-w", place / "ws", "--int8", "--json")
    assert json.loads(out)["fields"]["intent"]["accuracy"]["value"] >= 0.8


def test_a_model_is_exported_again(goldleaf, bundle, tmp_path):
    shutil.copytree(bundle, tmp_path / "bundle")
    (tmp_path / "bundle" / "model.onnx").unlink()
    status, out, _ = goldleaf("export-model", tmp_path / "bundle")
    assert (status, "differs from torch by" in out) == (0, True)
    assert goldleaf("export-model", tmp_path / "bundle", "--calibrate", "dev")[0] == 2


def test_a_full_disk_leaves_a_bundle_without_a_model_of_8_bits_as_it_was(bundle, place, tmp_path):
    copy = tmp_path / "bundle"
    shutil.copytree(bundle, copy)
    before = {path.name: path.read_bytes() for path in copy.iterdir() if path.is_file()}
    one_message(run("export-model", copy, "--int8", "-w", place / "ws", "--tolerance", 50, limit=4096))
    assert {path.name: path.read_bytes() for path in copy.iterdir() if path.is_file()} == before
    assert [path.name for path in tmp_path.iterdir()] == ["bundle"]


def test_predictions_go_to_a_device_as_they_come(goldleaf, bundle, place):
    status, _, err = goldleaf("predict", bundle, place / "test.jsonl", "-o", "/dev/full")
    assert status == 1
    assert "/dev/full: the predictions cannot be written" in err
    assert not Path("/dev/full").is_file()
    assert not [p for p in Path("/dev").iterdir() if "writing" in p.name]


def test_a_full_disk_leaves_no_predictions(bundle, place, tmp_path):
    done = run("predict", bundle, place / "train.jsonl", "-o", tmp_path / "out.jsonl", limit=4096)
    assert "the predictions cannot be written" in one_message(done)
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_stops_training_with_a_message_and_resume_goes_on(place, tmp_path):
    out = tmp_path / "bundle"
    words = ("train", "-w", place / "ws", "--base-model", place / "bert", "--recipe", place / "recipe.toml")
    done = run(*words, "--out", out, limit=50_000)
    assert "cannot be written" in one_message(done)
    assert [p.name for p in tmp_path.iterdir()] == ["bundle.run"]
    done = run(*words, "--out", out, "--resume")
    assert done.returncode == 0, done.stderr
    assert [p.name for p in tmp_path.iterdir()] == ["bundle"]


FULL_AT_LAST = """
import resource, sys
import goldleaf.train.run as run
from goldleaf.cli import main

write = run.write_model

def write_on_a_full_disk(*given):
    resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, 50_000))
    return write(*given)

run.write_model = write_on_a_full_disk
main()
"""


def test_a_full_disk_while_the_bundle_is_written_keeps_what_was_learned(place, tmp_path):
    out = tmp_path / "bundle"
    words = ("train", "-w", place / "ws", "--base-model", place / "bert", "--recipe", place / "recipe.toml")
    command = [sys.executable, "-c", FULL_AT_LAST, *map(str, words), "--out", str(out)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert "cannot be written" in one_message(done)
    assert [p.name for p in tmp_path.iterdir()] == ["bundle.run"]
    done = run(*words, "--out", out, "--resume")
    assert done.returncode == 0, done.stderr
    assert "epoch 1.0" not in done.stderr  # nothing was trained again


@pytest.mark.parametrize("kind", ["a file", "a folder without the right to write"])
def test_a_place_that_cannot_be_written_is_one_message(place, bundle, tmp_path, kind):
    closed = tmp_path / "closed"
    if kind == "a file":
        closed.write_text("", "utf-8")
    elif os.geteuid() == 0:
        pytest.skip("root may write everywhere")
    else:
        closed.mkdir(mode=0o555)
    for words in (
        ("train", "-w", place / "ws", "--base-model", place / "bert", "--out", closed / "bundle"),
        ("predict", bundle, place / "test.jsonl", "-o", closed / "out.jsonl"),
        ("evaluate", bundle, "--data", place / "test.jsonl", "--html", closed / "report.html"),
    ):
        assert "closed" in one_message(run(*words))
    assert [p.name for p in tmp_path.iterdir()] == ["closed"]


def contents(folder):
    return {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_dry_run_says_what_training_would_cost_and_writes_nothing(goldleaf, place):
    before = contents(place)
    words = (
        "train",
        "-w",
        place / "ws",
        "--base-model",
        place / "bert",
        "--recipe",
        place / "recipe.toml",
        "--dry-run",
    )
    status, out, _ = goldleaf(*words, "--json")
    found = json.loads(out)
    assert status == 0
    assert found["records"] == {"train": 60, "dev": 12, "test": 12}
    assert found["seconds"]["total"] > 0
    assert found["memory"]["peak"] > 0
    status, out, _ = goldleaf(*words)
    assert "Nothing was trained" in out
    assert contents(place) == before


def test_a_dry_run_of_a_resumed_training_is_wrong_usage(goldleaf, place):
    status, _, err = goldleaf("train", "-w", place / "ws", "--dry-run", "--resume")
    assert status == 2
    assert "--resume" in err


def test_a_search_writes_a_bundle_that_says_what_was_searched(place, tmp_path):
    pytest.importorskip("optuna")
    out = tmp_path / "bundle"
    words = ("train", "-w", place / "ws", "--base-model", place / "bert", "--recipe", place / "recipe.toml")
    done = run(*words, "--out", out, "--tune", 2, "--json")
    assert done.returncode == 0, done.stderr
    assert "trial 1: " in done.stderr
    found = json.loads((out / "goldleaf.json").read_text("utf-8"))["tuning"]
    assert json.loads(done.stdout)["tuning"] == found
    assert [trial["number"] for trial in found["trials"]] == [0, 1]
    assert "optimistic" in found["note"]
    assert (out / "training" / "tuning.html").read_text("utf-8").startswith("<!doctype html>")
    assert [p.name for p in tmp_path.iterdir()] == ["bundle"]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--tune", 0), "--tune"),
        (("--tune", 2, "--dry-run"), "--dry-run"),
        (("--tune", 2, "--seed", 1, "--seed", 2), "seeds"),
        (("--tune-minutes", 5), "--tune N"),
        (("--tune", 2, "--tune-minutes", 0), "--tune-minutes"),
    ],
)
def test_options_of_a_search_that_cannot_be_are_wrong_usage(goldleaf, place, options, said):
    status, _, err = goldleaf("train", "-w", place / "ws", *options)
    assert status == 2
    assert said in err
