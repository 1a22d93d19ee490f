"""Wrong spans and tags: overlooked, mislabelled, invented, cut wrongly; and what the rest of a document says."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from goldleaf.core import InputError, Span, join_tokens, spans_to_chunks
from goldleaf.quality import Errors, find_errors
from goldleaf.quality.errors.channel import error_rates, even_rates, true_tags
from goldleaf.quality.errors.document import doubt, steady
from goldleaf.quality.errors.sequences import words_of
from goldleaf.quality.errors.sites import apply_sites, chunks_of_tags, find_sites

CLASSES = ("O", "B-ORG", "I-ORG", "B-LOC", "I-LOC")
Sentence = tuple[str, list[tuple[int, int, str]], list[tuple[int, int, str]]]
"""Text, the given chunks of words, the chunks that the model sees."""


def tables(
    *sentences: Sentence, sure: float = 0.9, groups: list[str] | None = None
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Gold, predictions (each tag that the model sees has the probability `sure`) and records."""
    gold, predictions, records = [], [], []
    for n, (text, marked, seen) in enumerate(sentences):
        words = text.split()
        _, tokens = join_tokens(words)
        tags = np.zeros(len(words), dtype=int)
        for start, end, label in seen:
            tags[start], tags[start + 1 : end] = CLASSES.index(f"B-{label}"), CLASSES.index(f"I-{label}")
        rows = np.full((len(words), 5), (1 - sure) / 4)
        rows[np.arange(len(words)), tags] = sure
        value = [[tokens[start][0], tokens[end - 1][1], label] for start, end, label in marked]
        gold.append((f"r{n}", value))
        predictions.append((f"r{n}", CLASSES, rows, [list(t) for t in tokens]))
        records.append((f"r{n}", text, None if groups is None else groups[n]))
    return (
        pd.DataFrame(gold, columns=["record", "value"]),
        pd.DataFrame(predictions, columns=["record", "classes", "probabilities", "tokens"]),
        pd.DataFrame(records, columns=["record", "text", "group"]),
    )


def judged(*sentences: Sentence, groups: list[str] | None = None, **options) -> Errors:
    """What is found in the sentences, among forty that gold and model agree on (a model is calibrated on the labels)."""
    agreed: list[Sentence] = [("they met Kohl there", [(2, 3, "LOC")], [(2, 3, "LOC")])] * 40
    groups = None if groups is None else [*groups, *["other"] * 40]
    gold, predictions, records = tables(*sentences, *agreed, groups=groups, **options)
    found = find_errors(gold, predictions, records=records)
    mine = [f"r{n}" for n in range(len(sentences))]
    return Errors(*(each[each["record"].isin(mine)] for each in (found.labels, found.records, found.tokens)))


def test_an_entity_that_was_overlooked_is_proposed() -> None:
    (row,) = judged(("he left Paris today", [], [(2, 3, "LOC")])).labels.to_dict("records")
    assert (row["error"], row["given"], row["proposed"]) == ("missed", [], [(8, 13, "LOC")])
    assert (row["start"], row["end"], row["kind"]) == (8, 13, "spans")
    assert row["reasons"] == ["model disagrees"]


def test_a_wrong_label_a_wrong_border_and_an_invented_span_are_told_apart() -> None:
    found = judged(
        ("Leeds won again", [(0, 1, "LOC")], [(0, 1, "ORG")]),
        ("in New York today", [(1, 2, "LOC")], [(1, 3, "LOC")]),
        ("it was monday then", [(2, 3, "LOC")], []),
        ("the Bank of Rome said", [(3, 4, "LOC")], [(1, 4, "ORG")]),
        sure=0.99,
    ).labels.set_index("record")
    assert found["error"].to_dict() == {"r0": "type", "r1": "boundary", "r2": "invented", "r3": "both"}
    assert found.loc["r0", "proposed"] == [(0, 5, "ORG")]
    assert found.loc["r1", "proposed"] == [(3, 11, "LOC")]
    assert found.loc["r1", "reasons"] == ["model disagrees", "boundary off by a token"]
    assert found.loc["r2", "proposed"] == []
    assert found.loc["r3", "proposed"] == [(4, 16, "ORG")]
    assert (found.loc["r3", "start"], found.loc["r3", "end"]) == (4, 16)


