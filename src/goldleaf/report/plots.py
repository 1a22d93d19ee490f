"""Plots as inline SVG, by matplotlib, drawn without a display."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from typing import Any

GOLD, GREY, BLUE = "#b8860b", "#9a9a9a", "#3b6ea5"
MOST = 40
"""How many labels a plot shows: those with the largest support."""


def _figure(width: float, height: float) -> Any:
    from matplotlib.figure import Figure

    return Figure(figsize=(width, height), layout="constrained")


def _svg(figure: Any) -> str:
    import matplotlib

    buffer = io.StringIO()
    with matplotlib.rc_context({"svg.fonttype": "none", "svg.hashsalt": "goldleaf"}):
        figure.savefig(buffer, format="svg", metadata={"Date": None})
    text = buffer.getvalue()
    return text[text.index("<svg") :]


def _plain(label: str) -> str:
    """A label that matplotlib does not read as mathematics."""
    return label.replace("$", r"\$")


def label_plot(labels: Mapping[str, Mapping[str, Any]]) -> str:
    """F1 of each label as bars, with its support."""
    shown = sorted(labels.items(), key=lambda item: -item[1]["support"])[:MOST][::-1]
    figure = _figure(8, 0.9 + 0.26 * len(shown))
    axes = figure.subplots()
    axes.barh([_plain(n) for n, _ in shown], [100 * s["f1"] for _, s in shown], color=GOLD)
    for row, (_, scores) in enumerate(shown):
        axes.text(101, row, f"n={scores['support']}", va="center", fontsize=8, color=GREY)
    axes.set_xlim(0, 112)
    axes.set_xlabel("F1 by label")
    axes.spines[["top", "right"]].set_visible(False)
    return _svg(figure)


def confusion_plot(confusion: Mapping[str, Mapping[str, int]]) -> str:
    """Gold by row, predicted by column, as shares of the row."""
    sizes = {gold: sum(row.values()) for gold, row in confusion.items()}
    names = sorted(sizes, key=lambda n: -sizes[n])[:MOST]
    names += sorted({p for row in confusion.values() for p in row} - set(names))[: MOST - len(names)]
    matrix = [[confusion.get(g, {}).get(p, 0) for p in names] for g in names]
    shares = [[c / max(1, sum(row)) for c in row] for row in matrix]
    side = 2.0 + 0.32 * len(names)
    figure = _figure(side + 1, side)
    axes = figure.subplots()
    axes.imshow(shares, cmap="YlOrBr", vmin=0, vmax=1)
    axes.set_xticks(range(len(names)), [_plain(n) for n in names], rotation=90, fontsize=8)
    axes.set_yticks(range(len(names)), [_plain(n) for n in names], fontsize=8)
    for i, row in enumerate(matrix):
        for j, count in enumerate(row):
            if count:
                axes.text(
                    j,
                    i,
                    str(count),
                    ha="center",
                    va="center",
                    fontsize=7,
                    color="white" if shares[i][j] > 0.6 else "black",
                )
    axes.set_xlabel("predicted")
    axes.set_ylabel("gold")
    return _svg(figure)


def history_plot(history: Sequence[Mapping[str, Any]]) -> str:
    """Loss and validation score over steps, a line a seed."""
    figure = _figure(8, 3)
    left, right = figure.subplots(1, 2)
    for seed in sorted({row["seed"] for row in history}):
        rows = [row for row in history if row["seed"] == seed]
        scored = [row for row in rows if row["score"] is not None]
        left.plot([r["step"] for r in rows], [r["loss"] for r in rows], color=BLUE, linewidth=1)
        right.plot(
            [r["step"] for r in scored], [100 * r["score"] for r in scored], color=GOLD, marker="o", markersize=3
        )
    left.set_title("loss", fontsize=10)
    right.set_title("validation score", fontsize=10)
    for axes in (left, right):
        axes.set_xlabel("step")
        axes.spines[["top", "right"]].set_visible(False)
    return _svg(figure)
