"""One suite over every kind of field: what does not change agreement, what perfect and chance agreement are, and degenerate tables."""

import warnings

import numpy as np
import pandas as pd
import pytest
from agreement_references import table
from hypothesis import given, settings
from hypothesis import strategies as st

from goldleaf.core import Field, InputError, Schema
from goldleaf.quality import agreement
from goldleaf.quality.agreement import comparisons, evidence, pairs, sets

LABELS = st.sampled_from("xyz")
VALUES = {
    "choice": LABELS,
    "choices": st.lists(LABELS, unique=True, max_size=3),
    "tags": st.lists(LABELS, min_size=3, max_size=3),
    "spans": st.lists(st.tuples(st.integers(0, 3), LABELS), unique_by=lambda item: item[0], max_size=3).map(
        lambda items: [[4 * place, 4 * place + 3, label] for place, label in sorted(items)]
    ),
}
KINDS = sorted(VALUES)
SCHEMAS = {
    kind: Schema((Field("label", "choice" if kind == "choices" else kind, ("x", "y", "z"), many=kind == "choices"),))
    for kind in KINDS
}


@st.composite
def tables(draw, kind):
    cells = draw(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 3)), min_size=1, max_size=20, unique=True))
    return table([(f"r{record}", f"a{who}", draw(VALUES[kind])) for record, who in cells])


def values(frame, kind, **options):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        (found,) = agreement(frame, schema=SCHEMAS[kind], **{"resamples": 0, **options})
    return found, {name: score.value for name, score in found.scores.items()}


def close(one, other):
    assert set(one) == set(other)
    for name, value in one.items():
        assert (value is None) == (other[name] is None), name
        assert value is None or value == pytest.approx(other[name], abs=1e-9), name


def renamed(value, names):
    if isinstance(value, str):
        return names[value]
    return [[*item[:2], names[item[2]]] if isinstance(item, list) else names[item] for item in value]


@pytest.mark.parametrize("kind", KINDS)
@given(data=st.data())
@settings(max_examples=25, deadline=None)
def test_order_of_rows_and_names_change_nothing(kind, data):
    frame = data.draw(tables(kind))
    found, before = values(frame, kind)
    shuffled, after = values(frame.sample(frac=1, random_state=data.draw(st.integers(0, 99))), kind)
    close(before, after)
    assert (found.records, found.compared, found.pairs) == (shuffled.records, shuffled.compared, shuffled.pairs)
    names = {"x": "z", "y": "x", "z": "y"}
    other = frame.assign(
        value=[renamed(value, names) for value in frame["value"]],
        annotator=frame["annotator"].map({"a0": "w", "a1": "c", "a2": "q", "a3": "b"}),
        record=frame["record"].str.replace("r", "text-"),
    )
    close(before, values(other, kind)[1])


@pytest.mark.parametrize("kind", KINDS)
@given(data=st.data())
@settings(max_examples=25, deadline=None)
def test_no_coefficient_is_above_1_no_interval_is_upside_down_and_nothing_warns(kind, data):
    frame = data.draw(tables(kind))
    found, scores = values(frame, kind, resamples=30)
    assert all(value is None or value <= 1 + 1e-9 for value in scores.values())
    for score in found.scores.values():
        assert (score.low is None) == (score.high is None)
        assert score.low is None or score.low <= score.high
        assert score.value is not None or score.low is None
    if found.compared < 2:
        assert all(score.low is None for score in found.scores.values())


@pytest.mark.parametrize("kind", KINDS)
@given(data=st.data())
@settings(max_examples=25, deadline=None)
def test_annotators_who_copy_each_other_agree_wholly(kind, data):
    answers = data.draw(st.lists(VALUES[kind], min_size=2, max_size=6))
    frame = table([(n, who, value) for n, value in enumerate(answers) for who in "abc"])
    found, scores = values(frame, kind, resamples=20)
    assert all(value is None or value == pytest.approx(1.0) for value in scores.values())
    assert scores["raw_agreement"] in (None, pytest.approx(1.0))
    apart = found.confusion[found.confusion["label"] != found.confusion["other"]]
    assert len(apart) == 0


@pytest.mark.parametrize("kind", KINDS)
def test_random_answers_agree_no_more_than_chance(kind):
    rng = np.random.default_rng(4)

    def draw():
        if kind == "choice":
            return str(rng.choice(list("xyz")))
        if kind == "tags":
            return rng.choice(list("xyz"), 5).tolist()
        if kind == "choices":
            return [label for label in "xyz" if rng.random() < 0.4]
        return [[start, start + 3, str(rng.choice(list("xyz")))] for start in rng.integers(0, 38, size=1).tolist()]

    frame = table([(n, who, draw()) for n in range(400) for who in "abc"])
    found, _ = values(
        frame,
        kind,
        resamples=200,
        records=pd.DataFrame(
            {"record": range(400), "text": ["a" * 40] * 400, "tokens": [[[n, n + 1] for n in range(40)]] * 400}
        ),
    )
    for name, score in found.scores.items():
        if name.startswith("alpha") or name.endswith("kappa"):
            assert abs(score.value) < 0.08, name
            assert score.low - 0.03 < 0 < score.high + 0.03, name


