"""Spans are counted as conlleval counts them: checked against seqeval and nervaluate on random tag sequences."""

import warnings

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nervaluate import Evaluator
from seqeval import metrics

from goldleaf.core import Field, Token, chunks_to_spans, chunks_to_tags, tags_to_chunks
from goldleaf.measure import Counts, count_labels, tokens_right, total

LABELS = ("PER", "LOC", "ORG")
FIELD = Field("entities", "spans", LABELS)
anything = st.sampled_from(["O", *(f"{mark}-{label}" for mark in "BIES" for label in LABELS)])


@st.composite
def pairs_of_tags(draw, tag=anything):
    lengths = draw(st.lists(st.integers(1, 12), min_size=1, max_size=6))
    return [[[draw(tag) for _ in range(n)] for n in lengths] for _ in range(2)]


def tokens_of(tags) -> list[Token]:
    return [(2 * i, 2 * i + 1) for i in range(len(tags))]


def spans_of(tags):
    return chunks_to_spans(tags_to_chunks(tags), tokens_of(tags))


def well_formed(sequences):
    return [chunks_to_tags(tags_to_chunks(tags), len(tags), "IOB2") for tags in sequences]


def counts_of(gold, found) -> dict[str, Counts]:
    per_record = [count_labels(FIELD, spans_of(g), spans_of(f)) for g, f in zip(gold, found, strict=True)]
    return {label: total(c[label] for c in per_record if label in c) for label in LABELS}


@settings(max_examples=60, deadline=None)
@given(pairs_of_tags())
def test_micro_scores_are_those_of_seqeval_for_any_sequence_however_malformed(pair):
    gold, found = pair
    micro = total(counts_of(gold, found).values())
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert micro.precision == pytest.approx(metrics.precision_score(gold, found))
        assert micro.recall == pytest.approx(metrics.recall_score(gold, found))
        assert micro.f1 == pytest.approx(metrics.f1_score(gold, found))


@settings(max_examples=60, deadline=None)
@given(pairs_of_tags())
def test_scores_of_each_label_are_those_of_seqeval(pair):
    gold, found = pair
    counts = counts_of(gold, found)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = metrics.classification_report(gold, found, output_dict=True, zero_division=0)
    for label in LABELS:
        row = theirs.get(label, {"precision": 0, "recall": 0, "f1-score": 0, "support": 0})
        ours = counts[label]
        assert (ours.precision, ours.recall, ours.f1, ours.support) == pytest.approx(
            (row["precision"], row["recall"], row["f1-score"], row["support"])
        )


@settings(max_examples=60, deadline=None)
@given(pairs_of_tags())
def test_token_accuracy_is_that_of_seqeval_on_iob2(pair):
    gold, found = (well_formed(sequences) for sequences in pair)
    right = sum(tokens_right(spans_of(g), spans_of(f), tokens_of(g)) for g, f in zip(gold, found, strict=True))
    assert right / sum(map(len, gold)) == pytest.approx(metrics.accuracy_score(gold, found))


@settings(max_examples=60, deadline=None)
@given(pairs_of_tags())
def test_strict_scores_are_those_of_nervaluate(pair):
    gold, found = (well_formed(sequences) for sequences in pair)
    micro = total(counts_of(gold, found).values())
    theirs = Evaluator(gold, found, tags=list(LABELS), loader="list").evaluate()["overall"]["strict"]
    assert (micro.tp, micro.tp + micro.fn) == (theirs.correct, theirs.possible)
    assert (micro.precision, micro.recall) == pytest.approx((theirs.precision, theirs.recall))
