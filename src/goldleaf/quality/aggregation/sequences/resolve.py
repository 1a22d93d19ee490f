"""The ways of aggregating spans and tags, by their names: from the answers to a field to values with a confidence."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from itertools import chain
from typing import Any

import numpy as np
import pandas as pd

from goldleaf.core import InputError, Prediction, Span, chunks_to_tags, guess_scheme
from goldleaf.quality.aggregation.sequences.auto import shape_of_answers, why_majority
from goldleaf.quality.aggregation.sequences.bsc import fit_bsc
from goldleaf.quality.aggregation.sequences.hmm_crowd import fit_hmm_crowd
from goldleaf.quality.aggregation.sequences.model_as_annotator import with_model, without_model
from goldleaf.quality.aggregation.sequences.plain_tags import resolve_plain_tags
from goldleaf.quality.aggregation.sequences.sequenced import NOTHING, PARTS, Question, Sequenced
from goldleaf.quality.aggregation.sequences.span_chain import Chained
from goldleaf.quality.aggregation.sequences.span_decision import Decided, decide_by_majority, decide_by_model, overlap
from goldleaf.quality.aggregation.sequences.span_tokens import Laid, lay_spans, lay_tags
from goldleaf.quality.aggregation.sequences.span_votes import Told, tell
from goldleaf.quality.aggregation.sequences.span_words import Words, read_words
from goldleaf.quality.labels import Answers

MODELS: dict[str, Callable[[Told, int, Words | None], Chained]] = {"hmm_crowd": fit_hmm_crowd, "bsc": fit_bsc}
"""`fn(told, labels, words) -> Chained`"""
SEQUENCE: tuple[str, ...] = ("auto", "majority", *MODELS)
"""The ways of aggregating spans and tags."""
READING = ("bsc",)
"""Those of them that look at the words."""
BEST, BEST_OF_PLAIN = "bsc", "hmm_crowd"


def resolve_sequence(
    answers: Answers,
    method: str,
    records: pd.DataFrame | None = None,
    *,
    predictions: Mapping[Any, Prediction] | None = None,
) -> Sequenced:
    """The answers to a field of spans or tags, resolved; models of sequences take a model's `predictions` for those of one annotator more.
    Raises InputError for a method that is not in `SEQUENCE`."""
    if method not in SEQUENCE:
        raise InputError(f"no such way of aggregating {answers.kind}", found=method, expected=" or ".join(SEQUENCE))
    spans = answers.kind == "spans" or marks_spans(answers)
    lay = lay_spans if answers.kind == "spans" else lay_tags
    laid, reason = lay(answers, records) if spans else None, ""
    if method == "auto":
        marks = len(laid.begin) if laid is not None else sum(map(len, answers.values))
        reason = why_majority(answers, marks=marks, words=laid is not None and bool((laid.word >= 0).any()))
        method = "majority" if reason else BEST if spans else BEST_OF_PLAIN
        reason = reason or shape_of_answers(answers)
    if predictions and method != "majority":
        both = with_model(answers, predictions)
        found = _resolve(both, method, f"{reason}, and a model's".lstrip(", "), lay(both, records) if spans else None)
        return without_model(found, len(answers.annotators))
    return _resolve(answers, method, reason, laid)


def _resolve(answers: Answers, method: str, reason: str, laid: Laid | None) -> Sequenced:
    if laid is None:
        return replace(resolve_plain_tags(answers, method), reason=reason)
    return (_of_spans if answers.kind == "spans" else _of_tags)(answers, method, reason, laid)


def marks_spans(answers: Answers) -> bool:
    """Whether the tags are those of a scheme of spans: each is O, or a prefix of one, a dash and a label."""
    try:
        guess_scheme(answers.labels)
    except InputError:
        return False
    return True


def _of_spans(answers: Answers, method: str, reason: str, laid: Laid) -> Sequenced:
    """Spans of the text; where those of one answer share text, each label is a question of its own, and where spans of one label do, the
    majority decides."""
    parts = [laid]
    if overlap(laid):
        parts = [_only(laid, label) for label in range(len(laid.labels))]
        reasons = [reason, "a question of its own for each label, as spans share text"]
        if method != "majority" and any(overlap(part) for part in parts):
            method, reasons[0] = "majority", "spans of one label lie in one another, which no model here does"
        reason = "; ".join(filter(None, reasons))
    decided = [_decide(answers, part, method) for part in parts]
    names = [list(part.labels) for part in parts]
    spans = [
        (record, laid.span(begin, stop, name[label]), sure)
        for one, name in zip(decided, names, strict=True)
        for record, begin, stop, label, sure in _rows(one, laid)
    ]
    spans.sort(key=lambda row: (row[0], row[1]))
    values: list[list[Span]] = [[] for _ in answers.records]
    for record, span, _ in spans:
        values[record].append(span)
    columns = [
        [answers.records[record] for record, _, _ in spans],
        [span.start for _, span, _ in spans],
        [span.end for _, span, _ in spans],
        [span.label for _, span, _ in spans],
        [sure for _, _, sure in spans],
    ]
    return _result(decided, names, values, columns, method, reason)


def _of_tags(answers: Answers, method: str, reason: str, laid: Laid) -> Sequenced:
    """Tags that mark spans, in the scheme that they are given in."""
    scheme = guess_scheme(chain.from_iterable(answers.values))
    one, names = _decide(answers, laid, method), list(laid.labels)
    chunks: list[list[tuple[int, int, str]]] = [[] for _ in answers.records]
    rows = [
        (r, b - int(laid.first[r]), s - int(laid.first[r]), names[k], sure) for r, b, s, k, sure in _rows(one, laid)
    ]
    for record, begin, stop, name, _ in rows:
        chunks[record].append((begin, stop, name))
    sizes = np.diff(laid.first).tolist()
    values = [chunks_to_tags(each, size, scheme) for each, size in zip(chunks, sizes, strict=True)]
    columns = [list(each) for each in zip(*rows, strict=True)] or [[] for _ in PARTS]
    columns[0] = [answers.records[record] for record in columns[0]]
    return _result([one], [names], values, columns, method, reason)


def _result(
    decided: list[Decided],
    names: list[list[str]],
    values: list[Any],
    columns: list[list[Any]],
    method: str,
    reason: str,
) -> Sequenced:
    asked = [Question(d.votes, d.truth, [*name, NOTHING]) for d, name in zip(decided, names, strict=True)]
    confidence = np.prod([each.confidence for each in decided], axis=0)
    spans = pd.DataFrame(dict(zip(PARTS, columns, strict=True)))
    return Sequenced(values, confidence, spans, asked, method, reason, max(each.iterations for each in decided))


def _decide(answers: Answers, laid: Laid, method: str) -> Decided:
    if method == "majority" or not len(laid.begin):
        return decide_by_majority(answers, laid)
    told = tell(answers, laid)
    words = read_words(laid, told) if method in READING else None
    return decide_by_model(answers, laid, told, MODELS[method](told, len(laid.labels), words), words)


def _only(laid: Laid, label: int) -> Laid:
    """The spans of one label."""
    mine = laid.label == label
    return replace(
        laid,
        answer=laid.answer[mine],
        begin=laid.begin[mine],
        stop=laid.stop[mine],
        label=np.zeros(int(mine.sum()), np.int64),
        labels=(laid.labels[label],),
    )


def _rows(decided: Decided, laid: Laid) -> Iterator[tuple[int, int, int, int, float]]:
    """Record, first token, one past the last, label and confidence of each span."""
    record = np.searchsorted(laid.first, decided.begin, side="right") - 1
    columns = (record, decided.begin, decided.stop, decided.label, decided.sure)
    return zip(*(column.tolist() for column in columns), strict=True)
