"""What annotators said becomes gold; what is not sure goes to review."""

import json

import pandas as pd
import pytest

from goldleaf.core import Field, InputError, Schema
from goldleaf.quality.aggregation import aggregation
from goldleaf.report import render_aggregation_page
from goldleaf.snapshot import read_snapshot
from goldleaf.store import doubts_of, find_by_ids
from goldleaf.workspace import (
    AnnotationDesk,
    aggregate,
    describe_aggregation,
    gold_table,
    import_file,
    init_workspace,
    record_history,
    snapshot_folder,
    stats,
    take_snapshot,
)

SCHEMA = Schema((Field("label", "choice", ("yes", "no")),))
ANSWERS = {
    "r0": {"ann": "yes", "ben": "yes", "cy": "yes"},
    "r1": {"ann": "yes", "ben": "yes", "cy": "no"},  # two of three: 0.67
    "r2": {"ann": "no", "ben": "no", "cy": "no"},
}


@pytest.fixture
def ws(tmp_path):
    path = tmp_path / "data.jsonl"
    lines = [
        {
            "id": record,
            "text": f"text {record}",
            "annotations": [{"annotator": who, "values": {"label": value}} for who, value in said.items()],
        }
        for record, said in ANSWERS.items()
    ]
    lines += [{"id": "g", "text": "settled", "gold": {"label": "no"}}, {"id": "n", "text": "nobody was here"}]
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    with init_workspace(tmp_path / "ws", schema=SCHEMA) as opened:
        import_file(opened, path)
        yield opened


def doubts(ws):
    with ws.store.read() as c:
        ids = {each.pk: record for record, each in find_by_ids(c, 1, [*ANSWERS, "g", "n"]).items()}
        return {ids[pk]: found for pk, found in doubts_of(c, ids).items()}


def test_gold_names_its_method_and_confidence_and_leaves_imported_gold_alone(ws):
    done = aggregate(ws, method="majority", threshold=0.7)
    assert done.written == {"label": 3}
    found = gold_table(ws).set_index("record")
    assert found["value"].to_dict() == {"r0": "yes", "r1": "yes", "r2": "no", "g": "no"}
    assert found["method"].to_dict() == {"r0": "aggregated", "r1": "aggregated", "r2": "aggregated", "g": "imported"}
    assert found["confidence"]["r1"] == pytest.approx(2 / 3)


def test_what_is_not_sure_comes_first_in_review(ws):
    assert aggregate(ws, method="majority", threshold=0.7).doubted == 1
    (doubt,) = doubts(ws)["r1"]
    assert (doubt.score, doubt.proposed, doubt.reasons) == (
        pytest.approx(1 / 3, abs=1e-5),
        "yes",
        ("annotators split",),
    )
    desk = AnnotationDesk(ws)
    first = desk.review_list("default")["items"][0]
    assert (first["record"], first["doubt"]) == ("r1", doubt.score)
    (shown,) = desk.review_record("default", "r1")["doubts"]
    assert (shown["source"], shown["proposed"], shown["reasons"]) == ("aggregation", "yes", ["annotators split"])
    desk.adjudicate("default", "rita", "r1", id="decision-1", values={"label": "no"}).result(10)
    assert doubts(ws) == {}
    assert desk.review_list("default")["items"][-1]["record"] == "r1"
    desk.close()


def test_a_snapshot_says_how_each_label_came_to_be(ws):
    assert stats(ws)["gold_methods"] == {"label": {"imported": 1, "majority": 3}}
    aggregate(ws, method="majority")
    desk = AnnotationDesk(ws)
    desk.adjudicate("default", "rita", "r1", id="decision-1", values={"label": "no"}).result(10)
    desk.close()
    assert stats(ws)["gold_methods"] == {"label": {"adjudicated": 1, "imported": 1, "aggregated": 2}}
    taken = take_snapshot(ws, dev=0, test=0)
    gold = {example.record.id: example.gold["label"] for example in taken.train}
    assert {id: (g.method, g.annotators, len(g.annotations)) for id, g in gold.items()} == {
        "g": ("imported", 0, 1),  # by a file, which is nobody
        "r0": ("aggregated", 3, 3),
        "r1": ("adjudicated", 3, 3),
        "r2": ("aggregated", 3, 3),
    }
    assert gold["r0"].probabilities == {"yes": 1.0}
    assert taken.manifest["gold"]["methods"] == stats(ws)["gold_methods"]
    assert read_snapshot(snapshot_folder(ws, taken)) == taken


