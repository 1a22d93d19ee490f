"""Suspected labels go to review, the last search's in place of the one before, and what was decided is left alone."""

from __future__ import annotations

import json

import pandas as pd
import pytest

from goldleaf.core import Field, InputError, Schema
from goldleaf.quality import find_errors
from goldleaf.workspace import AnnotationDesk, LabelErrors, import_file, init_workspace, review_errors

SCHEMA = Schema((Field("label", "choice", ("bad", "good")),))
GOLD = {f"r{n}": ("good", "bad")[n % 2] for n in range(12)}


@pytest.fixture
def ws(tmp_path):
    lines = [json.dumps({"id": id, "text": f"text {id}", "gold": {"label": label}}) for id, label in GOLD.items()]
    (tmp_path / "data.jsonl").write_text("\n".join(lines), encoding="utf-8")
    with init_workspace(tmp_path / "ws", schema=SCHEMA) as opened:
        import_file(opened, tmp_path / "data.jsonl")
        yield opened


def judged(*wrong):
    """What is found where a model is sure of all labels, and of the other one for these records."""
    rows = []
    for id, label in GOLD.items():
        good = 0.95 if (label == "good") != (id in wrong) else 0.05
        rows.append((id, "label", ("bad", "good"), [1 - good, good]))
    predictions = pd.DataFrame(rows, columns=["record", "field", "classes", "probabilities"])
    gold = pd.DataFrame([(id, "label", label) for id, label in GOLD.items()], columns=["record", "field", "value"])
    found = find_errors(gold, predictions, schema=SCHEMA)
    return LabelErrors(found, pd.DataFrame(), {}, [], "a model", {})


def queue(ws):
    desk = AnnotationDesk(ws)
    items = desk.review_list("default")["items"]
    desk.close()
    return [(item["record"], item["doubt"] is not None) for item in items]


def test_what_is_rather_wrong_than_right_goes_to_review_and_the_next_search_takes_its_place(ws):
    assert review_errors(ws, judged("r3", "r4")) == 2
    assert {record for record, doubted in queue(ws) if doubted} == {"r3", "r4"}
    assert review_errors(ws, judged("r5")) == 1
    assert [record for record, doubted in queue(ws) if doubted] == ["r5"]
    assert review_errors(ws, judged("r5"), at_least=1) == 0


def test_what_a_reviewer_decided_is_not_doubted_again(ws):
    review_errors(ws, judged("r3"))
    desk = AnnotationDesk(ws)
    (doubt,) = desk.review_record("default", "r3")["doubts"]
    assert (doubt["proposed"], doubt["source"]) == ("good", "errors")
    assert "model disagrees" in doubt["reasons"]
    desk.adjudicate("default", "rita", "r3", id="decision-1", values={"label": "bad"}).result(10)  # it was right
    desk.close()
    assert review_errors(ws, judged("r3", "r4")) == 1
    assert [record for record, doubted in queue(ws) if doubted] == ["r4"]


def test_a_share_that_is_none_is_refused(ws):
    with pytest.raises(InputError, match="probability"):
        review_errors(ws, judged(), at_least=50)
