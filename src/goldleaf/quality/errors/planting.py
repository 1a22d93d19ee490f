"""Planting errors: gold with mistakes of the kinds that annotators make, to see whether they are found, and how often a probability is
right.

Of a choice a label becomes another, drawn by how probable the model thinks each (its power 1/2: a plausible mistake, not a wild one);
of many labels one is dropped or added so. Of spans, at the ratios of `channel`, one is overlooked, gets another label drawn so, loses or
gains a token, or a token given nothing is made one. Half of the time an overlooked or mislabelled span is so wherever its words stand in
the document: whoever mistakes a name does so throughout. Tags are as choices, one a token.

Mistakes that the gold has already are not planted, and count as right where they are found; so what is measured is a floor.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from typing import Any, cast

import numpy as np

from goldleaf.core import chunks_to_spans
from goldleaf.quality.errors.case import Case
from goldleaf.quality.errors.channel import INVENTED, MISCUT, MISLABELLED, OVERLOOKED
from goldleaf.quality.errors.sequences import Sequences, line_up, pairs
from goldleaf.quality.errors.sites import Chunks, chunks_of_tags, named
from goldleaf.quality.labels import Floats

Planted = dict[int, Any]
"""The new values of the records, by their places in the gold, that differ from the old."""
THROUGHOUT = 0.5


def plant(case: Case, share: float, rng: np.random.Generator) -> Planted:
    """Mistakes in about `share` of the labels of the judged records (of spans and tags, of the spans and tokens)."""
    return _PLANT[case.field.kind](case, share, rng)


def _plausible(probabilities: Floats, given: int) -> Floats:
    """How probable each other class is as a mistake."""
    weights = np.sqrt(probabilities)
    weights[given] = 0
    return weights / weights.sum()


def _plant_choice(case: Case, share: float, rng: np.random.Generator) -> Planted:
    classes, planted = list(case.opinions.classes), Planted()
    judged, opinion = cast("list[int]", case.judged.tolist()), cast("list[int]", case.opinion.tolist())
    for at, said in zip(judged, opinion, strict=True):
        if rng.random() >= share or len(classes) < 2:
            continue
        value, probabilities = case.gold.values[at], case.opinions.probabilities[said]
        if case.field.many:
            chances = np.array([1 - p if name in value else p for name, p in zip(classes, probabilities, strict=True)])
            turned = classes[int(rng.choice(len(classes), p=np.sqrt(chances) / np.sqrt(chances).sum()))]
            planted[at] = [name for name in classes if (name in value) != (name == turned)]
        else:
            planted[at] = classes[int(rng.choice(len(classes), p=_plausible(probabilities, classes.index(value))))]
    return planted


def _plant_tags(case: Case, share: float, rng: np.random.Generator) -> Planted:
    lined, classes, planted = line_up(case), list(case.opinions.classes), Planted()
    for n, at in enumerate(cast("list[int]", case.judged.tolist())):
        rows = lined.rows(n)
        given, probabilities = lined.given[rows].copy(), lined.probabilities[rows]
        for token in np.flatnonzero(rng.random(len(given)) < share).tolist() if len(classes) > 1 else ():
            given[token] = rng.choice(len(classes), p=_plausible(probabilities[token], int(given[token])))
        if not np.array_equal(given, lined.given[rows]):
            planted[at] = [classes[k] for k in cast("list[int]", given.tolist())]
    return planted


def _plant_spans(case: Case, share: float, rng: np.random.Generator) -> Planted:
    lined = line_up(case)
    labels = [name[2:] for name in case.opinions.classes[1::2]]
    chunks = [chunks_of_tags(lined.given[lined.rows(n)]) for n in range(len(case))]
    before = [list(each) for each in chunks]
    same = _same_spans(lined, chunks)
    kinds = np.array([OVERLOOKED, MISLABELLED if len(labels) > 1 else 0.0, 10 * MISCUT])
    for n, found in enumerate(before):
        for chunk in found:
            if rng.random() < share:
                kind = int(rng.choice(3, p=kinds / kinds.sum()))
                label = _other_label(lined, n, chunk, rng) if kind == 1 else -1
                throughout = kind < 2 and rng.random() < THROUGHOUT
                for m, other in same[_key(lined, n, chunk)] if throughout else [(n, chunk)]:
                    _change(chunks[m], other, label, len(lined.given[lined.rows(m)]), kind, rng)
    _invent(lined, chunks, share * INVENTED / OVERLOOKED, rng)
    judged = cast("list[int]", case.judged.tolist())
    return {
        at: chunks_to_spans(named(sorted(chunks[n]), labels), pairs(lined.tokens[lined.rows(n)]))
        for n, at in enumerate(judged)
        if sorted(chunks[n]) != before[n]
    }


def _key(lined: Sequences, n: int, chunk: tuple[int, int, int]) -> Any:
    """What spans of the same words in one document, with one label, share."""
    start, end, label = chunk
    first = int(lined.starts[n])
    return (n, chunk) if lined.words is None else (*lined.words[first + start : first + end].tolist(), label)


def _same_spans(lined: Sequences, chunks: list[Chunks]) -> dict[Any, list[tuple[int, tuple[int, int, int]]]]:
    same: dict[Any, list[tuple[int, tuple[int, int, int]]]] = defaultdict(list)
    for n, found in enumerate(chunks):
        for chunk in found:
            same[_key(lined, n, chunk)].append((n, chunk))
    return same


def _other_label(lined: Sequences, n: int, chunk: tuple[int, int, int], rng: np.random.Generator) -> int:
    start, end, label = chunk
    rows = lined.probabilities[lined.rows(n)][start:end].mean(axis=0)
    by_label = rows[1::2] + rows[2::2]
    return int(rng.choice(len(by_label), p=_plausible(by_label, label)))


def _change(
    chunks: Chunks, chunk: tuple[int, int, int], label: int, size: int, kind: int, rng: np.random.Generator
) -> None:
    """Make one mistake about a chunk, if it still stands."""
    if chunk not in chunks:
        return
    chunks.remove(chunk)
    start, end, old = chunk
    if kind == 1:
        chunks.append((start, end, label))
    elif kind == 2:
        options = [(start + 1, end), (start, end - 1)] if end - start > 1 else []
        options += [(start - 1, end)] if start > 0 else []
        options += [(start, end + 1)] if end < size else []
        free = [(a, b) for a, b in options if not any(a < e and s < b for s, e, _ in chunks)] or [(start, end)]
        chunks.append((*free[int(rng.integers(len(free)))], old))


def _invent(lined: Sequences, chunks: list[Chunks], share: float, rng: np.random.Generator) -> None:
    """Make spans of single tokens given nothing, as many as `share` of the given spans, where the model doubts most that there is none."""
    labels = (int(lined.probabilities.shape[1]) - 1) // 2
    free = np.flatnonzero(lined.given == 0)
    count = min(round(share * sum(map(len, chunks))), len(free)) if labels else 0
    if not count:
        return
    weights = np.sqrt(1 - lined.probabilities[free, 0])
    for token in cast("list[int]", rng.choice(free, count, replace=False, p=weights / weights.sum()).tolist()):
        n = int(lined.records[token])
        place, row = token - int(lined.starts[n]), lined.probabilities[token]
        by_label = np.sqrt(row[1::2] + row[2::2])
        if not any(start <= place < end for start, end, _ in chunks[n]):
            chunks[n].append((place, place + 1, int(rng.choice(labels, p=by_label / by_label.sum()))))


_PLANT: dict[str, Callable[[Case, float, np.random.Generator], Planted]] = {
    "choice": _plant_choice,
    "spans": _plant_spans,
    "tags": _plant_tags,
}
