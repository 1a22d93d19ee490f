"""The desk: who is handed what, what becomes of the answers, and what a reviewer settles."""

import json
import threading
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest

from goldleaf.core import ConflictError, Field, InputError, NotFoundError, Schema, add_labels
from goldleaf.store import Suggestion, add_schema, annotations_of, find_by_ids, gold_of, put_suggestions
from goldleaf.workspace import AnnotationDesk, Draft, Submission, import_file, init_workspace

SCHEMA = Schema((Field("label", "choice", ("yes", "no")), Field("parts", "spans", ("PER",))))
YES = {"label": "yes", "parts": [[0, 4, "PER"]]}
NO = {"label": "no", "parts": []}
IDS = (f"client-{n:06d}" for n in count())


class Clock:
    def __init__(self):
        self.now = datetime(2026, 5, 4, 12, tzinfo=UTC)

    def __call__(self):
        return self.now

    def pass_(self, seconds):
        self.now += timedelta(seconds=seconds)


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def ws(tmp_path):
    with init_workspace(tmp_path / "w", schema=SCHEMA) as ws:
        bring(ws, tmp_path, range(6))
        yield ws


@pytest.fixture
def desk(ws, clock):
    desk = AnnotationDesk(ws, clock=clock)
    yield desk
    desk.close()


def bring(ws, folder, numbers, name="a", **more):
    path = folder / f"{name}.jsonl"
    rows = [{"id": f"r{n}", "text": f"Anna said {n}.", **more} for n in numbers]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    import_file(ws, path)


def ask(desk, who, count=1, have=()):
    return [item["record"] for item in desk.next_items("default", who, count=count, have=have).result(10)["items"]]


def say(desk, who, record, values=YES, **more):
    more = {"want": 0, "seconds": 2.0} | more
    return desk.submit("default", who, Submission(more.pop("id", next(IDS)), record, values, **more)).result(10)


def change(desk, **settings):
    desk.change_settings("default", settings).result(10)


def stored(ws, record="r0"):
    with ws.store.read() as c:
        pk = find_by_ids(c, 1, [record])[record].pk
        return annotations_of(c, {pk: record}).get(pk, [])


def row(ws, record):
    with ws.store.read() as c:
        sql = "SELECT q.* FROM queue q JOIN records r ON r.pk = q.record_pk WHERE r.id = ?"
        return c.exec_driver_sql(sql, (record,)).one()


# the order of the queue


def test_records_come_in_the_order_of_the_file(desk):
    assert ask(desk, "ann", 3) == ["r0", "r1", "r2"]


def test_what_somebody_holds_nobody_else_is_given(desk):
    assert ask(desk, "ann", 2) == ["r0", "r1"]
    assert ask(desk, "bob", 3) == ["r2", "r3", "r4"]


def test_a_person_who_lost_their_page_is_given_the_same_records_again(desk):
    assert ask(desk, "ann", 2) == ["r0", "r1"]
    assert ask(desk, "ann", 2) == ["r0", "r1"]
    assert ask(desk, "ann", 2, have=["r0"]) == ["r1", "r2"]


def test_nothing_is_left_when_all_is_handed_out(desk):
    assert len(ask(desk, "ann", 10)) == 6
    assert ask(desk, "bob") == []


def test_with_overlap_a_record_goes_to_so_many_people_and_to_each_once(desk):
    change(desk, overlap=2)
    for who in ("ann", "bob"):
        for n in range(6):
            assert ask(desk, who) == [f"r{n}"]
            say(desk, who, f"r{n}")
        assert ask(desk, who) == []
    assert ask(desk, "cyd") == []


def test_a_random_order_is_that_of_the_seed(desk):
    change(desk, order="random", seed=5)
    first = ask(desk, "ann", 6)
    assert first != sorted(first)
    desk.release("ann").result(10)
    change(desk, order="file")
    change(desk, order="random")
    assert ask(desk, "bob", 6) == first


