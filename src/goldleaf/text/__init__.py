"""Text: tokens with offsets, scripts, near-duplicates, typos."""

from goldleaf.text.near import near_duplicates
from goldleaf.text.script import detect_script, script_of
from goldleaf.text.segment import SEGMENTERS, Segmenter, segment
from goldleaf.text.typos import add_typos

__all__ = ["SEGMENTERS", "Segmenter", "add_typos", "detect_script", "near_duplicates", "script_of", "segment"]
