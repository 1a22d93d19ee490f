"""The plots of a report, each from the data that its JSON holds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from goldleaf.report.svg import (
    GOLD,
    INK,
    LINE,
    MUTED,
    ON_GOLD,
    RIGHT,
    WRONG,
    label_width,
    new_figure,
    plain_axes,
    shorten,
    to_svg,
)

MOST_BARS, MOST_CELLS, MOST_NAMES = 40, 24, 6
"""How many labels a bar chart, a confusion matrix (a side) and a scatter plot name."""

Labels = Mapping[str, Mapping[str, Any]]
Confusion = Mapping[str, Mapping[str, int]]


def label_plot(labels: Labels) -> str:
    """F1 of each label as a bar with its interval, the most frequent at the top, and its support."""
    shown = most_frequent(labels)[::-1]
    names = [shorten(name) for name, _ in shown]
    left = 0.25 + max(map(label_width, names))
    figure = new_figure(5.4, 0.7 + 0.25 * len(shown), left=left, right=0.1, top=0.1, bottom=0.55)
    axes = figure.subplots()
    places = range(len(shown))
    values = [100 * s["f1"] for _, s in shown]
    axes.barh(places, [100] * len(shown), height=0.62, color=LINE, alpha=0.45)
    axes.barh(places, values, height=0.62, color=GOLD)
    for place, (value, (_, s)) in enumerate(zip(values, shown, strict=True)):
        low, high = (100 * s.get(key, s["f1"]) for key in ("f1_low", "f1_high"))
        axes.plot([low, high], [place, place], color=INK, linewidth=1.2, solid_capstyle="butt")
        axes.text(102, place, f"{value:.0f}", va="center", fontsize=8.5, color=INK)
        axes.text(130, place, f"n={s['support']}", va="center", ha="right", fontsize=7.5, color=MUTED)
    axes.set_xlim(0, 131)
    axes.set_xticks(range(0, 101, 20))
    axes.set_ylim(-0.6, len(shown) - 0.4)
    axes.set_yticks(places, names)
    axes.set_xlabel("F1 (%), 95 % interval, n = support", loc="left")
    plain_axes(axes, grid="x")
    axes.tick_params(axis="y", colors=INK)
    return to_svg(figure, "F1 by label")


def most_frequent(labels: Labels, limit: int = MOST_BARS) -> list[tuple[str, Mapping[str, Any]]]:
    """The labels with the largest support."""
    return sorted(labels.items(), key=lambda item: -item[1]["support"])[:limit]


def confusion_plot(
    confusion: Confusion, *, nothing: str = "(nothing)", rows: str = "gold", columns: str = "predicted"
) -> str:
    """Gold by row, predicted by column (or what `rows` and `columns` say); the shade is the share of the row."""
    names = most_confused(confusion, nothing=nothing)
    matrix = [[confusion.get(g, {}).get(p, 0) for p in names] for g in names]
    shown = [shorten(name, 20) for name in names]
    margin = 0.3 + max(map(label_width, shown))
    cell = max(0.3, min(0.5, 3.4 / len(names)))
    side = cell * len(names)
    figure = new_figure(
        margin + side + 0.35, side + margin + 0.35, left=margin + 0.2, right=0.15, bottom=margin + 0.2, top=0.15
    )
    axes = figure.subplots()
    for row, counts in enumerate(matrix):
        for column, count in enumerate(counts):
            _draw_cell(axes, (row, column), count, count / max(1, sum(counts)))
    axes.set_xlim(-0.5, len(names) - 0.5)
    axes.set_ylim(len(names) - 0.5, -0.5)
    axes.set_xticks(range(len(names)), shown, rotation=90)
    axes.set_yticks(range(len(names)), shown)
    axes.set_xlabel(columns)
    axes.set_ylabel(rows)
    plain_axes(axes)
    axes.tick_params(colors=INK)
    return to_svg(figure, f"Labels: {rows} by row, {columns} by column")


def _draw_cell(axes: Any, place: tuple[int, int], count: int, share: float) -> None:
    from matplotlib.patches import Rectangle

    row, column = place
    colour = GOLD if row == column else WRONG
    corner = (column - 0.47, row - 0.47)
    axes.add_patch(Rectangle(corner, 0.94, 0.94, color=LINE, alpha=0.35, linewidth=0))
    if not count:
        return
    axes.add_patch(Rectangle(corner, 0.94, 0.94, color=colour, alpha=0.15 + 0.85 * share, linewidth=0))
    size = 8 if count < 1000 else 6.5
    axes.text(column, row, f"{count}", ha="center", va="center", fontsize=size, color=ON_GOLD if share > 0.6 else INK)


def most_confused(confusion: Confusion, *, nothing: str = "(nothing)", limit: int = MOST_CELLS) -> list[str]:
    """The labels with the most mistakes, of gold or of prediction, in alphabetical order with `nothing` last; all, where they are few."""
    wrong: dict[str, int] = {}
    for gold, row in confusion.items():
        for predicted, count in row.items():
            for name in (gold, predicted):
                wrong[name] = wrong.get(name, 0) + (count if gold != predicted else 0)
    kept = sorted(wrong, key=lambda name: (-wrong[name], name))[:limit]
    return sorted(kept, key=lambda name: (name == nothing, name))


def support_plot(labels: Labels) -> str:
    """F1 of each label against how often training saw it, or, where that is not known, how often the test has it."""
    key = "trained" if all("trained" in s for s in labels.values()) else "support"
    figure = new_figure(5.2, 3.1, left=0.55, right=0.3, top=0.15, bottom=0.55)
    axes = figure.subplots()
    points = [(max(s[key], 0.5), 100 * s["f1"], name) for name, s in labels.items()]
    axes.scatter([x for x, _, _ in points], [y for _, y, _ in points], s=26, color=GOLD, alpha=0.85, linewidths=0)
    floor = max(0.0, 10 * (min(y for _, y, _ in points) // 10) - 10)
    for x, y, name in _apart(points, 0.07 * (104 - floor)):
        axes.annotate(
            shorten(name, 18), (x, y), xytext=(5, 0), textcoords="offset points", va="center", fontsize=8, color=MUTED
        )
    axes.set_xscale("symlog", linthresh=1, linscale=0.3)
    largest = max(x for x, _, _ in points)
    ticks = [t for t in (0, 1, 3, 10, 30, 100, 300, 1000, 3000, 10_000, 100_000) if t <= largest * 3]
    axes.set_xticks(ticks, [f"{t:,}" for t in ticks])
    axes.minorticks_off()
    axes.set_xlim(min(0.8, min(x for x, _, _ in points)) - 0.2, largest * 4)
    axes.set_ylim(floor - (4 if floor == 0 else 0), 104 if floor < 60 else 102)
    axes.set_xlabel("training examples of the label" if key == "trained" else "test examples of the label")
    axes.set_ylabel("F1 (%)")
    plain_axes(axes, grid="both")
    return to_svg(figure, "F1 against number of examples")


def _apart(points: Sequence[tuple[float, float, str]], gap: float) -> list[tuple[float, float, str]]:
    """The lowest points, each at least `gap` above the one named before it, so that names do not cover each other."""
    named: list[tuple[float, float, str]] = []
    for point in sorted(points, key=lambda p: (p[1], p[2])):
        if len(named) < MOST_NAMES and point[1] < 100 and (not named or point[1] - named[-1][1] >= gap):
            named.append(point)
    return named


def confidence_plot(confidence: Mapping[str, Any]) -> str:
    """How many right (up) and wrong (down) answers the model gave at each confidence."""
    edges, right, wrong = (confidence[key] for key in ("edges", "right", "wrong"))
    first = next((n for n, (a, b) in enumerate(zip(right, wrong, strict=True)) if a + b), 0)
    figure = new_figure(5.2, 3.1, left=0.7, right=0.2, top=0.3, bottom=0.55)
    axes = figure.subplots()
    width = edges[1] - edges[0]
    centres = [100 * (edge + width / 2) for edge in edges[first:-1]]
    axes.bar(centres, right[first:], width=92 * width, color=RIGHT)
    axes.bar(centres, [-n for n in wrong[first:]], width=92 * width, color=WRONG)
    axes.axhline(0, color=MUTED, linewidth=0.8)
    for text, colour, place in ((f"{sum(right):,} right", RIGHT, 0.02), (f"{sum(wrong):,} wrong", WRONG, 0.3)):
        axes.text(place, 1.03, text, transform=axes.transAxes, fontsize=9, color=colour)
    axes.set_yscale("symlog", linthresh=10)
    axes.set_ylim(-3 * max(1, *wrong), 3 * max(1, *right))
    axes.yaxis.set_major_formatter(lambda value, _: f"{abs(value):,.0f}")
    axes.set_xlim(100 * edges[first], 100)
    axes.set_xlabel("confidence (%)")
    axes.set_ylabel("answers")
    plain_axes(axes, grid="y")
    return to_svg(figure, "Confidence of right and wrong answers")


def history_plot(history: Sequence[Mapping[str, Any]]) -> str:
    """Loss, validation score and learning rate over steps, a line a seed."""
    figure = new_figure(10.4, 2.6, left=0.6, right=0.2, top=0.4, bottom=0.5)
    panels = figure.subplots(1, 3)
    figure.subplots_adjust(wspace=0.28)
    for seed in sorted({row.get("seed", 0) for row in history}):
        rows = [row for row in history if row.get("seed", 0) == seed]
        for axes, key, factor in zip(panels, ("loss", "score", "rate"), (1, 100, 1), strict=True):
            points = [(row["step"], factor * row[key]) for row in rows if row.get(key) is not None]
            mark = "o" if key == "score" else ""
            axes.plot(
                [x for x, _ in points], [y for _, y in points], color=GOLD, linewidth=1.4, marker=mark, markersize=3.5
            )
    for axes, name in zip(panels, ("loss", "validation score (%)", "learning rate"), strict=True):
        axes.set_title(name, loc="left", fontsize=9, color=INK)
        axes.set_xlabel("step")
        axes.ticklabel_format(
            axis="y", style="plain" if name != "learning rate" else "sci", scilimits=(0, 0), useOffset=False
        )
        plain_axes(axes, grid="y")
        axes.yaxis.get_offset_text().set(color=MUTED, fontsize=8)
    panels[0].set_ylim(bottom=0)
    panels[2].set_ylim(bottom=0)
    _mark_best(panels[1], history)
    return to_svg(figure, "Training curves")


def _mark_best(axes: Any, history: Sequence[Mapping[str, Any]]) -> None:
    scored = [row for row in history if row.get("score") is not None]
    if not scored:
        return
    best = max(scored, key=lambda row: row["score"])
    axes.plot([best["step"]], [100 * best["score"]], marker="o", markersize=6, color=RIGHT)
    axes.set_title(f"validation score, best {100 * best['score']:.2f} %", loc="left", fontsize=9, color=INK)
