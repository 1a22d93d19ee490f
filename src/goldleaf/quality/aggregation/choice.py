"""Answers to a choice made into values: one label by one run of a method, several by a question of yes or no for each label."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from goldleaf.core import InputError, Prediction
from goldleaf.quality.aggregation.auto import fit_auto, fit_with_model
from goldleaf.quality.aggregation.bwa import fit_bwa
from goldleaf.quality.aggregation.crowdlab import fit_crowdlab
from goldleaf.quality.aggregation.dawid_skene import fit_dawid_skene
from goldleaf.quality.aggregation.ebcc import fit_ebcc
from goldleaf.quality.aggregation.glad import fit_glad
from goldleaf.quality.aggregation.mace import fit_mace
from goldleaf.quality.aggregation.majority import choose, fit_majority
from goldleaf.quality.aggregation.one_coin import fit_one_coin
from goldleaf.quality.aggregation.pooled import fit_pooled
from goldleaf.quality.aggregation.votes import Fitted, Matrix, Votes, votes_of
from goldleaf.quality.labels import Answers, Floats, Ints

CHOICE: dict[str, Callable[..., Fitted]] = {
    "auto": fit_auto,
    "majority": fit_majority,
    "dawid_skene": fit_dawid_skene,
    "one_coin": fit_one_coin,
    "glad": fit_glad,
    "mace": fit_mace,
    "bwa": fit_bwa,
    "ebcc": fit_ebcc,
    "pooled": fit_pooled,
    "crowdlab": fit_crowdlab,
}
"""`fn(votes: Votes, *, seed: int) -> Fitted`"""


def _pooled_with_model(votes: Votes, *, seed: int, predicted: Matrix) -> Fitted:
    return fit_with_model(votes, predicted, seed=seed)[0]


WITH_MODEL: dict[str, Callable[..., Fitted]] = {
    "auto": fit_auto,
    "crowdlab": fit_crowdlab,
    "pooled": _pooled_with_model,
}
"""`fn(votes, *, seed, predicted: [records, classes], NaN where the model says nothing) -> Fitted`"""


@dataclass(frozen=True, slots=True)
class Resolved:
    """Of one field: a value and a confidence a record, the votes and probabilities behind them (for several choices, those of each
    label, as yes and no), how many records were drawn among equals, and the method with its reason."""

    values: list[Any]
    confidence: Floats
    votes: list[Votes]
    fitted: list[Fitted]
    tied: int
    method: str
    reason: str


def resolve_choice(
    answers: Answers, method: str, *, predictions: Mapping[Any, Prediction] | None = None, seed: int = 0
) -> Resolved:
    """The answers to a choice, resolved. Raises InputError for a method that is not in `CHOICE`."""
    if method not in CHOICE:
        raise InputError("no such way of aggregating a choice", found=method, expected=" or ".join(CHOICE))
    given = _predicted(answers, predictions) if predictions is not None and method in WITH_MODEL else None
    return _several(answers, method, given, seed) if answers.many else _one(answers, method, given, seed)


def _fit(votes: Votes, method: str, given: Matrix | None, seed: int) -> Fitted:
    if given is not None:
        return WITH_MODEL[method](votes, seed=seed, predicted=given)
    return CHOICE[method](votes, seed=seed)


def _one(answers: Answers, method: str, given: Matrix | None, seed: int) -> Resolved:
    votes = votes_of(answers)
    fitted = _fit(votes, method, given, seed)
    chosen, tied = choose(fitted.probabilities_, seed=seed)
    written = [answers.as_written(label) for label in answers.labels]
    values = [written[each] for each in chosen.tolist()]
    confidence = fitted.probabilities_[np.arange(votes.records), chosen]
    reason = "; ".join(filter(None, (fitted.reason_, _ties(tied, votes.records))))
    return Resolved(values, confidence, [votes], [fitted], tied, fitted.method_ or method, reason)


def _several(answers: Answers, method: str, given: Matrix | None, seed: int) -> Resolved:
    """A label is in the value where yes is more probable than no. The confidence is the product of the labels': that of the whole list."""
    place = {label: at for at, label in enumerate(answers.labels)}
    named = np.zeros((len(answers), len(place)), np.int64)
    for row, value in enumerate(answers.values):
        named[row, [place[label] for label in value]] = 1
    parts: list[tuple[Votes, Fitted, Ints, int]] = []
    for at in range(len(place)):
        votes = replace(_empty(answers), label=named[:, at])
        binary = None if given is None else np.stack([1 - given[:, at], given[:, at]], axis=1)
        fitted = _fit(votes, method, binary, seed)
        parts.append((votes, fitted, *choose(fitted.probabilities_, seed=seed)))
    chosen = np.stack([part[2] for part in parts], axis=1) if parts else np.zeros((len(answers.records), 0), np.int64)
    sure = [part[1].probabilities_[np.arange(len(part[2])), part[2]] for part in parts]
    values = [[answers.labels[at] for at in np.flatnonzero(row)] for row in chosen]
    tied = sum(part[3] for part in parts)
    methods = list(dict.fromkeys(part[1].method_ or method for part in parts)) or [method]
    reasons = list(dict.fromkeys(part[1].reason_ for part in parts if part[1].reason_))
    reason = "; ".join(filter(None, ("a question of yes or no for each label", *reasons[:2], _ties(tied, chosen.size))))
    confidence = np.prod(np.stack(sure), axis=0) if sure else np.ones(len(values))
    return Resolved(
        values, confidence, [p[0] for p in parts], [p[1] for p in parts], tied, " and ".join(methods), reason
    )


def _empty(answers: Answers) -> Votes:
    none = np.zeros(len(answers), np.int64)
    return Votes(answers.record, answers.annotator, none, len(answers.records), len(answers.annotators), 2)


def _ties(tied: int, of: int) -> str:
    return f"{tied:,} of {of:,} were equal, and drawn by the seed" if tied else ""


def _predicted(answers: Answers, predictions: Mapping[Any, Prediction]) -> Matrix:
    """The model's probabilities `[records, labels]`, NaN for records it says nothing of."""
    found = np.full((len(answers.records), len(answers.labels)), np.nan)
    for row, record in enumerate(answers.records):
        said = predictions.get(record) or predictions.get(str(record))
        scores = said.scores.get(answers.field) if said is not None else None
        if isinstance(scores, Mapping):
            found[row] = [float(scores.get(label, 0.0)) for label in answers.labels]  # pyright: ignore[reportUnknownMemberType, reportUnknownArgumentType]
    return found
