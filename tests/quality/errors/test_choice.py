"""Wrong labels of a choice: who speaks against a label, and how much it weighs."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from goldleaf.core import InputError, Prediction
from goldleaf.quality import find_errors, label_errors
from goldleaf.quality.errors.choice import elsewhere
from goldleaf.quality.errors.confident import confident_joint, true_given
from goldleaf.quality.errors.neighbours import neighbour_shares
from goldleaf.quality.errors.weighing import draw_folds, fit_pool, pool_apart

LABELS = np.array(["angry", "calm", "sad"])


def a_model_that_is_right(records: int, wrong: int, *, sure: float = 0.8) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Gold with its first `wrong` labels moved on by one, and a model that gives each true label `sure`."""
    true = np.arange(records) % 3
    given = np.where(np.arange(records) < wrong, (true + 1) % 3, true)
    probabilities = np.full((records, 3), (1 - sure) / 2)
    probabilities[np.arange(records), true] = sure
    names = [f"r{n}" for n in range(records)]
    gold = pd.DataFrame({"record": names, "value": LABELS[given]})
    said = {"record": names, "classes": [tuple(LABELS)] * records, "probabilities": list(probabilities)}
    return gold, pd.DataFrame(said)


def test_labels_that_a_model_contradicts_come_first_with_what_it_proposes() -> None:
    gold, predictions = a_model_that_is_right(90, 6)
    errors = label_errors(gold, predictions)
    assert set(errors["record"][:6]) == {f"r{n}" for n in range(6)}
    first = errors[errors["record"] == "r0"].iloc[0]
    assert (first["given"], first["proposed"], first["error"]) == ("calm", "angry", "type")
    assert first["reasons"] == ["model disagrees"]
    assert first["probability"] == first["record_probability"] > 0.5
    assert list(errors["probability"]) == sorted(errors["probability"], reverse=True)


def test_every_judged_record_has_a_probability_and_a_value_with_what_is_more_probably_wrong_corrected() -> None:
    gold, predictions = a_model_that_is_right(90, 6)
    records = find_errors(gold, predictions).records.set_index("record")
    assert len(records) == 90
    assert records.loc["r0", "proposed"] == "angry"
    assert records.loc["r50", "proposed"] == records.loc["r50", "given"]


def test_gold_without_a_prediction_is_not_judged() -> None:
    gold, predictions = a_model_that_is_right(60, 3)
    assert len(find_errors(gold, predictions[:40]).records) == 40


def test_a_label_that_its_neighbours_have_is_less_suspect_than_one_that_they_have_not() -> None:
    gold, predictions = a_model_that_is_right(120, 4)
    vectors = np.eye(3)[np.arange(120) % 3]  # the true label
    table = pd.DataFrame({"record": gold["record"], "embedding": list(vectors)})
    errors = label_errors(gold, predictions, embeddings=table)
    assert set(errors["record"][:4]) == {"r0", "r1", "r2", "r3"}
    assert all("neighbours disagree" in reasons for reasons in errors["reasons"][:4])
    plain = label_errors(gold, predictions)
    assert errors["probability"][:4].min() > plain["probability"][:4].max()


def test_equal_texts_with_other_labels_are_a_reason() -> None:
    gold, predictions = a_model_that_is_right(60, 1)
    texts = ["No.  Thank you!" if n in (0, 3, 6) else f"text {chr(97 + n % 26)}{chr(97 + n // 26)}" for n in range(60)]
    texts[3] = "no thank you"
    records = pd.DataFrame({"record": gold["record"], "text": texts})
    errors = label_errors(gold, predictions, records=records).set_index("record")
    assert "same text labelled differently elsewhere" in errors.loc["r0", "reasons"]
    assert elsewhere(np.array([0, 0, 1]), np.array([1, 0, 1]), 2).tolist() == [[1, 0], [0, 1], [0, 0]]
    assert elsewhere(np.array([0, 0]), np.array([-1, 1]), 2).tolist() == [
        [0, 1],
        [0, 0],
    ]  # the first is of no known class


def test_annotators_who_say_otherwise_make_a_label_more_suspect_and_those_who_agree_less() -> None:
    gold, predictions = a_model_that_is_right(60, 0, sure=0.6)
    true = LABELS[np.arange(60) % 3]
    answers = pd.DataFrame(
        [(f"r{n}", who, label) for n, label in enumerate(true) for who in "abc"],
        columns=["record", "annotator", "value"],
    )
    answers.loc[(answers["record"] == "r0") & (answers["annotator"] != "a"), "value"] = "sad"
    first = label_errors(gold, predictions, answers=answers).iloc[0]
    assert (first["record"], first["proposed"], first["reasons"]) == ("r0", "sad", ["annotators split"])
    records = find_errors(gold, predictions, answers=answers).records.set_index("record")
    assert records["probability"].drop("r0").max() < find_errors(gold, predictions).records["probability"].min()


