"""Auto for spans and tags: a model of sequences, unless the answers cannot tell who is right more often; then the majority.

That is so where no record has two answers; where fewer than `FEWEST` annotators answered; and where records have about two answers (under
`FEW` on average) of a handful of annotators: with n[a] answers of annotator a, (sum n)^2 / sum n^2 < `HANDFUL`. Of two who differ, who is
right is then told by how the others compare with them, and there are too few others (docs/design/0025 has the figures).
"""

from __future__ import annotations

import numpy as np

from goldleaf.quality.labels import Answers

FEWEST, FEW, HANDFUL = 4, 2.5, 8.0


def why_majority(answers: Answers) -> str:
    """Why the answers cannot tell who is right more often; empty where they can."""
    per_record = np.bincount(answers.record, minlength=len(answers.records))
    several = per_record > 1
    if not several.any():
        return "no record has two answers"
    if len(answers.annotators) < FEWEST:
        return f"{len(answers.annotators)} annotators: too few to tell from their answers who is right more often"
    given = np.bincount(answers.annotator[several[answers.record]], minlength=len(answers.annotators)).astype(float)
    handful = given.sum() ** 2 / (given**2).sum()
    if per_record[several].mean() < FEW and handful < HANDFUL:
        return (
            f"{per_record[several].mean():.1f} answers a record of a handful of annotators: "
            "too little to tell who of two is right more often"
        )
    return ""


def shape_of_answers(answers: Answers) -> str:
    """How many answers there are, in words."""
    return (
        f"{len(answers) / max(len(answers.records), 1):.1f} answers a record of {len(answers.annotators):,} annotators with "
        f"{len(answers) / max(len(answers.annotators), 1):.0f} each"
    )
