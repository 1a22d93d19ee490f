"""The tokens of all judged records in one row: what was given, what the model thinks, and which word it is in which document."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
import pandas as pd

from goldleaf.core import InputError, chunks_to_tags, spans_to_chunks
from goldleaf.measure import fit_temperature
from goldleaf.quality.errors.case import Case
from goldleaf.quality.errors.document import doubt, steady
from goldleaf.quality.errors.opinions import bounds_of
from goldleaf.quality.labels import Floats, Ints
from goldleaf.text import script_of


@dataclass(frozen=True, slots=True)
class Sequences:
    """All tokens, n of them, record after record; record i has those from `starts[i]` to `starts[i + 1]`.

    `given` are places among the classes, `probabilities` `[n, classes]` the model's, `records` `[n]` the places of the records, `words`
    `[n]` numbers that the tokens of one word in one document share (None where the texts are not known), `tokens` `[n, 2]` their code
    points (-1 where they are not known).
    """

    starts: Ints
    given: Ints
    probabilities: Floats
    records: Ints
    words: Ints | None
    tokens: Ints

    def rows(self, record: int) -> slice:
        """The tokens of a record."""
        return slice(int(self.starts[record]), int(self.starts[record + 1]))


def line_up(case: Case) -> Sequences:
    """The judged records of a case. Raises InputError where tags and tokens differ in number."""
    opinions = [case.opinions.probabilities[at] for at in cast("list[int]", case.opinion.tolist())]
    sizes = np.array([len(rows) for rows in opinions], dtype=np.int64)
    tokens = [_tokens(case, n, int(size)) for n, size in enumerate(sizes.tolist())]
    values = [case.gold.values[at] for at in cast("list[int]", case.judged.tolist())]
    given = [tags_of(case, value, tokens[n], n) for n, value in enumerate(values)]
    records: Ints = np.repeat(np.arange(len(sizes)), sizes)
    return Sequences(
        np.concatenate([[0], sizes.cumsum()]),
        np.concatenate([*given, np.zeros(0, np.int64)]),
        np.concatenate([*opinions, np.zeros((0, len(case.opinions.classes)))]),
        records,
        _words(case, tokens),
        np.concatenate([*tokens, np.zeros((0, 2), np.int64)]),
    )


def _tokens(case: Case, n: int, size: int) -> Ints:
    """The code points `[tokens, 2]` of a record's tokens: as the predictions say, else the records table; -1 where neither does."""
    said = case.opinions.tokens[int(case.opinion[n])]
    if said is not None:
        return said
    where = f"record {case.gold.records[int(case.judged[n])]}, field {case.field.name}"
    known = case.tokens[int(case.judged[n])]
    if known is not None:
        return bounds_of(known, size, where)
    if case.field.kind == "spans":
        expected = "a column tokens, [[start, end], ...], of them or of the records"
        raise InputError("probabilities of spans need tokens", where=where, expected=expected)
    return np.full((size, 2), -1)


def tags_of(case: Case, value: Any, tokens: Ints, n: int) -> Ints:
    """The value of a judged record as places among the classes, one a token."""
    place = {name: number for number, name in enumerate(case.opinions.classes)}
    if case.field.kind == "tags":
        if len(value) != len(tokens):
            where = f"record {case.gold.records[int(case.judged[n])]}, field {case.field.name}"
            raise InputError(
                "tags and predictions differ in number",
                where=where,
                found=f"{len(tokens)} predicted",
                expected=f"{len(value)}",
            )
        return np.array([place[label] for label in value], dtype=np.int64)
    chunks, _ = spans_to_chunks(value, pairs(tokens))
    return np.array([place[tag] for tag in chunks_to_tags(chunks, len(tokens))], dtype=np.int64)


def pairs(tokens: Ints) -> list[tuple[int, int]]:
    """Code points as pairs."""
    return [(start, end) for start, end in cast("list[list[int]]", tokens.tolist())]


def _words(case: Case, tokens: Sequence[Ints]) -> Ints | None:
    """A number for each word of a document. Where a record's text is not known, each of its tokens is a word of its own."""
    texts = [case.texts[at] for at in cast("list[int]", case.judged.tolist())]
    if all(text is None for text in texts):
        return None
    groups = cast("list[int]", case.groups[case.judged].tolist())
    numbers: dict[Any, int] = {}
    found = [
        numbers.setdefault((group, word), len(numbers))
        for n, (group, text, bounds) in enumerate(zip(groups, texts, tokens, strict=True))
        for word in (words_of(text, bounds) if text is not None else [(n, k) for k in range(len(bounds))])
    ]
    return np.array(found, dtype=np.int64)


def words_of(text: str, tokens: Ints) -> list[Any]:
    """What makes tokens the same word: their letters whatever their case, but for whether the first is small (`us` is not `US`, `JAPAN` is
    `Japan`). A Han character is a word with the characters on both its sides."""
    surfaces = [text[start:end] for start, end in pairs(tokens)]
    return [
        tuple(surfaces[max(n - 1, 0) : n + 2])
        if len(surface) == 1 and script_of(surface) == "han"
        else (surface.casefold(), surface[:1].islower())
        for n, surface in enumerate(surfaces)
    ]


def opinions_of(lined: Sequences) -> Floats:
    """The model's probabilities `[n, classes]`, calibrated on the given labels (one temperature: most labels are right), and steadied by
    what it thinks of the same word elsewhere in the document."""
    if not len(lined.given):
        return lined.probabilities
    logits = np.log(lined.probabilities)
    cooled = logits / fit_temperature(logits, lined.given)
    calibrated = np.exp(cooled - cooled.max(axis=1, keepdims=True))
    calibrated /= calibrated.sum(axis=1, keepdims=True)
    return calibrated if lined.words is None else steady(calibrated, lined.words, lined.records)


def with_doubt(true: Floats, lined: Sequences, labels: Ints) -> Floats:
    """The probabilities `[n, classes]` of the true tags with how the word is labelled elsewhere in the document; `labels` `[classes]`
    says which classes are of one label."""
    if lined.words is None or not len(lined.given):
        return true
    added = doubt(lined.words, lined.records, labels[lined.given], int(labels.max()) + 1)
    scores = np.log(np.maximum(true, 1e-300)) + added[:, labels]
    weighed = np.exp(scores - scores.max(axis=1, keepdims=True))
    return cast("Floats", weighed / weighed.sum(axis=1, keepdims=True))


def tokens_table(case: Case, lined: Sequences, wrong: Floats) -> pd.DataFrame:
    """A row a token, with the probability `[n]` that its tag is wrong; start and end are missing where they are not known."""
    names = pd.Series([case.gold.records[at] for at in cast("list[int]", case.judged.tolist())])
    starts, ends = (pd.Series(lined.tokens[:, k], dtype="Int64").where(lined.tokens[:, k] >= 0) for k in (0, 1))
    return pd.DataFrame(
        {
            "record": names.take(lined.records).to_numpy(),
            "field": case.field.name,
            "token": np.arange(len(wrong)) - lined.starts[lined.records],
            "start": starts,
            "end": ends,
            "probability": wrong,
        }
    )