def test_the_highest_priority_comes_first(desk):
    change(desk, order="priority")
    desk.set_priorities("default", {"r4": 0.9, "r2": 0.5}).result(10)
    assert ask(desk, "ann", 3) == ["r4", "r2", "r0"]


def test_records_that_come_later_are_handed_out_by_themselves(desk, ws, tmp_path):
    assert len(ask(desk, "ann", 10)) == 6
    bring(ws, tmp_path, range(6, 8), "b")
    assert ask(desk, "bob", 5) == ["r6", "r7"]
    assert desk.progress("default", "ann")["total"] == 8


def test_records_that_come_later_in_a_random_order_are_not_missed(desk, ws, tmp_path):
    change(desk, order="random")
    for record in ask(desk, "ann", 10):
        say(desk, "ann", record)
    bring(ws, tmp_path, range(6, 12), "b")
    assert sorted(ask(desk, "ann", 10)) == sorted(f"r{n}" for n in range(6, 12))


def test_a_higher_overlap_opens_what_was_done(desk):
    for record in ask(desk, "ann", 6):
        say(desk, "ann", record)
    assert desk.progress("default", "ann")["done"] == 6
    change(desk, overlap=2)
    assert desk.progress("default", "ann")["done"] == 0
    assert ask(desk, "bob", 2) == ["r0", "r1"]
    assert ask(desk, "ann") == []


# leases


def test_a_lease_that_is_over_goes_to_the_next(desk, clock):
    assert ask(desk, "ann", 6)[0] == "r0"
    clock.pass_(121)
    assert ask(desk, "bob") == ["r0"]


def test_a_renewed_lease_lasts(desk, clock):
    ask(desk, "ann", 6)
    clock.pass_(100)
    assert desk.renew("default", "ann", ["r0", "r9", "r1"]).result(10) == ["r0", "r1"]
    clock.pass_(100)
    assert ask(desk, "bob", 6) == ["r2", "r3", "r4", "r5"]


def test_asking_for_more_renews_what_one_has(desk, clock):
    ask(desk, "ann", 2)
    clock.pass_(100)
    ask(desk, "ann", 1, have=["r0", "r1"])
    clock.pass_(100)
    assert ask(desk, "bob", 6) == ["r3", "r4", "r5"]


def test_a_lease_that_ended_is_taken_up_again_while_nobody_else_has_it(desk, clock):
    ask(desk, "ann", 2)
    clock.pass_(121)
    assert ask(desk, "bob", 1) == ["r0"]
    assert desk.renew("default", "ann", ["r0", "r1"]).result(10) == ["r1"]


def test_signing_out_gives_all_back(desk):
    ask(desk, "ann", 2)
    assert [lease["record"] for lease in desk.leases("default")] == ["r0", "r1"]
    assert desk.release("ann").result(10) == 2
    assert desk.leases("default") == []
    assert sorted(ask(desk, "bob", 6)) == [f"r{n}" for n in range(6)]


def test_only_these_records_are_given_back(desk):
    ask(desk, "ann", 3)
    assert desk.release("ann", ["r1"], project="default").result(10) == 1
    assert [lease["record"] for lease in desk.leases("default")] == ["r0", "r2"]


# answers


def test_an_answer_is_stored_with_all_that_is_known_of_it(desk, ws):
    ask(desk, "ann")
    done = say(desk, "ann", "r0", comment="sure", seconds=3.5)
    (said,) = stored(ws)
    assert done["outcome"] == "counted"
    assert (said.id, said.annotator, said.status, said.seconds) == (done["annotation"], "ann", "submitted", 3.5)
    assert said.at == "2026-05-04T12:00:00Z"


def test_an_answer_brings_the_next_record(desk):
    held = ask(desk, "ann", 3)
    done = say(desk, "ann", "r0", want=1, have=tuple(held[1:]))
    assert [item["record"] for item in done["items"]] == ["r3"]
    assert done["progress"] == {"mine": 1, "today": 1, "seconds_today": 2.0, "left": 5, "done": 1, "total": 6}


