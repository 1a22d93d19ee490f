"""How far scores can be relied on: calibration and abstention, in a report."""

import numpy as np
import pytest

from goldleaf.core import Example, Field, InputError, Prediction, Record, Schema, Span
from goldleaf.evaluate import evaluate

INTENT = Field("intent", "choice", ("buy", "ask"))
SLOTS = Field("slots", "spans", ("city",))


def intent_of(sure, right, *, before=None):
    """The intent's part of a report on a record for each confidence, right where the list says so."""
    records = [Record(str(n), "x") for n in range(len(sure))]
    examples = [Example(r, {"intent": "buy" if ok else "ask"}) for r, ok in zip(records, right, strict=True)]

    def predictions(scores):
        pairs = zip(records, scores, strict=True)
        return [Prediction(r.id, {"intent": "buy"}, {"intent": {"buy": s, "ask": 1 - s}}) for r, s in pairs]

    uncalibrated = None if before is None else predictions(before)
    report = evaluate(Schema((INTENT,)), examples, predictions(sure), uncalibrated=uncalibrated)
    return report.data["fields"]["intent"]


def test_the_calibration_error_stands_beside_the_one_before():
    found = intent_of([0.8] * 10, [True] * 8 + [False] * 2, before=[0.99] * 10)["calibration"]
    assert found["ece"] == pytest.approx(0.0, abs=1e-6)
    assert found["before"]["ece"] == pytest.approx(0.99 - 0.8, abs=1e-6)
    assert found["bins"] == [{"confidence": 0.8, "accuracy": 0.8, "count": 10}]


def test_uncalibrated_predictions_of_other_records_are_refused():
    examples = [Example(Record("0", "x"), {"intent": "buy"})]
    wrong = [Prediction("1", {"intent": "buy"}, {"intent": {"buy": 1.0}})]
    with pytest.raises(InputError, match="uncalibrated predictions"):
        evaluate(Schema((INTENT,)), examples, [Prediction("0", {"intent": "buy"}, {})], uncalibrated=wrong)


def test_accuracy_rises_as_the_least_sure_answers_are_held_back():
    found = intent_of([0.9, 0.8, 0.7, 0.6], [True, True, False, True])["abstention"]
    assert found["coverage"] == [0.25, 0.5, 0.75, 1.0]
    assert found["accuracy"] == pytest.approx([1, 1, 2 / 3, 3 / 4], abs=1e-6)
    # risks 0, 0, 1/3, 1/4
    assert found["aurc"] == pytest.approx((1 / 3 + 1 / 4) / 4, abs=1e-6)
    assert found["targets"][0] == {"target": 0.9, "threshold": 0.8, "coverage": 0.5, "accuracy": 1.0}


def test_a_target_that_all_answers_reach_or_none_do_has_no_threshold():
    assert intent_of([0.9, 0.8], [True, True])["abstention"]["targets"] == []
    found = intent_of([0.9, 0.8], [False, True])["abstention"]["targets"]
    assert {each["threshold"] for each in found} == {None}


def test_answers_of_one_confidence_are_never_parted():
    found = intent_of([0.7] * 4, [True, True, True, False])["abstention"]
    assert found["accuracy"] == [0.75] * 4
    assert found["targets"][0]["threshold"] is None


def test_of_spans_the_answers_are_the_predicted_spans():
    record = Record("0", "Oslo or Rome")
    spans = [Span(0, 4, "city"), Span(5, 7, "city")]
    prediction = Prediction("0", {"slots": spans}, {"slots": [0.9, 0.4]})
    data = evaluate(Schema((SLOTS,)), [Example(record, {"slots": spans[:1]})], [prediction]).data["fields"]["slots"]
    assert data["abstention"]["accuracy"] == [1.0, 0.5]
    assert data["calibration"]["bins"] == [{"confidence": 0.65, "accuracy": 0.5, "count": 2}]


def test_the_curve_of_many_answers_is_kept_at_a_hundred_points():
    rng = np.random.default_rng(0)
    sure = rng.random(5000)
    found = intent_of(list(sure), list(rng.random(5000) < sure))["abstention"]
    assert len(found["coverage"]) == len(found["accuracy"]) == 100
    # a confidence p that is right in p of the cases: of the upper share c the mean is 1 - c / 2, and the mean of c / 2 is 1 / 4
    assert found["aurc"] == pytest.approx(0.25, abs=0.02)
    ninety = found["targets"][0]
    assert ninety["threshold"] == pytest.approx(0.8, abs=0.04)
