"""The page around what is shown."""

from __future__ import annotations

from collections.abc import Iterable

from goldleaf.report.marks import escape
from goldleaf.report.style import STYLE


def frame(title: str, parts: Iterable[str]) -> str:
    """A page that needs nothing else, from parts that are HTML already and a title that is not."""
    head = (
        '<meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{escape(title)}</title><style>{STYLE}</style>"
    )
    return f'<!doctype html>\n<html lang="en"><head>{head}</head><body><main>{"".join(parts)}</main></body></html>\n'