def test_the_same_answer_sent_twice_is_one_annotation(desk, ws):
    ask(desk, "ann")
    first = say(desk, "ann", "r0", id="the-same-id")
    again = say(desk, "ann", "r0", id="the-same-id")
    assert (again["outcome"], again["annotation"]) == ("known", first["annotation"])
    assert len(stored(ws)) == 1
    assert again["progress"]["mine"] == 1


def test_an_id_that_belongs_to_another_answer_is_a_conflict(desk):
    ask(desk, "ann", 2)
    say(desk, "ann", "r0", id="the-same-id")
    with pytest.raises(ConflictError):
        say(desk, "ann", "r1", id="the-same-id")


def test_a_second_answer_corrects_the_first(desk, ws):
    ask(desk, "ann")
    first = say(desk, "ann", "r0")
    second = say(desk, "ann", "r0", NO, supersedes=first["annotation"])
    assert second["outcome"] == "corrected"
    assert [a.supersedes for a in stored(ws)] == [None, first["annotation"]]
    assert second["progress"]["mine"] == 1
    assert desk.item("default", "ann", "r0")["answer"]["values"] == NO
    assert [item["annotation"] for item in desk.history("default", "ann")["items"]] == [second["annotation"]]


def test_a_second_answer_that_knows_of_no_first_is_a_conflict_and_changes_nothing(desk, ws):
    ask(desk, "ann")
    first = say(desk, "ann", "r0")
    with pytest.raises(ConflictError, match="already"):
        say(desk, "ann", "r0", NO)
    assert len(stored(ws)) == 1
    second = say(desk, "ann", "r0", NO, supersedes=first["annotation"])
    with pytest.raises(ConflictError, match="already"):
        say(desk, "ann", "r0", YES, supersedes=first["annotation"])  # in between, another window has corrected it
    assert desk.item("default", "ann", "r0")["answer"]["annotation"] == second["annotation"]


def test_an_answer_may_name_the_one_it_corrects_by_the_id_it_was_sent_under(desk, ws):
    ask(desk, "ann", 2)
    first = say(desk, "ann", "r0", id="the-first-of-all")
    assert say(desk, "ann", "r0", NO, supersedes="the-first-of-all")["outcome"] == "corrected"
    assert stored(ws)[1].supersedes == first["annotation"]
    with pytest.raises(ConflictError):
        say(desk, "ann", "r0", YES, supersedes="nobody-knows-this")
    # what it was to correct has never come: there is nothing that it would replace
    assert say(desk, "ann", "r1", NO, supersedes="nobody-knows-this")["outcome"] == "counted"


def test_taking_an_answer_back_is_a_correction_that_gives_the_place_back(desk, ws):
    ask(desk, "ann")
    first = say(desk, "ann", "r0")
    assert say(desk, "ann", "r0", {}, status="skipped", supersedes=first["annotation"])["outcome"] == "corrected"
    assert (row(ws, "r0").held, row(ws, "r0").answered, row(ws, "r0").free) == (0, 0, 1)
    assert "r0" in ask(desk, "bob", 6)


def test_a_skip_gives_the_place_back_and_is_not_asked_of_the_same_person_again(desk, ws):
    ask(desk, "ann")
    say(desk, "ann", "r0", {}, status="skipped", reason="too long")
    assert ask(desk, "ann", 6) == ["r1", "r2", "r3", "r4", "r5"]
    assert ask(desk, "bob", 6) == ["r0"]
    assert stored(ws)[0].status == "skipped"


def test_a_flag_keeps_the_place_and_comes_first_in_review(desk):
    ask(desk, "ann", 2)
    say(desk, "ann", "r1")
    say(desk, "ann", "r0", {}, status="flagged", comment="is this spam?")
    assert [item["record"] for item in desk.review_list("default")["items"]] == ["r0", "r1"]
    assert "r0" not in ask(desk, "bob", 6)


def test_a_late_answer_counts_while_its_place_is_free(desk, clock):
    ask(desk, "ann", 1)
    clock.pass_(200)
    ask(desk, "bob", 0)
    assert say(desk, "ann", "r0")["outcome"] == "counted"


