"""Typos made on purpose, and where every offset goes."""

import itertools

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from goldleaf.text import add_typos


@given(st.text(max_size=60), st.sets(st.integers(0, 60)), st.integers(0, 100))
def test_offsets_go_on_in_order_and_what_stands_between_borders_is_never_emptied(text, borders, seed):
    typed, places = add_typos(text, rng=np.random.default_rng(seed), rate=0.7, borders=borders)
    assert len(places) == len(text) + 1
    assert (places[0], places[-1]) == (0, len(typed))
    assert places == sorted(places)
    inside = sorted({0, len(text)} | {b for b in borders if b <= len(text)})
    for start, end in itertools.pairwise(inside):
        assert places[start] < places[end]
        assert set(typed[places[start] : places[end]]) <= set(text[start:end])


def test_each_slip_is_a_swap_a_drop_or_a_double():
    seen = {add_typos("ab", rng=np.random.default_rng(seed), rate=1.0)[0] for seed in range(30)}
    assert seen == {"ba", "b", "aab"}


def test_han_characters_only_change_places():
    seen = {add_typos("北京", rng=np.random.default_rng(seed), rate=1.0)[0] for seed in range(30)}
    assert seen == {"京北"}


def test_digits_and_punctuation_stay():
    assert add_typos("12-34 5!", rng=np.random.default_rng(0), rate=1.0)[0] == "12-34 5!"


def test_about_as_many_slips_are_made_as_asked_for():
    text = "abcdefghijklmnopqrstuvwxyz" * 400
    typed, _ = add_typos(text, rng=np.random.default_rng(0), rate=0.05)
    changed = sum(typed[n : n + 2] not in text for n in range(len(typed) - 1))
    assert 0.05 < changed / len(text) < 0.2  # a slip breaks one to three pairs of neighbours
    assert add_typos(text, rng=np.random.default_rng(0), rate=0.0) == (text, list(range(len(text) + 1)))
