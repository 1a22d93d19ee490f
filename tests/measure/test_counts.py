"""Counts of labels, and the one number that training goes by."""

import pytest

from goldleaf.core import Field, Span
from goldleaf.measure import Counts, count_labels, main_score, total

SPANS = Field("entities", "spans", ("PER", "LOC"))
TAGS = Field("pos", "tags", ("N", "V", "O"))
CHOICE = Field("intent", "choice", ("a", "b", "c"))
MANY = Field("topics", "choice", ("a", "b", "c"), many=True)


def test_counts_add_up():
    assert Counts(1, 2, 3) + Counts(10, 20, 30) == Counts(11, 22, 33)
    assert total([]) == Counts()


def test_rates_are_those_of_the_textbook():
    counts = Counts(tp=6, fp=2, fn=6)
    assert counts.precision == 6 / 8
    assert counts.recall == 6 / 12
    assert counts.f1 == pytest.approx(2 * 0.75 * 0.5 / (0.75 + 0.5))  # 0.6
    assert counts.support == 12


def test_rates_of_nothing_are_zero_as_conlleval_has_them():
    assert (Counts().precision, Counts().recall, Counts().f1) == (0.0, 0.0, 0.0)


def test_a_span_is_right_only_with_both_borders_and_its_label():
    gold = [Span(0, 2, "PER"), Span(5, 9, "LOC"), Span(10, 12, "PER")]
    found = [Span(0, 2, "PER"), Span(5, 8, "LOC"), Span(10, 12, "LOC")]
    # PER: one found, [10, 12] missed; LOC: [5, 9] missed, [5, 8] and [10, 12] invented
    assert count_labels(SPANS, gold, found) == {"PER": Counts(1, 0, 1), "LOC": Counts(0, 2, 1)}


def test_nothing_in_gold_and_nothing_found_counts_nothing():
    assert count_labels(SPANS, [], []) == {}


def test_tags_count_once_a_token():
    assert count_labels(TAGS, ["N", "V", "N"], ["N", "N", "O"]) == {
        "N": Counts(tp=1, fp=1, fn=1),
        "V": Counts(fn=1),
        "O": Counts(fp=1),
    }


def test_main_scores_of_each_kind():
    assert main_score(CHOICE, ["a", "b", "c", "a"], ["a", "b", "a", "a"]) == 3 / 4
    assert main_score(TAGS, [["N", "V"], ["O"]], [["N", "N"], ["O"]]) == 2 / 3
    # tp 1 (a), fp 1 (b), fn 1 (c): 2 / (2 + 1 + 1)
    assert main_score(MANY, [["a", "c"], []], [["a"], ["b"]]) == 0.5
    # tp 1, fp 0, fn 1: 2 / 3
    assert main_score(SPANS, [[Span(0, 1, "PER")], [Span(0, 1, "LOC")]], [[Span(0, 1, "PER")], []]) == 2 / 3


def test_main_score_of_no_records_is_zero():
    assert main_score(SPANS, [], []) == 0.0
