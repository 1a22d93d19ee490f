"""Text: tokens with offsets, scripts, looks, near-duplicates, typos."""

from goldleaf.text.looks import casing_of, length_names
from goldleaf.text.near import near_duplicates
from goldleaf.text.script import detect_script, script_of
from goldleaf.text.segment import SEGMENTERS, Segmenter, segment
from goldleaf.text.typos import add_typos

__all__ = [
    "SEGMENTERS",
    "Segmenter",
    "add_typos",
    "casing_of",
    "detect_script",
    "length_names",
    "near_duplicates",
    "script_of",
    "segment",
]
