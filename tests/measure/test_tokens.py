"""Spans seen token by token."""

from goldleaf.core import Span
from goldleaf.measure import token_marks, tokens_right

TOKENS = [(0, 2), (3, 5), (6, 9)]


def test_a_mark_says_where_a_span_begins():
    assert token_marks([Span(0, 5, "A")], TOKENS) == [{("A", True)}, {("A", False)}, set()]


def test_two_spans_that_touch_differ_from_one():
    two, one = [Span(0, 2, "A"), Span(3, 5, "A")], [Span(0, 5, "A")]
    assert tokens_right(two, one, TOKENS) == 2  # the second token begins a span in one of them only


def test_a_span_inside_a_token_marks_the_token():
    assert token_marks([Span(7, 8, "A")], TOKENS) == [set(), set(), {("A", True)}]


def test_nested_spans_are_all_seen():
    marks = token_marks([Span(0, 9, "A"), Span(3, 5, "B")], TOKENS)
    assert marks == [{("A", True)}, {("A", False), ("B", True)}, {("A", False)}]


def test_spans_over_no_token_mark_nothing():
    assert token_marks([Span(2, 3, "A")], TOKENS) == [set(), set(), set()]
    assert token_marks([Span(0, 1, "A")], []) == []
