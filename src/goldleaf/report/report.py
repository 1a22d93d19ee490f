"""A report: data ready for JSON, shown as a table on a terminal or as one self-contained page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import Console, Group


@dataclass(frozen=True, slots=True)
class Report:
    """What was measured, under a title. `data` is what `--json` prints; docs/evaluation.md names its keys."""

    title: str
    data: Mapping[str, Any]

    def to_json(self) -> dict[str, Any]:
        """The measured values, ready for `json.dumps`."""
        return dict(self.data)

    def to_text(self) -> Group:
        """A rich renderable: the scores of each field with their intervals, its labels, confusions and worst errors."""
        from goldleaf.report.table import render_tables

        return render_tables(self.title, self.data)

    def to_html(self) -> str:
        """One page that needs nothing else: scores, plots and worst errors."""
        from goldleaf.report.page import render_page

        return render_page(self.title, self.data)

    def save_html(self, path: Path) -> None:
        """Write the page, whole or not at all."""
        from goldleaf.report.frame import write_page

        write_page(path, self.to_html())


def print_report(report: Report, console: Console | None = None) -> None:
    """Print the report's tables, on standard output unless a console is given."""
    from rich.console import Console

    (console or Console()).print(report.to_text())
