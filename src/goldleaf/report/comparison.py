"""A comparison of two models on a terminal: a row a field, and what follows from it in a sentence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from goldleaf.report.table import plain_table
from goldleaf.report.words import name_of, percent, signed

if TYPE_CHECKING:
    from rich.console import Group


def render_comparison(names: Sequence[str], data: Mapping[str, Any]) -> Group:
    """The table, and a sentence for each of its rows."""
    from rich.console import Group
    from rich.text import Text

    parts = [*data["fields"].items(), ("all fields", data["exact_match"])]
    rows = [
        (
            name,
            name_of(found["score"]).replace("_", " "),
            percent(found["first"]),
            percent(found["second"]),
            signed(found["difference"]["value"]),
            f"{signed(found['difference']['low'])} .. {signed(found['difference']['high'])}",
            f"{100 * found['certainty']:.1f} %",
        )
        for name, found in parts
    ]
    heads = ("field", "score", names[0], names[1], "difference", "95 % interval", "certainty")
    table = plain_table(f"{names[1]} against {names[0]} ({data['records']:,} records)", heads, rows, 2)
    return Group(table, *(Text(f"{name}: {verdict(names, found)}") for name, found in parts))


def verdict(names: Sequence[str], found: Mapping[str, Any]) -> str:
    """What a comparison says, in a sentence."""
    value, more = found["difference"]["value"], found["more_records"]
    if more is None:
        return "no difference at all on these records"
    better, points = names[value > 0], f"{100 * abs(value):.2f} points"
    if found["settled"]:
        return f"{better} is better, by {points}"
    return f"not settled: {better} is ahead by {points}; if that is so, about {more:,} more test records would show it"
