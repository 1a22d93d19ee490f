"""Errors are planted, looked for and counted; texts that occur twice are listed."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from goldleaf.core import InputError, join_tokens
from goldleaf.quality import duplicates, rehearse
from goldleaf.quality.errors.case import Case, make_case, read_gold
from goldleaf.quality.errors.planting import plant
from goldleaf.quality.errors.rehearsal import by_tenths

CITIES = ("Paris", "Rome", "Oslo", "Lima")


def spans(records: int = 60) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Sentences with a city and a company, and a model that is nearly sure of both."""
    classes = ("O", "B-LOC", "I-LOC", "B-ORG", "I-ORG")
    gold, said, table = [], [], []
    for n in range(records):
        words = f"In {CITIES[n % 4]} the Acme Corporation built {n} houses".split()
        text, tokens = join_tokens(words)
        rows = np.full((8, 5), 0.01) + 0.95 * np.eye(5)[[0, 1, 0, 3, 4, 0, 0, 0]]
        gold.append((f"r{n}", [[*tokens[1], "LOC"], [tokens[3][0], tokens[4][1], "ORG"]]))
        said.append((f"r{n}", classes, rows, [list(t) for t in tokens]))
        table.append((f"r{n}", text, f"d{n // 4}"))
    columns = ["record", "classes", "probabilities", "tokens"]
    return (
        pd.DataFrame(gold, columns=["record", "value"]),
        pd.DataFrame(said, columns=columns),
        pd.DataFrame(table, columns=["record", "text", "group"]),
    )


def choices(records: int = 120, *, many: bool = False) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Three labels, and a model that gives the right one .9."""
    names = ("a", "b", "c")
    true = np.arange(records) % 3
    rows = np.full((records, 3), 0.05) + 0.85 * np.eye(3)[true]
    value = [[names[k]] if many else names[k] for k in true]
    gold = pd.DataFrame({"record": range(records), "value": value})
    return gold, pd.DataFrame({"record": range(records), "classes": [names] * records, "probabilities": list(rows)})


def case_of(gold: pd.DataFrame, predictions: pd.DataFrame, records: pd.DataFrame | None = None) -> Case:
    (values,) = read_gold(gold, None, predictions)
    return make_case(values, predictions, records=records, embeddings=None, answers=None)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 1000), st.floats(0.05, 0.9))
def test_planted_spans_are_values_of_the_field_and_differ_from_what_was_there(seed, share) -> None:
    gold, predictions, records = spans(20)
    case = case_of(gold, predictions, records)
    for at, value in plant(case, share, np.random.default_rng(seed)).items():
        assert value != case.gold.values[at]
        assert all(a.end <= b.start for a, b in pairwise(value))
        starts, ends = {t[0] for t in predictions["tokens"][at]}, {t[1] for t in predictions["tokens"][at]}
        assert all(span.start in starts and span.end in ends and span.label in ("LOC", "ORG") for span in value)


def test_as_many_labels_are_made_wrong_as_was_asked_and_the_seed_decides_which() -> None:
    case = case_of(*choices(3000))
    planted = plant(case, 0.1, np.random.default_rng(0))
    assert len(planted) == pytest.approx(300, abs=60)
    assert all(value != case.gold.values[at] for at, value in planted.items())
    assert planted == plant(case, 0.1, np.random.default_rng(0))
    assert planted != plant(case, 0.1, np.random.default_rng(1))


def test_of_many_labels_one_is_added_or_dropped() -> None:
    case = case_of(*choices(200, many=True))
    for at, value in plant(case, 0.5, np.random.default_rng(0)).items():
        assert len(set(value) ^ set(case.gold.values[at])) == 1


def test_what_is_planted_is_found_and_probabilities_are_about_right() -> None:
    (found,) = rehearse(*spans(200)[:2], records=spans(200)[2])
    assert found.planted > 10
    assert found.average_precision > 0.8
    (chosen,) = rehearse(*choices(600), share=0.1)
    assert chosen.average_precision > 0.8
    assert chosen.calibration_error < 0.1
    said = {"field", "records", "share", "rounds", "planted", "average_precision", "calibration_error", "reliability"}
    assert set(chosen.to_dict()) == said
    assert (chosen.records, chosen.share, chosen.rounds) == (1800, 0.1, 3)  # 600 records, three times over
    assert sum(row["count"] for row in chosen.reliability) == 1800
    hit = sum(row["count"] * row["accuracy"] for row in chosen.reliability)
    assert hit == pytest.approx(chosen.planted, abs=0.1)


def test_reliability_is_told_by_tenths_of_the_probability() -> None:
    said, wrong = np.array([0.0, 0.05, 0.15, 1.0]), np.array([0.0, 1.0, 0.0, 1.0])
    assert by_tenths(said, wrong) == [
        {"confidence": 0.025, "accuracy": 0.5, "count": 2},
        {"confidence": 0.15, "accuracy": 0.0, "count": 1},
        {"confidence": 1.0, "accuracy": 1.0, "count": 1},
    ]


def test_tags_are_rehearsed_too() -> None:
    rows = np.full((2, 3), 0.02) + 0.94 * np.eye(3)[[0, 1]]
    names = range(100)
    gold = pd.DataFrame({"record": names, "value": [["DT", "NN"]] * 100})
    predictions = pd.DataFrame({"record": names, "classes": [("DT", "NN", "VB")] * 100, "probabilities": [rows] * 100})
    (found,) = rehearse(gold, predictions, share=0.1)
    assert found.average_precision > 0.8


def test_nothing_to_plant_is_no_rehearsal_and_no_share_is_an_error() -> None:
    gold, predictions = choices(3)
    predictions = predictions.assign(probabilities=[[1.0]] * 3, classes=[("a",)] * 3)
    assert rehearse(gold.assign(value="a"), predictions) == []
    with pytest.raises(InputError, match="nothing would be planted"):
        rehearse(*choices(3), share=0)


def test_equal_texts_are_listed_with_what_contradicts_and_what_leaks() -> None:
    records = pd.DataFrame(
        {
            "record": ["a", "b", "c", "d", "e"],
            "text": ["Pay now!", "pay  now", "Pay now?", "Something else entirely", "One of a kind"],
            "split": ["train", "test", None, "train", "dev"],
        }
    )
    gold = pd.DataFrame({"record": ["a", "b", "c", "d"], "value": ["bill", "spam", "bill", "bill"]})
    found = duplicates(records, gold)
    assert found["record"].tolist() == ["a", "b", "c"]
    assert found["contradicts"].tolist() == [["label"]] * 3
    assert found["leaks"].all()
    assert found["values"].tolist() == [{"label": "bill"}, {"label": "spam"}, {"label": "bill"}]
    assert duplicates(records[3:], gold).empty


def test_spans_of_equal_texts_are_compared_by_what_they_cover() -> None:
    records = pd.DataFrame({"record": ["a", "b", "c"], "text": ["to Rome", "to  Rome", "TO ROME"]})
    gold = pd.DataFrame({"record": ["a", "b", "c"], "value": [[[3, 7, "LOC"]], [[4, 8, "LOC"]], []]})
    assert duplicates(records[:2], gold)["contradicts"].tolist() == [[], []]
    assert duplicates(records, gold)["contradicts"].tolist() == [["label"]] * 3
    assert duplicates(records)["contradicts"].tolist() == [[]] * 3


def test_a_records_table_without_texts_is_said() -> None:
    with pytest.raises(InputError, match="no column text"):
        duplicates(pd.DataFrame({"record": ["a"]}))
