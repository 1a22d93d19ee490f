"""Snapshots: what was written is what is read, and the name follows the content alone."""

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from goldleaf.core import Example, Field, Gold, InputError, Record, Schema, Span
from goldleaf.snapshot import GOLD, Dataset, dataset_hash, gold_hash, read_snapshot, write_snapshot

SCHEMA = Schema(
    (
        Field("intent", "choice", ("book", "cancel")),
        Field("topics", "choice", ("food", "travel"), many=True),
        Field("slots", "spans", ("place",)),
        Field("pos", "tags", ("N", "V")),
    )
)


def example(id, text="go to Rome", *, group=None, meta=None, **values):
    return Example(Record(id, text, ((0, 2), (3, 5), (6, 10)), meta or {}, group), values)


def dataset():
    one = example("1", intent="book", topics=["travel"], slots=[Span(6, 10, "place")], pos=["V", "N", "N"])
    two = example("2", intent="cancel", slots=[], group="g")
    return Dataset(SCHEMA, train=[two, one], test=[example("3", topics=[])])


def test_a_snapshot_is_read_as_it_was_written(tmp_path):
    written = write_snapshot(dataset(), tmp_path / "s")
    read = read_snapshot(tmp_path / "s")
    assert read == written
    assert read.train[0].values["slots"] == [Span(6, 10, "place")]
    assert read.test[0].values == {"topics": []}, "asked and nothing there; all else was not asked"
    assert read.manifest["records"] == {"train": 2, "dev": 0, "test": 1}


def test_records_stand_in_the_order_of_ids_and_know_their_split(tmp_path):
    read = write_snapshot(dataset(), tmp_path / "s")
    assert [e.record.id for e in read.train] == ["1", "2"]
    assert {e.record.split for e in read.test} == {"test"}


def test_the_parquet_has_a_column_for_each_field(tmp_path):
    write_snapshot(dataset(), tmp_path / "s")
    table = pq.read_table(tmp_path / "s" / "train.parquet")
    assert table.column_names == ["id", "text", "tokens", "group", "timestamp", "meta", *SCHEMA.names]
    assert table.column("slots").to_pylist() == [[{"start": 6, "end": 10, "label": "place"}], []]
    assert table.column("topics").to_pylist() == [["travel"], None]


def test_the_hash_does_not_depend_on_order_meta_timestamp_or_the_schema_version():
    first = dataset()
    noted = [replace(e, record=replace(e.record, meta={"note": 1}, timestamp="2026-01-01")) for e in first.train]
    second = Dataset(replace(SCHEMA, version=7), train=noted[::-1], test=first.test)
    assert dataset_hash(first) == dataset_hash(second)


@pytest.mark.parametrize(
    "change",
    [
        lambda d: replace(d, train=d.train[:1]),
        lambda d: replace(d, train=d.train[:1], dev=d.train[1:]),
        lambda d: replace(d, test=[example("4", topics=[])]),
        lambda d: replace(d, test=[example("3", text="go to Bonn", topics=[])]),
        lambda d: replace(d, test=[example("3", group="x", topics=[])]),
        lambda d: replace(d, test=[example("3", topics=["food"])]),
        lambda d: replace(d, test=[example("3", intent="book")]),
        lambda d: replace(d, schema=Schema((Field("intent", "choice", ("cancel", "book")), *SCHEMA.fields[1:]))),
    ],
)
def test_the_hash_changes_with_content_split_and_schema(change):
    assert dataset_hash(change(dataset())) != dataset_hash(dataset())


def test_the_hash_is_the_one_this_format_has_always_given():
    small = Dataset(Schema((Field("label", "choice", ("a", "b")),)), train=[Example(Record("1", "é"), {"label": "a"})])
    # BLAKE2b, 16 bytes, of two lines of canonical JSON, written out by hand:
    import hashlib

    lines = b'[{"kind":"choice","labels":["a","b"],"name":"label"}]\n["1","\\u00e9",null,null,"train",{"label":"a"}]'
    assert dataset_hash(small) == hashlib.blake2b(lines, digest_size=16).hexdigest()