def test_a_late_answer_whose_place_is_taken_is_surplus(desk, ws, clock):
    ask(desk, "ann", 6)
    clock.pass_(200)
    assert ask(desk, "bob") == ["r0"]
    assert say(desk, "ann", "r0")["outcome"] == "surplus"
    assert say(desk, "bob", "r0", NO)["outcome"] == "counted"
    assert [(a.annotator, a.status) for a in stored(ws)] == [("ann", "surplus"), ("bob", "submitted")]
    assert (row(ws, "r0").held, row(ws, "r0").answered) == (1, 1)


def test_an_answer_to_a_record_of_somebody_else_is_refused(desk):
    ask(desk, "ann")
    with pytest.raises(NotFoundError):
        say(desk, "bob", "r0")


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"label": "maybe"}, "unknown label"),
        ({"parts": [[0, 999, "PER"]]}, "outside"),
        ({"other": "x"}, "no such field"),
        ({"label": 5}, "not a label"),
        ({}, "says nothing"),
    ],
)
def test_a_wrong_answer_is_refused_and_changes_nothing(desk, ws, values, words):
    ask(desk, "ann")
    with pytest.raises(InputError, match=words):
        say(desk, "ann", "r0", values)
    assert stored(ws) == []
    assert [lease["record"] for lease in desk.leases("default")] == ["r0"]


@pytest.mark.parametrize(
    "more",
    [{"id": "short"}, {"status": "gone"}, {"seconds": -1.0}, {"seconds": float("nan")}, {"comment": "x" * 10001}],
)
def test_a_submission_that_cannot_be_is_refused(desk, more):
    ask(desk, "ann")
    with pytest.raises(InputError):
        say(desk, "ann", "r0", **more)


def test_an_answer_under_an_earlier_version_of_the_schema_keeps_its_version(desk, ws):
    ask(desk, "ann")
    desk.write(lambda c: add_schema(c, 1, add_labels(SCHEMA, "label", ["maybe"]))).result(10)
    first = say(desk, "ann", "r0", schema_version=1)
    assert stored(ws)[0].schema_version == 1
    say(desk, "ann", "r0", {"label": "maybe"}, schema_version=2, supersedes=first["annotation"])
    assert stored(ws)[1].schema_version == 2


def test_a_draft_is_kept_until_the_answer_comes(desk):
    ask(desk, "ann")
    draft = Draft({"label": "ye", "parts": []}, pending={"parts": [[0, 4, "PER"]]}, seconds=7.5)
    desk.save_draft("default", "ann", "r0", draft).result(10)
    assert desk.next_items("default", "ann", count=1).result(10)["items"][0]["draft"] == {
        "values": {"label": "ye", "parts": []},
        "pending": {"parts": [[0, 4, "PER"]]},
        "seconds": 7.5,
    }
    say(desk, "ann", "r0")
    assert desk.item("default", "ann", "r0")["draft"] is None


def test_a_draft_from_before_drafts_said_what_is_pending_is_its_values(desk, ws):
    ask(desk, "ann")
    desk.save_draft("default", "ann", "r0", Draft({})).result(10)
    desk.write(lambda c: c.exec_driver_sql('UPDATE drafts SET "values" = \'{"label": "no"}\'')).result(10)
    assert desk.item("default", "ann", "r0")["draft"] == {"values": {"label": "no"}, "pending": None, "seconds": None}


def test_the_history_is_paged_the_latest_first(desk):
    for record in ask(desk, "ann", 5):
        say(desk, "ann", record)
    first = desk.history("default", "ann", limit=3)
    second = desk.history("default", "ann", before=first["next"], limit=3)
    assert [i["record"] for i in first["items"] + second["items"]] == ["r4", "r3", "r2", "r1", "r0"]
    assert second["next"] is None


def test_a_new_day_begins_with_nothing_done(desk, clock):
    ask(desk, "ann", 2)
    say(desk, "ann", "r0")
    clock.pass_(24 * 3600)
    progress = say(desk, "ann", "r1")["progress"]
    assert (progress["mine"], progress["today"], progress["seconds_today"]) == (2, 1, 2.0)


