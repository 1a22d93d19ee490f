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
    """One tag for each of `length` tokens. Raises InputError where chunks overlap or leave the tokens.

    >>> chunks_to_tags([(0, 2, "PER")], 3, "BIOES")
    ['B-PER', 'E-PER', 'O']
    """
    tags = ["O"] * length
    before: tuple[int, str] = (0, "")
    for start, end, label in sorted(chunks):
        if not before[0] <= start < end <= length:
            expected = f"start < end, both within {before[0]}..{length} (tags cannot say chunks that overlap)"
            raise InputError("a chunk is out of place", found=f"[{start}, {end}, {label}]", expected=expected)
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
    """Prefix (upper case) and label of a tag; `O` gives two empty strings. The label is all that follows the first dash or underscore."""
    if tag in ("O", "o"):
        return "", ""
    if len(tag) > 2 and tag[1] in "-_" and (mark := tag[0].upper()) in _PREFIXES:
        return mark, tag[2:]
    raise InputError("not a tag", found=brief(tag), expected="O, or one of B I E S L U M, a dash and a label (B-PER)")


def guess_scheme(tags: Iterable[str]) -> Scheme:
    """The scheme that a file's tags are written in, by the prefixes it uses. Raises InputError for a malformed tag.

    With `B` and `I` alone it is the one of IOB1 and IOB2 that fewer tags speak against (`I` where nothing of its label stood before
    speaks against IOB2, `B` there against IOB1), and IOB2 where they are level.
    """
    marks: set[str] = set()
    against_iob1 = against_iob2 = 0
    before = ""
    for tag in tags:
        mark, label = split_tag(tag)
        marks.add(mark)
        if before != label:
            against_iob1 += mark == "B"
            against_iob2 += mark == "I"
        before = label
    if "M" in marks:
        return "BMES"
    if marks & set("LU"):
        return "BILOU"
    if marks & set("ES"):
        return "BIOES"
    return "IOB1" if against_iob2 > against_iob1 else "IOB2"


def count_malformed(tags: Sequence[str], scheme: Scheme) -> int:
    """How many tags differ from the ones their scheme has for the chunks that they are read as: 0 for a well-formed sequence."""
    written = chunks_to_tags(tags_to_chunks(tags), len(tags), scheme)
    return sum(split_tag(given) != split_tag(right) for given, right in zip(tags, written, strict=True))


def chunks_to_spans(chunks: Iterable[Chunk], tokens: Sequence[Token]) -> list[Span]:
    """Each chunk of tokens as a span of the text the tokens lie in."""
    return [Span(tokens[start][0], tokens[end - 1][1], label) for start, end, label in chunks]


def spans_to_chunks(spans: Iterable[Span], tokens: Sequence[Token]) -> tuple[list[Chunk], list[Span]]:
    """Chunks of the tokens that each span touches, and the spans that no chunk stands for exactly.

    Those are widened to the borders of tokens; what an earlier span has taken is cut off, and a span with no token left is lost.
    """
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
        if first >= end or (tokens[first][0], tokens[end - 1][1]) != (span.start, span.end):
            inexact.append(span)
        if first < end:
            chunks.append((first, end, span.label))
            taken = end
    return chunks, inexact
