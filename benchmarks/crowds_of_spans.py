"""Crowds that mark spans, for the benchmarks: a real one beside the project, and simulated ones over sentences with known spans.

`real()` are questions about tweets (Broad Twitter Corpus, sections a, b and e; one kind of entity a question). `simulate` makes annotators
of the kind that mark entities for money: whole documents are handed out, few annotators do most of the work, and most mistakes are spans
that are missed. What is missed depends on the annotator, on the label, and on the entity (what one overlooks others overlook, too); some
entities look like another label, some boundaries mislead many; some annotators stop reading, skip sentences, or mark at random.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from common import SHARED
from goldleaf.core import Chunk, tags_to_chunks

TWEETS = SHARED / "data" / "btc_broad_twitter" / "crowd"
NEWS = SHARED / "data" / "conll2003_en" / "train.txt"
LABELS = ("LOC", "MISC", "ORG", "PER")
LOOKS_LIKE = np.array([[0, 0.2, 0.75, 0.05], [0.4, 0, 0.4, 0.2], [0.75, 0.15, 0, 0.1], [0.25, 0.15, 0.6, 0]])
"""What an entity of a label (first) looks like (last), where it is ambiguous."""
Array = np.ndarray[Any, np.dtype[Any]]
Sentence = tuple[list[str], list[Chunk]]


@dataclass(frozen=True)
class Crowd:
    """A label table of spans, the records table, and the spans of the records whose truth is known."""

    table: pd.DataFrame
    records: pd.DataFrame
    gold: dict[Any, list[tuple[int, int, str]]]


def real() -> dict[str, Crowd]:
    """By section and kind; empty where the data is not there."""
    if not TWEETS.is_dir():
        return {}
    return {f"{section} {kind}": _tweets(section, kind) for section in "abe" for kind in ("loc", "org", "per")}


def _tweets(section: str, kind: str) -> Crowd:
    units = [json.loads(line) for line in (TWEETS / f"{section}.jsonl").open(encoding="utf-8")]
    units = [unit for unit in units if unit["kind"] == kind]
    sentences = [(unit["tokens"], _marked(unit.get("gold_marks") or (), len(unit["tokens"]))) for unit in units]
    answers = [
        (at, judged["worker"], _marked(judged["marks"], len(unit["tokens"])))
        for at, unit in enumerate(units)
        for judged in unit["judgments"]
    ]
    crowd = as_crowd(sentences, answers)
    known = {at for at, unit in enumerate(units) if unit.get("gold_marks") is not None}
    return Crowd(crowd.table, crowd.records, {at: spans for at, spans in crowd.gold.items() if at in known})


def _marked(places: Iterable[int], length: int) -> list[Chunk]:
    there = set(places)
    return tags_to_chunks(["I-ENT" if at in there else "O" for at in range(length)])


def as_crowd(sentences: list[Sentence], answers: list[tuple[int, Any, list[Chunk]]]) -> Crowd:
    """Records are numbered; their text is the tokens with a space between."""
    tokens: list[list[tuple[int, int]]] = []
    for words, _ in sentences:
        ends = np.cumsum([len(word) + 1 for word in words]) - 1
        tokens.append([(int(end) - len(word), int(end)) for word, end in zip(words, ends, strict=True)])

    def spans(at: int, chunks: list[Chunk]) -> list[tuple[int, int, str]]:
        return [(tokens[at][start][0], tokens[at][end - 1][1], label) for start, end, label in sorted(chunks)]

    rows = [(at, f"w{who}", spans(at, chunks)) for at, who, chunks in answers]
    table = pd.DataFrame(rows, columns=["record", "annotator", "value"])
    texts = [" ".join(words) for words, _ in sentences]
    records = pd.DataFrame({"record": range(len(sentences)), "text": texts, "tokens": tokens})
    return Crowd(table, records, {at: spans(at, chunks) for at, (_, chunks) in enumerate(sentences)})


@dataclass(frozen=True, kw_only=True)
class Shape:
    """A simulated crowd: how many `documents`, `annotators` and annotators a document (`each`, drawn from these). `skill` and `spread` are
    the mean and deviation of the log odds of finding an entity; `by_name` and `by_place` the deviations of how much harder an entity is for
    all, by its name and where it stands. `wrong`: labels mistaken, by annotators; `ambiguous`: names that look like another label; `cut`,
    `hard_cut`: boundaries moved, by annotators and by all; `spam`: how many mark at random or next to nothing; `quit`, `skip`: parts of a
    document, and sentences, that are not read; `skew`: the smaller, the fewer do most of the work."""

    documents: int = 400
    annotators: int = 47
    each: tuple[int, ...] = (3, 4, 5, 5, 5, 6, 6)
    skill: float = 2.1
    spread: float = 0.9
    by_name: float = 2.0
    by_place: float = 0.8
    wrong: float = 0.05
    ambiguous: float = 0.19
    cut: float = 0.04
    hard_cut: float = 0.17
    spurious: float = 0.004
    attract: float = 0.05
    spam: int = 3
    quit: float = 0.05
    skip: float = 0.03
    skew: float = 0.7


SHAPES = {
    "news, 47 annotators": Shape(),
    "news, harder": Shape(
        skill=1.7, spread=0.8, by_name=1.8, by_place=1.0, ambiguous=0.3, hard_cut=0.25, attract=0.1, wrong=0.04
    ),
    "mistakes of their own": Shape(skill=1.2, spread=1.1, by_name=0.3, ambiguous=0.05, hard_cut=0.05, cut=0.1),
    "few documents": Shape(documents=40, annotators=30),
    "three answers, 400 annotators": Shape(annotators=400, each=(2, 3, 3, 3), spam=30),
    "two answers, 60 annotators": Shape(documents=150, annotators=60, each=(2,), spam=2),
    "two answers, 5 annotators": Shape(documents=100, annotators=5, each=(2,), spam=0, skew=5),
    "three annotators": Shape(documents=60, annotators=3, each=(3,), spam=0, skew=5),
    "four annotators": Shape(documents=60, annotators=4, each=(4,), spam=0, skew=5),
    "five annotators, one spammer": Shape(documents=60, annotators=5, each=(5,), spam=1, skew=5),
    "four annotators, little": Shape(documents=3, annotators=4, each=(4,), spam=0, skew=5),
    "experts": Shape(
        documents=100, annotators=8, each=(3,), skill=4.5, spread=0.4, by_name=0.5, wrong=0.01, ambiguous=0.02,
        hard_cut=0.02, cut=0.01, spurious=0.001, attract=0.01, spam=0, quit=0.0, skip=0.0, skew=5,
    ),
    "half spammers": Shape(documents=150, annotators=40, each=(5,), spam=20),
    "mark too much": Shape(documents=150, annotators=20, each=(4,), skill=3.5, spurious=0.03, attract=0.3, spam=2),
}  # fmt: skip


def simulate(shape: Shape, seed: int = 0, *, documents: list[list[Sentence]] | None = None) -> Crowd:
    """A crowd over documents of the news corpus, drawn by the seed, or over the given ones."""
    rng = np.random.default_rng(seed)
    known = documents if documents is not None else read_news()
    picked = rng.choice(len(known), min(shape.documents, len(known)), replace=False)
    people = _People(shape, rng)
    sentences: list[Sentence] = []
    answers: list[tuple[int, Any, list[Chunk]]] = []
    for document in (known[n] for n in picked):
        count = min(int(rng.choice(shape.each)), shape.annotators)
        who = rng.choice(shape.annotators, count, replace=False, p=people.activity)
        upto = {a: rng.integers(len(document)) if rng.random() < shape.quit else len(document) for a in who}
        for n, sentence in enumerate(document):
            hard = rng.normal(0, shape.by_place, len(sentence[1]))
            answers += [(len(sentences), a, people.read(int(a), sentence, hard, awake=bool(n < upto[a]))) for a in who]
            sentences.append(sentence)
    return as_crowd(sentences, answers)


def read_news() -> list[list[Sentence]]:
    """The documents of the CoNLL-2003 training set, as sentences of tokens and chunks."""
    documents: list[list[Sentence]] = []
    for part in NEWS.read_text(encoding="utf-8").split("-DOCSTART-")[1:]:
        found: list[Sentence] = []
        for block in part.split("\n\n")[1:]:
            rows = [line.split() for line in block.splitlines() if line.strip()]
            if rows:
                found.append(([row[0] for row in rows], tags_to_chunks([row[-1] for row in rows])))
        if found:
            documents.append(found)
    return documents


def _chance(odds: float) -> float:
    return 1 / (1 + np.exp(-odds))


class _People:
    """The annotators, and what they have in common: how hard each name is, what it looks like, which words attract marks."""

    def __init__(self, shape: Shape, rng: np.random.Generator) -> None:
        count = shape.annotators
        self.shape, self.rng = shape, rng
        activity = rng.gamma(shape.skew, 1, count) + 0.08
        self.activity = activity / activity.sum()
        self.skill = rng.normal(shape.skill, shape.spread, (count, 1)) + rng.normal(0, 0.5, (count, len(LABELS)))
        self.wrong = np.clip(rng.gamma(2, shape.wrong / 2, count), 0, 0.5)
        self.cut = np.clip(rng.gamma(2, shape.cut / 2, count), 0, 0.5)
        self.spurious = rng.gamma(1.2, shape.spurious / 1.2, count)
        self.mistakes = (rng.dirichlet(np.ones(len(LABELS)), (count, len(LABELS))) + LOOKS_LIKE) / 2
        self.kind = np.zeros(count, int)
        self.kind[rng.choice(count, shape.spam, replace=False)] = rng.integers(1, 3, shape.spam)
        self.names: dict[tuple[str, int], tuple[float, float, int, float]] = {}
        self.words: dict[str, tuple[float, int]] = {}

    def read(self, who: int, sentence: Sentence, hard: Array, *, awake: bool) -> list[Chunk]:
        """What an annotator marks in a sentence."""
        words, chunks = sentence
        found: list[Chunk] = []
        if self.kind[who] == 1:
            wild = [n for n, word in enumerate(words) if word[0].isupper() and self.rng.random() < 0.35]
            return [(n, n + 1, LABELS[self.rng.integers(len(LABELS))]) for n in wild]
        if self.kind[who] == 2:
            return [chunk for chunk in chunks if self.rng.random() < 0.06]
        if not awake or self.rng.random() < self.shape.skip:
            return []
        mood = self.rng.normal(0, 0.5)
        for chunk, harder in zip(chunks, hard, strict=True):
            if (seen := self._see(who, words, chunk, harder - mood)) is not None:
                _add(found, *seen)
        inside = {n for start, end, _ in chunks for n in range(start, end)}
        for n in range(len(words)):
            if n not in inside and (label := self._invent(who, words[n])) is not None:
                _add(found, n, n + 1, label)
        return sorted(found)

    def _see(self, who: int, words: list[str], chunk: Chunk, harder: float) -> tuple[int, int, str] | None:
        start, end, name = chunk
        label = LABELS.index(name)
        hard, looks, alike, cut = self._name(" ".join(words[start:end]), label)
        if self.rng.random() >= _chance(self.skill[who, label] - hard - harder):
            return None
        if self.rng.random() < looks:
            label = alike
        elif self.rng.random() < self.wrong[who]:
            label = int(self.rng.choice(len(LABELS), p=self.mistakes[who, label]))
        if end - start > 1 and self.rng.random() < abs(cut):
            start, end = (start + 1, end) if cut > 0 else (start, end - 1)
        elif self.rng.random() < self.cut[who]:
            start, end = self._move(start, end, len(words))
        return start, end, LABELS[label]

    def _move(self, start: int, end: int, length: int) -> tuple[int, int]:
        """One boundary, one token."""
        moved = [(start - 1, end), (start, end + 1), (start + 1, end), (start, end - 1)]
        fits = [(a, b) for a, b in moved if 0 <= a < b <= length]
        return fits[self.rng.integers(len(fits))] if fits else (start, end)

    def _name(self, name: str, label: int) -> tuple[float, float, int, float]:
        """How hard it is to find, how often it is taken for another label, which, and how often its boundary is mistaken (+ first, -
        last)."""
        if (name, label) not in self.names:
            hard = self.rng.normal(0, self.shape.by_name) + (-0.2, 0.9, 0.35, -0.2)[label]
            often = self.rng.random() < self.shape.ambiguous * (0.6, 1.5, 1.8, 0.6)[label]
            looks = self.rng.uniform(0.3, 0.9) if often else 0.0
            alike = int(self.rng.choice(len(LABELS), p=LOOKS_LIKE[label]))
            cut = self.rng.uniform(0.3, 0.8) if self.rng.random() < self.shape.hard_cut else 0.0
            self.names[name, label] = (hard, looks, alike, cut if self.rng.random() < 0.5 else -cut)
        return self.names[name, label]

    def _invent(self, who: int, word: str) -> str | None:
        """A label for a word that is no entity, seldom."""
        if word[0].isupper():
            if word not in self.words:
                draws = self.rng.random() < self.shape.attract
                self.words[word] = (self.rng.uniform(0.1, 0.5) if draws else 0.0, int(self.rng.integers(len(LABELS))))
            pull, label = self.words[word]
            if self.rng.random() < 0.6 * pull + 6 * self.spurious[who]:
                return LABELS[label if pull else self.rng.integers(len(LABELS))]
        elif word[0].isalpha() and self.rng.random() < self.spurious[who]:
            return LABELS[self.rng.integers(len(LABELS))]
        return None


def _add(found: list[Chunk], start: int, end: int, label: str) -> None:
    if all(end <= a or b <= start for a, b, _ in found):
        found.append((start, end, label))


def simulate_tags(records: int, annotators: int, each: int, seed: int = 0) -> tuple[pd.DataFrame, dict[int, list[str]]]:
    """Parts of speech of the news sentences: a label table and the truth. Half of what annotators confuse all of them do; a quarter of the
    words mislead many to one tag; a mistake makes the next one likelier."""
    rng = np.random.default_rng(seed)
    blocks = NEWS.read_text(encoding="utf-8").split("\n\n")
    sentences = [
        [line.split()[:2] for line in block.splitlines() if line.strip()] for block in blocks if "DOCSTART" not in block
    ]
    sentences = [sentence for sentence in sentences if sentence]
    names = sorted({tag for sentence in sentences for _, tag in sentence})
    code = {name: n for n, name in enumerate(names)}
    often = np.bincount([code[tag] for sentence in sentences for _, tag in sentence], minlength=len(names)) + 1.0
    often /= often.sum()
    alike, skill = rng.dirichlet(8 * often, len(names)), np.clip(rng.normal(0.85, 0.1, annotators), 0.2, 0.99)
    confused = [(alike + rng.dirichlet(8 * often, len(names))) / 2 for _ in range(annotators)]
    misleads: dict[str, tuple[int, float]] = {}
    rows, truth = [], {}
    for n, at in enumerate(rng.choice(len(sentences), records, replace=False)):
        truth[n] = [tag for _, tag in sentences[at]]
        for who in rng.choice(annotators, each, replace=False):
            said: list[str] = []
            for word, tag in sentences[at]:
                if word not in misleads:
                    often_so = rng.uniform(0.12, 0.48) if rng.random() < 0.25 else 0.0
                    misleads[word] = (int(rng.integers(len(names))), often_so)
                wrong, pull = misleads[word]
                stumbled = bool(said) and said[-1] != truth[n][len(said) - 1]
                if rng.random() < pull:
                    said.append(names[wrong])
                elif rng.random() < skill[who] - 0.3 * stumbled:
                    said.append(tag)
                else:
                    said.append(names[rng.choice(len(names), p=confused[who][code[tag]])])
            rows.append((n, f"a{who}", said))
    return pd.DataFrame(rows, columns=["record", "annotator", "value"]), truth
