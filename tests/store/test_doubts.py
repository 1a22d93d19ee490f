"""Doubts: what speaks against a value, until somebody has decided."""

import pytest

from goldleaf.core import Field, Gold, Project, Record, Schema, Span
from goldleaf.store import (
    Doubt,
    StoredRecord,
    add_project,
    add_records,
    count_doubts,
    doubts_of,
    drop_doubts,
    drop_gold,
    gold_of,
    open_store,
    put_doubts,
    put_gold,
    remember_source,
)

SCHEMA = Schema((Field("label", "choice", ("a", "b")), Field("who", "spans", ("PER",))))


@pytest.fixture
def store(tmp_path):
    opened = open_store(tmp_path / "s.db", create=True)
    with opened.write() as c:
        for name, first in (("p", 1), ("other", 3)):
            key = add_project(c, Project(name, SCHEMA))
            source, _ = remember_source(c, key, f"/{name}.txt", "digest", "txt")
            rows = [StoredRecord(pk, Record(f"r{pk}", "Ann"), f"h{pk}", source, pk, "") for pk in (first, first + 1)]
            add_records(c, key, rows)
    yield opened
    opened.close()


def test_a_source_s_doubts_take_the_place_of_its_earlier_ones(store):
    wrong = Doubt("r1", "who", "errors", 0.9, [Span(0, 3, "PER")], ("model disagrees",))
    with store.write() as c:
        assert put_doubts(c, 1, "errors", [(1, wrong), (2, Doubt("r2", "label", "errors", 0.4))]) == [1, 2]
        put_doubts(c, 1, "aggregation", [(1, Doubt("r1", "label", "aggregation", 0.95))])
        put_doubts(c, 2, "errors", [(3, Doubt("r3", "label", "errors", 0.5))])
    with store.read() as c:
        assert [d.score for d in doubts_of(c, {1: "r1", 2: "r2"})[1]] == [0.95, 0.9]
        assert doubts_of(c, {1: "r1"})[1][1] == wrong
        assert count_doubts(c, 1) == {"errors": 2, "aggregation": 1}
    with store.write() as c:
        assert put_doubts(c, 1, "errors", [(1, wrong)]) == [1, 2]  # the second is doubted no more
        assert count_doubts(c, 1) == {"errors": 1, "aggregation": 1}
        assert count_doubts(c, 2) == {"errors": 1}


def test_a_decision_ends_all_doubts_about_a_record(store):
    with store.write() as c:
        put_doubts(c, 1, "errors", [(1, Doubt("r1", "who", "errors", 0.9)), (2, Doubt("r2", "who", "errors", 0.8))])
        drop_doubts(c, [1])
        assert set(doubts_of(c, {1: "r1", 2: "r2"})) == {2}


def test_the_gold_of_one_method_is_forgotten_alone(store):
    with store.write() as c:
        for pk in (1, 3):
            put_gold(c, [(pk, Gold(f"r{pk}", "label", "a", method)) for method in ("aggregated", "imported")])
        drop_gold(c, 1, ["label"], "aggregated")
        found = gold_of(c, {1: "r1", 3: "r3"})
    assert [gold.method for gold in found[1]] == ["imported"]
    assert {gold.method for gold in found[3]} == {"aggregated", "imported"}
