"""What the words say of a token: what was found of the same word, its shape and its neighbours, elsewhere.

For a feature f of a token (its word in lower case, its shape, the words before and behind it) and the expected counts c[f, j] of states j
of all other tokens with that feature, against the share p[j] of the states among all tokens,

    z[t, j] = sum_f w[f] log ((c[f, j] + beta p[j]) / (c[f, .] + beta)) / p[j]

So a name that most annotators missed here and marked elsewhere is found here too. Without itself: else every token would confirm itself.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from goldleaf.quality.aggregation.sequences.span_tokens import Laid
from goldleaf.quality.aggregation.sequences.span_votes import Told
from goldleaf.quality.aggregation.votes import Matrix, Sparse, sum_by
from goldleaf.quality.labels import Floats, Ints

WEIGHTS = (0.7, 0.3, 0.2, 0.2)
BETA = 1.0


@dataclass(frozen=True, slots=True)
class Feature:
    """Of a feature, numbered as the kept tokens have it: `column` `[all tokens]` (-1 where no kept token has it, or it is not known), the
    kept tokens that have one (`known`) and which (`code`), what sums tokens by it, and how many tokens that nobody marked have it."""

    column: Ints
    known: Ints
    code: Ints
    summed: Sparse
    quiet: Floats


@dataclass(frozen=True, slots=True)
class Words:
    """The features of the tokens. `silent`: how many tokens nobody marked."""

    features: list[Feature]
    silent: int

    def opinion(self, chance: Matrix) -> Matrix:
        """z `[n, S]` of the chances `[n, S]` of the states; the last state, behind a span, is nothing as the first is."""
        merged, mean = self._merge(chance)
        found = np.zeros_like(chance)
        for weight, each in zip(WEIGHTS, self.features, strict=True):
            counts = each.summed @ merged
            counts[:, 0] += each.quiet
            others = np.maximum(counts[each.code] - merged[each.known], 0)
            found[each.known, :-1] += weight * _odds(others, mean)
        found[:, -1] = found[:, 0]
        return found

    def elsewhere(self, chance: Matrix, tokens: Ints) -> Matrix:
        """z of tokens that nobody marked `[tokens, S - 1]`."""
        merged, mean = self._merge(chance)
        found = np.zeros((len(tokens), merged.shape[1]))
        for weight, each in zip(WEIGHTS, self.features, strict=True):
            counts = each.summed @ merged
            counts[:, 0] += np.maximum(each.quiet - 1, 0)
            there = each.column[tokens] >= 0
            found[there] += weight * _odds(counts, mean)[each.column[tokens[there]]]
        return found

    def _merge(self, chance: Matrix) -> tuple[Matrix, Floats]:
        merged = chance[:, :-1].copy()
        merged[:, 0] += chance[:, -1]
        mean = merged.sum(axis=0)
        mean[0] += self.silent
        return merged, np.maximum(mean / mean.sum(), 1e-12)


def _odds(counts: Matrix, mean: Floats) -> Matrix:
    return np.log((counts + BETA * mean) / ((counts.sum(axis=1, keepdims=True) + BETA) * mean))


def read_words(laid: Laid, told: Told) -> Words | None:
    """The features of the kept tokens, in the order of `told.packed`; None where no word is known."""
    if not (laid.word >= 0).any():
        return None
    small = _renamed(laid, str.lower)
    heads = np.zeros(len(small), bool)
    heads[laid.first[:-1][np.diff(laid.first) > 0]] = True
    tails = np.roll(heads, -1)
    shape = np.where(laid.word >= 0, 2 * _renamed(laid, shape_of) + heads, -1)
    most = int(small.max())
    before = np.where(heads, most + 1, np.roll(small, 1))
    behind = np.where(tails, most + 1, np.roll(small, -1))
    known = laid.word >= 0
    columns = [np.where(known, each, -1) for each in (small, shape, before, behind)]
    return Words([_feature(each, told) for each in columns], len(small) - len(told.kept))


def shape_of(word: str) -> str:
    """
    >>> shape_of("McDonald-98")
    'XxXx-d'
    """
    return re.sub("[0-9]+", "d", re.sub("[a-z]+", "x", re.sub("[A-Z]+", "X", word)))


def _renamed(laid: Laid, rename: Callable[[str], str]) -> Ints:
    """The code of what each token's word is renamed to; -1 where it is not known."""
    names: dict[str, int] = {}
    codes = np.array([names.setdefault(rename(word), len(names)) for word in laid.words], np.int64)
    return np.where(laid.word >= 0, codes[laid.word], -1)


def _feature(column: Ints, told: Told) -> Feature:
    here = np.empty(len(told.kept), np.int64)
    here[told.packed.place] = column[told.kept]
    known = np.flatnonzero(here >= 0)
    codes, code = np.unique(here[known], return_inverse=True)
    numbers = np.full(int(column.max(initial=0)) + 2, -1)
    numbers[codes] = np.arange(len(codes))
    mine = numbers[column]
    silent = np.ones(len(column), bool)
    silent[told.kept] = False
    quiet = np.bincount(mine[silent & (mine >= 0)], minlength=len(codes)).astype(np.float64)
    return Feature(mine, known, code, sum_by(code, known, len(codes), len(here)), quiet)
