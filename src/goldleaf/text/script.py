"""Which script a text is written in, by the blocks of Unicode that its letters stand in."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter

_RANGES: tuple[tuple[int, int, str], ...] = (
    (0x0041, 0x024F, "latin"),
    (0x0250, 0x02AF, "latin"),
    (0x0370, 0x03FF, "greek"),
    (0x0400, 0x052F, "cyrillic"),
    (0x0530, 0x058F, "armenian"),
    (0x0590, 0x05FF, "hebrew"),
    (0x0600, 0x06FF, "arabic"),
    (0x0750, 0x077F, "arabic"),
    (0x08A0, 0x08FF, "arabic"),
    (0x0900, 0x097F, "devanagari"),
    (0x0980, 0x09FF, "bengali"),
    (0x0A00, 0x0A7F, "gurmukhi"),
    (0x0A80, 0x0AFF, "gujarati"),
    (0x0B80, 0x0BFF, "tamil"),
    (0x0C00, 0x0C7F, "telugu"),
    (0x0C80, 0x0CFF, "kannada"),
    (0x0D00, 0x0D7F, "malayalam"),
    (0x0D80, 0x0DFF, "sinhala"),
    (0x0E00, 0x0E7F, "thai"),
    (0x0E80, 0x0EFF, "lao"),
    (0x1000, 0x109F, "myanmar"),
    (0x10A0, 0x10FF, "georgian"),
    (0x1100, 0x11FF, "hangul"),
    (0x1200, 0x139F, "ethiopic"),
    (0x1780, 0x17FF, "khmer"),
    (0x1E00, 0x1EFF, "latin"),
    (0x1F00, 0x1FFF, "greek"),
    (0x2E80, 0x2FDF, "han"),
    (0x3005, 0x3007, "han"),
    (0x3040, 0x30FF, "kana"),
    (0x3130, 0x318F, "hangul"),
    (0x31F0, 0x31FF, "kana"),
    (0x3400, 0x4DBF, "han"),
    (0x4E00, 0x9FFF, "han"),
    (0xA960, 0xA97F, "hangul"),
    (0xAC00, 0xD7FF, "hangul"),
    (0xF900, 0xFAFF, "han"),
    (0xFB1D, 0xFB4F, "hebrew"),
    (0xFB50, 0xFDFF, "arabic"),
    (0xFE70, 0xFEFE, "arabic"),
    (0xFF21, 0xFF5A, "latin"),
    (0xFF66, 0xFF9D, "kana"),
    (0x20000, 0x323AF, "han"),
)
_STARTS = [start for start, _, _ in _RANGES]
_DOMINANT = 0.8


def script_of(char: str) -> str:
    """The script of one letter; an empty string for what is no letter or stands in no block known here."""
    index = bisect_right(_STARTS, ord(char)) - 1
    if index < 0 or not char.isalpha():
        return ""
    _, end, name = _RANGES[index]
    return name if ord(char) <= end else ""


def count_scripts(text: str) -> Counter[str]:
    """How many letters of each script the text has; letters of a script unknown here count as `"other"`."""
    if text.isascii():
        letters = sum(map(str.isalpha, text))
        return Counter({"latin": letters}) if letters else Counter()
    counts: Counter[str] = Counter()
    for char, number in Counter(text).items():
        if char.isalpha():
            counts[script_of(char) or "other"] += number
    return counts


def detect_script(text: str) -> str:
    """The script that more than four fifths of the letters are in.

    `"japanese"` where kana and Han together are, `"mixed"` where no script is, `"none"` where there is no letter. Otherwise `"latin"`,
    `"han"`, `"cyrillic"`, `"arabic"`, `"hangul"`, `"kana"`, ...

    >>> detect_script("買い物に行く")
    'japanese'
    """
    counts = count_scripts(text)
    total = sum(counts.values())
    if not total:
        return "none"
    japanese = counts["kana"] and counts["han"] and counts["kana"] + counts["han"] > _DOMINANT * total
    name, number = counts.most_common(1)[0]
    if japanese and counts["kana"] > (1 - _DOMINANT) * counts["han"]:
        return "japanese"
    return name if number > _DOMINANT * total or len(counts) == 1 else ("japanese" if japanese else "mixed")
