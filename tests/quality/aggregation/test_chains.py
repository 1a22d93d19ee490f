"""Chains of hidden states, beside the sum over all paths."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from goldleaf.quality.aggregation.sequences.chains import Ends, Moves, Runs, believe, best_path, chance_of_runs, pack
from goldleaf.quality.aggregation.sequences.span_chain import possible_moves

STATES = 4  # nothing, the first and the later tokens of a span, and the token behind it


def drawn(seed, lengths):
    """Moves of one label, likelihoods and ends, at random."""
    rng = np.random.default_rng(seed)
    rates = np.where(possible_moves(1), rng.random((STATES + 1, STATES)) + 0.1, 0)
    rates /= rates.sum(axis=1, keepdims=True)
    stay = np.zeros((STATES, STATES))
    stay[:, 2] = rates[1:, 2]
    moves = Moves(leave=rates[1:] - stay, stay=stay, begin=rates[:2], close=rates[1:, 0])
    packed = pack(np.array(lengths), states=STATES)
    count = sum(lengths)
    inner, closed = rng.integers(2, size=len(lengths)), rng.random(len(lengths)) < 0.5
    may_end = rng.random(count) < 0.7
    ends = Ends(np.empty(count, bool), np.empty(len(lengths), int), np.empty(len(lengths), bool))
    ends.may_end[packed.place], ends.inner[packed.rank], ends.closed[packed.rank] = may_end, inner, closed
    likelihood = rng.random((count, STATES)) + 0.01
    placed = np.empty_like(likelihood)
    placed[packed.place] = likelihood
    return moves, packed, ends, placed, likelihood, (may_end, inner, closed)


def weigh(path, moves, likelihood, may_end, inner, closed):
    """The weight of one path of one chain."""
    weight = moves.begin[inner, path[0]] * likelihood[0, path[0]]
    for t in range(1, len(path)):
        spans = path[t - 1] in (1, 2)
        leave = moves.leave[path[t - 1], path[t]] * (not spans or may_end[t - 1])
        weight *= (leave + moves.stay[path[t - 1], path[t]]) * likelihood[t, path[t]]
    weight *= path[-1] not in (1, 2) or may_end[-1]
    return weight * (moves.close[path[-1]] if closed else 1)


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 10_000), lengths=st.lists(st.integers(1, 5), min_size=1, max_size=4))
def test_beliefs_and_the_best_path_are_those_of_all_paths_summed_up(seed, lengths):
    moves, packed, ends, placed, likelihood, (may_end, inner, closed) = drawn(seed, lengths)
    found = believe(placed, packed, moves, ends)
    best = best_path(placed, packed, moves, ends)[packed.place]
    chance = found.chance[packed.place]
    begin = 0
    for n, length in enumerate(lengths):
        here = slice(begin, begin + length)
        paths = list(product(range(STATES), repeat=length))
        weights = np.array([weigh(p, moves, likelihood[here], may_end[here], inner[n], closed[n]) for p in paths])
        weights /= weights.sum()
        for t in range(length):
            for state in range(STATES):
                summed = sum(w for w, p in zip(weights, paths, strict=True) if p[t] == state)
                assert chance[begin + t, state] == pytest.approx(summed)
        assert weights[paths.index(tuple(best[here]))] == pytest.approx(weights.max())
        run = Runs(*(np.array([x]) for x in (begin, begin + 2, 1, 2, length == 2))) if length > 1 else None
        if run is not None:
            spans = [p[:2] == (1, 2) and (length == 2 or p[2] != 2) for p in paths]
            summed = weights[spans].sum()
            assert chance_of_runs(run, placed, packed, moves, found)[0] == pytest.approx(summed, abs=1e-12)
        begin += length
    assert found.moves.sum() == pytest.approx(sum(lengths) - len(lengths))


def test_two_tokens_by_hand():
    # A span may begin (1/4) or not (3/4), goes on with 1/2; likelihoods: token 1 of first 3, of nothing 1; token 2 of later 2, else 1.
    # Paths: nothing nothing 3/4 * 3/4 = 9/16; nothing first 3/4 * 1/4 = 3/16; first later 1/4 * 3 * 1/2 * 2 = 12/16;
    # first behind 1/4 * 3 * 1/2 = 6/16. Sum 30/16: the span over both has 12/30, the one of one token 6/30, one on the second 3/30.
    leave = np.array([[0.75, 0.25, 0, 0], [0, 0, 0, 0.5], [0, 0, 0, 0.5], [0.75, 0.25, 0, 0]])
    stay = np.array([[0, 0, 0, 0], [0, 0, 0.5, 0], [0, 0, 0.5, 0], [0, 0, 0, 0]])
    moves = Moves(leave=leave, stay=stay, begin=np.array([[0.75, 0.25, 0, 0]] * 2), close=np.ones(4))
    packed = pack(np.array([2]), states=4)
    ends = Ends(np.ones(2, bool), np.zeros(1, int), np.zeros(1, bool))
    likelihood = np.array([[1.0, 3, 1, 1], [1, 1, 2, 1]])
    found = believe(likelihood, packed, moves, ends)
    assert found.chance[0, :2] == pytest.approx([12 / 30, 18 / 30])
    assert found.chance[1] == pytest.approx([9 / 30, 3 / 30, 12 / 30, 6 / 30])
    runs = Runs(np.array([0, 0, 1]), np.array([2, 1, 2]), np.ones(3, int), np.full(3, 2), np.array([True, False, True]))
    assert chance_of_runs(runs, likelihood, packed, moves, found) == pytest.approx([12 / 30, 6 / 30, 3 / 30])
    assert best_path(likelihood, packed, moves, ends).tolist() == [1, 2]
