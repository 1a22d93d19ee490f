"""What tables of others may look like: classes in any order and scheme, rounded and small floats, rows that are missing, or a message."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from goldleaf.core import InputError, Prediction, Span, join_tokens
from goldleaf.quality import Errors, find_errors, label_errors, rehearse

SENTENCES = (
    ("in Paris today", [(1, 2, "LOC")], [(1, 2, "LOC")]),
    ("the Bank of Rome said", [(1, 4, "ORG")], [(1, 4, "ORG")]),
    ("Leeds won again", [(0, 1, "LOC")], [(0, 1, "ORG")]),  # the model sees an organisation
    ("he left York early", [], [(2, 3, "LOC")]),  # overlooked
)
IOB2 = ("O", "B-LOC", "I-LOC", "B-ORG", "I-ORG")
BIOES = ("O", *(f"{mark}-{label}" for label in ("LOC", "ORG") for mark in "BIES"))


def tags_in(scheme: tuple[str, ...], seen: list[tuple[int, int, str]], words: int) -> list[str]:
    tags = ["O"] * words
    for start, end, label in seen:
        for n in range(start, end):
            first, last = n == start, n == end - 1
            mark = "B" if first else "I"
            if f"S-{label}" in scheme:
                mark = "S" if first and last else "B" if first else "E" if last else "I"
            tags[n] = f"{mark}-{label}"
    return tags


def spans(scheme: tuple[str, ...] = IOB2, *, repeat: int = 10) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Gold of spans, and a model that is 97 % sure of the tags it sees, in this scheme and order."""
    gold, said = [], []
    for n in range(4 * repeat):
        text, marked, seen = SENTENCES[n % 4] if n < 4 else SENTENCES[n % 2]
        words = text.split()
        tokens = join_tokens(words)[1]
        rows = np.full((len(words), len(scheme)), 0.03 / (len(scheme) - 1))
        for token, tag in enumerate(tags_in(scheme, seen, len(words))):
            rows[token, scheme.index(tag)] = 0.97
        gold.append((n, [[tokens[a][0], tokens[b - 1][1], label] for a, b, label in marked]))
        said.append((n, scheme, rows, [list(t) for t in tokens]))
    columns = ["record", "classes", "probabilities", "tokens"]
    return pd.DataFrame(gold, columns=["record", "value"]), pd.DataFrame(said, columns=columns)


def found_in(found: Errors) -> list[tuple[int, str, list[Span]]]:
    sure = found.labels[found.labels["probability"] > 0.5]
    return sorted(zip(sure["record"], sure["error"], map(list, sure["proposed"]), strict=True))


EXPECTED = [(2, "type", [Span(0, 5, "ORG")]), (3, "missed", [Span(8, 12, "LOC")])]


@settings(max_examples=15, deadline=None)
@given(st.permutations(IOB2))
def test_tags_of_spans_may_stand_in_any_order(order: list[str]) -> None:
    gold, predictions = spans(tuple(order))
    assert found_in(find_errors(gold, predictions)) == EXPECTED


@settings(max_examples=15, deadline=None)
@given(st.permutations(BIOES))
def test_tags_of_bioes_are_told_as_those_of_iob2(order: list[str]) -> None:
    gold, predictions = spans(tuple(order))
    assert found_in(find_errors(gold, predictions)) == EXPECTED


def test_a_model_may_know_labels_that_the_gold_never_uses() -> None:
    gold, predictions = spans((*IOB2, "B-PER", "I-PER"))
    assert found_in(find_errors(gold, predictions)) == EXPECTED
    # a choice: the third record is given "calm"; the model says "angry", which no record is given
    gold = pd.DataFrame({"record": range(30), "value": ["calm", "sad"] * 15})
    rows = np.where(np.arange(30)[:, None] % 2 == 0, [0.01, 0.98, 0.01], [0.01, 0.01, 0.98])
    rows[2] = [0.98, 0.01, 0.01]
    predictions = pd.DataFrame(
        {"record": range(30), "classes": [("angry", "calm", "sad")] * 30, "probabilities": list(rows)}
    )
    first = label_errors(gold, predictions).iloc[0]
    assert (first["record"], first["proposed"]) == (2, "angry")
    assert first["probability"] > 0.5


@pytest.mark.parametrize("kind", [np.float32, np.float16])
def test_small_floats_and_rounded_ones_will_do(kind) -> None:
    gold, predictions = spans()
    small = predictions.assign(probabilities=[rows.astype(kind) for rows in predictions["probabilities"]])
    assert found_in(find_errors(gold, small)) == EXPECTED
    rounded = predictions.assign(probabilities=[rows.round(2).tolist() for rows in predictions["probabilities"]])
    assert found_in(find_errors(gold, rounded)) == EXPECTED


def test_records_without_predictions_are_not_judged_and_those_without_gold_do_no_harm() -> None:
    gold, predictions = spans()
    found = find_errors(gold.iloc[:20], predictions.assign(probabilities=[None, *predictions["probabilities"][1:]]))
    assert sorted(found.records["record"]) == list(range(1, 20))
    assert found_in(found) == EXPECTED


def test_tokens_of_spans_may_be_those_of_the_records() -> None:
    gold, predictions = spans()
    records = predictions[["record", "tokens"]]
    assert found_in(find_errors(gold, predictions.drop(columns="tokens"), records=records)) == EXPECTED
    short = records.assign(tokens=[tokens[:2] for tokens in records["tokens"]])
    with pytest.raises(InputError, match="tokens and probabilities differ in number"):
        find_errors(gold, predictions.drop(columns="tokens"), records=short)


