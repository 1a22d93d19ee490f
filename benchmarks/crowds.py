"""Crowds for the benchmarks: real ones beside the project, and simulated ones of many shapes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from common import SHARED

DATA = SHARED / "data" / "crowd"
Array = np.ndarray[Any, np.dtype[Any]]


def real() -> dict[str, tuple[pd.DataFrame, dict[Any, Any]]]:
    """By name a label table (`record, annotator, value`) and the truth of its records; empty where the data is not there."""
    if not DATA.is_dir():
        return {}
    birds = pd.read_csv(DATA / "bluebirds_duck" / "answer.csv").rename(
        columns={"question": "record", "worker": "annotator", "answer": "value"}
    )
    truth = pd.read_csv(DATA / "bluebirds_duck" / "truth.csv")
    found = {"bluebirds": (birds, dict(zip(truth.question, truth.truth, strict=True)))}
    for name in ("CF", "SP", "CF_amt"):
        rows = pd.read_csv(DATA / "activecrowd" / f"{name}.csv", header=None).iloc[:, :4]
        rows.columns = pd.Index(["annotator", "record", "value", "gold"])
        found[name] = (rows[["record", "annotator", "value"]], dict(zip(rows.record, rows.gold, strict=True)))
    return found


def thin(table: pd.DataFrame, seed: int, *, records: int = 0, answers: int = 0, annotators: int = 0) -> pd.DataFrame:
    """So many of the records, answers to each of them, and annotators, drawn at random; 0 takes all."""
    drawn = table.sample(frac=1, random_state=seed)
    for column, count in (("record", records), ("annotator", annotators)):
        if count:
            drawn = drawn[drawn[column].isin(drawn[column].unique()[:count])]
    return drawn[drawn.groupby("record").cumcount() < answers] if answers else drawn


def thinned(seeds: int) -> dict[str, list[tuple[pd.DataFrame, dict[Any, Any]]]]:
    """By name the versions of the real crowds with fewer answers a record, fewer annotators, and fewer records."""
    found: dict[str, list[tuple[pd.DataFrame, dict[Any, Any]]]] = {}
    for name, (table, truth) in real().items():
        whole = table.record.nunique()
        for records in (0, 100, 300, 1000):
            for answers in (0, 2, 3, 4, 5, 7, 10, 15):
                if records >= whole or answers > len(table) / whole or not records + answers:
                    continue
                title = f"{name}, {records or 'all'} records, {answers or 'all'} answers"
                found[title] = [(thin(table, s, records=records, answers=answers), truth) for s in range(seeds)]
        for annotators in (6, 12, 24) if name == "bluebirds" else ():
            found[f"{name}, {annotators} annotators"] = [
                (thin(table, s, annotators=annotators), truth) for s in range(seeds)
            ]
    return found


@dataclass(frozen=True, kw_only=True)
class Shape:
    """A simulated crowd. `prior` are the labels' frequencies, or the concentration they are drawn with; `skill` and `spread` the mean and
    deviation of how often annotators are right (with a part of it a label's own, and a part a label's for each annotator); `shared` how
    much of the errors all make alike; `hard` the share of records that mislead many to one wrong label; `spam` and `lazy` the shares of
    annotators who draw lots and who always say one thing; `skew` the exponent of how unevenly the work is shared out."""

    records: int
    annotators: int
    answers: int
    classes: int
    prior: float | tuple[float, ...] = 1.0
    skill: float = 0.75
    spread: float = 0.12
    shared: float = 0.3
    hard: float = 0.0
    spam: float = 0.0
    lazy: float = 0.0
    skew: float = 1.0


SHAPES = {
    "small and dense, biased": Shape(
        records=108, annotators=39, answers=4212, classes=2, skill=0.65, spread=0.15, hard=0.2
    ),
    "few answers a record": Shape(records=593, annotators=42, answers=1588, classes=6, spread=0.15, prior=0.7),
    "few answers an annotator": Shape(
        records=300, annotators=461, answers=1720, classes=5, spread=0.15, prior=2, hard=0.1
    ),
    "twenty answers a record": Shape(
        records=300, annotators=110, answers=6030, classes=5, skill=0.65, spread=0.15, prior=2, hard=0.2
    ),
    "four classes": Shape(records=807, annotators=109, answers=8070, classes=4, skill=0.68, prior=5, hard=0.15),
    "hard records": Shape(
        records=584, annotators=27, answers=5242, classes=4, skill=0.58, spread=0.08, prior=5, hard=0.35
    ),
    "ten classes, spam": Shape(
        records=700, annotators=44, answers=2945, classes=10, skill=0.56, spread=0.2, prior=10, spam=0.1
    ),
    "one in eight": Shape(records=8315, annotators=176, answers=24945, classes=2, prior=(0.88, 0.12), skill=0.85),
    "yes or no": Shape(records=800, annotators=164, answers=8000, classes=2, prior=(0.5, 0.5), skill=0.83, spread=0.13),
    "large yes or no": Shape(
        records=4999, annotators=203, answers=27746, classes=2, prior=(0.5, 0.5), skill=0.79, hard=0.1
    ),
    "barely above chance": Shape(
        records=5000,
        annotators=400,
        answers=23000,
        classes=2,
        prior=(0.55, 0.45),
        skill=0.62,
        spread=0.15,
        hard=0.15,
        spam=0.1,
    ),
    "wrong more often than right": Shape(
        records=2665, annotators=177, answers=15567, classes=5, skill=0.45, spread=0.2, prior=3, lazy=0.05, spam=0.1
    ),
    "nearly perfect": Shape(
        records=177, annotators=34, answers=1770, classes=3, skill=0.96, spread=0.03, prior=(0.8, 0.15, 0.05)
    ),
    "skewed and hard": Shape(
        records=2040, annotators=78, answers=20372, classes=2, prior=(0.85, 0.15), spread=0.18, hard=0.15
    ),
    "three answers, many annotators": Shape(records=2000, annotators=1500, answers=6000, classes=3, skew=0.3),
    "three answers each, skewed": Shape(
        records=500, annotators=500, answers=1500, classes=2, skill=0.8, spread=0.1, skew=0.2, prior=(0.9, 0.1)
    ),
    "five annotators": Shape(records=60, annotators=5, answers=180, classes=3, skill=0.8, spread=0.1),
    "two answers a record": Shape(records=1000, annotators=10, answers=2000, classes=4, skill=0.8, spread=0.1),
    "forty classes": Shape(records=3000, annotators=60, answers=9000, classes=40, spread=0.1),
    "sixty classes, few records": Shape(
        records=600, annotators=30, answers=1800, classes=60, skill=0.7, spread=0.1, prior=0.5
    ),
    "two fifths spam": Shape(records=1000, annotators=60, answers=5000, classes=4, spread=0.1, spam=0.25, lazy=0.15),
    "very skewed": Shape(
        records=3000, annotators=60, answers=15000, classes=3, prior=(0.95, 0.04, 0.01), skill=0.85, spread=0.1
    ),
    "mostly hard": Shape(records=1000, annotators=40, answers=5000, classes=3, spread=0.1, hard=0.4),
    "all alike": Shape(records=1000, annotators=40, answers=5000, classes=3, spread=0.02, shared=0.9),
    "experts": Shape(records=1000, annotators=20, answers=3000, classes=5, skill=0.95, spread=0.03),
    "one answer a record": Shape(records=500, annotators=10, answers=500, classes=3, skill=0.8, spread=0.1),
}


def simulate(shape: Shape, seed: int) -> tuple[pd.DataFrame, dict[int, int]]:
    """A label table and the truth."""
    rng = np.random.default_rng(seed)
    prior = (
        np.array(shape.prior) if isinstance(shape.prior, tuple) else rng.dirichlet(np.full(shape.classes, shape.prior))
    )
    truth = rng.choice(shape.classes, size=shape.records, p=prior)
    record, annotator = _assign(shape, rng)
    confusion, careless = _confusions(shape, rng)
    chances = confusion[annotator, truth[record]]
    misleads = (rng.random(shape.records) < shape.hard)[record] & ~careless[annotator]
    pull = rng.uniform(0.2, 0.75, size=shape.records)[record]
    wrong = ((truth + rng.integers(1, shape.classes, size=shape.records)) % shape.classes)[record]
    chances[misleads] *= (1 - pull[misleads])[:, np.newaxis]
    chances[misleads, wrong[misleads]] += pull[misleads]
    drawn = rng.random(len(record))[:, np.newaxis] * chances.sum(axis=1, keepdims=True)
    said = (chances.cumsum(axis=1) < drawn).sum(axis=1).clip(0, shape.classes - 1)
    return pd.DataFrame({"record": record, "annotator": annotator, "value": said}), dict(enumerate(truth.tolist()))


def _assign(shape: Shape, rng: np.random.Generator) -> tuple[Array, Array]:
    """Who answers what: annotators are drawn without replacement, by weights that fall as 1 / rank^skew."""
    weight = -shape.skew * np.log(np.arange(1, shape.annotators + 1))
    each = shape.answers / shape.records
    exact = each == int(each)
    counts = np.full(shape.records, int(each)) if exact else 1 + rng.poisson(max(each - 1, 0), size=shape.records)
    counts = np.minimum(counts, shape.annotators)
    order = np.argsort(-(weight + rng.gumbel(size=(shape.records, shape.annotators))), axis=1)
    taken = np.arange(shape.annotators) < counts[:, np.newaxis]
    return np.repeat(np.arange(shape.records), counts), order[taken]


def _confusions(shape: Shape, rng: np.random.Generator) -> tuple[Array, Array]:
    """What each annotator says of what is `[annotators, classes, classes]`, and who of them does not look."""
    people, classes = shape.annotators, shape.classes
    strength = max(shape.skill * (1 - shape.skill) / shape.spread**2 - 1, 2)
    base = rng.beta(shape.skill * strength, (1 - shape.skill) * strength, size=people)
    own = rng.normal(0, 0.7 * shape.spread, size=(people, classes)) + rng.normal(0, 0.7 * shape.spread, size=classes)
    right = np.clip(base[:, np.newaxis] + own, 0.05, 0.99)
    alike = rng.dirichlet(np.full(classes, 0.5), size=classes)
    wrong = shape.shared * alike + (1 - shape.shared) * rng.dirichlet(np.ones(classes), size=(people, classes))
    diagonal = np.arange(classes)
    wrong[:, diagonal, diagonal] = 0
    confusion = wrong / wrong.sum(axis=2, keepdims=True) * (1 - right)[:, :, np.newaxis]
    confusion[:, diagonal, diagonal] = right
    spam, lazy = round(shape.spam * people), round(shape.lazy * people)
    careless = rng.permutation(people)[: spam + lazy]
    confusion[careless[:spam]] = 1 / classes
    confusion[careless[spam:]] = np.eye(classes)[rng.integers(classes, size=lazy)][:, np.newaxis, :]
    return confusion, np.isin(np.arange(people), careless)
