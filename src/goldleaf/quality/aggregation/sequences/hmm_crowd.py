"""HMM-Crowd: a hidden Markov chain of tags, and a confusion matrix an annotator, whatever they said before.

A. T. Nguyen, B. C. Wallace, J. J. Li, A. Nenkova and M. Lease, Aggregating and Predicting Sequence Labels from Crowd Annotations, ACL 2017,
https://aclanthology.org/P17-1028: Dawid-Skene with a chain in place of the prior,

    j[t] ~ Categorical(A[j[t-1], .]),   m ~ Categorical(C[a, j[t], .]),   C[a, j, m] ~ n[a, j, m] + PRIOR

by expectation maximisation. The token behind a span is nothing, here: annotators are not told apart by it.
"""

from __future__ import annotations

import numpy as np

from goldleaf.quality.aggregation.sequences.span_chain import Chained, fit_chain
from goldleaf.quality.aggregation.sequences.span_votes import Told
from goldleaf.quality.aggregation.sequences.span_words import Words
from goldleaf.quality.aggregation.votes import Matrix

PRIOR, RIGHT = 0.2, 1.0
"""What each answer counts beforehand, and the right one beside it."""


def fit_hmm_crowd(
    told: Told, labels: int, words: Words | None = None, *, iterations: int = 15, tolerance: float = 1e-3
) -> Chained:
    """`labels` of spans there are. It does not look at the words."""
    said, people = 2 * labels + 1, len(told.unmarked)
    cell = told.annotator * said + told.says
    prior = PRIOR + RIGHT * np.eye(said)

    def score(chance: Matrix) -> tuple[Matrix, Matrix]:
        counts = told.by_pair @ np.c_[chance[:, :1] + chance[:, -1:], chance[:, 1:-1]]
        counts[told.quiet, 0] += told.unmarked
        table = np.zeros((people * said, said))
        np.add.at(table, cell, counts)
        table = table.reshape(people, said, said) + prior
        logs = np.log(table / table.sum(axis=1, keepdims=True))[told.annotator, told.says]
        logs = np.c_[logs, logs[:, :1]]
        return told.by_token @ logs, logs[told.quiet]

    return fit_chain(told, labels, score, iterations=iterations, tolerance=tolerance)
