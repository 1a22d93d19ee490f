"""Prediction in bulk by the workers of a Ray cluster, and what is left when one of them, or the command itself, is killed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

pytest.importorskip("ray")

from goldleaf import workspace
from goldleaf.train import Recipe, train

sys.path.insert(0, str(Path(__file__).parents[1] / "train"))
from tiny_models import SCHEMA, WORDS, build_encoder, dataset

QUICK = Recipe(epochs=8, learning_rate=5e-3, batch_tokens=256, patience=0, precision="fp32")
RECORDS = 20 * 1024 + 100
"""Twenty full parts and a short one."""


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a bundle, an input, and what the local engine makes of it."""
    folder = tmp_path_factory.mktemp("ray")
    base = build_encoder("bert", folder / "bert")
    train(dataset(SCHEMA), replace(QUICK, base_model=str(base)), folder / "bundle")
    with (folder / "in.jsonl").open("w", encoding="utf-8") as file:
        for number in range(RECORDS):
            words = [WORDS[(number * step) % len(WORDS)] for step in range(1, 3 + number % 29)]
            file.write(json.dumps({"text": " ".join(words)}) + "\n")
    workspace.predict_file(folder / "bundle", folder / "in.jsonl", folder / "local.jsonl")
    return folder


def command(place: Path, out: Path, *words: object) -> subprocess.Popen[str]:
    """The command at work, with two workers."""
    given = [place / "bundle", place / "in.jsonl", "-o", out, "--engine", "ray", "--workers", 2]
    given += ["--shard-records", 1024, *words]
    line = [sys.executable, "-m", "goldleaf", "predict", *map(str, given)]
    return subprocess.Popen(line, stderr=subprocess.PIPE, text=True)


def workers_below(process: int) -> list[int]:
    """The workers among the processes below one."""
    parents: dict[int, int] = {}
    names: dict[int, bytes] = {}
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            state = (entry / "stat").read_text("utf-8")
            names[int(entry.name)] = (entry / "cmdline").read_bytes()
        except OSError:  # it is gone
            continue
        parents[int(entry.name)] = int(state.rpartition(")")[2].split()[1])
    below = {process}
    while more := {child for child, parent in parents.items() if parent in below} - below:
        below |= more
    return [pid for pid in below if names.get(pid, b"").startswith(b"ray::_Worker")]


def wait_for(holds: Callable[[], object], seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.01)


def parts(out: Path) -> list[Path]:
    return sorted(out.glob("part-*"))


def joined(out: Path) -> bytes:
    return b"".join(part.read_bytes() for part in parts(out))


@pytest.fixture
def alive(tmp_path: Path, place: Path) -> Iterator[subprocess.Popen[str]]:
    """The command, in the middle of its work: some parts are there, not all."""
    process = command(place, tmp_path / "out")
    wait_for(lambda: len(parts(tmp_path / "out")) >= 3)
    yield process
    if process.stderr is not None and not process.stderr.closed:
        process.kill()
        process.communicate()


def test_a_worker_that_is_killed_is_replaced_and_each_record_is_written_once(
    place: Path, tmp_path: Path, alive: subprocess.Popen[str]
) -> None:
    workers = workers_below(alive.pid)
    assert len(workers) == 2
    os.kill(workers[0], signal.SIGKILL)
    assert len(parts(tmp_path / "out")) < 21
    _, said = alive.communicate()
    assert (alive.returncode, said.count("a worker died")) == (0, 1)
    assert "20,580 predictions in 21 parts" in said
    assert joined(tmp_path / "out") == (place / "local.jsonl").read_bytes()
    assert not list((tmp_path / "out").glob(".*"))


