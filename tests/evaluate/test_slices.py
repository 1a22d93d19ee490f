"""Scores on parts of the data, and which parts are significantly worse."""

import pytest

from goldleaf.core import Example, Field, InputError, Prediction, Record, Schema, Span
from goldleaf.evaluate import make_typos, slices_of
from goldleaf.evaluate.slices import _judge

INTENT = Schema((Field("intent", "choice", ("buy", "ask")),))
NAMES = Schema((Field("names", "spans", ("PER",)),))


def intents(texts, right, groups=None):
    records = [Record(str(n), text, group=groups and groups[n]) for n, text in enumerate(texts)]
    examples = [Example(r, {"intent": "buy"}) for r in records]
    predictions = [Prediction(r.id, {"intent": "buy" if ok else "ask"}) for r, ok in zip(records, right, strict=True)]
    return examples, predictions


def row_of(found, name):
    return next(row for row in found if row["name"] == name)


def test_a_slice_has_its_own_score_and_its_distance_from_the_whole():
    found = slices_of(INTENT, *intents(["go"] * 60 + ["GO"] * 40, [True] * 60 + [False] * 20 + [True] * 20))["intent"]
    upper = found[0]
    assert (upper["by"], upper["name"], upper["records"], upper["value"]) == ("casing", "UPPER", 40, 0.5)
    assert upper["difference"]["value"] == pytest.approx(0.5 - 0.8)
    assert upper["difference"]["high"] < 0
    assert upper["worse"]
    lower = row_of(found, "lower")
    assert (lower["value"], lower["worse"]) == (1.0, False)


def test_a_slice_that_holds_every_record_is_left_out():
    assert slices_of(INTENT, *intents(["go"] * 30, [True] * 30))["intent"] == []


def test_a_small_slice_is_shown_and_not_judged():
    found = slices_of(INTENT, *intents(["go"] * 60 + ["GO"] * 5, [True] * 60 + [False] * 5))["intent"]
    assert (found[0]["name"], found[0]["p"], found[0]["worse"]) == ("UPPER", None, False)


def test_records_of_one_group_are_not_taken_for_many():
    texts, right = ["go"] * 200 + ["GO"] * 30, [n % 4 > 0 for n in range(200)] + [n % 2 > 0 for n in range(30)]
    alone = row_of(slices_of(INTENT, *intents(texts, right))["intent"], "UPPER")
    groups = [str(n) for n in range(200)] + ["one"] * 30
    together = row_of(slices_of(INTENT, *intents(texts, right, groups))["intent"], "UPPER")
    assert alone["difference"]["value"] == together["difference"]["value"]
    assert together["p"] != alone["p"]


def test_scripts_and_thirds_of_the_lengths_are_slices():
    found = slices_of(INTENT, *intents(["买", "buy it", "buy it all"] * 10, [True] * 30))["intent"]
    assert {(row["by"], row["name"]) for row in found} == {
        ("length", "up to 1 characters"),
        ("length", "2 to 6 characters"),
        ("length", "over 6 characters"),
        ("script", "han"),
        ("script", "latin"),
        ("casing", "without case"),
        ("casing", "lower"),
    }


def test_holms_correction_asks_more_of_the_least_p_and_stops_at_the_first_that_fails():
    def row(p, value=-0.1):
        return {"p": p, "difference": {"value": value}}

    # of four, 0.05 / 4 = 0.0125, then 0.05 / 3 = 0.0167, then 0.05 / 2
    rows = [row(0.01), row(0.015), row(0.04), row(None)]
    assert [r["worse"] for r in _judge([*rows, row(0.9)])] == [True, True, False, False, False]
    assert [r["worse"] for r in _judge([row(0.02), row(0.03), row(0.9)])] == [False, False, False]
    assert [r["worse"] for r in _judge([row(0.001, value=0.2)])] == [False]


def test_entities_that_training_never_saw_are_found_less_often():
    train = [Example(Record("t", "ada"), {"names": [Span(0, 3, "PER")]})]
    examples, predictions = [], []
    for n in range(80):
        gold = [Span(0, 3, "PER"), Span(8, 11, "PER")]
        examples.append(Example(Record(str(n), "Ada met Bob"), {"names": gold}))
        predictions.append(Prediction(str(n), {"names": gold if n % 2 else gold[:1]}))
    found = slices_of(NAMES, examples, predictions, train=train)["names"]
    never, seen = row_of(found, "never seen in training"), row_of(found, "seen in training")
    assert (never["score"], never["value"], never["records"]) == ("recall", 0.5, 80)
    assert seen["value"] == 1.0
    assert never["difference"]["value"] == pytest.approx(0.5 - 0.75)
    assert (never["worse"], seen["worse"]) == (True, False)


def test_typos_are_held_against_the_same_records_without():
    examples, predictions = intents([f"please buy number {n}" for n in range(40)], [True] * 40)
    typed = make_typos(examples)
    changed = [n for n, (a, b) in enumerate(zip(examples, typed, strict=True)) if a.record.text != b.record.text]
    fooled = set(changed[: len(changed) // 2])
    answers = [Prediction(str(n), {"intent": "ask" if n in fooled else "buy"}) for n in range(40)]
    found = slices_of(INTENT, examples, predictions, with_typos=(typed, answers))["intent"]
    row = row_of(found, "with typos")
    assert row["records"] == len(changed) < 40
    assert row["difference"]["value"] == pytest.approx(-len(fooled) / len(changed), abs=1e-6)
    assert row["worse"] == (row["records"] >= 20)


def test_typos_move_spans_and_tokens_along_and_are_the_same_for_the_same_seed():
    text = "Ada Lovelace met Charles Babbage in the analytical engine room"
    tokens = ((0, 3), (4, 12), (13, 16), (17, 24), (25, 32))
    example = Example(Record("r", text, tokens=tokens), {"names": [Span(0, 12, "PER"), Span(17, 32, "PER")]})
    moved = [make_typos([example], seed=seed)[0] for seed in range(20)]
    assert make_typos([example], seed=7) == [moved[7]]
    assert len({e.record.text for e in moved}) > 10
    for each in moved:
        spans, places = each.values["names"], each.record.tokens
        assert each.record.text[spans[0].end] == each.record.text[spans[1].start - 1] == " "
        assert (spans[0].start, spans[0].end) == (places[0][0], places[1][1])
        assert (spans[1].start, spans[1].end) == (places[3][0], places[4][1])


def test_typos_of_other_records_are_refused():
    examples, predictions = intents(["a b", "c d"], [True, True])
    one = Example(examples[1].record, {})
    with pytest.raises(InputError, match="without"):
        slices_of(INTENT, examples, predictions, with_typos=([examples[0], one], predictions))
