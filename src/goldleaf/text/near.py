"""Near-duplicates: texts that are the same but for case, punctuation, digits, space and a few characters.

Two texts are near-duplicates when the Jaccard similarity of their sets of character 4-grams reaches the threshold; clusters are what such
pairs connect. Pairs to compare are found by MinHash with banding (Broder, 1997; Leskovec, Rajaraman and Ullman, Mining of Massive
Datasets, ch. 3), and every pair found is compared exactly. With 128 hash functions a pair at the threshold is missed with a probability
below 1 in 1,000; texts that are equal after folding never are.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from itertools import combinations, pairwise

import numpy as np
from numpy.typing import NDArray

from goldleaf.core import InputError

_N = 4
_HASHES = 128
_MISSED = 1e-3
_SMALL_BUCKET = 40
_CHUNK = 2_000_000
_NOISE = re.compile(r"[\W_]+")
_DIGIT = re.compile(r"\d")


def near_duplicates(texts: Sequence[str], *, threshold: float = 0.8) -> list[int]:
    """For each text the smallest index among the texts of its cluster; its own where it has no near-duplicate.

    >>> near_duplicates(["Pay invoice 17!", "Something else", "pay  invoice 23"])
    [0, 1, 0]
    """
    if not 0 < threshold <= 1:
        raise InputError(
            "a similarity lies within 0..1", where="threshold", found=str(threshold), expected="more than 0, at most 1"
        )
    folded: dict[str, int] = {}
    first = [folded.setdefault(fold(text), index) for index, text in enumerate(texts)]
    unique = list(folded)
    roots = list(range(len(unique)))
    if len(unique) > 1 and threshold < 1:
        _connect(unique, threshold, roots)
    indices = list(folded.values())  # ascending, so that a root, the smallest of its cluster, is the first text too
    cluster = {index: indices[_root(roots, number)] for number, index in enumerate(indices)}
    return [cluster[index] for index in first]


def fold(text: str) -> str:
    """The text without what near-duplicates may differ in; only its case is folded where nothing else is left of it."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    return _DIGIT.sub("0", _NOISE.sub("", plain)) or "\0" + plain.strip()


def _connect(texts: list[str], threshold: float, roots: list[int]) -> None:
    shingles = [_shingles(text) for text in texts]
    signatures = _signatures(shingles)
    # an estimate from 128 hashes strays by 4 standard errors once in 30,000 times
    floor = threshold - 4 * (threshold * (1 - threshold) / _HASHES) ** 0.5
    for pairs in _candidates(signatures, _rows_per_band(threshold)):
        alike = (signatures[pairs[:, 0]] == signatures[pairs[:, 1]]).mean(axis=1) >= floor
        for a, b in pairs[alike].tolist():
            low, high = sorted((_root(roots, a), _root(roots, b)))
            if low != high and _jaccard(shingles[a], shingles[b]) >= threshold:
                roots[high] = low


def _root(roots: list[int], index: int) -> int:
    while roots[index] != index:
        roots[index] = roots[roots[index]]
        index = roots[index]
    return index


def _jaccard(a: NDArray[np.uint64], b: NDArray[np.uint64]) -> float:
    common = np.intersect1d(a, b, assume_unique=True).size
    return common / (a.size + b.size - common)


def _shingles(text: str) -> NDArray[np.uint64]:
    """The hashes of a text's character 4-grams, each once; of the whole text where it is shorter."""
    codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype=np.uint32).astype(np.uint64)
    width = min(_N, len(codes))
    hashes = np.full(len(codes) - width + 1, width, dtype=np.uint64)
    for offset in range(width):
        hashes = _mix(hashes ^ codes[offset : len(codes) - width + 1 + offset])
    return np.unique(hashes)


def _mix(values: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """splitmix64 (Steele, Lea and Flood, 2014): 64 bits in, 64 well mixed bits out."""
    values = values + np.uint64(0x9E3779B97F4A7C15)
    values = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return values ^ (values >> np.uint64(31))


def _signatures(shingles: list[NDArray[np.uint64]]) -> NDArray[np.uint32]:
    """`[texts, 128]`: of each text the smallest value that each hash function takes on its shingles."""
    rng = np.random.default_rng(0)
    factors = rng.integers(0, 1 << 63, _HASHES, dtype=np.uint64) * np.uint64(2) + np.uint64(1)
    signatures = np.empty((len(shingles), _HASHES), dtype=np.uint32)
    begin = 0
    while begin < len(shingles):
        end, size = begin, 0
        while end < len(shingles) and (end == begin or size + shingles[end].size <= _CHUNK):
            size += shingles[end].size
            end += 1
        sizes = [s.size for s in shingles[begin:end]]
        flat, starts = np.concatenate(shingles[begin:end]), np.cumsum([0, *sizes[:-1]])
        for number, factor in enumerate(factors):
            signatures[begin:end, number] = np.minimum.reduceat(
                ((flat * factor) >> np.uint64(32)).astype(np.uint32), starts
            )
        begin = end
    return signatures


def _rows_per_band(threshold: float) -> int:
    """As many rows as a band may have (so that few unlike pairs meet in it) without missing too many pairs at the threshold."""
    for rows in range(16, 1, -1):
        if (1 - threshold**rows) ** (_HASHES // rows) <= _MISSED:
            return rows
    return 1


def _candidates(signatures: NDArray[np.uint32], rows: int) -> Iterator[NDArray[np.int64]]:
    """For each band the pairs of texts that agree in it, `[pairs, 2]`, those of earlier bands left out."""
    seen = np.empty(0, dtype=np.int64)
    count = len(signatures)
    for band in range(_HASHES // rows):
        keys = np.zeros(count, dtype=np.uint64)
        for column in range(band * rows, (band + 1) * rows):
            keys = _mix(keys ^ signatures[:, column])
        order = np.argsort(keys, kind="stable")
        edges = np.flatnonzero(np.diff(keys[order])) + 1
        codes = [
            a * count + b for bucket in np.split(order, edges) if bucket.size > 1 for a, b in _pairs(bucket.tolist())
        ]
        new = np.setdiff1d(np.array(codes, dtype=np.int64), seen)
        seen = np.union1d(seen, new)
        yield np.stack(np.divmod(new, count), axis=1)


def _pairs(bucket: list[int]) -> Iterator[tuple[int, int]]:
    """All pairs of a small bucket; of a large one each text with the first and with the next, which is where its cluster shows."""
    if len(bucket) <= _SMALL_BUCKET:
        yield from combinations(bucket, 2)
    else:
        yield from zip([bucket[0]] * (len(bucket) - 2), bucket[2:], strict=True)
        yield from pairwise(bucket)
