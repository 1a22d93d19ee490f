"""Spans <-> one tag a token, in the schemes of the field, read by the rule of conlleval.

Schemes: IOB1 (`B-` only where two spans of one label touch), IOB2 (`B-` begins every span), BIOES (= BILOU: `L`, `U` for `E`, `S`) and
BMES (= BIOES with `M` for `I`). Reading is one rule for all of them, that of the CoNLL shared tasks' `conlleval` (Tjong Kim Sang and
De Meulder, 2003, https://aclanthology.org/W03-0419): a span begins at B, S, U, or wherever a tag of another label or nothing stood before;
it ends at E, L, S, U, or where the next one begins or nothing follows. Sequences that their scheme does not allow are read by that rule,
and counted.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal, get_args

from goldleaf.core.errors import InputError, brief
from goldleaf.core.record import Token
from goldleaf.core.values import Span

Scheme = Literal["IOB1", "IOB2", "BIOES", "BILOU", "BMES"]
SCHEMES: tuple[Scheme, ...] = get_args(Scheme)

Chunk = tuple[int, int, str]
"""First token, one past the last token, label."""

_SINGLE_LAST_INSIDE = {"BIOES": "SEI", "BILOU": "ULI", "BMES": "SEM"}
_BEGINS, _ENDS = frozenset("BSU"), frozenset("ESLU")
_PREFIXES = frozenset("BIESLUM")


def chunks_to_tags(chunks: Iterable[Chunk], length: int, scheme: Scheme = "IOB2") -> list[str]:
    """One tag for each of `length` tokens. The chunks must not overlap.

    >>> chunks_to_tags([(0, 2, "PER")], 3, "BIOES")
    ['B-PER', 'E-PER', 'O']
    """
    tags = ["O"] * length
    before: tuple[int, str] | None = None
    for start, end, label in sorted(chunks):
        if scheme in ("IOB1", "IOB2"):
            touches = before == (start, label)
            marks = ["B" if scheme == "IOB2" or touches else "I"] + ["I"] * (end - start - 1)
        else:
            single, last, inside = _SINGLE_LAST_INSIDE[scheme]
            marks = [single] if end - start == 1 else ["B", *[inside] * (end - start - 2), last]
        tags[start:end] = [f"{mark}-{label}" for mark in marks]
        before = (end, label)
    return tags


def tags_to_chunks(tags: Sequence[str]) -> list[Chunk]:
    """The chunks that the tags mark, whatever their scheme, by the rule of conlleval.

    Raises InputError where a tag is neither `O` nor a known prefix, a dash and a label.

    >>> tags_to_chunks(["I-PER", "I-PER", "B-PER", "I-LOC"])
    [(0, 2, 'PER'), (2, 3, 'PER'), (3, 4, 'LOC')]
    """
    chunks: list[Chunk] = []
    start, current, ended = 0, "", True
    for position, tag in enumerate(tags):
        mark, label = split_tag(tag)
        if current and (ended or mark in _BEGINS or label != current):
            chunks.append((start, position, current))
            current = ""
        if label and not current:
            start = position
        current, ended = label, mark in _ENDS
    if current:
        chunks.append((start, len(tags), current))
    return chunks


def split_tag(tag: str) -> tuple[str, str]:
    """Prefix and label of a tag; `O` gives two empty strings."""
    if tag in ("O", "o"):
        return "", ""
    if len(tag) > 2 and tag[1] in "-_" and tag[0] in _PREFIXES:
        return tag[0], tag[2:]
    raise InputError("not a tag", found=brief(tag), expected="O, or one of B I E S L U M, a dash and a label (B-PER)")


def guess_scheme(tags: Iterable[str]) -> Scheme:
    """The scheme that a file's tags are written in, by the prefixes it uses. Raises InputError for a malformed tag."""
    marks: set[str] = set()
    outside_then_inside = False
    before = ""
    for tag in tags:
        mark, label = split_tag(tag)
        marks.add(mark)
        outside_then_inside |= mark == "I" and before != label
        before = label
    if "M" in marks:
        return "BMES"
    if marks & set("LU"):
        return "BILOU"
    if marks & set("ES"):
        return "BIOES"
    return "IOB1" if outside_then_inside and "B" not in marks else "IOB2"


def count_malformed(tags: Sequence[str], scheme: Scheme) -> int:
    """How many tags stand where their scheme does not allow them: 0 where reading and writing again gives the same tags."""
    written = chunks_to_tags(tags_to_chunks(tags), len(tags), scheme)
    return sum(a.replace("_", "-", 1) != b for a, b in zip(tags, written, strict=True) if a not in ("O", "o") or b != "O")


def chunks_to_spans(chunks: Iterable[Chunk], tokens: Sequence[Token]) -> list[Span]:
    """Each chunk of tokens as a span of the text the tokens lie in."""
    return [Span(tokens[start][0], tokens[end - 1][1], label) for start, end, label in chunks]


def spans_to_chunks(spans: Iterable[Span], tokens: Sequence[Token]) -> tuple[list[Chunk], list[Span]]:
    """Chunks of the tokens that each span touches, and the spans whose borders are not borders of tokens (widened to them, or lost
    where a span touches no token or what it touches is taken)."""
    chunks: list[Chunk] = []
    inexact: list[Span] = []
    taken = 0
    index = 0
    for span in sorted(spans):
        while index < len(tokens) and tokens[index][1] <= span.start:
            index += 1
        end = index
        while end < len(tokens) and tokens[end][0] < span.end:
            end += 1
        first = max(index, taken)
        if first >= end or (tokens[index][0], tokens[end - 1][1]) != (span.start, span.end):
            inexact.append(span)
        if first < end:
            chunks.append((first, end, span.label))
            taken = end
    return chunks, inexact
