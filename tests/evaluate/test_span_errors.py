"""Wrong spans, told apart by what is wrong with them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from goldleaf.core import Example, Field, Prediction, Record, Schema, Span
from goldleaf.evaluate import evaluate
from goldleaf.evaluate.span_errors import match_spans

FIELD = Field("names", "spans", ("PER", "LOC"), overlap="overlapping")
TEXT = "Ada Lovelace met Charles Babbage in London"
ADA, CHARLES, LONDON = Span(0, 12, "PER"), Span(17, 32, "PER"), Span(36, 42, "LOC")


def kinds(gold, predicted):
    return [kind for kind, _ in match_spans(gold, predicted)]


@pytest.mark.parametrize(
    ("kind", "gold", "predicted"),
    [
        ("boundary", ADA, Span(0, 3, "PER")),
        ("type", LONDON, Span(36, 42, "PER")),
        ("both", LONDON, Span(33, 42, "PER")),
    ],
)
def test_a_span_that_touches_a_gold_one_is_wrong_in_border_or_label_or_both(kind, gold, predicted):
    assert kinds([gold], [predicted]) == [kind]


def test_a_span_that_touches_none_is_invented_and_the_gold_one_missed():
    assert kinds([ADA], [LONDON]) == ["missed", "invented"]
    assert kinds([ADA], [Span(12, 16, "PER")]) == ["missed", "invented"]  # beside it, without a common character


def test_a_gold_span_in_two_halves_is_a_wrong_border_and_an_invention():
    halves = [Span(0, 3, "PER"), Span(4, 12, "PER")]
    assert list(match_spans([ADA], halves)) == [("boundary", (ADA, halves[1])), ("invented", (None, halves[0]))]


def test_equal_spans_are_paired_before_all_others():
    nested = Span(0, 3, "PER")
    assert kinds([ADA, nested], [ADA]) == [None, "missed"]


def test_a_report_counts_the_kinds_and_says_what_correcting_each_alone_would_bring():
    gold = [ADA, CHARLES, LONDON]
    predicted = [ADA, Span(17, 24, "PER"), Span(13, 16, "LOC")]
    examples = [Example(Record("r", TEXT), {"names": gold})]
    data = evaluate(Schema((FIELD,)), examples, [Prediction("r", {"names": predicted})]).data["fields"]["names"]
    found = data["span_errors"]
    assert {k: v["count"] for k, v in found.items()} == {
        "boundary": 1, "type": 0, "both": 0, "missed": 1, "invented": 1,
    }  # fmt: skip
    # tp 1, fp 2, fn 2: F1 is 2 / 6
    assert data["f1"]["value"] == found["type"]["f1_without"] == pytest.approx(2 / 6, abs=1e-6)
    assert found["boundary"]["f1_without"] == pytest.approx(4 / 6, abs=1e-6)  # tp 2, fp 1, fn 1
    assert found["missed"]["f1_without"] == pytest.approx(4 / 7, abs=1e-6)  # tp 2, fp 2, fn 1
    assert found["invented"]["f1_without"] == pytest.approx(2 / 5, abs=1e-6)  # tp 1, fp 1, fn 2
    assert found["boundary"]["examples"] == [
        {"record": "r", "text": TEXT, "offset": 0, "gold": [17, 32, "PER"], "predicted": [17, 24, "PER"]}
    ]


spans = st.lists(
    st.tuples(st.integers(0, 20), st.integers(1, 6), st.sampled_from(FIELD.labels)).map(
        lambda t: Span(t[0], t[0] + t[1], t[2])
    ),
    max_size=8,
    unique=True,
)


@given(spans, spans)
def test_every_span_is_in_exactly_one_match(gold, predicted):
    matches = list(match_spans(gold, predicted))
    assert sorted(a for _, (a, _) in matches if a is not None) == sorted(gold)
    assert sorted(b for _, (_, b) in matches if b is not None) == sorted(predicted)
    assert all((kind is None) == (a == b) for kind, (a, b) in matches)