@pytest.mark.parametrize("kind", KINDS)
def test_one_annotator_alone_cannot_be_compared(kind):
    value = {"choice": "x", "choices": ["x"], "tags": ["x", "y"], "spans": [[0, 3, "x"]]}[kind]
    found, scores = values(table([(n, "a", value) for n in range(3)]), kind, resamples=10)
    assert set(scores.values()) == {None}
    assert (found.compared, found.pairs, len(found.annotator_pairs), len(found.confusion)) == (0, 0, 0, 0)
    assert all("Not defined" in score.meaning for score in found.scores.values())
    assert str(found.field) in str(
        agreement(table([(n, "a", value) for n in range(3)]), schema=SCHEMAS[kind], resamples=0)
    )


@pytest.mark.parametrize("kind", KINDS)
def test_annotators_who_never_met_cannot_be_compared(kind):
    value = {"choice": "x", "choices": ["x"], "tags": ["x", "y"], "spans": [[0, 3, "x"]]}[kind]
    found, scores = values(table([(n, f"a{n}", value) for n in range(4)]), kind, resamples=10)
    assert set(scores.values()) == {None}
    assert found.annotators == 4


def test_where_all_is_one_label_chance_would_agree_as_well():
    frame = table([(n, who, "x") for n in range(5) for who in "ab"])
    (found,) = agreement(frame, resamples=20)
    scores = {name: score.value for name, score in found.scores.items()}
    assert scores == {"raw_agreement": 1.0, "cohen_kappa": None, "fleiss_kappa": None, "alpha": None, "ac1": None}
    assert "luck would agree as well" in found.scores["alpha"].meaning
    # where the schema has other labels to give, guessing would not have agreed: that is what AC1 measures
    schema = Schema((Field("label", "choice", ("x", "y")),))
    (found,) = agreement(frame, schema=schema, resamples=20)
    assert found.scores["ac1"].value == pytest.approx(1.0)


def test_empty_spans_everywhere_agree_and_say_nothing_of_spans():
    frame = table([(n, who, []) for n in range(4) for who in "ab"])
    schema = Schema((Field("who", "spans", ("PER",)),))
    records = pd.DataFrame({"record": range(4), "text": ["Ann went", "", "home", "."]})
    for options in ({}, {"records": records}, {"schema": schema}, {"schema": schema, "records": records}):
        (found,) = agreement(frame, resamples=20, **options)
        scores = {name: score.value for name, score in found.scores.items()}
        assert scores["f1_exact"] is None
        assert scores["alpha_u"] is None
        assert scores["same_answer"] == 1.0
        assert scores["raw_agreement"] == (1.0 if "records" in options else None)
        assert len(found.confusion) == 0


def test_an_annotator_with_one_label_has_a_kappa_of_nothing():
    frame = table([(n, who, label) for n in range(6) for who, label in (("a", "x"), ("b", "xy"[n % 2]))])
    (found,) = agreement(frame, resamples=20)
    # a always says x: agreement 1/2, and chance 1 * 1/2
    assert found.scores["cohen_kappa"].value == pytest.approx(0.0)


@pytest.mark.parametrize("kind", ["choices", "tags", "spans"])
def test_empty_answers_are_answers(kind):
    filled = {"choices": ["x"], "tags": [], "spans": [[0, 3, "x"]]}[kind]
    found, scores = values(table([(1, "a", []), (1, "b", filled), (2, "a", []), (2, "b", [])]), kind, resamples=10)
    assert found.compared == 2
    assert scores["same_answer" if kind != "choices" else "raw_agreement"] == (1.0 if kind == "tags" else 0.5)


