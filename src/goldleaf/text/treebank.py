"""Words of text that puts spaces between them: the rules of NLTK's `NLTKWordTokenizer`, without NLTK.

The rules are Robert MacIntyre's for the Penn Treebank, as the NLTK project (https://www.nltk.org, Apache License 2.0) carries them on;
a test holds this file to its results. They stand here because importing NLTK for them takes two seconds and 170 MB.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from goldleaf.core import Token

_QUOTES_BEFORE = [
    ("([«“‘„]|[`]+)", r" \1 "),
    (r"^\"", "``"),
    ("(``)", r" \1 "),
    (r"([ \(\[{<])(\"|\'{2})", r"\1 `` "),
    (r"(?i)(?<!\w)(\')(?!(?:re|ve|ll|m|t|s|d|n)\b)(?=\w)", r"\1 "),
]
_PUNCTUATION = [
    (r'([^\.])(\.)([\]\)}>"\'' "»”’ " r"]*+)\s*$", r"\1 \2 \3 "),
    (r"([:,])([^\d])", r" \1 \2"),
    (r"([:,])$", r" \1 "),
    (r"\.{2,}", r" \g<0> "),
    (r"[;@#$%&]", r" \g<0> "),
    (r"[\u2012-\u2015]", r" \g<0> "),
    (r'([^\.])(\.)([\]\)}>"\']*)\s*$', r"\1 \2\3 "),
    (r"[?!]", r" \g<0> "),
    (r"([^'])' ", r"\1 ' "),
    (r"[*]", r" \g<0> "),
    (r"[\]\[\(\)\{\}\<\>]", r" \g<0> "),
    (r"--", r" -- "),
]
_QUOTES_AFTER = [
    ("([»”’])", r" \1 "),
    (r"''", " '' "),
    (r'"', " '' "),
    (r"\s+", " "),
    (r"([^' ])('[sS]|'[mM]|'[dD]|') ", r"\1 \2 "),
    (r"([^' ])('ll|'LL|'re|'RE|'ve|'VE|n't|N'T) ", r"\1 \2 "),
]
_CONTRACTIONS = [
    r"(?i)\b(can)(not)\b",
    r"(?i)\b(d)('ye)\b",
    r"(?i)\b(gim)(me)\b",
    r"(?i)\b(gon)(na)\b",
    r"(?i)\b(got)(ta)\b",
    r"(?i)\b(lem)(me)\b",
    r"(?i)\b(more)('n)\b",
    r"(?i)\b(wan)(na)(?=\s)",
    r"(?i) ('t)(is)\b",
    r"(?i) ('t)(was)\b",
]
_BEFORE = [(re.compile(pattern), to) for pattern, to in _QUOTES_BEFORE + _PUNCTUATION]
_AFTER = [
    (re.compile(pattern), to) for pattern, to in _QUOTES_AFTER + [(rule, r" \1 \2 ") for rule in _CONTRACTIONS]
]
_DOUBLE_QUOTES = re.compile(r"``|'{2}|\"")


def word_spans(text: str) -> list[Token]:
    """The offsets of a text's words. Raises ValueError where a rewritten quote is not found again in the text."""
    words = _rewritten(text).split()
    if '"' in text or "''" in text:
        quotes = iter(_DOUBLE_QUOTES.findall(text))
        words = [_original(quotes, word) if word in ('"', "``", "''") else word for word in words]
    spans: list[Token] = []
    end = 0
    for word in words:
        start = text.index(word, end)
        end = start + len(word)
        spans.append((start, end))
    return spans


def _rewritten(text: str) -> str:
    for pattern, to in _BEFORE:
        text = pattern.sub(to, text)
    text = f" {text} "
    for pattern, to in _AFTER:
        text = pattern.sub(to, text)
    return text


def _original(quotes: Iterator[str], word: str) -> str:
    found = next(quotes, None)
    if found is None:
        raise ValueError(f"{word} has no counterpart in the text")
    return found
