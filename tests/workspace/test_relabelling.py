"""Labels renamed, merged and removed: everything that was said follows, and what it was is kept."""

import json
from itertools import count

import pytest

from goldleaf.core import Field, InputError, Schema, Span
from goldleaf.store import (
    LabelNote,
    Suggestion,
    find_by_ids,
    get_notes,
    gold_of,
    put_notes,
    put_suggestions,
    suggestions_of,
)
from goldleaf.workspace import (
    AnnotationDesk,
    Draft,
    Submission,
    change_labels,
    import_file,
    init_workspace,
    record_history,
)

SCHEMA = Schema(
    (
        Field("label", "choice", ("yes", "no", "maybe")),
        Field("topics", "choice", ("a", "b", "c"), many=True),
        Field("parts", "spans", ("PER", "ORG"), overlap="overlapping"),
    )
)
SAID = {"label": "maybe", "topics": ["a", "b"], "parts": [[0, 4, "PER"], [0, 4, "ORG"]]}
IDS = (f"client-{n:06d}" for n in count())


@pytest.fixture
def ws(tmp_path):
    with init_workspace(tmp_path / "w", schema=SCHEMA) as ws:
        path = tmp_path / "a.jsonl"
        path.write_text(
            "".join(json.dumps({"id": f"r{n}", "text": f"Anna said {n}."}) + "\n" for n in range(4)), "utf-8"
        )
        import_file(ws, path)
        yield ws


@pytest.fixture
def desk(ws):
    desk = AnnotationDesk(ws)
    desk.change_settings("default", {"control_share": 0.0}).result(10)
    yield desk
    desk.close()


def say(desk, who, record, values=SAID, **more):
    return desk.submit("default", who, Submission(next(IDS), record, values, want=0, **more)).result(10)


def change(desk, field, **mapping):
    return desk.write(lambda c: change_labels(c, "default", field, mapping)).result(10)


def history(ws, record="r0"):
    with ws.store.read() as c:
        return record_history(c, "default", record)


def test_a_renamed_label_is_renamed_in_answers_gold_suggestions_drafts_and_notes(ws, desk):
    with ws.store.write() as c:
        pk = find_by_ids(c, 1, ["r0", "r1"])
        shown = Suggestion("r0", "parts", [Span(0, 4, "PER")], "m", "model", [0.9])
        put_suggestions(c, [(pk["r0"].pk, shown)])
        put_notes(c, 1, {"label": {"maybe": LabelNote("not sure")}})
    desk.next_items("default", "ann", count=2).result(10)
    say(desk, "ann", "r0", suggested={"label": "maybe"})
    desk.save_draft("default", "ann", "r1", Draft({"label": "maybe"}, pending={"label": "maybe"})).result(10)
    desk.adjudicate("default", "rev", "r0", id="decision-1", values=SAID).result(10)
    schema, done = change(desk, "label", maybe="unsure")
    assert (schema.version, schema["label"].labels) == (2, ("yes", "no", "unsure"))
    assert (done.annotations, done.decisions, done.gold, done.suggestions) == (1, 1, 1, 0)
    [given] = history(ws)["annotations"]
    assert (given["values"]["label"], given["schema_version"]) == ("unsure", 2)
    assert [(e["schema_version"], e["values"]["label"]) for e in given["earlier"]] == [(1, "maybe")]
    assert history(ws)["gold"]["label"]["value"] == "unsure"
    assert history(ws)["decisions"][0]["values"]["label"] == "unsure"
    assert desk.item("default", "ann", "r1")["draft"] == {
        "values": {"label": "unsure"},
        "pending": {"label": "unsure"},
        "seconds": None,
    }
    with ws.store.read() as c:
        assert get_notes(c, 1) == {"label": {"unsure": LabelNote("not sure")}}
    _, done = change(desk, "parts", PER="NAME")
    assert done.suggestions == 1
    with ws.store.read() as c:
        [kept] = suggestions_of(c, {pk["r0"].pk: "r0"})[pk["r0"].pk]
    assert (kept.value, kept.score) == ([Span(0, 4, "NAME")], [0.9])


