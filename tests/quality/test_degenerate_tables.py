"""Tables that hold next to nothing, contradict themselves or are enormous: each call says something right, or what is wrong with them."""

from __future__ import annotations

import json
import warnings

import pandas as pd
import pytest

from goldleaf.core import Field, InputError, Schema
from goldleaf.quality import aggregate, agreement, annotators, slices

CALLS = (agreement, aggregate, annotators, slices)


def table(*rows):
    return pd.DataFrame(list(rows), columns=["record", "annotator", "value"])


SMALL = {
    "one answer": table(("r", "a", "x")),
    "one annotator": table(*((n, "a", "xy"[n % 2]) for n in range(6))),
    "no overlap": table(*((n, f"a{n}", "xy"[n % 2]) for n in range(6))),
    "one class": table(*((n, who, "x") for n in range(6) for who in "abc")),
    "an annotator with one label": table(
        *((n, who, "x" if who == "c" else "xy"[n % 2]) for n in range(6) for who in "abc")
    ),
    "nothing marked by anybody": table(*((n, who, []) for n in range(6) for who in "abc")),
}


@pytest.fixture(autouse=True)
def _nothing_warns():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("rows", SMALL.values(), ids=SMALL)
def test_little_is_answered(call, rows):
    call(rows)


@pytest.mark.parametrize("rows", SMALL.values(), ids=SMALL)
def test_what_is_not_known_is_null_in_json(rows):
    json.dumps([agreement(rows).to_dict(), slices(rows).to_dict()], allow_nan=False)
    assert aggregate(rows)["confidence"].between(0, 1).all()


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("values", [("x", [[0, 1, "P"]]), (["x", "y"], [[0, 1, "P"]]), ([[0, 1, "P"]], ["x"])])
def test_values_of_two_kinds_in_one_field_are_refused_by_record(call, values):
    rows = table(*(("r7", f"a{n}", value) for n, value in enumerate(values)))
    with pytest.raises(InputError, match="record r7, field label: not a value of this field"):
        call(rows)


@pytest.mark.parametrize("call", CALLS)
def test_a_table_of_another_schema_is_refused(call):
    rows = table(("r", "a", "x"), ("r", "b", "x")).assign(field="mood")
    with pytest.raises(InputError, match="the schema has no such field; found 'mood'; expected topic"):
        call(rows, schema=Schema((Field("topic", "choice", ("x", "y")),)))


def test_ten_thousand_annotators_are_a_slice_each_for_those_with_most_answers_and_one_for_the_others():
    rows = table(*((n // 3, f"a{n % 10_000}", "xyz"[n % 7 % 3]) for n in range(12_000)))
    found = slices(rows, resamples=20).rows
    assert len(annotators(rows)) == 10_000
    assert len(found) == 51
    others = found[found["name"] == "9,950 others"].iloc[0]
    assert others["share"] == pytest.approx(
        (12_000 - 50 * 2) / 12_000, abs=1e-6
    )  # each of the fifty has answered twice
