"""Chains of hidden states: forward-backward and the best path, over all chains at once.

Chains are sorted by length, the longest first, and the tokens of one step of all chains stand together; so a step of the recursion is one
product of matrices over the chains that are still running, and nothing is padded. With L[t, j] the likelihood of what was observed at
step t in state j, and A[t] = M[t] leave + stay the moves from there (stay: from one token of a span to the next; leave: all others, let
through by M[t, j] only where a span may end),

    f[t] = L[t] (f[t - 1] A[t - 1]) / z[t],   b[t - 1] = A[t - 1] (L[t] b[t]) / z[t],   p[t] = f[t] b[t]

where z[t] makes f[t] sum to 1 (L. R. Rabiner, A tutorial on hidden Markov models, Proc. IEEE 77 (1989),
https://doi.org/10.1109/5.18626). The best path is that of Viterbi, in logarithms.

>>> even = np.array([[0.5, 0.5], [0.5, 0.5]])
>>> moves = Moves(leave=even, stay=np.zeros((2, 2)), begin=even, close=np.ones(2))
>>> packed = pack(np.array([1, 2]), states=2)
>>> packed.place.tolist()
[1, 0, 2]
>>> ends = Ends(may_end=np.ones(3, bool), inner=np.zeros(2, np.int64), closed=np.zeros(2, bool))
>>> likelihood = np.empty((3, 2))
>>> likelihood[packed.place] = [[0.9, 0.1], [0.2, 0.8], [0.4, 0.6]]
>>> believe(likelihood, packed, moves, ends).chance[packed.place].round(2).tolist()
[[0.9, 0.1], [0.2, 0.8], [0.4, 0.6]]
>>> best_path(likelihood, packed, moves, ends)[packed.place].tolist()
[0, 1, 1]
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from goldleaf.quality.aggregation.votes import Matrix
from goldleaf.quality.labels import Bools, Floats, Ints

CELLS = 8_000_000
"""How many numbers, one a token and state, are worked on at once."""


@dataclass(frozen=True, slots=True)
class Block:
    """A run of chains: the tokens from `token` on, the chains from `chain` on, how many chains are `running` at each step, and where each
    step begins (`offset`, from `token`). `later` are the tokens that are not first in their chain, `before` the ones before them."""

    token: int
    chain: int
    running: Ints
    offset: Ints
    later: Ints
    before: Ints

    @property
    def tokens(self) -> slice:
        return slice(self.token, self.token + int(self.offset[-1]))

    @property
    def chains(self) -> slice:
        return slice(self.chain, self.chain + int(self.running[0]))

    def last(self) -> Ints:
        """The last token of each chain, from `token`."""
        steps = np.searchsorted(-self.running, -np.arange(int(self.running[0])), side="left") - 1
        return self.offset[steps] + np.arange(int(self.running[0]))


@dataclass(frozen=True, slots=True)
class Packed:
    """Token i, counted chain after chain, stands at `place[i]`, chain c at `rank[c]`."""

    place: Ints
    rank: Ints
    blocks: list[Block]


@dataclass(frozen=True, slots=True)
class Moves:
    """Probabilities of moves between S states: `leave` and `stay` `[S, S]`; `begin` `[2, S]` at the start of a record and after nothing
    (state 0); `close` `[S]` to nothing, where a chain ends before its record does."""

    leave: Matrix
    stay: Matrix
    begin: Matrix
    close: Floats


@dataclass(frozen=True, slots=True)
class Ends:
    """`may_end` `[tokens]`: a span may end here; `inner` `[chains]`: 0 where the chain begins its record, else 1; `closed` `[chains]`: the
    record goes on after it, with nothing. In the order of `Packed`."""

    may_end: Bools
    inner: Ints
    closed: Bools


@dataclass(frozen=True, slots=True)
class Beliefs:
    """`chance` `[tokens, S]` of each state; `moves` `[S, S]` the expected number of each, `begun` `[2, S]` those at the beginnings of
    chains, `closed` `[S]` those from the last states of chains to nothing.

    `forward` f, `behind` b `[tokens, S]` and `scale` z `[tokens]` are those of the recursion, with which `chance_of_runs` goes on.
    """

    chance: Matrix
    moves: Matrix
    begun: Matrix
    closed: Floats
    forward: Matrix
    behind: Matrix
    scale: Floats


@dataclass(frozen=True, slots=True)
class Runs:
    """Runs of tokens, from `begin` up to `stop`, in state `first` at the first of them and `inside` after it; `final`: the chain ends with
    it. All `[runs]`."""

    begin: Ints
    stop: Ints
    first: Ints
    inside: Ints
    final: Bools


def pack(lengths: Ints, *, states: int) -> Packed:
    """The places of the tokens of chains of these lengths, each at least 1, in blocks of about `CELLS` numbers."""
    order = np.argsort(-lengths, kind="stable")
    rank = np.empty(len(order), np.int64)
    rank[order] = np.arange(len(order))
    sizes = lengths[order]
    before = sizes.cumsum() - sizes
    first = np.repeat(before, sizes)
    block_of = before // max(CELLS // states, 1)
    place = np.empty(int(sizes.sum()), np.int64)
    step = np.arange(len(place)) - first
    chain = np.repeat(np.arange(len(order)), sizes)
    blocks: list[Block] = []
    for low, high in _runs(block_of):
        running = np.searchsorted(-sizes[low:high], -np.arange(int(sizes[low])), side="left").astype(np.int64)
        offset: Ints = np.concatenate([[0], running.cumsum()])
        tokens = slice(int(before[low]), int(before[low] + offset[-1]))
        place[tokens] = before[low] + offset[step[tokens]] + chain[tokens] - low
        later = np.arange(int(running[0]), int(offset[-1]))
        blocks.append(
            Block(int(before[low]), low, running, offset, later, later - np.repeat(running[:-1], running[1:]))
        )
    of_sorted = np.repeat(lengths.cumsum() - lengths, lengths)
    within = np.arange(len(place)) - of_sorted
    return Packed(place[before[rank[np.repeat(np.arange(len(lengths)), lengths)]] + within], rank, blocks)


def _runs(values: Ints) -> list[tuple[int, int]]:
    edges = [0, *(np.flatnonzero(np.diff(values)) + 1).tolist(), len(values)]
    return list(pairwise(edges)) if len(values) else []


def believe(likelihood: Matrix, packed: Packed, moves: Moves, ends: Ends) -> Beliefs:
    """What to believe of each token's state, given all of its chain. `likelihood` is `[tokens, S]`, each row up to a factor."""
    states = likelihood.shape[1]
    forward, behind, scale = np.empty_like(likelihood), np.empty_like(likelihood), np.empty(len(likelihood))
    made, begun, closed = np.zeros((states, states)), np.zeros((2, states)), np.zeros(states)
    for block in packed.blocks:
        here, chains = block.tokens, block.chains
        seen, out = likelihood[here], _way_out(moves, ends.may_end[here])
        forward[here], scale[here] = _forward(seen, out, block, moves, ends.inner[chains])
        behind[here] = _backward(seen, out, block, moves, (forward[here], scale[here], ends.closed[chains]))
        f, b = forward[here], behind[here]
        ahead = (seen * b / scale[here, np.newaxis])[block.later]
        made += (f[block.before] * out[block.before]).T @ ahead * moves.leave + f[block.before].T @ ahead * moves.stay
        first, inner = (f * b)[: int(block.running[0])], ends.inner[chains]
        begun += np.stack([first[inner == kind].sum(axis=0) for kind in (0, 1)])
        last = block.last()[ends.closed[chains]]
        closed += (f[last] * b[last]).sum(axis=0)
    return Beliefs(forward * behind, made, begun, closed, forward, behind, scale)


