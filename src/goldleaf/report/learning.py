"""A learning curve, on a terminal and as a page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from goldleaf.report.marks import escape
from goldleaf.report.style import STYLE
from goldleaf.report.svg import GOLD, INK, MUTED, RIGHT, new_figure, plain_axes, to_svg
from goldleaf.report.table import plain_table
from goldleaf.report.words import interval_of, name_of, percent, signed

if TYPE_CHECKING:
    from rich.console import Group


def render_curve(data: Mapping[str, Any]) -> Group:
    """A row a run and field, and what twice the records would bring in a sentence a field."""
    from rich.console import Group
    from rich.text import Text

    rows = [
        (name, f"{run['records']:,}", f"{run['fraction']:g}", str(run["seed"]), *_score(run["fields"][name]))
        for name in _names(data)
        for run in _runs_of(data, name)
    ]
    heads = ("field", "records", "fraction", "seed", "score", "value", "95 % interval")
    table = plain_table(f"Learning curve (scored on {data['split']})", heads, rows, 1)
    return Group(table, *(Text(f"{name}: {outlook(data, name)}") for name in _names(data)))


def outlook(data: Mapping[str, Any], name: str) -> str:
    """What the runs of a field say of more labels, in a sentence."""
    found = data["fields"][name]
    if found is None:
        return "Three fractions or more would say what more labels bring."
    now, twice = found["now"], found["twice"]
    gain = f"{signed(twice['value'] - now['value'])} points"
    return (
        f"Twice the records ({twice['records']:,}) would bring about {gain}: {name_of(found['score'])} "
        f"{percent(twice['value'])} ({interval_of(twice)})."
    )


def render_curve_page(data: Mapping[str, Any]) -> str:
    """The curve as one page that needs nothing else."""
    title = "Learning curve"
    parts = [
        f"<h1>{title}</h1>",
        f'<p class="quiet">{data["records"]:,} training records · scored on {data["split"]}</p>',
    ]
    for name in _names(data):
        parts.append(f"<h2>{escape(name)}</h2><p>{escape(outlook(data, name))}</p>")
        parts.append(f'<figure class="card">{curve_plot(data, name)}</figure>{_table(_runs_of(data, name), name)}')
    head = (
        '<meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{title}</title><style>{STYLE}</style>"
    )
    return f'<!doctype html>\n<html lang="en"><head>{head}</head><body><main>{"".join(parts)}</main></body></html>\n'


def curve_plot(data: Mapping[str, Any], name: str) -> str:
    """A field's score against the number of training records, a point a run with its interval, and what twice as many would bring."""
    runs, found = _runs_of(data, name), data["fields"][name]
    figure = new_figure(9.6, 3.4, left=0.65, right=0.3, top=0.2, bottom=0.55)
    axes = figure.subplots()
    for run in runs:
        score, x = run["fields"][name], run["records"]
        axes.plot([x, x], [100 * score["low"], 100 * score["high"]], color=MUTED, linewidth=1, alpha=0.6)
    sizes = sorted({run["records"] for run in runs})
    means = [_mean([run["fields"][name]["value"] for run in runs if run["records"] == size]) for size in sizes]
    axes.plot(sizes, [100 * m for m in means], color=GOLD, linewidth=1.6)
    points = [(run["records"], 100 * run["fields"][name]["value"]) for run in runs]
    axes.scatter([x for x, _ in points], [y for _, y in points], s=24, color=GOLD, linewidths=0, zorder=3)
    if found is not None:
        twice, now = found["twice"], found["now"]
        x = twice["records"]
        axes.plot(
            [x / 2, x], [100 * now["value"], 100 * twice["value"]], color=RIGHT, linewidth=1.4, linestyle=(0, (4, 3))
        )
        axes.plot([x, x], [100 * twice["low"], 100 * twice["high"]], color=RIGHT, linewidth=1.6)
        axes.plot([x], [100 * twice["value"]], marker="o", markersize=5, color=RIGHT)
        sizes.append(x)
    axes.set_xscale("log")
    axes.set_xticks(sizes, [f"{size:,}" for size in sizes])
    axes.minorticks_off()
    axes.set_xlabel("training records")
    axes.set_ylabel(f"{name_of(runs[0]['fields'][name]['score'])} (%)")
    plain_axes(axes, grid="both")
    axes.tick_params(axis="x", colors=INK)
    return to_svg(figure, "Score against the number of training records")


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)


def _names(data: Mapping[str, Any]) -> list[str]:
    return list(data["fields"])


def _runs_of(data: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    runs = [run for run in data["runs"] if name in run["fields"]]
    return sorted(runs, key=lambda run: (run["records"], run["seed"]))


def _score(score: Mapping[str, Any]) -> tuple[str, str, str]:
    return name_of(score["score"]), percent(score["value"]), interval_of(score)


def _table(runs: Sequence[Mapping[str, Any]], name: str) -> str:
    rows = "".join(
        f'<tr><td class="n">{run["records"]:,}</td><td class="n">{run["seed"]}</td>'
        + "".join(f'<td class="n">{cell}</td>' for cell in _score(run["fields"][name])[1:])
        + f'<td class="n">{run["seconds"]:,.0f}</td></tr>'
        for run in runs
    )
    heads = "".join(f'<th class="n">{h}</th>' for h in ("records", "seed", "value (%)", "95 % interval", "seconds"))
    return f'<details class="card"><summary>Every run</summary><table><tr>{heads}</tr>{rows}</table></details>'
