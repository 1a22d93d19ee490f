"""Imports: all or nothing, repeatable, nothing dropped on the quiet."""

import json
import os
import signal
import subprocess
import sys
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from goldleaf.core import Field, GoldleafError, InputError, Schema, Span
from goldleaf.store import annotations_of, gold_of, pages, suggestions_of
from goldleaf.workspace import ReadOptions, import_file, import_files, init_workspace, open_project, open_workspace
from goldleaf.workspace.resolve import examples


@pytest.fixture
def ws(tmp_path):
    with init_workspace(tmp_path / "w", template="intent-slots") as ws:
        yield ws


def lines(path, *rows):
    path.write_text("".join((row if isinstance(row, str) else json.dumps(row)) + "\n" for row in rows), "utf-8")
    return path


def held(ws, project=1):
    with ws.store.read() as c:
        return [stored for page in pages(c, project) for stored in page]


def values(ws):
    with ws.store.read() as c:
        return {e.record.id: e.values for e in examples(c, 1, open_project(ws).schema)}


def said(ws):
    """All annotations as (record, annotator, values, superseded by number)."""
    with ws.store.read() as c:
        found = annotations_of(c, {s.pk: s.record.id for s in held(ws)})
    return [(a.record, a.annotator, dict(a.values), a.supersedes) for one in found.values() for a in one]


def test_records_and_gold_come_in_and_open_fields_take_the_labels(ws, tmp_path):
    path = lines(
        tmp_path / "a.jsonl",
        {"text": "go to Rome", "intent": "travel", "slots": [[6, 10, "place"]], "group": "g", "channel": "app"},
        {"text": "stop", "intent": "cancel", "slots": [], "split": "test"},
    )
    result = import_file(ws, path)
    assert (result.read, result.added, result.known, result.gold_added) == (2, 2, 0, 4)
    assert result.labels_added == {"intent": ["travel", "cancel"], "slots": ["place"]}
    assert result.schema_version == open_project(ws).schema.version == 2
    first, second = held(ws)
    assert (first.record.group, first.record.meta, first.place) == ("g", {"channel": "app"}, "a.jsonl:1")
    assert (second.record.split, second.split_origin) == ("test", "given")
    assert list(values(ws).values()) == [
        {"intent": "travel", "slots": [Span(6, 10, "place")]},
        {"intent": "cancel", "slots": []},
    ]


def test_imported_gold_is_an_annotation_and_a_gold_row_that_rests_on_it(ws, tmp_path):
    import_file(ws, lines(tmp_path / "a.jsonl", {"id": "r", "text": "stop", "intent": "cancel"}))
    with ws.store.read() as c:
        (annotation,) = annotations_of(c, {1: "r"})[1]
        (gold,) = gold_of(c, {1: "r"})[1]
    assert (annotation.annotator, annotation.origin, annotation.schema_version) == ("import", "import", 2)
    assert (gold.method, gold.value, gold.annotations) == ("imported", "cancel", (annotation.id,))


def test_the_same_file_again_adds_nothing(ws, tmp_path):
    path = lines(
        tmp_path / "a.jsonl", {"text": "yes", "intent": "yes"}, {"text": "no", "intent": "no"}, {"text": "yes"}
    )
    first, again = import_file(ws, path), import_file(ws, path)
    assert (first.added, first.known, first.source_known) == (3, 0, False)
    assert (again.added, again.known, again.source_known) == (0, 3, True)
    assert (again.gold_added, again.gold_changed, again.schema_version) == (0, 0, 2)
    assert len(said(ws)) == 2


def test_the_table_of_the_design_note_on_identity_holds(ws, tmp_path):
    a = lines(tmp_path / "a.txt", "yes", "no", "yes")
    assert import_file(ws, a, format="txt").added == 3
    assert import_file(ws, a, format="txt").added == 0
    assert import_file(ws, lines(tmp_path / "b.txt", "yes", "no", "yes"), format="txt").added == 0, "a copy"
    assert import_file(ws, lines(a, "yes", "no", "yes", "yes", "maybe"), format="txt").added == 2, "it grew"
    assert import_file(ws, lines(tmp_path / "c.txt", "yes"), format="txt").added == 1, "another source"
    ids = [stored.record.id for stored in held(ws)]
    assert [stored.record.text for stored in held(ws)] == ["yes", "no", "yes", "yes", "maybe", "yes"]
    yes = ids[0].split("-")[0]
    assert len(yes) == 12
    assert [id for id in ids if id.startswith(yes)] == [f"{yes}-{n}" for n in (1, 2, 3, 4)]


