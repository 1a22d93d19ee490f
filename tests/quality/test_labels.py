"""The label table, as the quality code reads it."""

import pandas as pd
import pytest

from goldleaf.core import Field, InputError, Schema, Span
from goldleaf.quality import read_answers


def table(*rows, columns=("record", "annotator", "value")):
    return pd.DataFrame(list(rows), columns=list(columns))


def test_kinds_are_read_off_the_values():
    assert read_answers(table(("r", "a", "yes")))[0].kind == "choice"
    assert read_answers(table(("r", "a", [[0, 2, "PER"]]), ("r", "b", [])))[0].kind == "spans"
    tags = read_answers(table(("r", "a", ["O", "O", "B"]), ("r", "b", ["O", "B", "B"])))[0]
    assert (tags.kind, tags.many) == ("tags", False)
    several = read_answers(table(("r", "a", ["fast"]), ("r", "b", ["fast", "kind"])))[0]
    assert (several.kind, several.many) == ("choice", True)


def test_answers_are_coded_and_the_last_of_two_counts():
    (found,) = read_answers(table(("r1", "a", "no"), ("r2", "b", "yes"), ("r1", "a", "yes")))
    assert found.records == ["r2", "r1"]
    assert [found.records[i] for i in found.record] == ["r2", "r1"]
    assert [found.annotators[i] for i in found.annotator] == ["b", "a"]
    assert found.values == ["yes", "yes"]
    assert found.labels == ("yes",)


def test_skipped_and_surplus_answers_do_not_count():
    columns = ("record", "annotator", "value", "status")
    rows = [("r", "a", "x", "submitted"), ("r", "b", "y", "skipped"), ("r", "c", "y", "surplus"), ("r", "d", "x", None)]
    (found,) = read_answers(table(*rows, columns=columns))
    assert [found.annotators[i] for i in found.annotator] == ["a", "d"]


def test_a_schema_names_kind_and_labels():
    schema = Schema((Field("mood", "choice", ("bad", "good")), Field("who", "spans", ("PER",))))
    columns = ("record", "annotator", "value", "field")
    found = read_answers(
        table(("r", "a", [[0, 1, "PER"]], "who"), ("r", "a", "good", "mood"), columns=columns), schema=schema
    )
    assert [(each.field, each.labels) for each in found] == [("mood", ("bad", "good")), ("who", ("PER",))]
    assert found[1].values == [[Span(0, 1, "PER")]]
    with pytest.raises(InputError, match="no such field"):
        read_answers(table(("r", "a", "x", "other"), columns=columns), schema=schema)


def test_numbers_are_labels_too_and_are_given_back_as_numbers():
    (found,) = read_answers(table((7, 1, 0), (7, 2, 1), (8, 1, 1)))
    assert (found.labels, found.records, found.values) == (("0", "1"), [7, 8], ["0", "1", "1"])
    assert [found.as_written(value) for value in found.values] == [0, 1, 1]


@pytest.mark.parametrize(
    ("rows", "columns", "said"),
    [
        ([("r", "x")], ("record", "value"), "no label table"),
        ([("r", None, "x")], ("record", "annotator", "value"), "empty"),
        ([("r", "a", "x"), ("r", "b", [[0, 1, "PER"]])], ("record", "annotator", "value"), "not a value"),
    ],
)
def test_what_is_no_label_table_is_refused_by_name(rows, columns, said):
    with pytest.raises(InputError, match=said):
        read_answers(table(*rows, columns=columns))


def test_an_empty_table_has_no_fields():
    assert read_answers(table()) == []