def test_records_whose_text_is_not_known_keep_the_others_from_nothing() -> None:
    gold, predictions = spans()
    texts = [" ".join(["x"] * 3) if n else None for n in range(len(gold))]
    records = pd.DataFrame({"record": gold["record"], "text": texts, "group": "one document"})
    found = find_errors(gold, predictions, records=records)
    assert len(found.records) == len(gold)
    assert found.tokens["start"].notna().all()


def test_a_prediction_may_name_its_labels_in_any_order_and_predictions_may_be_read_once() -> None:
    gold = pd.DataFrame({"record": range(20), "value": ["a", "b"] * 10})
    said = [
        Prediction(n, {"label": "a"}, {"label": dict(pairs if n % 3 else pairs[::-1])})
        for n in range(20)
        for pairs in [[("a", 0.9 if n % 2 == 0 else 0.1), ("b", 0.1 if n % 2 == 0 else 0.9)]]
    ]
    assert not (find_errors(gold, iter(said)).records["probability"] > 0.5).any()
    assert rehearse(gold, iter(said), share=0.3)[0].planted > 0


def test_the_only_field_of_the_predictions_is_that_of_gold_that_names_none() -> None:
    gold, predictions = spans()
    assert found_in(find_errors(gold, predictions.assign(field="entities"))) == EXPECTED
    both = pd.concat([predictions.assign(field="entities"), predictions.assign(field="others")])
    with pytest.raises(InputError, match="the gold does not say of which field it is; found entities and others"):
        find_errors(gold, both)
    with pytest.raises(InputError, match="the predictions do not say of which field they are"):
        find_errors(pd.concat([gold.assign(field="entities"), gold.assign(field="others")]), predictions)


def test_empty_lists_are_what_the_predictions_show_them_to_be() -> None:
    gold = pd.DataFrame({"record": range(5), "value": [[]] * 5})
    many = pd.DataFrame({"record": range(5), "classes": [("a", "b")] * 5, "probabilities": [[0.1, 0.2]] * 5})
    assert find_errors(gold, many).records["given"].tolist() == [[]] * 5
    gold, predictions = spans()
    assert len(find_errors(gold.assign(value=[[]] * len(gold)), predictions).records) == len(gold)


@pytest.mark.parametrize("table", ["gold", "records", "embeddings"])
def test_a_record_that_a_table_has_twice_is_said(table) -> None:
    gold, predictions = spans()
    more = {
        "records": pd.DataFrame({"record": gold["record"], "text": "x y z u v"}),
        "embeddings": pd.DataFrame({"record": gold["record"], "embedding": [[1.0, 0.0]] * len(gold)}),
    }
    twice = {"gold": gold, **more} | {table: pd.concat([{"gold": gold, **more}[table]] * 2)}
    with pytest.raises(InputError, match=r"two values of one|has a record twice|two embeddings of a record"):
        find_errors(twice.pop("gold"), predictions, **twice)


def test_names_of_records_may_be_numbers_and_words_at_once() -> None:
    gold, predictions = spans()
    names = [f"r{n}" if n % 2 else n for n in range(len(gold))]
    found = find_errors(gold.assign(record=names), predictions.assign(record=names))
    assert [row for row in found.labels["record"][:2] if row in (2, "r3")]


def test_what_is_found_comes_in_the_order_of_the_gold_where_it_is_equally_probable() -> None:
    gold = pd.DataFrame({"record": ["b", "c", "a"], "value": ["x", "x", "x"]})
    predictions = pd.DataFrame({"record": list("abc"), "classes": [("x", "y")] * 3, "probabilities": [[0.5, 0.5]] * 3})
    assert find_errors(gold, predictions).records["record"].tolist() == ["b", "c", "a"]
    found = find_errors(*(table.iloc[::-1] for table in spans()))
    assert found.tokens["record"].drop_duplicates().tolist() == list(range(39, -1, -1))


def test_spans_that_overlap_stay_where_another_is_corrected() -> None:
    gold, predictions = spans()
    gold.at[2, "value"] = [[0, 5, "LOC"], [0, 9, "LOC"]]
    proposed = find_errors(gold, predictions).records.set_index("record").loc[2, "proposed"]
    assert [tuple(span) for span in proposed] == [(0, 5, "ORG"), (0, 9, "LOC")]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda p: p.assign(classes="O B-LOC"), "these are no classes"),
        (lambda p: p.assign(classes=None), "these are no classes"),
        (lambda p: p.assign(tokens="tokens"), "these are no tokens"),
        (lambda p: p.assign(probabilities=[[[0.5, 0.5], [1.0]]] * len(p)), "no probabilities|do not fit"),
        (lambda p: p.assign(probabilities=[rows / 2 for rows in p["probabilities"]]), "of sum 1"),
        (lambda p: p.assign(probabilities=[rows[:, :4] for rows in p["probabilities"]]), "do not fit the classes"),
        (lambda p: p.assign(probabilities=[rows[0] for rows in p["probabilities"]]), "no probabilities|do not fit"),
        (
            lambda p: p.drop(columns="classes").assign(probabilities=[r[:, :4] for r in p["probabilities"]]),
            "do not fit",
        ),
    ],
)
def test_what_will_not_do_is_said_in_one_message(change, message) -> None:
    gold, predictions = spans()
    with pytest.raises(InputError, match=message) as error:
        find_errors(gold, change(predictions))
    assert "\n" not in str(error.value)