@settings(max_examples=25, deadline=None)
@given(st.lists(st.lists(st.sampled_from(["ab", "c", "d"]), min_size=1, max_size=6), min_size=1, max_size=3))
def test_whatever_files_repeat_every_line_is_one_record_in_order(tmp_path_factory, files):
    folder = tmp_path_factory.mktemp("any")
    with init_workspace(folder / "w", template="classification") as ws:
        expected, seen = [], set()
        for number, content in enumerate(files):
            path = lines(folder / f"{number}.txt", *content)
            for _ in range(2):
                import_file(ws, path, format="txt")
            if tuple(content) not in seen:  # a file equal to an earlier one is the same source
                expected += content
            seen.add(tuple(content))
        assert [stored.record.text for stored in held(ws)] == expected
        assert len({stored.record.id for stored in held(ws)}) == len(expected)


def test_more_than_a_batch_of_equal_lines_are_all_kept_once(ws, tmp_path):
    path = lines(tmp_path / "a.txt", *["ok"] * 2500)
    assert import_file(ws, path, format="txt").added == 2500
    assert import_file(ws, path, format="txt").known == 2500


def test_equal_text_with_other_tokens_is_another_content(ws, tmp_path):
    path = lines(tmp_path / "a.jsonl", {"text": "ab", "tokens": [[0, 2]]}, {"text": "ab", "tokens": [[0, 1], [1, 2]]})
    import_file(ws, path)
    assert len({stored.content_hash for stored in held(ws)}) == 2


def test_one_id_with_two_contents_names_both_lines(ws, tmp_path):
    path = lines(tmp_path / "a.jsonl", {"id": "x", "text": "one"}, {"id": "x", "text": "two"})
    with pytest.raises(InputError, match=r"a\.jsonl:2: one id .*record x; found 'two'; expected 'one' of a\.jsonl:1"):
        import_file(ws, path)
    assert held(ws) == []


def test_an_id_that_the_store_has_with_another_content_names_where_that_came_from(ws, tmp_path):
    import_file(ws, lines(tmp_path / "a.jsonl", {"id": "x", "text": "one"}))
    with pytest.raises(InputError, match=r"b\.jsonl:2: .*of a\.jsonl:1"):
        import_file(ws, lines(tmp_path / "b.jsonl", {"id": "y", "text": "new"}, {"id": "x", "text": "two"}))
    assert len(held(ws)) == 1


def test_a_given_id_is_one_record_from_whatever_file(ws, tmp_path):
    import_file(ws, lines(tmp_path / "a.jsonl", {"id": "x", "text": "one"}))
    result = import_file(ws, lines(tmp_path / "b.jsonl", {"id": "x", "text": "one", "intent": "count"}))
    assert (result.added, result.known, result.gold_added) == (0, 1, 1)


def test_an_ordinal_goes_past_the_ids_that_were_given_elsewhere(ws, tmp_path):
    import_file(ws, lines(tmp_path / "a.txt", "yes"), format="txt")
    prefix = held(ws)[0].record.id.split("-")[0]
    import_file(ws, lines(tmp_path / "b.jsonl", {"id": f"{prefix}-7", "text": "yes"}))
    import_file(ws, lines(tmp_path / "c.txt", "yes", "yes"), format="txt")
    assert [s.record.id for s in held(ws)] == [f"{prefix}-{n}" for n in (1, 7, 8, 9)]


