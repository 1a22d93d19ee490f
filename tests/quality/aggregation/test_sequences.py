"""Aggregating spans and tags: every method of the same contract, on the same cases; and what is particular to some."""

from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from goldleaf.core import InputError, chunks_to_tags, count_malformed, tags_to_chunks
from goldleaf.quality.aggregation import SEQUENCE, aggregate, aggregation

METHODS = list(SEQUENCE)
MODELS = [name for name in SEQUENCE if name not in ("auto", "majority")]
NAMES = ("PER", "ORG", "LOC")


def table(*rows):
    return pd.DataFrame(list(rows), columns=["record", "annotator", "value"])


def crowd(seed=0, *, records=150, skills=(0.95, 0.85, 0.75, 0.65, 0.15), length=12):
    """Annotators who find a span as often as `skills` say; of those found a tenth is cut short and a tenth has another label.

    Gives the table and the truth. Tokens are characters; records are as long as `length`.
    """
    rng = np.random.default_rng(seed)
    truth, rows = {}, []
    for n in range(records):
        starts = sorted(rng.choice(np.arange(0, length, 4), size=rng.integers(0, 3), replace=False).tolist())
        gold = [(at, at + int(rng.integers(1, 4)), NAMES[rng.integers(3)]) for at in starts]
        truth[f"r{n:03}"] = gold
        for a, skill in enumerate(skills):
            said = []
            for start, end, label in gold:
                if rng.random() >= skill:
                    continue
                if end - start > 1 and rng.random() < 0.1:
                    end -= 1
                if rng.random() < 0.1:
                    label = NAMES[rng.integers(3)]
                said.append([start, end, label])
            if rng.random() < 0.1 * (1 - skill):
                said = sorted([*said, [3, 4, "LOC"]])
            rows.append((f"r{n:03}", f"a{a}", said))
    return table(*rows), truth


def as_tags(said, length=12):
    values = [chunks_to_tags([tuple(span) for span in value], length) for value in said.value]
    return said.assign(value=values)


def spans_of(found):
    return {record: [tuple(span) for span in value] for record, value in zip(found.record, found.value, strict=True)}


def f1(found, truth):
    right = sum(len(set(found[record]) & set(gold)) for record, gold in truth.items())
    return 2 * right / (sum(map(len, found.values())) + sum(map(len, truth.values())))


@pytest.mark.parametrize("method", METHODS)
def test_every_method_gives_each_record_spans_and_a_confidence(method):
    said, truth = crowd()
    found = aggregation(said, method)
    assert list(found.values.columns) == ["record", "field", "value", "confidence", "method"]
    assert list(found.values.record) == list(truth)
    assert found.values.confidence.between(0, 1).all()
    assert f1(spans_of(found.values), truth) >= f1(spans_of(aggregate(said, "majority")), truth) - 0.005
    rows = [(span.start, span.end, span.label) for value in found.values.value for span in value]
    assert list(found.spans[["start", "end", "label"]].itertuples(index=False, name=None)) == rows
    assert found.spans.confidence.between(0, 1).all()


@pytest.mark.parametrize("method", METHODS)
def test_the_spans_of_a_value_share_no_text(method):
    for value in aggregate(crowd(1)[0], method).value:
        assert all(one.end <= two.start for one, two in pairwise(value))


@pytest.mark.parametrize("method", METHODS)
def test_tags_in_a_scheme_have_the_spans_that_spans_have_and_are_well_formed(method):
    said, _ = crowd(2)
    tags = aggregate(as_tags(said), method)
    spans = spans_of(aggregate(said, method, records=letters(said)))
    for record, value in zip(tags.record, tags.value, strict=True):
        assert tags_to_chunks(value) == spans[record]
        assert count_malformed(value, "IOB2") == 0


def letters(said, length=12):
    """A records table in which each character is a token, all alike."""
    names = list(dict.fromkeys(said.record))
    return pd.DataFrame({"record": names, "tokens": [[[n, n + 1] for n in range(length)]] * len(names)})


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("scheme", ["IOB1", "BIOES", "BMES"])
def test_tags_come_back_in_the_scheme_they_were_given_in(method, scheme):
    said, _ = crowd(3, records=40)
    given = said.assign(value=[chunks_to_tags([tuple(s) for s in value], 12, scheme) for value in said.value])
    for value in aggregate(given, method).value:
        assert count_malformed(value, scheme) == 0


