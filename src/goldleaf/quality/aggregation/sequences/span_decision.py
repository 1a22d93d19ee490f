"""Which spans hold, by the majority or by a model of sequences, and how sure that is."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from goldleaf.quality.aggregation.sequences.candidates import Candidates, candidates
from goldleaf.quality.aggregation.sequences.chains import Runs, chance_of_runs
from goldleaf.quality.aggregation.sequences.missed import chance_of_none
from goldleaf.quality.aggregation.sequences.span_chain import Chained, spans_on
from goldleaf.quality.aggregation.sequences.span_tokens import Laid
from goldleaf.quality.aggregation.sequences.span_votes import Told
from goldleaf.quality.aggregation.sequences.span_words import Words
from goldleaf.quality.aggregation.votes import LEAST, Matrix, Votes, add_up, count_votes
from goldleaf.quality.labels import Answers, Bools, Floats, Ints

HALF = 0.5 - 1e-9
SHARE, ALIKE = 0.4, 0.6
"""How much of a confidence is the share of the answers; how far answers to one record are taken to miss the same (1: as one answer)."""


@dataclass(frozen=True, slots=True)
class Decided:
    """The spans that hold: laid tokens from `begin` up to `stop`, `label` and `sure` `[spans]`, in the order of the text; `confidence`
    `[records]`; the votes on what was in question and the `truth` `[questions, labels + 1]` that annotators are judged by."""

    begin: Ints
    stop: Ints
    label: Ints
    sure: Floats
    confidence: Floats
    votes: Votes
    truth: Matrix
    iterations: int = 0


def decide_by_majority(answers: Answers, laid: Laid) -> Decided:
    """A span holds where at least half of its record's answers have exactly it; of spans that share tokens the one with more votes (of
    equals the longer, then the earlier), but for two that one answer has both.

    A span's confidence is the share of the answers that have it; a record's the mean over all spans of its answers of the shares that are
    for what was decided.
    """
    none = np.zeros(0, np.int64)
    asked = candidates(answers, laid, none, none)
    share = count_votes(asked.votes)[:, :-1]
    share /= np.bincount(answers.record, minlength=len(answers.records))[asked.record][:, np.newaxis]
    question, label = np.nonzero(share >= HALF)
    held = _without_conflicts(asked, question, label, share[question, label], laid)
    question, label = question[held], label[held]
    truth = np.zeros((len(share), share.shape[1] + 1))
    truth[question, label] = 1
    truth[:, -1] = np.maximum(1 - truth.sum(axis=1), 0)
    truth /= truth.sum(axis=1, keepdims=True)
    given = share > 0
    kept = np.zeros(share.shape, bool)
    kept[question, label] = True
    record, records = asked.record, len(answers.records)
    behind = add_up(record, np.where(kept, share, np.where(given, 1 - share, 0)).sum(axis=1), records)
    count = np.bincount(record, given.sum(axis=1), minlength=records)
    confidence = np.where(count > 0, behind / np.maximum(count, 1), 1.0)
    sure = share[question, label]
    return Decided(asked.begin[question], asked.stop[question], label, sure, confidence, asked.votes, truth)


def _without_conflicts(asked: Candidates, question: Ints, label: Ints, share: Floats, laid: Laid) -> Ints:
    """Which of the spans stay, in the order of the text."""
    begin, stop, record = asked.begin[question], asked.stop[question], asked.record[question]
    reach = np.maximum.accumulate(np.r_[-1, stop])[:-1]
    meets = begin < reach
    if not meets.any():
        return np.arange(len(question))
    together = _given_together(laid)
    busy = set(record[meets].tolist())
    kept = [at for at in range(len(question)) if record[at] not in busy]
    chosen: dict[int, list[int]] = {}
    inside = [at for at in range(len(question)) if record[at] in busy]
    for at in sorted(inside, key=lambda n: (-share[n], begin[n] - stop[n], begin[n], label[n])):
        mine = (int(begin[at]), int(stop[at]), int(label[at]))
        others = chosen.setdefault(int(record[at]), [])
        rest = ((int(begin[n]), int(stop[n]), int(label[n])) for n in others)
        if all(mine[1] <= b or s <= mine[0] or frozenset((mine, (b, s, k))) in together for b, s, k in rest):
            others.append(at)
            kept.append(at)
    return np.sort(np.array(kept, np.int64))


def _given_together(laid: Laid) -> set[frozenset[tuple[int, int, int]]]:
    """Pairs of spans that share tokens and are in one answer."""
    found: set[frozenset[tuple[int, int, int]]] = set()
    for rows in np.split(np.arange(len(laid.answer)), np.flatnonzero(np.diff(laid.answer)) + 1):
        if len(rows) > 1 and overlap(laid, rows):
            spans = [(int(laid.begin[n]), int(laid.stop[n]), int(laid.label[n])) for n in rows]
            found.update(
                frozenset((one, two)) for at, one in enumerate(spans) for two in spans[at + 1 :] if two[0] < one[1]
            )
    return found


def overlap(laid: Laid, rows: Ints | slice = slice(None)) -> bool:
    """Whether two spans of one answer share a token: of these rows, which are in the order of answers and text."""
    answer, begin, stop = laid.answer[rows], laid.begin[rows], laid.stop[rows]
    order = np.lexsort((stop, begin, answer))
    answer, begin, stop = answer[order], begin[order], stop[order]
    return bool(((answer[1:] == answer[:-1]) & (begin[1:] < stop[:-1])).any())


def decide_by_model(answers: Answers, laid: Laid, told: Told, fit: Chained, words: Words | None = None) -> Decided:
    """The spans of the most probable path.

    A span's confidence is `SHARE` parts of the share of the answers that have it and 1 - `SHARE` parts of its probability by the model,
    which takes mistakes of annotators for independent and is too sure. A record's is the product of those of its spans, of the chances that
    the spans rejected elsewhere in it are none, and of the chance that nobody missed one (`missed`).
    """
    begin, stop, label = spans_on(fit.path, told, len(laid.labels))
    asked = candidates(answers, laid, begin, stop)
    chance = _chances(asked, laid, told, fit, (begin, stop, label))
    truth = np.c_[chance, np.maximum(1 - chance.sum(axis=1), 0)]
    truth /= truth.sum(axis=1, keepdims=True)
    given = np.bincount(answers.record, minlength=len(answers.records))
    share = count_votes(asked.votes)[:, :-1] / given[asked.record][:, np.newaxis]
    mixed = (1 - SHARE) * chance + SHARE * share
    sure = mixed[asked.find(begin, stop), label]
    discount = (1 + (given - 1) * ALIKE).astype(np.float64)
    whole = chance_of_none(answers, laid, told, fit, words, discount)
    whole += add_up(np.searchsorted(laid.first, begin, side="right") - 1, np.log(np.maximum(sure, LEAST)), len(given))
    rejected = np.where(_apart(asked, begin, stop), mixed.sum(axis=1), 0.0)
    whole += add_up(asked.record, np.log1p(-np.minimum(rejected, 1 - LEAST)), len(given))
    return Decided(begin, stop, label, sure, np.exp(whole), asked.votes, truth, fit.iterations)


def _apart(asked: Candidates, begin: Ints, stop: Ints) -> Bools:
    """Which places share no token with one of these runs."""
    length = int(max(asked.stop.max(initial=0), 0)) + 1
    edges = np.bincount(begin, minlength=length) - np.bincount(stop, minlength=length)
    taken = np.r_[0, (edges.cumsum() > 0).cumsum()]
    return (asked.begin >= 0) & (taken[np.maximum(asked.stop, 0)] == taken[np.maximum(asked.begin, 0)])


def _chances(asked: Candidates, laid: Laid, told: Told, fit: Chained, found: tuple[Ints, Ints, Ints]) -> Matrix:
    """The probability of each label at each place, by the model: `[q, labels]`; 0 for labels that nobody gives there."""
    labels = len(laid.labels)
    pairs = np.unique(
        np.r_[
            asked.find(laid.begin, laid.stop) * labels + laid.label,
            asked.find(found[0], found[1]) * labels + found[2],
        ]
    )
    question, label = pairs // max(labels, 1), pairs % max(labels, 1)
    begin = np.searchsorted(told.kept, asked.begin[question])
    stop = begin + asked.stop[question] - asked.begin[question]
    runs = Runs(begin, stop, 1 + 2 * label, 2 + 2 * label, told.last[stop - 1])
    chance = np.zeros((len(asked.begin), labels))
    chance[question, label] = chance_of_runs(runs, fit.likelihood, told.packed, fit.moves, fit.beliefs)
    return chance