def test_changed_gold_supersedes_and_the_history_stays(ws, tmp_path):
    path = lines(tmp_path / "a.jsonl", {"id": "x", "text": "stop", "intent": "cancel", "slots": []})
    import_file(ws, path)
    lines(path, {"id": "x", "text": "stop", "intent": "halt"})
    result = import_file(ws, path, add_labels=True)
    assert (result.gold_added, result.gold_changed, result.known) == (0, 1, 1)
    assert values(ws) == {"x": {"intent": "halt", "slots": []}}
    assert said(ws) == [
        ("x", "import", {"intent": "cancel", "slots": []}, None),
        ("x", "import", {"intent": "halt", "slots": []}, 1),
    ]


def test_gold_for_another_field_is_added_beside(ws, tmp_path):
    import_file(ws, lines(tmp_path / "a.jsonl", {"id": "x", "text": "stop", "intent": "cancel"}))
    result = import_file(ws, lines(tmp_path / "b.jsonl", {"id": "x", "text": "stop", "intent": "cancel", "slots": []}))
    assert (result.gold_added, result.gold_changed) == (1, 0)
    assert [entry[2:] for entry in said(ws)] == [({"intent": "cancel"}, None), ({"slots": []}, None)]


def test_unknown_labels_are_an_error_once_the_field_has_some(ws, tmp_path):
    import_file(ws, lines(tmp_path / "a.jsonl", {"text": "stop", "intent": "cancel"}))
    path = lines(tmp_path / "b.jsonl", {"text": "go", "intent": "cancel"}, {"text": "go!", "intent": "travel"})
    with pytest.raises(InputError, match=r"b\.jsonl:2.*unknown label; found 'travel'.*--add-labels"):
        import_file(ws, path)
    assert len(held(ws)) == 1
    result = import_file(ws, path, add_labels=True)
    assert (result.added, result.labels_added, result.schema_version) == (2, {"intent": ["travel"]}, 3)


def test_an_error_in_the_last_line_leaves_nothing_of_any_file(ws, tmp_path):
    good = lines(tmp_path / "good.jsonl", *({"text": f"text {n}", "intent": "a"} for n in range(1500)))
    bad = lines(tmp_path / "bad.jsonl", {"text": "one"}, {"text": "two", "slots": [[0, 9, "x"]]})
    with pytest.raises(InputError, match=r"bad\.jsonl:2.*outside the text"):
        import_files(ws, [good, bad])
    assert held(ws) == []
    assert open_project(ws).schema.version == 1


def test_bad_records_are_skipped_counted_and_the_first_named(ws, tmp_path):
    rows = [{"text": f"text {n}", "slots": [[0, 99, "new"]]} for n in range(7)]
    path = lines(tmp_path / "a.jsonl", {"text": "good", "slots": [[0, 4, "x"]]}, *rows, "{broken", {"text": "last"})
    result = import_file(ws, path, on_error="skip")
    assert (result.read, result.added, result.skipped) == (10, 2, 8)
    assert len(result.skipped_first) == 5
    assert result.skipped_first[0].startswith("a.jsonl:2")
    assert result.labels_added == {"slots": ["x"]}, "a skipped record teaches no label"
    assert import_file(ws, path, on_error="skip").added == 0


def test_a_split_can_be_given_and_is_not_taken_back(ws, tmp_path):
    path = lines(tmp_path / "a.jsonl", {"text": "one"}, {"text": "two", "split": "dev"})
    import_file(ws, path)
    result = import_file(ws, path, split="train")
    assert [stored.record.split for stored in held(ws)] == ["train", "dev"]
    assert "1 records are in another split already" in result.warnings[0]


def test_annotations_have_their_annotator_and_change_with_what_they_say(ws, tmp_path):
    path = lines(tmp_path / "a.jsonl", {"id": "x", "text": "stop", "intent": "cancel"})
    first = import_file(ws, path, as_="annotations", annotator="ann")
    again = import_file(ws, path, as_="annotations", annotator="ann")
    import_file(ws, path, as_="annotations", annotator="bob")
    lines(path, {"id": "x", "text": "stop", "intent": "halt"})
    changed = import_file(ws, path, as_="annotations", annotator="ann", add_labels=True)
    assert [r.annotations_added for r in (first, again, changed)] == [1, 0, 1]
    assert said(ws) == [
        ("x", "ann", {"intent": "cancel"}, None),
        ("x", "bob", {"intent": "cancel"}, None),
        ("x", "ann", {"intent": "halt"}, 1),
    ]
    assert values(ws) == {"x": {}}, "one says cancel, one says halt: no majority"


