"""BSC: what annotators mark, given what they marked just before, around the most probable sequence of spans.

Bayesian sequence combination in the manner of E. Simpson and I. Gurevych, A Bayesian Approach for Sequence Tagging with Crowds, EMNLP 2019,
https://aclanthology.org/D19-1101 (the model they call BSC-seq), whose annotators go back to A. T. Nguyen, B. C. Wallace, J. J. Li, A.
Nenkova and M. Lease, ACL 2017, https://aclanthology.org/P17-1028. With j[t] the true state of token t, l what annotator a said of the token
before and m what a says of it:

    j[t] ~ Categorical(A[j[t-1], .]),   m ~ Categorical(C[a, j[t], l, .]),   C[a, j, l, .] ~ Dirichlet(s[j, l] mu[j, l, .])

States are nothing, the first and the later tokens of a span of each label, and the token behind a span: there annotators run over, as
they do not elsewhere. Moves that are no sequence of spans have no mass; mu begins as `expected_answers` says, and is what all annotators
together do with `POOL` answers of that: annotators differ, but not without bound. E step: forward and backward over the chains; M step: the
expected counts of moves and answers,

    log p(m | a, j, l) = log (n[a, j, l, m] + s mu[j, l, m]) - log (n[a, j, l, .] + s)

and where the words are known, what is found of the same words elsewhere (`span_words`) stands beside the answers.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from goldleaf.quality.aggregation.sequences.span_chain import Chained, fit_chain
from goldleaf.quality.aggregation.sequences.span_votes import Told
from goldleaf.quality.aggregation.sequences.span_words import Words
from goldleaf.quality.aggregation.votes import Matrix

Table = np.ndarray[Any, np.dtype[np.float64]]
FALSE, MISSED, MISTAKEN = 0.1, 0.5, 0.08
"""Expected beforehand: false spans, as a share of how often annotators begin one; spans missed; labels mistaken for another."""
FALSE_KNOWN, STRENGTH, STRENGTH_BEHIND = 10.0, 12.0, 20.0
"""How many false spans the first is worth; s of the other states, and of the token behind a span."""
POOL = 200.0
IMPOSSIBLE = 1e-6


def fit_bsc(
    told: Told, labels: int, words: Words | None = None, *, iterations: int = 15, tolerance: float = 1e-3
) -> Chained:
    """`labels` of spans there are; `words` is what the words say, where they are known."""
    expected, strength = expected_answers(labels, _begun(told))

    def score(chance: Matrix) -> tuple[Matrix, Matrix]:
        said = log_answers(told, chance, expected, strength)
        logs = told.by_token @ said
        return (logs if words is None else logs + words.opinion(chance)), said[told.quiet]

    return fit_chain(told, labels, score, iterations=iterations, tolerance=tolerance)


def log_answers(told: Told, chance: Matrix, expected: Table, strength: Matrix) -> Matrix:
    """log p of each combination of annotator, before and says, by state: `[u, S]`."""
    counts = told.by_pair @ chance
    counts[told.quiet, 0] += told.unmarked
    total = np.zeros((told.rows, counts.shape[1]))
    np.add.at(total, told.row, counts)
    mean = _pooled(told, counts, expected)
    alpha = (mean * strength[:, :, np.newaxis])[:, told.before, told.says].T
    before = np.empty(told.rows, np.int64)
    before[told.row] = told.before
    return np.log(alpha + counts) - np.log(strength.T[before] + total)[told.row]


def _pooled(told: Told, counts: Matrix, expected: Table) -> Table:
    """mu: what all annotators do `[S, 1 + 2E, 1 + 2E]`."""
    states, said, _ = expected.shape
    summed = np.zeros((said * said, states))
    np.add.at(summed, told.before * said + told.says, counts)
    pooled = summed.reshape(said, said, states).transpose(2, 0, 1) + POOL * expected
    return pooled / pooled.sum(axis=2, keepdims=True)


def _begun(told: Told) -> float:
    """The share of all votes for tokens that begin a span."""
    return max(float(told.votes[:, 1::2].sum()), 0.5) / max(float(told.votes.sum() + told.unmarked.sum()), 1.0)


def expected_answers(labels: int, begun: float) -> tuple[Table, Matrix]:
    """mu beforehand `[S, 1 + 2E, 1 + 2E]` (state, said before, said), and s `[S, 1 + 2E]`; `begun` is how often annotators begin a span."""
    states, said, false = 2 * labels + 2, 2 * labels + 1, FALSE * begun
    first, later, end = np.arange(1, said, 2), np.arange(2, said, 2), 2 * labels + 1
    other = max(labels - 1, 1)
    found = np.zeros((states, said, said))
    inside = np.r_[first, later]
    goes_on = np.r_[later, later]
    # nothing: a false span begins; or one goes on
    for state, rate, on in ((0, false, 0.35), (end, 0.02, 0.06)):
        found[state][:, 0] = 1 - false
        found[state][:, first] = false / labels
        found[state, inside, 0] = 1 - on - rate
        found[state][np.ix_(inside, first)] = rate / labels
        found[state, inside, goes_on] = on
    for k in range(labels):
        start, rest = 1 + 2 * k, 2 + 2 * k
        found[start][:, 0] = MISSED
        found[start][:, first] = MISTAKEN / other
        found[start][:, start] = 0.96 - MISSED - MISTAKEN
        found[start, inside, goes_on] = 0.04
        found[rest][:, 0] = 0.15
        found[rest][:, first] = 0.02 / other
        found[rest][:, start] = 0.04
        found[rest, inside, goes_on] = 0.8
        found[rest, 0] = 0.0
        found[rest, 0, 0], found[rest, 0, first], found[rest, 0, start] = 0.7, 0.05 / other, 0.25
    strength = np.full((states, said), STRENGTH)
    strength[0, 0] = FALSE_KNOWN / false
    strength[end] = STRENGTH_BEHIND
    strength[end, 0] = max(STRENGTH_BEHIND, FALSE_KNOWN / false / 10)
    mean = np.maximum(found, IMPOSSIBLE)
    return mean / mean.sum(axis=2, keepdims=True), strength
