"""Wrong tags, one a token: what annotators' mistakes leave of a model's opinion of every token.

As for spans (`spans`), but any tag is given as any other alike, and a site is a token.
"""

from __future__ import annotations

from typing import Any, cast

import numpy as np

from goldleaf.quality.errors.case import Case
from goldleaf.quality.errors.channel import even_rates, true_tags
from goldleaf.quality.errors.found import ELSEWHERE, MODEL, SPLIT, Found, Rows
from goldleaf.quality.errors.said import answers_of, true_by_answers
from goldleaf.quality.errors.sequences import line_up, opinions_of, tokens_table, with_doubt
from goldleaf.quality.errors.sites import sigmoid, wrong_odds
from goldleaf.quality.labels import Floats


def find_in_tags(case: Case, *, at_least: float, seed: int) -> Found:
    """The tags that are probably wrong. (Nothing is drawn: the seed makes no difference.)"""
    lined = line_up(case)
    classes = case.opinions.classes
    opinions, rates = opinions_of(lined), even_rates(len(classes))
    said = answers_of(case, lined)
    before = true_by_answers(true_tags(opinions, lined.given, rates), opinions, lined, said, rates)
    true = with_doubt(before, lined, np.arange(len(classes)))
    wrong = sigmoid(wrong_odds(true, lined.given)) if len(classes) > 1 else np.zeros(len(true))
    others = true.copy()
    others[np.arange(len(true)), lined.given] = -1
    proposed, thought = others.argmax(axis=1), opinions.argmax(axis=1)
    elsewhere = wrong_odds(true, lined.given) > wrong_odds(before, lined.given) + 1e-9
    labelled: Rows = []
    whole: Rows = []
    for n, at in enumerate(cast("list[int]", case.judged.tolist())):
        rows = lined.rows(n)
        first = int(lined.starts[n])
        new: Rows = []
        for i in range(first, int(lined.starts[n + 1])):
            if wrong[i] >= at_least:
                row = _row(case, at, i - first, lined.tokens[i], float(wrong[i]))
                split = said is not None and said.split(n, slice(i - first, i - first + 1), lined.given[i : i + 1])
                says = ((MODEL, thought[i] != lined.given[i]), (ELSEWHERE, elsewhere[i]), (SPLIT, split))
                tags = {"given": classes[int(lined.given[i])], "proposed": classes[int(proposed[i])]}
                new.append(
                    {**row, **tags, "kind": "tags", "error": "type", "reasons": [word for word, yes in says if yes]}
                )
        labelled += new
        whole.append(
            _whole(case, at, wrong[rows], [classes[k] for k in cast("list[int]", proposed[rows].tolist())], new)
        )
    return Found(labelled, whole, tokens_table(case, lined, wrong))


def _row(case: Case, at: int, token: int, bounds: Any, wrong: float) -> dict[str, Any]:
    start, end = (int(bounds[0]), int(bounds[1])) if bounds[0] >= 0 else (None, None)
    name = {"record": case.gold.records[at], "field": case.field.name, "token": token}
    return {**name, "start": start, "end": end, "probability": wrong}


def _whole(case: Case, at: int, wrong: Floats, proposed: list[str], new: Rows) -> dict[str, Any]:
    given = list(case.gold.values[at])
    value = [p if w > 0.5 else g for g, p, w in zip(given, proposed, cast("list[float]", wrong.tolist()), strict=True)]
    return {
        "record": case.gold.records[at],
        "field": case.field.name,
        "probability": float(wrong.max(initial=0)),
        "given": given,
        "proposed": value,
        "reasons": list(dict.fromkeys(word for row in new for word in row["reasons"])),
    }
