"""The page around what is shown."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from goldleaf.core import InputError
from goldleaf.report.marks import escape
from goldleaf.report.style import STYLE


def frame(title: str, parts: Iterable[str]) -> str:
    """A page that needs nothing else, from parts that are HTML already and a title that is not."""
    head = (
        '<meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{escape(title)}</title><style>{STYLE}</style>"
    )
    return f'<!doctype html>\n<html lang="en"><head>{head}</head><body><main>{"".join(parts)}</main></body></html>\n'


def html_table(heads: Sequence[str], rows: Iterable[Sequence[str]], numeric_from: int) -> str:
    """A table of cells that are HTML already; columns from `numeric_from` on are aligned as numbers."""
    style = [' class="n"' if place >= numeric_from else "" for place in range(len(heads))]
    top = "".join(f"<th{s}>{h}</th>" for s, h in zip(style, heads, strict=True))
    body = "".join(
        "<tr>" + "".join(f"<td{s}>{c}</td>" for s, c in zip(style, row, strict=True)) + "</tr>" for row in rows
    )
    return f"<table><thead><tr>{top}</tr></thead><tbody>{body}</tbody></table>"


def figure_of(svg: str, note: str = "") -> str:
    """A plot on a card, with a caption that is HTML already."""
    caption = f'<figcaption class="quiet">{note}</figcaption>' if note else ""
    return f'<figure class="card">{svg}{caption}</figure>'


def write_page(path: Path, page: str) -> None:
    """Write a page, whole or not at all. Raises InputError where that cannot be done."""
    temporary = path.with_name(f".{path.name}.writing")
    try:
        temporary.write_text(page, encoding="utf-8")
        temporary.replace(path)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        raise InputError("the report cannot be written", where=str(path), found=str(error.strerror)) from None
