"""Gold: what the answers of several annotators come to."""

import pytest

from goldleaf.core import GOLD_METHODS, Annotation, Gold, Span, best_gold, resolve_majority


def said(*values, field="intent", **options):
    return [Annotation("r", f"a{n}", {field: value}, id=n, **options) for n, value in enumerate(values, 1)]


def test_a_single_answer_is_gold():
    assert resolve_majority("r", "intent", said("ask")) == Gold("r", "intent", "ask", "single", 1.0, (1,), 1)


def test_the_majority_wins_with_its_share_as_confidence():
    gold = resolve_majority("r", "intent", said("ask", "buy", "ask"))
    # of three people, two said ask and one said buy
    assert gold == Gold("r", "intent", "ask", "majority", 2 / 3, (1, 2, 3), 3, {"ask": 2 / 3, "buy": 1 / 3})


def test_the_largest_group_wins_even_below_one_half():
    gold = resolve_majority("r", "intent", said("ask", "buy", "sell", "buy", "return"))
    assert gold is not None
    assert (gold.value, gold.confidence) == ("buy", 2 / 5)


def test_answers_that_are_level_resolve_to_nothing():
    assert resolve_majority("r", "intent", said("ask", "buy")) is None
    assert resolve_majority("r", "intent", said("ask", "buy", "sell", "buy", "ask")) is None


def test_no_answer_resolves_to_nothing():
    assert resolve_majority("r", "intent", []) is None
    assert resolve_majority("r", "slots", said("ask")) is None


def test_nothing_here_is_an_answer_like_any_other():
    per = [Span(0, 3, "PER")]
    gold = resolve_majority("r", "names", said([], per, [], field="names"))
    assert gold is not None
    assert (gold.value, gold.confidence) == ([], 2 / 3)
    agreed = resolve_majority("r", "names", said(per, [Span(0, 3, "PER")], field="names"))
    assert agreed == Gold("r", "names", per, "majority", 1.0, (1, 2), 2)


def test_one_choice_and_a_list_of_that_choice_are_two_answers():
    assert resolve_majority("r", "topics", said("a", ["a"], field="topics")) is None


@pytest.mark.parametrize("status", ["skipped", "flagged", "surplus"])
def test_only_submitted_answers_count(status):
    answers = [*said("ask"), Annotation("r", "b", {"intent": "buy"}, id=9, status=status)]
    assert resolve_majority("r", "intent", answers) == Gold("r", "intent", "ask", "single", 1.0, (1,), 1)


def test_a_correction_counts_in_place_of_what_it_supersedes():
    first = Annotation("r", "a", {"intent": "ask"}, id=1)
    correction = Annotation("r", "a", {"intent": "buy"}, id=2, supersedes=1)
    assert resolve_majority("r", "intent", [first, correction]) == Gold("r", "intent", "buy", "single", 1.0, (2,), 1)


def test_an_answer_withdrawn_by_a_skip_does_not_count():
    first = Annotation("r", "a", {"intent": "ask"}, id=1)
    skip = Annotation("r", "a", {}, id=2, status="skipped", supersedes=1)
    assert resolve_majority("r", "intent", [first, skip]) is None


def test_annotations_that_are_not_stored_yet_count_and_leave_no_ids():
    answers = [Annotation("r", name, {"intent": "ask"}) for name in "ab"]
    assert resolve_majority("r", "intent", answers) == Gold("r", "intent", "ask", "majority", 1.0, (), 2, {"ask": 1.0})


def test_adjudicated_beats_imported_beats_aggregated_beats_a_majority_beats_a_single_answer():
    golds = [Gold("r", "f", method, method) for method in reversed(GOLD_METHODS)]
    order = []
    while best := best_gold(golds):
        order.append(best.method)
        golds.remove(best)
    assert order == ["adjudicated", "imported", "aggregated", "majority", "single"]


def test_among_equals_the_first_gold_stays():
    first, second = Gold("r", "f", "a", "imported"), Gold("r", "f", "b", "imported")
    assert best_gold([first, second]) is first
    assert best_gold([]) is None
