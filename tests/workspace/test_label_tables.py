"""A project's answers, records and gold as tables."""

import json

import pytest

from goldleaf.core import Field, InputError, Schema
from goldleaf.workspace import (
    export_file,
    gold_table,
    import_file,
    init_workspace,
    label_table,
    read_label_table,
    records_table,
)


@pytest.fixture
def ws(tmp_path):
    lines = [
        {
            "id": "r1",
            "text": "Ann waits",
            "annotations": [
                {"annotator": "a", "values": {"label": "bad", "entities": [[0, 3, "PER"]]}, "seconds": 2},
                {"annotator": "b", "values": {"label": "good"}},
                {"annotator": "c", "values": {"label": "bad"}},
            ],
        },
        {"id": "r2", "text": "好", "meta": {"source": "web"}, "gold": {"label": "good"}},
    ]
    path = tmp_path / "data.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    schema = Schema((Field("label", "choice", ("bad", "good")), Field("entities", "spans", ("PER",))))
    with init_workspace(tmp_path / "ws", schema=schema) as opened:
        import_file(opened, path)
        yield opened


def test_a_row_says_what_one_person_said_of_one_field(ws):
    found = label_table(ws)
    assert found[["record", "field", "annotator", "value"]].values.tolist() == [
        ["r1", "label", "a", "bad"],
        ["r1", "entities", "a", [[0, 3, "PER"]]],
        ["r1", "label", "b", "good"],
        ["r1", "label", "c", "bad"],
        ["r2", "label", "import", "good"],
    ]
    assert found["origin"].tolist() == ["human"] * 4 + ["import"]
    assert found["seconds"].tolist()[0] == 2
    assert found["check"].tolist() == [False] * 5
    assert set(label_table(ws, field="entities")["field"]) == {"entities"}
    with pytest.raises(InputError, match="no such field"):
        label_table(ws, field="mood")


def test_records_and_gold_stand_in_tables_of_their_own(ws):
    records = records_table(ws)
    assert records["record"].tolist() == ["r1", "r2"]
    assert records["meta"].tolist() == [{}, {"source": "web"}]
    gold = gold_table(ws)
    assert gold[["record", "field", "value", "method"]].values.tolist() == [
        ["r1", "label", "bad", "majority"],
        ["r1", "entities", [[0, 3, "PER"]], "single"],
        ["r2", "label", "good", "imported"],
    ]


def test_an_exported_label_table_is_the_project_s(ws, tmp_path):
    export_file(ws, tmp_path / "labels.csv", what="annotations")
    columns = ["record", "field", "annotator", "value"]
    assert (
        read_label_table(tmp_path / "labels.csv")[columns].values.tolist() == label_table(ws)[columns].values.tolist()
    )
