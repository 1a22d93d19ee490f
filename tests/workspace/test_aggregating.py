"""What annotators said becomes gold; what is not sure goes to review."""

import json

import pytest

from goldleaf.core import Field, InputError, Schema
from goldleaf.store import doubts_of, find_by_ids
from goldleaf.workspace import AnnotationDesk, aggregate, gold_table, import_file, init_workspace

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
