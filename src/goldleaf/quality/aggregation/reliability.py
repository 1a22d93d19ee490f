"""How reliable each annotator is, by what an aggregation took for true: accuracy and confusions, with intervals.

A vote helped to decide its own record. With p the probability of the label that the vote names and s the annotator's accuracy, taking the
vote away divides the odds of p by s (K - 1) / (1 - s):

    o = p / (1 - p) (1 - s) / (s (K - 1)),   q = o / (1 + o),   r = (p + q) / 2

p alone flatters who errs with others on hard records; q alone, what the rest say of a vote, is too low where they are few, for they err
too. Their mean is out by less than either (docs/design/0024). Records with one vote say nothing of who gave it. With R the sum of r over
the n votes that others share, and m the mean over all votes, the accuracy is that of Beta(f R + 2 m, f (n - R) + 2 (1 - m)): its mean, and
its 2.5 and 97.5 % points. f takes off what is not known of the votes themselves: with v = R / n (1 - R / n) and u = mean of r (1 - r),
f = v / (v + u).

>>> import numpy as np
>>> record, annotator = np.repeat(np.arange(4), 3), np.tile(np.arange(3), 4)
>>> label = np.array([0, 0, 0, 1, 1, 0, 0, 0, 1, 1, 1, 1])
>>> truth = np.array([[0.99, 0.01], [0.1, 0.9], [0.9, 0.1], [0.01, 0.99]])
>>> accuracy, low, high = rate_annotators(Votes(record, annotator, label, records=4, annotators=3, classes=2), truth)
>>> accuracy.round(2).tolist()
[0.86, 0.86, 0.63]
"""

from __future__ import annotations

import numpy as np
from scipy.special import betaincinv  # pyright: ignore[reportMissingTypeStubs, reportUnknownVariableType]

from goldleaf.quality.aggregation.votes import Matrix, Votes, add_up, pair_votes
from goldleaf.quality.labels import Floats, Ints

LEAST_CONFUSED = 0.05
"""Counts of a confusion below this are left out."""


def rate_annotators(votes: Votes, truth: Matrix) -> tuple[Floats, Floats, Floats]:
    """Accuracy and its 95 % interval, each `[annotators]`; NaN where an annotator has no record in common with another."""
    hits, answers, doubt = count_right(votes, truth)
    mean = float(hits.sum() / answers.sum()) if answers.any() else np.nan
    return beta_interval(*discount(hits, answers, doubt), mean)


def count_right(votes: Votes, truth: Matrix) -> tuple[Floats, Floats, Floats]:
    """Of each annotator's votes that others share: the sum of r, how many they are, and the sum of r (1 - r)."""
    shared = shared_votes(votes)
    right, who = judge_votes(votes, truth)[shared], votes.annotator[shared]
    hits, answers, doubt = (
        add_up(who, each, votes.annotators) for each in (right, np.ones(len(who)), right * (1 - right))
    )
    return hits, answers, doubt


def discount(hits: Floats, answers: Floats | Ints, doubt: Floats) -> tuple[Floats, Floats]:
    """Hits and answers times f, as above; `doubt` is the sum of r (1 - r)."""
    count = np.maximum(answers, 1e-9)
    share = np.clip(hits / count, 0.01, 0.99)
    f: Floats = share * (1 - share) / (share * (1 - share) + doubt / count)
    return hits * f, answers * f


def shared_votes(votes: Votes) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Which votes are on a record with another vote: `[votes]`."""
    return np.bincount(votes.record, minlength=votes.records)[votes.record] > 1


def judge_votes(votes: Votes, truth: Matrix, *, rounds: int = 2) -> Floats:
    """The probability r that each vote is right: `[votes]`."""
    p: Floats = np.clip(truth[votes.record, votes.label], 1e-9, 1 - 1e-9)
    odds, right = p / (1 - p), p
    answers = np.bincount(votes.annotator, minlength=votes.annotators)
    for _ in range(rounds if len(p) else 0):
        skill = (add_up(votes.annotator, right, votes.annotators) + 2 * right.mean()) / (answers + 2)
        skill = np.clip(skill, 1e-3, 1 - 1e-3)
        without = odds * ((1 - skill) / (skill * max(votes.classes - 1, 1)))[votes.annotator]
        right = np.where(skill[votes.annotator] * votes.classes > 1, without / (1 + without), p)
    return (p + right) / 2


def beta_interval(hits: Floats, answers: Floats | Ints, mean: float) -> tuple[Floats, Floats, Floats]:
    """Mean, 2.5 and 97.5 % points of Beta(hits + 2 mean, answers - hits + 2 (1 - mean)); NaN without answers."""
    mean = min(max(mean, 0.05), 0.95) if mean == mean else 0.5
    above, below = hits + 2 * mean, np.maximum(answers - hits, 0) + 2 * (1 - mean)
    none = answers == 0
    found = above / (above + below), betaincinv(above, below, 0.025), betaincinv(above, below, 0.975)
    value, low, high = (np.where(none, np.nan, each) for each in found)
    return value, low, high


def confuse(votes: Votes, truth: Matrix) -> dict[str, Ints | Floats]:
    """What each annotator says of what is: columns `annotator`, `label` (what is), `said`, `count` (expected), `share` of the annotator's
    answers to such records with its 95 % interval `low`, `high`. Counts under `LEAST_CONFUSED` are left out."""
    pairs = pair_votes(votes)
    counts = pairs.by_pair @ truth
    pair, label = np.nonzero(counts >= LEAST_CONFUSED)
    annotator, count = pairs.annotator[pair], counts[pair, label]
    total = (pairs.by_annotator @ counts)[annotator, label]
    low = betaincinv(count + 0.5, np.maximum(total - count, 0) + 0.5, 0.025)
    high = betaincinv(count + 0.5, np.maximum(total - count, 0) + 0.5, 0.975)
    return {
        "annotator": annotator,
        "label": label,
        "said": pairs.label[pair],
        "count": count,
        "share": np.minimum(count / total, 1.0),
        "low": low,
        "high": high,
    }
