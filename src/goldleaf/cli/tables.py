"""Statistics as tables on the terminal."""

from __future__ import annotations

from typing import Any

from rich.console import Console
from rich.table import Table

from goldleaf.report import methods_in_words
from goldleaf.workspace import describe_leakage

_LABELS_SHOWN = 40


def print_stats(found: dict[str, Any]) -> None:
    """Print what `goldleaf.workspace.stats` found."""
    console = Console()
    overview = _table(f"project {found['project']}", "")
    for name in ("records", "annotations", "suggestions", "sources", "groups", "duplicates", "near_duplicates"):
        overview.add_row(name.replace("_", "-"), f"{found[name]:,}")
    for split, count in found["splits"].items():
        if count or split != "none":
            overview.add_row("without a split" if split == "none" else split, f"{count:,}")
    for script, count in found["scripts"].items():
        overview.add_row(f"script {script}", f"{count:,}")
    console.print(overview)
    for field, labels in found["labels"].items():
        console.print(f"\n{field}: {found['gold'][field]:,} records with gold", markup=False, highlight=False)
        if methods := found["gold_methods"][field]:
            console.print(f"  {methods_in_words(methods)}", markup=False, highlight=False)
        console.print(_balance(found, field, labels))
    if found["lengths"]:
        console.print()
        console.print(_lengths(found["lengths"]))
    for sentence in describe_leakage(found["leakage"]):
        console.print(f"leakage: {sentence}", markup=False, highlight=False)


def _balance(found: dict[str, Any], field: str, labels: dict[str, int]) -> Table:
    splits = list(found["split_labels"])
    table = _table("label", "all", "share", *splits)
    total = sum(labels.values()) or 1
    ranked = sorted(labels.items(), key=lambda item: -item[1])
    for label, count in ranked[:_LABELS_SHOWN]:
        in_splits = [f"{found['split_labels'][split][field][label]:,}" for split in splits]
        table.add_row(label, f"{count:,}", f"{count / total:.1%}", *in_splits)
    if len(ranked) > _LABELS_SHOWN:
        table.add_row(f"... {len(ranked) - _LABELS_SHOWN} more")
    if empty := found["empty"].get(field):
        table.add_row("(nothing here)", f"{empty:,}")
    return table


def _lengths(lengths: dict[str, dict[str, float]]) -> Table:
    table = _table("length", *next(iter(lengths.values())))
    for unit, values in lengths.items():
        table.add_row(unit, *(f"{value:,.1f}".removesuffix(".0") for value in values.values()))
    return table


def _table(*columns: str) -> Table:
    table = Table(box=None, pad_edge=False)
    for number, name in enumerate(columns):
        table.add_column(name, justify="left" if number == 0 else "right", overflow="fold")
    return table
