"""Coefficients against independent implementations, on tables that hypothesis makes: scikit-learn, NLTK, and loops over all pairs."""

from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from agreement_references import (
    ac1,
    alpha,
    by_record,
    fleiss_kappa,
    interval,
    mean_cohen_kappa,
    most_overlapping,
    nominal,
    ordinal,
    raw_agreement,
    table,
    unitizing_alpha,
)
from hypothesis import given, settings
from hypothesis import strategies as st
from nltk.metrics import jaccard_distance, masi_distance
from nltk.metrics.agreement import AnnotationTask
from sklearn.metrics import cohen_kappa_score

from goldleaf.core import Span
from goldleaf.quality import agreement
from goldleaf.quality.agreement.spans import compare


def field(frame, **options):
    (found,) = agreement(frame, resamples=0, **options)
    return found


def close(found, expected):
    return (found is None and expected is None) or found == pytest.approx(expected, abs=1e-9)


NUMBERS = st.integers(1, 4)


@st.composite
def tables(draw, value=NUMBERS, most=40):
    """Label tables with gaps: some records have one answer, some annotators few."""
    cells = draw(st.lists(st.tuples(st.integers(0, 7), st.integers(0, 4)), min_size=1, max_size=most, unique=True))
    return table([(f"r{record}", f"a{who}", draw(value)) for record, who in cells])


@given(tables())
@settings(max_examples=80, deadline=None)
def test_coefficients_of_choices_are_those_of_their_definitions(frame):
    units = by_record(frame)
    found = field(frame, level="ordinal").scores
    assert close(found["raw_agreement"].value, raw_agreement(units))
    assert close(found["fleiss_kappa"].value, fleiss_kappa(units) if raw_agreement(units) is not None else None)
    assert close(found["ac1"].value, ac1(units, frame["value"].nunique()))
    assert close(found["cohen_kappa"].value, mean_cohen_kappa(frame))
    assert close(found["alpha_nominal"].value, alpha(units, nominal))
    assert close(found["alpha"].value, alpha(units, ordinal))
    assert close(field(frame, level="interval").scores["alpha"].value, alpha(units, interval))


@given(tables())
@settings(max_examples=40, deadline=None)
def test_a_label_against_all_others_is_the_same_as_a_table_of_yes_and_no(frame):
    labels = field(frame).labels.set_index("label")
    for label in frame["value"].unique():
        binary = by_record(frame.assign(value=np.where(frame["value"] == label, "yes", "no")))
        found = {
            name: None if np.isnan(labels[name][label]) else labels[name][label]
            for name in ("raw_agreement", "alpha", "ac1")
        }
        assert labels["answers"][label] == (frame["value"] == label).sum()
        assert close(found["raw_agreement"], raw_agreement(binary))
        assert close(found["alpha"], alpha(binary, nominal))
        assert close(found["ac1"], ac1(binary, 2))
        kappa = labels["cohen_kappa"][label]
        expected = mean_cohen_kappa(frame.assign(value=np.where(frame["value"] == label, "yes", "no")))
        # of pairs that never used the label there is nothing to say, and chance would agree as well
        assert np.isnan(kappa) if expected is None else kappa == pytest.approx(expected, abs=1e-9)


@given(st.lists(st.tuples(st.integers(1, 3), st.integers(1, 3)), min_size=2, max_size=30))
@settings(max_examples=60, deadline=None)
def test_kappa_of_two_annotators_is_scikit_learns(pairs):
    one, other = [a for a, _ in pairs], [b for _, b in pairs]
    frame = table([(n, who, row[n]) for who, row in (("a", one), ("b", other)) for n in range(len(pairs))])
    if len({*one, *other}) == 1:
        return
    found = field(frame, level="interval")
    assert found.scores["cohen_kappa"].value == pytest.approx(cohen_kappa_score(one, other), abs=1e-9)
    assert found.scores["weighted_kappa"].value == pytest.approx(
        cohen_kappa_score(one, other, weights="quadratic", labels=[1, 2, 3]), abs=1e-9
    )
    pair = found.annotator_pairs.iloc[0]
    assert (pair["annotator"], pair["other"], pair["shared"]) == ("a", "b", len(pairs))
    assert pair["cohen_kappa"] == pytest.approx(found.scores["cohen_kappa"].value)
    assert pair["alpha"] == pytest.approx(found.scores["alpha_nominal"].value)
    assert pair["ac1"] == pytest.approx(found.scores["ac1"].value)


@given(tables(st.lists(st.sampled_from("xyz"), unique=True), most=25))
@settings(max_examples=60, deadline=None)
def test_alpha_of_sets_is_nltks(frame):
    frame.loc[len(frame)] = [
        "extra",
        "a0",
        ["x", "y"],
    ]  # one answer that counts for nothing, so that some set is filled
    found = field(frame)
    triples = [(who, record, frozenset(value)) for record, who, value in frame.itertuples(index=False)]
    units = [[frozenset(value) for value in unit] for unit in by_record(frame)]
    compared = [unit for unit in units if len(unit) > 1]
    for name, distance in (("alpha_jaccard", jaccard_distance), ("alpha_masi", masi_distance)):
        expected = alpha(units, lambda a, b, _, d=distance: d(a, b) if a or b else 0.0)
        assert close(found.scores[name].value, expected)
        if (
            expected is not None
            and len(compared) == len(units)
            and not any(not value for unit in units for value in unit)
        ):
            assert found.scores[name].value == pytest.approx(AnnotationTask(triples, distance).alpha())


