"""Segmentation, scripts and near-duplicates."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from goldleaf.core import InputError
from goldleaf.text import SEGMENTERS, detect_script, near_duplicates, segment
from goldleaf.text.near import fold

ODD = "aB7 .,'\"`-–…\n\t\u3000\u00a0\u200b\u200d\ufe0f\u0301é我爱北京の카日本ع\u200fם👩👍🏽🇨🇳नम्स\u2028\ufeff"
TEXTS = st.text(st.one_of(st.sampled_from(ODD), st.characters(exclude_categories=["Cs"])), max_size=40)


def words(text, how="auto"):
    return [text[start:end] for start, end in segment(text, how)]


@pytest.mark.parametrize("how", SEGMENTERS)
@settings(max_examples=60, deadline=None)
@given(text=TEXTS)
def test_tokens_cover_every_character_but_space_exactly_once(how, text):
    covered = [i for start, end in segment(text, how) for i in range(start, end)]
    assert covered == [i for i, char in enumerate(text) if not char.isspace()]
    assert all(0 <= start < end <= len(text) for start, end in segment(text, how))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Don't stop.", ["Do", "n't", "stop", "."]),
        ("He came. Mr. Smith left in 1999.", ["He", "came", ".", "Mr.", "Smith", "left", "in", "1999", "."]),
        ("He said \"go\" and ``so'' on", ["He", "said", '"', "go", '"', "and", "``", "so", "''", "on"]),
        ("我爱北京天安门", ["我", "爱", "北京", "天安门"]),
        ("我的 iPhone 15 很贵", ["我", "的", "iPhone", "15", "很", "贵"]),
        ("買い物", ["買", "い", "物"]),
        ("مرحبا بالعالم", ["مرحبا", "بالعالم"]),
        ("👩‍👩‍👧 ok", ["👩‍👩‍👧", "ok"]),
        ("", []),
        (" \u3000\n", []),
    ],
)
def test_words_are_those_of_the_script(text, expected):
    assert words(text) == expected


def test_quotes_that_nltk_cannot_align_leave_right_offsets():
    text = "''a'' \"b\" ``c`` ''\" \"'' x"
    assert "".join(words(text, "nltk")) == text.replace(" ", "")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("e\u0301a", ["e\u0301", "a"]),
        ("🇨🇳🇩🇪", ["🇨🇳", "🇩🇪"]),
        ("👍🏽👍", ["👍🏽", "👍"]),
        ("👩‍👩‍👧x", ["👩‍👩‍👧", "x"]),
        ("नम", ["न", "म"]),
        ("कि", ["कि"]),
        ("❤️1️⃣", ["❤️", "1️⃣"]),
        ("a b", ["a", "b"]),
    ],
)
def test_characters_keep_their_marks_and_sequences(text, expected):
    assert words(text, "chars") == expected


def test_white_space_is_all_that_unicode_calls_so():
    assert words("a\u3000b\u00a0c\u2028d", "whitespace") == ["a", "b", "c", "d"]


def test_an_unknown_segmenter_is_named():
    with pytest.raises(InputError, match=r"found 'magic'; expected auto or words"):
        segment("a", "magic")


def test_a_long_text_is_segmented_whole():
    assert len(segment("The cat sat on the mat. " * 4000)) == 4000 * 7
    assert len(segment("我爱北京天安门。" * 4000)) == 4000 * 5


@pytest.mark.parametrize(
    ("text", "script"),
    [
        ("", "none"),
        ("123 !? 👍", "none"),
        ("hello", "latin"),
        ("ＡＢＣ", "latin"),
        ("Привет", "cyrillic"),
        ("καλημέρα", "greek"),
        ("شكرا", "arabic"),
        ("שלום", "hebrew"),
        ("안녕", "hangul"),
        ("नमस्ते", "devanagari"),
        ("สวัสดี", "thai"),
        ("我爱你", "han"),
        ("𠮷野", "han"),
        ("カタカナ", "kana"),
        ("東京に行く", "japanese"),
        ("我爱我的 NLP 代码库", "mixed"),  # 6 Han of 9 letters
        ("我爱北京天安门 ok", "mixed"),  # 7 of 9 = 78 %
        ("我爱北京天安门了吗 ok", "han"),  # 9 of 11 = 82 %
    ],
)
def test_the_script_is_that_of_more_than_four_fifths_of_the_letters(text, script):
    assert detect_script(text) == script


def test_case_space_punctuation_width_and_digits_make_no_difference():
    texts = ["Pay invoice 17!", "Something else", "pay  INVOICE 23", "ｐａｙ invoice 99"]
    assert near_duplicates(texts) == [0, 1, 0, 0]


def test_texts_of_punctuation_are_told_apart_and_empty_ones_are_alike():
    assert near_duplicates(["!!!", "???", "", " ", "👍", "👍"]) == [0, 1, 2, 2, 4, 4]


def test_short_texts_must_agree_in_every_letter():
    assert near_duplicates(["yes", "no", "yen", "Yes."]) == [0, 1, 2, 0]


def test_the_threshold_is_met_exactly():
    # abcdefgh has the 4-grams abcd..efgh (5); with an i there is one more: 5 / 6 = 0.83
    assert near_duplicates(["abcdefgh", "abcdefghi"], threshold=0.83) == [0, 0]
    assert near_duplicates(["abcdefgh", "abcdefghi"], threshold=0.84) == [0, 1]


def test_clusters_are_chains_and_bear_their_smallest_index():
    texts = ["zzzz", "abcdefghijkl", "bcdefghijklm", "cdefghijklmn"]  # neighbours share 8 of 10, the ends 7 of 11
    assert near_duplicates(texts) == [0, 1, 1, 1]
    assert near_duplicates([texts[1], texts[3]]) == [0, 1]


@pytest.mark.parametrize("threshold", [0, -1, 1.5])
def test_a_threshold_outside_its_range_is_an_error(threshold):
    with pytest.raises(InputError, match="more than 0, at most 1"):
        near_duplicates(["a"], threshold=threshold)


def slowly(texts, threshold):
    """Every pair compared."""
    sets = [{f[i : i + 4] for i in range(max(1, len(f) - 3))} for f in map(fold, texts)]
    cluster = list(range(len(texts)))
    for b in range(len(texts)):
        for a in range(b):
            if len(sets[a] & sets[b]) / len(sets[a] | sets[b]) >= threshold:
                low, high = sorted((cluster[a], cluster[b]))
                cluster = [low if c == high else c for c in cluster]
    return cluster


@settings(max_examples=60, deadline=None)
@given(st.lists(st.text("ab1 ", max_size=14), max_size=12), st.sampled_from([0.5, 0.8, 1.0]))
def test_near_duplicates_are_those_that_comparing_every_pair_finds(texts, threshold):
    assert near_duplicates(texts, threshold=threshold) == slowly(texts, threshold)


def test_near_duplicates_are_found_among_ten_thousand_texts():
    texts = [
        f"{chr(97 + n % 26)} message {chr(97 + n // 26 % 26)} of {n * 7919 % 10007:b} words" for n in range(10_000)
    ]
    found = near_duplicates([*texts, texts[77]])
    assert found[-1] == found[77]
