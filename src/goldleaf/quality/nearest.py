"""The records most like a record, by the angle between embeddings: exact, a block of rows at a time."""

from __future__ import annotations

from typing import Any

import numpy as np

from goldleaf.quality.labels import Floats, Ints

Vectors = np.ndarray[Any, np.dtype[np.floating[Any]]]
BLOCK = 4_000_000
"""How many similarities are held in memory at once."""


def nearest(vectors: Vectors, among: Vectors, *, k: int = 5, apart: bool = False) -> tuple[Ints, Floats]:
    """For each of `vectors` `[n, h]` the places of the `k` rows of `among` `[m, h]` with the largest cosine, nearest first: `[n, k]`, and
    those cosines: `[n, k]`.

    `apart` says that both are the same rows, and none is its own neighbour. There are fewer columns where `among` has fewer rows; a row of
    zeros has cosine 0 to all. Rows that are equally near are in their order in `among`.

    >>> places, cosines = nearest(np.array([[1.0, 0.0]]), np.array([[0.0, 2.0], [3.0, 0.0], [1.0, 1.0]]), k=2)
    >>> places.tolist(), cosines.round(3).tolist()
    ([[1, 2]], [[1.0, 0.707]])
    """
    k = min(k, len(among) - apart)
    places, cosines = np.zeros((len(vectors), max(k, 0)), np.int64), np.zeros((len(vectors), max(k, 0)))
    if k <= 0 or not len(vectors):
        return places, cosines
    mine, theirs = _of_length_one(vectors), _of_length_one(among)
    step = max(1, BLOCK // len(among))
    for start in range(0, len(mine), step):
        alike = mine[start : start + step] @ theirs.T
        if apart:
            alike[np.arange(len(alike)), np.arange(start, start + len(alike))] = -np.inf
        chosen = np.sort(np.argpartition(-alike, k - 1, axis=1)[:, :k], axis=1)
        found = np.take_along_axis(alike, chosen, axis=1)
        order = np.argsort(-found, axis=1, kind="stable")
        places[start : start + step] = np.take_along_axis(chosen, order, axis=1)
        cosines[start : start + step] = np.take_along_axis(found, order, axis=1)
    return places, cosines


def _of_length_one(vectors: Vectors) -> Vectors:
    lengths = np.sqrt((vectors * vectors).sum(axis=1, keepdims=True))
    return vectors / np.where(lengths > 0, lengths, 1).astype(vectors.dtype)
