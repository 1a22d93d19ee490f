"""Where in a sentence something is wrong with the given spans, and what is proposed there.

From the probabilities t[n, k] of the true tags comes the log odds of each token that its given tag is wrong, w[n] = log(1 - t[n, g]) -
log t[n, g]. The tokens of a given span were labelled by one decision: the odds of each are half its own and half the mean of the span's,
(w[n] + mean w) / 2. Tokens given nothing have their own: to overlook something is no decision.

A site is a given span, or a run of tokens given nothing that are wrong with at least some probability; such a run beside a span that goes
on in it, by the best tags, is part of the span's site. It is as probably wrong as the most suspect of its tokens. Proposed is the
correction, among those that a person would make (another label, other borders, none at all, a new span), with the largest

    sum_n log q[n, tag] + min_n log r[g, tag]    (the minimum over the tokens whose tag it changes),

where q is believed of the tags by all but the gold, and r how often people make each mistake (`channel`): one mistake has one rate.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, cast

import numpy as np

from goldleaf.core import Chunk
from goldleaf.quality.labels import Floats, Ints

Chunks = list[tuple[int, int, int]]
"""First token, one past the last, number of the label."""


@dataclass(frozen=True, slots=True)
class Site:
    """The tokens from `start` to `end`, the chunks given and proposed there, and how probable the given ones are wrong."""

    start: int
    end: int
    given: Chunks
    proposed: Chunks
    probability: float

    @property
    def error(self) -> str:
        """What is wrong: `missed`, `invented`, `type` (the label), `boundary`, or `both` (label and borders, or more than one span)."""
        if not self.given or not self.proposed:
            return "invented" if self.given else "missed"
        (first, *more), (other, *others) = self.given, self.proposed
        if more or others:
            return "both"
        if first[:2] == other[:2]:
            return "type"
        return "boundary" if first[2] == other[2] else "both"

    @property
    def changed(self) -> tuple[int, int]:
        """The tokens from the first to the last whose tag the proposal changes."""
        size = self.end - self.start
        before, after = (
            _tags([(start - self.start, end - self.start, label) for start, end, label in chunks], size)
            for chunks in (self.given, self.proposed)
        )
        places = np.flatnonzero(before != after)
        return self.start + int(places[0]), self.start + int(places[-1]) + 1


def wrong_odds(true: Floats, given: Ints) -> Floats:
    """The log odds `[tokens]` that the given tags are wrong."""
    right = np.clip(true[np.arange(len(given)), given], 1e-12, 1 - 1e-12)
    return cast("Floats", np.log1p(-right) - np.log(right))


def find_sites(
    true: Floats, believed: Floats, given: Ints, rates: Floats, *, at_least: float
) -> tuple[list[Site], Floats]:
    """The sites of one record, from `[tokens, classes]` and `[tokens]`, and the probability of each token that its tag is wrong."""
    odds, chunks = wrong_odds(true, given), chunks_of_tags(given)
    for start, end, _ in chunks:
        odds[start:end] = (odds[start:end] + odds[start:end].mean()) / 2
    wrong = sigmoid(odds)
    sites: list[Site] = []
    for start, end, inside in _places(believed, given, wrong >= at_least, chunks) if (wrong >= at_least).any() else ():
        probability = float(wrong[start:end].max())
        if probability >= at_least:
            scores = np.log(np.maximum(believed[start:end], 1e-30))
            proposed = _propose(scores, np.log(rates[given[start:end]] + 1e-30), start, inside)
            sites.append(Site(start, end, inside, proposed, probability))
    return sites, wrong


def chunks_of_tags(tags: Ints) -> Chunks:
    """The chunks that tags (0 is `O`, then `B-` and `I-` of each label) mark, by the rule of conlleval.

    >>> chunks_of_tags(np.array([2, 2, 1, 4]))
    [(0, 2, 0), (2, 3, 0), (3, 4, 1)]
    """
    found: Chunks = []
    start = current = 0
    for place, number in enumerate([*cast("list[int]", tags.tolist()), 0]):
        label = (number + 1) // 2
        if label == current and number % 2 == 0:
            continue
        if current:
            found.append((start, place, current - 1))
        start, current = place, label
    return found


def _places(believed: Floats, given: Ints, suspect: Any, chunks: Chunks) -> Iterator[tuple[int, int, Chunks]]:
    """Each site's tokens and the chunks that are given there."""
    best = cast("list[int]", (believed[:, 1:].argmax(axis=1) + 1).tolist()) if believed.shape[1] > 1 else []
    runs = _runs(suspect & (given == 0))
    starts, ends = dict(runs), {end: start for start, end in runs}
    taken: set[int] = set()
    for start, end, label in chunks:
        low, high = start, end
        if end in starts and best[end] in (2 * label + 2, _inside(best[end - 1])):  # the span goes on in the run
            high = starts[end]
            taken.add(end)
        run = ends.get(start)
        if (
            run is not None and run not in taken and best[start] == _inside(best[start - 1])
        ):  # the run goes on in the span
            low = run
            taken.add(run)
        yield low, high, [(start, end, label)]
    for start, end in runs:
        if start not in taken:
            yield start, end, []


