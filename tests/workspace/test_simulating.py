"""The demo's simulated annotators: their habits show in what they say, and in what the quality code finds of it."""

import itertools

import pytest

from goldleaf.quality.agreement import agreement
from goldleaf.workspace import demo_file, gold_table, import_file, init_workspace, label_table
from goldleaf.workspace.aggregating import human_answers
from goldleaf.workspace.demo import simulate_annotators
from goldleaf.workspace.simulating import PEOPLE, SPAMMER


@pytest.fixture(scope="module")
def tables(tmp_path_factory):
    """The label table of the simulated annotators, and the truth by record and field."""
    with init_workspace(tmp_path_factory.mktemp("demo") / "ws", template="intent-slots") as ws:
        import_file(ws, demo_file("en"))
        answered = simulate_annotators(ws)
        table = human_answers(label_table(ws))
        assert answered == len(table) // 2  # an intent and slots in each
        return table, gold_table(ws).set_index(["record", "field"])["value"]


def right(table, truth, field):
    mine = table[table["field"] == field]
    marks = [truth[(record, field)] == value for record, value in zip(mine["record"], mine["value"], strict=True)]
    return mine.assign(right=marks).groupby("annotator")["right"].mean()


def test_three_of_four_answer_each_message(tables):
    table, _ = tables
    assert set(table["annotator"]) == set(PEOPLE)
    assert set(table[table["field"] == "intent"].groupby("record").size()) == {3}


def test_the_careful_one_is_nearly_always_right_and_the_spammer_hardly_ever(tables):
    intents, slots = right(*tables, "intent"), right(*tables, "slots")
    assert intents["simulated-careful"] > 0.93
    assert intents[SPAMMER] < 0.2
    assert slots["simulated-careful"] > slots["simulated-confused"] > slots["simulated-hasty"] > slots[SPAMMER]


def test_mistakes_are_made_between_intents_that_look_alike(tables):
    table, truth = tables
    confused = table[(table["annotator"] == "simulated-confused") & (table["field"] == "intent")]
    wrong = [
        frozenset((truth[(record, "intent")], value))
        for record, value in zip(confused["record"], confused["value"], strict=True)
        if truth[(record, "intent")] != value
    ]
    commonest = max(set(wrong), key=wrong.count)
    assert wrong.count(commonest) > len(wrong) / 3  # one pair of the 91 that 14 intents make


def test_spans_stay_within_their_texts_and_apart(tables):
    table, _ = tables
    for spans in table[table["field"] == "slots"]["value"]:
        assert all(a[1] <= b[0] for a, b in itertools.pairwise(spans))
        assert all(start < end for start, end, _ in spans)


def test_agreement_finds_whom_nobody_agrees_with(tables):
    table, _ = tables
    pairs = agreement(table[table["field"] == "intent"], resamples=0)["intent"].annotator_pairs
    low = pairs.sort_values("alpha").head(3)  # the three pairs that the spammer is in
    assert all(SPAMMER in (one, other) for one, other in zip(low["annotator"], low["other"], strict=True))
