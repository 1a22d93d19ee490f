"""Aggregating choices: every method of the same contract, on the same cases; and what is particular to some."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from goldleaf.core import Field, InputError, Prediction, Schema
from goldleaf.quality.aggregation import CHOICE, aggregate, aggregation
from goldleaf.quality.aggregation.pooled import fit_pooled
from goldleaf.quality.aggregation.votes import Votes, count_votes, truth_of, votes_of
from goldleaf.quality.labels import read_answers

METHODS = [name for name in CHOICE if name != "crowdlab"]
SEEDED = {"mace", "ebcc"}
"""Methods that begin at random places: a permutation of the rows changes where."""


def table(*rows):
    return pd.DataFrame(list(rows), columns=["record", "annotator", "value"])


def simulate(seed=0, *, records=200, skills=(0.95, 0.9, 0.85, 0.8, 0.4), classes=3):
    """Annotators who are right as often as `skills` say, else any label: the table and the truth."""
    rng = np.random.default_rng(seed)
    truth = rng.integers(classes, size=records)
    rows = []
    for annotator, skill in enumerate(skills):
        said = np.where(rng.random(records) < skill, truth, rng.integers(classes, size=records))
        rows += [(f"r{n:03}", f"a{annotator}", f"label{value}") for n, value in enumerate(said)]
    return table(*rows), {f"r{n:03}": f"label{value}" for n, value in enumerate(truth)}


def right(values, truth):
    return float(np.mean([value == truth[record] for record, value in zip(values.record, values.value, strict=True)]))


@pytest.mark.parametrize("method", METHODS)
def test_every_method_gives_each_record_a_value_and_a_probability(method):
    said, truth = simulate()
    found = aggregation(said, method)
    assert list(found.values.columns) == ["record", "field", "value", "confidence", "method"]
    assert list(found.values.record) == list(dict.fromkeys(said.record))
    assert found.values.confidence.between(0, 1).all()
    assert right(found.values, truth) >= right(aggregate(said, "majority"), truth) - 0.02
    probabilities = found.probabilities["label"]
    assert np.allclose(probabilities.sum(axis=1), 1)
    assert (probabilities.max(axis=1).to_numpy() >= found.values.confidence.to_numpy() - 1e-9).all()


@pytest.mark.parametrize("method", METHODS)
def test_every_method_finds_who_is_right_more_often(method):
    found = aggregation(simulate()[0], method).annotators.set_index("annotator")
    assert list(found.index) == ["a0", "a1", "a2", "a3", "a4"]
    assert (found.answers == 200).all()
    assert found.accuracy.idxmin() == "a4"
    assert (found.low <= found.accuracy).all()
    assert (found.accuracy <= found.high).all()


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize(
    "rows",
    [
        [("r", "a", "x")],
        [("r", "a", "x"), ("r", "b", "y")],
        [("r1", "a", "x"), ("r2", "b", "y"), ("r3", "c", "x")],
        [(n, f"a{k}", "x") for n in range(3) for k in range(4)],
        [*((n, f"a{k}", "xy"[n % 2]) for n in range(4) for k in range(4)), (0, "once", "y")],
        [(1, 1, 0), (1, 2, 1), (1, 3, 1)],
        [("r1", "a", ["x"]), ("r1", "b", ["x", "y"]), ("r2", "a", []), ("r2", "b", [])],
    ],
    ids=["one answer", "two who differ", "no overlap", "one label", "one answer only", "numbers", "several"],
)
def test_degenerate_tables_have_values_and_no_nan_but_for_who_shares_nothing(method, rows):
    found = aggregation(table(*rows), method)
    assert found.values.confidence.between(0, 1).all()
    if found.annotators.accuracy.isna().any():
        assert len({record for record, _, _ in rows}) == len(rows)


@pytest.mark.parametrize("method", [method for method in METHODS if method not in SEEDED])
@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_the_order_of_rows_and_the_names_of_annotators_change_nothing(method, seed):
    rng = np.random.default_rng(seed)
    said, _ = simulate(seed, records=30, skills=(0.9, 0.8, 0.7, 0.6))
    said = said[rng.random(len(said)) < 0.8]
    other = said.sample(frac=1, random_state=seed).replace({"annotator": {"a0": "zoe", "a1": "adam"}})
    one, two = (aggregation(each, method) for each in (said, other))
    assert np.allclose(one.probabilities["label"].sort_index(), two.probabilities["label"].sort_index(), atol=2e-3)


@pytest.mark.parametrize("method", ["auto", "dawid_skene", "bwa", "pooled", "majority", "glad", "one_coin"])
def test_renaming_the_labels_renames_the_values(method):
    said, _ = simulate(3, records=60)
    names = {"label0": "z", "label1": "m", "label2": "a"}
    one, two = (aggregation(each, method) for each in (said, said.replace({"value": names})))
    renamed = one.probabilities["label"].rename(columns=names)[list("amz")]
    assert np.allclose(renamed, two.probabilities["label"][list("amz")], atol=2e-3)


def test_the_majority_is_a_share_and_ties_are_drawn_by_the_seed_and_told():
    said = table(*((n, who, value) for n in range(40) for who, value in (("a", "x"), ("b", "y"))))
    found = aggregation(said, "majority", seed=1)
    assert set(found.values.confidence) == {0.5}
    assert set(found.values.value) == {"x", "y"}
    assert "40 of 40 were equal" in found.reasons["label"]
    assert list(found.values.value) == list(aggregate(said, "majority", seed=1).value)
    assert list(found.values.value) != list(aggregate(said, "majority", seed=2).value)


def test_dawid_skene_takes_the_step_that_one_takes_by_hand():
    from goldleaf.quality.aggregation.dawid_skene import fit_dawid_skene

    # Two records, three annotators: shares of class 1 are 1/3 and 2/3. M: prior [1/2, 1/2]; a and b say 0 then 1:
    # P(said 0 | 0) = (2/3) / (2/3 + 1/3) = 2/3, P(said 0 | 1) = 1/3; c says 1 then 0: P(said 1 | 0) = 2/3, P(said 1 | 1) = 1/3.
    # E, record 0 (0, 0, 1): class 0: (2/3)^3 = 8/27, class 1: (1/3)^3 = 1/27, so P(0) = 8/9; the likelihood is (8 + 1) / 54 = 1/6.
    votes = Votes(np.array([0, 0, 0, 1, 1, 1]), np.array([0, 1, 2, 0, 1, 2]), np.array([0, 0, 1, 1, 1, 0]), 2, 3, 2)
    fitted = fit_dawid_skene(votes, iterations=1)
    assert np.allclose(fitted.probabilities_, [[8 / 9, 1 / 9], [1 / 9, 8 / 9]])
    assert fitted.log_likelihood_ == pytest.approx(2 * np.log(1 / 6))
    assert np.allclose(fitted.skill_, [8 / 9, 8 / 9, 1 / 9])


def test_the_likelihood_of_dawid_skene_and_of_one_coin_only_grows():
    from goldleaf.quality.aggregation.dawid_skene import fit_dawid_skene
    from goldleaf.quality.aggregation.one_coin import fit_one_coin

    rng = np.random.default_rng(0)
    votes = Votes(np.repeat(np.arange(40), 4), np.tile(np.arange(4), 40), rng.integers(3, size=160), 40, 4, 3)
    for fit in (fit_dawid_skene, fit_one_coin):
        steps = [fit(votes, iterations=n, tolerance=-np.inf).log_likelihood_ for n in range(1, 15)]
        assert (np.diff(steps) > -1e-8).all()


def test_the_confusions_tell_what_an_annotator_takes_for_what():
    rows = [(n, who, "cat" if n % 2 else "dog") for n in range(40) for who in "abc"]
    rows += [(n, "d", "cat") for n in range(40)]
    found = aggregation(table(*rows)).confusions
    always = found[(found.annotator == "d") & (found.said == "cat")].set_index("label")
    assert always.loc["dog", "share"] == pytest.approx(1)
    assert always.loc["dog", "count"] == pytest.approx(20, abs=1)
    assert 0.75 < always.loc["dog", "low"] < 1


def test_auto_says_why_and_takes_the_majority_where_nothing_tells_who_is_better():
    few = aggregation(simulate(skills=(0.9, 0.8, 0.3))[0])
    assert set(few.values.method) == {"majority"}
    assert "3 annotators" in few.reasons["label"]
    many = aggregation(simulate()[0])
    assert set(many.values.method) == {"pooled"}
    assert "5.0 answers a record of 5 annotators with 200 each" in many.reasons["label"]


def test_auto_takes_labelling_functions_that_say_one_label_each_for_what_they_are():
    rng = np.random.default_rng(0)
    truth = rng.integers(2, size=300)
    rows = [
        (n, f"f{k}", str(k % 2))
        for n in range(300)
        for k in range(8)
        if rng.random() < (0.5 if truth[n] == k % 2 else 0.1)
    ]
    found = aggregation(table(*rows))
    assert set(found.values.method) == {"majority"}
    assert "whatever they see" in found.reasons["label"]


def test_auto_takes_the_majority_where_everyone_is_compared_with_one_annotator_only():
    rng = np.random.default_rng(0)
    rows = [(n, who, str(rng.integers(2))) for n in range(90) for who in ("hub", f"other{n % 4}")]
    assert "same annotator" in aggregation(table(*rows)).reasons["label"]


def few_answers(seed, *, lowest, highest):
    """100 records, 5 of 40 annotators each, who say yes to anything as often as each is inclined to: nothing tells a yes from a slip."""
    rng = np.random.default_rng(seed)
    inclined = rng.uniform(lowest, highest, size=40)
    return table(
        *(
            (record, int(who), "yes" if rng.random() < inclined[who] else "no")
            for record in range(100)
            for who in rng.permutation(40)[:5]
        )
    )


def test_with_few_answers_each_a_label_does_not_vanish():
    said = few_answers(1, lowest=0.3, highest=0.5)
    votes = votes_of(read_answers(said)[0])
    majority = int((count_votes(votes)[:, 1] > 2.5).sum())
    loose, held = (truth_of(fit_pooled(votes, anchor=anchor))[:, 1].sum() for anchor in (0, None))
    assert loose < majority / 4 < majority / 2 < held
    assert set(aggregation(said).values.method) == {"pooled"}


def test_auto_takes_the_majority_where_the_model_lets_a_label_vanish_all_the_same():
    found = aggregation(few_answers(0, lowest=0.05, highest=0.7))
    assert set(found.values.method) == {"majority"}
    assert "rare from one that is often missed" in found.reasons["label"]


def test_a_spammer_does_not_outvote_those_who_know():
    rng = np.random.default_rng(0)
    truth = rng.integers(4, size=300)
    rows = []
    for n in range(300):
        rows += [
            (n, f"good{k}", str(truth[n] if rng.random() < 0.85 else rng.integers(4)))
            for k in rng.choice(8, 2, replace=False)
        ]
        rows += [(n, f"spam{k}", str(rng.integers(4))) for k in range(2)]
    answer = {n: str(value) for n, value in enumerate(truth)}
    auto, majority = (aggregate(table(*rows), method) for method in ("auto", "majority"))
    assert right(auto, answer) > right(majority, answer) + 0.05


def test_several_choices_are_a_question_for_each_label():
    rows = [
        ("r1", "a", ["x", "y"]),
        ("r1", "b", ["x"]),
        ("r1", "c", ["x"]),
        ("r2", "a", []),
        ("r2", "b", []),
        ("r2", "c", ["y"]),
    ]
    found = aggregate(table(*rows), "majority")
    assert list(found.value) == [["x"], []]
    # r1: x 3 of 3, not y 2 of 3; r2: not x 3 of 3, not y 2 of 3
    assert list(found.confidence) == [pytest.approx(2 / 3), pytest.approx(2 / 3)]


def test_a_model_settles_what_two_annotators_leave_open():
    schema = Schema((Field("mood", "choice", ("bad", "good")),))
    rng = np.random.default_rng(0)
    truth = rng.integers(2, size=200)
    rows, predictions = [], []
    for n, value in enumerate(truth):
        said = np.where(rng.random(2) < 0.75, value, 1 - value)
        rows += [(f"r{n}", f"a{(n + k) % 5}", ("bad", "good")[each]) for k, each in enumerate(said)]
        p = 0.9 if rng.random() < 0.85 else 0.1
        scores = {("bad", "good")[value]: p, ("good", "bad")[value]: 1 - p}
        predictions.append(Prediction(f"r{n}", {}, {"mood": scores}))
    answer = {f"r{n}": ("bad", "good")[value] for n, value in enumerate(truth)}
    alone = right(aggregate(table(*rows), schema=schema), answer)
    for method in ("auto", "crowdlab", "pooled"):
        assert right(aggregate(table(*rows), method, schema=schema, predictions=predictions), answer) > alone + 0.03


def test_crowdlab_weighs_as_the_paper_says():
    from goldleaf.quality.aggregation.crowdlab import fit_crowdlab

    # Perfect agreement of two annotators on two records: P is 1 (kept under .999), their weight 1.
    votes = Votes(np.array([0, 0, 1, 1]), np.array([0, 1, 0, 1]), np.array([0, 0, 1, 1]), 2, 2, 2)
    fitted = fit_crowdlab(votes, predicted=np.array([[0.8, 0.2], [0.3, 0.7]]))
    assert fitted.probabilities_.argmax(axis=1).tolist() == [0, 1]
    assert fitted.skill_.tolist() == [1.0, 1.0]
    with pytest.raises(InputError, match="predictions"):
        aggregate(table(("r", "a", "x"), ("r", "b", "y")), "crowdlab")


def test_what_cannot_be_aggregated_is_refused_by_name():
    with pytest.raises(InputError, match="no such way"):
        aggregate(table(("r", "a", "x")), "best")
    with pytest.raises(InputError, match="nothing to aggregate"):
        aggregate(table())


def test_ten_thousand_annotators_are_no_trouble():
    rng = np.random.default_rng(0)
    n = 30_000
    said = pd.DataFrame(
        {
            "record": rng.integers(8_000, size=n),
            "annotator": rng.integers(10_000, size=n),
            "value": rng.choice(list("abc"), n),
        }
    )
    found = aggregation(said)
    assert found.values.confidence.between(0, 1).all()
    assert len(found.annotators) == said.annotator.nunique()
