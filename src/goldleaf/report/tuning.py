"""A search for a recipe: its trials as a table and as a page. The data is that of a manifest's `tuning`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from goldleaf.report.frame import frame
from goldleaf.report.marks import escape
from goldleaf.report.svg import GOLD, INK, MUTED, new_figure, plain_axes, to_svg
from goldleaf.report.table import plain_table
from goldleaf.report.words import percent

if TYPE_CHECKING:
    from rich.console import Group

_SHOWN = {
    "learning_rate": "rate",
    "batch_tokens": "batch",
    "epochs": "epochs",
    "warmup": "warm-up",
    "dropout": "dropout",
    "label_smoothing": "smoothing",
    "head_rate": "heads",
}


def render_tuning(data: Mapping[str, Any]) -> Group:
    """The trials on a terminal, and what the best one's score is worth."""
    from rich.console import Group
    from rich.text import Text

    title = f"{len(data['trials'])} trials, {data['seconds']:.0f} s"
    heads = ("trial", "", "validation", "seconds", *_SHOWN.values())
    table = plain_table(title, heads, [_row(trial, data["best"]) for trial in data["trials"]], 2)
    return Group(table, Text(_verdict(data)))


def render_tuning_page(title: str, data: Mapping[str, Any]) -> str:
    """The trials as one page: a plot of their scores and of the best so far, and the table."""
    heads = ["trial", "", "validation (%)", "seconds", *_SHOWN.values()]
    rows = [_row(trial, data["best"]) for trial in data["trials"]]
    top = "".join(f"<th{_numeric(n)}>{escape(h)}</th>" for n, h in enumerate(heads))
    cells = ("".join(f"<td{_numeric(n)}>{escape(c)}</td>" for n, c in enumerate(row)) for row in rows)
    table = f"<table><thead><tr>{top}</tr></thead><tbody>{''.join(f'<tr>{row}</tr>' for row in cells)}</tbody></table>"
    parts = [
        f"<h1>{escape(title)}</h1>",
        f'<p class="note">{escape(_verdict(data))}</p>',
        f'<figure class="card">{trials_plot(data["trials"])}</figure>',
        f'<div class="card">{table}</div>',
    ]
    return frame(title, parts)


def trials_plot(trials: Sequence[Mapping[str, Any]]) -> str:
    """The best validation score of each trial (hollow where it was stopped), and the best of the complete ones so far as a line."""
    figure = new_figure(9.6, 3.0, left=0.65, right=0.2, top=0.3, bottom=0.5)
    axes = figure.subplots()
    scored = [t for t in trials if t["score"] is not None]
    for complete in (True, False):
        shown = [t for t in scored if (t["state"] == "complete") is complete]
        fill = GOLD if complete else "none"
        points = [t["number"] for t in shown], [100 * t["score"] for t in shown]
        axes.scatter(*points, s=34, facecolors=fill, edgecolors=GOLD, linewidths=1.2, zorder=2)
    line = best_so_far(trials)
    axes.step([n for n, _ in line], [100 * score for _, score in line], where="post", color=INK, linewidth=1.2)
    axes.text(
        0.0, 1.03, "complete, stopped (hollow), best so far (line)", transform=axes.transAxes, color=MUTED, fontsize=8.5
    )
    axes.set_xlabel("trial")
    axes.set_ylabel("validation score (%)")
    axes.xaxis.get_major_locator().set_params(integer=True)
    plain_axes(axes, grid="y")
    return to_svg(figure, "Validation scores of the trials")


def best_so_far(trials: Sequence[Mapping[str, Any]]) -> list[tuple[int, float]]:
    """Trial and best score of the complete ones up to it, from the first complete one on."""
    line: list[tuple[int, float]] = []
    for trial in trials:
        if trial["state"] == "complete":
            line.append((trial["number"], max([trial["score"], *(score for _, score in line[-1:])])))
        elif line:
            line.append((trial["number"], line[-1][1]))
    return line


def _row(trial: Mapping[str, Any], best: int) -> list[str]:
    state = (
        "best" if trial["number"] == best else "" if trial["state"] == "complete" else trial["note"] or trial["state"]
    )
    options = [_number(trial["options"].get(name)) for name in _SHOWN]
    return [str(trial["number"]), state, percent(trial["score"]), f"{trial['seconds']:.0f}", *options]


def _number(value: Any) -> str:
    return "model's" if value is None else f"{value:.2g}" if isinstance(value, float) else str(value)


def _numeric(place: int) -> str:
    return ' class="n"' if place >= 2 else ""


def _verdict(data: Mapping[str, Any]) -> str:
    best, default = data["trials"][data["best"]], data["trials"][0]
    if best["number"] == 0:
        found = "No trial was better than the default recipe (trial 0) on the validation split"
    elif default["score"] is None:
        found = f"Trial {best['number']} was the best; the default recipe (trial 0) failed"
    else:
        gain = 100 * (best["score"] - default["score"])
        found = (
            f"Trial {best['number']} was {gain:.2f} points above the default recipe (trial 0) on the validation split"
        )
    return f"{found}. {data['note']}."
