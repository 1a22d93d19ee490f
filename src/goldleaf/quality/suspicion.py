"""What looks wrong about an annotator, and by what evidence: too fast, constant, copying, no better than chance.

Each test asks whether what is seen could be so by chance, with `ALARM` shared by all who are tested (Bonferroni), and says what it saw:

- too fast: the median time is under a third of the median of the others' medians, over at least `FEWEST` timed answers;
- constant: one value in nine of ten answers or more, where the others give it with probability f: the binomial tail of that many is
  under `ALARM`. (f is taken from the others' answers to the same records.)
- copying: two agree in s of the n records they share. With c the chance that two answers are the same, the agreement of a pair is taken
  to be c + (1 - c) u[a] u[b]; u is fitted to all pairs but that one, and gives e. The binomial tail of s of n at e is under `ALARM`, and
  s / n is more than a tenth above e. The other of the two is not named.
- no better than chance: the interval of the skill reaches down to chance and not up to the mean of all; chance is how often the annotator
  would agree with the others by giving the same labels to other records. Where values are no single labels, chance is half of the mean.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from scipy import stats  # pyright: ignore[reportMissingTypeStubs]

from goldleaf.core import brief, value_to_json
from goldleaf.measure import value_key
from goldleaf.quality.aggregation.votes import add_up, sum_by
from goldleaf.quality.labels import Answers, Bools, Floats, Ints

FEWEST = 10
"""Under so many answers nobody is suspected of anything."""
ALARM = 1e-3
FAST, CONSTANT, ABOVE = 1 / 3, 0.9, 0.1
MOST_PAIRS = 20_000_000
"""At most so many pairs of answers to one record are compared; the records after that are left out."""

Found = Iterator[tuple[int, str]]
"""An annotator's place, and a sentence."""


def suspect(answers: Answers, scores: Floats, skill: tuple[Floats, Floats, Floats]) -> list[list[str]]:
    """The sentences about each annotator, in the order of the tests. `scores` are of the answers `[n]`, `skill` with `low` and `high` of
    the annotators."""
    codes = _coded(answers)
    said: list[list[str]] = [[] for _ in answers.annotators]
    for found in (
        _too_fast(answers),
        _constant(answers, codes),
        _copying(answers, codes),
        _by_chance(answers, scores, skill, codes),
    ):
        for who, sentence in found:
            said[who].append(sentence)
    return said


def _coded(answers: Answers) -> Ints:
    """Equal values have equal numbers: `[n]`."""
    known: dict[Any, int] = {}
    keys = (value_key(value) for value in answers.values)
    return np.fromiter((known.setdefault(key, len(known)) for key in keys), np.int64, len(answers))


def _too_fast(answers: Answers) -> Found:
    timed = np.isfinite(answers.seconds)
    count = len(answers.annotators)
    answered = np.bincount(answers.annotator[timed], minlength=count)
    order = np.flatnonzero(timed)[np.lexsort((answers.seconds[timed], answers.annotator[timed]))]
    ends = np.cumsum(answered)
    tested = np.flatnonzero(answered >= FEWEST)
    medians = np.array([np.median(answers.seconds[order[ends[who] - answered[who] : ends[who]]]) for who in tested])
    for at, who in enumerate(tested.tolist() if len(tested) > 1 else ()):
        others = float(np.median(np.delete(medians, at)))
        if medians[at] < FAST * others:
            yield who, f"a median of {medians[at]:.1f} s an answer; others take {others:.1f} s"


def _constant(answers: Answers, codes: Ints) -> Found:
    count, width = len(answers.annotators), int(codes.max()) + 1
    answered = np.bincount(answers.annotator, minlength=count)
    cells, times = np.unique(answers.annotator * width + codes, return_counts=True)
    who, code = cells // width, cells % width
    tested = max(int((answered >= FEWEST).sum()), 1)
    often = (times >= CONSTANT * answered[who]) & (answered[who] >= FEWEST)
    per_record = np.bincount(answers.record, minlength=len(answers.records))
    for one, value, n in zip(who[often].tolist(), code[often].tolist(), times[often].tolist(), strict=True):
        mine = answers.annotator == one
        same = np.bincount(answers.record[codes == value], minlength=len(per_record))
        others = int((per_record[answers.record[mine]] - 1).sum())
        if not others:
            continue
        agreeing = int((same[answers.record[mine]] - (codes[mine] == value)).sum())
        f = (agreeing + 1) / (others + 2)
        if float(stats.binom.sf(n - 1, int(answered[one]), f)) < ALARM / tested:  # pyright: ignore[reportUnknownMemberType, reportUnknownArgumentType]
            said = value_to_json(answers.values[int(np.flatnonzero(codes == value)[0])])
            shown, rate = brief(said, 40), 100 * agreeing / others
            yield one, f"says {shown} in {n:,} of {int(answered[one]):,} answers; others say it in {rate:.0f} %"


