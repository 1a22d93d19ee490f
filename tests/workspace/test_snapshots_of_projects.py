"""Snapshots, statistics and exports of a project."""

import json

import pytest

from goldleaf.core import InputError, Span
from goldleaf.snapshot import read_snapshot
from goldleaf.store import pages
from goldleaf.workspace import export_file, import_file, init_workspace, open_project, stats, take_snapshot
from goldleaf.workspace.snapshotting import preview_snapshot


@pytest.fixture
def ws(tmp_path):
    with init_workspace(tmp_path / "w", template="classification") as ws:
        yield ws


WORDS = [
    "amber",
    "birch",
    "cobalt",
    "dune",
    "ember",
    "fjord",
    "grove",
    "harbor",
    "iris",
    "jade",
    "kelp",
    "lotus",
    "maple",
    "north",
    "onyx",
    "pearl",
    "quartz",
    "reef",
]


def rows(n, start=0, **more):
    """Texts that are far from each other, in two classes."""
    for i in range(start, start + n):
        text = " ".join(WORDS[(i * k + i // 18) % 18] * (1 + i % 3) for k in (1, 5, 7, 11)) + chr(0x4E00 + i) * 30
        yield {"text": text, "label": "odd" if i % 2 else "even", **more}


def write(path, given):
    path.write_text("".join(json.dumps(row) + "\n" for row in given), "utf-8")
    return path


def splits(ws):
    with ws.store.read() as c:
        return {s.record.id: (s.record.split, s.split_origin) for page in pages(c, 1) for s in page}


def test_missing_splits_are_drawn_stored_and_kept(ws, tmp_path):
    import_file(ws, write(tmp_path / "a.jsonl", rows(100)))
    first = take_snapshot(ws)
    assert [len(first.train), len(first.dev), len(first.test)] == [80, 10, 10]
    assert {origin for _, origin in splits(ws).values()} == {"drawn"}
    before = splits(ws)
    import_file(ws, write(tmp_path / "b.jsonl", rows(100, start=100)))
    second = take_snapshot(ws, seed=5)
    assert [len(second.train), len(second.dev), len(second.test)] == [160, 20, 20]
    assert before.items() <= splits(ws).items()


def test_the_snapshot_lies_under_its_hash_and_the_same_gold_gives_the_same(ws, tmp_path):
    import_file(ws, write(tmp_path / "a.jsonl", rows(30)))
    first, again = take_snapshot(ws), take_snapshot(ws, seed=9)
    assert first.hash == again.hash
    assert [p.name for p in (ws.folder / "snapshots").iterdir()] == [first.hash]
    assert read_snapshot(ws.folder / "snapshots" / first.hash) == first
    assert take_snapshot(ws, out=tmp_path / "mine").hash == first.hash


def test_a_preview_is_the_snapshot_that_would_be_taken_and_writes_nothing(ws, tmp_path):
    import_file(ws, write(tmp_path / "a.jsonl", rows(60)))
    seen = preview_snapshot(ws)
    assert set(splits(ws).values()) == {(None, None)}
    assert not (ws.folder / "snapshots").exists()
    assert seen.hash == take_snapshot(ws).hash


def test_the_same_gold_and_seed_in_another_workspace_is_the_same_snapshot(ws, tmp_path):
    import_file(ws, write(tmp_path / "a.jsonl", rows(40)))
    with init_workspace(tmp_path / "v", template="classification") as other:
        import_file(other, tmp_path / "a.jsonl")
        assert take_snapshot(other, seed=3).hash == take_snapshot(ws, seed=3).hash


def test_given_splits_are_kept_and_take_no_drawn_records(ws, tmp_path):
    import_file(ws, write(tmp_path / "test.jsonl", rows(10)), split="test")
    import_file(ws, write(tmp_path / "rest.jsonl", rows(90, start=10)))
    dataset = take_snapshot(ws)
    # 90 records are drawn towards 0.8 : 0.1, that is 80 and 10
    assert [len(dataset.train), len(dataset.dev), len(dataset.test)] == [80, 10, 10]
    assert {e.record.text for e in dataset.test} == {row["text"] for row in rows(10)}
    assert dataset.manifest["splits"] == {"seed": 0, "shares": {"train": 0.8, "dev": 0.1}, "drawn": 90, "given": 10}


def test_leakage_between_given_splits_is_reported_and_kept(ws, tmp_path):
    import_file(
        ws, write(tmp_path / "a.jsonl", [*rows(5), {"text": "Hello there, friend", "label": "odd"}]), split="train"
    )
    test = [{"text": "Hello there, friend", "label": "odd"}, {"text": "hello there friend!", "label": "odd"}]
    import_file(ws, write(tmp_path / "b.jsonl", test), split="test")
    warned = []
    dataset = take_snapshot(ws, warn=warned.append)
    assert (len(dataset.train), len(dataset.test)) == (6, 2)
    assert dataset.manifest["leakage"]["records"] == 2
    pair = dataset.manifest["leakage"]["pairs"]["train/test"]
    assert (pair["duplicates"], pair["near_duplicates"], pair["groups"]) == (1, 2, 0)
    assert warned == [
        "test has records that are in train too: 1 with an equal text, 2 with an equal or nearly equal text",
        "the dev split is empty",
    ]


def test_a_later_near_duplicate_joins_its_twins_split(ws, tmp_path):
    import_file(ws, write(tmp_path / "a.jsonl", rows(60)))
    take_snapshot(ws)
    tested = [e.record.text for e in take_snapshot(ws).test]
    twins = [{"text": text.upper() + "!", "label": "odd"} for text in tested]
    import_file(ws, write(tmp_path / "b.jsonl", twins))
    after = take_snapshot(ws)
    assert len(after.test) == 2 * len(tested)
    assert list(splits(ws).values()).count(("test", "twin")) == len(tested)


def test_records_without_gold_stay_out_and_get_no_split(ws, tmp_path):
    import_file(ws, write(tmp_path / "a.jsonl", [*rows(10), {"text": "nobody has looked at this one"}]))
    dataset = take_snapshot(ws)
    assert len(dataset) == 10
    assert list(splits(ws).values()).count((None, None)) == 1


def test_no_gold_and_no_training_share_are_errors(ws, tmp_path):
    with pytest.raises(InputError, match="no record has gold"):
        take_snapshot(ws)
    with pytest.raises(InputError, match="no share is left"):
        take_snapshot(ws, dev=0.5, test=0.5)


def test_a_snapshot_that_cannot_be_written_leaves_the_splits_undrawn(ws, tmp_path):
    import_file(ws, write(tmp_path / "a.jsonl", rows(10)))
    (tmp_path / "file").write_text("x")
    with pytest.raises(InputError, match="cannot be written"):
        take_snapshot(ws, out=tmp_path / "file" / "s")
    assert set(splits(ws).values()) == {(None, None)}


def test_stats_of_a_project_by_hand(tmp_path):
    given = [
        {
            "tokens": ["go", "to", "Rome"],
            "intent": "travel",
            "slots": [[6, 10, "place"]],
            "group": "g",
            "split": "train",
        },
        {"tokens": ["stop"], "intent": "cancel", "slots": [], "split": "train"},
        {"tokens": ["stop"], "intent": "cancel", "split": "test"},
        {"text": "去罗马"},
    ]
    with init_workspace(tmp_path / "w", template="intent-slots") as ws:
        import_file(ws, write(tmp_path / "a.jsonl", given))
        found = stats(ws)
    assert (found["records"], found["annotations"], found["sources"], found["groups"]) == (4, 3, 1, 1)
    assert found["gold"] == {"intent": 3, "slots": 2}
    assert found["splits"] == {"train": 2, "dev": 0, "test": 1, "none": 1}
    assert found["labels"] == {"intent": {"travel": 1, "cancel": 2}, "slots": {"place": 1}}
    assert found["split_labels"]["test"] == {"intent": {"travel": 0, "cancel": 1}, "slots": {"place": 0}}
    assert found["empty"] == {"slots": 1}
    # lengths 10, 4, 4, 3: the mean is 21 / 4, the median of 3 4 4 10 is 4; tokens 3, 1, 1
    assert found["lengths"]["characters"]["mean"] == 5.25
    assert found["lengths"]["characters"]["median"] == 4
    assert found["lengths"]["tokens"]["max"] == 3
    assert found["scripts"] == {"latin": 3, "han": 1}
    assert (found["duplicates"], found["near_duplicates"]) == (1, 1)
    assert found["leakage"]["records"] == 1
    assert found["leakage"]["pairs"]["train/test"]["duplicates"] == 1
    json.dumps(found)


def test_stats_of_an_empty_project(ws):
    found = stats(ws)
    assert (found["records"], found["lengths"], found["leakage"]) == (0, {}, {"records": 0, "pairs": {}})


def test_an_export_is_imported_again_as_it_was(tmp_path):
    given = [
        {"id": "1", "text": "go to Rome", "intent": "travel", "slots": [[6, 10, "place"]], "meta": {"n": 1}},
        {"id": "2", "text": "stop", "slots": [], "split": "test", "group": "g", "timestamp": "2026-01-01"},
    ]
    with init_workspace(tmp_path / "w", template="intent-slots") as ws:
        import_file(ws, write(tmp_path / "a.jsonl", given))
        assert export_file(ws, tmp_path / "out.jsonl") == 2
        assert export_file(ws, tmp_path / "test.jsonl", split="test") == 1
        with init_workspace(tmp_path / "v", template="intent-slots") as other:
            import_file(other, tmp_path / "out.jsonl")
            export_file(other, tmp_path / "again.jsonl")
            assert stats(other)["gold"] == stats(ws)["gold"] == {"intent": 1, "slots": 2}
    assert (tmp_path / "again.jsonl").read_bytes() == (tmp_path / "out.jsonl").read_bytes()


def test_annotations_are_exported_and_come_back(tmp_path):
    with init_workspace(tmp_path / "w", template="ner") as ws:
        path = write(tmp_path / "a.jsonl", [{"id": "1", "text": "in Rome", "entities": [[3, 7, "LOC"]]}])
        import_file(ws, path, as_="annotations", annotator="ann")
        export_file(ws, tmp_path / "said.jsonl", what="annotations")
    (row,) = [json.loads(line) for line in (tmp_path / "said.jsonl").read_text().splitlines()]
    assert "gold" not in row
    assert row["annotations"][0]["annotator"] == "ann"
    with init_workspace(tmp_path / "v", template="ner") as other:
        assert import_file(other, tmp_path / "said.jsonl").annotations_added == 1
        assert take_snapshot(other).train[0].values == {"entities": [Span(3, 7, "LOC")]}


def test_spans_are_exported_in_the_scheme_asked_for(tmp_path):
    with init_workspace(tmp_path / "w", template="ner") as ws:
        import_file(ws, write(tmp_path / "a.jsonl", [{"text": "in Rome", "entities": [[3, 7, "LOC"]]}]))
        export_file(ws, tmp_path / "out.conll", scheme="BIOES")
        assert "Rome" in (text := (tmp_path / "out.conll").read_text())
        assert "S-LOC" in text


def test_an_export_that_cannot_be_is_one_clear_error(ws, tmp_path):
    import_file(ws, write(tmp_path / "a.jsonl", rows(1)))
    with pytest.raises(InputError, match="does not tell the format"):
        export_file(ws, tmp_path / "out.xyz")
    with pytest.raises(InputError, match="no such field"):
        export_file(ws, tmp_path / "out.jsonl", field="nothing")
    (tmp_path / "file").write_text("x")
    with pytest.raises(InputError, match="cannot be written"):
        export_file(ws, tmp_path / "file" / "out.jsonl")
    assert not (tmp_path / "out.jsonl").exists()


def test_a_project_is_opened_with_its_latest_schema(ws, tmp_path):
    import_file(ws, write(tmp_path / "a.jsonl", rows(2)))
    assert open_project(ws).schema["label"].labels == ("even", "odd")
