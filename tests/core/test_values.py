"""Values: what each kind accepts, the one form it is kept in, and what is said of what it does not accept."""

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from goldleaf.core import (
    Field,
    InputError,
    Record,
    Schema,
    Span,
    check_value,
    check_values,
    find_clash,
    labels_in,
    value_to_json,
)

#                 0123456789
RECORD = Record("r1", "Ada met Bo", ((0, 3), (4, 7), (8, 10)))
INTENT = Field("intent", "choice", ("ask", "buy"))
TOPICS = Field("topics", "choice", ("a", "b", "c"), many=True)
NAMES = Field("names", "spans", ("PER", "LOC"))
POS = Field("pos", "tags", ("NN", "VB"))


def message(field, value, record=RECORD):
    with pytest.raises(InputError) as caught:
        check_value(field, value, record)
    return str(caught.value)


def test_one_choice_is_kept_as_its_label_even_when_given_as_a_list():
    assert check_value(INTENT, "ask", RECORD) == "ask"
    assert check_value(INTENT, ["ask"], RECORD) == "ask"
    assert check_value(INTENT, ("ask", "ask"), RECORD) == "ask"


def test_many_choices_are_kept_in_the_order_of_the_schema_and_once_each():
    assert check_value(TOPICS, ["c", "a", "c"], RECORD) == ["a", "c"]
    assert check_value(TOPICS, "b", RECORD) == ["b"]
    assert check_value(TOPICS, [], RECORD) == []


def test_spans_are_kept_sorted_and_once_each_whatever_they_were_written_as():
    given_ = [{"start": 8, "end": 10, "label": "PER"}, [0, 3, "PER"], (0, 3, "PER"), Span(4, 7, "LOC")]
    assert check_value(NAMES, given_, RECORD) == [Span(0, 3, "PER"), Span(4, 7, "LOC"), Span(8, 10, "PER")]
    assert check_value(NAMES, [], RECORD) == []


def test_one_tag_a_token_is_kept_as_it_is():
    assert check_value(POS, ("NN", "VB", "NN"), RECORD) == ["NN", "VB", "NN"]


def test_numpy_offsets_become_plain_numbers_that_json_can_hold():
    spans = check_value(NAMES, [(np.int64(0), np.uint8(3), np.str_("PER"))], RECORD)
    assert spans == [(0, 3, "PER")]
    assert [type(part) for part in spans[0][:2]] == [int, int]
    assert json.dumps(value_to_json(spans)) == '[[0, 3, "PER"]]'


@pytest.mark.parametrize("start", [False, np.False_, 0.0, "0", None, np.array([0, 1])])
def test_an_offset_that_only_resembles_a_number_is_no_offset(start):
    said = message(NAMES, [[start, 3, "PER"]])
    assert said.startswith("record r1, field names: not a span; found [")
    assert said.endswith("expected [start, end, label], offsets in code points")