def test_the_same_snapshot_twice_writes_nothing_and_another_is_refused(tmp_path):
    folder = tmp_path / "s"
    first = write_snapshot(dataset(), folder)
    before = {p.name: p.stat().st_mtime_ns for p in folder.iterdir()}
    assert write_snapshot(dataset(), folder) == first
    assert {p.name: p.stat().st_mtime_ns for p in folder.iterdir()} == before
    with pytest.raises(InputError, match=r"something already.*the snapshot"):
        write_snapshot(replace(dataset(), test=[]), folder)


def test_an_empty_folder_is_taken_and_a_full_one_is_not(tmp_path):
    (tmp_path / "empty").mkdir()
    write_snapshot(dataset(), tmp_path / "empty")
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "mine.txt").write_text("x")
    with pytest.raises(InputError, match="something already"):
        write_snapshot(dataset(), tmp_path / "full")


def test_one_id_for_two_records_is_refused(tmp_path):
    twice = Dataset(SCHEMA, train=[example("1", intent="book")], test=[example("1", intent="book")])
    with pytest.raises(InputError, match="record 1: one id"):
        write_snapshot(twice, tmp_path / "s")
    assert not list(tmp_path.iterdir())


def told():
    """The dataset, of which it is known how two labels came to be."""
    book = Gold("1", "intent", "book", "aggregated", 0.9, (1, 2, 3), 3, {"book": 0.9, "cancel": 0.1})
    slots = Gold("1", "slots", [Span(6, 10, "place")], "adjudicated", 1.0, (1,), 1)
    two, one = dataset().train
    return replace(dataset(), train=[two, replace(one, gold={"intent": book, "slots": slots})])


def test_how_labels_came_to_be_is_read_as_it_was_written_and_counted(tmp_path):
    written = write_snapshot(told(), tmp_path / "s")
    read = read_snapshot(tmp_path / "s")
    assert read == written
    assert read.train[0].gold == told().train[1].gold
    assert read.manifest["gold"]["methods"] == {
        "intent": {"aggregated": 1},
        "topics": {},
        "slots": {"adjudicated": 1},
        "pos": {},
    }
    rows = pq.read_table(tmp_path / "s" / GOLD).to_pylist()
    assert [(r["record"], r["field"], r["annotators"]) for r in rows] == [("1", "intent", 3), ("1", "slots", 1)]


def test_how_labels_came_to_be_has_a_name_of_its_own_and_leaves_the_datasets_alone(tmp_path):
    assert dataset_hash(told()) == dataset_hash(dataset())
    assert gold_hash(dataset()) == ""
    doubted = told()
    gold = {**doubted.train[1].gold, "intent": replace(doubted.train[1].gold["intent"], confidence=0.6)}
    doubted = replace(doubted, train=[doubted.train[0], replace(doubted.train[1], gold=gold)])
    assert gold_hash(doubted) not in ("", gold_hash(told()))
    write_snapshot(told(), tmp_path / "s")
    with pytest.raises(InputError, match="came to be otherwise"):
        write_snapshot(doubted, tmp_path / "s")


def test_a_changed_confidence_is_found(tmp_path):
    write_snapshot(told(), tmp_path / "s")
    table = pq.read_table(tmp_path / "s" / GOLD)
    index = table.column_names.index("confidence")
    pq.write_table(table.set_column(index, "confidence", pa.array([0.5, 1.0])), tmp_path / "s" / GOLD)
    with pytest.raises(InputError, match=r"has been changed.*origins of labels"):
        read_snapshot(tmp_path / "s")
    (tmp_path / "s" / GOLD).unlink()
    with pytest.raises(InputError, match=f"not whole.*{GOLD}"):
        read_snapshot(tmp_path / "s")


@pytest.mark.parametrize("name", ["train.parquet", "schema.json", "manifest.json"])
def test_a_missing_file_is_named(tmp_path, name):
    write_snapshot(dataset(), tmp_path / "s")
    (tmp_path / "s" / name).unlink()
    with pytest.raises(InputError, match=name):
        read_snapshot(tmp_path / "s")


