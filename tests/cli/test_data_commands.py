"""The commands over data: what they print where, and how they exit."""

import json
import os
import signal
import subprocess
import sys
import time

import pytest


@pytest.fixture
def shop(goldleaf, tmp_path):
    assert goldleaf("init", tmp_path / "shop", "--template", "intent-slots")[0] == 0
    return tmp_path / "shop"


def write(path, *rows):
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    return path


def messages(path, n=20):
    rows = (
        {"text": f"{chr(0x4E00 + i) * 20} {i}", "intent": "odd" if i % 2 else "even", "slots": []} for i in range(n)
    )
    return write(path, *rows)


def test_from_init_to_snapshot(goldleaf, shop, tmp_path):
    path = messages(tmp_path / "m.jsonl")
    status, out, err = goldleaf("import", "-w", shop, path)
    assert (status, out) == (0, "")
    assert "20 records read, 20 added, 40 gold values added" in err
    assert "schema version 2: field intent has new labels even, odd" in err
    status, out, err = goldleaf("snapshot", "-w", shop)
    assert status == 0
    assert "train 16, dev 2, test 2 records" in err
    folder = shop / "snapshots"
    assert out.strip() == str(folder / os.listdir(folder)[0])  # noqa: PTH208


def test_init_takes_labels_for_fields(goldleaf, tmp_path):
    status, _, err = goldleaf(
        "init", tmp_path / "w", "--template", "intent-slots", "--labels", "book,cancel", "--labels", "slots=place,time"
    )
    assert status == 0
    assert "intent (choice), slots (spans)" in err
    path = write(tmp_path / "a.jsonl", {"text": "go", "intent": "fly"})
    status, _, err = goldleaf("import", "-w", tmp_path / "w", path)
    assert status == 1
    assert err.startswith("error: a.jsonl:1")
    assert "found 'fly'; expected one of book, cancel" in err


def test_init_takes_a_schema_file_and_adds_projects(goldleaf, shop, tmp_path):
    schema = tmp_path / "schema.toml"
    schema.write_text('[[fields]]\nname = "topic"\nkind = "choice"\nlabels = ["a", "b"]\nmany = true\n')
    assert goldleaf("init", shop, "--schema", schema)[0] == 1, "a workspace already"
    assert goldleaf("init", shop, "--schema", schema, "--project", "topics")[0] == 0
    path = write(tmp_path / "a.jsonl", {"text": "x", "topic": ["b", "a"]})
    assert goldleaf("import", "-w", shop, path, "--project", "topics")[0] == 0
    found = json.loads(goldleaf("stats", "-w", shop, "--project", "topics", "--json")[1])
    assert found["labels"] == {"topic": {"a": 1, "b": 1}}


def test_stats_as_json_has_the_keys_of_the_contract(goldleaf, shop, tmp_path):
    goldleaf("import", "-w", shop, messages(tmp_path / "m.jsonl"))
    status, out, err = goldleaf("stats", "-w", shop, "--json")
    found = json.loads(out)
    assert (status, err) == (0, "")
    assert {"records", "annotations", "gold", "splits", "labels", "duplicates", "leakage"} <= set(found)
    assert found["gold"] == {"intent": 20, "slots": 20}


def test_stats_as_tables(goldleaf, shop, tmp_path):
    twins = [{"text": "hello", "intent": "greet", "split": split} for split in ("train", "test")]
    goldleaf("import", "-w", shop, write(tmp_path / "m.jsonl", *twins))
    status, out, _ = goldleaf("stats", "-w", shop)
    assert status == 0
    assert "intent: 2 records with gold" in out
    assert "leakage: test has records that are in train too: 1 with an equal text" in out


def test_import_says_what_it_did_as_json(goldleaf, shop, tmp_path):
    path = messages(tmp_path / "m.jsonl", 3)
    goldleaf("import", "-w", shop, path)
    status, out, _ = goldleaf("import", "-w", shop, path, "--json")
    (result,) = json.loads(out)["files"]
    assert status == 0
    assert {key: result[key] for key in ("read", "added", "known", "gold_added", "skipped")} == {
        "read": 3, "added": 0, "known": 3, "gold_added": 0, "skipped": 0,
    }  # fmt: skip


def test_import_skips_bad_records_when_told(goldleaf, shop, tmp_path):
    path = write(tmp_path / "m.jsonl", {"text": "good"}, {"text": "bad", "slots": [[0, 9, "x"]]})
    assert goldleaf("import", "-w", shop, path)[0] == 1
    status, _, err = goldleaf("import", "-w", shop, path, "--on-error", "skip")
    assert status == 0
    assert "1 added, 1 skipped" in err
    assert "skipped: m.jsonl:2" in err


