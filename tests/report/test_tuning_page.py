"""A search for a recipe, as a table and as a page."""

from __future__ import annotations

import io

from rich.console import Console

from goldleaf.report import render_tuning, render_tuning_page
from goldleaf.report.tuning import best_so_far


def trial(number: int, score: float | None, state: str = "complete", note: str = "") -> dict[str, object]:
    options = {"learning_rate": 3e-4, "batch_tokens": 512, "epochs": 5, "dropout": None, "warmup": 0.1}
    return {"number": number, "state": state, "score": score, "seconds": 10.0, "options": options, "note": note}


TRIALS = [
    trial(0, 0.9),
    trial(1, 0.7, "stopped", "below the median"),
    trial(2, None, "failed", "<no number>"),
    trial(3, 0.925),
]
DATA = {"best": 3, "trials": TRIALS, "seconds": 40.0, "note": "The validation score of the best trial is optimistic"}


def test_the_best_so_far_counts_complete_trials_alone() -> None:
    assert best_so_far(TRIALS) == [(0, 0.9), (1, 0.9), (2, 0.9), (3, 0.925)]
    assert best_so_far([trial(0, None, "failed"), trial(1, 0.5)]) == [(1, 0.5)]


def test_the_table_says_what_was_gained_and_what_the_score_is_worth() -> None:
    console = Console(width=120, file=io.StringIO())
    console.print(render_tuning(DATA))
    text = console.file.getvalue()  # type: ignore[attr-defined]
    assert "Trial 3 was 2.50 points above the default recipe" in text  # 92.5 - 90.0
    assert "optimistic" in text
    assert "below the median" in text


def test_no_gain_is_said() -> None:
    page = render_tuning_page("Search", {**DATA, "best": 0})
    assert "No trial was better than the default recipe" in page


def test_the_page_is_whole_and_escaped() -> None:
    page = render_tuning_page("a <b>", DATA)
    assert page.startswith("<!doctype html>")
    assert "a &lt;b&gt;" in page
    assert "&lt;no number&gt;" in page
    assert "<svg" in page
