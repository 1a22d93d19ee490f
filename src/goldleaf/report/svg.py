"""matplotlib figures as inline SVG: letters stay text in the page's fonts, colours are the page's own, light or dark."""

from __future__ import annotations

import io
import re
import unicodedata
import warnings
from typing import Any

INK, MUTED, LINE, GOLD, RIGHT, WRONG, ON_GOLD = (f"#0a0b{n:02x}" for n in range(1, 8))
_VARIABLES = {
    INK: "--ink", MUTED: "--muted", LINE: "--line", GOLD: "--gold", RIGHT: "--right", WRONG: "--wrong", ON_GOLD: "--on-gold",
}  # fmt: skip
"""Stand-ins that matplotlib can draw with, and the variables of the style sheet that they become."""
_SETTINGS: dict[Any, Any] = {
    "svg.fonttype": "none",
    "svg.hashsalt": "goldleaf",
    "font.family": "DejaVu Sans",
    "axes.unicode_minus": False,
}
_EM = 0.093
"""The width of a wide character in inches, at the 8.5 points that labels are drawn with; a narrow one takes 0.56 of it."""


def new_figure(width: float, height: float, **margins: float) -> Any:
    """A figure of so many inches; `margins` (left, right, bottom, top) are in inches too."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height))
    left, right = margins.get("left", 0.6), margins.get("right", 0.2)
    bottom, top = margins.get("bottom", 0.5), margins.get("top", 0.2)
    figure.subplots_adjust(left=left / width, right=1 - right / width, bottom=bottom / height, top=1 - top / height)
    return figure


def plain_axes(axes: Any, *, grid: str = "") -> None:
    """Quiet axes: no frame, small muted ticks, a grid along one axis where asked."""
    axes.set_facecolor("none")
    for side in ("top", "right", "left", "bottom"):
        axes.spines[side].set_visible(side == "bottom" and grid != "")
        axes.spines[side].set_color(LINE)
    axes.tick_params(length=0, labelsize=8.5, colors=MUTED)
    if grid:
        axes.grid(axis=grid, color=LINE, linewidth=0.8)
        axes.set_axisbelow(True)
    for text in (axes.xaxis.label, axes.yaxis.label):
        text.set_color(MUTED)
        text.set_fontsize(9)


def to_svg(figure: Any, title: str) -> str:
    """The figure as an `<svg>` element whose accessible name is `title`. `title` is HTML already."""
    import matplotlib

    _take_literally(figure)
    buffer = io.StringIO()
    with matplotlib.rc_context(_SETTINGS), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing from")  # the reader's fonts will have it
        metadata = dict.fromkeys(("Date", "Creator", "Format", "Type"))
        figure.savefig(buffer, format="svg", metadata=metadata, transparent=True)
    text = buffer.getvalue()
    return _clean(text[text.index("<svg") :], title)


def _take_literally(figure: Any) -> None:
    """Read no text of the figure as mathematics: a label may hold dollar signs."""
    from matplotlib.text import Text

    for axes in figure.axes:
        axes.get_xticklabels()  # makes the labels that will be drawn
        axes.get_yticklabels()
    for text in figure.findobj(Text):
        text.set_parse_math(False)


def _clean(text: str, title: str) -> str:
    text = re.sub(r"<metadata>.*?</metadata>", "", text, flags=re.DOTALL)
    text = re.sub(r"<!--.*?-->", "", text, flags=re.DOTALL)
    text = re.sub(r' id="[A-Za-z]+[A-Za-z.]*_\d+"', "", text)  # names of parts; nothing refers to them
    text = re.sub(r"font: ?(?:[a-z]+ |\d+ )*([\d.]+px) [^;\"]*", r"font-size: \1", text)
    text = re.sub(r"font-family: [^;\"]*;? ?", "", text)
    for stand_in, variable in _VARIABLES.items():
        text = text.replace(stand_in, f"var({variable})")
    return re.sub(r"<svg ", f'<svg role="img" aria-label="{title}" ', text, count=1)


def label_width(label: str) -> float:
    """About how many inches a label takes, wide characters counted as such."""
    wide = sum(unicodedata.east_asian_width(c) in "WF" for c in label)
    return _EM * 1.27 * (wide + 0.56 * (len(label) - wide))


def shorten(label: str, limit: int = 26) -> str:
    """The label, cut to `limit` columns."""
    columns, kept = 0, ""
    for character in label:
        columns += 2 if unicodedata.east_asian_width(character) in "WF" else 1
        if columns > limit:
            return f"{kept}…"
        kept += character
    return label
