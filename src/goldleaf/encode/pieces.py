"""Text -> sub-word pieces with code-point offsets -> windows that fit the model."""

from __future__ import annotations

import itertools
import sys
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
from tokenizers import Tokenizer

from goldleaf.core import InputError
from goldleaf.text import script_of

IntArray = np.ndarray[tuple[int], np.dtype[np.int32]]
BoolArray = np.ndarray[tuple[int], np.dtype[np.bool_]]


@dataclass(frozen=True, slots=True)
class Layout:
    """How a model wants its input: the special pieces around a text, padding, and the length of a window.

    `prefix` and `suffix` are piece ids; `prefix_types` and `suffix_types` their token types (XLNet gives `<cls>` a type of its own);
    `uses_types` says whether the model is given token types at all. `max_length` counts special pieces, `overlap` is how many pieces
    two neighbouring windows of a long text share. `whole_words` says that spans end where words end, `decoding` how their classes are
    read (`Decoding`).
    """

    prefix: tuple[int, ...]
    suffix: tuple[int, ...]
    prefix_types: tuple[int, ...]
    suffix_types: tuple[int, ...]
    pad_id: int
    pad_left: bool = False
    uses_types: bool = False
    unk_id: int | None = None
    max_length: int = 512
    overlap: int = 128
    whole_words: bool = True
    decoding: Literal["argmax", "viterbi"] = "argmax"

    @property
    def room(self) -> int:
        """How many pieces of text one window holds."""
        return self.max_length - len(self.prefix) - len(self.suffix)


def layout_to_dict(layout: Layout) -> dict[str, Any]:
    """The layout as JSON-ready data."""
    return {key: list(value) if isinstance(value, tuple) else value for key, value in asdict(layout).items()}


def layout_from_dict(data: Mapping[str, Any]) -> Layout:
    """The layout that `layout_to_dict` wrote."""
    fields: dict[str, Any] = {key: tuple(value) if isinstance(value, list) else value for key, value in data.items()}
    return Layout(**fields)


