"""Predictions and gold become measured values."""

import json
from pathlib import Path

import numpy as np
import pytest
from sklearn import metrics

from goldleaf.core import Example, Field, Gold, InputError, Prediction, Record, Schema, Span
from goldleaf.evaluate import evaluate
from goldleaf.report.page import render_page

INTENT = Field("intent", "choice", ("buy", "ask", "end"))
SLOTS = Field("slots", "spans", ("city", "day"))
TAGS = Field("pos", "tags", ("N", "V", "X"))
TOPICS = Field("topics", "choice", ("a", "b", "c"), many=True)


def case(field, golds, predicted, *, scores=None, texts=None, groups=None, tokens=None, **options):
    """Evaluate one field of records `0`, `1`, ..."""
    examples, predictions = [], []
    for n, (gold, value) in enumerate(zip(golds, predicted, strict=True)):
        text = texts[n] if texts else "go to Paris on Monday"
        record = Record(str(n), text, tokens=tokens, group=groups[n] if groups else None)
        examples.append(Example(record, {} if gold is None else {field.name: gold}))
        predictions.append(Prediction(str(n), {field.name: value}, {field.name: scores[n]} if scores else {}))
    return evaluate(Schema((field,)), examples, predictions, **options).data


def values_of(data, name):
    return {
        key: score["value"] for key, score in data["fields"][name].items() if isinstance(score, dict) and "low" in score
    }


def test_scores_of_a_choice_are_those_of_scikit_learn():
    rng = np.random.default_rng(0)
    golds, found = (rng.choice(INTENT.labels, 200, p=[0.6, 0.3, 0.1]).tolist() for _ in range(2))
    scores = values_of(case(INTENT, golds, found), "intent")
    assert scores["accuracy"] == pytest.approx(metrics.accuracy_score(golds, found), abs=1e-6)
    assert scores["f1"] == pytest.approx(metrics.f1_score(golds, found, average="micro"), abs=1e-6)
    assert scores["macro_f1"] == pytest.approx(metrics.f1_score(golds, found, average="macro"), abs=1e-6)
    assert scores["weighted_f1"] == pytest.approx(metrics.f1_score(golds, found, average="weighted"), abs=1e-6)
    assert "token_accuracy" not in scores


def test_it_is_said_how_the_labels_came_to_be_that_were_scored_on():
    examples = [
        Example(Record(str(n), "t"), {"intent": "buy"}, {"intent": Gold(str(n), "intent", "buy", method)})
        for n, method in enumerate(["imported", "imported", "adjudicated"])
    ]
    found = evaluate(Schema((INTENT,)), examples, [Prediction(str(n), {"intent": "buy"}) for n in range(3)])
    assert found.data["fields"]["intent"]["gold"] == {"adjudicated": 1, "imported": 2}
    assert "How the labels came to be: adjudicated 1 (33.3%), imported 2 (66.7%)" in render_page("t", found.data)
    assert "gold" not in case(INTENT, ["buy"], ["buy"])["fields"]["intent"]


def test_scores_of_many_labels_are_those_of_scikit_learn():
    rng = np.random.default_rng(1)
    gold, found = (rng.random((100, 3)) < 0.4 for _ in range(2))
    as_lists = [[[name for name, on in zip("abc", row, strict=True) if on] for row in table] for table in (gold, found)]
    data = case(TOPICS, *as_lists)
    scores = values_of(data, "topics")
    assert scores["accuracy"] == pytest.approx(metrics.accuracy_score(gold, found), abs=1e-6)  # subset accuracy
    for name, average in (("f1", "micro"), ("macro_f1", "macro"), ("weighted_f1", "weighted")):
        assert scores[name] == pytest.approx(metrics.f1_score(gold, found, average=average), abs=1e-6)
    assert data["fields"]["topics"]["confusion"] == {}


def test_spans_have_entity_scores_and_token_accuracy():
    gold = [[Span(6, 11, "city"), Span(15, 21, "day")], []]
    found = [[Span(6, 11, "city"), Span(12, 21, "day")], []]
    scores = values_of(case(SLOTS, gold, found, tokens=((0, 2), (3, 5), (6, 11), (12, 14), (15, 21))), "slots")
    # one of two found, one of two predicted is right; the second record is right as a whole
    assert (scores["precision"], scores["recall"], scores["f1"], scores["accuracy"]) == (0.5, 0.5, 0.5, 0.5)
    # 10 tokens; "on" is invented, and "Monday" goes on with a span instead of beginning one
    assert scores["token_accuracy"] == 0.8