ADD = "Correct it, or add the label to the schema (goldleaf import --add-labels)"


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        (INTENT, "sell", f"record r1, field intent: unknown label; found 'sell'; expected one of ask, buy. {ADD}"),
        (INTENT, "Ask", f"record r1, field intent: unknown label; found 'Ask'; expected one of ask, buy. {ADD}"),
        (INTENT, "", f"record r1, field intent: unknown label; found ''; expected one of ask, buy. {ADD}"),
        (INTENT, [1], f"record r1, field intent: unknown label; found 1; expected one of ask, buy. {ADD}"),
        (INTENT, [], "record r1, field intent: exactly one label belongs here; found []; expected one of ask, buy"),
        (
            INTENT,
            ["ask", "buy"],
            "record r1, field intent: exactly one label belongs here; found ['ask', 'buy']; expected one of ask, buy",
        ),
        (INTENT, None, "record r1, field intent: not a label; found None; expected a label"),
        (INTENT, 3, "record r1, field intent: not a label; found 3; expected a label"),
        (TOPICS, True, "record r1, field topics: not a label; found True; expected a list of labels"),
        (TOPICS, ["a", "d"], f"record r1, field topics: unknown label; found 'd'; expected one of a, b, c. {ADD}"),
        (
            POS,
            ["NN", "VB"],
            "record r1, field pos: tags and tokens differ in number; found 2 tags; expected 3, one a token",
        ),
        (
            POS,
            "NN VB NN",
            "record r1, field pos: not a list of tags; found 'NN VB NN'; expected one label for each token",
        ),
        (POS, ["NN", "VB", "X"], f"record r1, field pos: unknown label; found 'X'; expected one of NN, VB. {ADD}"),
        (NAMES, "PER", "record r1, field names: not a list of spans; found 'PER'; expected [[start, end, label], ...]"),
        (
            NAMES,
            {"start": 0},
            "record r1, field names: not a list of spans; found {'start': 0}; expected [[start, end, label], ...]",
        ),
        (
            NAMES,
            [[0, 3]],
            "record r1, field names: not a span; found [0, 3]; expected [start, end, label], offsets in code points",
        ),
        (
            NAMES,
            ["PER"],
            "record r1, field names: not a span; found 'PER'; expected [start, end, label], offsets in code points",
        ),
        (
            NAMES,
            [[0, 3, 1]],
            "record r1, field names: not a span; found [0, 3, 1]; expected [start, end, label], offsets in code points",
        ),
        (
            NAMES,
            [[0, 3, "ORG"]],
            f"record r1, field names: unknown label; found 'ORG'; expected one of PER, LOC. {ADD}",
        ),
    ],
)
def test_a_value_that_does_not_fit_is_named_with_record_field_found_and_expected(field, value, said):
    assert message(field, value) == said


@pytest.mark.parametrize(
    ("span", "fault"),
    [
        ([3, 3, "PER"], "is empty"),
        ([7, 4, "PER"], "ends before it starts"),
        ([8, 11, "PER"], "lies outside the text"),  # the text has 10 code points
        ([-1, 3, "PER"], "lies outside the text"),
    ],
)
def test_a_span_is_a_stretch_of_the_text(span, fault):
    expected = "0 <= start < end <= 10 (code points, end exclusive)"
    assert message(NAMES, [span]) == f"record r1, field names: the span {fault}; found {span}; expected {expected}"


def test_offsets_count_code_points_not_bytes_or_utf16_units():
    # 👍🏽 is 2 code points, 4 UTF-16 units and 8 bytes; é written with a combining accent is 2 code points.
    record = Record("r", "👍🏽e\u0301")
    assert check_value(NAMES, [[2, 4, "LOC"]], record) == [Span(2, 4, "LOC")]
    assert "the span lies outside the text" in message(NAMES, [[4, 6, "LOC"]], record)


def test_tags_of_a_record_without_tokens_are_refused():
    said = message(POS, ["NN"], Record("r2", "Ada"))
    assert (
        said
        == "record r2, field pos: tags need tokens, and the record has none; expected a record with tokens. Import it with its tokens"
    )


def test_a_record_without_id_is_called_so_in_messages():
    assert message(INTENT, "sell", Record("", "x")).startswith("record (without id), field intent: unknown label")


def test_an_open_field_says_that_it_has_no_labels_yet():
    assert "found 'x'; expected one of no labels yet" in message(Field("f", "choice"), "x")


def test_a_long_list_of_labels_is_cut_at_twelve():
    field = Field("f", "choice", tuple(f"l{n}" for n in range(15)))
    assert "expected one of l0, l1, l2, l3, l4, l5, l6, l7, l8, l9, l10, l11, ... (15 in all)." in message(field, "x")


OUTER, INNER, TWIN, CROSSING, NEXT = (
    Span(0, 7, "A"),
    Span(4, 7, "B"),
    Span(0, 7, "C"),
    Span(6, 9, "D"),
    Span(7, 10, "E"),
)