def test_an_answer_whose_sender_went_away_is_kept(desk, ws, caplog):
    ask(desk, "ann")
    begun, go = threading.Event(), threading.Event()
    desk.write(lambda c: begun.set() or go.wait(10))
    begun.wait(10)
    future = desk.submit("default", "ann", Submission("the-same-id", "r0", YES))
    assert future.cancel()
    go.set()
    assert say(desk, "ann", "r0", id="the-same-id")["outcome"] == "known"
    assert len(stored(ws)) == 1
    assert caplog.records == []


# suggestions and check questions


def suggest(desk, value="yes"):
    new = [(pk, Suggestion(f"r{pk - 1}", "label", value, "model-1", "model", {"yes": 0.8})) for pk in range(1, 7)]
    desk.write(lambda c: put_suggestions(c, new)).result(10)


def test_suggestions_are_shown_but_not_on_the_control_share(desk, ws):
    suggest(desk)
    change(desk, control_share=0.5)
    items = desk.next_items("default", "ann", count=6).result(10)["items"]
    shown = [item["record"] for item in items if item["suggestions"]]
    assert 0 < len(shown) < 6
    for item in items:
        say(desk, "ann", item["record"], suggested={"label": "yes"})
    with ws.store.read() as c:
        rows = c.exec_driver_sql(
            "SELECT r.id, a.control, a.suggested, a.suggester FROM annotations a JOIN records r ON r.pk = a.record_pk"
        )
        found = {id: (bool(control), json.loads(suggested), who) for id, control, suggested, who in rows}
    for item in items:
        known = item["record"] in shown
        expected = (False, {"label": "yes"}, "model-1") if known else (True, {}, None)
        assert found[item["record"]] == expected


def test_no_suggestion_is_shown_where_they_are_switched_off(desk):
    suggest(desk)
    change(desk, suggestions=False, control_share=0.0)
    assert all(not item["suggestions"] for item in desk.next_items("default", "ann", count=6).result(10)["items"])


def test_a_suggestion_older_than_the_schema_does_not_lose_the_answer(desk, ws):
    suggest(desk)
    change(desk, control_share=0.0)
    ask(desk, "ann")
    say(desk, "ann", "r0", suggested={"label": "gone", "parts": []})
    assert stored(ws)[0].suggested == {"parts": []}


def test_records_with_gold_are_not_asked_but_as_check_questions(desk, ws, tmp_path):
    bring(ws, tmp_path, range(6, 9), "gold", label="yes", parts=[])
    assert sorted(ask(desk, "ann", 20)) == [f"r{n}" for n in range(6)]
    change(desk, check_rate=1.0)
    items = desk.next_items("default", "bob", count=3).result(10)["items"]
    assert sorted(item["record"] for item in items) == ["r6", "r7", "r8"]
    assert {item["kind"] for item in items} == {"queue"}  # nobody is told
    assert ask(desk, "bob", 20, have=["r6", "r7", "r8"]) == []


def test_an_answer_to_a_check_question_takes_no_place(desk, ws, tmp_path):
    bring(ws, tmp_path, range(6, 7), "gold", label="yes", parts=[])
    change(desk, check_rate=1.0)
    for who in ("ann", "bob"):
        assert ask(desk, who)[0] == "r6"
        assert say(desk, who, "r6", NO)["outcome"] == "counted"
    assert (row(ws, "r6").held, row(ws, "r6").answered) == (0, 0)
    with ws.store.read() as c:
        assert c.exec_driver_sql('SELECT count(*) FROM annotations WHERE "check"').scalar() == 2


def test_imported_answers_hold_places(desk, ws, tmp_path):
    path = tmp_path / "said.csv"
    path.write_text("record,annotator,value,field\nr0,ann,yes,label\n", "utf-8")
    import_file(ws, path, format="labels", as_="annotations")
    assert ask(desk, "bob") == ["r1"]
    change(desk, overlap=2)
    assert ask(desk, "bob", 2, have=["r1"]) == ["r0", "r2"]
    assert "r0" not in ask(desk, "ann", 6)


