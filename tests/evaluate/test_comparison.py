"""Two models on the same records."""

from __future__ import annotations

import numpy as np
import pytest

from goldleaf.core import Example, Field, InputError, Prediction, Record, Schema, Span
from goldleaf.evaluate import compare
from goldleaf.evaluate.comparison import more_records
from goldleaf.report import verdict

SCHEMA = Schema((Field("label", "choice", ("a", "b")),))


def run(first: list[bool], second: list[bool], groups: list[str] | None = None) -> dict:
    """A comparison of models that are right where the lists say so."""
    records = [Record(str(n), "x", group=groups[n] if groups else None) for n in range(len(first))]
    examples = [Example(r, {"label": "a"}) for r in records]
    ours, theirs = (
        [Prediction(r.id, {"label": "a" if ok else "b"}, {}) for r, ok in zip(records, flags, strict=True)]
        for flags in (first, second)
    )
    return compare(SCHEMA, examples, ours, theirs)


def test_the_difference_is_that_of_the_scores_and_counts_who_was_right_alone() -> None:
    found = run([True] * 60 + [False] * 40, [True] * 50 + [False] * 10 + [True] * 30 + [False] * 10)["fields"]["label"]
    assert (found["score"], found["first"], found["second"]) == ("accuracy", 0.6, 0.8)
    assert found["difference"]["value"] == pytest.approx(0.2)
    assert (found["only_first"], found["only_second"]) == (10, 30)
    assert found["settled"]
    assert found["more_records"] == 0


def test_the_interval_is_that_of_the_paired_difference() -> None:
    # the variance of a mean of values -1, 0, 1: (p10 + p01 - (p01 - p10)^2) / n
    found = run([True] * 60 + [False] * 40, [True] * 50 + [False] * 10 + [True] * 30 + [False] * 10)["fields"]["label"]
    error = np.sqrt((0.1 + 0.3 - 0.2**2) / 100)
    assert found["difference"]["low"] == pytest.approx(0.2 - 1.96 * error, abs=0.01)
    assert found["difference"]["high"] == pytest.approx(0.2 + 1.96 * error, abs=0.01)


def test_a_small_difference_is_not_settled_and_the_records_asked_for_would_settle_it() -> None:
    few = ([True] * 80 + [False] * 20, [True] * 76 + [False] * 4 + [True] * 7 + [False] * 13)
    found = run(*few)["fields"]["label"]
    assert not found["settled"]
    assert 0.5 < found["certainty"] < 0.975
    times = 1 + found["more_records"] // 100 + 1
    many = run(*(flags * times for flags in few))["fields"]["label"]
    assert many["settled"]


def test_equal_models_have_no_difference() -> None:
    found = run([True, False] * 20, [True, False] * 20)
    assert found["fields"]["label"]["certainty"] == 0.5
    assert found["fields"]["label"]["more_records"] is None
    assert verdict(("one", "two"), found["exact_match"]) == "no difference at all on these records"


def test_records_of_a_group_are_drawn_together() -> None:
    first, second = [True] * 50 + [False] * 50, [True] * 50 + [True] * 25 + [False] * 25
    alone = run(first, second)["fields"]["label"]["difference"]
    together = run(first, second, [str(n // 25) for n in range(100)])["fields"]["label"]["difference"]
    assert together["high"] - together["low"] > 2 * (alone["high"] - alone["low"])


def test_spans_are_compared_by_f1() -> None:
    schema = Schema((Field("names", "spans", ("PER",)),))
    records = [Record(str(n), "Ada met Bob") for n in range(40)]
    gold = [Span(0, 3, "PER"), Span(8, 11, "PER")]
    examples = [Example(r, {"names": gold}) for r in records]
    half = [Prediction(r.id, {"names": gold[:1]}, {}) for r in records]
    whole = [Prediction(r.id, {"names": gold}, {}) for r in records]
    found = compare(schema, examples, half, whole)["fields"]["names"]
    assert (found["score"], found["first"], found["second"]) == ("f1", pytest.approx(2 / 3, abs=1e-6), 1.0)
    assert verdict(("half", "whole"), found) == "whole is better, by 33.33 points"


def test_without_a_common_field_there_is_one_message() -> None:
    records = [Record("0", "x")]
    examples = [Example(records[0], {"label": "a"})]
    with pytest.raises(InputError, match="no field in common"):
        compare(SCHEMA, examples, [Prediction("0", {"label": "a"}, {})], [Prediction("0", {}, {})])


def test_four_times_the_error_asks_for_sixteen_times_the_records() -> None:
    assert more_records(1000, 0.02, 0.04) + 1000 == pytest.approx(16 * (more_records(1000, 0.02, 0.01) + 1000), abs=16)
