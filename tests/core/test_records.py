"""Records, their tokens and the hash of their content."""

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from goldleaf.core import InputError, Record, brief, check_record, content_hash, join_tokens, locate_tokens

words = st.lists(st.text(min_size=1, max_size=5), max_size=8)


def test_a_record_gives_the_surface_of_each_token():
    record = Record("r", "在中国👍🏽", ((0, 1), (1, 3), (3, 5)))
    assert record.token_texts() == ["在", "中国", "👍🏽"]  # the thumb and its skin tone are two code points


def test_a_record_without_tokens_gives_no_surfaces():
    assert Record("r", "two words").token_texts() == []


def test_tokens_in_order_and_inside_the_text_pass():
    check_record(Record("r", "ab cd", ((0, 2), (3, 5)), split="dev"))


@pytest.mark.parametrize(
    ("tokens", "number", "range_"),
    [
        (((0, 2), (3, 6)), 1, "2..5"),  # ends after the text
        (((0, 2), (1, 3)), 1, "2..5"),  # overlaps the token before it
        (((3, 5), (0, 2)), 1, "5..5"),  # out of order
        (((0, 0),), 0, "0..5"),  # empty
        (((-1, 2),), 0, "0..5"),  # begins before the text
    ],
)
def test_a_token_out_of_place_is_named_with_record_number_found_and_expected(tokens, number, range_):
    with pytest.raises(InputError) as caught:
        check_record(Record("r7", "ab cd", tokens))
    start, end = tokens[number]
    assert str(caught.value).startswith(f"record r7: token {number} is out of place; found [{start}, {end}]; expected")
    assert range_ in str(caught.value)


@pytest.mark.parametrize("token", [(False, True), (0.0, 2), (np.int64(0), 2)])
def test_offsets_of_tokens_are_whole_numbers_and_nothing_that_resembles_them(token):
    with pytest.raises(InputError, match="record r: the offsets of token 0 are not whole numbers; found"):
        check_record(Record("r", "ab", (token,)))


def test_an_unknown_split_is_named_with_what_splits_there_are():
    with pytest.raises(InputError, match="record r: unknown split; found 'valid'; expected train, dev or test"):
        check_record(Record("r", "ab", split="valid"))  # type: ignore[arg-type]


def test_a_record_that_has_no_id_yet_is_called_so():
    with pytest.raises(InputError, match=r"record \(without id\): unknown split"):
        check_record(Record("", "ab", split="valid"))  # type: ignore[arg-type]


def test_equal_content_has_one_hash_and_tokens_are_part_of_the_content():
    assert content_hash("a b") == content_hash("a b")
    assert content_hash("a b") != content_hash("a b", ((0, 1), (2, 3)))
    assert content_hash("") != content_hash("", ())  # no tokens given; given, and none
    assert content_hash("é") != content_hash("e\u0301")  # two spellings are two contents: nothing is normalised
    assert len(content_hash("\ud800")) == 32  # a lone surrogate, as broken JSON has it, does not stop the hash


def test_the_hash_of_a_content_stays_what_it_was():
    # BLAKE2b, 16 bytes, of the ASCII text ["\u4e2d",[[0,1]]]; stored ids rest on it.
    assert content_hash("中", ((0, 1),)) == "515a113f8a492189b90ed2eca3babbc2"


def test_joined_tokens_are_found_where_they_were_put():
    assert join_tokens(["I", "am", "here"]) == ("I am here", ((0, 1), (2, 4), (5, 9)))
    assert join_tokens(["我", "在"], "") == ("我在", ((0, 1), (1, 2)))
    assert join_tokens([]) == ("", ())


@settings(max_examples=60, deadline=None)
@given(words, st.sampled_from(["", " ", "\u200b"]))
def test_joining_and_cutting_gives_the_tokens_again(tokens, separator):
    text, offsets = join_tokens(tokens, separator)
    assert Record("r", text, offsets).token_texts() == tokens
    check_record(Record("r", text, offsets))


@settings(max_examples=60, deadline=None)
@given(words, st.lists(st.text(alphabet=" \t\u200b", max_size=3), min_size=9, max_size=9))
def test_tokens_are_located_in_any_text_that_holds_them_in_order(tokens, gaps):
    text = gaps[0] + "".join(token + gap for token, gap in zip(tokens, gaps[1:], strict=False))
    offsets = locate_tokens(text, tokens)
    assert Record("r", text, offsets).token_texts() == tokens
    check_record(Record("r", text, offsets))


def test_the_second_of_two_equal_tokens_is_located_after_the_first():
    assert locate_tokens("no, no", ["no", ",", "no"]) == ((0, 2), (2, 3), (4, 6))


@pytest.mark.parametrize(("tokens", "number", "found"), [(["no", "yes"], 1, "'yes'"), (["no", ""], 1, "''")])
def test_a_token_that_the_text_does_not_hold_is_named(tokens, number, found):
    with pytest.raises(InputError) as caught:
        locate_tokens("no, no", tokens)
    assert f"token {number} does not occur" in str(caught.value)
    assert f"found {found}; expected a part of ', no'" in str(caught.value)


def test_an_error_says_where_what_was_found_what_was_expected_and_what_to_do():
    error = InputError("bad tag", where="field f", found="'X'", expected="O", todo="Correct it")
    assert str(error) == "field f: bad tag; found 'X'; expected O. Correct it"
    assert str(error.at("a.conll:3")) == "a.conll:3, field f: bad tag; found 'X'; expected O. Correct it"
    assert type(error.at("a.conll:3")) is InputError


def test_a_long_value_is_cut_in_a_message():
    assert brief("x" * 1000, 10) == "'xxxxxxxx…"
    assert brief("short") == "'short'"
    assert len(brief(list(range(10**4)))) == 80
    assert json.dumps(brief("\u202eright-to-left"))  # escaped, so that it cannot turn the message round
    assert "\\u202e" in brief("\u202eright-to-left")
