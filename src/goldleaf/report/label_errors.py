"""Suspected label errors: on a terminal, and as a page with each label in its text. The data is `LabelErrors.to_dict()`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from goldleaf.report.frame import figure_of, frame, html_table
from goldleaf.report.marks import Mark, Tone, escape, marked_text
from goldleaf.report.quality_plots import reliability_plot
from goldleaf.report.table import plain_table

if TYPE_CHECKING:
    from rich.console import Group

Row = Mapping[str, Any]
ON_TERMINAL, ON_PAGE = 40, 200
"""How many labels are shown."""
AROUND = 120
"""How many characters of a text are shown on both sides of what is wrong in it."""


def render_errors(data: Row) -> Group:
    """The most probable errors on a terminal, and what else was noticed."""
    from rich.console import Group
    from rich.text import Text

    rows = [
        (
            str(row["record"]),
            row["field"],
            row["error"],
            _said(row, "given"),
            _said(row, "proposed"),
            "; ".join(row["reasons"]),
            f"{100 * row['probability']:.0f}",
        )
        for row in data["labels"][:ON_TERMINAL]
    ]
    heads = ("record", "field", "error", "given", "proposed", "why", "wrong (%)")
    parts: list[Any] = [plain_table(f"suspected labels, judged by {data['judged_by']}", heads, rows, 6)]
    parts += [Text(f"{name}: {_summary(field)}") for name, field in data["fields"].items()]
    parts += [Text(f"{each['field']}: {_rehearsed(each)}") for each in data["rehearsal"]]
    parts += [Text(sentence) for sentence in _noticed(data)]
    if cells := _repeated(data["duplicates"]):
        parts.append(plain_table(_REPEATED, _HEADS, cells[:ON_TERMINAL], 7))
    if (more := max(len(data["labels"]) - ON_TERMINAL, 0)) or len(cells) > ON_TERMINAL:
        parts.append(
            Text(
                f"not shown: {more:,} less probable labels, {max(len(cells) - ON_TERMINAL, 0):,} texts (--html or --json)"
            )
        )
    return Group(*parts)


def render_errors_page(title: str, data: Row) -> str:
    """One page: how far the probabilities can be relied on, and each suspected label in its text."""
    parts = [f"<h1>{escape(title)}</h1>", f'<p class="quiet">Judged by {escape(data["judged_by"])}.</p>']
    for name, field in data["fields"].items():
        rows = [row for row in data["labels"] if row["field"] == name]
        parts.append(f"<h2>{escape(name)} <small>{escape(_summary(field))}</small></h2>")
        parts.append(f'<div class="plots">{"".join(_overview(name, rows, data["rehearsal"]))}</div>')
        parts += [_block(row) for row in rows[:ON_PAGE]]
        if len(rows) > ON_PAGE:
            parts.append(f'<p class="note">{len(rows) - ON_PAGE:,} less probable ones are not shown.</p>')
    parts += [f'<p class="note">{escape(sentence)}</p>' for sentence in _noticed(data)]
    return frame(title, [*parts, *_duplicates(data["duplicates"])])


def _overview(name: str, rows: Sequence[Row], rehearsal: Sequence[Row]) -> Iterator[str]:
    for each in rehearsal:
        if each["field"] == name:
            yield figure_of(
                reliability_plot(each["reliability"], "records with a planted error (%)"), escape(_rehearsed(each))
            )
    sure = [row for row in rows if row["probability"] > 0.5]
    errors, reasons = Counter(row["error"] for row in sure), Counter(r for row in sure for r in row["reasons"])
    cells = [(escape(word), f"{count:,}") for counts in (errors, reasons) for word, count in counts.most_common()]
    if cells:
        yield f'<div class="card">{html_table(("more probably wrong than right", "labels"), cells, 1)}</div>'


def _block(row: Row) -> str:
    """A suspected label: how probable, why, and what is given and proposed in the text."""
    about = f"record {row['record']} · {100 * row['probability']:.0f} % wrong · {row['error']}"
    header = f"<header>{escape(' · '.join([about, *row['reasons']]))}</header>"
    if row["start"] is None:
        lines = [_line("text", escape(row["text"][: 4 * AROUND]))]
        lines += [_line(key, escape(_said(row, key))) for key in ("given", "proposed")]
    else:
        lines = [_line(key, _marked(row, key)) for key in ("given", "proposed")]
    return f'<div class="error">{header}{"".join(lines)}</div>'


def _marked(row: Row, key: str) -> str:
    first, last = max(0, row["start"] - AROUND), row["end"] + AROUND
    spans = row[key] if row["kind"] == "spans" else [(row["start"], row["end"], row[key])]
    tone: Tone = "missed" if key == "given" else "right"
    marks: list[Mark] = [(start - first, end - first, label, tone) for start, end, label in spans]
    return f"{'… ' if first else ''}{marked_text(row['text'][first:last], marks)}"


def _line(caption: str, html: str) -> str:
    return f'<div class="line"><span>{caption}</span><div class="text" dir="auto">{html}</div></div>'


def _said(row: Row, key: str) -> str:
    return _value(row[key], row["text"])


def _value(value: Any, text: str) -> str:
    """A value in few words."""
    if isinstance(value, list) and value and isinstance(value[0], list | tuple):
        return ", ".join(f"{text[start:end]} {label}" for start, end, label in value)
    if value == []:
        return "nothing"
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _summary(field: Row) -> str:
    return (
        f"{field['suspected']:,} of {field['records']:,} records are more probably wrong than right; "
        f"errors are expected in {field['expected']:,.0f}"
    )


def _rehearsed(each: Row) -> str:
    """What the reliability was measured on, and what came of it."""
    chance = each["planted"] / each["records"]
    found = (
        f"Measured on errors planted in {100 * each['share']:.0f} % of the labels, {each['rounds']} times over ({each['planted']:,} of "
        f"{each['records']:,} records judged so), by the same models, which were trained without them, and without annotators' answers. "
        f"Area under the precision-recall curve {each['average_precision']:.2f} (by chance {chance:.2f}); calibration error "
        f"{100 * each['calibration_error']:.1f} %. Errors that the gold has of its own count as false alarms here."
    )
    weak = (
        "; planted errors are hardly found, so do not rely on this list: the models know too little of these labels yet"
    )
    return found + (weak if each["average_precision"] < min(3 * chance, 0.5) else "")


def _noticed(data: Row) -> Iterator[str]:
    against = sum(bool(row["contradicts"]) for row in data["duplicates"])
    if against:
        yield f"{against:,} records have an equal text that is labelled otherwise"
    if data["leakage"]["records"]:
        yield f"{data['leakage']['records']:,} records of a later split have an equal or nearly equal text in an earlier one"


_REPEATED = "equal texts that contradict each other, or nearly equal ones that leak across splits"
_HEADS = ("cluster", "record", "split", "text", "values", "contradicted in", "leaks")


def _repeated(rows: Sequence[Row]) -> list[tuple[str, ...]]:
    """Those of the texts that occur more than once that matter, as cells: first the ones that are labelled against each other."""
    of_note = sorted(
        (row for row in rows if row["contradicts"] or row["leaks"]), key=lambda row: not row["contradicts"]
    )
    return [
        (
            str(row["cluster"]),
            str(row["record"]),
            row["split"] or "",
            row["text"][:AROUND],
            "; ".join(f"{name}: {_value(value, row['text'])}" for name, value in row["values"].items()),
            ", ".join(row["contradicts"]),
            "yes" if row["leaks"] else "",
        )
        for row in of_note
    ]


def _duplicates(rows: Sequence[Row]) -> Iterator[str]:
    cells = [tuple(map(escape, cell)) for cell in _repeated(rows)]
    if not cells:
        return
    yield f'<section class="card"><h3>{_REPEATED[0].upper()}{_REPEATED[1:]}</h3>'
    yield f"{html_table(_HEADS, cells[:ON_PAGE], 7)}"
    yield (
        f'<p class="note">{len(cells) - ON_PAGE:,} more are not shown.</p></section>'
        if len(cells) > ON_PAGE
        else "</section>"
    )
