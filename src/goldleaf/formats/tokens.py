"""Tokens as files have them: words to be joined into a text, words to be found in one, or offsets."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from goldleaf.core import (
    Field,
    InputError,
    Record,
    Token,
    brief,
    chunks_to_spans,
    join_tokens,
    locate_tokens,
    tags_to_chunks,
)
from goldleaf.text import Segmenter, segment

_WIDE = (
    ("\u2e80", "\u303f"),
    ("\u3400", "\u9fff"),
    ("\uf900", "\ufaff"),
    ("\uff00", "\uffef"),
    ("\U00020000", "\U000323af"),
)
"""Han characters, and the punctuation and full-width forms written among them."""


def join_words(words: Sequence[str]) -> tuple[str, tuple[Token, ...]]:
    """The text that words make, and their offsets in it: joined by nothing where they are Chinese characters, else by a space.

    They are Chinese characters where most are one character long and one at least is Han (or the punctuation written with it).

    >>> join_words(["我", "有", "1", "本"])[0]
    '我有1本'
    """
    single = sum(len(word) == 1 for word in words)
    wide = any(len(word) == 1 and any(low <= word <= high for low, high in _WIDE) for word in words)
    return join_tokens(list(words), "" if wide and 2 * single > len(words) else " ")


def parse_tokens(raw: object, text: str | None) -> tuple[str, tuple[Token, ...] | None]:
    """Text and token offsets, from `[[start, end], ...]` or `["word", ...]`; without a text the words make it."""
    if raw is None:
        if text is None:
            raise InputError("there is no text", expected='"text", or "tokens" that make it')
        return text, None
    if not isinstance(raw, list):
        raise InputError("tokens are a list", found=brief(raw), expected='[[start, end], ...] or ["word", ...]')
    tokens = cast("list[Any]", raw)
    if tokens and all(isinstance(token, str) for token in tokens):
        if not all(tokens):
            raise InputError("a token is empty", found=brief(tokens), expected="words with at least one character")
        return join_words(tokens) if text is None else (text, locate_tokens(text, tokens))
    if text is None:
        if not tokens:
            return "", ()
        raise InputError("offsets of tokens, and no text that they lie in", found=brief(tokens), expected='"text"')
    for number, token in enumerate(tokens):
        if not isinstance(token, list) or len(cast("list[Any]", token)) != 2:
            raise InputError(f"token {number} is not a token", found=brief(token), expected="[start, end]")
    return text, tuple((start, end) for start, end in tokens)


def tags_to_value(field: Field, tags: Sequence[str], tokens: Sequence[Token]) -> Any:
    """What one tag a token says of a field: the tags themselves, or the spans that they mark."""
    return list(tags) if field.kind == "tags" else chunks_to_spans(tags_to_chunks(tags), tokens)


def tokens_to_write(record: Record, how: Segmenter) -> tuple[Token, ...]:
    """The record's tokens, or those that segmenting its text gives."""
    return segment(record.text, how) if record.tokens is None else record.tokens
