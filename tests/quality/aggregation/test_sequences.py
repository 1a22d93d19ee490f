"""Aggregating spans and tags: every method of the same contract, on the same cases; and what is particular to some."""

import re
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from goldleaf.core import Field, InputError, Prediction, Schema, Span, chunks_to_tags, count_malformed, tags_to_chunks
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


def test_auto_says_why_and_takes_the_majority_where_the_answers_cannot_tell():
    three, few = crowd(skills=(0.9, 0.8, 0.7))[0], crowd(records=12)[0]
    two = crowd(records=400, skills=(0.9, 0.8, 0.7, 0.6))[0]
    two = two[[hash_of(r, a) for r, a in zip(two.record, two.annotator, strict=True)]]
    for said, why in (
        (three, "3 annotators"),
        (few, "too few to tell"),
        (two, "2.0 answers a record of a handful of annotators"),
        (three[three.annotator == "a0"], "no record has two answers"),
    ):
        found = aggregation(said)
        assert set(found.values.method) == {"majority"}
        assert why in found.reasons["label"]
    many = aggregation(crowd(records=400, skills=np.linspace(0.4, 0.9, 9))[0])
    assert set(many.values.method) == {"bsc"}
    assert "9.0 answers a record of 9 annotators with 400 each" in many.reasons["label"]


def hash_of(record, annotator):
    """Two of four annotators for each record."""
    return (int(record[1:]) + int(annotator[1:])) % 4 < 2


def test_auto_beats_the_majority_where_annotators_miss_much():
    said, truth = crowd(7, records=300, skills=(0.7, 0.6, 0.6, 0.5, 0.5, 0.4, 0.4, 0.3))
    auto, majority = (f1(spans_of(aggregate(said, each)), truth) for each in ("auto", "majority"))
    assert auto > majority + 0.1


@pytest.mark.parametrize("method", METHODS)
def test_labels_that_share_text_are_a_question_each(method):
    said, _ = crowd(4, skills=(0.9, 0.85, 0.8, 0.7, 0.6, 0.6, 0.5, 0.5))
    inner = said.assign(value=[[*value, *([s, e, "WIDE"] for s, e, _ in value)] for value in said.value])
    found = aggregation(inner, method)
    spans = spans_of(found.values)
    names = [(s, e) for value in spans.values() for s, e, label in value if label != "WIDE"]
    wide = [(s, e) for value in spans.values() for s, e, label in value if label == "WIDE"]
    assert set(names) & set(wide)
    if method in (*MODELS, "majority"):
        assert "a question of its own for each label" in found.reasons["label"]
        assert set(found.values.method) == {method}
    assert found.values.confidence.between(0, 1).all()


@pytest.mark.parametrize("method", METHODS)
def test_spans_of_one_label_in_one_another_are_left_to_the_majority(method):
    nested = [[0, 9, "X"], [2, 4, "X"]]
    found = aggregation(table(*((n, f"a{k}", nested if k else []) for n in range(30) for k in range(9))), method)
    assert all([tuple(s) for s in value] == [(0, 9, "X"), (2, 4, "X")] for value in found.values.value)
    assert set(found.values.method) == {"majority"}


@pytest.mark.parametrize("method", METHODS)
def test_plain_tags_are_chosen_for_every_token(method):
    rng = np.random.default_rng(0)
    truth = {n: [("DET", "NOUN", "VERB")[(n + t) % 3] for t in range(8)] for n in range(120)}
    skills = (0.9, 0.85, 0.6, 0.5, 0.4, 0.4, 0.4, 0.4)
    rows = [
        (n, f"a{a}", [tag if rng.random() < skill else ("DET", "NOUN", "VERB")[rng.integers(3)] for tag in tags])
        for n, tags in truth.items()
        for a, skill in enumerate(skills)
    ]
    found = aggregation(table(*rows), method)
    alike = {
        name: np.mean(
            [a == b for r, value in zip(v.record, v.value, strict=True) for a, b in zip(value, truth[r], strict=True)]
        )
        for name, v in (("this", found.values), ("majority", aggregate(table(*rows), "majority")))
    }
    assert alike["this"] >= alike["majority"]
    if method != "majority":
        # the order of the tags is always the same, and half of the annotators draw lots
        assert alike["this"] > alike["majority"] + 0.01
    assert len(found.spans) == 120 * 8
    assert found.annotators.set_index("annotator").accuracy.idxmax() in ("a0", "a1")
    always = found.confusions[(found.confusions.annotator == "a0") & (found.confusions.label == found.confusions.said)]
    assert (always.share > 0.8).all()


