"""Large imports are made ready beside the database: others write meanwhile, and what they write is not lost and not contradicted."""

import json
from itertools import count

import pytest

from goldleaf.core import Field, InputError, Schema
from goldleaf.store import annotations_of, find_by_ids, gold_of
from goldleaf.workspace import AnnotationDesk, Submission, import_file, importing, init_workspace, record_history

SCHEMA = Schema((Field("label", "choice", ("yes", "no")),))
IDS = (f"client-{n:06d}" for n in count())


@pytest.fixture
def ws(tmp_path, monkeypatch):
    monkeypatch.setattr(importing, "LARGE", 0)
    with init_workspace(tmp_path / "w", schema=SCHEMA) as ws:
        import_file(ws, lines(tmp_path / "a.jsonl", [{"id": f"r{n}", "text": f"text {n}"} for n in range(4)]))
        yield ws


@pytest.fixture
def desk(ws):
    desk = AnnotationDesk(ws)
    yield desk
    desk.close()


def lines(path, rows):
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    return path


def say(desk, who, record, label="yes", **more):
    submission = Submission(next(IDS), record, {"label": label}, want=0, **more)
    return desk.submit("default", who, submission).result(5)["annotation"]


def once(do):
    """A callback for the progress of an import, which does something when it is first called."""
    left = [do]
    return lambda read: left.pop()() if left else None


def stored(ws, record):
    with ws.store.read() as c:
        pk = find_by_ids(c, 1, [record])[record].pk
        return annotations_of(c, {pk: record}).get(pk, []), gold_of(c, {pk: record}).get(pk, [])


def test_an_answer_given_while_an_import_runs_does_not_wait_and_both_are_there(ws, desk, tmp_path):
    desk.next_items("default", "ann").result(5)
    answered = []
    path = lines(tmp_path / "b.jsonl", [{"id": f"n{n}", "text": f"new {n}", "label": "no"} for n in range(3)])
    result = import_file(ws, path, progress=once(lambda: answered.append(say(desk, "ann", "r0"))))
    assert (result.added, result.gold_added) == (3, 3)
    assert [a.id for a in stored(ws, "r0")[0]] == answered
    for n in range(3):  # the answer had the id that the import's first annotation would have had
        [annotation], [gold] = stored(ws, f"n{n}")
        assert gold.annotations == (annotation.id,)
        assert annotation.id == answered[0] + 1 + n
    assert list(ws.folder.glob(".import-*")) == []


def test_an_import_that_corrects_somebody_who_answers_meanwhile_sees_that_answer(ws, desk, tmp_path):
    desk.next_items("default", "ann").result(5)
    path = lines(tmp_path / "b.jsonl", [{"id": "r0", "text": "text 0", "label": "no"}])
    import_file(ws, path, as_="annotations", annotator="ann", progress=once(lambda: say(desk, "ann", "r0")))
    first, second = stored(ws, "r0")[0]
    assert (first.values, second.values) == ({"label": "yes"}, {"label": "no"})
    assert second.supersedes == first.id


def test_records_that_somebody_else_brings_meanwhile_are_known(ws, tmp_path):
    other = lines(tmp_path / "other.jsonl", [{"id": "n0", "text": "new 0"}])
    path = lines(tmp_path / "b.jsonl", [{"id": f"n{n}", "text": f"new {n}"} for n in range(3)])
    result = import_file(ws, path, progress=once(lambda: import_file(ws, other)))
    assert (result.added, result.known) == (2, 1)


def test_a_split_that_somebody_else_gives_meanwhile_stays(ws, tmp_path):
    other = lines(tmp_path / "other.jsonl", [{"id": "r1", "text": "text 1", "split": "test"}])
    path = lines(tmp_path / "b.jsonl", [{"id": f"r{n}", "text": f"text {n}", "split": "train"} for n in range(3)])
    import_file(ws, path, progress=once(lambda: import_file(ws, other)))
    with ws.store.read() as c:
        assert [record_history(c, "default", f"r{n}")["split"] for n in range(3)] == ["train", "test", "train"]


def test_a_mistake_in_the_last_line_leaves_nothing_of_a_large_file(ws, tmp_path):
    rows = [{"id": f"n{n}", "text": f"new {n}", "label": "no"} for n in range(2500)]
    path = lines(tmp_path / "b.jsonl", [*rows, {"id": "n9999", "text": "x", "label": "perhaps"}])
    with pytest.raises(InputError, match="unknown label") as told:
        import_file(ws, path)
    assert told.value.where.startswith("b.jsonl:2501")
    with ws.store.read() as c:
        assert find_by_ids(c, 1, ["n0", "n2400"]) == {}
    assert list(ws.folder.glob(".import-*")) == []


def test_the_same_large_file_again_adds_nothing_and_one_record_more_adds_one(ws, tmp_path):
    rows = [{"text": f"new {n % 900}", "label": "no"} for n in range(1500)]  # some occur twice, in different batches
    path = lines(tmp_path / "b.jsonl", rows)
    assert import_file(ws, path).added == 1500
    again = import_file(ws, path)
    assert (again.added, again.known, again.gold_added, again.source_known) == (0, 1500, 0, True)
    more = import_file(ws, lines(path, [*rows, {"text": "one more"}]))
    assert (more.added, more.known) == (1, 1500)