def test_annotations_without_an_annotator_are_an_error(ws, tmp_path):
    path = lines(tmp_path / "a.jsonl", {"text": "stop", "intent": "cancel"})
    with pytest.raises(InputError, match="--annotator"):
        import_file(ws, path, as_="annotations")


def test_annotations_in_the_file_keep_who_when_and_how_long(ws, tmp_path):
    one = {"annotator": "ann", "values": {"intent": "a"}, "at": "2026-01-01T00:00:00Z", "seconds": 2.5}
    two = {"annotator": "bob", "values": {"intent": "a"}, "at": "2026-01-02T00:00:00Z", "status": "flagged"}
    path = lines(tmp_path / "a.jsonl", {"id": "x", "text": "stop", "annotations": [one, two]})
    assert [import_file(ws, path).annotations_added for _ in range(2)] == [2, 0]
    with ws.store.read() as c:
        first, second = annotations_of(c, {1: "x"})[1]
    assert (first.annotator, first.at, first.seconds, first.origin) == ("ann", "2026-01-01T00:00:00Z", 2.5, "human")
    assert second.status == "flagged"
    assert values(ws) == {"x": {"intent": "a"}}, "the one submitted answer"


def test_suggestions_are_no_gold(ws, tmp_path):
    path = lines(tmp_path / "a.jsonl", {"id": "x", "text": "stop", "intent": "cancel"})
    assert [import_file(ws, path, as_="suggestions").suggestions_added for _ in range(2)] == [1, 0]
    with ws.store.read() as c:
        assert [(s.field, s.value, s.suggester) for s in suggestions_of(c, {1: "x"})[1]] == [
            ("intent", "cancel", "import")
        ]
    assert values(ws) == {"x": {}}


def test_a_label_table_speaks_of_records_that_are_there(ws, tmp_path):
    import_file(ws, lines(tmp_path / "a.jsonl", {"id": "x", "text": "stop"}, {"id": "y", "text": "go"}))
    table = lines(
        tmp_path / "l.csv",
        "record,field,annotator,value,seconds",
        "x,intent,ann,halt,1.5",
        "x,intent,bob,halt,2",
        "y,intent,ann,go,3",
        'y,slots,ann,"[[0, 2, ""verb""]]",4',
    )
    first, again = import_file(ws, table), import_file(ws, table)
    assert (first.format, first.annotations_added, first.added) == ("labels", 3, 0), (
        "one annotation a record and annotator"
    )
    assert (again.annotations_added, again.known) == (0, 3)
    assert values(ws) == {"x": {"intent": "halt"}, "y": {"intent": "go", "slots": [Span(0, 2, "verb")]}}


def test_a_label_for_an_unknown_record_is_named(ws, tmp_path):
    table = lines(tmp_path / "l.csv", "record,field,annotator,value", "x,intent,ann,halt")
    with pytest.raises(InputError, match=r"l\.csv:2.*does not have; found 'x'"):
        import_file(ws, table)


def test_projects_do_not_see_each_others_records(ws, tmp_path):
    from goldleaf.workspace import create_project

    create_project(ws, "b", template="classification")
    path = lines(tmp_path / "a.txt", "yes")
    assert import_file(ws, path, format="txt").added == 1
    assert import_file(ws, path, format="txt", project="b").added == 1
    assert held(ws, 1)[0].record.id == held(ws, 2)[0].record.id


@pytest.mark.parametrize("text", ['"half \\ud83d pair"', '"a\\u0000b"'])
def test_text_that_no_text_has_is_refused(ws, tmp_path, text):
    with pytest.raises(InputError, match=r"a\.jsonl:1"):
        import_file(ws, lines(tmp_path / "a.jsonl", f'{{"text": {text}}}'))


