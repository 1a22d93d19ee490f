"""Agreement as tables on a terminal."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd

from goldleaf.quality.agreement.meaning import NAMES
from goldleaf.quality.agreement.result import Agreement, FieldAgreement, Score
from goldleaf.report.table import plain_table

if TYPE_CHECKING:
    from rich.console import Group

MOST_LABELS, MOST_CONFUSIONS, MOST_PAIRS, MOST_TIMES = 20, 10, 10, 31
"""How many rows a table shows; the frames and JSON have the others."""
SHOWN = ("raw_agreement", "cohen_kappa", "alpha", "alpha_u", "alpha_masi", "f1_exact", "f1")
SHOWN_OF_LABELS = ("specific_agreement", "alpha", "alpha_u", "f1_exact", "f1_overlap")


def render(found: Agreement) -> Group:
    """All tables of all fields."""
    from rich.console import Group

    return Group(*(part for field in found for part in _field(field)))


def plain(found: Agreement, *, width: int = 140) -> str:
    """The same as text without colours."""
    from rich.console import Console

    console = Console(file=io.StringIO(), width=width, color_system=None)
    console.print(render(found))
    file: Any = console.file
    return "\n".join(line.rstrip() for line in file.getvalue().rstrip().split("\n"))


def _field(field: FieldAgreement) -> list[Any]:
    from rich.text import Text

    title = (
        f"{field.field} ({field.kind}{'' if field.level == 'nominal' else f', {field.level}'}): {field.answers:,} answers of "
        f"{field.annotators:,} annotators to {field.records:,} records, {field.compared:,} of them with two answers or more"
    )
    rows = [(NAMES[name], _number(score), _interval(score), score.meaning) for name, score in field.scores.items()]
    parts: list[Any] = [_table(title, ("", "value", "95 % interval", "what it means"), rows, (1, 2))]
    parts += _frame(field.labels, MOST_LABELS, "each label against all others", ("label", "answers"), SHOWN_OF_LABELS)
    apart = field.confusion[field.confusion["label"] != field.confusion["other"]]
    if len(apart):
        rows = [
            (
                str(row["label"]),
                str(row["other"]),
                f"{row['pairs']:,.0f}",
                f"{100 * row['share_of_label']:.1f} %",
                ", ".join(map(str, row["examples"])),
            )
            for row in apart.head(MOST_CONFUSIONS).to_dict("records")
        ]
        heads = ("one said", "the other", "pairs", "of the first's", "for example in")
        parts.append(_table("most often taken for each other", heads, rows, (2, 3)))
    pairs = field.annotator_pairs
    if len(pairs) > 1:
        by = next((name for name in ("alpha", "raw_agreement") if name in pairs.columns), "shared")
        title = f"annotators: the pairs that agree least, of {len(pairs):,} that share most records"
        parts += _frame(
            pairs.sort_values(by, kind="stable"), MOST_PAIRS, title, ("annotator", "other", "shared"), SHOWN
        )
    times = (
        field.time.assign(start=[_day(at) for at in field.time["start"]]) if len(field.time) > 1 else field.time.head(0)
    )
    parts += _frame(times, MOST_TIMES, "over time", ("start", "records"), SHOWN)
    return parts + [Text(note) for note in field.notes]


def _frame(frame: pd.DataFrame, most: int, title: str, heads: Sequence[str], scores: Sequence[str]) -> list[Any]:
    shown = [name for name in scores if name in frame.columns]
    if not len(frame) or not shown:
        return []
    rows: list[list[str]] = []
    for row in frame.head(most).to_dict("records"):
        cells = [f"{row[head]:,}" if isinstance(row[head], int) else str(row[head]) for head in heads]
        rows.append(cells + [_cell(row, name) for name in shown])
    more = f" ({most} of {len(frame):,})" if len(frame) > most else ""
    width = len(heads) + len(shown)
    return [_table(title + more, (*heads, *(NAMES[name] for name in shown)), rows, range(1, width))]


def _table(title: str, heads: Sequence[str], rows: Sequence[Sequence[str]], right: Sequence[int]) -> Any:
    table = plain_table(title, heads, rows, len(heads))
    for place in right:
        table.columns[place].justify = "right"
    return table


def _cell(row: Mapping[Any, Any], name: str) -> str:
    value, low, high = (float(row[column]) for column in (name, f"{name}_low", f"{name}_high"))
    if value != value:
        return "-"
    return f"{value:.3f}" + (f" ({low:.2f} to {high:.2f})" if low == low else "")


def _number(score: Score) -> str:
    return "-" if score.value is None else f"{score.value:.3f}"


def _interval(score: Score) -> str:
    return "" if score.low is None or score.high is None else f"{score.low:.3f} to {score.high:.3f}"


def _day(at: pd.Timestamp) -> str:
    return str(at)[: 10 if at == at.normalize() else 16]