def test_a_choice_of_many_labels_is_asked_label_by_label() -> None:
    gold, predictions = a_model_that_is_right(60, 2)
    gold["value"] = [[label, "urgent"] for label in gold["value"]]
    predictions["classes"] = [(*LABELS, "urgent")] * 60
    predictions["probabilities"] = [np.append(p, 0.95) for p in predictions["probabilities"]]
    gold.at[9, "value"] = ["angry"]  # r9 is angry, and urgent
    errors = label_errors(gold, predictions)
    missed = errors[(errors["record"] == "r9") & (errors["error"] == "missed")].iloc[0]
    assert missed["proposed"] == ["angry", "urgent"]
    assert set(errors[errors["record"] == "r0"]["error"][:2]) == {"missed", "invented"}


def test_predictions_of_the_predictor_will_do_for_a_choice() -> None:
    gold, predictions = a_model_that_is_right(30, 2)
    said = [
        Prediction(r, {"label": "calm"}, {"label": dict(zip(LABELS.tolist(), p.tolist(), strict=True))})
        for r, p in zip(predictions["record"], predictions["probabilities"], strict=True)
    ]
    pd.testing.assert_frame_equal(label_errors(gold, said), label_errors(gold, predictions))


def test_labels_written_as_numbers_are_proposed_as_numbers() -> None:
    gold, predictions = a_model_that_is_right(30, 1)
    gold["value"] = [LABELS.tolist().index(label) for label in gold["value"]]
    predictions["classes"] = [("0", "1", "2")] * 30
    first = label_errors(gold, predictions).iloc[0]
    assert (first["given"], first["proposed"]) == (1, 0)


@settings(max_examples=20, deadline=None)
@given(st.permutations(range(30)), st.permutations(["x", "y", "z"]))
def test_neither_the_order_of_rows_nor_the_names_of_labels_change_what_is_found(
    order: list[int], names: list[str]
) -> None:
    gold, predictions = a_model_that_is_right(30, 3)
    before = find_errors(gold, predictions).records.set_index("record")["probability"]
    new = dict(zip(LABELS.tolist(), names, strict=True))
    gold["value"] = gold["value"].map(new)
    predictions["classes"] = [tuple(new[label] for label in LABELS)] * 30
    gold, predictions = gold.iloc[order], predictions.iloc[order[::-1]]
    after = find_errors(gold, predictions).records.set_index("record")["probability"]
    pd.testing.assert_series_equal(before.sort_index(), after.sort_index())


def test_one_class_is_never_wrong() -> None:
    gold = pd.DataFrame({"record": ["a", "b"], "value": ["x", "x"]})
    predictions = pd.DataFrame({"record": ["a", "b"], "classes": [("x",)] * 2, "probabilities": [[1.0], [1.0]]})
    errors = find_errors(gold, predictions)
    assert errors.labels.empty
    assert errors.records["probability"].tolist() == [0.0, 0.0]


def test_one_record_is_judged_by_the_model_alone() -> None:
    gold, predictions = a_model_that_is_right(1, 1)
    assert find_errors(gold, predictions).records["proposed"].tolist() in (["angry"], ["calm"])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda g, p: (g.drop(columns="value"), p), "no column value"),
        (lambda g, p: (g, p.drop(columns="probabilities")), "no column probabilities"),
        (lambda g, p: (g, p.assign(probabilities=[[0.5, 0.5]] * 9)), r"shape \[2\]; expected \[3\]"),
        (lambda g, p: (g, p.assign(probabilities=[[0.5, 0.5, 0.5]] * 9)), "of sum 1"),
        (lambda g, p: (g, p.assign(probabilities=[[float("nan"), 0.5, 0.5]] * 9)), "no probabilities"),
        (lambda g, p: (g, p.assign(probabilities=["much"] * 9)), "no probabilities"),
        (lambda g, p: (g.assign(value="glad"), p), "gold has a label that the predictions do not know"),
        (lambda g, p: (g, p.assign(record="r0")), "a record has two predictions"),
        (lambda g, p: (g, p.assign(record=range(9))), "no gold can be judged"),
        (lambda g, p: (g[:0], p), "no gold can be judged"),
        (lambda g, p: (g, p.assign(classes=[tuple(LABELS)] * 8 + [("a", "b", "c")])), "of different classes"),
    ],
)
def test_what_cannot_be_judged_is_said(change, message) -> None:
    gold, predictions = change(*a_model_that_is_right(9, 0))
    with pytest.raises(InputError, match=message):
        label_errors(gold, predictions)