def _copying(answers: Answers, codes: Ints) -> Found:
    who, other, shared, same = _pairs(answers, codes)
    tested = shared >= FEWEST
    if not tested.any():
        return
    chance = float(((np.bincount(codes) / len(codes)) ** 2).sum())
    expected = _explained(who, other, shared, same, chance)
    tail = stats.binom.sf(same - 1, shared, expected)  # pyright: ignore[reportUnknownMemberType]
    partners = np.bincount(np.concatenate([who, other]))
    alarm = tested & (tail < ALARM / tested.sum()) & (same / shared > expected + ABOVE)
    alarm &= (partners[who] > 2) & (partners[other] > 2)
    for at in np.flatnonzero(alarm).tolist():
        sentence = (
            f"gives the same answer as one other annotator in {same[at]:.0f} of {shared[at]:.0f} records; "
            f"how both agree with the rest explains {100 * expected[at]:.0f} %"
        )
        yield int(who[at]), sentence
        yield int(other[at]), sentence


def _explained(who: Ints, other: Ints, shared: Floats, same: Floats, chance: float) -> Floats:
    """The agreement of each pair that u explains: u by alternating least squares over all pairs, for each pair without it."""
    beyond = (same / shared - chance) / max(1 - chance, 1e-6)
    both, partner, weight = np.concatenate([who, other]), np.concatenate([other, who]), np.tile(shared, 2)
    gain, count = np.tile(beyond, 2) * weight, int(both.max()) + 1
    u = np.full(count, float(np.sqrt(max((beyond @ shared) / shared.sum(), 0.01))))
    above, below = u, np.ones(count)
    for _ in range(20):
        above = add_up(both, gain * u[partner], count)
        below = add_up(both, weight * u[partner] ** 2, count) + 1e-9
        u = np.clip(0.5 * u + 0.5 * above / below, 0, 1)
    ends = [
        np.clip((above[a] - shared * beyond * u[b]) / np.maximum(below[a] - shared * u[b] ** 2, 1e-9), 0, 1)
        for a, b in ((who, other), (other, who))
    ]
    return np.clip(chance + (1 - chance) * ends[0] * ends[1], 0.02, 0.98)


def _pairs(answers: Answers, codes: Ints) -> tuple[Ints, Ints, Floats, Floats]:
    """Pairs of annotators with records in common, how many those are, and in how many their answers are the same."""
    count, width = len(answers.annotators), int(codes.max()) + 1
    per_record = np.bincount(answers.record, minlength=len(answers.records))
    work = np.cumsum(per_record.astype(np.float64) ** 2)
    rows = np.flatnonzero((work <= MOST_PAIRS)[answers.record])
    record, annotator = answers.record[rows], answers.annotator[rows]
    members = sum_by(record, annotator, len(per_record), count)
    _, cell = np.unique(record * width + codes[rows], return_inverse=True)
    alike = sum_by(cell, annotator, int(cell.max()) + 1 if len(cell) else 0, count)
    together = (members.T @ members).tocoo()
    upper: Bools = together.row < together.col
    who: Ints = together.row[upper].astype(np.int64)
    other: Ints = together.col[upper].astype(np.int64)
    shared: Floats = together.data[upper]
    found = (alike.T @ alike).tocoo()
    key: Ints = found.row.astype(np.int64) * count + found.col
    order = np.argsort(key)
    key, data = key[order], found.data[order]
    at = np.minimum(np.searchsorted(key, who * count + other), max(len(key) - 1, 0))
    same: Floats = np.where(key[at] == who * count + other, data[at], 0.0) if len(key) else np.zeros(len(who))
    return who, other, shared, same


def _by_chance(answers: Answers, scores: Floats, skill: tuple[Floats, Floats, Floats], codes: Ints) -> Found:
    count = len(answers.annotators)
    known = np.isfinite(scores)
    if not known.any():
        return
    mean = float(scores[known].mean())
    answered = np.bincount(answers.annotator[known], minlength=count)
    if answers.kind == "choice" and not answers.many:
        classes = int(codes.max()) + 1
        own = np.bincount(answers.annotator * classes + codes, minlength=count * classes).reshape(count, classes)
        others = own.sum(axis=0) - own
        share = own / own.sum(axis=1, keepdims=True)
        chance = (share * others).sum(axis=1) / np.maximum(others.sum(axis=1), 1)
    else:
        chance = np.full(count, mean / 2)
    middle, low, high = skill
    for who in np.flatnonzero((answered >= FEWEST) & (low <= chance) & (high < mean)).tolist():
        yield (
            who,
            f"right in {100 * middle[who]:.0f} % ({100 * low[who]:.0f} to {100 * high[who]:.0f}); chance is {100 * chance[who]:.0f} %",
        )