def _inside(tag: int) -> int:
    """The tag that goes on with the label of a tag."""
    return tag + tag % 2


def _runs(marked: Any) -> list[tuple[int, int]]:
    """The maximal runs of marked places."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], np.asarray(marked, dtype=np.int8), [0]])))
    return [(start, end) for start, end in edges.reshape(-1, 2).tolist()]


def _propose(scores: Floats, mistakes: Floats, offset: int, given: Chunks) -> Chunks:
    """The correction of the given chunks with the largest score, by the log probabilities of the tags of a site and the log rates at which
    each is given as the one that is, both `[tokens, classes]`."""
    size, labels = len(scores), (int(scores.shape[1]) - 1) // 2
    inside = [(start - offset, end - offset, label) for start, end, label in given]
    decoded, entity = chunks_of_tags(scores.argmax(axis=1)), chunks_of_tags(scores[:, 1:].argmax(axis=1) + 1)
    borders = {(0, size)} | {(start, end) for start, end, _ in [*decoded, *entity, *inside]}
    borders |= {
        shorter for start, end, _ in inside for shorter in ((start + 1, end), (start, end - 1)) if end - start > 1
    }
    options: list[Chunks] = [[(start, end, label)] for start, end in sorted(borders) for label in range(labels)]
    options = [each for each in [*options, decoded, entity, []] if each != inside]
    before, rows = _tags(inside, size), np.arange(size)

    def score(option: Chunks) -> float:
        tags = _tags(option, size)
        changed = tags != before
        return float(scores[rows, tags].sum() + mistakes[rows[changed], tags[changed]].min(initial=0))

    return [(start + offset, end + offset, label) for start, end, label in max(options, key=score)]


def _tags(chunks: Chunks, size: int) -> Ints:
    tags = np.zeros(size, dtype=np.int64)
    for start, end, label in chunks:
        tags[start], tags[start + 1 : end] = 2 * label + 1, 2 * label + 2
    return tags


def sigmoid(odds: Floats) -> Floats:
    """The probability of log odds."""
    return cast("Floats", 1 / (1 + np.exp(-odds)))


def apply_sites(chunks: Chunks, sites: Sequence[Site]) -> Chunks:
    """The chunks of a record with what is proposed at the sites; where two proposals share a token, the more probable one."""
    kept = dict.fromkeys(chunks, 1.0)
    for site in sorted(sites, key=lambda each: -each.probability):
        rest = {c: p for c, p in kept.items() if c not in site.given}
        clash = [c for c in rest for new in site.proposed if c[0] < new[1] and new[0] < c[1]]
        if not clash:
            kept = rest | dict.fromkeys(site.proposed, site.probability)
    return sorted(kept)


def named(chunks: Chunks, labels: Sequence[str]) -> list[Chunk]:
    """The chunks with their labels' names."""
    return [(start, end, labels[label]) for start, end, label in chunks]