@pytest.mark.parametrize("method", METHODS)
def test_plain_tags_of_different_lengths_are_refused(method):
    with pytest.raises(InputError, match="different numbers of tags"):
        aggregate(table(("q", "a", ["x", "x"]), ("r", "a", ["x", "x"]), ("r", "b", ["x"])), method, schema=TAGS)


@pytest.mark.parametrize("method", METHODS)
def test_records_without_tokens_have_no_tags(method):
    found = aggregate(
        table(*((n, f"a{k}", ["x", "y"] if n else []) for n in range(4) for k in range(5))), method, schema=TAGS
    )
    assert list(found.value) == [[], ["x", "y"], ["x", "y"], ["x", "y"]]
    assert found.confidence.between(0, 1).all()


TAGS = Schema((Field("label", "tags", ("x", "y")),))


def test_words_tell_of_spans_that_most_missed_here_and_marked_elsewhere():
    rng = np.random.default_rng(0)
    words = ["Rome", "Paris", "Oslo", "table", "chair", "lamp", "door", "roof"]
    rows, texts = [], []
    for n in range(200):
        drawn = rng.choice(len(words), 4)
        ends = np.cumsum([len(words[w]) + 1 for w in drawn]) - 1
        texts.append((f"r{n}", " ".join(words[w] for w in drawn)))
        for a in range(5):
            spans = [[int(e) - len(words[w]), int(e), "CITY"] for w, e in zip(drawn, ends, strict=True)]
            kept = [rng.random() < (0.3 if w < 3 else 0.04) for w in drawn]
            rows.append((f"r{n}", f"a{a}", [span for span, marked in zip(spans, kept, strict=True) if marked]))
    records = pd.DataFrame(texts, columns=["record", "text"])
    truth = {r: [(m.start(), m.end(), "CITY") for m in re.finditer("Rome|Paris|Oslo", text)] for r, text in texts}
    known, unknown = (f1(spans_of(aggregate(table(*rows), "bsc", records=each)), truth) for each in (records, None))
    # all five miss a city with 0.7 ** 5 = 17 %, and where nobody marked anything nothing is found: F1 is .91 at the most, but for chance
    assert known > 0.88
    assert unknown < known - 0.05


@pytest.mark.parametrize("method", METHODS)
def test_ten_thousand_annotators_are_no_trouble(method):
    rng = np.random.default_rng(0)
    spots = rng.integers(3, size=4_000)
    rows = [
        (n, f"a{a}", [[4 * int(spots[n]), 4 * int(spots[n]) + 2, "X"]] if rng.random() < 0.6 else [])
        for n in range(4_000)
        for a in rng.choice(10_000, 3, replace=False)
    ]
    found = aggregation(table(*rows), method)
    assert found.values.confidence.between(0, 1).all()
    assert len(found.annotators) == len({a for _, a, _ in rows})


@pytest.mark.parametrize("method", MODELS)
def test_a_confidence_of_a_model_means_what_it_says(method):
    said, truth = crowd(11, records=600, skills=(0.85, 0.75, 0.7, 0.6, 0.5))
    found = aggregation(said, method)
    rows = found.spans[["record", "start", "end", "label"]].itertuples(index=False, name=None)
    right = np.array([(start, end, label) in truth[record] for record, start, end, label in rows])
    # mistakes are independent here, as people's are not, and what is given allows for people
    assert -0.15 < found.spans.confidence.mean() - right.mean() < 0.05
    whole = np.array([spans == truth[record] for record, spans in spans_of(found.values).items()])
    assert -0.25 < found.values.confidence.mean() - whole.mean() < 0.1
    sure = found.values.confidence > found.values.confidence.median()
    assert whole[sure].mean() > whole[~sure].mean()


@pytest.mark.parametrize("method", [*MODELS, "auto"])
def test_a_model_counts_as_one_annotator_more_by_how_often_it_is_right(method):
    said, truth = crowd(13, records=250, skills=(0.5, 0.45, 0.45, 0.4, 0.4, 0.4, 0.4, 0.35))
    rng = np.random.default_rng(0)
    good = [
        Prediction(r, {"label": [Span(*span) for span in spans if rng.random() < 0.9]}) for r, spans in truth.items()
    ]
    bad = [Prediction(r, {"label": [Span(3, 4, "LOC")]}) for r in truth]
    alone, helped, misled = (aggregation(said, method, predictions=predictions) for predictions in (None, good, bad))
    scores = [f1(spans_of(found.values), truth) for found in (alone, helped, misled)]
    assert scores[1] > scores[0] + 0.05
    assert scores[2] > scores[0] - 0.03
    assert list(helped.annotators.annotator) == list(alone.annotators.annotator)
    assert set(helped.confusions.annotator) == set(alone.confusions.annotator)
    assert "a model's" in helped.reasons["label"]


