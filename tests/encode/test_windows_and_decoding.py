"""Windows, targets and decoding: what training and the predictor share."""

from __future__ import annotations

import itertools
import re
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import Regex, Tokenizer, models, pre_tokenizers

from goldleaf.core import Field, Record, Span, tags_to_chunks
from goldleaf.encode import (
    IGNORED,
    Layout,
    Pieces,
    chunks_of,
    crossing_pieces,
    cut_pieces,
    decode_value,
    first_pieces,
    keeps_rule,
    length_batches,
    make_target,
    output_classes,
    owned_bounds,
    pad_windows,
    valid_classes,
    window_bounds,
)

SLOTS = Field("slots", "spans", ("LOC", "PER"))


def pieces_at(*bounds: tuple[int, int]) -> Pieces:
    starts = np.array([s for s, _ in bounds], dtype=np.int32)
    ends = np.array([e for _, e in bounds], dtype=np.int32)
    return Pieces(
        np.arange(len(bounds), dtype=np.int32), starts, ends, starts >= ends, np.zeros(len(bounds), dtype=bool)
    )


def one_hot(classes: list[int], width: int) -> np.ndarray:
    logits = np.zeros((len(classes), width), dtype=np.float32)
    logits[np.arange(len(classes)), classes] = 9.0
    return logits


@given(st.integers(0, 400), st.integers(4, 40), st.integers(0, 30))
def test_every_piece_is_in_a_window_and_owned_by_exactly_one(length: int, room: int, overlap: int) -> None:
    layout = Layout((1,), (2,), (0,), (0,), 0, max_length=room + 2, overlap=min(overlap, room - 1))
    windows = window_bounds(length, layout)
    assert all(end - start <= layout.room for start, end in windows)
    owned = owned_bounds(windows)
    assert [i for low, high in owned for i in range(low, high)] == list(range(length))
    assert all(s <= low and high <= e for (s, e), (low, high) in zip(windows, owned, strict=True))


