"""A label table read without a schema."""

import pandas as pd
import pytest

from goldleaf.core import InputError
from goldleaf.formats import ReadOptions, read_label_frame, read_record_frame


def write(path, text):
    path.write_text(text, encoding="utf-8")
    return path


def test_lists_are_read_from_json_and_all_else_is_a_label(tmp_path):
    path = write(
        tmp_path / "labels.csv",
        "record,annotator,field,value,seconds,check\n"
        'r1,ann,who,"[[0, 3, ""PER""]]",2.5,true\n'
        "r1,ann,mood,[sic],,\n"
        "r2,ben,mood,好,1,no\n",
    )
    found = read_label_frame(path)
    assert found["value"].tolist() == [[[0, 3, "PER"]], "[sic]", "好"]
    assert found["check"].tolist() == [True, False, False]
    assert found["seconds"].tolist()[0] == 2.5
    assert list(found.columns) == ["record", "field", "annotator", "value", "seconds", "check"]


def test_skips_are_left_out_and_an_empty_answer_is_refused_by_line(tmp_path):
    path = write(tmp_path / "labels.csv", "record,annotator,value,status\nr1,a,,skipped\nr2,a,x,\n")
    assert read_label_frame(path)["record"].tolist() == ["r2"]
    bad = write(tmp_path / "bad.csv", "record,annotator,value\nr1,a,x\nr2,a,\n")
    with pytest.raises(InputError, match=r"bad\.csv:3.*empty"):
        read_label_frame(bad)


def test_who_is_not_named_in_the_file_can_be_named_beside_it(tmp_path):
    path = write(tmp_path / "labels.tsv", "record\tvalue\n1\tx\n")
    with pytest.raises(InputError, match="no column annotator"):
        read_label_frame(path)
    found = read_label_frame(path, options=ReadOptions(annotator="ann", field="mood"))
    assert found["annotator"].tolist() == ["ann"]


def test_parquet_may_hold_lists(tmp_path):
    path = tmp_path / "labels.parquet"
    table = {"record": ["r", "r"], "annotator": ["a", "b"], "value": [["x", "y"], []]}
    pd.DataFrame(table).to_parquet(path)
    assert read_label_frame(path)["value"].tolist() == [["x", "y"], []]


def test_records_are_read_from_json_lines_and_tables(tmp_path):
    lines = (
        '{"id": "r1", "text": "Ann waits", "gold": {"x": 1}, "source": "web"}\n\n{"id": 2, "tokens": ["Hi", "you"]}\n'
    )
    found = read_record_frame(write(tmp_path / "r.jsonl", lines))
    assert found["record"].tolist() == ["r1", "2"]
    assert found["text"].tolist() == ["Ann waits", "Hi you"]
    assert found["tokens"].tolist() == [None, [[0, 2], [3, 6]]]
    assert found["meta"].tolist() == [{"source": "web"}, {}]
    table = read_record_frame(write(tmp_path / "r.csv", 'record,text,tokens,price\n7,Hi you,"[[0,2],[3,6]]",9\n'))
    assert table[["record", "text", "tokens", "meta"]].values.tolist() == [
        ["7", "Hi you", [[0, 2], [3, 6]], {"price": "9"}]
    ]


@pytest.mark.parametrize(
    ("line", "said"), [("{", "not JSON"), ("[]", "not an object"), ('{"text": "a"}', "no id"), ('{"id": 1}', "no text")]
)
def test_what_is_no_record_is_refused_by_line(tmp_path, line, said):
    with pytest.raises(InputError, match=rf"r\.jsonl:2.*{said}"):
        read_record_frame(write(tmp_path / "r.jsonl", f'{{"id": "a", "text": "b"}}\n{line}\n'))
