"""A report: data ready for JSON, shown as a table on a terminal or as one self-contained page."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from goldleaf.core import InputError

SHOWN = ("precision", "recall", "f1", "accuracy", "token_accuracy", "macro_f1", "weighted_f1")


@dataclass(frozen=True, slots=True)
class Report:
    """What was measured, under a title. `data` is what `--json` prints; docs/evaluation.md names its keys."""

    title: str
    data: Mapping[str, Any]

    def to_json(self) -> str:
        """One JSON object."""
        return json.dumps(self.data, ensure_ascii=False)

    def to_text(self) -> Any:
        """A rich renderable: the scores of each field with their intervals, and each label's."""
        from rich.console import Group
        from rich.table import Table

        head = Table(title=self.title, title_justify="left")
        for column in ("field", "score", "value", "95 % interval", "baseline"):
            head.add_column(column, justify="left" if column in ("field", "score") else "right")
        baseline = self.data.get("baseline", {}).get("fields", {})
        for name, field in self.data["fields"].items():
            for score in SHOWN:
                if score in field:
                    beside = baseline.get(name, {}).get(score)
                    head.add_row(name, score, *_cells(field[score]), "" if beside is None else f"{100 * beside:.2f}")
        head.add_row("(record)", "exact_match", *_cells(self.data["exact_match"]), "")
        return Group(head, *(_label_table(name, field) for name, field in self.data["fields"].items()))

    def to_html(self) -> str:
        """One page that needs nothing else: scores, plots and worst errors."""
        from goldleaf.report.page import render_page

        return render_page(self)

    def save_html(self, path: Path) -> None:
        """Write the page, whole or not at all."""
        temporary = path.with_name(f".{path.name}.writing")
        try:
            temporary.write_text(self.to_html(), encoding="utf-8")
            temporary.replace(path)
        except OSError as error:
            temporary.unlink(missing_ok=True)
            raise InputError("the report cannot be written", where=str(path), found=str(error.strerror)) from None


def _cells(score: Mapping[str, float]) -> tuple[str, str]:
    return f"{100 * score['value']:.2f}", f"{100 * score['low']:.2f} .. {100 * score['high']:.2f}"


def _label_table(name: str, field: Mapping[str, Any]) -> Any:
    from rich.table import Table

    table = Table(title=f"{name}: by label", title_justify="left")
    for column in ("label", "precision", "recall", "f1", "support"):
        table.add_column(column, justify="left" if column == "label" else "right")
    for label, scores in field["labels"].items():
        table.add_row(label, *(f"{100 * scores[k]:.1f}" for k in ("precision", "recall", "f1")), str(scores["support"]))
    return table
