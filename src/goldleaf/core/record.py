"""A record: one thing to be labelled."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, get_args

from goldleaf.core.errors import InputError, brief

if TYPE_CHECKING:
    from goldleaf.core.annotation import Gold

Split = Literal["train", "dev", "test"]
SPLITS: tuple[Split, ...] = get_args(Split)

Token = tuple[int, int]
"""Start and end of a token: code points of the record's text, end exclusive."""


@dataclass(frozen=True, slots=True)
class Record:
    """Text (with tokens where they are given), and what is known about it.

    `tokens` are `(start, end)` code-point offsets into `text`, ascending, not empty and not overlapping. `group` names what must
    never stand on both sides of a split (document, speaker, customer).
    """

    id: str
    text: str
    tokens: tuple[Token, ...] | None = None
    meta: Mapping[str, Any] = field(default_factory=dict[str, Any])
    group: str | None = None
    timestamp: str | None = None
    split: Split | None = None

    def token_texts(self) -> list[str]:
        """The surface of each token; an empty list where no tokens are given."""
        return [self.text[start:end] for start, end in self.tokens or ()]


@dataclass(frozen=True, slots=True)
class Example:
    """A record with the values of its fields. A field that is absent was not asked; an empty list says "nothing here".

    `gold` says how each value came to be, where that is known.
    """

    record: Record
    values: Mapping[str, Any]
    gold: Mapping[str, Gold] = field(default_factory=dict[str, "Gold"])


LONGEST_TEXT = 1_000_000
"""Characters of one record. Nobody annotates more at once, and a model would need gigabytes to cut it into pieces."""


def check_record(record: Record) -> None:
    """Raise InputError unless the text has at most `LONGEST_TEXT` characters, its tokens lie in it, in order, and its split is one of
    `SPLITS`."""
    where = f"record {record.id or '(without id)'}"
    if len(record.text) > LONGEST_TEXT:
        raise InputError(
            "the text is too long for one record",
            where=where,
            found=f"{len(record.text):,} characters",
            expected=f"at most {LONGEST_TEXT:,}",
            todo="Cut it into pages or paragraphs, a record each",
        )
    if record.split is not None and record.split not in SPLITS:
        raise InputError("unknown split", where=where, found=brief(record.split), expected="train, dev or test")
    last = 0
    for number, (start, end) in enumerate(record.tokens or ()):
        if type(start) is not int or type(end) is not int:
            raise InputError(
                f"the offsets of token {number} are not whole numbers",
                where=where,
                found=f"[{start!r}, {end!r}]",
                expected="two int",
            )
        if not last <= start < end <= len(record.text):
            raise InputError(
                f"token {number} is out of place",
                where=where,
                found=f"[{start}, {end}]",
                expected=f"start < end, both within {last}..{len(record.text)} (tokens in order, none empty or overlapping)",
            )
        last = end


def content_hash(text: str, tokens: tuple[Token, ...] | None = None) -> str:
    """32 hexadecimal digits that name the content: the text, and the tokens where they are given (BLAKE2b)."""
    content = json.dumps([text, tokens], ensure_ascii=True, separators=(",", ":"))
    return hashlib.blake2b(content.encode(), digest_size=16).hexdigest()


def join_tokens(tokens: list[str], separator: str = " ") -> tuple[str, tuple[Token, ...]]:
    """The text that the tokens make when joined, and each token's offsets in it.

    >>> join_tokens(["I", "am"])
    ('I am', ((0, 1), (2, 4)))
    """
    offsets: list[Token] = []
    position = 0
    for token in tokens:
        offsets.append((position, position + len(token)))
        position += len(token) + len(separator)
    return separator.join(tokens), tuple(offsets)


def locate_tokens(text: str, tokens: list[str]) -> tuple[Token, ...]:
    """Each token's offsets in a text that holds them in this order, with anything between them.

    Raises InputError, naming the token, where one is not found after the one before it.
    """
    offsets: list[Token] = []
    position = 0
    for number, token in enumerate(tokens):
        start = text.find(token, position) if token else -1
        if start < 0:
            raise InputError(
                f"token {number} does not occur in the text after the token before it",
                found=brief(token),
                expected=f"a part of {brief(text[position : position + 60])}",
            )
        position = start + len(token)
        offsets.append((start, position))
    return tuple(offsets)