def test_a_command_that_is_killed_takes_its_workers_along_and_the_next_goes_on(
    place: Path, tmp_path: Path, alive: subprocess.Popen[str]
) -> None:
    workers = workers_below(alive.pid)
    alive.kill()
    alive.communicate()
    assert 3 <= len(parts(tmp_path / "out")) < 21
    wait_for(lambda: not any(Path(f"/proc/{pid}").exists() for pid in workers))
    there = {part: part.stat().st_mtime_ns for part in parts(tmp_path / "out")}
    again = command(place, tmp_path / "out", "--workers", 3)
    _, said = again.communicate()
    assert again.returncode == 0, said
    assert f"20,580 records in 21 parts, {len(there)} of them there already" in said
    assert {part: part.stat().st_mtime_ns for part in there} == there
    assert joined(tmp_path / "out") == (place / "local.jsonl").read_bytes()
    assert not list((tmp_path / "out").glob(".*"))


def test_a_bad_record_stops_the_command_with_one_message_that_names_it(place: Path, tmp_path: Path) -> None:
    source = tmp_path / "in.jsonl"
    source.write_text('{"text": "a"}\n{"text": \n', "utf-8")
    line = [sys.executable, "-m", "goldleaf", "predict", place / "bundle", source, "-o", tmp_path / "bad"]
    done = subprocess.run([*map(str, line), "--engine", "ray"], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].startswith("error: in.jsonl:2: not valid JSON")
    assert "Traceback" not in done.stderr
    assert not parts(tmp_path / "bad")


HEAD = (
    "import ray\n"
    "ray.init(num_cpus=2, include_dashboard=False, object_store_memory=150_000_000, _node_ip_address='127.0.0.1')\n"
    "print('address', ray.get_runtime_context().gcs_address, flush=True)\n"
    "input()\n"
)


@pytest.mark.slow
def test_a_cluster_that_runs_already_is_used_by_its_address_and_left_running(
    place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RAY_AUTH_MODE", "token")
    monkeypatch.setenv("RAY_AUTH_TOKEN", "of-the-cluster-" * 3)
    head = subprocess.Popen(
        [sys.executable, "-c", HEAD],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert head.stdout is not None
    address = next(line.split()[1] for line in head.stdout if line.startswith("address"))
    try:
        for out in ("first", "second"):
            process = command(place, tmp_path / out, "--address", address)
            _, said = process.communicate()
            assert process.returncode == 0, said
            assert joined(tmp_path / out) == (place / "local.jsonl").read_bytes()
        process = command(place, tmp_path / "third", "--address", address, "--workers", 3)
        _, said = process.communicate()
        assert process.returncode == 1
        assert said.splitlines()[-1] == "error: more workers than CPUs; found 3 workers; expected at most 2"
    finally:
        head.communicate("\n")


def test_a_cluster_that_is_not_there_is_one_message(place: Path, tmp_path: Path) -> None:
    _, said = (process := command(place, tmp_path / "out", "--address", "127.0.0.1:1")).communicate()
    assert process.returncode == 1
    assert said.splitlines()[-1] == (
        "error: 127.0.0.1:1: the cluster cannot be reached; found Connection refused. Check --address"
    )


@pytest.mark.slow
def test_an_interrupt_ends_the_cluster_and_the_next_run_goes_on(place: Path, tmp_path: Path) -> None:
    code = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)\nfrom goldleaf.cli import main\nmain()\n"
    words = ["predict", place / "bundle", place / "in.jsonl", "-o", tmp_path / "out", "--engine", "ray", "--workers", 2]
    line = [sys.executable, "-c", code, *map(str, words), "--shard-records", "1024"]
    process = subprocess.Popen(line, stderr=subprocess.PIPE, text=True)
    wait_for(lambda: len(parts(tmp_path / "out")) >= 3)
    workers = workers_below(process.pid)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate()
    assert process.returncode == 130
    assert "Traceback" not in said
    wait_for(lambda: not any(Path(f"/proc/{pid}").exists() for pid in workers))
    again = command(place, tmp_path / "out")
    again.communicate()
    assert joined(tmp_path / "out") == (place / "local.jsonl").read_bytes()