def test_a_record_without_tokens_is_segmented_for_token_accuracy():
    data = case(SLOTS, [[Span(0, 2, "city")]], [[]], texts=["北京在哪里"])
    assert 0 < data["fields"]["slots"]["token_accuracy"]["value"] < 1


def test_tags_are_scored_by_token():
    tokens = ((0, 2), (3, 5), (6, 11))
    data = case(TAGS, [["V", "X", "N"], ["V", "X", "N"]], [["V", "X", "X"], ["V", "X", "N"]], tokens=tokens)
    scores = values_of(data, "pos")
    assert scores["accuracy"] == scores["token_accuracy"] == pytest.approx(5 / 6, abs=1e-6)
    assert data["exact_match"]["value"] == 0.5
    # N: 2/3, V: 1, X: 4/5
    assert scores["macro_f1"] == pytest.approx((2 / 3 + 1 + 4 / 5) / 3, abs=1e-6)


def test_a_label_lists_its_rates_support_and_interval():
    labels = case(INTENT, ["buy", "buy", "ask"], ["buy", "ask", "ask"])["fields"]["intent"]["labels"]
    assert list(labels) == ["buy", "ask"]  # "end" occurs nowhere
    buy = labels["buy"]
    assert (buy["precision"], buy["recall"], buy["f1"], buy["support"]) == (1.0, 0.5, pytest.approx(2 / 3, abs=1e-6), 2)
    assert buy["f1_low"] <= buy["f1"] <= buy["f1_high"]


def test_a_field_that_was_not_asked_is_masked():
    data = case(INTENT, ["buy", None, "ask", None], ["buy", "ask", "buy", "end"])
    assert (data["records"], data["fields"]["intent"]["records"]) == (4, 2)
    assert data["fields"]["intent"]["accuracy"]["value"] == 0.5
    assert data["exact_match"]["value"] == 0.5
    assert "end" not in data["fields"]["intent"]["labels"]


def test_a_record_matches_exactly_where_all_fields_asked_of_it_are_right():
    schema = Schema((INTENT, SLOTS))
    city = [Span(6, 11, "city")]
    golds = [{"intent": "buy", "slots": city}, {"intent": "buy", "slots": city}, {"intent": "buy"}, {"slots": []}]
    found = [("buy", city), ("buy", []), ("buy", city), ("ask", [])]
    examples = [Example(Record(str(n), "go to Paris"), values) for n, values in enumerate(golds)]
    predictions = [Prediction(str(n), {"intent": i, "slots": s}) for n, (i, s) in enumerate(found)]
    # the second is wrong in slots; in the third, slots were not asked, in the fourth, the intent
    assert evaluate(schema, examples, predictions).data["exact_match"]["value"] == 0.75


def test_records_of_one_id_are_counted_each():
    record = Record("same", "x")
    predictions = [Prediction("same", {"intent": label}) for label in ("buy", "ask")]
    data = evaluate(Schema((INTENT,)), [Example(record, {"intent": "buy"})] * 2, predictions).data
    assert data["exact_match"]["value"] == 0.5


