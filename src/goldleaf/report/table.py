"""The report on a terminal. What comes from a record or schema is never read as markup."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from goldleaf.report.plots import most_frequent
from goldleaf.report.words import (
    SPAN_ERRORS_EXPLAINED,
    baseline_of,
    interval_of,
    name_of,
    percent,
    scores_of,
    signed,
    sureness_in_words,
)

if TYPE_CHECKING:
    from rich.console import Group
    from rich.table import Table


MOST_LABELS, MOST_CONFUSIONS, MOST_ERRORS = 30, 8, 5
"""How many rows the terminal shows; JSON and page have the others."""


def render_tables(title: str, data: Mapping[str, Any]) -> Group:
    """Scores, then labels, confusions and the worst errors of each field."""
    from rich.console import Group
    from rich.text import Text

    parts: list[Any] = [_scores(title, data)]
    for name, field in data["fields"].items():
        if field["labels"]:
            parts.append(_labels(name, field["labels"]))
        if unseen := field.get("unseen_labels"):
            parts.append(Text(f"never seen in training: {', '.join(unseen)}", style="yellow"))
        if "calibration" in field:
            parts.append(Text(f"{name}: {sureness_in_words(field)}"))
        if rows := most_taken(field["confusion"]):
            parts.append(plain_table(f"{name}: most often taken for another", ("gold", "predicted", "times"), rows, 2))
        if rows := _span_error_rows(field):
            parts.append(plain_table(f"{name}: kinds of wrong spans", ("kind", "what", "count", "F1 without"), rows, 2))
        if rows := _slice_rows(data.get("slices", {}).get(name, ())):
            heads = ("by", "slice", "records", "score", "value", "95 % interval", "from the whole", "")
            parts.append(plain_table(f"{name}: slices", heads, rows, 2))
        if field["errors"]:
            parts.append(_errors(name, field))
    return Group(*parts)


def _span_error_rows(field: Mapping[str, Any]) -> list[tuple[str, str, str, str]]:
    return [
        (kind, SPAN_ERRORS_EXPLAINED[kind], f"{found['count']:,}", percent(found["f1_without"]))
        for kind, found in field.get("span_errors", {}).items()
        if found["count"]
    ]


def _slice_rows(slices: Sequence[Mapping[str, Any]]) -> list[tuple[str, ...]]:
    return [
        (
            row["by"],
            row["name"],
            f"{row['records']:,}",
            name_of(row["score"]),
            percent(row["value"]),
            interval_of(row),
            signed(row["difference"]["value"]),
            "worse" if row["worse"] else "",
        )
        for row in slices
    ]


def most_taken(confusion: Mapping[str, Mapping[str, int]]) -> list[tuple[str, str, str]]:
    """The most frequent mistakes: gold, predicted, times."""
    cells = [(n, gold, found) for gold, row in confusion.items() for found, n in row.items() if gold != found]
    ranked = sorted(cells, key=lambda cell: (-cell[0], cell[1], cell[2]))[:MOST_CONFUSIONS]
    return [(gold, found, f"{n:,}") for n, gold, found in ranked]


def _scores(title: str, data: Mapping[str, Any]) -> Table:
    beside = bool(data.get("baseline", {}).get("fields"))
    heads = ["field", "score", "value", "95 % interval", *(["baseline"] if beside else [])]
    rows: list[list[str]] = []
    for name, field in data["fields"].items():
        for place, key in enumerate(scores_of(field)):
            row = ["" if place else name, name_of(key), percent(field[key]["value"]), interval_of(field[key])]
            rows.append(row + ([percent(baseline_of(data, name, key)[0])] if beside else []))
    exact = data["exact_match"]
    rows.append(["all fields", "exact match", percent(exact["value"]), interval_of(exact), *([""] if beside else [])])
    shown = f"{title} ({data['records']:,} records{', baseline: ' + data['baseline']['name'] if beside else ''})"
    return plain_table(shown, heads, rows, 2)


def _labels(name: str, labels: Mapping[str, Any]) -> Table:
    shown = most_frequent(labels, MOST_LABELS)
    rows = [
        (label, *(percent(s[key]) for key in ("precision", "recall", "f1")), f"{s['support']:,}") for label, s in shown
    ]
    title = f"{name}: by label" + (
        f" (the {len(shown)} most frequent of {len(labels)})" if len(shown) < len(labels) else ""
    )
    return plain_table(title, ("label", "precision", "recall", "F1", "support"), rows, 1)


def _errors(name: str, field: Mapping[str, Any]) -> Table:
    rows = [
        (
            "" if e["score"] is None else f"{100 * e['score']:.0f} %",
            e["record"],
            _one_line(e["text"]),
            _value(e, "gold"),
            _value(e, "predicted"),
        )
        for e in field["errors"][:MOST_ERRORS]
    ]
    title = f"{name}: errors the model was surest of ({len(rows)} of {field.get('wrong', len(rows)):,})"
    return plain_table(title, ("sure", "record", "text", "gold", "predicted"), rows, 9)


def _value(error: Mapping[str, Any], key: str) -> str:
    value = error[key]
    if isinstance(value, str):
        return value
    if "tokens" in error:
        wrong = [mine for mine, a, b in zip(value, error["gold"], error["predicted"], strict=True) if a != b]
        return _one_line(" ".join(wrong))
    text, offset = error["text"], error["offset"]
    parts = [
        part if isinstance(part, str) else f"{part[2]}={text[max(0, part[0] - offset) : max(0, part[1] - offset)]}"
        for part in value
    ]
    return _one_line(", ".join(parts)) or "-"


def _one_line(text: str, limit: int = 120) -> str:
    line = " ".join(text.split())
    return line if len(line) <= limit else f"{line[: limit - 1]}…"


def plain_table(title: str, heads: Iterable[str], rows: Iterable[Sequence[str]], numeric_from: int) -> Table:
    """A table of texts that are shown as they are; columns from `numeric_from` on stand to the right."""
    from rich import box
    from rich.table import Table
    from rich.text import Text

    table = Table(title=Text(title), title_justify="left", box=box.SIMPLE_HEAD, title_style="bold")
    for place, head in enumerate(heads):
        table.add_column(head, justify="right" if place >= numeric_from else "left", overflow="fold")
    for row in rows:
        table.add_row(*(Text(_printable(cell)) for cell in row))
    return table


def _printable(text: str) -> str:
    """Without the control characters that would steer the terminal."""
    return "".join(c if c.isprintable() or c in "\u200c\u200d" else "\ufffd" for c in text)
