"""The report as one HTML page that needs nothing else. Every text is escaped."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from goldleaf.report.curves import abstention_plot, reliability_plot, scope_plot, slice_plot
from goldleaf.report.frame import figure_of, frame, html_table
from goldleaf.report.marks import error_block, escape, span_error_block
from goldleaf.report.plots import (
    MOST_BARS,
    confidence_plot,
    confusion_plot,
    history_plot,
    label_plot,
    most_confused,
    support_plot,
)
from goldleaf.report.words import (
    SCOPE_SCORES,
    SPAN_ERRORS_EXPLAINED,
    baseline_of,
    explain,
    interval_of,
    main_score_of,
    methods_in_words,
    name_of,
    percent,
    scores_of,
    signed,
)


def render_page(title: str, data: Mapping[str, Any]) -> str:
    """The whole page."""
    parts = [
        f"<h1>{escape(title)}</h1>",
        f'<p class="quiet">{_extent(data)}</p>',
        _tiles(data),
        f'<div class="card">{_scores(data)}</div>',
    ]
    if data.get("history"):
        parts.append(f"<h2>Training</h2>{figure_of(history_plot(data['history']))}")
    for name, field in data["fields"].items():
        parts += [_field(name, field), _scope(data.get("out_of_scope", {}).get(name))]
        parts += [_slices(data.get("slices", {}).get(name, ())), _errors(field)]
    return frame(title, parts)


def _extent(data: Mapping[str, Any]) -> str:
    groups = data.get("groups", data["records"])
    resampled = "records" if groups == data["records"] else f"{groups:,} groups of records"
    return f"{data['records']:,} records · 95 % intervals by resampling the {resampled}"


def _tiles(data: Mapping[str, Any]) -> str:
    tiles: list[str] = []
    for name, field in data["fields"].items():
        key = main_score_of(field)
        tiles.append(_tile(f"{escape(name)}: {name_of(key)}", field[key]))
    if len(data["fields"]) > 1:
        tiles.append(_tile("whole record right", data["exact_match"]))
    return f'<div class="tiles">{"".join(tiles)}</div>'


def _tile(caption: str, score: Mapping[str, float]) -> str:
    return f'<div class="card tile"><span>{caption}</span><b>{percent(score["value"])} %</b><span>{interval_of(score)}</span></div>'


def _scores(data: Mapping[str, Any]) -> str:
    heads = ["field", "score", "value (%)", "95 % interval"]
    beside = "baseline" in data and bool(data["baseline"]["fields"])
    if beside:
        heads += [escape(data["baseline"]["name"]), "model minus baseline"]
    rows: list[list[str]] = []
    for name, field in data["fields"].items():
        for place, key in enumerate(scores_of(field)):
            value, gain = baseline_of(data, name, key)
            row = ["" if place else escape(name), f'<span title="{explain(field, key)}">{name_of(key)}</span>']
            row += [percent(field[key]["value"]), interval_of(field[key])]
            rows.append(row + ([percent(value), _gain(gain)] if beside else []))
    exact = data["exact_match"]
    rows.append(["all fields", "exact match", percent(exact["value"]), interval_of(exact), *([""] * (2 * beside))])
    return html_table(heads, rows, 2)


def _gain(gain: Mapping[str, float] | None) -> str:
    if gain is None:
        return ""
    return f"{signed(gain['value'])} ({signed(gain['low'])} .. {signed(gain['high'])})"


def _field(name: str, field: Mapping[str, Any]) -> str:
    kind = f"{field['kind']}{', many labels' if field.get('many') else ''} · {field['records']:,} records"
    parts = [f"<h2>{escape(name)} <small>{escape(kind)}</small></h2>"]
    if methods := field.get("gold"):
        parts.append(f'<p class="quiet">How the labels came to be: {escape(methods_in_words(methods))}</p>')
    if unseen := field.get("unseen_labels"):
        listed = ", ".join(f"{escape(label)} ({count}×)" for label, count in unseen.items())
        parts.append(f'<p class="note">In the gold, but never seen in training: {listed}</p>')
    if field["labels"]:
        parts += [_plots(field), _labels(field["labels"])]
    if any(found["count"] for found in field.get("span_errors", {}).values()):
        parts.append(_span_errors(field))
    return "".join(parts)


def _plots(field: Mapping[str, Any]) -> str:
    labels, confusion = field["labels"], field["confusion"]
    plots = [figure_of(label_plot(labels), _bars_note(labels))]
    if len(most_confused(confusion)) > 1:
        plots.append(figure_of(confusion_plot(confusion), _cells_note(confusion)))
    if "confidence" in field:
        plots.append(figure_of(confidence_plot(field["confidence"])))
    if "calibration" in field:
        plots.append(figure_of(reliability_plot(field["calibration"])))
        plots.append(figure_of(abstention_plot(field["abstention"])))
    if len(labels) > 3:
        plots.append(figure_of(support_plot(labels)))
    return f'<div class="plots">{"".join(plots)}</div>'


def _bars_note(labels: Mapping[str, Any]) -> str:
    return f"The {MOST_BARS} most frequent of {len(labels)} labels" if len(labels) > MOST_BARS else ""


def _cells_note(confusion: Mapping[str, Mapping[str, int]]) -> str:
    total = len(set(confusion) | {p for row in confusion.values() for p in row})
    shown = len(most_confused(confusion))
    return f"The {shown} most confused of {total} labels" if shown < total else ""


def _labels(labels: Mapping[str, Any]) -> str:
    trained = all("trained" in s for s in labels.values())
    heads = ["label", "precision", "recall", "F1", "95 % interval", "support", *(["in training"] if trained else [])]
    rows = [
        [
            escape(name),
            *(percent(s[key]) for key in ("precision", "recall", "f1")),
            f"{percent(s['f1_low'])} .. {percent(s['f1_high'])}" if "f1_low" in s else "",
            f"{s['support']:,}",
            *([f"{s['trained']:,}"] if trained else []),
        ]
        for name, s in labels.items()
    ]
    return f'<details class="card"><summary>Every label in numbers</summary>{html_table(heads, rows, 1)}</details>'


def _span_errors(field: Mapping[str, Any]) -> str:
    """How often each kind of mistake with spans was made, what correcting it alone would bring, and examples."""
    found = field["span_errors"]
    rows = [
        [kind, SPAN_ERRORS_EXPLAINED[kind], f"{each['count']:,}", percent(each["f1_without"])]
        for kind, each in found.items()
    ]
    examples = "".join(
        f"<details><summary>{kind}: examples</summary>{''.join(map(span_error_block, each['examples']))}</details>"
        for kind, each in found.items()
        if each["examples"]
    )
    head = f"<h3>Kinds of wrong spans</h3><p>F1 is {percent(field['f1']['value'])} %.</p>"
    table = html_table(["kind", "", "count", "F1 without it (%)"], rows, 2)
    return f'<section class="card">{head}{table}{examples}</section>'


def _scope(found: Mapping[str, Any] | None) -> str:
    """How well texts out of scope are told apart."""
    if found is None:
        return ""
    rows = [[name, percent(found[key]["value"]), interval_of(found[key])] for key, name in SCOPE_SCORES.items()]
    table = html_table(["", "value (%)", "95 % interval"], rows, 1)
    return f'<section class="card"><h3>Out of scope</h3>{scope_plot(found)}{table}</section>'


def _slices(slices: Sequence[Mapping[str, Any]]) -> str:
    """The slices of a field: a plot, and a table."""
    if not slices:
        return ""
    worse = [f"{escape(row['by'])}: {escape(row['name'])}" for row in slices if row["worse"]]
    note = f"Significantly worse than the whole: {'; '.join(worse)}." if worse else "None is significantly worse."
    rows = [
        [
            escape(row["by"]),
            escape(row["name"]),
            f"{row['records']:,}",
            name_of(row["score"]),
            percent(row["value"]),
            interval_of(row),
            _gain(row["difference"]),
        ]
        for row in slices
    ]
    heads = ["by", "slice", "records", "score", "value (%)", "95 % interval", "against the whole"]
    return (
        f'<section class="card"><h3>Slices</h3><p>{note}</p>{slice_plot(slices)}{html_table(heads, rows, 2)}</section>'
    )


def _errors(field: Mapping[str, Any]) -> str:
    errors = field["errors"]
    if not errors:
        return '<p class="quiet">No errors.</p>'
    wrong = field.get("wrong", len(errors))
    legend = (
        '<span class="value right">right</span> · <span class="value missed">missed</span> · '
        '<span class="value wrong">wrongly said</span>'
    )
    head = f'<h3>Errors the model was surest of <small class="quiet">({len(errors)} of {wrong:,})</small></h3><p>{legend}</p>'
    return f'<section class="card">{head}{"".join(map(error_block, errors))}</section>'
