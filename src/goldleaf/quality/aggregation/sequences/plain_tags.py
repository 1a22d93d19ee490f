"""A tag for every token (parts of speech, say): the majority of each token, or the most probable sequence of tags.

The models are those of spans with a state a tag, and every token in the chain: HMM-Crowd has a confusion matrix an annotator, BSC one for
each tag that the annotator gave to the token before. The rows of the latter are many, so they are drawn towards the annotator's confusions
whatever was said before, and those towards what all annotators do:

    C[a, j, l, .] ~ Dirichlet(s C[a, j, .]),   C[a, j, .] ~ Dirichlet(s C[j, .])
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import chain

import numpy as np
import pandas as pd

from goldleaf.quality.aggregation.sequences.chains import (
    Ends,
    Matrix,
    Moves,
    believe,
    best_path,
    pack,
)
from goldleaf.quality.aggregation.sequences.sequenced import PARTS, Question, Sequenced
from goldleaf.quality.aggregation.sequences.span_tokens import tag_counts
from goldleaf.quality.aggregation.votes import Pairs, Votes, add_up, count_from, pair_votes, share_votes
from goldleaf.quality.labels import Answers, Floats, Ints

PRIOR, RIGHT = 0.2, 1.0
STRENGTH = 10.0
SHARE = 0.4
MOVES = 1.0


@dataclass(frozen=True, slots=True)
class Tagged:
    """The votes on n tokens, record after record; `before` `[votes]` is what was said of the token before (the number of tags, at the first
    of a record). Record r has the tokens from `first[r]` to `first[r + 1]`."""

    votes: Votes
    before: Ints
    first: Ints


def tagged(answers: Answers) -> Tagged:
    """Raises InputError where the answers to a record differ in length."""
    sizes = tag_counts(answers)
    first = np.r_[0, sizes.cumsum()]
    counts = sizes[answers.record]
    base = np.r_[0, counts.cumsum()]
    token = count_from(first[answers.record], counts)
    place = {label: at for at, label in enumerate(answers.labels)}
    tag = np.fromiter(map(place.__getitem__, chain.from_iterable(answers.values)), np.int64, int(base[-1]))
    before = np.r_[len(place), tag[:-1]] if len(tag) else tag
    before[base[:-1][counts > 0]] = len(place)
    people = np.repeat(answers.annotator, counts)
    votes = Votes(token, people, tag, int(first[-1]), len(answers.annotators), len(place))
    return Tagged(votes, before, first)


def resolve_plain_tags(answers: Answers, method: str, *, iterations: int = 15, tolerance: float = 1e-3) -> Sequenced:
    """`method` is `majority` or one of `PLAIN`.

    The confidence of a majority is the share of the answers that have the tag, a record's the mean of its tokens'. That of a model is
    `SHARE` parts of the share and 1 - `SHARE` parts of its probability, which is too sure; a record's is the product over its tokens.
    """
    told = tagged(answers)
    shares = share_votes(told.votes)
    done = 0
    if method == "majority" or not len(told.votes):
        path = shares.argmax(axis=1)
        truth, mixed = np.eye(shares.shape[1])[path], shares
    else:
        path, truth, done = _fit(told, PLAIN[method](told), iterations, tolerance)
        mixed = (1 - SHARE) * truth + SHARE * shares
    sure = mixed[np.arange(len(path)), path]
    confidence = _means(sure, told.first) if method == "majority" else np.exp(_sums(np.log(sure), told.first))
    names = np.array(answers.labels, dtype=object)[path]
    values = [list(each) for each in np.split(names, told.first[1:-1])] if len(answers.records) else []
    record = np.repeat(np.arange(len(answers.records)), np.diff(told.first))
    start = np.arange(len(path)) - told.first[record]
    columns = ([answers.records[r] for r in record.tolist()], start, start + 1, names, sure)
    spans = pd.DataFrame(dict(zip(PARTS, columns, strict=True)))
    asked = [Question(told.votes, truth, list(answers.labels))]
    return Sequenced(values, confidence, spans, asked, method, iterations=done)


def _sums(values: Floats, first: Ints) -> Floats:
    return add_up(np.repeat(np.arange(len(first) - 1), np.diff(first)), values, len(first) - 1)


def _means(values: Floats, first: Ints) -> Floats:
    sizes = np.diff(first)
    return np.where(sizes > 0, _sums(values, first) / np.maximum(sizes, 1), 1.0)


def _fit(
    told: Tagged, score: Callable[[Matrix], Matrix], iterations: int, tolerance: float
) -> tuple[Ints, Matrix, int]:
    """The most probable path and the chances, token after token."""
    sizes = np.diff(told.first)
    tags = told.votes.classes
    packed = pack(sizes[sizes > 0], states=tags)
    count = len(packed.rank)
    ends = Ends(np.ones(len(packed.place), bool), np.zeros(count, np.int64), np.zeros(count, bool))
    chance = np.empty((len(packed.place), tags))
    chance[packed.place] = share_votes(told.votes)
    moves = _moves(np.tile(chance.sum(axis=0), (tags, 1)) / tags, chance.sum(axis=0))
    likelihood, found, done = chance, believe(chance + 1e-2, packed, moves, ends), 0
    for done in range(1, iterations + 1):
        likelihood = np.empty_like(chance)
        logs = score(chance[packed.place])
        likelihood[packed.place] = np.exp(logs - logs.max(axis=1, keepdims=True))
        found = believe(likelihood, packed, moves, ends)
        moved, chance = float(np.abs(found.chance - chance).max(initial=0)), found.chance
        if moved < tolerance or done == iterations:
            break
        moves = _moves(found.moves, found.begun[0])
    path = best_path(likelihood, packed, moves, ends)
    return path[packed.place], chance[packed.place], done


def _moves(made: Matrix, begun: Floats) -> Moves:
    leave, begin = made + MOVES, begun + MOVES
    leave /= leave.sum(axis=1, keepdims=True)
    begin /= begin.sum()
    return Moves(leave=leave, stay=np.zeros_like(leave), begin=np.stack([begin, begin]), close=np.ones(len(begin)))


def _score_hmm_crowd(told: Tagged) -> Callable[[Matrix], Matrix]:
    pairs = pair_votes(told.votes)
    prior = PRIOR + RIGHT * np.eye(told.votes.classes)

    def score(chance: Matrix) -> Matrix:
        counts = pairs.by_pair @ chance
        total = (pairs.by_annotator @ counts)[pairs.annotator] + prior.sum(axis=1)
        return pairs.by_record @ np.log((counts + prior[:, pairs.label].T) / total)

    return score


def _score_bsc(told: Tagged) -> Callable[[Matrix], Matrix]:
    votes, tags = told.votes, told.votes.classes
    row = votes.annotator * (tags + 1) + told.before
    of_rows = Votes(votes.record, row, votes.label, votes.records, votes.annotators * (tags + 1), tags)
    fine, coarse = pair_votes(of_rows), pair_votes(votes)
    parent = np.searchsorted(coarse.annotator * tags + coarse.label, fine.annotator // (tags + 1) * tags + fine.label)
    prior = PRIOR + RIGHT * np.eye(tags)

    def score(chance: Matrix) -> Matrix:
        counts = coarse.by_pair @ chance
        together = prior.copy()
        np.add.at(together.T, coarse.label, counts)
        together /= together.sum(axis=1, keepdims=True)
        own = _drawn(coarse, counts, together[:, coarse.label].T)
        return fine.by_record @ np.log(_drawn(fine, fine.by_pair @ chance, own[parent]))

    return score


def _drawn(pairs: Pairs, counts: Matrix, towards: Matrix) -> Matrix:
    """The rates of the counts of pairs, drawn towards other rates."""
    return (counts + STRENGTH * towards) / ((pairs.by_annotator @ counts)[pairs.annotator] + STRENGTH)


PLAIN: dict[str, Callable[[Tagged], Callable[[Matrix], Matrix]]] = {
    "hmm_crowd": _score_hmm_crowd,
    "bsc": _score_bsc,
}
"""By method what makes the log-likelihoods of tags `[tokens, tags]` from their chances."""
