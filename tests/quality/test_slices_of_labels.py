"""Parts of the data, and what differs there beyond chance."""

import json

import numpy as np
import pandas as pd
import pytest

from goldleaf.core import InputError
from goldleaf.quality import Slices, needed_for, slices


def answered(rng, *, web_yes=0.5, noisy=None, records=400):
    """Records from two sources; three annotators who agree nine times of ten, but for one who guesses."""
    rows, texts = [], []
    for n in range(records):
        source = "web" if n % 2 else "mail"
        truth = "yes" if rng.random() < (web_yes if source == "web" else 0.5) else "no"
        texts.append((f"r{n}", "x" * (1 + n % 30), {"source": source}))
        for who in ("ann", "ben", "cy"):
            wrong = rng.random() < (0.5 if who == noisy else 0.05)
            rows.append((f"r{n}", who, truth if not wrong else {"yes": "no", "no": "yes"}[truth]))
    return (
        pd.DataFrame(rows, columns=["record", "annotator", "value"]),
        pd.DataFrame(texts, columns=["record", "text", "meta"]),
    )


def differing(found, what):
    rows = found.rows
    return {(row["by"], row["name"]) for _, row in rows.iterrows() if any(d["what"] == what for d in row["differs"])}


def test_where_nothing_differs_nothing_is_said_to():
    table, records = answered(np.random.default_rng(1))
    found = slices(table, records=records)
    assert differing(found, "labels") == differing(found, "agreement") == set()
    assert set(found.rows["by"]) == {"annotator", "length", "meta.source"}


def test_labels_that_one_source_has_more_of_are_found():
    table, records = answered(np.random.default_rng(2), web_yes=0.8)
    found = slices(table, records=records)
    assert differing(found, "labels") == {("meta.source", "mail"), ("meta.source", "web")}
    web = found.rows[(found.rows["by"] == "meta.source") & (found.rows["name"] == "web")].iloc[0]
    assert web["labels"]["yes"] == pytest.approx(0.75, abs=0.06)  # 0.8 less what three of a hundred answers get wrong


def test_the_annotator_whom_the_others_contradict_is_found():
    table, records = answered(np.random.default_rng(3), noisy="cy")
    found = slices(table, records=records)
    assert ("annotator", "cy") in differing(found, "agreement")
    cy = found.rows[(found.rows["by"] == "annotator") & (found.rows["name"] == "cy")].iloc[0]
    assert cy["agreement"].value == pytest.approx(0.5, abs=0.06)


def test_agreement_of_a_slice_is_that_of_its_pairs():
    rows = [("r1", "a", "x"), ("r1", "b", "x"), ("r2", "a", "x"), ("r2", "b", "y"), ("r3", "a", "y"), ("r3", "b", "y")]
    table = pd.DataFrame(rows, columns=["record", "annotator", "value"])
    records = pd.DataFrame(
        {"record": ["r1", "r2", "r3"], "text": ["hi", "ho", "好"], "meta": [{"s": 1}, {"s": 1}, {"s": 2}]}
    )
    found = slices(table, records=records).rows
    by = {(row["by"], row["name"]): row for _, row in found.iterrows()}
    assert by["meta.s", "1"]["agreement"].value == 0.5  # one pair of two
    assert by["script", "han"]["agreement"].value == 1.0
    assert by["meta.s", "1"]["labels"] == {"x": 0.75, "y": 0.25}
    assert by["meta.s", "1"]["share"] == pytest.approx(4 / 6)


def test_a_model_s_score_stands_beside():
    rng = np.random.default_rng(4)
    table, records = answered(rng)
    right = [rng.random() < (0.6 if n % 2 else 0.95) for n in range(400)]
    outcomes = pd.DataFrame(
        [(f"r{n}", int(ok), int(not ok), int(not ok)) for n, ok in enumerate(right)],
        columns=["record", "tp", "fp", "fn"],
    )
    found = slices(table, records=records, outcomes=outcomes)
    assert differing(found, "score") == {("meta.source", "mail"), ("meta.source", "web")}
    web = found.rows[(found.rows["by"] == "meta.source") & (found.rows["name"] == "web")].iloc[0]
    assert web["score"].value == pytest.approx(np.mean(right[1::2]))


def test_rare_labels_are_named_with_how_many_more_are_needed():
    rows = [(f"r{n}", "a", "common" if n else "rare") for n in range(300)]
    found = slices(pd.DataFrame(rows, columns=["record", "annotator", "value"]), width=0.1)
    # A Wilson interval of 0.8 is 0.1 wide from 245 on; 299 "common" are enough.
    assert found.rare.to_dict("records") == [{"field": "label", "label": "rare", "count": 1, "needed": 244}]
    assert needed_for(0.2) < needed_for(0.1)


def test_spans_and_numbers_in_meta_are_cut_too():
    rows = [(f"r{n}", who, [[0, 1, "PER"]] if n % 2 else []) for n in range(120) for who in "ab"]
    records = pd.DataFrame(
        {"record": [f"r{n}" for n in range(120)], "text": "ab", "meta": [{"price": n / 7} for n in range(120)]}
    )
    found = slices(pd.DataFrame(rows, columns=["record", "annotator", "value"]), records=records).rows
    prices = found[found["by"] == "meta.price"]
    assert prices["records"].tolist() == [30, 30, 30, 30]
    assert all(each.value == 1.0 for each in prices["agreement"])


def test_times_are_quarters_of_the_answers():
    rows = [(f"r{n}", "ab"[n % 2], "x", f"2026-01-{1 + n // 10:02d}T10:00:00Z") for n in range(120)]
    found = slices(pd.DataFrame(rows, columns=["record", "annotator", "value", "at"])).rows
    assert found[found["by"] == "time"]["records"].tolist() == [30, 30, 30, 30]


def test_nothing_to_compare_is_said_as_nothing():
    alone = pd.DataFrame([("r", "a", "x")], columns=["record", "annotator", "value"])
    assert len(slices(alone).rows) == 0
    empty = slices(alone.head(0))
    assert isinstance(empty, Slices)
    assert len(empty.rare) == 0
    two = pd.DataFrame([("r", "a", "x"), ("q", "b", "x")], columns=["record", "annotator", "value"])
    assert slices(two).rows["agreement"].tolist() == [None, None]
    json.dumps(slices(two).to_dict())
    with pytest.raises(InputError, match="lacks a record"):
        slices(two, records=pd.DataFrame({"record": ["r"], "text": ["t"]}))
