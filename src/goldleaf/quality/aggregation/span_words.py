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

from goldleaf.quality.aggregation.span_tokens import Laid
from goldleaf.quality.aggregation.span_votes import Told
from goldleaf.quality.aggregation.votes import Matrix, Sparse, sum_by
from goldleaf.quality.labels import Floats, Ints

WEIGHTS = (0.7, 0.3, 0.2, 0.2)
BETA = 1.0


@dataclass(frozen=True, slots=True)
class Words:
    """By feature: which tokens have it (`known`), the feature of each of them (`code`), what sums tokens by it, and how many tokens that
    nobody marked have it. `silent`: how many tokens nobody marked."""

    features: list[tuple[Ints, Ints, Sparse, Floats]]
    silent: int

    def opinion(self, chance: Matrix) -> Matrix:
        """z `[n, S]` of the chances `[n, S]` of the states; the last state, behind a span, is nothing as the first is."""
        merged = chance[:, :-1].copy()
        merged[:, 0] += chance[:, -1]
        mean = merged.sum(axis=0)
        mean[0] += self.silent
        mean = np.maximum(mean / mean.sum(), 1e-12)
        found = np.zeros_like(chance)
        for weight, (known, code, summed, quiet) in zip(WEIGHTS, self.features, strict=True):
            counts = summed @ merged
            counts[:, 0] += quiet
            others = np.maximum(counts[code] - merged[known], 0)
            z = np.log((others + BETA * mean) / ((others.sum(axis=1, keepdims=True) + BETA) * mean))
            found[known, :-1] += weight * z
        found[:, -1] = found[:, 0]
        return found


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


def _feature(column: Ints, told: Told) -> tuple[Ints, Ints, Sparse, Floats]:
    here = np.empty(len(told.kept), np.int64)
    here[told.packed.place] = column[told.kept]
    known = np.flatnonzero(here >= 0)
    codes, code = np.unique(here[known], return_inverse=True)
    silent = np.ones(len(column), bool)
    silent[told.kept] = False
    others = column[silent & (column >= 0)]
    place = np.searchsorted(codes, others).clip(max=max(len(codes) - 1, 0))
    same = codes[place] == others if len(codes) else np.zeros(0, bool)
    quiet = np.bincount(place[same], minlength=len(codes)).astype(np.float64)
    return known, code, sum_by(code, known, len(codes), len(here)), quiet
