"""Pages about label quality: agreement, aggregation, annotators, slices. Their data is what the commands print as JSON."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from goldleaf.report.frame import figure_of, frame, html_table
from goldleaf.report.marks import escape
from goldleaf.report.plots import confusion_plot
from goldleaf.report.quality_plots import histogram_plot, interval_plot, matrix_plot, time_plot
from goldleaf.report.table import plain_table
from goldleaf.report.words import percent

if TYPE_CHECKING:
    from rich.console import Group

Row = Mapping[str, Any]
MOST_ROWS = 60
_LEADING = ("alpha", "alpha_masi", "f1_exact", "raw_agreement")
"""The score that stands for a field, the first of these that it has."""
_OF_LABELS = ("specific_agreement", "alpha", "f1_exact")


def render_agreement_page(title: str, data: Row, names: Mapping[str, str]) -> str:
    """How far annotators agree: `Agreement.to_dict()`, with the coefficients under these names."""
    return frame(
        title,
        [_heading(title), *(part for name, field in data["fields"].items() for part in _agreement(name, field, names))],
    )


def _agreement(name: str, field: Row, names: Mapping[str, str]) -> Iterator[str]:
    about = (
        f"{field['answers']:,} answers of {field['annotators']:,} annotators to {field['records']:,} records, "
        f"{field['compared']:,} of them with two answers or more"
    )
    yield f"<h2>{escape(name)} <small>{escape(about)}</small></h2>"
    scores = [
        (escape(names[key]), _number(s["value"]), _range(s), escape(s.get("meaning", "")))
        for key, s in field["scores"].items()
    ]
    yield f'<div class="card">{_wide_table(("", "value", "95 % interval", "what it means"), scores)}</div>'
    leading = next((key for key in _LEADING if key in field["scores"]), None)
    plots = list(_agreement_plots(field, leading, names))
    if plots:
        yield f'<div class="plots">{"".join(plots)}</div>'
    shown = [key for key in _OF_LABELS if any(row.get(key) for row in field["labels"].values())]
    labels = [
        (escape(label), f"{row['answers']:,}", *(_of(row.get(key)) for key in shown))
        for label, row in list(field["labels"].items())[:MOST_ROWS]
    ]
    heads = ("label", "answers", *(escape(names[key]) for key in shown))
    yield f'<section class="card"><h3>Each label against all others</h3>{html_table(heads, labels, 1)}</section>'
    yield "".join(f'<p class="note">{escape(note)}</p>' for note in field["notes"])


def _agreement_plots(field: Row, leading: str | None, names: Mapping[str, str]) -> Iterator[str]:
    pairs = field["annotator_pairs"]
    score = next((key for key in ("alpha", "raw_agreement", "f1_exact") if pairs and pairs[0].get(key)), None)
    if pairs and score:
        yield figure_of(matrix_plot(pairs, score), f"{escape(names[score])} of each pair of annotators")
    confusion = _confusion(field["confusion"])
    if len(confusion) > 1:
        yield figure_of(confusion_plot(confusion, rows="one said", columns="the other"), "pairs of answers")
    if leading and len(field["time"]) > 1:
        plot = time_plot(field["time"], leading, names[leading])
        yield figure_of(plot).replace('class="card"', 'class="card wide"', 1)


def _confusion(rows: Sequence[Row]) -> dict[str, dict[str, int]]:
    """Counts on both sides of the diagonal."""
    found: dict[str, dict[str, int]] = {}
    for row in rows:
        first, second = row["labels"]
        for one, other in ((first, second), (second, first)):
            found.setdefault(one, {})[other] = round(row["pairs"])
    return found


def render_slices_page(title: str, data: Row) -> str:
    """What differs in parts of the data: `Slices.to_dict()`."""
    parts = [_heading(title)]
    fields = dict.fromkeys(row["field"] for row in data["slices"])
    for name in fields:
        rows = [row for row in data["slices"] if row["field"] == name]
        parts += [f"<h2>{escape(name)}</h2>", *_slices(rows)]
    rare = [(escape(r["field"]), escape(r["label"]), f"{r['count']:,}", f"{r['needed']:,}") for r in data["rare"]]
    if rare:
        heads = ("field", "label", "records", "more needed")
        note = "Too few to measure: with so many more, a share of 80 % has an interval of the width asked for."
        parts.append(
            f'<section class="card"><h3>Rare labels</h3><p class="quiet">{note}</p>{html_table(heads, rare, 2)}</section>'
        )
    return frame(title, parts)


def _slices(rows: Sequence[Row]) -> Iterator[str]:
    for what, caption in (("agreement", "agreement (%)"), ("score", "score of the model (%)")):
        shown = [
            (f"{r['by']}: {r['name']}", r[what], f"n={r['records']:,}", any(d["what"] == what for d in r["differs"]))
            for r in rows[:MOST_ROWS]
            if r[what]
        ]
        if shown:
            yield figure_of(
                interval_plot(shown, f"{caption}, 95 % interval", caption), "red: differs from the rest beyond chance"
            )
    cells = [
        (
            escape(f"{r['by']}: {r['name']}"),
            escape("; ".join(f"{label} {100 * share:.0f} %" for label, share in list(r["labels"].items())[:5])),
            escape("; ".join(_differs(d) for d in r["differs"])),
            f"{r['records']:,}",
            f"{100 * r['share']:.1f} %",
        )
        for r in rows[:MOST_ROWS]
    ]
    yield f'<div class="card">{html_table(("slice", "labels", "differs in", "records", "share"), cells, 3)}</div>'


def _differs(found: Row) -> str:
    gap = "" if found["difference"] is None else f" by {100 * found['difference']:+.1f} points"
    return f"{found['what']}{gap} (p {found['p']:.2g})"


def render_aggregation_page(title: str, data: Row) -> str:
    """Gold from answers: `fields` with method, reason, records, doubted and a histogram of confidence; `annotators` with their accuracy."""
    parts = [_heading(title)]
    for name, field in data["fields"].items():
        about = f"{field['records']:,} records by {field['method']}, {field['doubted']:,} of them to review"
        parts.append(f"<h2>{escape(name)} <small>{escape(about)}</small></h2>")
        if field.get("reason"):
            parts.append(f'<p class="quiet">{escape(field["reason"])}</p>')
        plots = [figure_of(histogram_plot(field["confidence"], below=data["threshold"], caption="records"))]
        people = [row for row in data["annotators"] if row["field"] == name and row["accuracy"] is not None][:MOST_ROWS]
        if people:
            shown = [
                (
                    row["annotator"],
                    {"value": row["accuracy"], "low": row["low"], "high": row["high"]},
                    f"n={row['answers']:,}",
                    False,
                )
                for row in people
            ]
            plots.append(
                figure_of(
                    interval_plot(shown, "right answers, estimated (%), 95 % interval", "Reliability of annotators")
                )
            )
        confusion = _taken_for([row for row in data.get("confusions", ()) if row["field"] == name])
        if len({name for label, said in confusion.items() for name in (label, *said)}) > 1:
            plot = confusion_plot(confusion, rows="what is", columns="what annotators said")
            plots.append(figure_of(plot, "answers, by what the aggregation takes for true"))
        parts.append(f'<div class="plots">{"".join(plots)}</div>')
    return frame(title, parts)


def _taken_for(rows: Sequence[Row]) -> dict[str, dict[str, int]]:
    """How often all annotators said what of what is, rounded."""
    found: dict[str, dict[str, float]] = {}
    for row in rows:
        said = found.setdefault(str(row["label"]), {})
        said[str(row["said"])] = said.get(str(row["said"]), 0.0) + row["count"]
    return {label: {other: round(count) for other, count in said.items()} for label, said in found.items()}


def render_annotators(data: Row) -> Group:
    """The annotators on a terminal, and what looks suspicious about them."""
    from rich.console import Group
    from rich.text import Text

    rows = [
        (
            row["field"],
            str(row["annotator"]),
            f"{row['answers']:,}",
            "" if row["median_seconds"] is None else f"{row['median_seconds']:.1f}",
            "" if row["gold_agreement"] is None else percent(row["gold_agreement"]),
            "" if row["agreement"] is None else percent(row["agreement"]),
            "" if row["skill"] is None else f"{percent(row['skill'])} ({_between(row)})",
        )
        for row in data["annotators"][:MOST_ROWS]
    ]
    heads = ("field", "annotator", "answers", "seconds", "gold (%)", "others (%)", "skill (%)")
    parts: list[Any] = [plain_table("annotators", heads, rows, 2)]
    parts += [
        Text(f"{row['annotator']}, {row['field']}: {'; '.join(row['suspicion'])}")
        for row in data["annotators"]
        if row["suspicion"]
    ]
    return Group(*parts)


def render_annotators_page(title: str, data: Row) -> str:
    """The annotators as one page: the skill of each with its interval, by label, over time, and what looks suspicious."""
    parts = [_heading(title)]
    for name in dict.fromkeys(row["field"] for row in data["annotators"]):
        rows = [row for row in data["annotators"] if row["field"] == name][:MOST_ROWS]
        parts.append(f"<h2>{escape(name)}</h2>")
        shown = [
            (
                str(row["annotator"]),
                {"value": row["skill"], "low": row["low"], "high": row["high"]},
                f"n={row['answers']:,}",
                bool(row["suspicion"]),
            )
            for row in rows
            if row["skill"] is not None
        ]
        if shown:
            plot = interval_plot(shown, "skill (%), 95 % interval", "Skill of each annotator")
            parts.append(figure_of(plot, "red: something looks suspicious"))
        parts.append(_people(rows))
        parts += [
            f'<p class="note">{escape(str(row["annotator"]))}: {escape("; ".join(row["suspicion"]))}</p>'
            for row in rows
            if row["suspicion"]
        ]
    return frame(title, parts)


def _people(rows: Sequence[Row]) -> str:
    cells = [
        (
            escape(str(row["annotator"])),
            escape("; ".join(f"{label} {100 * each['skill']:.0f} %" for label, each in _worst(row["labels"]))),
            f"{row['answers']:,}",
            "" if row["seconds"] is None else f"{row['seconds'] / 3600:.1f}",
            "" if row["median_seconds"] is None else f"{row['median_seconds']:.1f}",
            ""
            if row["gold_agreement"] is None
            else f'{100 * row["gold_agreement"]:.1f} <small class="quiet">of {row["checked"]:,}</small>',
            "" if row["agreement"] is None else f"{100 * row['agreement']:.1f}",
            "" if row["trend"] is None else f"{100 * row['trend']:+.1f}",
        )
        for row in rows
    ]
    heads = (
        "annotator",
        "finds least",
        "answers",
        "hours",
        "s an answer",
        "with gold (%)",
        "with others (%)",
        "change (points)",
    )
    return f'<div class="card">{html_table(heads, cells, 2)}</div>'


def _worst(labels: Mapping[str, Row] | None) -> list[tuple[str, Row]]:
    """The labels that are found least often."""
    known = [(label, each) for label, each in (labels or {}).items() if each["skill"] is not None]
    return sorted(known, key=lambda item: item[1]["skill"])[:3]


def render_slices(data: Row) -> Group:
    """The slices on a terminal: those that differ first, and the rare labels."""
    from rich.console import Group
    from rich.text import Text

    rows = sorted(data["slices"], key=lambda row: -len(row["differs"]))[:MOST_ROWS]
    cells = [
        (
            row["field"],
            f"{row['by']}: {row['name']}",
            "; ".join(map(_differs, row["differs"])),
            f"{row['records']:,}",
            "" if row["agreement"] is None else f"{100 * row['agreement']['value']:.1f}",
            "" if row["score"] is None else f"{100 * row['score']['value']:.1f}",
        )
        for row in rows
    ]
    far = sum(bool(row["differs"]) for row in data["slices"])
    title = f"{len(data['slices'])} slices, {far} of them differ from the rest beyond chance"
    parts: list[Any] = [
        plain_table(title, ("field", "slice", "differs in", "records", "agreement (%)", "score (%)"), cells, 3)
    ]
    rare = [f"{r['field']} {r['label']} ({r['count']:,}, {r['needed']:,} more)" for r in data["rare"][:MOST_ROWS]]
    if rare:
        parts.append(Text(f"too rare to be measured: {', '.join(rare)}"))
    return Group(*parts)


def render_aggregation(data: Row) -> Group:
    """The aggregation on a terminal: each field's method and how sure it is, and the annotators."""
    from rich.console import Group
    from rich.text import Text

    fields = [
        (name, field["method"], f"{field['records']:,}", f"{field['doubted']:,}")
        for name, field in data["fields"].items()
    ]
    parts: list[Any] = [plain_table("gold", ("field", "method", "records", "to review"), fields, 2)]
    parts += [Text(f"{name}: {field['reason']}") for name, field in data["fields"].items() if field["reason"]]
    people = [
        (row["field"], str(row["annotator"]), f"{row['answers']:,}", percent(row["accuracy"]), _between(row))
        for row in data["annotators"][:MOST_ROWS]
    ]
    if people:
        heads = ("field", "annotator", "answers", "right (%)", "95 % interval")
        parts.append(plain_table("annotators", heads, people, 2))
    return Group(*parts)


def _between(row: Row) -> str:
    return "" if row["low"] is None else f"{100 * row['low']:.1f} to {100 * row['high']:.1f}"


def _heading(title: str) -> str:
    return f"<h1>{escape(title)}</h1>"


def _wide_table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    return html_table(heads, rows, len(heads))


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"


def _range(score: Row) -> str:
    return "" if score["low"] is None else f"{score['low']:.3f} to {score['high']:.3f}"


def _of(score: Row | None) -> str:
    return (
        ""
        if not score or score["value"] is None
        else f'{score["value"]:.3f} <small class="quiet">{_range(score)}</small>'
    )