def test_an_embedding_that_is_missing_or_of_another_length_is_said() -> None:
    gold, predictions = a_model_that_is_right(3, 0)
    with pytest.raises(InputError, match="a record has no embedding"):
        label_errors(gold, predictions, embeddings=pd.DataFrame({"record": ["r0"], "embedding": [[1.0]]}))
    table = pd.DataFrame({"record": ["r0", "r1", "r2"], "embedding": [[1.0], [1.0, 2.0], [0.0]]})
    with pytest.raises(InputError, match="embeddings differ in length"):
        label_errors(gold, predictions, embeddings=table)


def test_the_joint_of_confident_learning_is_counted_at_the_thresholds() -> None:
    # class 0 is given three times with 0.9, 0.8, 0.05: threshold 0.583; class 1 twice with 0.8, 0.9: threshold 0.85.
    # item 2 (0.2, 0.8) reaches neither; the last, given 0, reaches 1: given 0 is 2 + 1, given 1 is 0 + 1, scaled to 3 and 2.
    p = np.array([[0.9, 0.1], [0.8, 0.2], [0.2, 0.8], [0.1, 0.9], [0.05, 0.95]])
    labels = np.array([0, 0, 1, 1, 0])
    joint = confident_joint(p, labels)
    assert joint.tolist() == [[2, 1], [0, 2]]
    # given 0: r[0, true 0] = 2.5 / 3 with 0.5 for what was not seen, r[0, true 1] = 1.5 / 4
    smooth = joint + 0.5
    r = smooth / smooth.sum(axis=0)
    q = np.array([0.05 / np.sqrt(1.75 / 3), 0.95 / np.sqrt(0.85)])
    expected = q[0] * r[0, 0] / (q[0] * r[0, 0] + q[1] * r[0, 1])
    assert true_given(p, labels, joint)[4, 0] == pytest.approx(expected)


def test_the_joint_is_that_of_cleanlab() -> None:
    count = pytest.importorskip("cleanlab.count")
    rng = np.random.default_rng(0)
    true = rng.integers(0, 4, 400)
    p = rng.dirichlet(np.ones(4), 400) + 2 * np.eye(4)[true]
    p /= p.sum(axis=1, keepdims=True)
    labels = np.where(rng.random(400) < 0.2, rng.integers(0, 4, 400), true)
    theirs = count.compute_confident_joint(labels, p, calibrate=True)
    assert np.abs(confident_joint(p, labels) - theirs).max() <= 1  # theirs is rounded to whole numbers


def test_neighbours_vote_with_their_nearness() -> None:
    vectors = np.array([[1.0, 0.0], [1.0, 0.0], [0.0, 1.0]])
    shares = neighbour_shares(vectors, np.array([0, 1, 1]), 2, k=2)
    # of the first: an equal record labelled 1 weighs 1, one at a right angle exp(-10); and a third of a vote for 0
    far = np.exp(-10)
    assert shares[0].tolist() == pytest.approx([1 / 3 / (2 + far), (1 + far + 2 / 3) / (2 + far)])


def test_vectors_of_several_models_are_compared_within_each() -> None:
    vectors = np.array([[1.0, 0.0], [1.0, 0.0], [1.0, 0.0]])
    shares = neighbour_shares(vectors, np.array([0, 1, 1]), 2, space=np.array([0, 1, 1]))
    assert shares[0].tolist() == pytest.approx([1 / 3, 2 / 3])  # alone in its space: what is usual
    assert shares[1].tolist() == pytest.approx([1 / 6, 5 / 6])


def test_a_source_that_knows_nothing_gets_no_weight_and_one_that_knows_much_gets_more() -> None:
    rng = np.random.default_rng(1)
    labels = rng.integers(0, 2, 2000)
    right = np.where(rng.random(2000) < 0.9, labels, 1 - labels)
    knows = np.log(np.where(np.eye(2)[right] > 0, 0.9, 0.1))
    blind = np.log(rng.dirichlet([5, 5], 2000))
    weights = fit_pool(np.stack([knows, blind]), labels).weights_
    assert weights == pytest.approx([1, 0], abs=0.15)


def test_the_weights_of_a_fold_are_learned_from_the_others() -> None:
    labels = np.array([0, 1] * 10)
    scores = np.log(np.full((1, 20, 2), 0.5))
    folds = draw_folds(np.arange(20), folds=2)
    before, _ = pool_apart(scores, labels, folds)
    changed = labels.copy()
    changed[folds == 0] = 0
    after, _ = pool_apart(scores, changed, folds)
    assert np.array_equal(before[folds == 0], after[folds == 0])
    assert not np.array_equal(before[folds == 1], after[folds == 1])


def test_groups_are_never_parted_by_folds() -> None:
    groups = np.array([0, 0, 1, 2, 2, 2, 3])
    folds = draw_folds(groups)
    assert len(set(zip(groups.tolist(), folds.tolist(), strict=True))) == 4
    assert len(draw_folds(np.array([], dtype=np.int64))) == 0
