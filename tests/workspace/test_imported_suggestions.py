"""Suggestions from a file: what `goldleaf predict` writes and what others write, with how sure each is."""

from __future__ import annotations

import json

import pytest

from goldleaf.core import Field, InputError, Schema
from goldleaf.store import find_by_ids, get_project, suggestions_of
from goldleaf.workspace import import_file, init_workspace

SCHEMA = Schema(
    (
        Field("intent", "choice", ("ask", "thank")),
        Field("slots", "spans", ("city",), overlap="nested"),
        Field("pos", "tags", ("NOUN", "VERB")),
    )
)
RECORD = {"id": "r1", "text": "Oslo calls Bergen", "tokens": ["Oslo", "calls", "Bergen"]}
PREDICTION = {
    "id": "r1",
    "text": "Oslo calls Bergen",
    "values": {"intent": "ask", "slots": [[0, 4, "city"], [11, 17, "city"]], "pos": ["NOUN", "VERB", "NOUN"]},
    "scores": {"intent": {"ask": 0.75, "thank": 0.25}, "slots": [0.5, 0.875], "pos": [0.9, 0.8, 0.7]},
}


@pytest.fixture
def ws(tmp_path):
    with init_workspace(tmp_path / "ws", schema=SCHEMA) as ws:
        bring(ws, tmp_path, [RECORD])
        yield ws


def bring(ws, folder, lines, name="records.jsonl", **options):
    path = folder / name
    path.write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    return import_file(ws, path, **options)


def suggested(ws, record="r1"):
    with ws.store.read() as c:
        key, _ = get_project(c, "default")
        pk = find_by_ids(c, key, [record])[record].pk
        return {s.field: (s.value, s.score, s.suggester) for s in suggestions_of(c, {pk: record}).get(pk, [])}


def test_what_predict_writes_becomes_suggestions_with_their_scores(ws, tmp_path):
    result = bring(ws, tmp_path, [PREDICTION], "p.jsonl", as_="suggestions", annotator="m@1")
    assert (result.suggestions_added, result.known, result.added, result.warnings) == (3, 1, 0, [])
    found = suggested(ws)
    assert found["intent"] == ("ask", {"ask": 0.75, "thank": 0.25}, "m@1")
    assert (found["slots"][1], found["pos"][1]) == ([0.5, 0.875], [0.9, 0.8, 0.7])
    again = bring(ws, tmp_path, [PREDICTION], "p.jsonl", as_="suggestions", annotator="m@1")
    assert again.suggestions_added == 0
    surer = {**PREDICTION, "scores": {**PREDICTION["scores"], "intent": 0.9}}
    assert bring(ws, tmp_path, [surer], "p.jsonl", as_="suggestions", annotator="m@1").suggestions_added == 1
    assert suggested(ws)["intent"][1] == 0.9


def test_scores_stand_beside_gold_and_fields_too_and_follow_spans_into_order(ws, tmp_path):
    line = {**RECORD, "intent": "ask", "gold": {"slots": [[11, 17, "city"], [0, 4, "city"]]}}
    line["scores"] = {"intent": 0.6, "slots": [0.1, 0.9]}
    bring(ws, tmp_path, [line], "s.jsonl", as_="suggestions")
    found = suggested(ws)
    assert found["intent"][1] == 0.6
    assert [list(span) for span in found["slots"][0]] == [[0, 4, "city"], [11, 17, "city"]]
    assert found["slots"][1] == [0.9, 0.1]


@pytest.mark.parametrize("score", ["high", 1.5, -0.1, True, [0.5], [0.5, 2], {"ask": 0.5}])
def test_scores_that_do_not_go_with_the_value_stop_the_import(ws, tmp_path, score):
    line = {**PREDICTION, "scores": {"slots": score}}
    with pytest.raises(InputError, match="not the scores of the value") as caught:
        bring(ws, tmp_path, [line], "s.jsonl", as_="suggestions")
    assert caught.value.where == "s.jsonl:1, scores, field slots"


def test_a_file_without_suggestions_says_so(ws, tmp_path):
    result = bring(ws, tmp_path, [RECORD], "none.jsonl", as_="suggestions")
    assert len(result.warnings) == 1
    assert "suggests nothing" in result.warnings[0]


def test_predictions_are_no_gold(ws, tmp_path):
    result = bring(ws, tmp_path, [{**PREDICTION, "tokens": RECORD["tokens"]}], "p.jsonl")
    assert (result.gold_added, result.known) == (0, 1)
    assert "predictions" in result.warnings[0]


def test_values_and_scores_of_something_else_are_meta(ws, tmp_path):
    bring(ws, tmp_path, [{"id": "m", "text": "x", "values": [1, 2], "scores": {"readability": 7}}], "m.jsonl")
    with ws.store.read() as c:
        key, _ = get_project(c, "default")
        assert find_by_ids(c, key, ["m"])["m"].record.meta == {"values": [1, 2], "scores": {"readability": 7}}
