"""The spans that are in question, as choices: at each place where a span was marked, which label, or nothing?

A place is a run of tokens that some answer marks, or that the aggregation found. Every annotator of its record has a vote on it: the label
given to exactly this place, else nothing. A record where nobody marked anything is one place, on which all vote for nothing. So what is
known of choices (shares, how reliable annotators are, what they confuse) holds for spans.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from goldleaf.quality.aggregation.sequences.span_tokens import Laid
from goldleaf.quality.aggregation.votes import Votes, count_from
from goldleaf.quality.labels import Answers, Ints


@dataclass(frozen=True, slots=True)
class Candidates:
    """q places: `record`, the run of tokens from `begin` up to `stop` (both -1 for a record where nothing is marked), and the votes on
    them; class k is `labels[k]`, and the last one nothing."""

    record: Ints
    begin: Ints
    stop: Ints
    votes: Votes

    def find(self, begin: Ints, stop: Ints) -> Ints:
        """The places that these runs are: `[runs]`. They must be among them."""
        width = int(self.stop.max(initial=0)) + 2
        return np.searchsorted((self.begin + 1) * width + self.stop, (begin + 1) * width + stop)


def candidates(answers: Answers, laid: Laid, begin: Ints, stop: Ints) -> Candidates:
    """The places of all answers, and the runs from `begin` up to `stop` beside them."""
    sizes = np.diff(laid.first)
    of_token = np.repeat(np.arange(len(sizes)), sizes)
    runs = np.unique(np.stack([np.r_[laid.begin, begin], np.r_[laid.stop, stop]], axis=1), axis=0).reshape(-1, 2)
    record = of_token[runs[:, 0]] if len(runs) else np.zeros(0, np.int64)
    bare = np.setdiff1d(np.arange(len(sizes)), record)
    runs = np.concatenate([np.full((len(bare), 2), -1), runs])
    record = np.r_[bare, record]
    order = np.argsort(record, kind="stable")
    place = np.empty(len(order), np.int64)
    place[order] = np.arange(len(order))
    per_record = np.bincount(record, minlength=len(sizes))
    first = np.r_[0, per_record.cumsum()]
    counts = per_record[answers.record]
    base = np.r_[0, counts.cumsum()]
    asked = count_from(first[answers.record], counts)
    label = np.full(base[-1], len(laid.labels))
    found = Candidates(record, runs[:, 0], runs[:, 1], Votes(asked, asked, asked, 0, 0, 0))
    marked = place[found.find(laid.begin, laid.stop)]
    label[base[laid.answer] + marked - first[answers.record[laid.answer]]] = laid.label
    votes = Votes(
        order[asked],
        np.repeat(answers.annotator, counts),
        label,
        len(record),
        len(answers.annotators),
        len(laid.labels) + 1,
    )
    return Candidates(record, runs[:, 0], runs[:, 1], votes)
