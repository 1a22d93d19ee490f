"""Words of text that puts spaces between them: the rules of NLTK's `NLTKWordTokenizer`, without NLTK.

The rules are Robert MacIntyre's for the Penn Treebank, as the NLTK project (https://www.nltk.org, Apache License 2.0) carries them on;
a test holds this file to its results. They stand here because importing NLTK for them takes two seconds and 170 MB.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from goldleaf.core import Token

# Each rule with the characters without which it changes nothing: most texts have few of them.
_BEFORE = [
    ("«“‘„`", "([«“‘„]|[`]+)", r" \1 "),
    ('"', r"^\"", "``"),
    ('`"', "(``)", r" \1 "),
    ("\"'", r"([ \(\[{<])(\"|\'{2})", r"\1 `` "),
    ("'", r"(?i)(?<!\w)(\')(?!(?:re|ve|ll|m|t|s|d|n)\b)(?=\w)", r"\1 "),
    (".", r'([^\.])(\.)([\]\)}>"\'' "»”’ " r"]*+)\s*$", r"\1 \2 \3 "),
    (":,", r"([:,])([^\d])", r" \1 \2"),
    (":,", r"([:,])$", r" \1 "),
    (".", r"\.{2,}", r" \g<0> "),
    (";@#$%&", r"[;@#$%&]", r" \g<0> "),
    ("\u2012\u2013\u2014\u2015", r"[\u2012-\u2015]", r" \g<0> "),
    (".", r'([^\.])(\.)([\]\)}>"\']*)\s*$', r"\1 \2\3 "),
    ("?!", r"[?!]", r" \g<0> "),
    ("'", r"([^'])' ", r"\1 ' "),
    ("*", r"[*]", r" \g<0> "),
    ("[](){}<>", r"[\]\[\(\)\{\}\<\>]", r" \g<0> "),
    ("-", r"--", r" -- "),
]
_AFTER = [
    ("»”’", "([»”’])", r" \1 "),
    ("'", r"''", " '' "),
    ('"', r'"', " '' "),
    (None, r"\s+", " "),
    ("'\"", r"([^' ])('[sS]|'[mM]|'[dD]|') ", r"\1 \2 "),
    ("'\"", r"([^' ])('ll|'LL|'re|'RE|'ve|'VE|n't|N'T) ", r"\1 \2 "),
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
_Rule = tuple[frozenset[str] | None, re.Pattern[str], str]


def _rules(given: Sequence[tuple[str | None, str, str]]) -> list[_Rule]:
    return [(None if needs is None else frozenset(needs), re.compile(pattern), to) for needs, pattern, to in given]


_FIRST, _LAST = _rules(_BEFORE), _rules(_AFTER)
_PARTED = [re.compile(pattern) for pattern in _CONTRACTIONS]
_MAY_BE_PARTED = re.compile(r"cannot|d'ye|gimme|gonna|gotta|lemme|more'n|wanna|'tis|'twas", re.IGNORECASE)
_NOT_PLAIN = re.compile(rf"[^\w\s.,:/+-]|--|[.,:]{{2}}|\.\s+\Z|(?i:{_MAY_BE_PARTED.pattern})")
"""What other rules than those of comma, colon and last period are about, and the rare places where these depend on each other."""
_PLAIN_WORD = re.compile(r"(?:[^\s,:.]|[,:](?=\d)|\.(?!\Z))+|[,:.]")
_DOUBLE_QUOTES = re.compile(r"``|'{2}|\"")


def word_spans(text: str) -> list[Token]:
    """The offsets of a text's words. Raises ValueError where a rewritten quote is not found again in the text."""
    if _NOT_PLAIN.search(text) is None:
        return [word.span() for word in _PLAIN_WORD.finditer(text)]
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
    has = frozenset(
        text
    )  # what the rules add to it, grave accents and single quotes for double ones, is reckoned with above
    text = f" {_apply(_FIRST, text, has)} "
    text = _apply(_LAST, text, has)
    if _MAY_BE_PARTED.search(text):
        for pattern in _PARTED:
            text = pattern.sub(r" \1 \2 ", text)
    return text


def _apply(rules: list[_Rule], text: str, has: frozenset[str]) -> str:
    for needs, pattern, to in rules:
        if needs is None or not needs.isdisjoint(has):
            text = pattern.sub(to, text)
    return text


def _original(quotes: Iterator[str], word: str) -> str:
    found = next(quotes, None)
    if found is None:
        raise ValueError(f"{word} has no counterpart in the text")
    return found