def flat_spans(length=14):
    borders = st.lists(st.integers(0, length), max_size=6, unique=True).map(sorted)

    def cut(places, labels):
        return [[a, b, label] for a, b, label in zip(places[::2], places[1::2], labels, strict=False)]

    return st.builds(cut, borders, st.lists(st.sampled_from("AB"), min_size=3, max_size=3))


@given(st.lists(flat_spans(), min_size=2, max_size=4))
@settings(max_examples=80, deadline=None)
def test_alpha_u_is_that_of_segments_laid_out_one_by_one(annotators):
    frame = table([("r", f"a{who}", spans) for who, spans in enumerate(annotators)])
    records = pd.DataFrame({"record": ["r"], "text": ["x" * 14]})
    if not any(annotators):
        return
    found = field(frame, records=records)
    assert close(found.scores["alpha_u"].value, unitizing_alpha(annotators, 14))
    borders = [[[a, b, "unit"] for a, b, _ in spans] for spans in annotators]
    assert close(found.scores["alpha_u_borders"].value, unitizing_alpha(borders, 14))
    labels = found.labels.set_index("label")["alpha_u"]
    for label in labels.index:
        expected = unitizing_alpha([[span for span in spans if span[2] == label] for spans in annotators], 14)
        assert np.isnan(labels[label]) if expected is None else labels[label] == pytest.approx(expected, abs=1e-9)


@given(st.lists(flat_spans(), min_size=2, max_size=4))
@settings(max_examples=60, deadline=None)
def test_agreement_by_token_and_by_character_is_that_of_labels_written_out(annotators):
    tokens = [[0, 3], [3, 4], [6, 9], [10, 14]]
    frame = table([("r", f"a{who}", spans) for who, spans in enumerate(annotators)])
    if not any(annotators):
        return
    by_token = [[_label_of(spans, *token) for spans in annotators] for token in tokens]
    found = field(frame, records=pd.DataFrame({"record": ["r"], "tokens": [tokens]})).scores
    assert close(found["alpha"].value, alpha(by_token, nominal))
    assert close(found["raw_agreement"].value, raw_agreement(by_token))
    end = max(span[1] for spans in annotators for span in spans)
    by_character = [[_label_of(spans, place, place + 1) for spans in annotators] for place in range(end)]
    found = field(frame)
    assert found.unit == "character"
    assert close(found.scores["alpha"].value, alpha(by_character, nominal))


def _label_of(spans, start, end):
    return next((label for a, b, label in sorted(spans) if a < end and start < b), "")


@given(
    st.lists(st.builds(Span, st.integers(0, 6), st.integers(7, 9), st.sampled_from("AB")) | st.builds(
        lambda start, label: Span(start, start + 2, label), st.integers(0, 7), st.sampled_from("AB")), max_size=5, unique=True),
    st.lists(st.builds(lambda start, label: Span(start, start + 2, label), st.integers(0, 7), st.sampled_from("AB")),
             max_size=5, unique=True),
)  # fmt: skip
@settings(max_examples=100, deadline=None)
def test_spans_are_matched_as_often_as_can_be_even_where_they_cross(one, other):
    one, other = sorted(one), sorted(other)
    counts, borders, taken = compare(one, other)
    assert sum(cells[0] for cells in counts.values()) == len(one) + len(other)
    assert sum(cells[1] for cells in counts.values()) == len(set(one) & set(other))
    assert sum(cells[2] for cells in counts.values()) == most_overlapping(one, other)
    assert sum(cells[3] for cells in counts.values()) == sum(
        min(sum(s.label == label for s in one), sum(s.label == label for s in other)) for label in "AB"
    )
    assert borders <= min(len(one), len(other))
    # each span stands in one cell: against itself, another, or nothing
    assert sum(n * (1 if "(nothing)" in cell else 2) for cell, n in taken.items()) == len(one) + len(other)


@given(st.lists(st.lists(flat_spans(), min_size=1, max_size=3), min_size=1, max_size=4))
@settings(max_examples=60, deadline=None)
def test_span_f1_is_the_ratio_of_sums_over_the_mean_pair_of_each_record(records):
    frame = table([(f"r{n}", f"a{who}", spans) for n, record in enumerate(records) for who, spans in enumerate(record)])
    if not any(spans for record in records for spans in record):
        return
    found = field(frame).scores
    matched, marked = dict.fromkeys(("exact", "overlap", "borders"), 0.0), 0.0
    for record in records:
        pairs = list(combinations([[tuple(span) for span in spans] for spans in record], 2))
        for a, b in pairs:
            matched["exact"] += 2 * len(set(a) & set(b)) / len(pairs)
            matched["overlap"] += 2 * most_overlapping(a, b) / len(pairs)
            matched["borders"] += 2 * len({s[:2] for s in a} & {s[:2] for s in b}) / len(pairs)
            marked += (len(a) + len(b)) / len(pairs)
    for name, sum_ in matched.items():
        assert close(found[f"f1_{name}"].value, sum_ / marked if marked else None)