def test_intervals_are_over_groups():
    golds, found = ["buy"] * 100, ["buy"] * 50 + ["ask"] * 50
    alone = case(INTENT, golds, found)
    together = case(INTENT, golds, found, groups=[str(n // 25) for n in range(100)])
    assert (alone["groups"], together["groups"]) == (100, 4)
    width = [
        d["fields"]["intent"]["accuracy"]["high"] - d["fields"]["intent"]["accuracy"]["low"] for d in (alone, together)
    ]
    assert width[1] > 3 * width[0]


def test_a_group_is_not_taken_for_the_record_of_its_name():
    groups = ["1", None]  # record 0 is in group 1; record 1 is alone
    assert case(INTENT, ["buy", "buy"], ["buy", "buy"], groups=groups)["groups"] == 2


def test_the_same_seed_gives_the_same_report():
    golds, found = ["buy", "ask", "end"] * 10, ["buy", "ask", "ask"] * 10
    assert case(INTENT, golds, found, seed=3) == case(INTENT, golds, found, seed=3)


def test_labels_of_the_test_that_training_never_saw_are_listed():
    train = [Example(Record("t", "x"), {"intent": "buy"})]
    data = case(INTENT, ["buy", "end", "end"], ["buy", "buy", "end"], train=train)["fields"]["intent"]
    assert data["unseen_labels"] == {"end": 2}
    assert data["labels"]["buy"]["trained"] == 1
    assert data["labels"]["end"]["trained"] == 0


def test_labels_that_the_schema_does_not_have_are_unseen_where_the_training_data_is_not_there():
    data = case(INTENT, ["buy", "refund"], ["buy", "buy"])["fields"]["intent"]
    assert data["unseen_labels"] == {"refund": 1}
    assert data["labels"]["refund"]["f1"] == 0


def test_confusion_of_a_choice_counts_records():
    data = case(INTENT, ["buy", "buy", "ask"], ["buy", "ask", "ask"])["fields"]["intent"]
    assert data["confusion"] == {"buy": {"buy": 1, "ask": 1}, "ask": {"ask": 1}}


def test_confusion_of_spans_compares_those_with_the_same_borders():
    gold = [[Span(0, 2, "city"), Span(3, 5, "city"), Span(6, 8, "day")]]
    found = [[Span(0, 2, "day"), Span(3, 5, "city"), Span(9, 10, "day")]]
    data = case(SLOTS, gold, found)["fields"]["slots"]
    assert data["confusion"] == {"city": {"city": 1, "day": 1}, "day": {"(nothing)": 1}, "(nothing)": {"day": 1}}


def test_confusion_pairs_spans_of_the_same_borders_one_to_one():
    field = Field("slots", "spans", ("city", "day", "time"), overlap="overlapping")
    data = case(field, [[Span(0, 2, "city"), Span(0, 2, "day")]], [[Span(0, 2, "day"), Span(0, 2, "time")]])
    assert data["fields"]["slots"]["confusion"] == {"day": {"day": 1}, "city": {"time": 1}}


def test_the_worst_errors_are_the_surest_wrong_ones():
    scores = [{"buy": 0.9, "ask": 0.1}, {"buy": 0.3, "ask": 0.7}, {"buy": 0.6, "ask": 0.4}]
    data = case(INTENT, ["buy", "buy", "ask"], ["buy", "ask", "buy"], scores=scores, texts=["one", "two", "three"])
    errors = data["fields"]["intent"]["errors"]
    assert [(e["record"], e["text"], e["gold"], e["predicted"], e["score"]) for e in errors] == [
        ("1", "two", "buy", "ask", 0.7),
        ("2", "three", "ask", "buy", 0.6),
    ]
    assert data["fields"]["intent"]["wrong"] == 2


def test_of_spans_the_sureness_is_that_of_the_surest_invented_one():
    gold = [[Span(0, 2, "city")], [Span(3, 5, "city")]]
    found = [[Span(0, 2, "city"), Span(6, 8, "day"), Span(9, 11, "day")], []]
    errors = case(SLOTS, gold, found, scores=[[0.99, 0.6, 0.8], []])["fields"]["slots"]["errors"]
    # the right span's 0.99 does not count; the second record only missed something: nothing was said, so it comes last
    assert [(e["record"], e["score"]) for e in errors] == [("0", 0.8), ("1", None)]


def test_of_many_labels_one_left_out_surely_is_a_sure_error():
    errors = case(TOPICS, [["a", "b"]], [["a"]], scores=[{"a": 0.9, "b": 0.05, "c": 0.1}])["fields"]["topics"]["errors"]
    assert errors[0]["score"] == 0.95


def test_of_a_long_text_the_part_around_the_error_is_shown_with_its_place():
    text = "x" * 5000 + "Paris" + "y" * 5000
    error = case(SLOTS, [[Span(5000, 5005, "city")]], [[]], texts=[text])["fields"]["slots"]["errors"][0]
    assert error["offset"] == 4900
    start, end, _ = error["gold"][0]
    assert error["text"][start - error["offset"] : end - error["offset"]] == "Paris"


def test_confidence_is_counted_for_right_and_wrong_answers():
    scores = [[0.99, 0.31], [0.32]]
    gold = [[Span(0, 2, "city")], [Span(0, 2, "city")]]
    found = [[Span(0, 2, "city"), Span(3, 5, "day")], [Span(0, 2, "day")]]
    confidence = case(SLOTS, gold, found, scores=scores)["fields"]["slots"]["confidence"]
    assert confidence["right"] == [0] * 19 + [1]
    assert confidence["wrong"] == [0] * 6 + [2] + [0] * 13
    assert confidence["edges"][6:8] == [0.3, 0.35]


def test_without_scores_there_is_no_confidence_and_errors_keep_their_order():
    data = case(INTENT, ["buy", "ask"], ["ask", "buy"])["fields"]["intent"]
    assert "confidence" not in data
    assert [(e["record"], e["score"]) for e in data["errors"]] == [("0", None), ("1", None)]


def test_the_baseline_stands_beside_with_its_paired_difference():
    examples = [Example(Record(str(n), "x"), {"intent": "buy"}) for n in range(40)]
    model = [Prediction(str(n), {"intent": "buy"}) for n in range(40)]
    weaker = [Prediction(str(n), {"intent": "buy" if n % 4 else "ask"}) for n in range(40)]
    data = evaluate(Schema((INTENT,)), examples, model, baseline=weaker).data
    beside = data["baseline"]["fields"]["intent"]
    assert beside["accuracy"] == 0.75
    assert beside["difference"]["value"] == 0.25
    assert 0.05 < beside["difference"]["low"] < 0.25 < beside["difference"]["high"] < 0.45


def test_a_model_equal_to_its_baseline_is_no_better_for_certain():
    examples = [Example(Record(str(n), "x"), {"intent": "buy"}) for n in range(5)]
    same = [Prediction(str(n), {"intent": "buy"}) for n in range(5)]
    data = evaluate(Schema((INTENT,)), examples, same, baseline=same).data
    assert data["baseline"]["fields"]["intent"]["difference"] == {"value": 0.0, "low": 0.0, "high": 0.0}


def test_the_measured_values_are_plain_json():
    data = case(SLOTS, [[Span(0, 2, "city")], []], [[Span(0, 2, "day")], []], scores=[[np.float32(0.5)], []])
    assert json.loads(json.dumps(data)) == data


def test_nothing_to_evaluate_is_said():
    with pytest.raises(InputError, match="nothing to evaluate"):
        evaluate(Schema((INTENT,)), [], [])
    with pytest.raises(InputError, match="nothing to evaluate"):
        case(INTENT, [None], ["buy"])


def test_predictions_that_do_not_belong_to_the_examples_are_refused():
    examples = [Example(Record(name, "x"), {"intent": "buy"}) for name in "ab"]
    right = [Prediction(name, {"intent": "buy"}) for name in "ab"]
    with pytest.raises(InputError, match="differ in number"):
        evaluate(Schema((INTENT,)), examples, right[:1])
    with pytest.raises(InputError, match="not in the same order"):
        evaluate(Schema((INTENT,)), examples, right[::-1])


def test_a_model_cannot_leave_out_hard_records():
    examples = [Example(Record(name, "x"), {"intent": "buy"}) for name in "ab"]
    with pytest.raises(InputError, match="1 of 2 records with gold have no prediction"):
        evaluate(Schema((INTENT,)), examples, [Prediction("a", {"intent": "buy"}), Prediction("b", {})])


def test_a_field_that_the_model_does_not_have_is_left_out():
    examples = [Example(Record("a", "x"), {"intent": "buy", "slots": []})]
    data = evaluate(Schema((INTENT, SLOTS)), examples, [Prediction("a", {"intent": "buy"})]).data
    assert list(data["fields"]) == ["intent"]


def test_tags_of_the_wrong_number_name_their_record():
    with pytest.raises(InputError, match="record 0, field pos"):
        case(TAGS, [["N", "V"]], [["N"]], tokens=((0, 2), (3, 5)))


def test_one_record_and_empty_values_are_no_failure():
    data = case(SLOTS, [[]], [[]])
    assert data["fields"]["slots"]["f1"] == {"value": 0.0, "low": 0.0, "high": 0.0}  # conlleval has no spans as 0
    assert data["exact_match"]["value"] == 1.0


def test_guessing_on_a_test_set_of_the_size_of_conll_2003_is_a_narrow_interval_near_nothing():
    rng = np.random.default_rng(0)
    tokens = tuple((6 * n, 6 * n + 5) for n in range(14))
    labels = ("PER", "LOC", "ORG", "MISC")
    field = Field("entities", "spans", labels)

    def draw():
        return [
            [Span(*tokens[n], str(rng.choice(labels))) for n in np.flatnonzero(rng.random(14) < 0.12)]
            for _ in range(3453)
        ]

    golds, found = draw(), draw()
    score = case(field, golds, found, tokens=tokens, texts=["x" * 84] * 3453)["fields"]["entities"]["f1"]
    assert score["value"] == pytest.approx(0.03, abs=0.006)  # a place is drawn twice at 12 %, and the label at 1 in 4
    assert 0 < score["high"] - score["low"] < 0.02


def test_every_key_of_the_json_is_documented():
    page = (Path(__file__).parents[2] / "docs" / "evaluation.md").read_text(encoding="utf-8")
    tokens = ((0, 2), (3, 5))
    train = [Example(Record("t", "x y", tokens=tokens), {"pos": ["N", "V"]})]
    data = case(
        TAGS, [["N", "V"]], [["N", "X"]], tokens=tokens, scores=[[0.9, 0.8]], train=train, history=[{"step": 1}]
    )
    field = data["fields"]["pos"]
    keys = {*data, *field, *field["labels"]["N"], *field["errors"][0], *field["confidence"], "baseline", "difference"}
    assert sorted(key for key in keys if f"`{key}`" not in page and f"`{key}." not in page) == []