def test_the_same_labels_that_came_to_be_otherwise_are_a_snapshot_beside_the_first(ws):
    first = take_snapshot(ws, dev=0, test=0)  # the majority, as it stands
    aggregate(ws, method="majority")
    second = take_snapshot(ws, dev=0, test=0)
    assert second.hash == first.hash
    assert snapshot_folder(ws, first).name == first.hash
    assert snapshot_folder(ws, second).name == f"{first.hash}-{second.manifest['gold']['hash'][:8]}"
    assert {e.gold["label"].method for e in read_snapshot(snapshot_folder(ws, second)).train} == {
        "aggregated",
        "imported",
    }
    assert take_snapshot(ws, dev=0, test=0) == second


def test_what_a_reviewer_decided_stays_and_the_history_says_what_it_was_before(ws):
    aggregate(ws, method="majority")
    desk = AnnotationDesk(ws)
    desk.adjudicate("default", "rita", "r1", id="decision-1", values={"label": "no"}).result(10)
    desk.adjudicate("default", "otto", "r1", id="decision-2", values={"label": "yes"}, comment="after all").result(10)
    desk.close()
    aggregate(ws, method="majority", threshold=1)
    found = gold_table(ws).set_index("record")
    assert (found["value"]["r1"], found["method"]["r1"]) == ("yes", "adjudicated")
    assert "r1" not in doubts(ws)
    with ws.store.read() as c:
        first, second = record_history(c, "default", "r1")["decisions"]
    assert (first["reviewer"], first["values"]) == ("rita", {"label": "no"})
    before = first["before"]["label"]
    assert (before["value"], before["method"]) == ("yes", "aggregated")
    assert before["confidence"] == pytest.approx(2 / 3)
    assert second["before"]["label"] == {"value": "no", "method": "adjudicated", "confidence": 1.0}
    assert second["at"] >= first["at"]


def test_again_it_takes_the_place_of_what_it_said_before(ws):
    aggregate(ws, method="majority", threshold=1)
    assert aggregate(ws, method="majority", threshold=0).doubted == 0
    assert doubts(ws) == {}
    assert len(gold_table(ws)) == 4


def test_without_answers_there_is_nothing_to_aggregate(ws, tmp_path):
    with pytest.raises(InputError, match="confidence"):
        aggregate(ws, threshold=1.5)
    with (
        init_workspace(tmp_path / "empty", schema=SCHEMA) as empty,
        pytest.raises(InputError, match="no annotator has answered"),
    ):
        aggregate(empty)


def test_the_page_and_the_json_of_spans_say_who_takes_what_for_what():
    rows = [(n, f"a{k}", [[0, 4, "PER"]] if k else []) for n in range(30) for k in range(4)]
    table = pd.DataFrame(rows, columns=["record", "annotator", "value"])
    described = describe_aggregation(aggregation(table, "bsc"))
    missed = next(row for row in described["confusions"] if row["annotator"] == "a0" and row["said"] == "(nothing)")
    assert (missed["label"], round(missed["share"])) == ("PER", 1)
    assert {(row["start"], row["end"], row["label"]) for row in described["spans"]} == {(0, 4, "PER")}
    assert all(row["low"] < row["accuracy"] < row["high"] for row in described["annotators"])
    assert "by what the aggregation takes for true" in render_aggregation_page("Gold", described)
    assert json.dumps(described)
