"""The most probable sequence of spans under answers: what models of sequences have in common.

States of a token are nothing (0), the first and the later tokens of a span of each label (1 + 2k, 2 + 2k), and the token behind a span
(last). Moves that are no sequence of spans have no mass: a later token follows a first or a later one of its label, and behind a span comes
the state of that name or the next span. Which answers a state makes likely is the model's (`score`); the probabilities of moves A are
learned:

    E: p(j[t] | all answers of the record), by forward and backward;   M: A[i, j] ~ 1 + expected number of moves from i to j

A span begins only where somebody let one begin, ends only where somebody let one end, and has a label that somebody gave to each token.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from goldleaf.quality.aggregation.sequences.chains import Beliefs, Matrix, Moves, believe, best_path
from goldleaf.quality.aggregation.sequences.span_votes import Told
from goldleaf.quality.labels import Bools, Floats, Ints

MOVES = 1.0
"""What every move that there can be counts beforehand."""


@dataclass(frozen=True, slots=True)
class Chained:
    """What a model of sequences made of the votes: the logarithms of the likelihood of each token's states `[n, S]` by the answers and
    words (`logs`), which states are `allowed`, `quiet` `[annotators, S]` those of saying nothing after nothing, `likelihood` what came of
    them, the moves, what is to be believed, the most probable path `[n]`, and how many iterations it took."""

    logs: Matrix
    allowed: Bools
    quiet: Matrix
    likelihood: Matrix
    moves: Moves
    beliefs: Beliefs
    path: Ints
    iterations: int


def fit_chain(
    told: Told,
    labels: int,
    score: Callable[[Matrix], tuple[Matrix, Matrix]],
    *,
    iterations: int = 15,
    tolerance: float = 1e-3,
) -> Chained:
    """`score` makes the log-likelihoods of the states from their chances, both `[n, S]`, and those of each annotator's silence. Ends where
    no chance changes by more than `tolerance`."""
    allowed, possible = allowed_states(told, labels), possible_moves(labels)
    chance = first_guess(told, allowed)
    moves = moves_of(possible, *_guessed_moves(chance, possible, told), told)
    likelihood, logs, quiet = chance, chance, chance
    found, done = believe(chance, told.packed, moves, told.ends), 0
    for done in range(1, iterations + 1):
        logs, quiet = score(chance)
        likelihood = raised(logs, allowed)
        found = believe(likelihood, told.packed, moves, told.ends)
        moved, chance = float(np.abs(found.chance - chance).max(initial=0)), found.chance
        if moved < tolerance or done == iterations:
            break
        moves = moves_of(possible, found.moves, found.begun, found.closed, told)
    path = best_path(likelihood, told.packed, moves, told.ends)
    return Chained(logs, allowed, quiet, likelihood, moves, found, path, done)


def possible_moves(labels: int) -> Bools:
    """`[1 + S, S]`: first what a record can begin with, then what can follow each state; S = 2 labels + 2.

    >>> possible_moves(1).astype(int).tolist()
    [[1, 1, 0, 0], [1, 1, 0, 0], [0, 1, 1, 1], [0, 1, 1, 1], [1, 1, 0, 0]]
    """
    states = 2 * labels + 2
    first, later = np.arange(1, states - 1, 2), np.arange(2, states - 1, 2)
    found = np.zeros((states + 1, states), bool)
    found[:, first] = True
    found[[0, 1, states], 0] = True
    for k in (first, later):
        found[1 + k, later] = True
        found[1 + k, states - 1] = True
    return found


def moves_of(possible: Bools, made: Matrix, begun: Matrix, closed: Floats, told: Told) -> Moves:
    """The probabilities of moves, of the expected numbers of them in chains; where nobody marked anything, nothing follows nothing."""
    counts = np.where(possible, MOVES, 0.0)
    counts[1:] += made
    counts[:2] += begun
    counts[1:, 0] += closed
    counts[0, 0] += max(told.records - begun[0].sum(), 0.0)
    counts[1, 0] += max(told.silent - closed.sum(), 0.0)
    rates = counts / counts.sum(axis=1, keepdims=True)
    later = np.arange(2, int(possible.shape[1]) - 1, 2)
    stay = np.zeros_like(rates[1:])
    stay[:, later] = rates[1:, later]
    return Moves(leave=rates[1:] - stay, stay=stay, begin=rates[:2], close=rates[1:, 0])


def _guessed_moves(chance: Matrix, possible: Bools, told: Told) -> tuple[Matrix, Matrix, Floats]:
    """Half of what comes into each state, from every state that it can come from."""
    into = 0.5 * chance.sum(axis=0)
    into[0] += 0.5 * told.silent
    return possible[1:] * into, possible[:2] * into, np.zeros(len(into))


def allowed_states(told: Told, labels: int) -> Bools:
    """`[n, S]`: nothing always; a span's first token where an answer has one, a later one likewise, with any label."""
    said = told.votes > 0
    found = np.ones((len(said), 2 * labels + 2), bool)
    found[:, 1:-1:2] = said[:, 1::2].any(axis=1, keepdims=True)
    found[:, 2:-1:2] = said[:, 2::2].any(axis=1, keepdims=True)
    return found


def first_guess(told: Told, allowed: Bools, *, rounds: int = 5, smooth: float = 1e-2) -> Matrix:
    """The shares of what is said of each token `[n, S]`, each answer weighted by how far others mark what its annotator marks."""
    people = len(told.unmarked)
    annotator, says = told.annotator[told.of_vote], told.says[told.of_vote]
    cell = told.of_token * told.votes.shape[1] + says
    weight, marks = np.ones(people), says > 0
    votes = told.votes.astype(np.float64)
    for _ in range(rounds):
        votes = np.bincount(cell, weight[annotator], minlength=told.votes.size).reshape(told.votes.shape)
        own = weight[annotator]
        rest = votes.sum(axis=1)[told.of_token] - own
        alike = np.where(marks, (votes.ravel()[cell] - own) / np.maximum(rest, 1e-9), 0.0)
        compared = np.bincount(annotator, marks & (rest > 1e-9), minlength=people)
        weight = np.clip((np.bincount(annotator, alike, minlength=people) + 1) / (compared + 2), 0.02, 1.0)
    mean = told.votes.sum(axis=0) + np.eye(1, told.votes.shape[1])[0] * told.unmarked.sum()
    share = (votes + smooth * mean / mean.sum()) / (votes.sum(axis=1, keepdims=True) + smooth)
    found = np.concatenate([share, 0.1 * share[:, :1]], axis=1)
    found[:, 0] *= 0.9
    found *= allowed
    return found / found.sum(axis=1, keepdims=True)


def raised(logs: Matrix, allowed: Bools) -> Matrix:
    """exp, each row up to a factor, 0 where a state is not allowed."""
    held = np.where(allowed, logs, -np.inf)
    return np.exp(held - held.max(axis=1, keepdims=True))


def spans_on(path: Ints, told: Told, labels: int) -> tuple[Ints, Ints, Ints]:
    """The spans of a path: the laid token where each begins, the one where it stops, and its label, in the order of the text."""
    states = path[told.packed.place]
    later = (states > 0) & (states <= 2 * labels) & (states % 2 == 0)
    first = np.flatnonzero((states > 0) & (states <= 2 * labels) & (states % 2 == 1))
    outside = np.r_[np.flatnonzero(~later), len(states)]
    last = outside[np.searchsorted(outside, first, side="right")] - 1
    return told.kept[first], told.kept[last] + 1, (states[first] - 1) // 2