def test_to_overlook_is_likelier_than_to_invent() -> None:
    records = judged(("he left Paris", [], [(2, 3, "LOC")]), ("he left early", [(2, 3, "LOC")], [])).records
    assert records["record"].tolist() == ["r0", "r1"]
    # 0.9 * r[O, B-LOC] against 0.025 * r[O, O] and three other tags of 0.025; 0.9 * r[B-LOC, O] against 0.025 * r[B-LOC, B-LOC], ...
    p = np.array([[0.025, 0.025, 0.025, 0.9, 0.025], [0.9, 0.025, 0.025, 0.025, 0.025]])
    rates = error_rates(2)
    assert rates[0, 3] == 0.02
    assert rates[3, 0] == 0.001
    right = true_tags(p, np.array([0, 3]), rates)[[0, 1], [0, 3]]
    overlooked = 1 - 0.025 * 0.996 / (0.025 * 0.996 + 0.975 * 0.02)
    assert 1 - right[0] == pytest.approx(overlooked)


def test_a_word_labelled_otherwise_in_its_document_makes_a_label_more_suspect() -> None:
    sentences: list[Sentence] = [("Leeds won", [(0, 1, "LOC")], [(0, 1, "ORG")])]
    sentences += [(f"and {word} Leeds lost", [(2, 3, "ORG")], [(2, 3, "ORG")]) for word in ("then", "so", "now")]
    alone = judged(*sentences, sure=0.6).records.set_index("record")["probability"]
    together = judged(*sentences, sure=0.6, groups=["d"] * 4).records.set_index("record")["probability"]
    assert together["r0"] > alone["r0"]
    errors = judged(*sentences, sure=0.6, groups=["d"] * 4).labels.set_index("record")
    assert errors.loc["r0", "reasons"] == ["model disagrees", "same text labelled differently elsewhere"]


def test_labels_that_agree_with_each_other_do_not_vouch_for_each_other() -> None:
    words, records = np.array([4, 4, 4]), np.arange(3)
    assert not doubt(words, records, np.array([1, 1, 1]), 3).any()
    # the first is labelled 1, the two others 2: (2 + 1) / (0 + 1)
    assert doubt(words, records, np.array([1, 2, 2]), 3)[0].tolist() == pytest.approx([0, 0, np.log(3)])


def test_what_the_model_thinks_of_a_word_elsewhere_steadies_what_it_thinks_here() -> None:
    p = np.array([[0.4, 0.6], [0.9, 0.1], [0.5, 0.5]])
    found = steady(p, np.array([0, 0, 1]), np.array([0, 1, 2]))
    assert found[0].tolist() == pytest.approx([(0.9 + 3 * 0.4) / 4, (0.1 + 3 * 0.6) / 4])
    assert found[2].tolist() == [0.5, 0.5]  # a word of its own
    assert np.allclose(steady(p, np.array([0, 0, 1]), np.array([0, 0, 0])), p)  # the same record is not elsewhere


def test_an_entity_overlooked_here_and_marked_elsewhere_is_said_to_be() -> None:
    gold, predictions, records = tables(
        ("he left Paris today", [], [(2, 3, "LOC")]), ("she loves PARIS", [(2, 3, "LOC")], [(2, 3, "LOC")])
    )
    errors = find_errors(gold, predictions[:1], records=records).labels  # the second is not judged, and still counts
    assert errors["reasons"].tolist() == [["model disagrees", "entity missed that is marked elsewhere"]]


def test_annotators_who_say_otherwise_are_a_reason() -> None:
    gold, predictions, records = tables(
        *[(f"the man from Leeds {n}", [(3, 4, "LOC")], [(3, 4, "LOC")]) for n in range(9)], sure=0.7
    )
    rows = [(f"r{n}", who, [[13, 18, "LOC"]]) for n in range(9) for who in "abc"]
    answers = pd.DataFrame(rows, columns=["record", "annotator", "value"])
    answers.at[0, "value"], answers.at[1, "value"] = [[13, 18, "ORG"]], [[13, 18, "ORG"]]
    errors = find_errors(gold, predictions, records=records, answers=answers).labels.set_index("record")
    assert errors["probability"].idxmax() == "r0"
    assert "annotators split" in errors.loc["r0", "reasons"]
    assert errors.loc["r0", "proposed"] == [(13, 18, "ORG")]