@given(st.lists(st.integers(1, 90), min_size=1, max_size=80), st.integers(32, 400), st.booleans())
def test_batches_hold_every_window_once_within_the_budget(lengths: list[int], budget: int, shuffled: bool) -> None:
    batches = length_batches(lengths, budget, rng=np.random.default_rng(0) if shuffled else None)
    assert sorted(i for batch in batches for i in batch) == list(range(len(lengths)))
    for batch in batches:
        longest = max(-(-lengths[i] // 8) * 8 for i in batch)
        assert len(batch) == 1 or longest * len(batch) <= budget


@given(st.lists(st.integers(1, 90), min_size=1, max_size=80), st.integers(32, 400), st.booleans())
def test_where_padding_costs_nothing_batches_are_filled_with_what_is_real(
    lengths: list[int], budget: int, shuffled: bool
) -> None:
    rng = np.random.default_rng(0) if shuffled else None
    batches = length_batches(lengths, budget, rng=rng, padded=False)
    assert sorted(i for batch in batches for i in batch) == list(range(len(lengths)))
    assert all(len(batch) == 1 or sum(lengths[i] for i in batch) <= budget for batch in batches)


def test_a_window_is_padded_on_the_side_the_model_wants() -> None:
    ids = [np.array([7, 8], dtype=np.int32), np.array([9], dtype=np.int32)]
    right = pad_windows(ids, Layout((1,), (2,), (0,), (0,), 0), multiple=4)
    assert right.input_ids.tolist() == [[1, 7, 8, 2], [1, 9, 2, 0]]
    left = pad_windows(ids, Layout((), (1, 2), (), (0, 2), 0, pad_left=True, uses_types=True), multiple=4)
    assert left.input_ids.tolist() == [[7, 8, 1, 2], [0, 9, 1, 2]]
    assert left.offset(1) == 1
    assert left.token_type_ids is not None
    assert left.token_type_ids.tolist() == [[0, 0, 0, 2], [0, 0, 0, 2]]


def test_a_piece_that_crosses_a_border_is_left_out_of_the_loss_and_counted() -> None:
    # 我在中国 cut as 我 | 在中国: the piece 在中国 is not a location, only its end is
    pieces = pieces_at((0, 1), (1, 4))
    gold = [Span(2, 4, "LOC")]
    assert make_target(SLOTS, gold, Record("r", "我在中国"), pieces).tolist() == [0, IGNORED]
    assert crossing_pieces(gold, pieces) == 1


def test_han_characters_are_isolated_so_that_the_border_is_a_border_of_pieces() -> None:
    tokenizer = Tokenizer(models.WordLevel({"[UNK]": 0, "在": 1, "中": 2, "国": 3}, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Split(Regex(r"\p{Han}"), "isolated")]
    )
    (pieces,) = cut_pieces(tokenizer, ["在中国"])
    assert list(zip(pieces.starts.tolist(), pieces.ends.tolist(), strict=True)) == [(0, 1), (1, 2), (2, 3)]
    assert make_target(SLOTS, [Span(1, 3, "LOC")], Record("r", "在中国"), pieces).tolist() == [0, 1, 2]


def test_two_spans_that_touch_each_begin() -> None:
    pieces = pieces_at((0, 2), (2, 4), (4, 6))
    target = make_target(SLOTS, [Span(0, 2, "PER"), Span(2, 6, "PER")], Record("r", "aabbcc"), pieces)
    assert target.tolist() == [3, 3, 4]  # O, B-LOC, I-LOC, B-PER, I-PER


def test_a_span_is_read_back_with_the_mean_probability_of_its_pieces() -> None:
    logits = one_hot([3, 4, 0], 5)
    spans, scores = decode_value(SLOTS, logits, Record("r", "ab cd ef"), pieces_at((0, 2), (3, 5), (6, 8)))
    assert spans == [Span(0, 5, "PER")]
    sure = np.exp(9) / (np.exp(9) + 4)
    assert scores == [pytest.approx(sure, abs=1e-5)]


@pytest.mark.parametrize(
    ("text", "joined"),
    [
        ("Bathrobe", [False, True, True]),  # Bat, hro, be
        ("e-mail x", [False, False, False]),  # a hyphen parts
        ("в Москву", [False, False, True]),
        ("在中国 ok", [False, False, False]),  # at any Han character a label may end
        ("서울에서 x", [False, False, False]),  # and before a particle
    ],
)
def test_pieces_join_where_they_go_on_with_a_word(text: str, joined: list[bool]) -> None:
    borders = {"Bathrobe": (3, 6), "e-mail x": (1, 2), "в Москву": (2, 5), "在中国 ok": (1, 2), "서울에서 x": (2, 4)}[
        text
    ]
    words = [text[: borders[0]], text[borders[0] : borders[1]], text[borders[1] :]]
    tokenizer = Tokenizer(models.WordLevel({"[UNK]": 0}, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Split(Regex("|".join(map(re.escape, words))), "isolated")
    (pieces,) = cut_pieces(tokenizer, [text])
    assert pieces.joined.tolist() == joined
    assert not cut_pieces(tokenizer, [text], whole_words=False)[0].joined.any()


def test_without_tokens_a_word_has_the_class_of_its_first_piece() -> None:
    pieces = replace(pieces_at((0, 4), (4, 8), (9, 12)), joined=np.array([False, True, False]))
    spans, _ = decode_value(SLOTS, one_hot([3, 0, 0], 5), Record("r", "Bathrobe now"), pieces)
    assert spans == [Span(0, 8, "PER")]
    assert decode_value(SLOTS, one_hot([0, 4, 0], 5), Record("r", "Bathrobe now"), pieces)[0] == []


def test_with_tokens_a_token_has_the_class_of_its_first_piece() -> None:
    record = Record("r", "Johansson left", ((0, 9), (10, 14)))
    pieces = pieces_at((0, 5), (5, 9), (10, 14))
    assert first_pieces(record, pieces).tolist() == [0, 2]
    spans, _ = decode_value(SLOTS, one_hot([3, 0, 0], 5), record, pieces)
    assert spans == [Span(0, 9, "PER")]


def test_a_token_the_tokenizer_dropped_has_a_tag_all_the_same() -> None:
    tags = Field("pos", "tags", ("N", "V"))
    record = Record("r", "a\u200bb", ((0, 1), (1, 2), (2, 3)))
    value, scores = decode_value(tags, one_hot([1, 0], 2), record, pieces_at((0, 1), (2, 3)))
    assert value == ["V", "V", "N"]
    assert len(scores) == 3


def test_the_classes_of_spans_are_iob2() -> None:
    assert output_classes(SLOTS) == ("O", "B-LOC", "I-LOC", "B-PER", "I-PER")


@given(st.lists(st.integers(0, 6), max_size=12))
def test_classes_are_read_as_the_tags_they_stand_for(classes: list[int]) -> None:
    field = Field("slots", "spans", ("a", "b", "c"))
    names = output_classes(field)
    assert chunks_of(classes, field.labels) == tags_to_chunks([names[c] for c in classes])


def test_offsets_leave_out_white_space_and_words_are_told_from_their_neighbours() -> None:
    tokenizer = Tokenizer(models.Unigram([("<unk>", -9.0), ("▁", -3.0), *((c, -2.0) for c in "abcé在中")], unk_id=0))
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    texts = ["", "ab  ca", "在中 a", " ", "éa-b\n"]
    for pieces, text in zip(cut_pieces(tokenizer, texts), texts, strict=True):
        solid = [
            (int(a), int(b)) for a, b, lead in zip(pieces.starts, pieces.ends, pieces.lead, strict=True) if not lead
        ]
        assert [text[a:b] for a, b in solid] == [char for char in text if not char.isspace()]
        alone = cut_pieces(tokenizer, [text])[0]
        assert pieces.joined.tolist() == alone.joined.tolist()
    joined = {text: int(p.joined.sum()) for p, text in zip(cut_pieces(tokenizer, texts), texts, strict=True)}
    assert joined == {"": 0, "ab  ca": 2, "在中 a": 0, " ": 0, "éa-b\n": 1}


@given(st.lists(st.lists(st.integers(-9, 9), min_size=5, max_size=5), max_size=4))
def test_viterbi_reads_the_best_of_all_sequences_that_mark_spans(rows: list[list[int]]) -> None:
    logits = np.array(rows, dtype=np.float32).reshape(-1, 5)
    read = valid_classes(logits)
    assert keeps_rule(read)

    def total(classes: tuple[int, ...]) -> int:
        return sum(row[c] for row, c in zip(rows, classes, strict=True))

    valid = [each for each in itertools.product(range(5), repeat=len(rows)) if keeps_rule(np.array(each, dtype=int))]
    assert total(tuple(read.tolist())) == max(map(total, valid))


def test_viterbi_finds_the_beginning_that_the_likeliest_classes_lose() -> None:
    logits = np.log(np.array([[0.5, 0.4, 0.05, 0.03, 0.02], [0.1, 0.02, 0.8, 0.04, 0.04]], dtype=np.float32))
    record, pieces = Record("r", "New York"), pieces_at((0, 3), (4, 8))
    assert decode_value(SLOTS, logits, record, pieces) == ([Span(4, 8, "LOC")], [0.8])
    # O I-LOC is no span: 0.5 x 0.1 (O O) < 0.4 x 0.8 (B-LOC I-LOC); the score is the mean of 0.4 and 0.8
    assert decode_value(SLOTS, logits, record, pieces, decoding="viterbi") == ([Span(0, 8, "LOC")], [0.6])
