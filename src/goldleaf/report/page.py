"""The report as one HTML page. Every text is escaped; plots are inline SVG whose letters are text, so the reader's fonts draw Chinese."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import TYPE_CHECKING, Any

from goldleaf.report.plots import confusion_plot, history_plot, label_plot

if TYPE_CHECKING:
    from goldleaf.report.report import Report

_STYLE = """
:root{color-scheme:light dark;--line:#8884;--gold:#b8860b;--good:#2e7d3244;--bad:#c6282844}
body{font:15px/1.5 system-ui,"Noto Sans CJK SC","PingFang SC","Microsoft YaHei",sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}
h1{border-bottom:3px solid var(--gold);padding-bottom:.3rem}h2{margin-top:2.5rem}
table{border-collapse:collapse;margin:1rem 0}td,th{border-bottom:1px solid var(--line);padding:.25rem .8rem;text-align:left;vertical-align:top}
td.n,th.n{text-align:right;font-variant-numeric:tabular-nums}figure{margin:1rem 0;background:#fff;border-radius:6px;padding:.5rem}
figure svg{max-width:100%;height:auto}mark{border-radius:3px;padding:0 .15rem;color:inherit}mark.gold{background:var(--good)}
mark.found{background:var(--bad)}mark small{opacity:.7;margin-left:.25rem}.text{max-width:34rem;overflow-wrap:anywhere}
"""


def render_page(report: Report) -> str:
    """The whole page."""
    data = report.data
    parts = [f"<h1>{escape(report.title)}</h1>", f"<p>{data['records']} records</p>", _scores(data)]
    if data.get("history"):
        parts += ["<h2>Training</h2>", _figure(history_plot(data["history"]))]
    for name, field in data["fields"].items():
        parts.append(f"<h2>{escape(name)} <small>({escape(field['kind'])})</small></h2>")
        if unseen := field.get("unseen_labels"):
            parts.append(f"<p>Never seen in training: {escape(', '.join(unseen))}</p>")
        parts += [_figure(label_plot(field["labels"])), _labels(field["labels"])]
        if len(field["confusion"]) > 1:
            parts += ["<h3>Gold and predicted</h3>", _figure(confusion_plot(field["confusion"]))]
        parts.append(_errors(field["errors"]))
    head = f'<meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{escape(report.title)}</title>'
    return (
        f"<!doctype html><html lang=en><head>{head}<style>{_STYLE}</style></head><body>{''.join(parts)}</body></html>"
    )


def _figure(svg: str) -> str:
    return f"<figure>{svg}</figure>"


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]], numeric_from: int) -> str:
    """A table of cells that are HTML already."""
    style = [' class="n"' if i >= numeric_from else "" for i in range(len(heads))]
    top = "".join(f"<th{s}>{h}</th>" for s, h in zip(style, heads, strict=True))
    body = "".join(
        "<tr>" + "".join(f"<td{s}>{c}</td>" for s, c in zip(style, row, strict=True)) + "</tr>" for row in rows
    )
    return f"<table><tr>{top}</tr>{body}</table>"


def _scores(data: Mapping[str, Any]) -> str:
    from goldleaf.report.report import SHOWN

    baseline = data.get("baseline", {}).get("fields", {})
    rows = [
        [
            escape(name),
            score.replace("_", " "),
            _percent(field[score]["value"]),
            _range(field[score]),
            _percent(baseline.get(name, {}).get(score)),
        ]
        for name, field in data["fields"].items()
        for score in SHOWN
        if score in field
    ]
    exact = data["exact_match"]
    rows.append(["(record)", "exact match", _percent(exact["value"]), _range(exact), ""])
    return _table(["field", "score", "value", "95 % interval", "TF-IDF baseline"], rows, 2)


def _labels(labels: Mapping[str, Any]) -> str:
    rows = [
        [escape(n), *(_percent(s[k]) for k in ("precision", "recall", "f1")), str(s["support"])]
        for n, s in labels.items()
    ]
    return _table(["label", "precision", "recall", "f1", "support"], rows, 1)


def _errors(errors: Sequence[Mapping[str, Any]]) -> str:
    if not errors:
        return "<p>No errors.</p>"
    rows = [
        [
            escape(e["record"]),
            _marked(e["text"], e["gold"], "gold"),
            _marked(e["text"], e["predicted"], "found"),
            "" if e["score"] is None else f"{e['score']:.2f}",
        ]
        for e in errors
    ]
    return "<h3>Errors the model was surest of</h3>" + _table(["record", "gold", "predicted", "sure"], rows, 3)


def _marked(text: str, value: Any, kind: str) -> str:
    """The text with its spans marked, or with its labels after it."""
    if isinstance(value, str) or (value and isinstance(value[0], str)):
        labels = value if isinstance(value, str) else " ".join(value)
        return f'<div class="text">{escape(text)} <mark class="{kind}">{escape(labels)}</mark></div>'
    parts, at = [], 0
    for start, end, label in sorted(value):
        if start >= at and end <= len(text):
            parts += [
                escape(text[at:start]),
                f'<mark class="{kind}">{escape(text[start:end])}<small>{escape(label)}</small></mark>',
            ]
            at = end
    return f'<div class="text">{"".join(parts)}{escape(text[at:])}</div>'


def _percent(value: float | None) -> str:
    return "" if value is None else f"{100 * value:.2f}"


def _range(score: Mapping[str, float]) -> str:
    return f"{100 * score['low']:.2f} .. {100 * score['high']:.2f}"
