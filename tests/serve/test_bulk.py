"""Prediction in bulk without a cluster: shards, parts, what is done again and what is not, and what is refused."""

from __future__ import annotations

import json
import resource
import subprocess
import sys
from collections import deque
from dataclasses import replace
from pathlib import Path
from typing import ClassVar

import fsspec
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from fsspec.spec import AbstractBufferedFile

from goldleaf import workspace
from goldleaf.core import InputError, MissingExtraError
from goldleaf.formats import Block
from goldleaf.serve import Predictor
from goldleaf.serve.bulk import Queue, Shard, ShardWorker, Task, open_job, share_threads
from goldleaf.serve.bulk.storage import StoredFile, write_whole
from goldleaf.train import Recipe, train

sys.path.insert(0, str(Path(__file__).parents[1] / "train"))
from tiny_models import SCHEMA, WORDS, build_encoder, dataset

QUICK = Recipe(epochs=8, learning_rate=5e-3, batch_tokens=256, patience=0, precision="fp32")
RECORDS = 3500
"""Three full parts of 1,024 and one of 428."""


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a bundle, an input (a record without an id now and then, a blank line, CRLF), and what the local engine makes of it."""
    folder = tmp_path_factory.mktemp("bulk")
    base = build_encoder("bert", folder / "bert")
    train(dataset(SCHEMA), replace(QUICK, base_model=str(base)), folder / "bundle")
    lines = [json.dumps(row(number), ensure_ascii=False) for number in range(RECORDS)]
    lines[7] += "\r"
    lines.insert(1500, "  ")
    (folder / "in.jsonl").write_text("\n".join(lines), encoding="utf-8", newline="")
    workspace.predict_file(folder / "bundle", folder / "in.jsonl", folder / "local.jsonl")
    return folder


def row(number: int) -> dict[str, str]:
    text = " ".join(WORDS[(number * step) % len(WORDS)] for step in range(1, 3 + number % 23))
    return {"text": text} if number % 5 == 0 else {"id": f"r{number}", "text": text}


def predict(place: Path, source: object, out: object, **options: object) -> workspace.BulkResult:
    settings = {"engine": "local", "shard_records": 1024, **options}
    return workspace.predict_bulk(place / "bundle", str(source), str(out), **settings)  # type: ignore[arg-type]


def parts(folder: Path) -> list[Path]:
    return sorted(folder.glob("part-*"))


def joined(folder: Path) -> bytes:
    return b"".join(part.read_bytes() for part in parts(folder))


def test_the_parts_together_are_what_the_local_engine_writes(place: Path, tmp_path: Path) -> None:
    done = predict(place, place / "in.jsonl", tmp_path / "out")
    assert (done.records, done.skipped, done.parts, done.resumed) == (RECORDS, 0, 4, 0)
    assert joined(tmp_path / "out") == (place / "local.jsonl").read_bytes()
    assert {p.name for p in (tmp_path / "out").iterdir() if not p.name.startswith("part-")} == {
        "_goldleaf.json",
        "_SUCCESS",
    }


def test_only_what_is_missing_is_predicted_again(place: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    predict(place, place / "in.jsonl", out)
    for part in (parts(out)[1], parts(out)[3], out / "_SUCCESS"):
        part.unlink()
    (out / ".part-000001.jsonl.0123abcd.writing").write_text("half a par", "utf-8")  # what a killed worker leaves
    before = {part.name: part.stat().st_mtime_ns for part in parts(out)}
    seen: list[int] = []
    done = predict(place, place / "in.jsonl", out, shard_records=None, on_progress=seen.append)
    assert (done.records, done.parts, done.resumed) == (RECORDS, 4, 2)
    assert seen == [3 * 1024, RECORDS]  # two full parts are there, a third comes to them, then the last
    assert joined(out) == (place / "local.jsonl").read_bytes()
    assert {name: (out / name).stat().st_mtime_ns for name in before} == before
    assert not list(out.glob(".*"))
    assert predict(place, place / "in.jsonl", out).resumed == 4


def test_another_bundle_input_or_kind_is_refused_and_nothing_is_changed(place: Path, tmp_path: Path) -> None:
    source, out = tmp_path / "in.jsonl", tmp_path / "out"
    source.write_bytes((place / "in.jsonl").read_bytes())
    predict(place, source, out)
    parts(out)[0].unlink()
    before = sorted(out.iterdir())
    with pytest.raises(InputError, match=r"kind \(--to"):
        predict(place, source, out, parts="parquet")
    with pytest.raises(InputError, match=r"another kind .--embeddings"):
        predict(place, source, out, embeddings=True)
    with pytest.raises(InputError, match=r"another plan .--shard-records.; found 1024; expected 2048"):
        predict(place, source, out, shard_records=2000)
    with source.open("a", encoding="utf-8") as file:
        file.write('\n{"text": "hi"}')
    with pytest.raises(InputError, match=r"out: the output holds predictions of another input; found in\.jsonl"):
        predict(place, source, out)
    source.write_bytes((place / "in.jsonl").read_bytes())
    train(dataset(SCHEMA), replace(QUICK, base_model=str(place / "bert"), epochs=1), tmp_path / "other" / "bundle")
    with pytest.raises(InputError, match=r"another bundle; found [0-9a-f]{64}; expected [0-9a-f]{64}"):
        workspace.predict_bulk(tmp_path / "other" / "bundle", str(source), str(out), engine="local")
    assert sorted(out.iterdir()) == before


def test_a_folder_that_holds_anything_else_is_refused(place: Path, tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine", "utf-8")
    with pytest.raises(InputError, match=r"there is something already; found mine\.txt"):
        predict(place, place / "in.jsonl", tmp_path)
    assert [p.name for p in tmp_path.iterdir()] == ["mine.txt"]


def test_a_bad_record_is_named_and_stops_or_is_left_out_and_counted(place: Path, tmp_path: Path) -> None:
    source, out = tmp_path / "in.jsonl", tmp_path / "out"
    lines = (place / "in.jsonl").read_text("utf-8").split("\n")
    lines[10], lines[2000], lines[2001] = '{"text": 3}', '{"text": ', '{"text": "\\ud800"}'
    source.write_text("\n".join(lines), "utf-8", newline="")
    with pytest.raises(InputError, match=r'^in\.jsonl:11: "text" is not a string'):
        predict(place, source, out)
    assert not parts(out)
    done = predict(place, source, out, on_error="skip")
    assert (done.records, done.skipped) == (RECORDS - 3, 3)
    errors = [
        json.loads(line) for part in sorted(out.glob("_errors/*")) for line in part.read_text("utf-8").splitlines()
    ]
    assert [e["where"] for e in errors] == ["in.jsonl:11", "in.jsonl:2001", "in.jsonl:2002"]
    assert len(joined(out).splitlines()) == RECORDS - 3
    again = predict(place, source, out, on_error="skip")
    assert (again.records, again.skipped, again.resumed) == (RECORDS - 3, 3, 4)


def test_parquet_is_read_by_its_rows_and_written_with_a_column_a_field(place: Path, tmp_path: Path) -> None:
    rows = [{"id": None} | row(number) for number in range(RECORDS)]
    pq.write_table(pa.Table.from_pylist(rows), tmp_path / "in.parquet", row_group_size=700)
    predict(place, tmp_path / "in.parquet", tmp_path / "out")
    assert joined(tmp_path / "out") == (place / "local.jsonl").read_bytes()
    predict(place, tmp_path / "in.parquet", tmp_path / "out.parquet", embeddings=True)
    table = pq.read_table(tmp_path / "out.parquet")
    lines = (place / "local.jsonl").read_text("utf-8").splitlines()
    assert table.column_names == ["id", "text", "intent", "slots", "scores", "embedding"]
    for found, line in zip(table.to_pylist(), lines, strict=True):
        expected = json.loads(line)
        assert (found["id"], found["text"], found["intent"]) == (
            expected["id"],
            expected["text"],
            expected["values"]["intent"],
        )
        assert [list(span.values()) for span in found["slots"]] == expected["values"]["slots"]
        assert json.loads(found["scores"]) == expected["scores"]
        assert len(found["embedding"]) == 32


@pytest.mark.parametrize("wanted", ["data", "data/*/*.jsonl", "memory"])
def test_files_are_predicted_in_the_order_of_their_names(place: Path, tmp_path: Path, wanted: str) -> None:
    data = tmp_path / "data"
    for name in ("b/1.jsonl", "a/2.jsonl", "_old/3.jsonl", ".hidden/4.jsonl", "a/_SUCCESS", "a/notes.md"):
        (data / name).parent.mkdir(parents=True, exist_ok=True)
        (data / name).write_text(json.dumps({"text": name}) + "\n", "utf-8")
    source, out = str(tmp_path / wanted), str(tmp_path / "out")
    if wanted == "memory":  # an object store: what is put is there at once, and there are no renames
        source, out = "memory://in/data", "memory://out/predictions"
        fsspec.filesystem("memory").put(f"{data}/", "memory://in/data/", recursive=True)
    assert predict(place, source, out).parts == 2
    fs, folder = fsspec.url_to_fs(out)
    texts = [json.loads(fs.cat_file(path))["text"] for path in sorted(fs.glob(f"{folder}/part-*"))]
    assert texts == ["a/2.jsonl", "b/1.jsonl"]


class Ranges(fsspec.AbstractFileSystem):
    """A store that is read by ranges of bytes, as object stores are, and counts how often it is asked."""

    protocol = "ranges"
    files: ClassVar[dict[str, bytes]] = {}
    asked = 0

    def info(self, path: str, **_: object) -> dict[str, object]:
        name = self._strip_protocol(path)
        return {"name": name, "size": len(self.files[name]), "type": "file", "ETag": f'"{len(self.files[name])}"'}

    def _open(self, path: str, mode: str = "rb", **_: object) -> AbstractBufferedFile:
        class File(AbstractBufferedFile):
            def _fetch_range(self, start: int, end: int) -> bytes:
                Ranges.asked += 1
                return Ranges.files[path][start:end]

        return File(self, path, mode)


@pytest.mark.parametrize("kind", ["jsonl", "parquet"])
def test_a_file_in_a_store_of_ranges_is_read_in_few_requests(place: Path, tmp_path: Path, kind: str) -> None:
    fsspec.register_implementation("ranges", Ranges, clobber=True)
    pq.write_table(pa.Table.from_pylist([{"id": None} | row(n) for n in range(RECORDS)]), tmp_path / "in.parquet")
    Ranges.files = {"in.jsonl": (place / "in.jsonl").read_bytes(), "in.parquet": (tmp_path / "in.parquet").read_bytes()}
    Ranges.asked = 0
    predict(place, f"ranges://in.{kind}", tmp_path / "out")
    assert joined(tmp_path / "out") == (place / "local.jsonl").read_bytes()
    assert Ranges.asked <= 3 * (1 + 4)  # for the plan and for each of the four parts


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("nothing.jsonl", "no file to predict; found nothing"),
        ("notes.md", "no file to predict; found 1 files, as notes.md"),
        ("empty.jsonl", "the input has no records"),
        ("gone/*.jsonl", "no file to predict"),
        ("nowhere://x", "not a place that can be reached"),
        ("", "the output holds the input"),
    ],
)
def test_an_input_that_will_not_do_is_one_message(place: Path, tmp_path: Path, source: str, message: str) -> None:
    (tmp_path / "notes.md").write_text("notes", "utf-8")
    (tmp_path / "empty.jsonl").write_text("\n\n", "utf-8")
    (tmp_path / "out").mkdir()
    if not source:
        (tmp_path / "out" / "in.jsonl").write_text('{"text": "a"}', "utf-8")
    with pytest.raises(InputError, match=message):
        predict(place, source if "://" in source else tmp_path / source, tmp_path / "out")
    assert not {p.name for p in (tmp_path / "out").iterdir()} - {"in.jsonl"}


def test_a_file_that_is_changed_under_way_is_not_read_on(place: Path, tmp_path: Path) -> None:
    source = tmp_path / "in.jsonl"
    source.write_text('{"text": "a"}\n', "utf-8")
    job = open_job(place / "bundle", str(source), Task(str(tmp_path / "out")))
    source.write_text('{"text": "abc"}\n', "utf-8")
    with pytest.raises(InputError, match="the input has been changed since the prediction began"):
        ShardWorker(Predictor(place / "bundle"), job.task).run(job.shards[0])
    assert not parts(tmp_path / "out")


def test_a_full_disk_leaves_no_half_part_and_the_next_run_goes_on(place: Path, tmp_path: Path) -> None:
    code = "import sys; from goldleaf import workspace; workspace.predict_bulk(*sys.argv[1:], engine='local', shard_records=1024)"
    words = [place / "bundle", place / "in.jsonl", tmp_path / "out"]
    limit = (place / "local.jsonl").stat().st_size // 7  # less than a full part, more than the last
    done = subprocess.run(
        [sys.executable, "-c", code, *map(str, words)],
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)),
    )
    assert "the predictions cannot be written; found File too large" in done.stderr
    assert sorted(p.name for p in (tmp_path / "out").iterdir()) == ["_goldleaf.json"]
    predict(place, place / "in.jsonl", tmp_path / "out")
    assert joined(tmp_path / "out") == (place / "local.jsonl").read_bytes()


def test_a_file_is_written_over_as_a_whole(tmp_path: Path) -> None:
    path = tmp_path / "new" / "a"
    for data in (b"one", b"two"):
        write_whole(path.as_uri(), data)
        assert [p.name for p in path.parent.iterdir()] == ["a"]
        assert path.read_bytes() == data
    with pytest.raises(InputError, match="the predictions cannot be written"):
        write_whole((path / "below").as_uri(), b"")


def test_a_lost_shard_comes_first_and_its_third_death_is_the_last() -> None:
    shards = [Shard(n, StoredFile("", "a.jsonl", 1, ""), "jsonl", Block(1 + 10 * n, 10)) for n in range(2)]
    queue = Queue(deque(shards))
    assert queue.take() == shards[0]
    queue.lost(shards[0])
    assert [queue.take(), queue.take(), queue.take()] == [*shards, None]
    for _ in range(9):
        queue.lost(None)
        queue.started()
    queue.lost(shards[1])
    queue.lost(shards[1])
    with pytest.raises(InputError, match=r"a\.jsonl, records 11 to 20: the workers die at this; found 3 deaths"):
        queue.lost(shards[1])


@pytest.mark.parametrize(
    ("cpus", "workers", "threads"),
    [([2], 1, 2), ([2], 2, 1), ([8], 3, 2), ([8, 12], 2, 8), ([4, 4, 1], 3, 2), ([0, 5], 2, 2)],
)
def test_threads_are_shared_out_without_parting_a_worker(cpus: list[int], workers: int, threads: int) -> None:
    assert share_threads(cpus, workers) == threads


def test_more_workers_than_cpus_are_refused() -> None:
    with pytest.raises(InputError, match="found 4 workers; expected at most 3"):
        share_threads([2, 1], 4)


def test_without_ray_the_message_names_the_extra(place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    monkeypatch.delitem(sys.modules, "goldleaf.serve.bulk.ray_workers", raising=False)
    with pytest.raises(MissingExtraError, match=r'pip install "goldleaf\[ray\]"'):
        predict(place, place / "in.jsonl", tmp_path / "out", engine="ray")
