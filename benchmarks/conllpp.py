"""The test set of CoNLL-2003 with what CoNLL++ corrects in it, and scores that are held against it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from common import SHARED
from goldleaf import workspace
from goldleaf.core import Example, Field, Schema, Span
from goldleaf.measure import average_precision
from goldleaf.quality.errors.sites import chunks_of_tags

DATA = SHARED / "data"
CONLL = DATA / "conll2003_en"
NER = Schema((Field("entities", "spans", ("LOC", "MISC", "ORG", "PER")),))
Array = np.ndarray[Any, np.dtype[Any]]


def read_conll(name: str) -> list[Example]:
    return workspace.read_examples(CONLL / f"{name}.txt", NER, format="conll")


def area(scores: Array, wrong: Array) -> float:
    return average_precision(scores[~wrong], scores[wrong])


def at(scores: Array, wrong: Array, k: int) -> float:
    return float(wrong[np.argsort(-scores, kind="stable")[:k]].mean())


class Truth:
    """Which of the test set's sentences and tokens CoNLL++ corrects; `cut` parts the tokens of all sentences."""

    def __init__(self, examples: list[Example]) -> None:
        self.tags = [_tags(e, e.values["entities"]) for e in examples]
        corrected = list(self.tags)
        with (CONLL / "label_errors" / "conllpp_test_diff.jsonl").open(encoding="utf-8") as lines:
            for row in map(json.loads, lines):
                if row["sent"] < len(examples):
                    corrected[row["sent"]] = _tags(examples[row["sent"]], _corrected(examples[row["sent"]], row))
        self.corrected = corrected
        self.tokens = np.concatenate([a != b for a, b in zip(self.tags, corrected, strict=True)])
        self.starts = np.cumsum([0, *map(len, self.tags)])[:-1]
        self.sentences = np.logical_or.reduceat(self.tokens, self.starts)
        self.groups = np.unique([e.record.group for e in examples], return_inverse=True)[1]

    def measure(self, tokens: Array, sentences: Array | None = None) -> dict[str, float]:
        most = np.maximum.reduceat(tokens, self.starts) if sentences is None else sentences
        k = int(self.sentences.sum())
        found = {
            "sentences": area(most, self.sentences),
            "tokens": area(tokens, self.tokens),
            "precision": at(most, self.sentences, k),
        }
        return {name: round(value, 4) for name, value in found.items()}


def _corrected(example: Example, row: dict[str, Any]) -> list[Span]:
    tokens = example.record.tokens or ()
    spans = {(tokens[s][0], tokens[e - 1][1], label) for s, e, label in row["added"]}
    gone = {(tokens[s][0], tokens[e - 1][1], label) for s, e, label in row["removed"]}
    assert gone <= set(map(tuple, example.values["entities"])), row
    return [Span(*each) for each in sorted({*map(tuple, example.values["entities"])} - gone | spans)]


def _tags(example: Example, spans: list[Span]) -> Array:
    tags = np.zeros(len(example.record.tokens or ()), dtype=int)
    for span in spans:
        inside = [n for n, (a, b) in enumerate(example.record.tokens or ()) if a < span.end and span.start < b]
        number = 2 * NER.fields[0].labels.index(span.label) + 1
        tags[inside[0]], tags[inside[1:]] = number, number + 1
    return tags


def classes() -> tuple[str, ...]:
    return ("O", *(f"{mark}-{label}" for label in NER.fields[0].labels for mark in "BI"))


def in_order(predictions: pd.DataFrame) -> Iterator[Array]:
    """Probabilities with their columns in the order of `classes`."""
    places = [predictions["classes"].iloc[0].index(name) for name in classes()]
    return (rows[:, places].astype(np.float64) for rows in predictions["probabilities"])


def gold_of(examples: list[Example]) -> pd.DataFrame:
    return pd.DataFrame(
        [(e.record.id, "entities", e.values["entities"]) for e in examples], columns=["record", "field", "value"]
    )


def gold_of_tags(examples: list[Example], tags: list[Array]) -> pd.DataFrame:
    rows = []
    for e, each in zip(examples, tags, strict=True):
        tokens = e.record.tokens or ()
        value = [(tokens[s][0], tokens[t - 1][1], NER.fields[0].labels[label]) for s, t, label in chunks_of_tags(each)]
        rows.append((e.record.id, "entities", value))
    return pd.DataFrame(rows, columns=["record", "field", "value"])


def records_of(examples: list[Example]) -> pd.DataFrame:
    rows = [(e.record.id, e.record.text, e.record.tokens, e.record.group) for e in examples]
    return pd.DataFrame(rows, columns=["record", "text", "tokens", "group"])


def difference(
    truth: Truth, ours: tuple[Array, Array], theirs: tuple[Array, Array], key: str, *, resamples: int = 300
) -> dict[str, float]:
    """The 95 % interval of the difference, by the bootstrap over documents."""
    rng = np.random.default_rng(0)
    wrong, place = (truth.tokens, 0) if key == "tokens" else (truth.sentences, 1)
    groups = np.repeat(truth.groups, np.diff([*truth.starts, len(truth.tokens)])) if key == "tokens" else truth.groups
    members = [np.flatnonzero(groups == g) for g in range(truth.groups.max() + 1)]
    score = (lambda s, w: at(s, w, int(w.sum()))) if key == "precision" else area
    found = []
    for _ in range(resamples):
        rows = np.concatenate([members[g] for g in rng.integers(0, len(members), len(members))])
        if wrong[rows].any():
            found.append(score(ours[place][rows], wrong[rows]) - score(theirs[place][rows], wrong[rows]))
    low, high = np.quantile(found, [0.025, 0.975])
    return {"low": round(float(low), 4), "high": round(float(high), 4)}


def proposals(labels: pd.DataFrame, examples: list[Example], truth: Truth) -> dict[str, int]:
    """Of the first 400 suspected labels: how many touch a real error, and of how many of those the proposal is the correction."""
    place = {e.record.id: n for n, e in enumerate(examples)}
    gold = gold_of_tags(examples, truth.corrected)["value"].tolist()
    touched = right = 0
    for row in labels.head(400).itertuples():
        n = place[row.record]
        tokens = examples[n].record.tokens or ()
        begin = truth.starts[n]
        wrong = [t for k, t in enumerate(tokens) if truth.tokens[begin + k] and t[0] < row.end and row.start < t[1]]
        if wrong:
            touched += 1
            low = min([row.start, *(s.start for s in [*row.given, *row.proposed])])
            high = max([row.end, *(s.end for s in [*row.given, *row.proposed])])
            right += [tuple(s) for s in row.proposed] == [s for s in gold[n] if s[0] < high and low < s[1]]
    return {"listed": min(400, len(labels)), "real": touched, "proposal_right": right}


def show(title: str, table: dict[str, dict[str, float]]) -> None:
    print(f"\n{title}")
    for name, row in table.items():
        print(f"  {name:72}", *(f"{key} {value:.3f}" for key, value in row.items()), sep="  ")
