"""Text: tokens with offsets, scripts, near-duplicates."""

from goldleaf.text.near import near_duplicates
from goldleaf.text.script import detect_script, script_of
from goldleaf.text.segment import SEGMENTERS, Segmenter, segment

__all__ = ["SEGMENTERS", "Segmenter", "detect_script", "near_duplicates", "script_of", "segment"]