def test_import_reads_a_column_by_number_and_export_writes_another_scheme(goldleaf, tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("B-LOC Rome N\nO sleeps V\n\n")
    w = tmp_path / "w"
    goldleaf("init", w, "--template", "ner")
    args = ("--format", "conll", "--column", "1", "--text-column", "2", "--split", "dev", "--field", "entities")
    assert goldleaf("import", "-w", w, path, *args)[0] == 0
    status, _, err = goldleaf("export", "-w", w, tmp_path / "o.conll", "--scheme", "BIOES", "--split", "dev")
    assert (status, err) == (0, f"{tmp_path / 'o.conll'}: 1 records written\n")
    assert [line.split()[0::1] for line in (tmp_path / "o.conll").read_text().splitlines() if line.strip()] == [
        ["Rome", "S-LOC"],
        ["sleeps", "O"],
    ]


def test_annotations_need_their_annotator(goldleaf, shop, tmp_path):
    path = messages(tmp_path / "m.jsonl", 2)
    status, _, err = goldleaf("import", "-w", shop, path, "--as", "annotations")
    assert status == 1
    assert "--annotator" in err
    assert goldleaf("import", "-w", shop, path, "--as", "annotations", "--annotator", "ann")[0] == 0
    assert goldleaf("export", "-w", shop, tmp_path / "l.csv", "--format", "labels", "--what", "annotations")[0] == 0
    assert (tmp_path / "l.csv").read_text().count(",ann,") == 4


@pytest.mark.parametrize(
    "words",
    [
        ("init", "x"),
        ("init", "x", "--template", "ner", "--schema", "s.json"),
        ("init", "x", "--template", "nerd"),
        ("import",),
        ("import", "a", "--format", "docx"),
        ("import", "a", "--split", "validation"),
        ("export", "a", "--what", "everything"),
        ("snapshot", "--dev", "much"),
        ("nothing",),
    ],
)
def test_wrong_usage_exits_with_2_and_does_nothing(goldleaf, tmp_path, monkeypatch, words):
    monkeypatch.chdir(tmp_path)
    status, out, err = goldleaf(*words)
    assert (status, out) == (2, "")
    assert "Error" in err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("words", [("stats",), ("import", "a.jsonl"), ("export", "a.jsonl"), ("snapshot",)])
def test_without_a_workspace_there_is_one_message_and_status_1(goldleaf, tmp_path, monkeypatch, words):
    monkeypatch.chdir(tmp_path)
    status, out, err = goldleaf(*words)
    assert (status, out) == (1, "")
    assert (
        err
        == "error: .: there is no workspace; found a folder without goldleaf.toml. Make one with goldleaf init, or name it with -w\n"
    )


def test_a_damaged_database_is_one_message(goldleaf, shop):
    for left in shop.glob("goldleaf.db*"):
        left.write_bytes(b"no database at all, and long enough to be looked at" * 40)
    status, _, err = goldleaf("stats", "-w", shop)
    assert status == 1
    assert err.startswith("error: ")
    assert err.count("\n") == 1


def test_help_of_every_command_is_there(goldleaf):
    for command in ("init", "import", "export", "stats", "snapshot"):
        status, out, _ = goldleaf(command, "--help")
        assert status == 0
        assert f"Usage: goldleaf {command}" in out


def test_the_version_is_printed(goldleaf):
    from goldleaf import __version__

    assert goldleaf("--version") == (0, f"goldleaf {__version__}\n", "")


def test_an_interrupted_command_exits_with_130_and_leaves_nothing(shop, tmp_path):
    path = tmp_path / "m.txt"
    path.write_text("".join(f"line number {n}\n" for n in range(400_000)))
    # a shell starts what it runs in the background with SIGINT ignored, and so would the tests' own children be
    code = (
        "import signal; signal.signal(signal.SIGINT, signal.default_int_handler); from goldleaf.cli import main; main()"
    )
    words = ["import", "-w", str(shop), str(path), "--format", "txt"]
    process = subprocess.Popen([sys.executable, "-c", code, *words], stderr=subprocess.PIPE, text=True)
    wal = shop / "goldleaf.db-wal"
    deadline = time.monotonic() + 60
    while not (wal.exists() and wal.stat().st_size > 1_000_000) and time.monotonic() < deadline:
        time.sleep(0.02)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=30)
    assert process.returncode == 130, err
    assert "Traceback" not in err
    done = subprocess.run(
        [sys.executable, "-c", code, "stats", "-w", str(shop), "--json"], capture_output=True, check=True
    )
    assert json.loads(done.stdout)["records"] == 0
