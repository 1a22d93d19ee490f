"""The majority of spans and tags."""

import pandas as pd
import pytest

from goldleaf.core import InputError
from goldleaf.quality import aggregate


def said(*values):
    rows = [("r", f"a{n}", value) for n, value in enumerate(values)]
    return aggregate(pd.DataFrame(rows, columns=["record", "annotator", "value"])).iloc[0]


def test_a_span_that_half_of_the_answers_have_is_kept():
    found = said([[0, 3, "PER"], [5, 9, "LOC"]], [[0, 3, "PER"]], [[0, 3, "PER"], [10, 12, "LOC"]])
    assert [tuple(span) for span in found["value"]] == [(0, 3, "PER")]
    assert found["confidence"] == pytest.approx(
        (1 + 2 / 3 + 2 / 3) / 3
    )  # all have it; two of three lack each of the others


def test_of_spans_that_share_text_the_one_with_more_votes_stays():
    assert [
        tuple(s) for s in said([[0, 3, "A"]], [[0, 3, "A"]], [[2, 5, "B"]], [[2, 5, "B"]], [[0, 3, "A"]])["value"]
    ] == [(0, 3, "A")]


def test_nothing_here_by_all_is_sure():
    found = said([], [])
    assert (found["value"], found["confidence"]) == ([], 1.0)


def test_tags_are_voted_token_by_token():
    found = said(["O", "O", "B"], ["O", "B", "B"], ["O", "O", "B"])
    assert found["value"] == ["O", "O", "B"]
    assert found["confidence"] == pytest.approx((1 + 2 / 3 + 1) / 3)


def test_tags_of_different_lengths_are_refused():
    rows = [("q", "a", ["O", "O"]), ("r", "a", ["O", "O"]), ("r", "b", ["O"])]
    from goldleaf.core import Field, Schema

    with pytest.raises(InputError, match="different numbers of tags"):
        aggregate(
            pd.DataFrame(rows, columns=["record", "annotator", "value"]),
            schema=Schema((Field("label", "tags", ("O",)),)),
        )
