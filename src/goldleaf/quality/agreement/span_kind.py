"""Spans: by token or character, as wholes laid over a text (alpha-u), and matched one with another (F1)."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import numpy as np

from goldleaf.core import InputError
from goldleaf.quality.agreement import parts
from goldleaf.quality.agreement.comparisons import Comparisons, compare_values
from goldleaf.quality.agreement.confusion import cells_of_matches
from goldleaf.quality.agreement.evidence import (
    MEETING,
    Evidence,
    Options,
    Values,
    cohen_part,
    left_out,
    most_frequent,
    number_answers,
    same_part,
)
from goldleaf.quality.agreement.pairs import Pairs, choose_pairs, pair_span_tables
from goldleaf.quality.agreement.parts import Part
from goldleaf.quality.agreement.pieces import NOTHING, Pieces, cut_pieces
from goldleaf.quality.agreement.spans import Matches, compare_all, span_tables
from goldleaf.quality.agreement.tables import joined
from goldleaf.quality.agreement.texts import read_tokens
from goldleaf.quality.agreement.unitizing import square_tables
from goldleaf.quality.agreement.units import Units, character_units, token_units
from goldleaf.quality.agreement.votes import count_votes, nominal_tables
from goldleaf.quality.labels import Answers, Ints

BY_CHARACTER = (
    "There is no records table: agreement is by character, not by token, and each record ends where its last span ends (one without a "
    "span counts for span F1 only)."
)


def span_evidence(answers: Answers, options: Options) -> Evidence:
    """Lists of spans; with a records table by its tokens, else by characters."""
    pieces = cut_pieces(answers)
    tokens, lengths = read_tokens(answers, options.records) if options.records is not None else (None, None)
    if lengths is not None:
        _check_inside(answers, pieces, lengths)
    characters = character_units(answers, pieces, lengths)
    units = characters if tokens is None else token_units(answers, pieces, tokens)
    given = np.bincount(pieces.label, minlength=len(pieces.labels))
    shown, notes = most_frequent(given)
    spans = number_answers(answers, lambda value: tuple(dict.fromkeys(value)), seed=options.seed)
    pairs = choose_pairs(answers.record, answers.annotator, cost=MEETING)
    compared = compare_values(answers.record[spans.kept], spans.number[spans.kept], len(answers.records))
    matches, meetings = _matches(compared, pairs, spans, answers)
    return Evidence(
        units.kind,
        (
            *_by_unit(answers, pieces, units, characters, shown),
            cohen_part(pairs, units, shown, {}),
            *_by_span(answers, compared, matches, pairs, meetings, shown),
            same_part(answers, spans.number),
        ),
        tuple(pieces.labels[code] for code in map(int, shown)),
        given[shown],
        pairs,
        cells_of_matches(compared, matches.place, matches.taken, answers.labels),
        (*answers.labels, NOTHING),
        (*notes, *spans.notes, *left_out(pairs), *((BY_CHARACTER,) if tokens is None else ())),
    )


def _matches(compared: Comparisons, pairs: Pairs, spans: Values, answers: Answers) -> tuple[Matches, Matches]:
    """What comparing two lists found, for all pairs of answers of a record and for the meetings of the listed pairs of annotators."""
    codes = {label: code for code, label in enumerate(answers.labels)}
    low, high = np.sort(np.stack([spans.number[pairs.first], spans.number[pairs.second]]), axis=0)
    one, other = np.concatenate([compared.one, low]), np.concatenate([compared.other, high])
    every = compare_all(spans.values, one, other, codes)
    size = len(compared.one)
    return replace(every, place=every.place[:size]), replace(every, place=every.place[size:])


def _by_unit(answers: Answers, pieces: Pieces, units: Units, characters: Units, shown: Ints) -> tuple[Part, Part]:
    """Labels of tokens (or characters), and alpha-u."""
    records = len(answers.records)
    wholes = joined(nominal_tables(count_votes(characters)) | square_tables(answers, pieces), records)
    tables = wholes if units is characters else joined(nominal_tables(count_votes(units)), records)
    nominal: dict[str, parts.Function] = {
        "field": partial(parts.nominal_scores, labels=len(units.labels)),
        "label": partial(parts.label_scores, shown=shown),
    }
    unitizing: dict[str, parts.Function] = {
        "field": parts.unitizing_scores,
        "label": partial(parts.unitizing_label_scores, shown=shown),
    }
    return Part(tables, nominal), Part(wholes, unitizing)


def _by_span(
    answers: Answers, compared: Comparisons, matches: Matches, pairs: Pairs, meetings: Matches, shown: Ints
) -> tuple[Part, Part]:
    """Span F1 of all annotators and labels, and of each pair."""
    records = len(answers.records)
    of: dict[str, parts.Function] = {"field": parts.span_scores, "label": partial(parts.span_label_scores, shown=shown)}
    every = joined(span_tables(compared, matches, max(len(answers.labels), 1)), records)
    listed = joined(pair_span_tables(pairs, meetings, records), records)
    return Part(every, of), Part(listed, {"pair": parts.pair_span_scores})


def _check_inside(answers: Answers, pieces: Pieces, lengths: Ints) -> None:
    record = answers.record[pieces.answer]
    if (outside := np.flatnonzero(pieces.end > lengths[record])).size:
        place = int(outside[0])
        raise InputError(
            "a span lies outside the text",
            where=f"record {answers.records[int(record[place])]}, field {answers.field}",
            found=f"[{pieces.start[place]}, {pieces.end[place]}]",
            expected=f"at most {lengths[record[place]]} (code points, end exclusive)",
        )