def test_a_model_of_plain_tags_counts_too():
    rows = [(n, f"a{k}", ["x", "y", "x"] if (n + k) % 2 else ["y", "x", "y"]) for n in range(40) for k in range(4)]
    predictions = [Prediction(str(n), {"label": ["x", "y", "x"]}) for n in range(40)]
    found = aggregate(table(*rows), "hmm_crowd", schema=TAGS, predictions=predictions)
    assert all(value == ["x", "y", "x"] for value in found.value)


def test_tags_have_their_words_from_tokens_or_from_what_stands_between_spaces():
    said = as_tags(crowd(3, records=60)[0])
    names = list(dict.fromkeys(said.record))
    text = "one two three four five six seven eight nine ten eleven twelve"
    ends = np.cumsum([len(word) + 1 for word in text.split()]) - 1
    tokens = [[int(end) - len(word), int(end)] for word, end in zip(text.split(), ends, strict=True)]
    plain = pd.DataFrame({"record": names, "text": text})
    one, two = (aggregate(said, "bsc", records=each) for each in (plain, plain.assign(tokens=[tokens] * len(names))))
    assert one.confidence.tolist() == two.confidence.tolist()
    assert one.confidence.tolist() != aggregate(said, "bsc").confidence.tolist()


def anything(rng):
    """A few records and answers: texts, tokens, both or neither; spans that lie anywhere, apart or over one another."""
    rows, known = [], []
    for n in range(rng.integers(1, 8)):
        size, mode = int(rng.integers(1, 40)), rng.integers(4)
        text = "".join(rng.choice(list("ab c,日"), size))
        tokens = (None, None, [[at, at + 1] for at in range(size)], [])[mode]
        known.append((n, text if mode else None, tokens))
        for a in range(rng.integers(1, 7)):
            starts = rng.integers(size, size=rng.integers(4))
            spans = sorted([int(s), int(rng.integers(s + 1, size + 1)), "XYZ"[rng.integers(3)]] for s in starts)
            if rng.random() < 0.6:
                spans = [span for at, span in enumerate(spans) if all(span[0] >= end for _, end, _ in spans[:at])]
            rows.append((n, f"a{a}", spans))
    return table(*rows), pd.DataFrame(known, columns=["record", "text", "tokens"])


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.filterwarnings("error")
@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 100_000))
def test_whatever_is_marked_there_are_values_and_probabilities(method, seed):
    said, known = anything(np.random.default_rng(seed))
    for records in (known, known.iloc[:1], None):
        found = aggregation(said, method, records=records)
        assert list(found.values.record) == list(dict.fromkeys(said.record))
        assert found.values.confidence.between(0, 1).all()
        assert found.spans.confidence.astype(float).between(0, 1).all()
        assert not found.confusions[["share", "low", "high"]].isna().any(axis=None)
        assert all(span.start < span.end for value in found.values.value for span in value)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.filterwarnings("error")
@settings(max_examples=40, deadline=None)
@given(
    seed=st.integers(0, 100_000),
    names=st.sampled_from(["O B-X I-X B-Y I-Y", "O B-X I-X E-X S-X L-Y U-Y", "O", "x y z", "O I-X I-Y"]),
)
def test_whatever_tags_are_given_there_is_one_a_token(method, seed, names):
    rng = np.random.default_rng(seed)
    labels = tuple(names.split())
    sizes = rng.integers(12, size=rng.integers(1, 8))
    rows = [
        (n, f"a{a}", [labels[at] for at in rng.integers(len(labels), size=size)])
        for n, size in enumerate(sizes)
        for a in range(rng.integers(1, 6))
    ]
    found = aggregation(table(*rows), method, schema=Schema((Field("label", "tags", labels),)))
    assert [len(value) for value in found.values.value] == sizes.tolist()
    assert found.values.confidence.between(0, 1).all()
    assert found.spans.confidence.astype(float).between(0, 1).all()


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.filterwarnings("error")
def test_tags_of_texts_without_a_token_are_no_tags(method):
    rows = [(n, who, []) for n in range(3) for who in "abcd"]
    found = aggregation(table(*rows), method, schema=Schema((Field("label", "tags", ("O", "B-X")),)))
    assert found.values.value.tolist() == [[], [], []]
