"""How a model does on parts of the data, and which of them it does significantly worse on."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from statistics import NormalDist
from typing import Any

import numpy as np

from goldleaf.core import Example, Field, InputError, Prediction, Record, Schema, Span
from goldleaf.evaluate.pairs import Pair, check_aligned, pair_up
from goldleaf.measure import Table, count_labels, f1_of, group_sums, holm, interval, ratio, resample, total
from goldleaf.text import add_typos, casing_of, detect_script, length_names

LEAST = 20
"""Slices of fewer records are shown, and not judged."""
SIGNIFICANT = 0.05


@dataclass(frozen=True, slots=True)
class _Slice:
    """A part of the pairs: what it is by, its name, and tp, fp, fn of each pair in it `[pairs, 3]` beside those it is held against."""

    by: str
    name: str
    records: int
    counts: Table
    against: Table


def slices_of(
    schema: Schema,
    examples: Sequence[Example],
    predictions: Sequence[Prediction],
    *,
    train: Sequence[Example] | None = None,
    with_typos: tuple[Sequence[Example], Sequence[Prediction]] | None = None,
    seed: int = 0,
    resamples: int = 1000,
) -> dict[str, list[dict[str, Any]]]:
    """The main score of every field on parts of the data, worst first: `{"by", "name", "score", "records", "value", "low", "high",
    "difference", "p", "worse"}`.

    Slices are by `length` (thirds of the texts by characters), `script`, `casing`, with `train` by whether the `entities` occur in the
    training data under their label (the score is then recall, of those entities alone), and with `with_typos` (`make_typos` of the
    examples, and their predictions) by `typos`. `difference` is the slice's score minus that of the whole, with its interval by the
    bootstrap over groups; of typos, minus that of the same records without. `p` is that of a difference of 0 (two-sided, normal, with
    the bootstrap's error), and `worse` says whether the difference is negative and p withstands Holm's correction (Holm, 1979) over
    the field's slices at 0.05. Slices of fewer than `LEAST` records are not judged (`p` None). A slice that would hold every record is
    left out.
    """
    check_aligned(examples, predictions)
    rng = np.random.default_rng(seed)
    found: dict[str, list[dict[str, Any]]] = {}
    for field in schema.fields:
        if not (pairs := pair_up(field, examples, predictions)):
            continue
        rows = list(_record_slices(field, pairs))
        if train is not None and field.kind == "spans":
            rows += _entity_slices(pairs, known_entities(field, train))
        if with_typos is not None:
            check_aligned(*with_typos, who="predictions of texts with typos")
            rows.append(_typo_slice(field, pairs, pair_up(field, *with_typos)))
        groups = [pair.group for pair in pairs]
        measured = [_measure(field, row, groups, rng, resamples) for row in rows]
        found[field.name] = sorted(_judge(measured), key=lambda row: row["difference"]["value"])
    return found


def make_typos(examples: Sequence[Example], *, seed: int = 0) -> list[Example]:
    """The examples with typos in their texts (see `text.add_typos`), spans and tokens moved along. A text's typos depend on the seed and on
    its place alone."""
    return [_mistype(example, np.random.default_rng([seed, n])) for n, example in enumerate(examples)]


def _mistype(example: Example, rng: np.random.Generator) -> Example:
    record = example.record
    spans = [v for value in example.values.values() for v in value if isinstance(v, Span)]
    borders = {place for part in [*spans, *(record.tokens or ())] for place in part[:2]}
    text, places = add_typos(record.text, rng=rng, borders=borders)
    tokens = record.tokens and tuple((places[start], places[end]) for start, end in record.tokens)
    values = {
        name: value if isinstance(value, str) else [_moved(part, places) for part in value]
        for name, value in example.values.items()
    }
    return Example(replace(record, text=text, tokens=tokens), values)


def _moved(part: Any, places: Sequence[int]) -> Any:
    return Span(places[part.start], places[part.end], part.label) if isinstance(part, Span) else part


def known_entities(field: Field, train: Sequence[Example]) -> set[tuple[str, str]]:
    """Text, without regard to case, and label of every span of the training data."""
    rows = (e for e in train if field.name in e.values)
    return {_entity(e.record, span) for e in rows for span in e.values[field.name]}


def _entity(record: Record, span: Span) -> tuple[str, str]:
    return record.text[span.start : span.end].casefold(), span.label


def _record_slices(field: Field, pairs: Sequence[Pair]) -> Iterator[_Slice]:
    """Whole records by what their texts look like."""
    counts = np.array([_counts(field, pair) for pair in pairs], dtype=np.float64)
    third = length_names([len(pair.record.text) for pair in pairs])
    ways: dict[str, Callable[[str], str]] = {
        "length": lambda text: third(len(text)),
        "script": detect_script,
        "casing": casing_of,
    }
    for by, name_of in ways.items():
        names = np.array([name_of(pair.record.text) for pair in pairs])
        for name in np.unique(names) if len(set(names)) > 1 else ():
            inside = names == name
            yield _Slice(by, str(name), int(inside.sum()), counts * inside[:, np.newaxis], counts)


def _counts(field: Field, pair: Pair) -> tuple[int, int, int]:
    counts = total(count_labels(field, pair.gold, pair.predicted).values())
    return counts.tp, counts.fp, counts.fn


def _entity_slices(pairs: Sequence[Pair], known: set[tuple[str, str]]) -> Iterator[_Slice]:
    """Gold spans that training has and has not seen; of predictions only those that are right count, so the score is recall."""
    whole = np.array([_found(pair, pair.gold) for pair in pairs], dtype=np.float64)
    for name, seen in (("seen in training", True), ("never seen in training", False)):
        rows = [[s for s in pair.gold if (_entity(pair.record, s) in known) == seen] for pair in pairs]
        counts = np.array([_found(pair, spans) for pair, spans in zip(pairs, rows, strict=True)], dtype=np.float64)
        number = sum(1 for spans in rows if spans)
        if number and not np.array_equal(counts, whole):
            yield _Slice("entities", name, number, counts, whole)


def _found(pair: Pair, spans: Iterable[Span]) -> tuple[int, int, int]:
    """How many of these gold spans were predicted, and how many were not."""
    marks = [span in pair.predicted for span in spans]
    return sum(marks), 0, len(marks) - sum(marks)


def _typo_slice(field: Field, pairs: Sequence[Pair], mistyped: Sequence[Pair]) -> _Slice:
    if [pair.place for pair in pairs] != [pair.place for pair in mistyped]:
        raise InputError("the records with typos are not those without", where=f"field {field.name}")
    counts = [np.array([_counts(field, pair) for pair in rows], dtype=np.float64) for rows in (mistyped, pairs)]
    changed = np.array([a.record.text != b.record.text for a, b in zip(mistyped, pairs, strict=True)])[:, np.newaxis]
    return _Slice("typos", "with typos", int(changed.sum()), counts[0] * changed, counts[1] * changed)


def _measure(
    field: Field, part: _Slice, groups: Sequence[str], rng: np.random.Generator, resamples: int
) -> dict[str, Any]:
    """A slice's score, and how far it is from what it is held against, resampled together."""
    name = "recall" if part.by == "entities" else "f1" if field.kind == "spans" or field.many else "accuracy"
    score = f1_of if name == "f1" else _recall
    sums = group_sums(np.hstack([part.counts, part.against]), groups)
    drawn = resample(sums, resamples=resamples, rng=rng)
    value = interval(lambda s: score(s[:, :3]), sums, drawn)

    def difference(table: Table) -> Table:
        return score(table[:, :3]) - score(table[:, 3:])

    gap, error = interval(difference, sums, drawn), float(difference(drawn).std())
    judged = part.records >= LEAST and error > 0
    p = round(2 * NormalDist().cdf(-abs(gap.value) / error), 6) if judged else None
    about = {"by": part.by, "name": part.name, "score": name, "records": part.records}
    return about | value.to_dict() | {"difference": gap.to_dict(), "p": p}


def _recall(counts: Table) -> Table:
    """Of what gold has, the share that is right; where there is one answer a record or token, accuracy."""
    return ratio(counts[:, 0], counts[:, 0] + counts[:, 2])


def _judge(rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Say of each row whether it is worse, by Holm's correction over all of them."""
    far = holm([row["p"] for row in rows], level=SIGNIFICANT)
    return [{**row, "worse": n in far and row["difference"]["value"] < 0} for n, row in enumerate(rows)]
