"""The commands about label quality, on a workspace and on a label table alone."""

import json

import pytest

from goldleaf.core import Field, Schema
from goldleaf.workspace import gold_table, import_file, init_workspace, open_workspace

ANSWERS = [
    ("r1", "ann", "yes"), ("r1", "ben", "yes"), ("r1", "cy", "no"),
    ("r2", "ann", "no"), ("r2", "ben", "no"), ("r2", "cy", "no"),
]  # fmt: skip


def said(goldleaf, *words):
    status, out, errors = goldleaf(*words)
    assert status == 0, errors
    return out


@pytest.fixture
def table(tmp_path):
    path = tmp_path / "labels.csv"
    path.write_text("record,annotator,value\n" + "".join(f"{','.join(row)}\n" for row in ANSWERS), encoding="utf-8")
    return path


@pytest.fixture
def place(tmp_path, table):
    records = tmp_path / "records.jsonl"
    records.write_text('{"id": "r1", "text": "one", "meta": {"source": "web"}}\n{"id": "r2", "text": "two"}\n')
    with init_workspace(tmp_path / "ws", schema=Schema((Field("mood", "choice", ("yes", "no")),))) as ws:
        import_file(ws, records)
        import_file(ws, table, format="labels", as_="annotations")
    return tmp_path / "ws"


def test_agreement_is_measured_on_a_workspace_and_on_a_table_alone(goldleaf, place, table, tmp_path):
    whole = json.loads(said(goldleaf, "quality", "agreement", "-w", place, "--json"))
    alone = json.loads(said(goldleaf, "quality", "agreement", "--data", table, "--field", "mood", "--json"))
    # Pairs that agree: one of three in r1, three of three in r2.
    assert whole["fields"]["mood"]["scores"]["raw_agreement"]["value"] == pytest.approx(4 / 6, abs=1e-6)
    assert alone["fields"]["mood"]["scores"] == whole["fields"]["mood"]["scores"]
    page = tmp_path / "a.html"
    assert "Krippendorff" in said(goldleaf, "quality", "agreement", "--data", table, "--html", page)
    assert "<svg" in page.read_text(encoding="utf-8")


def test_aggregation_writes_gold_into_a_workspace_and_only_prints_that_of_a_table(goldleaf, place, table, tmp_path):
    given = ["quality", "aggregate", "--method", "majority", "--json"]
    alone = json.loads(said(goldleaf, *given, "--data", table))
    assert [(row["record"], row["value"]) for row in alone["values"]] == [("r1", "yes"), ("r2", "no")]
    assert alone["fields"]["label"]["doubted"] == 1  # two of three is under 0.7
    with open_workspace(place) as ws:
        assert set(gold_table(ws)["method"]) == {"majority"}
    said(goldleaf, *given, "-w", place, "--html", tmp_path / "g.html")
    with open_workspace(place) as ws:
        assert gold_table(ws)["method"].tolist() == ["aggregated", "aggregated"]
    assert "review below" in (tmp_path / "g.html").read_text(encoding="utf-8")


def test_annotators_are_judged_by_gold_where_there_is_some(goldleaf, place, table, tmp_path):
    right = tmp_path / "right.csv"
    right.write_text("record,annotator,value\nr1,x,no\nr2,x,no\n", encoding="utf-8")
    page = tmp_path / "p.html"
    out = said(goldleaf, "quality", "annotators", "--data", table, "--gold", right, "--json", "--html", page)
    found = {row["annotator"]: row for row in json.loads(out)["annotators"]}
    assert found["cy"]["gold_agreement"] == 1.0  # said no twice
    assert found["ann"]["gold_agreement"] == 0.5
    assert found["ann"]["checked"] == 2
    assert "Skill of each annotator" in page.read_text(encoding="utf-8")
    assert "ben" in said(goldleaf, "quality", "annotators", "-w", place)


def test_slices_are_shown_and_rare_labels_named(goldleaf, place, tmp_path):
    found = json.loads(said(goldleaf, "quality", "slices", "-w", place, "--json", "--html", tmp_path / "s.html"))
    assert {row["by"] for row in found["slices"]} == {"annotator"}
    assert {row["label"] for row in found["rare"]} == {"yes", "no"}
    assert "too rare" in said(goldleaf, "quality", "slices", "-w", place)


@pytest.mark.parametrize("command", ["agreement", "aggregate", "annotators", "slices"])
def test_a_table_without_annotators_is_refused_in_one_line(goldleaf, tmp_path, command):
    path = tmp_path / "bad.csv"
    path.write_text("record,value\nr1,x\n")
    status, _, errors = goldleaf("quality", command, "--data", path)
    assert status == 1
    assert "bad.csv: no column annotator" in errors