def test_a_record_is_as_suspect_as_its_most_suspect_token_and_a_token_has_a_probability_of_its_own() -> None:
    found = judged(("Leeds beat York", [(0, 1, "LOC"), (2, 3, "ORG")], [(0, 1, "ORG"), (2, 3, "ORG")]))
    assert found.tokens[["record", "token", "start", "end"]].to_numpy().tolist() == [
        ["r0", 0, 0, 5],
        ["r0", 1, 6, 10],
        ["r0", 2, 11, 15],
    ]
    assert found.tokens["probability"].idxmax() == 0
    assert found.records["probability"].item() == found.tokens["probability"].max()
    assert found.labels["record_probability"].unique().tolist() == found.records["probability"].tolist()


def test_corrections_keep_the_spans_that_nothing_is_wrong_with() -> None:
    found = judged(("Leeds beat York", [(0, 1, "LOC"), (2, 3, "ORG")], [(0, 1, "ORG"), (2, 3, "ORG")]), sure=0.997)
    assert found.records["proposed"].item() == [(0, 5, "ORG"), (11, 15, "ORG")]


def test_a_given_span_stands_or_falls_as_one() -> None:
    true = np.array(
        [[0.02, 0.3, 0.0, 0.68, 0.0], [0.02, 0.0, 0.9, 0.0, 0.08]]
    )  # B-ORG I-ORG given; B-LOC, I-ORG thought
    _, wrong = find_sites(true, true, np.array([1, 2]), error_rates(2), at_least=0.01)
    odds = np.log(np.array([0.7 / 0.3, 0.1 / 0.9]))
    assert np.log(wrong / (1 - wrong)).tolist() == pytest.approx(((odds + odds.mean()) / 2).tolist())


def test_of_proposals_that_share_a_token_the_more_probable_is_made() -> None:
    true = np.array([[0.05, 0.9, 0.02, 0.02, 0.01], [0.1, 0.05, 0.8, 0.04, 0.01]])
    sites, _ = find_sites(true, true, np.array([0, 3]), error_rates(2), at_least=0.01)
    chunks = apply_sites(chunks_of_tags(np.array([0, 3])), sites)
    assert all(a[1] <= b[0] for a, b in pairwise(chunks))


def test_the_same_word_is_one_whatever_its_case_but_not_us_and_the_states() -> None:
    text = "JAPAN Japan us US 中国"
    tokens = np.array([[0, 5], [6, 11], [12, 14], [15, 17], [18, 19], [19, 20]])
    japan, same, us, states, first, second = words_of(text, tokens)
    assert japan == same
    assert us != states
    assert (first, second) == (("US", "中", "国"), ("中", "国"))


def test_tags_are_judged_token_by_token() -> None:
    names = ["a", *(f"b{n}" for n in range(20))]
    gold = pd.DataFrame({"record": names, "value": [["DT", "NN", "NN"], *[["DT", "NN", "VB"]] * 20]})
    rows = np.full((3, 3), 0.01) + 0.97 * np.eye(3)[[0, 1, 2]]
    predictions = pd.DataFrame({"record": names, "classes": [("DT", "NN", "VB")] * 21, "probabilities": [rows] * 21})
    found = find_errors(gold, predictions)
    (first, *_) = found.labels.to_dict("records")
    assert (first["record"], first["token"], first["given"], first["proposed"], first["kind"]) == (
        "a",
        2,
        "NN",
        "VB",
        "tags",
    )
    assert len(found.tokens) == 63
    assert found.records.set_index("record").loc["a", "proposed"] == ["DT", "NN", "VB"]


def test_rates_of_each_true_tag_sum_to_one() -> None:
    for rates in (error_rates(0), error_rates(1), error_rates(7), even_rates(1), even_rates(12)):
        assert np.allclose(rates.sum(axis=0), 1)
        assert (rates >= 0).all()


spans = st.lists(st.tuples(st.integers(0, 5), st.integers(1, 3), st.sampled_from(["ORG", "LOC"])), max_size=3)