# review


def dispute(desk):
    change(desk, overlap=2)
    for who, values in (("ann", YES), ("bob", NO)):
        for record in ask(desk, who, 3):
            say(desk, who, record, values if record == "r1" else YES)


def test_review_begins_with_the_most_disputed_and_pages_by_key(desk):
    dispute(desk)
    first = desk.review_list("default", limit=2)
    second = desk.review_list("default", after=first["next"], limit=2)
    assert [item["record"] for item in first["items"] + second["items"]] == ["r1", "r0", "r2"]
    assert (first["items"][0]["disagreement"], first["items"][0]["fields_in_dispute"]) == (1.0, ["label", "parts"])
    assert first["items"][0]["answers"] == 2
    assert first["items"][0]["gold"] is None
    assert first["items"][1]["gold"] == "majority"
    assert second["next"] is None


def test_a_reviewer_sees_every_answer(desk):
    dispute(desk)
    seen = desk.review_record("default", "r1")
    assert [(a["annotator"], a["values"]["label"]) for a in seen["answers"]] == [("ann", "yes"), ("bob", "no")]
    assert seen["gold"] == {}


def test_what_a_reviewer_decides_is_gold_and_closes_the_record(desk, ws):
    dispute(desk)
    done = desk.adjudicate("default", "rev", "r1", id="decision-1", values=NO, comment="clear").result(10)
    assert done["gold"]["label"] == {"value": "no", "method": "adjudicated", "confidence": 1.0}
    assert done["next_record"] == "r0"
    with ws.store.read() as c:
        found = gold_of(c, {2: "r1"})[2]
    assert {gold.annotations for gold in found} == {tuple(a.id for a in stored(ws, "r1"))}
    assert [item["record"] for item in desk.review_list("default")["items"]][-1] == "r1"
    assert row(ws, "r1").closed
    assert desk.review_record("default", "r1")["decision"]["comment"] == "clear"


def test_the_same_decision_sent_twice_is_one(desk, ws):
    dispute(desk)
    for _ in range(2):
        desk.adjudicate("default", "rev", "r1", id="decision-1", values=NO).result(10)
    with ws.store.read() as c:
        assert c.exec_driver_sql("SELECT count(*) FROM adjudications").scalar() == 1
    with pytest.raises(ConflictError):
        desk.adjudicate("default", "rev", "r0", id="decision-1", values=NO).result(10)


def test_a_decision_before_anybody_answered_takes_the_record_out_of_the_queue(desk):
    ask(desk, "ann", 0)
    desk.adjudicate("default", "rev", "r0", id="decision-1", values=YES).result(10)
    assert ask(desk, "ann", 6) == ["r1", "r2", "r3", "r4", "r5"]
    assert desk.progress("default", "ann")["done"] == 1


def test_a_decision_on_one_field_leaves_the_record_open(desk):
    ask(desk, "ann", 0)
    desk.adjudicate("default", "rev", "r0", id="decision-1", values={"label": "yes"}).result(10)
    assert ask(desk, "ann") == ["r0"]


def test_words_are_those_of_the_text_and_long_texts_are_cut_elsewhere(desk, ws, tmp_path):
    assert desk.next_items("default", "ann", count=1).result(10)["items"][0]["words"][:2] == ((0, 4), (5, 9))
    path = tmp_path / "zh.jsonl"
    path.write_text(json.dumps({"id": "zh", "text": "我爱北京天安门"}, ensure_ascii=False), "utf-8")
    import_file(ws, path)
    items = desk.next_items("default", "ann", count=9).result(60)["items"]
    assert items[-1]["record"] == "zh"
    assert items[-1]["words"][0] == (0, 1)


def test_a_project_that_is_not_there_is_said(desk):
    with pytest.raises(InputError, match="no such project"):
        desk.next_items("other", "ann").result(10)