def test_conll_keeps_tokens_groups_and_repeated_sentences(tmp_path):
    path = lines(
        tmp_path / "a.conll",
        *["-DOCSTART- O", "", "Rome B-LOC", "sleeps O", "", "-DOCSTART- O", "", "Rome B-LOC", "sleeps O", ""],
    )
    with init_workspace(tmp_path / "w", template="ner") as ws:
        assert import_file(ws, path, options=ReadOptions()).added == 2
        first, second = held(ws)
        assert (first.record.text, first.record.tokens) == ("Rome sleeps", ((0, 4), (5, 11)))
        assert first.record.group != second.record.group
        assert [v["entities"] for v in values(ws).values()] == [[Span(0, 4, "LOC")]] * 2


def test_tags_need_one_label_a_token(tmp_path):
    with init_workspace(tmp_path / "w", schema=Schema((Field("pos", "tags", ("N", "V")),))) as ws:
        path = lines(tmp_path / "a.jsonl", {"tokens": ["Rome", "sleeps"], "pos": ["N"]})
        with pytest.raises(InputError, match=r"a\.jsonl:1.*1 tags.*2, one a token"):
            import_file(ws, path)


def test_progress_counts_over_all_files(ws, tmp_path):
    told = []
    files = [lines(tmp_path / f"{n}.txt", *(f"line {n} {i}" for i in range(1200))) for n in range(2)]
    import_files(ws, files, format="txt", progress=told.append)
    assert told == [1000, 1200, 2200, 2400]


@pytest.mark.parametrize(
    ("option", "value"), [("as_", "facts"), ("split", "validation"), ("on_error", "ignore"), ("format", "docx")]
)
def test_an_option_that_is_not_one_is_refused(ws, tmp_path, option, value):
    with pytest.raises(InputError):
        import_file(ws, lines(tmp_path / "a.txt", "x"), **{option: value})


def test_a_missing_or_empty_file_leaves_no_source_behind(ws, tmp_path):
    (tmp_path / "empty.jsonl").write_text("")
    for path in (tmp_path / "none.jsonl", tmp_path / "empty.jsonl", tmp_path):
        with pytest.raises(InputError, match=str(path)):
            import_file(ws, path)
    result = import_file(ws, lines(tmp_path / "a.txt", "x"), format="txt")
    assert not result.source_known


def test_a_full_disk_is_one_clear_error_and_leaves_nothing(ws, tmp_path):
    path = lines(tmp_path / "a.txt", *(f"a line of some length, number {n}" for n in range(5000)))
    with ws.store.read() as c:  # the store keeps this connection, and with it the limit
        c.exec_driver_sql("PRAGMA max_page_count=60")
    with pytest.raises(GoldleafError, match="the disk is full"):
        import_file(ws, path, format="txt")
    assert held(ws) == []


def start_import(folder, path):
    """A process that imports, and has written several batches when this returns; it then goes on slowly."""
    code = (
        "import sys, time\n"
        "from goldleaf.workspace import import_file, open_workspace\n"
        "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)\n"  # in the background it is ignored
        "def slow(n): print(n, flush=True); time.sleep(0.3)\n"
        "with open_workspace(sys.argv[1]) as ws: import_file(ws, sys.argv[2], format='txt', progress=slow)\n"
    )
    process = subprocess.Popen([sys.executable, "-c", code, str(folder), str(path)], stdout=subprocess.PIPE, text=True)
    while (process.stdout.readline() or "9999").strip() < "3000":
        time.sleep(0.01)
    return process


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT])
def test_a_killed_or_interrupted_import_leaves_the_database_as_it_was(ws, tmp_path, how):
    import_file(ws, lines(tmp_path / "first.txt", "before"), format="txt")
    ws.close()
    path = lines(tmp_path / "a.txt", *(f"line {n}" for n in range(9000)))
    process = start_import(ws.folder, path)
    os.kill(process.pid, how)
    assert process.wait(10) != 0
    process.stdout.close()
    with open_workspace(ws.folder) as opened:
        assert [stored.record.text for stored in held(opened)] == ["before"]
        assert import_file(opened, path, format="txt").added == 9000
