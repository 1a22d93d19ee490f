"""`goldleaf predict` when it is killed, interrupted, or cut off from where it writes; and options that do not go together."""

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from goldleaf.train import Recipe, train

sys.path.insert(0, str(Path(__file__).parents[1] / "train"))
from tiny_models import build_encoder, dataset

QUICK = Recipe(epochs=1, batch_tokens=256, patience=0, precision="fp32")
START = (  # in the background an interrupt is ignored
    "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)\nfrom goldleaf.cli import main\nmain()\n"
)


@pytest.fixture(scope="module")
def bundle(tmp_path_factory):
    folder = tmp_path_factory.mktemp("faults")
    base = build_encoder("bert", folder / "bert")
    train(dataset(), replace(QUICK, base_model=str(base)), folder / "bundle")
    return folder / "bundle"


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    """More records than are predicted in some seconds."""
    path = tmp_path_factory.mktemp("source") / "in.jsonl"
    path.write_text((json.dumps({"text": "book a table for two in rome " * 4}) + "\n") * 100_000, "utf-8")
    return path


def start(*words, **options):
    line = [sys.executable, "-c", START, "predict", *map(str, words)]
    return subprocess.Popen(line, stderr=subprocess.PIPE, text=True, **options)


@pytest.mark.parametrize(
    ("how", "status", "left"), [(signal.SIGKILL, -signal.SIGKILL, 1), (signal.SIGINT, 130, 0)], ids=["kill", "Ctrl-C"]
)
def test_a_command_that_is_killed_leaves_the_output_as_it_was(bundle, source, tmp_path, how, status, left):
    out = tmp_path / "out.jsonl"
    out.write_text("of an earlier run\n", "utf-8")
    process = start(bundle, source, "-o", out)
    while not any(p.stat().st_size for p in tmp_path.glob(".out.jsonl.*.writing")):
        assert process.poll() is None
        time.sleep(0.01)
    os.kill(process.pid, how)
    _, said = process.communicate(timeout=60)
    assert process.returncode == status
    assert "Traceback" not in said
    assert out.read_text("utf-8") == "of an earlier run\n"
    assert len(list(tmp_path.iterdir())) == 1 + left  # what was begun has a name of its own, which begins with a dot


def test_a_reader_that_goes_away_ends_the_command_without_a_word(bundle, source):
    process = start(bundle, source, stdout=subprocess.PIPE)
    assert json.loads(process.stdout.readline())["id"] == "1"
    process.stdout.close()
    said = process.stderr.read()
    process.stderr.close()
    assert (process.wait(60), said) == (1, "")


def test_standard_output_on_a_full_disk_is_one_message(bundle, tmp_path):
    path = tmp_path / "in.txt"
    path.write_text("book a table\n", "utf-8")
    with Path("/dev/full").open("w", encoding="utf-8") as full:
        process = start(bundle, path, stdout=full)
        _, said = process.communicate(timeout=60)
    assert (process.returncode, said) == (1, "error: No space left on device\n")


def test_half_of_a_surrogate_pair_is_one_message_that_names_the_line(goldleaf, bundle, tmp_path):
    path = tmp_path / "in.jsonl"
    path.write_text('{"text": "a"}\n{"text": "\\ud83d"}\n', "utf-8")
    status, out, err = goldleaf("predict", bundle, path)
    assert (status, out) == (1, "")
    assert "in.jsonl:2: half of a surrogate pair, which is no character; found '\\ud83d'" in err


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--workers", 2], "go with --engine ray"),
        (["--on-error", "skip"], "go with --engine ray"),
        (["--engine", "ray"], "name it with --output"),
        (["--engine", "ray", "--workers", 0], "--workers"),
        (["--engine", "spark"], "--engine"),
    ],
)
def test_options_that_do_not_go_together_are_wrong_usage(goldleaf, bundle, tmp_path, words, message):
    status, out, err = goldleaf("predict", bundle, tmp_path / "in.jsonl", *words)
    assert (status, out) == (2, "")
    assert message in " ".join(err.split())