def _way_out(moves: Moves, may_end: Bools) -> Matrix:
    """M `[tokens, S]`: 0 for the states of a span where none may end, else 1."""
    return np.where((moves.stay.sum(axis=1) > 0) & ~may_end[:, np.newaxis], 0.0, 1.0)


def _forward(seen: Matrix, out: Matrix, block: Block, moves: Moves, inner: Ints) -> tuple[Matrix, Floats]:
    forward, scale = np.empty_like(seen), np.empty(len(seen))
    for step, count in enumerate(block.running.tolist()):
        start = int(block.offset[step])
        here = slice(start, start + count)
        if step:
            begin = int(block.offset[step - 1])
            last = forward[begin : begin + count]
            coming = (last * out[begin : begin + count]) @ moves.leave + last @ moves.stay
        else:
            coming = moves.begin[inner]
        coming = coming * seen[here]
        scale[here] = coming.sum(axis=1)
        forward[here] = coming / scale[here, np.newaxis]
    return forward, scale


def _backward(seen: Matrix, out: Matrix, block: Block, moves: Moves, known: tuple[Matrix, Floats, Bools]) -> Matrix:
    forward, scale, closed = known
    behind = np.empty_like(seen)
    last = block.last()
    final = out[last] * np.where(closed[:, np.newaxis], moves.close, 1.0)
    behind[last] = final / (forward[last] * final).sum(axis=1, keepdims=True)
    for step in range(len(block.running) - 1, 0, -1):
        start, begin, count = int(block.offset[step]), int(block.offset[step - 1]), int(block.running[step])
        here, before = slice(start, start + count), slice(begin, begin + count)
        ahead = behind[here] * seen[here] / scale[here, np.newaxis]
        behind[before] = (ahead @ moves.leave.T) * out[before] + ahead @ moves.stay.T
    return behind


