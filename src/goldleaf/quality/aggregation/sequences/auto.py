"""Auto for spans and tags: a model of sequences, unless the answers cannot tell who is right more often; then the majority.

That is so where no record has two answers, or fewer than `FEWEST` annotators answered. With n[a] answers of annotator a, (sum n)^2 / sum
n^2 says how many annotators the answers are worth; under `HANDFUL` they are a handful, of whom one that errs often moves all. So it is also
so where

- records have about two answers (under `FEW` on average) of a handful of annotators, or the words are not known, which would decide between
two; - the answers mark fewer than `LEAST_MARKS` spans, of a handful `HANDFUL_MARKS`, and where the words are not known `BLIND_MARKS`.

docs/design/0025 has the figures. Where tags mark no spans, every token is a mark.
"""

from __future__ import annotations

import numpy as np

from goldleaf.quality.labels import Answers

FEWEST, FEW, HANDFUL = 4, 2.5, 7.0
LEAST_MARKS, HANDFUL_MARKS, BLIND_MARKS = 100, 600, 2500


def why_majority(answers: Answers, *, marks: int, words: bool) -> str:
    """Why the answers, which mark so many spans in words that are known or not, cannot tell who is right more often; empty where they
    can."""
    per_record = np.bincount(answers.record, minlength=len(answers.records))
    several = per_record > 1
    if not several.any():
        return "no record has two answers"
    if len(answers.annotators) < FEWEST:
        return f"{len(answers.annotators)} annotators: too few to tell from their answers who is right more often"
    given = np.bincount(answers.annotator[several[answers.record]], minlength=len(answers.annotators)).astype(float)
    handful = float(given.sum() ** 2 / (given**2).sum()) < HANDFUL
    whose = " of a handful of annotators" if handful else ""
    each = float(per_record[several].mean())
    if each < FEW and (handful or not words):
        return f"{each:.1f} answers a record{whose}: too little to tell who of two is right more often"
    needed = LEAST_MARKS if not handful else HANDFUL_MARKS if words else BLIND_MARKS
    if marks < needed:
        return f"{marks:,} spans are marked{whose}: too few to tell who is right more often"
    return ""


def shape_of_answers(answers: Answers) -> str:
    """How many answers there are, in words."""
    return (
        f"{len(answers) / max(len(answers.records), 1):.1f} answers a record of {len(answers.annotators):,} annotators with "
        f"{len(answers) / max(len(answers.annotators), 1):.0f} each"
    )