@pytest.mark.parametrize("method", METHODS)
def test_every_method_finds_who_is_right_more_often(method):
    found = aggregation(crowd()[0], method).annotators.set_index("annotator")
    assert list(found.index) == ["a0", "a1", "a2", "a3", "a4"]
    assert (found.answers == 150).all()
    assert found.accuracy.idxmin() == "a4"
    assert found.accuracy.idxmax() in ("a0", "a1")
    assert (found.low <= found.accuracy).all()
    assert (found.accuracy <= found.high).all()


@pytest.mark.parametrize("method", METHODS)
def test_the_confusions_say_what_an_annotator_misses(method):
    found = aggregation(crowd()[0], method).confusions
    missed = found[(found.said == "(nothing)") & (found.label == "PER")].set_index("annotator").share
    assert missed["a4"] > 0.6
    assert missed["a0"] < 0.3


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize(
    "rows",
    [
        [("r", "a", [[0, 2, "X"]])],
        [("r", "a", [[0, 2, "X"]]), ("r", "b", [[0, 2, "Y"]])],
        [(f"r{n}", f"a{n}", [[0, 2, "X"]]) for n in range(5)],
        [(n, f"a{k}", []) for n in range(3) for k in range(5)],
        [(n, f"a{k}", [[0, 1, "X"]]) for n in range(6) for k in range(5)],
        [*((n, f"a{k}", [[0, 1, "X"]]) for n in range(6) for k in range(5)), (0, "once", [[5, 9, "Y"]])],
        [(n, "alone", [[0, 1, "X"]] if n % 2 else []) for n in range(6)],
        [(n, f"a{k}", [[k, k + 2, "X"]]) for n in range(6) for k in range(6)],
    ],
    ids=[
        "one answer",
        "two who differ",
        "no overlap",
        "empty",
        "one label",
        "one answer only",
        "alone",
        "nobody alike",
    ],
)
def test_degenerate_tables_have_values_and_no_nan_but_for_who_shares_nothing(method, rows):
    found = aggregation(table(*rows), method)
    assert len(found.values) == len({record for record, _, _ in rows})
    assert found.values.confidence.between(0, 1).all()
    assert found.spans.confidence.astype(float).between(0, 1).all()
    if found.annotators.accuracy.isna().any():
        assert len({record for record, _, _ in rows}) == len(rows)


@pytest.mark.parametrize("method", METHODS)
def test_a_table_without_rows_is_refused(method):
    with pytest.raises(InputError, match="nothing to aggregate"):
        aggregate(table(), method)


@pytest.mark.parametrize("method", METHODS)
def test_nothing_here_by_all_is_nothing_and_rather_sure(method):
    found = aggregate(table(*((f"r{n}", f"a{k}", []) for n in range(4) for k in range(5))), method)
    assert list(found.value) == [[]] * 4
    assert (found.confidence > 0.8).all()


@pytest.mark.parametrize("method", METHODS)
@settings(max_examples=10, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_the_order_of_rows_and_the_names_of_annotators_change_nothing(method, seed):
    said, _ = crowd(seed, records=25, skills=(0.9, 0.8, 0.7, 0.6))
    said = said[np.random.default_rng(seed).random(len(said)) < 0.8]
    other = said.sample(frac=1, random_state=seed).replace({"annotator": {"a0": "zoe", "a1": "adam"}})
    one, two = (aggregate(each, method).set_index("record").sort_index() for each in (said, other))
    assert one.value.tolist() == two.value.tolist()
    assert np.allclose(one.confidence, two.confidence, atol=5e-3)


@pytest.mark.parametrize("method", METHODS)
@settings(max_examples=10, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_renaming_the_labels_renames_the_spans(method, seed):
    said, _ = crowd(seed, records=25)
    names = {"PER": "z", "ORG": "m", "LOC": "a"}
    other = said.assign(value=[[[s, e, names[label]] for s, e, label in value] for value in said.value])
    one, two = (aggregate(each, method) for each in (said, other))
    assert np.allclose(one.confidence, two.confidence, atol=5e-3)
    renamed = [[(s, e, names[label]) for s, e, label in value] for value in one.value]
    assert renamed == [[tuple(span) for span in value] for value in two.value]


@pytest.mark.parametrize("method", MODELS)
def test_a_model_beats_the_majority_where_annotators_miss_much(method):
    said, truth = crowd(5, records=300, skills=(0.7, 0.6, 0.5, 0.4, 0.4, 0.3))
    model, majority = (f1(spans_of(aggregate(said, each)), truth) for each in (method, "majority"))
    assert model > majority + 0.1