@pytest.mark.parametrize("name", ["train.parquet", "schema.json", "manifest.json"])
def test_a_broken_file_is_named(tmp_path, name):
    write_snapshot(dataset(), tmp_path / "s")
    (tmp_path / "s" / name).write_bytes(b"\xff broken")
    with pytest.raises(InputError, match=name):
        read_snapshot(tmp_path / "s")


def test_a_changed_value_is_found(tmp_path):
    write_snapshot(dataset(), tmp_path / "s")
    path = tmp_path / "s" / "train.parquet"
    table = pq.read_table(path)
    index = table.column_names.index("intent")
    pq.write_table(table.set_column(index, "intent", pa.array(["cancel", "cancel"])), path)
    with pytest.raises(InputError, match="has been changed"):
        read_snapshot(tmp_path / "s")


def test_other_parquet_bytes_with_the_same_content_are_the_same_snapshot(tmp_path):
    written = write_snapshot(dataset(), tmp_path / "s")
    path = tmp_path / "s" / "train.parquet"
    pq.write_table(pq.read_table(path), path, compression="none", row_group_size=1)
    assert read_snapshot(tmp_path / "s") == written


@pytest.mark.parametrize("place", ["nothing", "file", "folder"])
def test_what_is_no_snapshot_is_called_so(tmp_path, place):
    path = tmp_path / place
    if place == "file":
        path.write_text("x")
    elif place == "folder":
        path.mkdir()
    with pytest.raises(InputError, match=f"not a snapshot.*found (a )?{place}"):
        read_snapshot(path)


def test_a_place_that_cannot_be_written_is_one_clear_error(tmp_path):
    (tmp_path / "file").write_text("x")
    with pytest.raises(InputError, match="cannot be written"):
        write_snapshot(dataset(), tmp_path / "file" / "s")


def test_a_disk_without_room_leaves_nothing(tmp_path):
    code = (
        "import resource, sys; from pathlib import Path\n"
        "from goldleaf.core import *; from goldleaf.snapshot import *\n"
        "import pyarrow.parquet\n"
        "records = [Example(Record(str(i), f'text {i * 7919}'), {'l': 'a'}) for i in range(20000)]\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (20000, 20000))\n"
        "try: write_snapshot(Dataset(Schema((Field('l', 'choice', ('a',)),)), records), Path(sys.argv[1]))\n"
        "except InputError as error: sys.exit(str(error))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "s")], capture_output=True, text=True, check=False
    )
    assert "the snapshot cannot be written" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_an_unknown_split_is_refused():
    with pytest.raises(InputError, match="no such split"):
        dataset().split("validation")


def test_a_snapshot_of_a_later_format_is_refused(tmp_path):
    write_snapshot(dataset(), tmp_path / "s")
    path = tmp_path / "s" / "manifest.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "format": 99}))
    with pytest.raises(InputError, match="another format; found 99"):
        read_snapshot(tmp_path / "s")


TEXTS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12)


@st.composite
def examples(draw, id):
    text = draw(TEXTS)
    start = draw(st.integers(0, len(text) - 1))
    end = draw(st.integers(start + 1, len(text)))
    values = {
        "intent": draw(st.sampled_from(["book", "cancel"])),
        "topics": draw(st.sampled_from([[], ["food"], ["food", "travel"]])),
        "slots": draw(st.sampled_from([[], [Span(start, end, "place")]])),
    }
    kept = {name: value for name, value in values.items() if draw(st.booleans())}
    meta = draw(st.dictionaries(TEXTS, st.none() | st.integers() | TEXTS, max_size=2))
    return Example(Record(id, text, ((start, end),), meta, draw(st.none() | TEXTS)), kept)


@settings(max_examples=30, deadline=None)
@given(st.lists(TEXTS, min_size=1, max_size=5, unique=True).flatmap(lambda ids: st.tuples(*map(examples, ids))))
def test_any_text_comes_back_as_it_was(tmp_path_factory, drawn):
    folder = Path(tmp_path_factory.mktemp("any")) / "s"
    written = write_snapshot(Dataset(SCHEMA, train=list(drawn)), folder)
    read = read_snapshot(folder)
    assert read == written
    assert {e.record.id: (e.record.text, e.values) for e in read.train} == {
        e.record.id: (e.record.text, e.values) for e in drawn
    }