def test_merged_labels_become_one_and_a_disagreement_about_them_ends(ws, desk):
    desk.change_settings("default", {"overlap": 2}).result(10)
    for who, label in (("ann", "yes"), ("bob", "maybe")):
        desk.next_items("default", who).result(10)
        say(desk, who, "r0", {**SAID, "label": label})
    assert desk.review_list("default")["items"][0]["fields_in_dispute"] == ["label"]
    schema, done = change(desk, "label", maybe="yes")
    assert (schema["label"].labels, done.annotations) == (("yes", "no"), 1)
    assert desk.review_list("default")["items"][0]["disagreement"] == 0.0
    change(desk, "parts", ORG="PER")
    assert history(ws)["annotations"][0]["values"]["parts"] == [[0, 4, "PER"]]
    change(desk, "topics", a="b")
    assert history(ws)["annotations"][0]["values"]["topics"] == ["b"]


def test_scores_go_with_the_spans_that_are_left(ws, desk):
    with ws.store.write() as c:
        pk = find_by_ids(c, 1, ["r0"])["r0"].pk
        value = [Span(0, 4, "ORG"), Span(0, 4, "PER"), Span(5, 9, "ORG")]
        put_suggestions(c, [(pk, Suggestion("r0", "parts", value, "m", "model", [0.2, 0.9, 0.4]))])
        put_suggestions(
            c, [(pk, Suggestion("r0", "label", "yes", "m", "model", {"yes": 0.5, "maybe": 0.25, "no": 0.25}))]
        )
    change(desk, "parts", ORG="PER")
    change(desk, "label", maybe="no")
    with ws.store.read() as c:
        kept = {s.field: (s.value, s.score) for s in suggestions_of(c, {pk: "r0"})[pk]}
    assert kept["parts"] == ([Span(0, 4, "PER"), Span(5, 9, "PER")], [0.9, 0.4])  # the highest of those that became one
    assert kept["label"] == ("yes", {"yes": 0.5, "no": 0.5})  # 0.25 + 0.25


def test_a_removed_label_goes_from_spans_and_from_many_choices(ws, desk):
    desk.next_items("default", "ann").result(10)
    say(desk, "ann", "r0")
    change(desk, "parts", ORG=None)
    change(desk, "topics", a=None)
    [given] = history(ws)["annotations"]
    assert (given["values"]["parts"], given["values"]["topics"]) == ([[0, 4, "PER"]], ["b"])
    assert [e["values"]["topics"] for e in given["earlier"]] == [["a", "b"], ["a", "b"]]


def test_a_label_that_answers_need_is_not_removed_and_nothing_changes(ws, desk):
    desk.next_items("default", "ann", count=2).result(10)
    say(desk, "ann", "r0", {**SAID, "label": "yes"})
    say(desk, "ann", "r1")
    before = [history(ws, record) for record in ("r0", "r1")]
    with pytest.raises(InputError, match="need another one in its place"):
        change(desk, "label", yes="no", maybe=None)
    assert [history(ws, record) for record in ("r0", "r1")] == before
    schema, _ = change(desk, "topics", c=None)
    assert schema.version == 2


@pytest.mark.parametrize(
    ("field", "mapping", "words"),
    [
        ("label", {"perhaps": "yes"}, "no such label"),
        ("label", {"yes": "   "}, "this cannot be a label"),
        ("label", {"yes": None, "no": None, "maybe": None}, "a field cannot be without labels"),
        ("colour", {"red": "blue"}, "the schema has no such field"),
    ],
)
def test_what_cannot_be_is_refused(desk, field, mapping, words):
    with pytest.raises(InputError, match=words):
        change(desk, field, **mapping)


def test_an_answer_from_a_window_that_knows_the_old_labels_is_taken_under_the_new_ones(ws, desk):
    desk.next_items("default", "ann", count=2).result(10)
    change(desk, "label", maybe="unsure")
    change(desk, "label", unsure="no")
    say(desk, "ann", "r0", schema_version=1)
    [given] = history(ws)["annotations"]
    assert (given["values"]["label"], given["schema_version"]) == ("no", 3)
    change(desk, "label", yes=None)  # nobody has said it
    with pytest.raises(InputError, match="the label has been removed meanwhile"):
        say(desk, "ann", "r1", {**SAID, "label": "yes"}, schema_version=1)


def test_gold_of_another_project_stays_as_it_is(tmp_path, ws, desk):
    from goldleaf.workspace import create_project

    create_project(ws, "other", schema=SCHEMA)
    path = tmp_path / "b.jsonl"
    path.write_text(json.dumps({"id": "x", "text": "Anna", "label": "maybe"}), "utf-8")
    import_file(ws, path, project="other")
    _, done = change(desk, "label", maybe="unsure")
    assert done.gold == 0
    with ws.store.read() as c:
        [stored] = find_by_ids(c, 2, ["x"]).values()
        assert gold_of(c, {stored.pk: "x"})[stored.pk][0].value == "maybe"
