"""The drawing of splits: seeded, stratified, whole groups and clusters on one side, and what is drawn stays."""

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from goldleaf.workspace.splits import Candidate, draw_splits

SHARES = {"train": 0.8, "dev": 0.1, "test": 0.1}


def draw(candidates, shares=SHARES, seed=0):
    return draw_splits(candidates, shares, np.random.default_rng(seed))


def loose(n, label=lambda i: ("a",), start=0):
    return [Candidate(f"r{i}", i, labels=label(i)) for i in range(start, start + n)]


def counts(drawn):
    return Counter(split for split, _ in drawn.values())


def test_each_label_is_dealt_by_the_shares():
    # 100 records, half a and half b: 50 * 0.8 = 40, 50 * 0.1 = 5 of each
    candidates = loose(100, lambda i: ("a",) if i % 2 else ("b",))
    drawn = draw(candidates)
    assert Counter((split, candidates[i].labels[0]) for i, (split, _) in drawn.items()) == {
        ("train", "a"): 40, ("train", "b"): 40, ("dev", "a"): 5, ("dev", "b"): 5, ("test", "a"): 5, ("test", "b"): 5,
    }  # fmt: skip
    assert {origin for _, origin in drawn.values()} == {"drawn"}


def test_a_rare_label_is_dealt_before_a_frequent_one():
    # 10 of 200 records have `rare` beside `a`: 8 go to train, 1 to dev, 1 to test
    candidates = loose(200, lambda i: ("a", "rare") if i < 10 else ("a",))
    drawn = draw(candidates)
    assert Counter(drawn[i][0] for i in range(10)) == {"train": 8, "dev": 1, "test": 1}
    assert counts(drawn) == {"train": 160, "dev": 20, "test": 20}


def test_records_without_labels_are_dealt_by_the_shares_too():
    assert counts(draw(loose(50, lambda _: ()))) == {"train": 40, "dev": 5, "test": 5}


def test_the_seed_decides_and_the_order_of_the_records_does_not():
    candidates = loose(60)
    by_id = {candidates[i].id: choice for i, choice in draw(candidates).items()}
    turned = candidates[::-1]
    assert {turned[i].id: choice for i, choice in draw(turned).items()} == by_id
    assert {candidates[i].id: choice for i, choice in draw(candidates, seed=1).items()} != by_id


def test_a_group_is_on_one_side():
    candidates = [replace(c, group=f"g{i % 10}") for i, c in enumerate(loose(100))]
    drawn = draw(candidates)
    assert all(len({drawn[i][0] for i in range(100) if i % 10 == g}) == 1 for g in range(10))
    assert counts(drawn) == {"train": 80, "dev": 10, "test": 10}


def test_groups_and_clusters_that_touch_are_one_unit():
    # 0 and 1 share a group, 1 and 2 a cluster, 2 and 3 a group
    tied = [Candidate("a", 0, "g"), Candidate("b", 1, "g"), Candidate("c", 1, "h"), Candidate("d", 3, "h")]
    for seed in range(8):
        drawn = draw([*tied, *(replace(c, cluster=c.cluster + 10) for c in loose(6))], seed=seed)
        assert len({drawn[i][0] for i in range(4)}) == 1


def test_a_record_with_a_split_keeps_it_and_its_twin_follows():
    there = Candidate("a", 0, labels=("a",), split="test", origin="given")
    drawn = draw([there, Candidate("b", 0, labels=("a",)), Candidate("c", 2, labels=("a",))], {"train": 1.0})
    assert drawn == {1: ("test", "twin"), 2: ("train", "drawn")}


def test_a_twin_of_several_splits_goes_where_most_of_it_is():
    splits = ["train", "test", "test"]
    there = [Candidate(f"r{i}", 0, split=split, origin="given") for i, split in enumerate(splits)]
    assert draw([*there, Candidate("new", 0)]) == {3: ("test", "twin")}


def test_what_is_drawn_later_brings_the_whole_near_the_shares():
    first = loose(50)
    before = draw(first)
    kept = [replace(c, split=before[i][0], origin="drawn") for i, c in enumerate(first)]
    after = draw([*kept, *loose(50, start=50)])
    assert set(after) == set(range(50, 100)), "none of the first is drawn again"
    assert counts(before) + counts(after) == {"train": 80, "dev": 10, "test": 10}


def test_a_split_without_a_share_takes_nothing():
    assert counts(draw(loose(20), {"train": 0.8, "dev": 0.2})) == {"train": 16, "dev": 4}


@pytest.mark.parametrize("n", [0, 1, 2])
def test_few_records_are_for_training(n):
    assert counts(draw(loose(n))) == ({"train": n} if n else {})


CANDIDATES = st.builds(
    Candidate,
    id=st.text("abcdef", min_size=1, max_size=4),
    cluster=st.integers(0, 8),
    group=st.none() | st.sampled_from("xyz"),
    labels=st.sampled_from([(), ("p",), ("q",), ("p", "q")]),
    split=st.none() | st.sampled_from(["train", "dev", "test"]),
)


@settings(max_examples=60, deadline=None)
@given(st.lists(CANDIDATES, max_size=25))
def test_every_record_without_a_split_gets_one_and_units_without_a_split_stay_whole(candidates):
    drawn = draw(candidates)
    assert set(drawn) == {i for i, c in enumerate(candidates) if c.split is None}
    for tie in ("cluster", "group"):
        for key in {getattr(c, tie) for c in candidates} - {None}:
            members = [i for i, c in enumerate(candidates) if getattr(c, tie) == key]
            if all(candidates[i].split is None for i in members):
                assert len({drawn[i][0] for i in members}) == 1
