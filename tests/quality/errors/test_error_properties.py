"""What holds of every kind, whatever the data: order and names make no difference, certainty is believed, a planted mistake is found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from goldleaf.quality import find_errors

LABELS = ("a", "b", "c")
TAGS = ("O", *(f"{mark}-{label}" for label in LABELS for mark in "BI"))
KINDS = ("choice", "many", "spans", "tags")
WORDS = 6


@dataclass
class Data:
    """True values as codes: a label, a 0 or 1 a label, a tag a token; `said` has the model's probabilities of them."""

    kind: str
    true: list[Any]
    said: list[np.ndarray]

    def tables(self, names: dict[str, str] | None = None) -> tuple[pd.DataFrame, pd.DataFrame, dict[str, Any]]:
        """Gold, predictions, and the texts and groups of the records; labels are called as `names` says."""
        names = names or {label: label for label in LABELS}
        classes = [names[label] for label in LABELS]
        if self.kind == "spans":
            classes = ["O", *(f"{mark}-{names[label]}" for label in LABELS for mark in "BI")]
        records = [f"r{n}" for n in range(len(self.true))]
        gold = pd.DataFrame({"record": records, "value": [self.value(t, names) for t in self.true]})
        said = pd.DataFrame({"record": records, "classes": [classes] * len(records), "probabilities": self.said})
        if self.kind == "spans":
            said["tokens"] = [[(2 * n, 2 * n + 1) for n in range(WORDS)]] * len(records)
        texts = [" ".join(chr(97 + (n + k) % 4) for k in range(WORDS)) for n in range(len(records))]
        groups = [f"d{n // 3}" for n in range(len(records))]
        return gold, said, {"records": pd.DataFrame({"record": records, "text": texts, "group": groups})}

    def value(self, true: Any, names: dict[str, str]) -> Any:
        if self.kind == "choice":
            return names[LABELS[true]]
        if self.kind == "many":
            return [names[label] for label, yes in zip(LABELS, true, strict=True) if yes]
        if self.kind == "tags":
            return [names[LABELS[k]] for k in true]
        return [[2 * n, 2 * n + 1, names[LABELS[k - 1]]] for n, k in enumerate(true) if k]  # spans of one token


def codes(kind: str) -> st.SearchStrategy[Any]:
    label = st.integers(0, 2)
    if kind == "choice":
        return label
    if kind == "many":
        return st.lists(st.booleans(), min_size=3, max_size=3)
    return st.lists(label if kind == "tags" else st.sampled_from([0, 0, 0, 1, 2, 3]), min_size=WORDS, max_size=WORDS)


def seen(kind: str, true: Any, sure: float, rng: np.random.Generator) -> np.ndarray:
    """Probabilities of a model that gives what is true `sure`, and the rest to the others at random."""
    if kind == "many":
        return np.where(true, sure, 1 - sure) * (1 - 0.02 * rng.random(3) * (sure < 1))
    classes = 7 if kind == "spans" else 3
    place = np.atleast_1d(np.array(true))
    if kind == "spans":
        place = np.where(place > 0, 2 * place - 1, 0)
    rest = rng.random((len(place), classes)) + 0.01
    rest[np.arange(len(place)), place] = 0
    rows = (1 - sure) * rest / rest.sum(axis=1, keepdims=True)
    rows[np.arange(len(place)), place] = sure
    return rows[0] if kind == "choice" else rows


@st.composite
def data(draw, kind: str, *, sure: float | None = None, least: int = 12) -> Data:
    true = draw(st.lists(codes(kind), min_size=least, max_size=24))
    rng = np.random.default_rng(draw(st.integers(0, 99)))
    said = [seen(kind, t, rng.uniform(0.3, 0.99) if sure is None else sure, rng) for t in true]
    return Data(kind, true, said)


def flipped(kind: str, true: Any, place: int) -> Any:
    """Another value: one label, or that of one token, is another."""
    if kind == "choice":
        return (true + 1) % 3
    value = list(true)
    if kind == "many":
        value[place % 3] = not value[place % 3]
    else:
        value[place % WORDS] = (value[place % WORDS] + 1) % (3 if kind == "tags" else 4)
    return value


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=20, deadline=None)
@given(st.data())
def test_the_order_of_rows_changes_nothing(kind, draw) -> None:
    gold, said, more = draw.draw(data(kind)).tables()
    order = draw.draw(st.permutations(range(len(gold))))
    before = find_errors(gold, said, **more)
    after = find_errors(gold.iloc[order], said.iloc[order[::-1]], records=more["records"].iloc[order])
    for one, other in ((before.records, after.records), (before.labels, after.labels), (before.tokens, after.tokens)):
        keys = ["record", *(name for name in ("token", "start") if name in one.columns)]
        same = [table.assign(**{k: table[k].astype(str) for k in keys}) for table in (one, other)]
        same = [table.sort_values(keys, kind="stable", ignore_index=True) for table in same]
        if kind == "many" and "error" in one.columns:
            same = [table.sort_values(["record", "probability"], ignore_index=True) for table in same]
        pd.testing.assert_frame_equal(*same)  # bit for bit


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=20, deadline=None)
@given(st.data(), st.permutations(("x", "y", "z")))
def test_what_labels_are_called_changes_nothing(kind, draw, called) -> None:
    drawn = draw.draw(data(kind))
    names = dict(zip(LABELS, called, strict=True))
    (gold, said, more), (new_gold, new_said, _) = drawn.tables(), drawn.tables(names)
    before, after = find_errors(gold, said, **more), find_errors(new_gold, new_said, **more)
    assert before.records["record"].tolist() == after.records["record"].tolist()
    assert np.array_equal(before.records["probability"], after.records["probability"])
    assert [str(r) for r in before.records["reasons"]] == [str(r) for r in after.records["reasons"]]


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=30, deadline=None)
@given(st.data())
def test_gold_that_is_what_a_certain_model_says_is_not_suspect(kind, draw) -> None:
    gold, said, _ = draw.draw(data(kind, sure=1.0, least=1)).tables()
    found = find_errors(gold, said)
    assert found.labels.empty
    assert (found.records["probability"] < 0.01).all()


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=40, deadline=None)
@given(st.data())
def test_a_flip_against_a_certain_model_comes_first(kind, draw) -> None:
    drawn = draw.draw(data(kind, sure=1.0, least=5))
    at = draw.draw(st.integers(0, len(drawn.true) - 1))
    drawn.true[at] = flipped(kind, drawn.true[at], draw.draw(st.integers(0, WORDS - 1)))
    gold, said, _ = drawn.tables()
    found = find_errors(gold, said)
    assert found.labels.iloc[0]["record"] == f"r{at}"
    assert found.records.iloc[0]["record"] == f"r{at}"
    assert (found.records["probability"][1:] < found.records.iloc[0]["probability"]).all()
