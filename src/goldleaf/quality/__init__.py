"""Label quality: tables of what annotators (and a model) said in, tables of what to make of it out."""

from goldleaf.quality.aggregation import Aggregation, aggregate, aggregation
from goldleaf.quality.agreement import Agreement, FieldAgreement, Score, agreement
from goldleaf.quality.annotators import annotators
from goldleaf.quality.errors import Errors, Rehearsal, duplicates, find_errors, label_errors, rehearse
from goldleaf.quality.labels import Answers, read_answers
from goldleaf.quality.nearest import nearest
from goldleaf.quality.slices import Slices, needed_for, slices

__all__ = [
    "Aggregation",
    "Agreement",
    "Answers",
    "Errors",
    "FieldAgreement",
    "Rehearsal",
    "Score",
    "Slices",
    "aggregate",
    "aggregation",
    "agreement",
    "annotators",
    "duplicates",
    "find_errors",
    "label_errors",
    "nearest",
    "needed_for",
    "read_answers",
    "rehearse",
    "slices",
]
