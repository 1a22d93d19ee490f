"""Browsing: each filter lets through what it says, and pages join without gap or repeat."""

import pytest

from goldleaf.core import Annotation, Field, Gold, Project, Record, Schema, Span
from goldleaf.store import (
    Filter,
    StoredRecord,
    Suggestion,
    add_annotations,
    add_project,
    add_records,
    annotators_in,
    browse,
    count_records,
    open_store,
    put_gold,
    put_suggestions,
    remember_source,
)
from goldleaf.store.assignments import Assignment, add_assignments
from goldleaf.store.browse import STATUSES

SCHEMA = Schema((Field("intent", "choice", ("ask", "thank")), Field("slots", "spans", ("city", "ask"))))


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    store = open_store(tmp_path_factory.mktemp("store") / "g.db", create=True)
    with store.write() as c:
        key = add_project(c, Project("default", SCHEMA))
        other = add_project(c, Project("other", SCHEMA))
        source, _ = remember_source(c, key, "/a", "d", "txt")
        texts = ["Oslo 100%", "nothing", "in oslo_1", "Bergen", "Ål", "thanks"]
        split = {1: "train", 2: "test"}
        new = [
            StoredRecord(n, Record(f"r{n}", t, split=split.get(n)), f"h{n}", source, None, "a")
            for n, t in enumerate(texts, 1)
        ]
        add_records(c, key, new)
        add_records(c, other, [StoredRecord(99, Record("r1", "Oslo 100%"), "h", source, None, "a")])
        said = [
            Annotation("r1", "ann", {"intent": "ask"}, id=1),
            Annotation("r1", "ann", {"intent": "thank", "slots": [Span(0, 4, "city")]}, id=2, supersedes=1),
            Annotation("r2", "bob", {}, status="skipped", id=3),
            Annotation("r3", "bob", {"slots": [Span(3, 7, "ask")]}, status="flagged", id=4),
            Annotation("r3", "cy", {"intent": "thank"}, status="surplus", id=5),
        ]
        add_annotations(c, [(int(a.record[1:]), a) for a in said])
        put_gold(c, [(4, Gold("r4", "intent", "ask", "imported"))])
        scores = {1: 0.5, 5: {"ask": 0.8, "thank": 0.2}, 6: [0.9, 0.3]}
        put_suggestions(c, [(n, Suggestion(f"r{n}", "intent", "ask", "m", "model", s)) for n, s in scores.items()])
    yield store
    store.close()


def found(store, **wanted):
    with store.read() as c:
        return [row.pk for row in browse(c, 1, Filter(**wanted))]


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ({}, [1, 2, 3, 4, 5, 6]),
        ({"field": "intent"}, [1, 3, 4]),
        ({"field": "slots"}, [1, 3]),
        ({"field": "intent", "label": "ask"}, [4]),  # of r1 it was superseded, of r3 it is a slot
        ({"label": "ask"}, [3, 4]),
        ({"label": "city"}, [1]),
        ({"label": "o"}, []),
        ({"annotator": "bob"}, [2, 3]),
        ({"status": "open"}, [5, 6]),
        ({"status": "provisional"}, [1]),
        ({"status": "skipped"}, [2]),
        ({"status": "flagged"}, [3]),
        ({"status": "gold"}, [4]),
        ({"status": "imported"}, [4]),
        ({"status": "adjudicated"}, []),
        ({"status": "aggregated"}, []),
        ({"status": "leased"}, []),
        ({"status": "surplus"}, [3]),
        ({"min_score": 0.5}, [1, 5]),
        ({"max_score": 0.5}, [1, 6]),  # of spans the least sure one counts
        ({"min_score": 0.75, "max_score": 0.85}, [5]),  # of a choice the one that is suggested
        ({"text": "OSLO"}, [1, 3]),
        ({"text": "100%"}, [1]),
        ({"text": "R5"}, [5]),  # an id
        ({"text": "%"}, [1]),
        ({"text": "_"}, [3]),
        ({"text": "'; DROP TABLE records; --"}, []),
        ({"split": "train"}, [1]),
        ({"split": "none"}, [3, 4, 5, 6]),
        ({"annotator": "bob", "text": "oslo"}, [3]),
        ({"field": 'a"b$.c', "label": "x"}, []),
    ],
)
def test_a_filter_lets_through_what_it_says(store, wanted, expected):
    assert found(store, **wanted) == expected


def test_pages_join_without_gap_or_repeat(store):
    seen, after = [], 0
    with store.read() as c:
        while page := browse(c, 1, Filter(), after=after, limit=4):
            seen += [row.pk for row in page]
            after = page[-1].pk
        assert seen == [1, 2, 3, 4, 5, 6]
        assert count_records(c, 1) == 6


def test_a_row_has_the_score_of_the_least_sure_suggestion(store):
    with store.read() as c:
        assert [row.score for row in browse(c, 1, Filter())] == [0.5, None, None, None, 0.8, 0.3]


def test_every_record_has_one_status_and_the_filter_finds_those_that_show_it(store):
    with store.read() as c:
        shown = {row.pk: row.status for row in browse(c, 1, Filter())}
        assert shown == {1: "provisional", 2: "skipped", 3: "flagged", 4: "imported", 5: "open", 6: "open"}
        for status in STATUSES:
            assert found(store, status=status) == [pk for pk, one in shown.items() if one == status]
        assert [row.surplus for row in browse(c, 1, Filter())] == [0, 0, 1, 0, 0, 0]


def test_what_somebody_works_on_is_not_open_and_gold_beats_a_flag(tmp_path):
    with open_store(tmp_path / "g.db", create=True).write() as c:
        key = add_project(c, Project("default", SCHEMA))
        source, _ = remember_source(c, key, "/a", "d", "txt")
        add_records(c, key, [StoredRecord(n, Record(f"r{n}", "x"), f"h{n}", source, None, "a") for n in (1, 2)])
        add_assignments(c, [Assignment(1, "ann", key, "queue", "leased", "2999-01-01T00:00:00Z")])
        add_annotations(c, [(2, Annotation("r2", "bob", {"intent": "ask"}, status="flagged", id=1))])
        put_gold(c, [(2, Gold("r2", "intent", "ask", "adjudicated"))])
        assert [row.status for row in browse(c, key, Filter())] == ["leased", "adjudicated"]
        assert [row.pk for row in browse(c, key, Filter(status="open"))] == []
        assert [row.pk for row in browse(c, key, Filter(status="flagged"))] == []


def test_the_names_of_those_who_have_annotated_a_project(store):
    with store.read() as c:
        assert annotators_in(c, 1) == ["ann", "bob", "cy"]
        assert annotators_in(c, 2) == []
