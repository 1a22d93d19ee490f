"""How sure the model was: of what it got right, and above all of what it got wrong."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, cast

import numpy as np

from goldleaf.core import Field, Span, Value, value_to_json
from goldleaf.evaluate.pairs import Pair

Vector = np.ndarray[Any, np.dtype[np.float64]]

WORST = 25
"""How many errors a report shows per field."""
EXCERPT = 400
"""How many characters of a text it shows."""
BINS = 20


def histogram_of(field: Field, pairs: Sequence[Pair]) -> dict[str, Any] | None:
    """How many right and wrong answers fall in each of `BINS` equal bins of confidence; None where the model gave no scores.

    An answer is a record's choice, a chosen label of many, a predicted span, or a token's tag.
    """
    found = confidences(field, pairs)
    if found is None:
        return None
    scores, right = found[0], found[1] > 0
    edges = np.linspace(0.0, 1.0, BINS + 1)
    return {
        "edges": [round(float(edge), 4) for edge in edges],
        "right": np.histogram(scores[right], edges)[0].tolist(),
        "wrong": np.histogram(scores[~right], edges)[0].tolist(),
    }


def confidences(field: Field, pairs: Sequence[Pair]) -> tuple[Vector, Vector] | None:
    """Each answer's confidence and whether it is right (0 or 1), `[answers]` both; None where the model gave no scores."""
    answers = [answer for pair in pairs for answer in _answers(field, pair)]
    if not answers:
        return None
    table = np.array(answers, dtype=np.float64)
    return np.clip(table[:, 0], 0.0, 1.0), table[:, 1]


def worst_errors(field: Field, pairs: Sequence[Pair]) -> list[dict[str, Any]]:
    """The wrong values the model was surest of, JSON-ready; those it said nothing wrong about (only missed spans) come last."""
    wrong = [(sureness(field, pair), place) for place, pair in enumerate(pairs) if not pair.right]
    ranked = sorted(wrong, key=lambda row: (row[0] is None, -(row[0] or 0.0), row[1]))
    return [_error(field, pairs[place], score) for score, place in ranked[:WORST]]


def sureness(field: Field, pair: Pair) -> float | None:
    """The highest confidence in anything that is wrong of the value; None where nothing wrong was said, or no score given.

    Of many labels, a label that was left out counts with one minus its probability.
    """
    scores = _by_label(pair)
    if field.many and scores is not None:
        wrong = set(pair.gold) ^ set(pair.predicted)
        values = [float(scores[w]) if w in pair.predicted else 1 - float(scores[w]) for w in wrong if w in scores]
    else:
        values = [score for score, right in _answers(field, pair) if not right]
    return max(values, default=None)


def _answers(field: Field, pair: Pair) -> Iterator[tuple[float, bool]]:
    """Each answer's confidence, and whether it is right."""
    if not pair.scores:
        return
    if (scores := _by_label(pair)) is not None:
        gold: set[str] = {pair.gold} if isinstance(pair.gold, str) else set(pair.gold)
        labels: list[str] = [pair.predicted] if isinstance(pair.predicted, str) else pair.predicted
        yield from ((float(scores[label]), label in gold) for label in labels if label in scores)
        return
    parts: Sequence[Any] = pair.predicted
    if field.kind == "tags":
        marks = [a == b for a, b in zip(pair.gold, parts, strict=True)]
    else:
        known = set[Any](pair.gold)
        marks = [part in known for part in parts]
    yield from ((float(s), right) for s, right in zip(pair.scores, marks, strict=False))


def _by_label(pair: Pair) -> Mapping[str, float] | None:
    """The probability of every label of a choice."""
    scores: object = pair.scores
    return cast("Mapping[str, float]", scores) if isinstance(scores, Mapping) else None


def _error(field: Field, pair: Pair, score: float | None) -> dict[str, Any]:
    tokens: dict[str, Any] = {"tokens": [list(t) for t in pair.record.tokens or ()]} if field.kind == "tags" else {}
    return {
        "record": pair.record.id,
        **excerpt(pair.record.text, _first_wrong(pair.gold, pair.predicted, pair)),
        **tokens,
        "gold": value_to_json(pair.gold),
        "predicted": value_to_json(pair.predicted),
        "score": None if score is None else round(score, 4),
    }


def excerpt(text: str, first: int) -> dict[str, Any]:
    """At most `EXCERPT` characters of a text, from its beginning or from shortly before `first` on, and the offset where they begin."""
    start = 0 if len(text) <= EXCERPT or first < EXCERPT // 2 else first - EXCERPT // 4
    return {"text": text[start : start + EXCERPT], "offset": start}


def _first_wrong(gold: Value, predicted: Value, pair: Pair) -> int:
    if isinstance(gold, str):
        return 0
    parts = [*gold, *predicted]
    if any(isinstance(part, Span) for part in parts):
        return min(span.start for span in set[Span](gold) ^ set[Span](predicted))
    tokens = pair.record.tokens or ()
    return next((t[0] for t, a, b in zip(tokens, gold, predicted, strict=False) if a != b), 0)