@pytest.mark.parametrize(
    ("frame", "options", "said"),
    [
        (table([]), {}, "no answers"),
        (table([("r", "a", "x")]), {"level": "ratio"}, "unknown level"),
        (table([("r", "a", "x")]), {"resamples": -1}, "fewer than 0"),
        (table([("r", "a", "x")]), {"every": "month"}, "unknown stretch of time"),
        (table([("r", "a", "x")]), {"every": 0}, "unknown stretch of time"),
        (table([("r", "a", "x"), ("r", "b", None)]), {}, "no value"),
        (table([("r", "a", 1.5), ("r", "b", float("nan"))]), {}, "no value"),
        (table([("r", "a", ["x"]), ("r", "b", None)]), {}, "no value"),
        (table([("r", "a", "low"), ("r", "b", "high")]), {"level": "ordinal"}, "no ordinal scale"),
        (table([("r", "a", "low"), ("r", "b", "high")]), {"level": "interval"}, "no interval scale"),
        (table([("r", "a", [[0, 1, "x"]])]), {"level": "ordinal"}, "no field has an ordinal scale"),
        (table([("r", "a", [[3, 3, "x"]])]), {}, "not a span"),
        (table([("r", "a", [[0, 9, "x"]])]), {"records": pd.DataFrame({"record": ["r"], "text": ["abc"]})}, "outside the text"),
        (table([("r", "a", [[0, 1, "x"]])]), {"records": pd.DataFrame({"record": ["q"], "text": ["abc"]})}, "missing"),
        (table([("r", "a", [[0, 1, "x"]])]), {"records": pd.DataFrame({"record": ["r"]})}, "no records table"),
        (table([("r", "a", [[0, 1, "x"]])]), {"records": pd.DataFrame({"record": ["r"], "text": [None]})}, "neither text nor tokens"),
        (table([("r", "a", "w")]), {"schema": SCHEMAS["choice"]}, "no such label"),
        (table([("r", "a", ["w"])]), {"schema": SCHEMAS["choices"]}, "no such label"),
        (table([("r", "a", ["w"])]), {"schema": SCHEMAS["tags"]}, "no such label"),
        (table([("r", "a", [[0, 1, "w"]])]), {"schema": SCHEMAS["spans"]}, "no such label"),
        (table([("r", "a", ["x", "y"]), ("r", "b", ["x"])]), {"schema": SCHEMAS["tags"]}, "different numbers of tokens"),
    ],
)  # fmt: skip
def test_what_cannot_be_measured_is_said_with_its_place(frame, options, said):
    with pytest.raises(InputError, match=said):
        agreement(frame, **options)


def test_ten_thousand_annotators_make_no_table_of_all_pairs():
    rng = np.random.default_rng(1)
    frame = pd.DataFrame(
        {
            "record": np.repeat(np.arange(8), 10_000),
            "annotator": np.tile(np.arange(10_000), 8),
            "value": rng.choice(["x", "y"], 80_000),
        }
    )
    (found,) = agreement(frame, resamples=20)
    assert found.pairs == 8 * 10_000 * 9_999 // 2
    assert len(found.annotator_pairs) == pairs.MOST_LISTED
    assert "with most answers" in found.notes[0]
    assert abs(found.scores["alpha"].value) < 0.01


def test_a_few_answers_are_compared_where_spans_have_too_many_pairs(monkeypatch):
    monkeypatch.setattr(comparisons, "MOST_PAIRS", 10)
    frame = table([("r", n, [[0, 1 + n % 7, "x"]]) for n in range(200)])
    (found,) = agreement(frame, resamples=0)
    assert any("drawn at random" in note for note in found.notes)
    # 30 of 200 answers, drawn at random: about one pair in seven is of equal spans
    assert found.scores["f1_exact"].value == pytest.approx(1 / 7, abs=0.06)
    assert found.scores["f1_overlap"].value == pytest.approx(1.0)


def test_only_the_most_frequent_labels_are_held_against_all_others(monkeypatch):
    monkeypatch.setattr(evidence, "MOST_LABELS", 2)
    frame = table([(n, who, label) for n, label in enumerate("xxxyyz") for who in "ab"])
    (found,) = agreement(frame, resamples=10)
    assert found.labels["label"].tolist() == ["x", "y"]
    assert "2 of 3 labels" in found.notes[0]


def test_many_different_sets_are_taken_as_linear_around_the_whole(monkeypatch):
    rng = np.random.default_rng(2)
    rows = [
        (n, who, [x for x in "uvwxyz" if rng.random() < (0.7 if x in "uvwxyz"[n % 6] else 0.3)])
        for n in range(200)
        for who in "abc"
    ]
    exact = agreement(table(rows), resamples=2000)["label"]
    monkeypatch.setattr(sets, "EXACT", 1)
    linear = agreement(table(rows), resamples=2000)["label"]
    for name in ("alpha_jaccard", "alpha_masi"):
        assert linear.scores[name].value == pytest.approx(exact.scores[name].value, abs=1e-9)
        assert linear.scores[name].low == pytest.approx(exact.scores[name].low, abs=0.004)
        assert linear.scores[name].high == pytest.approx(exact.scores[name].high, abs=0.004)
