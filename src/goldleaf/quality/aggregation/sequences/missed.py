"""How likely it is that a record has a span which nobody marked.

Of a token t that no answer marks, with L[a, j] the log-likelihood that annotator a says nothing after nothing in state j, z what the words
say and A the moves, the odds of a span with label k that begins there are

    o[t, k] = A[0, B_k] / A[0, 0] exp (sum_a (L[a, B_k] - L[a, 0]) / d + z[t, B_k] - z[t, 0])

and the record has none with probability prod_t 1 / (1 + sum_k o[t, k]). d is what the answers to a record are told to count less by.
"""

from __future__ import annotations

import numpy as np

from goldleaf.quality.aggregation.sequences.span_chain import Chained
from goldleaf.quality.aggregation.sequences.span_tokens import Laid
from goldleaf.quality.aggregation.sequences.span_votes import Told
from goldleaf.quality.aggregation.sequences.span_words import Words
from goldleaf.quality.aggregation.votes import add_up
from goldleaf.quality.labels import Answers, Floats


def chance_of_none(
    answers: Answers, laid: Laid, told: Told, fit: Chained, words: Words | None, discount: Floats
) -> Floats:
    """The logarithm of the probability that nothing was missed: `[records]`. `discount` `[records]` is d."""
    first = np.arange(1, 2 * len(laid.labels) + 1, 2)
    with np.errstate(divide="ignore"):
        odds = np.log(fit.moves.leave[0, first]) - np.log(fit.moves.leave[0, 0])
    less = fit.quiet[:, first] - fit.quiet[:, :1]
    silent = np.stack(
        [np.bincount(answers.record, column, len(answers.records)) for column in less[answers.annotator].T], axis=1
    )
    quiet = np.ones(int(laid.first[-1]), bool)
    quiet[told.kept[told.votes[told.packed.place, 1:].sum(axis=1) > 0]] = False
    token = np.flatnonzero(quiet)
    record = np.searchsorted(laid.first, token, side="right") - 1
    logs = odds + (silent / discount[:, np.newaxis])[record]
    if words is not None:
        said = words.elsewhere(fit.beliefs.chance, token)
        logs += said[:, first] - said[:, :1]
    return add_up(record, -np.logaddexp(0.0, np.logaddexp.reduce(logs, axis=1)), len(answers.records))
