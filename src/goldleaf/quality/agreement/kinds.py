"""How the answers of each kind of field are compared. A new kind plugs in with one such function."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np

from goldleaf.core import InputError, brief
from goldleaf.quality.agreement import parts
from goldleaf.quality.agreement.alpha import interval_tables, ordinal_tables
from goldleaf.quality.agreement.confusion import cells_of_votes
from goldleaf.quality.agreement.evidence import (
    Evidence,
    Options,
    cohen_part,
    left_out,
    most_frequent,
    number_answers,
    same_part,
)
from goldleaf.quality.agreement.pairs import Cells, choose_pairs, scale_tables
from goldleaf.quality.agreement.parts import Part
from goldleaf.quality.agreement.set_kind import set_evidence
from goldleaf.quality.agreement.span_kind import span_evidence
from goldleaf.quality.agreement.tables import joined
from goldleaf.quality.agreement.units import choice_units, code_labels, tag_units
from goldleaf.quality.agreement.votes import count_votes, nominal_tables
from goldleaf.quality.labels import Answers, Floats


def evidence_of(answers: Answers, options: Options) -> Evidence:
    """By the kind of the field."""
    return _KINDS["choices" if answers.many else answers.kind](answers, options)


def choice_evidence(answers: Answers, options: Options) -> Evidence:
    """One label an answer, with an order or as numbers where the level says so."""
    labels, numbers = _scale(answers, options)
    units = choice_units(answers, labels, code_labels(answers.values, labels, answers))
    votes = count_votes(units)
    given = np.bincount(units.label, minlength=len(labels))
    shown, notes = most_frequent(given)
    pairs = choose_pairs(answers.record, answers.annotator, cost=1.0)
    tables, scale = nominal_tables(votes), dict[str, Cells]()
    field: parts.Function = partial(parts.nominal_scores, labels=len(labels))
    if numbers is not None:
        met, meeting = ordinal_tables(votes) if options.level == "ordinal" else (interval_tables(votes, numbers), None)
        field = partial(parts.scale_scores, labels=len(labels), meeting=meeting)
        tables, scale = tables | met, scale_tables(pairs, units, numbers)
    of = {"field": field, "label": partial(parts.label_scores, shown=shown)}
    return Evidence(
        "record",
        (Part(joined(tables, len(units.size)), of), cohen_part(pairs, units, shown, scale)),
        tuple(labels[code] for code in map(int, shown)),
        given[shown],
        pairs,
        cells_of_votes(votes),
        tuple(labels),
        notes + left_out(pairs),
    )


def tag_evidence(answers: Answers, options: Options) -> Evidence:
    """A label a token."""
    units = tag_units(answers)
    votes = count_votes(units)
    given = np.bincount(units.label, minlength=len(units.labels))
    shown, notes = most_frequent(given)
    pairs = choose_pairs(answers.record, answers.annotator, cost=max(len(units.label) / len(answers), 1.0))
    of: dict[str, parts.Function] = {
        "field": partial(parts.nominal_scores, labels=len(units.labels)),
        "label": partial(parts.label_scores, shown=shown),
    }
    return Evidence(
        "token",
        (
            Part(joined(nominal_tables(votes), len(units.size)), of),
            cohen_part(pairs, units, shown, {}),
            same_part(answers, number_answers(answers, tuple, seed=options.seed).number),
        ),
        tuple(units.labels[code] for code in map(int, shown)),
        given[shown],
        pairs,
        cells_of_votes(votes),
        units.labels,
        notes + left_out(pairs),
    )


def _scale(answers: Answers, options: Options) -> tuple[list[str], Floats | None]:
    """The labels in order, and the numbers they stand for (their places, for an order). None: no order is asked for."""
    labels = list(answers.labels)
    if options.level == "nominal":
        return labels, None
    numbers = [_number(label) for label in labels]
    if options.level == "ordinal" and options.schema is not None and options.schema[answers.field].labels:
        return labels, np.arange(len(labels), dtype=np.float64)
    if wrong := [label for label, number in zip(labels, numbers, strict=True) if number is None]:
        raise InputError(
            f"these labels have no {options.level} scale",
            where=f"field {answers.field}",
            found=brief(wrong[0]),
            expected="numbers"
            if options.level == "interval"
            else "numbers, or a schema that lists the labels in their order",
        )
    scale = np.array(numbers, dtype=np.float64)
    order = np.argsort(scale, kind="stable")
    values = scale[order] if options.level == "interval" else np.arange(len(labels), dtype=np.float64)
    return [labels[place] for place in order], values


def _number(label: str) -> float | None:
    try:
        number = float(label)
    except ValueError:
        return None
    return number if np.isfinite(number) else None


_KINDS: dict[str, Callable[[Answers, Options], Evidence]] = {
    "choice": choice_evidence,
    "choices": set_evidence,
    "spans": span_evidence,
    "tags": tag_evidence,
}