def chance_of_runs(runs: Runs, likelihood: Matrix, packed: Packed, moves: Moves, found: Beliefs) -> Floats:
    """The probability that each run of tokens, counted chain after chain, is a span from its first state to its last: `[runs]`."""
    place, length = packed.place, runs.stop - runs.begin
    at, state = place[runs.begin], runs.first
    chance = found.forward[at, state].copy()
    going = np.flatnonzero(length > 1)
    for step in range(1, int(length.max(initial=0))):
        going = going[length[going] > step]
        here = place[runs.begin[going] + step]
        before = runs.first[going] if step == 1 else runs.inside[going]
        chance[going] *= (
            moves.stay[before, runs.inside[going]] * likelihood[here, runs.inside[going]] / found.scale[here]
        )
    last, state = place[runs.stop - 1], np.where(length > 1, runs.inside, runs.first)
    leaving = found.behind[last, state]
    goes_on = np.flatnonzero(~runs.final)
    ahead = place[runs.stop[goes_on]]
    weighed = likelihood[ahead] * found.behind[ahead] / found.scale[ahead, np.newaxis]
    leaving[goes_on] -= (moves.stay[state[goes_on]] * weighed).sum(axis=1)
    return np.clip(chance * leaving, 0.0, 1.0)


def best_path(likelihood: Matrix, packed: Packed, moves: Moves, ends: Ends) -> Ints:
    """The most probable states of each chain as a whole: `[tokens]`."""
    path = np.empty(len(likelihood), np.int64)
    with np.errstate(divide="ignore"):
        leave, stay, begin, close = (np.log(x) for x in (moves.leave, moves.stay, moves.begin, moves.close))
        for block in packed.blocks:
            here, chains = block.tokens, block.chains
            seen, out = np.log(likelihood[here]), np.log(_way_out(moves, ends.may_end[here]))
            score, came = _climb(seen, out, block, (leave, stay), begin[ends.inner[chains]])
            last = block.last()
            final = score[last] + out[last] + np.where(ends.closed[chains, np.newaxis], close, 0.0)
            path[here] = _trace(came, final.argmax(axis=1), block)
    return path


def _climb(seen: Matrix, out: Matrix, block: Block, moves: tuple[Matrix, Matrix], first: Matrix) -> tuple[Matrix, Ints]:
    score, came = seen.copy(), np.zeros(seen.shape, np.int64)
    score[: int(block.running[0])] += first
    for step in range(1, len(block.running)):
        count, start, begin = int(block.running[step]), int(block.offset[step]), int(block.offset[step - 1])
        before = slice(begin, begin + count)
        for state in range(seen.shape[1]):
            through = np.maximum(score[before] + out[before] + moves[0][:, state], score[before] + moves[1][:, state])
            best = through.argmax(axis=1)
            came[start : start + count, state] = best
            score[start : start + count, state] += through[np.arange(count), best]
    return score, came


def _trace(came: Ints, best: Ints, block: Block) -> Ints:
    path = np.empty(len(came), np.int64)
    path[block.last()] = best
    for step in range(len(block.running) - 1, 0, -1):
        count, start, begin = int(block.running[step]), int(block.offset[step]), int(block.offset[step - 1])
        now = path[start : start + count]
        path[begin : begin + count] = came[start + np.arange(count), now]
    return path
