"""The plots of a report that say how far a confidence can be relied on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from goldleaf.report.svg import (
    GOLD,
    INK,
    LINE,
    MUTED,
    WRONG,
    label_width,
    new_figure,
    plain_axes,
    shorten,
    to_svg,
)


def reliability_plot(calibration: Mapping[str, Any]) -> str:
    """How often answers of each confidence are right, after calibration and, where it is known, before."""
    figure = new_figure(5.2, 3.4, left=0.6, right=0.2, top=0.35, bottom=0.55)
    axes = figure.subplots()
    before = calibration.get("before")
    lines = [(before, MUTED, "before")] if before else []
    for found, colour, name in [*lines, (calibration, GOLD, "calibrated" if before else "")]:
        _draw_bins(axes, found["bins"], colour)
        place = 0.0 if name == "before" or not before else 0.42
        text = f"{name} error {100 * found['ece']:.2f}".strip()
        axes.text(place, 1.03, text, transform=axes.transAxes, fontsize=9, color=colour)
    low = min(min(b["confidence"], b["accuracy"]) for f, _, _ in [*lines, (calibration, "", "")] for b in f["bins"])
    floor = max(0.0, 10 * (100 * low // 10) - 2)
    axes.plot([floor, 100], [floor, 100], color=LINE, linewidth=1.2, zorder=0)
    axes.set_xlim(floor, 102)
    axes.set_ylim(floor, 102)
    axes.set_xlabel("confidence (%)")
    axes.set_ylabel("right (%)")
    plain_axes(axes, grid="both")
    return to_svg(figure, "Confidence and how often it is right")


def _draw_bins(axes: Any, bins: Sequence[Mapping[str, float]], colour: str) -> None:
    """A point a bin, larger where it holds more of the answers."""
    x, y = ([100 * b[key] for b in bins] for key in ("confidence", "accuracy"))
    largest = max(b["count"] for b in bins)
    axes.plot(x, y, color=colour, linewidth=1.2, alpha=0.8)
    axes.scatter(x, y, s=[6 + 26 * b["count"] / largest for b in bins], color=colour, linewidths=0)


def abstention_plot(abstention: Mapping[str, Any]) -> str:
    """The share of right answers among those given, as the least sure are held back; the threshold of each target that is reached."""
    figure = new_figure(5.2, 3.4, left=0.6, right=0.2, top=0.35, bottom=0.55)
    axes = figure.subplots()
    x, y = ([100 * v for v in abstention[key]] for key in ("coverage", "accuracy"))
    axes.plot(x, y, color=GOLD, linewidth=1.6)
    low = min(y)
    reached = {each["threshold"]: each for each in abstention["targets"] if each["threshold"] is not None}
    for each in reached.values():  # of targets that one threshold reaches, the highest
        point = (100 * each["coverage"], 100 * each["accuracy"])
        axes.plot(*point, marker="o", markersize=4.5, color=INK)
        text = f"{100 * each['target']:g} % from {each['threshold']:.3g}"
        axes.annotate(text, point, xytext=(4, 5), textcoords="offset points", fontsize=8, color=MUTED)
    axes.set_xlim(0, 100)
    spread = max(0.5, 100 - low)
    axes.set_ylim(low - 0.08 * spread, 100 + 0.12 * spread)
    axes.text(0.0, 1.03, f"area {100 * abstention['aurc']:.2f}", transform=axes.transAxes, fontsize=9, color=GOLD)
    axes.set_xlabel("answered (%), the surest first")
    axes.set_ylabel("right of those (%)")
    plain_axes(axes, grid="both")
    return to_svg(figure, "Right answers as the least sure are held back")


def slice_plot(slices: Sequence[Mapping[str, Any]]) -> str:
    """How far each slice is from the whole, with its interval; those that are significantly worse stand out."""
    names = [shorten(f"{row['by']}: {row['name']}", 40) for row in slices]
    left = 0.25 + max(map(label_width, names))
    figure = new_figure(left + 3.6, 0.75 + 0.27 * len(slices), left=left, right=0.45, top=0.1, bottom=0.6)
    axes = figure.subplots()
    axes.axvline(0, color=LINE, linewidth=1.5)
    for place, row in enumerate(slices):
        gap, colour = row["difference"], WRONG if row["worse"] else GOLD
        axes.plot([100 * gap["low"], 100 * gap["high"]], [place, place], color=colour, linewidth=1.6)
        axes.plot([100 * gap["value"]], [place], marker="o", markersize=5, color=colour)
        text = f"n={row['records']:,}"
        axes.text(1.01, place, text, transform=axes.get_yaxis_transform(), va="center", fontsize=7.5, color=MUTED)
    axes.set_yticks(range(len(slices)), names)
    axes.set_ylim(len(slices) - 0.4, -0.6)
    axes.set_xlabel("points from the whole, 95 % interval, n = records", loc="left")
    plain_axes(axes, grid="x")
    axes.tick_params(axis="y", colors=INK)
    return to_svg(figure, "Slices against the whole")
