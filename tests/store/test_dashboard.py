"""What the dashboard counts, on a project small enough to count by hand."""

import math

import pytest

from goldleaf.core import Annotation, Field, Gold, Project, Record, Schema, Span
from goldleaf.store import (
    StoredRecord,
    Suggestion,
    add_project,
    add_records,
    dashboard,
    next_annotation_id,
    open_store,
    put_gold,
    put_suggestions,
    remember_source,
)
from goldleaf.store.answers import Circumstances, add_answer

SCHEMA = Schema((Field("intent", "choice", ("ask", "thank")), Field("slots", "spans", ("city",))))
OSLO = [Span(0, 4, "city")]


@pytest.fixture
def store(tmp_path):
    store = open_store(tmp_path / "g.db", create=True)
    yield store
    store.close()


@pytest.fixture
def project(store):
    """Six records. Ann answers r1..r4, Bob r1 and r2; ann corrects r1; r5 is skipped, r6 flagged."""
    with store.write() as c:
        key = add_project(c, Project("default", SCHEMA))
        source, _ = remember_source(c, key, "/a", "d", "txt")
        add_records(
            c, key, [StoredRecord(n, Record(f"r{n}", "Oslo"), f"h{n}", source, None, "a:1") for n in range(1, 7)]
        )
        answers = (
            (1, "ann", {"intent": "ask", "slots": []}, 100.0, "submitted", {}, {}, None),
            (1, "ann", {"intent": "ask", "slots": OSLO}, 4.0, "submitted", {"intent": "ask"}, {"suggester": "m"}, 1),
            (1, "bob", {"intent": "ask", "slots": []}, 2.0, "submitted", {}, {"control": True}, None),
            (2, "ann", {"intent": "ask", "slots": []}, 6.0, "submitted", {"intent": "thank"}, {"suggester": "m"}, None),
            (2, "bob", {"intent": "ask", "slots": []}, 8.0, "surplus", {}, {"control": True}, None),
            (
                3,
                "ann",
                {"intent": "thank", "slots": []},
                10.0,
                "submitted",
                {"intent": "thank"},
                {"suggester": "m", "check": True},
                None,
            ),
            (4, "ann", {"intent": "ask", "slots": []}, None, "submitted", {}, {"check": True}, None),
            (5, "ann", {}, 1.0, "skipped", {}, {}, None),
            (6, "bob", {"intent": "ask", "slots": []}, 5.0, "flagged", {}, {}, None),
        )
        for n, (pk, who, values, seconds, status, suggested, more, supersedes) in enumerate(answers):
            at = f"2026-03-0{1 + n // 5}T10:00:00Z"
            said = Annotation(f"r{pk}", who, values, at, seconds, status, suggested=suggested, supersedes=supersedes)
            assert next_annotation_id(c) == n + 1
            add_answer(c, pk, said, Circumstances(f"id-{n:08}", **more))
        put_gold(c, [(3, Gold("r3", "intent", "ask", "imported")), (4, Gold("r4", "intent", "ask", "imported"))])
        scores = {1: {"ask": 0.97, "thank": 0.03}, 2: {"ask": 0.45, "thank": 0.55}, 3: {"ask": 0.09, "thank": 0.91}}
        values = {1: "ask", 2: "thank", 3: "thank"}
        put_suggestions(c, [(n, Suggestion(f"r{n}", "intent", values[n], "m", "model", s)) for n, s in scores.items()])
    return key


def test_days_count_what_stands_and_all_time_that_was_spent(store, project):
    with store.read() as c:
        # the first of the nine is superseded: four are left of the first day, but it took 100 of 100 + 4 + 2 + 6 + 8 seconds;
        # 10 + 1 + 5 on the second
        assert dashboard(c, project)["by_day"] == [
            {"day": "2026-03-01", "annotations": 4, "seconds": 120.0},
            {"day": "2026-03-02", "annotations": 4, "seconds": 16.0},
        ]


def test_each_person_has_records_seconds_and_agreement(store, project):
    with store.read() as c:
        ann, bob = dashboard(c, project)["annotators"]
    assert (ann["name"], ann["records"], ann["seconds"], ann["skipped"], ann["flagged"]) == ("ann", 5, 121.0, 1, 0)
    # of 100 + 4, 6 and 10; what was skipped is no answer, and one has no time
    assert ann["median_seconds"] == 10.0
    assert (bob["records"], bob["seconds"], bob["median_seconds"], bob["flagged"]) == (3, 15.0, 5.0, 1)  # of 2 and 8
    assert (ann["surplus"], bob["surplus"]) == (0, 1)
    # with bob: r1 intent yes, slots no; r2 both yes. With gold: r3 no, r4 yes. 4 of 6
    assert ann["agreement"] == pytest.approx(4 / 6)
    assert bob["agreement"] == pytest.approx(3 / 4)


def test_suggestions_are_compared_with_the_control_share(store, project):
    with store.read() as c:
        effect = dashboard(c, project)["suggestions"]
    assert effect["shown"]["n"] == 3
    assert effect["shown"]["median_seconds"] == 10.0  # of 104, 6 and 10
    assert effect["shown"]["agreement"] == pytest.approx(3 / 5)  # r1: 1 of 2, r2: 2 of 2, r3: 0 of 1
    assert effect["control"] == {"n": 2, "median_seconds": 5.0, "agreement": pytest.approx(3 / 4)}
    logs = [math.log(2), math.log(8)]
    assert effect["times"]["control"] == {
        "n": 2,
        "sum": pytest.approx(sum(logs)),
        "squares": pytest.approx(sum(log**2 for log in logs)),
    }
    assert effect["by_confidence"] == [
        {"low": 0.5, "high": 0.6, "n": 1, "accepted": 0},  # r2
        {"low": 0.9, "high": 1.0, "n": 2, "accepted": 2},  # r1 and r3
    ]
    assert effect["wrong_accepted"] == {"shown": 1, "accepted": 1}  # r3: suggested thank, answered thank, gold ask


def test_check_questions_are_right_where_all_that_is_known_of_them_was_said(store, project):
    with store.read() as c:
        assert dashboard(c, project)["checks"] == {"asked": 2, "right": 1}


def test_labels_are_counted_in_gold_and_where_there_is_none_in_the_answers(store, project):
    with store.read() as c:
        # gold: r3, r4 ask. Submitted answers that stand without gold: ann r1, bob r1, ann r2
        assert dashboard(c, project)["labels"] == {"intent": {"ask": 5}, "slots": {"city": 1}}
