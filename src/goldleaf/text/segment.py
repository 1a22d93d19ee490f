"""Text -> tokens with offsets: words (by NLTK's rules where spaces stand between them, jieba for Chinese), characters, white space."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable
from functools import cache
from typing import Any, Literal, get_args

from goldleaf.core import InputError, Token, brief
from goldleaf.text.script import count_scripts, detect_script
from goldleaf.text.treebank import word_spans

Segmenter = Literal["auto", "words", "nltk", "jieba", "chars", "whitespace"]
SEGMENTERS: tuple[Segmenter, ...] = get_args(Segmenter)

_PIECE = re.compile(r"\S+")
_UNSPACED = frozenset({"kana", "japanese", "thai", "lao", "khmer", "myanmar"})
"""Scripts without spaces between words that no segmenter here knows: their words are characters."""
_ZWJ = "\u200d"
_ABBREVIATION = re.compile(
    "mr|mrs|ms|dr|prof|st|sr|jr|vs|etc|inc|ltd|co|corp|no|figs?|al|approx|dept|est|gen|gov|sen|rep|rev|hon|capt|col|lt|sgt|"
    "jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec|mt|ave|blvd",
    re.IGNORECASE,
)


def segment(text: str, how: Segmenter = "auto") -> tuple[Token, ...]:
    """The tokens of a text, in order: code-point offsets that cover every character but white space, each exactly once.

    `auto` and `words` choose by the script of the text: `jieba` for Chinese, `chars` for Japanese and others that put no space between
    words, else `nltk`. No token begins inside a character that is built of several code points (combining marks, emoji sequences).

    >>> segment("Don't stop.")
    ((0, 2), (2, 5), (6, 10), (10, 11))
    """
    if how not in SEGMENTERS:
        raise InputError("unknown way to segment", found=brief(how), expected=" or ".join(SEGMENTERS))
    name = _choose(text) if how in ("auto", "words") else how
    return tuple(_SEGMENTERS[name](text))


def _choose(text: str) -> str:
    if text.isascii():
        return "nltk"
    script = detect_script(text)
    if script in _UNSPACED:
        return "chars"
    return "jieba" if script == "han" or (script == "mixed" and count_scripts(text)["han"]) else "nltk"


def _whitespace(text: str) -> list[Token]:
    return [match.span() for match in _PIECE.finditer(text)]


def _chars(text: str) -> list[Token]:
    return _glue(text, ((i, i + 1) for i, char in enumerate(text) if not char.isspace()))


def _jieba(text: str) -> list[Token]:
    found = _jieba_tokenizer().tokenize(text)
    return _glue(text, _without_space(text, ((start, end) for _, start, end in found)))


def _nltk(text: str) -> list[Token]:
    try:
        spans = word_spans(text)
    except ValueError:  # the alignment with the text fails on some mixtures of quotes
        return _whitespace(text)
    if not _covers(text, spans):
        return _whitespace(text)
    return _glue(text, _split_periods(text, spans) if "." in text[:-1] else spans)


def _split_periods(text: str, spans: list[Token]) -> Iterable[Token]:
    """NLTK parts only the last period of a text from its word; here every one that ends a sentence is."""
    for start, end in spans:
        stem = text[start : end - 1]
        if end - start > 2 and text[end - 1] == "." and stem.isalnum() and not _ABBREVIATION.fullmatch(stem):
            yield start, end - 1
            yield end - 1, end
        else:
            yield start, end


def _without_space(text: str, spans: Iterable[Token]) -> Iterable[Token]:
    for start, end in spans:
        for match in _PIECE.finditer(text, start, end):
            yield match.span()


def _covers(text: str, spans: list[Token]) -> bool:
    """Whether words, one after the other and without white space, are all of the text but its white space."""
    return sum(end - start for start, end in spans) == len("".join(text.split()))


def _glue(text: str, spans: Iterable[Token]) -> list[Token]:
    """Tokens joined where the border between them lies inside one character of the writing."""
    if text.isascii():
        return list(spans)
    glued: list[Token] = []
    for start, end in spans:
        if glued and glued[-1][1] == start and _inside_character(text, start, glued[-1][0]):
            glued[-1] = (glued[-1][0], end)
        else:
            glued.append((start, end))
    return glued


def _inside_character(text: str, position: int, token_start: int) -> bool:
    before, after = text[position - 1], text[position]
    if after < "\u0300" and after != "\u00ad":
        return False
    if before == _ZWJ or "\U0001f3fb" <= after <= "\U0001f3ff":
        return True
    if "\U0001f1e6" <= after <= "\U0001f1ff" and "\U0001f1e6" <= before <= "\U0001f1ff":
        return (position - token_start) % 2 == 1  # flags are pairs
    if "\u1160" <= after <= "\u11ff" and "\u1100" <= before <= "\u11ff":
        return True  # vowel and tail of a decomposed Hangul syllable
    return unicodedata.category(after) in ("Mn", "Me", "Mc", "Cf")


@cache
def _jieba_tokenizer() -> Any:
    import logging

    import jieba

    jieba.setLogLevel(logging.WARNING)
    return jieba.Tokenizer()


_SEGMENTERS: dict[str, Callable[[str], list[Token]]] = {
    "nltk": _nltk,
    "jieba": _jieba,
    "chars": _chars,
    "whitespace": _whitespace,
}