def as_chunks(drawn: list[tuple[int, int, str]]) -> list[tuple[int, int, str]]:
    """Those of the drawn chunks of six words that do not overlap an earlier one."""
    chunks: list[tuple[int, int, str]] = []
    for start, size, label in sorted(drawn):
        if start + size <= 6 and (not chunks or chunks[-1][1] <= start):
            chunks.append((start, start + size, label))
    return chunks


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(spans, spans), min_size=1, max_size=4), st.floats(0.3, 0.999), st.booleans())
def test_whatever_is_given_and_seen_proposals_are_spans_of_tokens_that_differ_from_what_is_given(
    drawn, sure, grouped
) -> None:
    sentences = [("one Two three Four five Six", as_chunks(given), as_chunks(seen)) for given, seen in drawn]
    found = judged(*sentences, sure=sure, groups=["d"] * len(sentences) if grouped else None)
    tokens = join_tokens(["one", "Two", "three", "Four", "five", "Six"])[1]
    for row in found.labels.itertuples():
        assert 0.01 <= row.probability <= row.record_probability <= 1
        assert row.given != row.proposed
        assert spans_to_chunks(row.proposed, tokens)[1] == []
        assert row.start < row.end
    assert found.tokens["probability"].between(0, 1).all()
    for row in found.records.itertuples():
        chunks, inexact = spans_to_chunks([Span(*span) for span in row.proposed], tokens)
        assert not inexact
        assert len(chunks) == len(row.proposed)


@settings(max_examples=20, deadline=None)
@given(st.permutations(range(4)))
def test_the_order_of_records_changes_nothing(order) -> None:
    sentences: list[Sentence] = [
        ("Leeds won", [(0, 1, "LOC")], [(0, 1, "ORG")]),
        ("and Leeds lost", [(1, 2, "ORG")], [(1, 2, "ORG")]),
        ("to York", [], [(1, 2, "LOC")]),
        ("nothing here", [], []),
    ]
    gold, predictions, records = tables(*sentences, groups=["d"] * 4)
    before = find_errors(gold, predictions, records=records).records.set_index("record")["probability"]
    after = find_errors(gold.iloc[order], predictions.iloc[order[::-1]], records=records.iloc[order]).records.set_index(
        "record"
    )
    assert np.allclose(before.sort_index(), after["probability"].sort_index())


def test_empty_spans_everywhere_and_records_without_words_are_no_errors() -> None:
    gold, predictions, records = tables(("nothing here", [], []), ("nor here", [], []), sure=0.999)
    found = find_errors(gold, predictions, records=records)
    assert found.labels.empty
    assert found.records["proposed"].tolist() == [[], []]
    gold, predictions, _ = tables(("a", [], []))
    predictions.at[0, "probabilities"], predictions.at[0, "tokens"] = np.zeros((0, 5)), []
    assert find_errors(gold, predictions).records["probability"].tolist() == [0.0]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda p: p.drop(columns="tokens"), "probabilities of spans need tokens"),
        (lambda p: p.assign(tokens=[[[0, 1]]]), "tokens and probabilities differ in number"),
        (lambda p: p.assign(classes=[("O", "B-ORG", "ORG", "I-ORG", "I-LOC")]), "no classes of spans"),
        (lambda p: p.assign(classes=[("O", "I-PER", "I-ORG", "B-LOC", "I-LOC")]), "no classes of spans"),
        (lambda p: p.assign(classes=[("O", "B-ORG", "B-ORG", "I-ORG", "I-LOC")]), "name a class twice"),
        (
            lambda p: p.assign(classes=[("O", "B-PER", "I-PER", "B-X", "I-X")]),
            "gold has a label that the predictions do not know",
        ),
    ],
)
def test_opinions_that_do_not_fit_spans_are_said(change, message) -> None:
    gold, predictions, _ = tables(("Leeds won", [(0, 1, "LOC")], []))
    with pytest.raises(InputError, match=message):
        find_errors(gold, change(predictions))


def test_tags_and_predictions_of_different_lengths_are_said() -> None:
    gold = pd.DataFrame({"record": ["a"], "value": [["DT", "DT", "NN"]]})
    predictions = pd.DataFrame({"record": ["a"], "classes": [("DT", "NN")], "probabilities": [np.full((2, 2), 0.5)]})
    with pytest.raises(InputError, match="tags and predictions differ in number"):
        find_errors(gold, predictions)