def probe_layout(
    tokenizer: Tokenizer,
    *,
    pad_id: int,
    pad_left: bool,
    uses_types: bool,
    unk_id: int | None,
    max_length: int,
    overlap: int | None = None,
) -> Layout:
    """Read the special pieces off the tokenizer by encoding a letter with them. `overlap` defaults to a quarter of a window."""
    probe = tokenizer.encode("a", add_special_tokens=True)
    special = probe.special_tokens_mask
    inside = [i for i, mark in enumerate(special) if not mark] or [len(special)]
    first, last = inside[0], inside[-1] + 1
    room = max_length - (len(special) - (last - first))
    if room < 2:
        raise InputError("windows this short hold no text", found=f"max_length {max_length}", expected="at least 4")
    return Layout(
        prefix=tuple(probe.ids[:first]),
        suffix=tuple(probe.ids[last:]),
        prefix_types=tuple(probe.type_ids[:first]),
        suffix_types=tuple(probe.type_ids[last:]),
        pad_id=pad_id,
        pad_left=pad_left,
        uses_types=uses_types,
        unk_id=unk_id,
        max_length=max_length,
        overlap=min(room // 4 if overlap is None else overlap, room - 1),
    )


def load_tokenizer(path: Path) -> Tokenizer:
    """A `tokenizer.json`, with truncation and padding switched off: windows are cut here."""
    try:
        tokenizer = Tokenizer.from_file(str(path))
    except Exception as error:  # the library raises bare Exceptions
        raise InputError("not a tokenizer that can be read", where=str(path), found=str(error)) from None
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return tokenizer


@dataclass(frozen=True, slots=True)
class Pieces:
    """The pieces of one text, without special ones: `n` ids and the code points `[start, end)` that each stands for.

    Offsets never begin or end in white space. `lead` marks pieces that stand for no text of their own (the lone `▁` before a word);
    their offsets are empty. `joined` marks pieces that go on with the word of the piece before; spans do not part the two.
    """

    ids: IntArray
    starts: IntArray
    ends: IntArray
    lead: BoolArray
    joined: BoolArray

    def __len__(self) -> int:
        return len(self.ids)


def cut_pieces(tokenizer: Tokenizer, texts: Sequence[str], *, whole_words: bool = True) -> list[Pieces]:
    """The pieces of each text. Offsets are code points of the text as it was given, whatever the tokenizer makes of it."""
    encodings = tokenizer.encode_batch(list(texts), add_special_tokens=False)
    listed = [e.ids for e in encodings]
    counts = np.fromiter(map(len, listed), dtype=np.int64, count=len(listed))
    ids = np.fromiter(itertools.chain.from_iterable(listed), dtype=np.int32, count=int(counts.sum()))
    flat = itertools.chain.from_iterable(itertools.chain.from_iterable(e.offsets for e in encodings))
    bounds = np.fromiter(flat, dtype=np.int64, count=2 * len(ids)).reshape(-1, 2)
    owner = np.repeat(np.arange(len(texts)), counts)
    begins = np.cumsum([0, *map(len, texts)])[owner]  # where the piece's text begins, all texts in one row
    classes = _classes_of("".join(texts))
    starts, ends = _trimmed(bounds[:, 0] + begins, bounds[:, 1] + begins, (classes & _IS_SPACE) != 0)
    # a lone word-start mark carries the offset of the character after it, which the next piece carries too
    mark = tokenizer.token_to_id(_WORD_START)
    lead = (starts >= ends) if mark is None else (starts >= ends) | (ids == mark)
    ends[lead] = starts[lead]
    joined = np.zeros(len(ids), dtype=np.bool_)
    if whole_words:
        before, after = (solid := np.flatnonzero(~lead))[:-1], solid[1:]
        place = starts[after]
        touching = (ends[before] == place) & (owner[before] == owner[after])
        joined[after] = touching & (classes[place - 1] & classes[place] & _IS_OF_WORD != 0)
    starts, ends = (starts - begins).astype(np.int32), (ends - begins).astype(np.int32)
    borders = itertools.pairwise([0, *np.cumsum(counts).tolist()])
    return [Pieces(ids[a:b], starts[a:b], ends[a:b], lead[a:b], joined[a:b]) for a, b in borders]


_WORD_START = "▁"
_KNOWN, _IS_SPACE, _IS_OF_WORD = 1, 2, 4
_CLASSES = np.zeros(sys.maxunicode + 1, dtype=np.uint8)
"""What each code point is, filled in as they are met."""


def _classes_of(text: str) -> np.ndarray[Any, np.dtype[np.uint8]]:
    """The class of each character, and of a last one that is none."""
    codes = np.frombuffer(f"{text}\0".encode("utf-32-le", "surrogatepass"), dtype="<u4")
    classes = _CLASSES[codes]
    if not classes.all():
        for code in np.unique(codes[classes == 0]).tolist():
            char = chr(code)
            _CLASSES[code] = _KNOWN + _IS_SPACE * char.isspace() + _IS_OF_WORD * _of_word(char)
        classes = _CLASSES[codes]
    return classes


def _trimmed(starts: Any, ends: Any, space: BoolArray) -> tuple[Any, Any]:
    """The bounds moved past the white space that they begin and end with."""
    if not (space[starts].any() or space[np.maximum(ends - 1, 0)].any()):
        return starts, ends
    place = np.arange(len(space))
    following = np.minimum.accumulate(np.where(space, len(space), place)[::-1])[::-1]
    preceding = np.concatenate([[0], np.maximum.accumulate(np.where(space, 0, place + 1))])
    starts = np.minimum(following[starts], ends)
    return starts, np.maximum(preceding[ends], starts)


_SPACED = frozenset({"latin", "greek", "cyrillic", "armenian", "georgian"})
"""Scripts whose words stand between spaces and are labelled whole. Elsewhere a label may end inside what stands between two spaces:
before a particle (Hangul), after a prefix (Arabic, Hebrew), at any character (Han, Thai)."""


def within_word(text: str, place: int) -> bool:
    """Whether a place between two characters lies inside a word of letters and digits.

    >>> within_word("Bathrobe", 4), within_word("e-mail", 1), within_word("在中国", 1)
    (True, False, False)
    """
    return 0 < place < len(text) and _of_word(text[place - 1]) and _of_word(text[place])


def _of_word(char: str) -> bool:
    return char.isdigit() or bool(unicodedata.combining(char)) or script_of(char) in _SPACED


def unknown_share(pieces: Sequence[Pieces], unk_id: int | None) -> float:
    """The share of pieces the vocabulary does not know, 0..1."""
    total = sum(len(p) for p in pieces)
    if unk_id is None or not total:
        return 0.0
    return sum(int((p.ids == unk_id).sum()) for p in pieces) / total


def window_bounds(length: int, layout: Layout) -> list[tuple[int, int]]:
    """Where each window of a text of `length` pieces begins and ends. Every piece is in one, neighbours share `overlap`.

    >>> window_bounds(10, Layout((1,), (2,), (0,), (0,), 0, max_length=8, overlap=2))
    [(0, 6), (4, 10)]
    """
    if length <= layout.room:
        return [(0, length)]
    step = layout.room - layout.overlap
    count = -(-(length - layout.overlap) // step)
    starts = [min(i * step, length - layout.room) for i in range(count)]
    return [(start, start + layout.room) for start in starts]


def owned_bounds(windows: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """The pieces of each window whose logits count: a shared stretch is halved, so that each piece is read where its context is widest."""
    borders = [0, *((windows[i][1] + windows[i + 1][0] + 1) // 2 for i in range(len(windows) - 1)), windows[-1][1]]
    return list(itertools.pairwise(borders))


@dataclass(frozen=True, slots=True)
class Batch:
    """Padded windows: `[windows, length]` arrays of int64, as the model takes them."""

    input_ids: np.ndarray[Any, np.dtype[np.int64]]
    attention_mask: np.ndarray[Any, np.dtype[np.int64]]
    token_type_ids: np.ndarray[Any, np.dtype[np.int64]] | None

    def offset(self, row: int) -> int:
        """Where the window's first special piece stands: 0, or behind the padding on the left."""
        return int(np.argmax(self.attention_mask[row])) if self.attention_mask[row].any() else 0


def pad_windows(windows: Sequence[IntArray], layout: Layout, *, multiple: int = 8) -> Batch:
    """Put the special pieces around each window's ids and pad all to one length, a multiple of `multiple` where that fits the model."""
    sizes = np.array([len(ids) for ids in windows]) + len(layout.prefix) + len(layout.suffix)
    longest = int(sizes.max())
    length = min(-(-longest // multiple) * multiple, max(layout.max_length, longest))
    places = np.arange(length) - (length - sizes[:, None] if layout.pad_left else 0)
    real = (places >= 0) & (places < sizes[:, None])
    ids = np.full(real.shape, layout.pad_id, dtype=np.int64)
    ids[real] = np.concatenate([part for window in windows for part in (layout.prefix, window, layout.suffix)])
    types = None
    if layout.uses_types:
        types = np.zeros_like(ids)
        typed = ((layout.prefix_types, np.zeros(len(window)), layout.suffix_types) for window in windows)
        types[real] = np.concatenate([part for parts in typed for part in parts])
    return Batch(ids, real.astype(np.int64), types)
