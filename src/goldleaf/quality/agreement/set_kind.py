"""Several choices: sets of labels compared as wholes, by their distance, and label by label."""

from __future__ import annotations

from functools import partial

import numpy as np

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
)
from goldleaf.quality.agreement.pairs import Pairs, choose_pairs, pair_set_tables
from goldleaf.quality.agreement.parts import Part
from goldleaf.quality.agreement.pieces import NOTHING
from goldleaf.quality.agreement.sets import set_tables, swapped
from goldleaf.quality.agreement.shares import said_of_sets, share_tables
from goldleaf.quality.agreement.tables import add_up, joined
from goldleaf.quality.agreement.units import choice_units, code_labels
from goldleaf.quality.agreement.votes import Votes, count_votes, nominal_tables
from goldleaf.quality.labels import Answers, Floats, Ints


def set_evidence(answers: Answers, options: Options) -> Evidence:
    """Several labels an answer."""
    sets = number_answers(answers, lambda value: tuple(sorted(set(value))), seed=options.seed)
    members = _members(sets, answers)
    given = (np.bincount(sets.number, minlength=len(members)) @ members).astype(np.int64)
    shown, notes = most_frequent(given)
    pairs = choose_pairs(answers.record, answers.annotator, cost=MEETING)
    compared = compare_values(answers.record[sets.kept], sets.number[sets.kept], len(answers.records))
    return Evidence(
        "record",
        (
            *_wholes(answers, sets, pairs),
            _distances(answers, sets, members, compared, shown),
            _labels_of_pairs(pairs, sets, members, answers, shown),
        ),
        tuple(answers.labels[code] for code in map(int, shown)),
        given[shown],
        pairs,
        _cells(compared, sets, answers),
        (*answers.labels, NOTHING),
        (*notes, *sets.notes, *left_out(pairs)),
    )


def _members(sets: Values, answers: Answers) -> Floats:
    """1 for each label that is in a set: `[sets, labels]`."""
    row = np.repeat(np.arange(len(sets.values)), [len(labels) for labels in sets.values])
    column = code_labels([label for labels in sets.values for label in labels], answers.labels, answers)
    members = np.zeros((len(sets.values), len(answers.labels)))
    members[row, column] = 1.0
    return members


def _wholes(answers: Answers, sets: Values, pairs: Pairs) -> tuple[Part, Part]:
    """Equal sets or not."""
    units = choice_units(answers, [str(number) for number in range(len(sets.values))], sets.number)
    tables = joined(nominal_tables(count_votes(units)), len(answers.records))
    cohen = cohen_part(pairs, units, np.zeros(0, np.int64), {})
    of = {"field": cohen.of["field"], "pair": partial(parts.whole_pair_scores, score=cohen.of["pair"])}
    return Part(tables, {"field": parts.whole_scores}), Part(cohen.tables, of)


def _distances(answers: Answers, sets: Values, members: Floats, compared: Comparisons, shown: Ints) -> Part:
    """How far sets lie apart, and each label chosen or not."""
    records = len(answers.records)
    row, label = np.nonzero(members[sets.number])
    record, label, count = add_up(answers.record[row], label, None, (records, len(answers.labels)))
    ones = np.ones(records)
    given = np.bincount(answers.record, minlength=records)
    votes = Votes(record, record, label, count, ones[record], given, ones, len(answers.labels))
    tables, distances = set_tables(compared, answers.record[sets.kept], sets.number[sets.kept], members)
    of = {"field": partial(parts.set_scores, distances=distances), "label": partial(parts.label_scores, shown=shown)}
    return Part(joined(nominal_tables(votes) | tables, records), of)


def _labels_of_pairs(pairs: Pairs, sets: Values, members: Floats, answers: Answers, shown: Ints) -> Part:
    """Two annotators at a time: each label chosen or not, and F1."""
    records, labels = len(answers.records), len(answers.labels)
    tables, combos = pair_set_tables(pairs, sets.number, members, records)
    own, shares = share_tables(pairs, combos, said_of_sets(pairs, answers, members[sets.number]), labels, records)
    cohen = partial(parts.cohen_label_scores, combos=combos, shares=shares, shown=shown)
    return Part(joined(tables | own, records), {"label": cohen, "pair": partial(parts.pair_set_scores, combos=combos)})


def _cells(compared: Comparisons, sets: Values, answers: Answers) -> tuple[Ints, Ints, Ints, Floats]:
    size = len(sets.values)
    keys, place = np.unique(compared.one * size + compared.other, return_inverse=True)
    taken = [swapped(sets.values[key // size], sets.values[key % size]) for key in keys.tolist()]
    return cells_of_matches(compared, place, taken, answers.labels)