@pytest.mark.parametrize(
    ("overlap", "spans", "clash"),
    [
        ("flat", [OUTER, NEXT], None),  # they touch at 7 and share nothing
        ("flat", [OUTER, INNER], (OUTER, INNER)),
        ("flat", [OUTER, TWIN], (OUTER, TWIN)),
        ("nested", [OUTER, INNER], None),
        ("nested", [INNER, OUTER, TWIN], None),  # equal extents contain each other
        ("nested", [OUTER, CROSSING], (OUTER, CROSSING)),
        ("nested", [OUTER, INNER, CROSSING], (OUTER, CROSSING)),
        ("overlapping", [OUTER, INNER, CROSSING, TWIN], None),
    ],
)
def test_what_may_overlap_is_what_the_field_says(overlap, spans, clash):
    assert find_clash(spans, overlap) == clash


def test_a_clash_is_named_with_both_spans_and_the_way_out():
    field = Field("names", "spans", ("PER", "LOC"))
    assert message(field, [[0, 7, "PER"], [4, 7, "LOC"]]) == (
        "record r1, field names: two spans share text; found [0, 7, 'PER'] and [4, 7, 'LOC']; expected flat spans. "
        'Correct them, or let the field say "overlap": "nested" or "overlapping"'
    )
    nested = Field("names", "spans", ("PER", "LOC"), overlap="nested")
    assert "two spans cross; found [0, 7, 'PER'] and [4, 10, 'LOC']; expected nested spans" in message(
        nested, [[0, 7, "PER"], [4, 10, "LOC"]]
    )


spans_of_ten = st.builds(
    lambda a, n, label: Span(a, min(10, a + n), label), st.integers(0, 9), st.integers(1, 9), st.sampled_from("AB")
)


@settings(max_examples=60, deadline=None)
@given(st.lists(spans_of_ten, max_size=6, unique=True), st.sampled_from(["flat", "nested"]))
def test_a_clash_is_found_exactly_when_some_two_spans_clash(spans, overlap):
    def clash(a, b):
        shared = a.start < b.end and b.start < a.end
        contained = (a.start <= b.start and b.end <= a.end) or (b.start <= a.start and a.end <= b.end)
        return shared and (overlap == "flat" or not contained)

    expected = any(clash(a, b) for n, a in enumerate(spans) for b in spans[:n])
    found = find_clash(spans, overlap)
    assert (found is not None) == expected
    assert found is None or clash(*found)


def test_values_of_a_record_come_back_in_the_order_of_the_schema():
    schema = Schema((INTENT, NAMES))
    values = check_values(schema, {"names": [[0, 3, "PER"]], "intent": "ask"}, RECORD)
    assert list(values.items()) == [("intent", "ask"), ("names", [Span(0, 3, "PER")])]
    assert check_values(schema, {"names": []}, RECORD) == {
        "names": []
    }  # asked, and nothing there; the intent was not asked


def test_a_value_for_a_field_the_schema_does_not_have_is_refused():
    with pytest.raises(InputError) as caught:
        check_values(Schema((INTENT, NAMES)), {"mood": "good"}, RECORD)
    assert str(caught.value) == "record r1: the schema has no such field; found 'mood'; expected intent or names"


@settings(max_examples=60, deadline=None)
@given(st.lists(spans_of_ten, max_size=6))
def test_checking_what_was_checked_and_written_as_json_changes_nothing(spans):
    field = Field("f", "spans", ("A", "B"), overlap="overlapping")
    value = check_value(field, spans, RECORD)
    assert value == sorted(set(spans))
    assert check_value(field, json.loads(json.dumps(value_to_json(value))), RECORD) == value


def test_an_open_field_learns_the_labels_that_values_use():
    assert labels_in(INTENT, "sell") == ["sell"]
    assert labels_in(TOPICS, ["x", 3, "a"]) == ["x", "a"]
    assert labels_in(POS, ["NN", "JJ"]) == ["NN", "JJ"]
    assert labels_in(NAMES, [[0, 3, "ORG"], {"start": 4, "end": 7, "label": "PER"}, "junk", None]) == ["ORG", "PER"]


def test_nothing_is_learnt_from_a_value_that_is_not_of_the_kind():
    assert labels_in(NAMES, "PER") == []
    assert labels_in(POS, "NN VB") == []
    assert labels_in(INTENT, None) == []
    assert labels_in(NAMES, 7) == []
