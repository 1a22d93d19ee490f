"""Plots of what annotators say: who agrees with whom, how it goes over time, how sure the gold is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from goldleaf.report.svg import (
    GOLD,
    INK,
    LINE,
    MUTED,
    ON_GOLD,
    WRONG,
    label_width,
    new_figure,
    plain_axes,
    shorten,
    to_svg,
)

MOST_PEOPLE = 24
Row = Mapping[str, Any]


def matrix_plot(pairs: Sequence[Row], score: str) -> str:
    """A score of each pair of annotators, those with the most shared records first; the darker the lower."""
    names = _busiest(pairs)
    place = {name: n for n, name in enumerate(names)}
    shown = [shorten(name, 16) for name in names]
    margin = 0.3 + max(map(label_width, shown))
    side = max(0.34, min(0.55, 4.2 / len(names))) * len(names)
    figure = new_figure(margin + side + 0.3, side + margin + 0.3, left=margin, right=0.15, bottom=margin, top=0.15)
    axes = figure.subplots()
    for pair in pairs:
        first, second = pair["annotators"]
        value = pair[score]["value"] if pair.get(score) else None
        if first in place and second in place and value is not None:
            for x, y in ((place[first], place[second]), (place[second], place[first])):
                _cell(axes, x, y, value)
    for axis, rotation in ((axes.xaxis, 90), (axes.yaxis, 0)):
        axis.set_ticks(range(len(names)), shown, rotation=rotation)
    axes.set_xlim(-0.5, len(names) - 0.5)
    axes.set_ylim(len(names) - 0.5, -0.5)
    plain_axes(axes)
    axes.tick_params(colors=INK)
    return to_svg(figure, "Agreement of each pair of annotators")


def _cell(axes: Any, x: int, y: int, value: float) -> None:
    from matplotlib.patches import Rectangle

    shade = min(1.0, max(0.0, 1 - value))
    axes.add_patch(Rectangle((x - 0.47, y - 0.47), 0.94, 0.94, color=LINE, alpha=0.35, linewidth=0))
    axes.add_patch(Rectangle((x - 0.47, y - 0.47), 0.94, 0.94, color=WRONG, alpha=0.9 * shade, linewidth=0))
    axes.text(
        x,
        y,
        f"{value:.2f}".replace("0.", "."),
        ha="center",
        va="center",
        fontsize=7.5,
        color=ON_GOLD if shade > 0.6 else INK,
    )


def _busiest(pairs: Sequence[Row]) -> list[str]:
    shared: dict[str, int] = {}
    for pair in pairs:
        for name in pair["annotators"]:
            shared[name] = shared.get(name, 0) + int(pair["shared"])
    return sorted(sorted(shared, key=lambda name: (-shared[name], name))[:MOST_PEOPLE])


def time_plot(times: Sequence[Row], score: str, name: str) -> str:
    """A score over stretches of time, with its interval."""
    figure = new_figure(9.6, 2.6, left=0.65, right=0.2, top=0.2, bottom=0.5)
    axes = figure.subplots()
    rows = [
        (n, row["start"], row[score])
        for n, row in enumerate(times)
        if row.get(score) and row[score]["value"] is not None
    ]
    for n, _, each in rows:
        if each["low"] is not None:
            axes.plot([n, n], [each["low"], each["high"]], color=GOLD, linewidth=1.4, alpha=0.6)
    axes.plot(
        [n for n, _, _ in rows],
        [each["value"] for _, _, each in rows],
        color=GOLD,
        marker="o",
        markersize=4,
        linewidth=1.4,
    )
    step = max(1, len(rows) // 8)
    axes.set_xticks([n for n, _, _ in rows][::step], [str(start)[:10] for _, start, _ in rows][::step])
    axes.set_ylabel(name)
    plain_axes(axes, grid="y")
    return to_svg(figure, "Agreement over time")


def interval_plot(rows: Sequence[tuple[str, Row, str, bool]], caption: str, title: str) -> str:
    """Values in percent with their intervals, a row each: name, `{"value", "low", "high"}`, a remark, and whether it stands out."""
    names = [shorten(name, 40) for name, *_ in rows]
    left = 0.25 + max(map(label_width, names))
    figure = new_figure(left + 3.9, 0.75 + 0.27 * len(rows), left=left, right=0.75, top=0.1, bottom=0.6)
    axes = figure.subplots()
    for place, (_, each, remark, far) in enumerate(rows):
        colour = WRONG if far else GOLD
        if each.get("low") is not None:
            axes.plot([100 * each["low"], 100 * each["high"]], [place, place], color=colour, linewidth=1.6)
        axes.plot([100 * each["value"]], [place], marker="o", markersize=5, color=colour)
        axes.text(1.01, place, remark, transform=axes.get_yaxis_transform(), va="center", fontsize=7.5, color=MUTED)
    axes.set_yticks(range(len(rows)), names)
    axes.set_ylim(len(rows) - 0.4, -0.6)
    axes.set_xlabel(caption, loc="left")
    plain_axes(axes, grid="x")
    axes.tick_params(axis="y", colors=INK)
    return to_svg(figure, title)


def histogram_plot(counts: Sequence[int], *, below: float, caption: str) -> str:
    """How many values have which confidence, in bins of equal width over 0 to 1; those under `below` go to review."""
    figure = new_figure(5.2, 2.8, left=0.75, right=0.2, top=0.3, bottom=0.55)
    axes = figure.subplots()
    width = 1 / len(counts)
    for n, count in enumerate(counts):
        axes.bar(100 * (n + 0.5) * width, count, width=92 * width, color=WRONG if (n + 0.5) * width < below else GOLD)
    axes.axvline(100 * below, color=MUTED, linewidth=0.9)
    axes.text(
        100 * below, 1.03, "review below", transform=axes.get_xaxis_transform(), fontsize=8.5, color=MUTED, ha="center"
    )
    axes.set_xlim(0, 100)
    axes.set_xlabel("confidence (%)")
    axes.set_ylabel(caption)
    axes.yaxis.set_major_formatter(lambda value, _: f"{value:,.0f}")
    plain_axes(axes, grid="y")
    return to_svg(figure, "Confidence of the aggregated values")


def reliability_plot(bins: Sequence[Row], caption: str) -> str:
    """How often what was given a probability came true, in bins of equal mass, against that probability: on the line where it is right."""
    figure = new_figure(4.2, 3.6, left=0.7, right=0.2, top=0.2, bottom=0.55)
    axes = figure.subplots()
    axes.plot([0, 100], [0, 100], color=MUTED, linewidth=0.9)
    points = [(100 * each["confidence"], 100 * each["accuracy"]) for each in bins]
    axes.plot([x for x, _ in points], [y for _, y in points], color=GOLD, linewidth=1.4, marker="o", markersize=4.5)
    axes.set_xlim(0, 100)
    axes.set_ylim(0, 100)
    axes.set_xlabel("probability (%)")
    axes.set_ylabel(caption)
    plain_axes(axes, grid="both")
    return to_svg(figure, "Reliability of the probabilities")
