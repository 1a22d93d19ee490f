"""Answers to spans or tags laid on tokens: every record's tokens one after the other, and on them the spans that each answer has.

The tokens of a record are those of the records table, else what `goldleaf.text.segment` makes of its text, else the pieces between all
edges of its spans, and pieces as long as a usual span where nobody marked anything. A token that an edge cuts is cut in two for all; a span
that touches no token gets one. So each span is a run of whole tokens, and where answers differ by white space only they have the same run:
`exact` has the code points that most of them gave, and a value is told in those.

Tags in a scheme of spans (IOB1, IOB2, BIOES, BILOU, BMES) are spans of tokens, read by the rule of conlleval.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import chain, pairwise
from typing import Any, cast

import numpy as np
import pandas as pd

from goldleaf.core import InputError, Span, brief, tags_to_chunks
from goldleaf.quality.aggregation.votes import count_from
from goldleaf.quality.labels import Answers, Ints
from goldleaf.text import segment

Token = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Laid:
    """n tokens, record after record: record r has those from `first[r]` to `first[r + 1]`, which lie at `start` to `end` (code points; for
    tags the place of the token) and are the word `words[word]` (-1: not known). The m spans of all answers: span i is of the answer
    `answer[i]`, from the token `begin[i]` up to `stop[i]`, and has the label `labels[label[i]]`.
    """

    first: Ints
    start: Ints
    end: Ints
    word: Ints
    words: list[str]
    answer: Ints
    begin: Ints
    stop: Ints
    label: Ints
    labels: tuple[str, ...]
    exact: dict[tuple[int, int], Token] = field(default_factory=dict[tuple[int, int], Token])

    def span(self, begin: int, stop: int, label: str) -> Span:
        """The span of the text that a run of tokens is, at the code points that most answers with this run gave."""
        start, end = self.exact.get((begin, stop)) or (int(self.start[begin]), int(self.end[stop - 1]))
        return Span(start, end, label)


@dataclass(frozen=True, slots=True)
class _Flat:
    """The spans of all answers: of which answer and record, at which code points, with which label."""

    answer: Ints
    record: Ints
    start: Ints
    end: Ints
    label: Ints


def lay_spans(answers: Answers, records: pd.DataFrame | None = None) -> Laid:
    """The answers to a field of spans on tokens. Raises InputError where a span ends before it starts.

    >>> from goldleaf.quality.labels import read_answers
    >>> said = pd.DataFrame({"record": [1, 1], "annotator": ["a", "b"], "value": [[[0, 3, "X"]], [[1, 3, "X"]]]})
    >>> laid = lay_spans(read_answers(said)[0])
    >>> laid.start.tolist(), laid.end.tolist(), laid.begin.tolist(), laid.stop.tolist()
    ([0, 1, 3], [1, 3, 4], [0, 1], [2, 2])
    """
    place = {label: at for at, label in enumerate(answers.labels)}
    spans: list[Span] = list(chain.from_iterable(answers.values))
    answer = np.repeat(np.arange(len(answers)), [len(value) for value in answers.values])
    rows = np.array([(s[0], s[1], place[s[2]]) for s in spans], np.int64).reshape(-1, 3)
    start, end, label = rows[:, 0], rows[:, 1], rows[:, 2]
    flat = _Flat(answer, answers.record[answer], start, end, label)
    _check(flat, answers)
    texts, tokens = _known(answers.records, records)
    bare = [n for n, each in enumerate(tokens) if each is None]
    for n, pieces in _between_edges(flat, bare).items():
        tokens[n] = pieces
    lists = [each or [] for each in tokens]
    first, starts, ends = _joined(lists)
    begin, stop = _touched(first, starts, ends, flat)
    if cut := _cut(starts, ends, begin, stop, flat):
        for n, spans_there in cut.items():
            lists[n] = _refined(lists[n], spans_there)
        first, starts, ends = _joined(lists)
        begin, stop = _touched(first, starts, ends, flat)
    word, words = _words(texts, lists)
    exact = _exact(starts, ends, begin, stop, flat)
    return Laid(first, starts, ends, word, words, answer, begin, stop, label, answers.labels, exact)


def lay_tags(answers: Answers, records: pd.DataFrame | None = None) -> Laid:
    """The answers to a field of tags in a scheme of spans, on tokens that are numbered. Raises InputError for answers of two lengths."""
    sizes = tag_counts(answers)
    first: Ints = np.concatenate([[0], sizes.cumsum()])
    found = [tags_to_chunks(value) for value in answers.values]
    labels = tuple(sorted({chunk[2] for chunks in found for chunk in chunks}))
    place = {label: at for at, label in enumerate(labels)}
    answer = np.repeat(np.arange(len(answers)), [len(chunks) for chunks in found])
    rows = np.array([(c[0], c[1], place[c[2]]) for chunks in found for c in chunks], np.int64).reshape(-1, 3)
    base = first[answers.record[answer]]
    word, words = words_of_tags(answers, sizes, records)
    start = count_from(np.zeros(len(sizes), np.int64), sizes)
    begin, stop = base + rows[:, 0], base + rows[:, 1]
    return Laid(first, start, start + 1, word, words, answer, begin, stop, rows[:, 2], labels)


def tag_counts(answers: Answers) -> Ints:
    """How many tokens each record has, by its tags: `[records]`. Raises InputError where its answers differ in that."""
    lengths = np.array([len(value) for value in answers.values], np.int64)
    sizes = np.zeros(len(answers.records), np.int64)
    sizes[answers.record] = lengths
    if len(odd := np.flatnonzero(lengths != sizes[answers.record])):
        record = int(answers.record[odd[0]])
        found = " and ".join(str(n) for n in sorted(set(lengths[answers.record == record].tolist())))
        raise InputError(
            "answers have different numbers of tags",
            where=f"record {answers.records[record]}, field {answers.field}",
            found=found,
            expected="one a token",
        )
    return sizes


def words_of_tags(answers: Answers, sizes: Ints, records: pd.DataFrame | None) -> tuple[Ints, list[str]]:
    """The word of each tagged token, where the records table has as many tokens, or pieces between white space, as the record has tags."""
    texts, tokens = _known(answers.records, records, cut=False)
    fits = [_fitting(*each) for each in zip(texts, tokens, sizes.tolist(), strict=True)]
    known = [text if each is not None else None for text, each in zip(texts, fits, strict=True)]
    return _words(known, [each or [(0, 0)] * int(n) for each, n in zip(fits, sizes, strict=True)])


def _fitting(text: str | None, tokens: list[Token] | None, size: int) -> list[Token] | None:
    """The tokens of a record that has so many."""
    found = tokens if tokens is not None or text is None else [each.span() for each in re.finditer(r"\S+", text)]
    return found if found is not None and len(found) == size else None


def _check(flat: _Flat, answers: Answers) -> None:
    wrong = np.flatnonzero((flat.start < 0) | (flat.start >= flat.end))
    if len(wrong):
        at = int(wrong[0])
        raise InputError(
            "this is no span",
            where=f"record {answers.records[int(flat.record[at])]}, field {answers.field}",
            found=f"[{flat.start[at]}, {flat.end[at]}]",
            expected="0 <= start < end",
        )


def _known(
    names: Sequence[Any], records: pd.DataFrame | None, *, cut: bool = True
) -> tuple[list[str | None], list[list[Token] | None]]:
    """Text and tokens of each record, None where the records table does not have them; texts without tokens are `cut` into such."""
    texts: list[str | None] = [None] * len(names)
    tokens: list[list[Token] | None] = [None] * len(names)
    if records is None:
        return texts, tokens
    if "record" not in records.columns:
        raise InputError("this is no records table", found="no column record", expected="record, text, tokens")
    rows = {name: row for row, name in enumerate(records["record"].tolist())}
    columns = [records[name].tolist() if name in records.columns else None for name in ("text", "tokens")]
    for n, name in enumerate(names):
        if (row := rows.get(name)) is None:
            continue
        text, given = (column[row] if column is not None else None for column in columns)
        texts[n] = text if isinstance(text, str) else None
        tokens[n] = _pairs(given, name)
        if tokens[n] is None and cut and texts[n] is not None:
            tokens[n] = list(segment(texts[n] or ""))
    return texts, tokens


def _pairs(given: Any, name: Any) -> list[Token] | None:
    if given is None or np.isscalar(given):
        return None
    found = [(int(pair[0]), int(pair[1])) for pair in cast("Iterable[Sequence[int]]", given)]
    edges = [edge for token in found for edge in token]
    if any(a > b for a, b in pairwise(edges)) or any(start == end for start, end in found):
        expected = "[start, end] pairs in order, none empty or overlapping"
        raise InputError("tokens are out of place", where=f"record {name}", found=brief(found), expected=expected)
    return found


def _between_edges(flat: _Flat, bare: list[int]) -> dict[int, list[Token]]:
    """The pieces of each of these records between the edges of its spans. Where nobody marked anything they are as long as a usual span, up
    to where the usual record ends, as far as its spans tell, or one behind its own last."""
    inside = np.isin(flat.record, bare)
    spans: dict[int, list[Token]] = {n: [] for n in bare}
    for n, start, end in zip(*(x[inside].tolist() for x in (flat.record, flat.start, flat.end)), strict=True):
        spans[n].append((start, end))
    reach = [max(end for _, end in there) for there in spans.values() if there]
    usual = int(np.median(reach)) if reach else 1
    size = max(int(np.median((flat.end - flat.start)[inside])), 1) if reach else 1
    return {n: _pieces(sorted(set(there)), size, usual) for n, there in spans.items()}


def _pieces(spans: list[Token], size: int, usual: int) -> list[Token]:
    """
    >>> _pieces([(2, 6), (4, 7)], 4, 18)
    [(0, 2), (2, 4), (4, 6), (6, 7), (7, 11), (11, 15), (15, 18)]
    """
    edges = sorted({0, *(edge for span in spans for edge in span)})
    edges.append(max(edges[-1] + 1, usual))
    found: list[Token] = []
    reach, at = 0, 0
    for start, end in pairwise(edges):
        while at < len(spans) and spans[at][0] <= start:
            reach, at = max(reach, spans[at][1]), at + 1
        cuts = [start, end] if reach > start else [*range(start, end, size), end]
        found.extend(pairwise(cuts))
    return found


def _joined(lists: list[list[Token]]) -> tuple[Ints, Ints, Ints]:
    sizes = np.array([len(each) for each in lists], np.int64)
    rows = np.array(list(chain.from_iterable(lists)), np.int64).reshape(-1, 2)
    return np.concatenate([[0], sizes.cumsum()]), rows[:, 0].copy(), rows[:, 1].copy()


def _touched(first: Ints, starts: Ints, ends: Ints, flat: _Flat) -> tuple[Ints, Ints]:
    """The first token that each span touches and one past the last: the text of all records thought as one long line."""
    reach = np.zeros(len(first) - 1, np.int64)
    sizes = np.diff(first)
    reach[sizes > 0] = ends[first[1:][sizes > 0] - 1]
    np.maximum.at(reach, flat.record, flat.end)
    base = np.concatenate([[0], (reach + 1).cumsum()])[:-1]
    shift, offset = np.repeat(base, sizes), base[flat.record]
    begin = np.searchsorted(ends + shift, flat.start + offset, side="right")
    return begin, np.searchsorted(starts + shift, flat.end + offset, side="left")


def _cut(starts: Ints, ends: Ints, begin: Ints, stop: Ints, flat: _Flat) -> dict[int, list[Token]]:
    """All spans of the records that have one that touches no token or has an edge inside one, by record."""
    wrong = begin >= stop
    there = np.flatnonzero(~wrong)
    inside = (starts[begin[there]] < flat.start[there]) | (ends[stop[there] - 1] > flat.end[there])
    wrong[there] = inside
    wrong = np.isin(flat.record, flat.record[wrong])
    found: dict[int, list[Token]] = {}
    for n, start, end in zip(*(x[wrong].tolist() for x in (flat.record, flat.start, flat.end)), strict=True):
        found.setdefault(n, []).append((start, end))
    return found


def _refined(tokens: list[Token], spans: list[Token]) -> list[Token]:
    """The tokens, cut at the edges of the spans, with tokens of their own for spans that touch none.

    >>> _refined([(0, 5), (6, 9)], [(0, 4), (5, 6)])
    [(0, 4), (4, 5), (5, 6), (6, 9)]
    """
    edges = sorted({edge for span in spans for edge in span})
    alone = [s for s in spans if not any(start < s[1] and s[0] < end for start, end in tokens)]
    pieces: set[Token] = set()
    for start, end in [*tokens, *alone]:
        pieces.update(pairwise([start, *(edge for edge in edges if start < edge < end), end]))
    return sorted(pieces)


def _words(texts: Sequence[str | None], lists: list[list[Token]]) -> tuple[Ints, list[str]]:
    found = [
        text[start:end] if text is not None else None
        for text, tokens in zip(texts, lists, strict=True)
        for start, end in tokens
    ]
    codes, words = pd.factorize(np.array(found, dtype=object))
    return codes.astype(np.int64), [str(word) for word in words]


def _exact(starts: Ints, ends: Ints, begin: Ints, stop: Ints, flat: _Flat) -> dict[tuple[int, int], Token]:
    """For runs of tokens that some answer marked with other code points: those that most gave, of equals the first."""
    differs = (starts[begin] != flat.start) | (ends[stop - 1] != flat.end)
    if not differs.any():
        return {}
    runs = {(int(b), int(s)) for b, s in zip(begin[differs], stop[differs], strict=True)}
    votes: dict[tuple[int, int], dict[Token, int]] = {}
    for b, s, start, end in zip(begin.tolist(), stop.tolist(), flat.start.tolist(), flat.end.tolist(), strict=True):
        if (b, s) in runs:
            there = votes.setdefault((b, s), {})
            there[start, end] = there.get((start, end), 0) + 1
    return {run: min(there, key=lambda at: (-there[at], at)) for run, there in votes.items()}
