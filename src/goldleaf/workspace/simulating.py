"""Simulated annotators for the demo: people whose mistakes are known, so that what is found of them can be held against the truth.

Their mistakes are not uniform flips. How hard a message is, and what it is taken for, is what a TF-IDF classifier makes of it when it has
not seen it; spans are missed, cut short or drawn too wide by a word, or given another label; one annotator mixes up the two intents that
look most alike, and one looks at nothing.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np

from goldleaf.core import Example, Field, Schema, Span, find_clash
from goldleaf.text import segment

Probabilities = np.ndarray[Any, np.dtype[np.float64]]


@dataclass(frozen=True, slots=True)
class Habits:
    """How an annotator errs, as probabilities on a message of middling difficulty, and how many seconds a word takes."""

    wrong: float
    missed: float
    border: float
    other: float
    seconds: float


HABITS = {
    "simulated-careful": Habits(wrong=0.04, missed=0.04, border=0.03, other=0.02, seconds=1.1),
    "simulated-hasty": Habits(wrong=0.12, missed=0.2, border=0.15, other=0.06, seconds=0.5),
    "simulated-confused": Habits(wrong=0.08, missed=0.08, border=0.06, other=0.1, seconds=0.8),
}
SPAMMER = "simulated-spammer"
PEOPLE = (*HABITS, SPAMMER)
MIXED_UP = 0.4
"""How often `simulated-confused` says the other one of the two intents that look most alike."""
OVERLAP = 3
COLUMNS = ("record", "field", "annotator", "value", "seconds", "at")


def write_simulated_answers(path: Path, examples: Sequence[Example], schema: Schema, *, seed: int = 0) -> int:
    """Write a label table with what `OVERLAP` of the simulated annotators say of each example; how many rows.

    The first choice of one label of the schema is the intent; spans are those of all its fields of spans.
    """
    rng = np.random.default_rng(seed)
    intent = next(field for field in schema.fields if field.kind == "choice" and not field.many)
    others = _what_they_look_like(examples, intent)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        count = 0
        for row in _rows(examples, schema, intent, others, rng):
            writer.writerow(row)
            count += 1
    return count


def _rows(
    examples: Sequence[Example], schema: Schema, intent: Field, others: Probabilities, rng: np.random.Generator
) -> Iterator[tuple[Any, ...]]:
    """A row an answer: what each annotator who was drawn says of each message, in the order of the messages."""
    hard = np.argsort(np.argsort(others.sum(axis=1), kind="stable"), kind="stable") / max(1, len(examples) - 1)
    alike = _most_alike(examples, intent, others)
    at = datetime(2026, 3, 2, 9, tzinfo=UTC)
    for number, example in enumerate(examples):
        for who in sorted(rng.choice(PEOPLE, OVERLAP, replace=False).tolist()):
            words = segment(example.record.text)
            habits = HABITS.get(who)
            seconds = 1.5 if habits is None else habits.seconds * len(words) * float(rng.lognormal(0.0, 0.35))
            at += timedelta(seconds=seconds + 4)
            spent: float | str = round(seconds, 1)
            for field in schema.fields:
                if field.name not in example.values:
                    continue
                if field is intent:
                    value = _choose(
                        example.values[field.name], who, field, others[number], float(hard[number]), alike, rng
                    )
                elif field.kind == "spans" and habits is not None:
                    value = _mark(example, field, words, habits, 0.4 + 1.2 * float(hard[number]), rng)
                elif field.kind == "spans":
                    value = "[]"
                else:
                    continue
                yield example.record.id, field.name, who, value, spent, at.isoformat(timespec="seconds")
                spent = ""  # the seconds of an answer stand in its first row


def _choose(
    truth: str,
    who: str,
    field: Field,
    others: Probabilities,
    hard: float,
    alike: tuple[str, str],
    rng: np.random.Generator,
) -> str:
    if who == SPAMMER:
        return field.labels[0] if rng.random() < 0.7 else str(rng.choice(field.labels))
    if who == "simulated-confused" and truth in alike and rng.random() < MIXED_UP:
        return alike[1 - alike.index(truth)]
    if rng.random() < HABITS[who].wrong * (0.3 + 1.4 * hard) and others.sum() > 0:
        return str(rng.choice(field.labels, p=others / others.sum()))
    return truth


def _mark(
    example: Example,
    field: Field,
    words: Sequence[tuple[int, int]],
    habits: Habits,
    hard: float,
    rng: np.random.Generator,
) -> str:
    found: list[Span] = []
    for span in example.values[field.name]:
        if rng.random() < habits.missed * hard:
            continue
        if rng.random() < habits.border * hard:
            span = _moved(span, words, rng)
        if rng.random() < habits.other * hard and len(field.labels) > 1:
            span = span._replace(label=str(rng.choice([label for label in field.labels if label != span.label])))
        found.append(span)
    while clash := find_clash(found, field.overlap):
        found.remove(clash[1])
    return json.dumps([list(span) for span in sorted(found)], ensure_ascii=False)


def _moved(span: Span, words: Sequence[tuple[int, int]], rng: np.random.Generator) -> Span:
    """The span with one end a word further in or out; as it is where there is no such word."""
    inside = [n for n, (start, end) in enumerate(words) if start < span.end and end > span.start]
    if not inside:
        return span
    first, last = inside[0], inside[-1]
    ways = [
        (words[first - 1][0], span.end) if first > 0 else None,
        (span.start, words[last + 1][1]) if last + 1 < len(words) else None,
        (words[first + 1][0], span.end) if first < last else None,
        (span.start, words[last - 1][1]) if first < last else None,
    ]
    known = [way for way in ways if way is not None]
    return (
        span._replace(start=known[n][0], end=known[n][1])
        if known and (n := int(rng.integers(len(known)))) >= 0
        else span
    )


def _what_they_look_like(examples: Sequence[Example], intent: Field) -> Probabilities:
    """`[examples, labels]`: how much each message looks like each intent that it is not, to a classifier that has not seen it."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.model_selection import StratifiedKFold, cross_val_predict
    from sklearn.naive_bayes import MultinomialNB
    from sklearn.pipeline import make_pipeline

    truth = np.array([intent.labels.index(example.values[intent.name]) for example in examples])
    folds = StratifiedKFold(5, shuffle=True, random_state=0)
    model = make_pipeline(TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True), MultinomialNB(alpha=0.05))
    found = np.zeros((len(examples), len(intent.labels)))
    known = np.unique(truth)
    texts = [example.record.text for example in examples]
    guessed: Any = cross_val_predict(model, texts, truth, cv=folds, method="predict_proba")
    found[:, known] = guessed
    found[np.arange(len(examples)), truth] = 0
    return found


def _most_alike(examples: Sequence[Example], intent: Field, others: Probabilities) -> tuple[str, str]:
    """The two intents that are most taken for each other."""
    mass = np.zeros((len(intent.labels),) * 2)
    truth = np.array([intent.labels.index(example.values[intent.name]) for example in examples])
    np.add.at(mass, truth, others)
    mass = mass + mass.T
    first, second = divmod(int(mass.argmax()), len(intent.labels))
    return intent.labels[first], intent.labels[second]
