"""From what several annotators said of each record to one value with a confidence: one call for every kind and method."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from goldleaf.core import InputError, Prediction, Schema
from goldleaf.quality.aggregation.choice import CHOICE, resolve_choice
from goldleaf.quality.aggregation.reliability import beta_interval, confuse, count_right, discount
from goldleaf.quality.aggregation.sequences import SEQUENCE, Question, resolve_sequence
from goldleaf.quality.aggregation.votes import Fitted, truth_of
from goldleaf.quality.labels import Answers, Floats, read_answers

PEOPLE = ("field", "annotator", "answers", "accuracy", "low", "high")
SPANS = ("record", "field", "start", "end", "label", "confidence")
CONFUSED = ("field", "annotator", "label", "said", "count", "share", "low", "high")


@dataclass(frozen=True, slots=True)
class Aggregation:
    """What was made of the answers.

    `values` has a row a record and field: `record, field, value, confidence, method`; the confidence is the probability, by the method,
    that the value is right. `annotators` has a row an annotator and field: `field, annotator, answers, accuracy, low, high`, the accuracy
    with its 95 % interval, NaN for an annotator who shares no record with another; for spans it is how often the annotator was right about
    a place where somebody marked a span: to mark it, with which label, or not to. `confusions` has, for choices of one label, spans and
    tags, a row for each thing an annotator says of what is: `field, annotator, label` (what is), `said, count, share, low, high`; of a
    place for a span that is none, `(nothing)`. `probabilities` has by field, for choices, a table of a row a record and a column a label:
    how probable it is, or of several that it is among them. `spans` has a row a span of the values: `record, field, start, end, label,
    confidence`, in code points, for tags in tokens (tags that mark no spans have a row a token). `reasons` says by field why the method
    was taken and how many records were drawn among equals, `iterations` how many it took, `log_likelihoods` where the method has one.
    """

    values: pd.DataFrame
    annotators: pd.DataFrame
    reasons: dict[str, str] = field(default_factory=dict[str, str])
    iterations: dict[str, int] = field(default_factory=dict[str, int])
    confusions: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=list(CONFUSED)))
    probabilities: dict[str, pd.DataFrame] = field(default_factory=dict[str, pd.DataFrame])
    log_likelihoods: dict[str, float] = field(default_factory=dict[str, float])
    spans: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=list(SPANS)))


def aggregate(
    table: pd.DataFrame,
    method: str = "auto",
    *,
    schema: Schema | None = None,
    records: pd.DataFrame | None = None,
    predictions: Iterable[Prediction] | None = None,
    seed: int = 0,
) -> pd.DataFrame:
    """One row a record and field: `record, field, value, confidence, method`.

    `method` is `auto`, or for choices one of `CHOICE`, for spans and tags one of `SEQUENCE`; `majority` is in both. `records` is the
    records table, from which spans and tags have their words: a model of sequences finds more with them. `predictions` are a model's, out
    of sample: `auto`, `pooled` and `crowdlab` weigh them with the answers to choices, the
    models of sequences take them for those of one annotator more. Raises InputError for a table without answers.

    >>> said = pd.DataFrame({"record": [1, 1, 1, 2], "annotator": ["a", "b", "c", "a"], "value": ["yes", "yes", "no", "no"]})
    >>> aggregate(said, "majority").round(2)
       record  field value  confidence    method
    0       1  label   yes        0.67  majority
    1       2  label    no        1.00  majority
    """
    return aggregation(table, method, schema=schema, records=records, predictions=predictions, seed=seed).values


def aggregation(
    table: pd.DataFrame,
    method: str = "auto",
    *,
    schema: Schema | None = None,
    records: pd.DataFrame | None = None,
    predictions: Iterable[Prediction] | None = None,
    seed: int = 0,
) -> Aggregation:
    """`aggregate`, with how reliable each annotator is, the probabilities, and why the method was taken."""
    fields = [answers for answers in read_answers(table, schema=schema) if len(answers)]
    if not fields:
        raise InputError("there is nothing to aggregate", found="a label table without answers")
    known = {each.record: each for each in predictions} if predictions is not None else None
    parts = [
        _choice(answers, method, known, seed)
        if answers.kind == "choice"
        else _sequence(answers, _method_of(answers, method), records, known)
        for answers in fields
    ]
    whole = Aggregation(
        pd.concat([part.values for part in parts], ignore_index=True),
        _join([part.annotators for part in parts], PEOPLE),
        confusions=_join([part.confusions for part in parts], CONFUSED),
        spans=_join([part.spans for part in parts], SPANS),
    )
    for part in parts:
        whole.reasons.update(part.reasons)
        whole.iterations.update(part.iterations)
        whole.probabilities.update(part.probabilities)
        whole.log_likelihoods.update(part.log_likelihoods)
    return whole


def _join(tables: list[pd.DataFrame], columns: tuple[str, ...]) -> pd.DataFrame:
    filled = [table for table in tables if len(table)]
    return pd.concat(filled, ignore_index=True) if filled else pd.DataFrame(columns=list(columns))


def _method_of(answers: Answers, method: str) -> str:
    """The method for spans and tags; one that is for choices only leaves them to `auto`."""
    return "auto" if method in CHOICE and method not in SEQUENCE else method


def _choice(answers: Answers, method: str, known: Mapping[Any, Prediction] | None, seed: int) -> Aggregation:
    found = resolve_choice(answers, method, predictions=known, seed=seed)
    likelihoods = [each.log_likelihood_ for each in found.fitted if each.log_likelihood_ is not None]
    single = not answers.many
    labels = [answers.as_written(label) for label in answers.labels]
    asked = [Question(votes, truth_of(fit), labels) for votes, fit in zip(found.votes, found.fitted, strict=True)]
    return Aggregation(
        _values(answers, found.values, found.confidence, found.method),
        _people(answers, asked),
        {answers.field: found.reason},
        {answers.field: max((each.iterations_ for each in found.fitted), default=0)},
        _confusions(answers, asked) if single else pd.DataFrame(columns=list(CONFUSED)),
        {answers.field: _probabilities(answers, found.fitted, labels)},
        {answers.field: sum(likelihoods)} if likelihoods else {},
    )


def _probabilities(answers: Answers, fitted: list[Fitted], labels: list[Any]) -> pd.DataFrame:
    """`[records, labels]`; of several choices each label is a question of its own, of which the second class is yes."""
    given = [each.probabilities_ for each in fitted]
    table = np.stack([each[:, 1] for each in given], axis=1) if answers.many and given else given[0] if given else None
    return pd.DataFrame(table, index=pd.Index(answers.records), columns=pd.Index(labels))


def _people(answers: Answers, asked: list[Question]) -> pd.DataFrame:
    """Accuracies; of several choices the mean over the labels, each a question of its own."""
    count = len(answers.annotators)
    hits, counted, doubt = np.sum(
        [count_right(each.votes, each.truth) for each in asked] or np.zeros((1, 3, count)), axis=0
    )
    questions = max(len(asked), 1)
    mean = float(hits.sum() / counted.sum()) if counted.any() else np.nan
    rates = beta_interval(*discount(hits / questions, counted / questions, doubt / questions), mean)
    answered = np.bincount(answers.annotator, minlength=count)
    return pd.DataFrame(dict(zip(PEOPLE, (answers.field, answers.annotators, answered, *rates), strict=True)))


def _confusions(answers: Answers, asked: list[Question]) -> pd.DataFrame:
    return _join([_confused(answers, each) for each in asked], CONFUSED)


def _confused(answers: Answers, asked: Question) -> pd.DataFrame:
    names: dict[str, list[Any]] = {"annotator": answers.annotators, "label": asked.names, "said": asked.names}
    columns: dict[str, Any] = {
        name: [names[name][at] for at in column.tolist()] if name in names else column
        for name, column in confuse(asked.votes, asked.truth).items()
    }
    return pd.DataFrame({"field": answers.field, **columns})


def _sequence(
    answers: Answers, method: str, records: pd.DataFrame | None, known: Mapping[Any, Prediction] | None
) -> Aggregation:
    found = resolve_sequence(answers, method, records, predictions=known)
    spans = found.spans.assign(field=answers.field)[list(SPANS)]
    return Aggregation(
        _values(answers, found.values, found.confidence, found.method),
        _people(answers, found.asked),
        {answers.field: found.reason},
        {answers.field: found.iterations},
        _confusions(answers, found.asked),
        spans=spans,
    )


def _values(answers: Answers, values: list[Any], confidence: Floats, method: str) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "record": answers.records,
            "field": answers.field,
            "value": pd.Series(values, dtype=object) if answers.many or answers.kind != "choice" else values,
            "confidence": np.asarray(confidence, dtype=np.float64),
            "method": method,
        }
    )
