"""The rules of the queue: places, what chance decides, how much answers differ, and settings."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from goldleaf.annotate import (
    HOLDING,
    Places,
    ProjectSettings,
    change_settings,
    disagreement,
    in_control,
    is_check,
    move,
    outcome,
    position,
    rank,
    settings_from_dict,
    settings_to_dict,
)
from goldleaf.core import Field, InputError, Schema

SAID = st.sampled_from(["submitted", "skipped", "flagged"])
SCHEMA = Schema(
    (Field("intent", "choice", ("a", "b")), Field("slots", "spans", ("x",)), Field("pos", "tags", ("N", "V")))
)


def test_an_answer_within_a_lease_counts():
    assert outcome(Places(1, held=1), "leased", "submitted") == "submitted"


def test_a_late_answer_counts_while_a_place_is_free():
    assert outcome(Places(1), "returned", "submitted") == "submitted"


def test_a_late_answer_is_surplus_once_the_place_is_taken():
    assert outcome(Places(1, held=1), "returned", "submitted") == "surplus"


def test_a_skip_needs_no_place():
    assert outcome(Places(1, held=1), "returned", "skipped") == "skipped"


def test_a_skip_gives_the_place_back():
    after = move(Places(1, held=1), "leased", "skipped")
    assert (after.free, after.done) == (1, False)


def test_a_flag_keeps_the_place():
    after = move(Places(1, held=1), "leased", "flagged")
    assert (after.free, after.done) == (0, True)


def test_a_closed_record_has_no_free_place_and_is_done():
    assert (Places(3, closed=True).free, Places(3, closed=True).done) == (0, True)


@given(
    st.integers(1, 4),
    st.lists(st.tuples(st.integers(0, 5), st.sampled_from(["ask", "expire", "say"]), SAID), max_size=60),
)
def test_whatever_people_do_no_record_goes_over_its_overlap(overlap, deeds):
    places, states = Places(overlap), {}
    for who, deed, said in deeds:
        before = states.get(who)
        if deed == "ask" and places.free and before in (None, "returned"):
            after = "leased"
        elif deed == "expire" and before == "leased":
            after = "returned"
        elif deed == "say" and before is not None:
            after = outcome(places, before, said)
        else:
            continue
        places, states[who] = move(places, before, after), after
        assert places.held == sum(state in HOLDING for state in states.values()) <= overlap
        assert places.answered == sum(state in ("submitted", "flagged") for state in states.values())


def test_the_control_share_is_the_same_for_everybody_and_about_as_large_as_asked():
    settings = ProjectSettings(control_share=0.2, seed=4)
    chosen = [in_control(settings, f"r{n}") for n in range(5000)]
    assert chosen == [in_control(settings, f"r{n}") for n in range(5000)]
    assert 0.18 < sum(chosen) / 5000 < 0.22


def test_another_seed_is_another_control_share():
    one, two = (
        [in_control(ProjectSettings(control_share=0.5, seed=seed), f"r{n}") for n in range(50)] for seed in (1, 2)
    )
    assert one != two


@pytest.mark.parametrize(("share", "expected"), [(0.0, 0), (1.0, 200)])
def test_no_share_is_nobody_and_the_whole_share_everybody(share, expected):
    settings = ProjectSettings(control_share=share, check_rate=share)
    assert sum(in_control(settings, f"r{n}") for n in range(200)) == expected
    assert sum(is_check(settings, "ann", n) for n in range(200)) == expected


@given(
    st.sampled_from(["file", "random", "priority"]),
    st.lists(st.integers(1, 2**31), unique=True, max_size=50),
    st.floats(),
)
def test_no_two_records_stand_at_one_position(order, keys, priority):
    found = {position(order, 3, key, f"r{key}", priority) for key in keys}
    assert len(found) == len(keys)
    assert all(0 <= value < 2**63 for value in found)


def test_the_highest_priority_stands_first():
    assert position("priority", 0, 2, "b", 0.9) < position("priority", 0, 1, "a", 0.1)


def test_answers_that_say_the_same_do_not_differ():
    said = {"intent": "a", "slots": [[0, 2, "x"]], "pos": ["N", "V"]}
    assert disagreement(SCHEMA, [said, said]) == {"intent": 0.0, "slots": 0.0, "pos": 0.0}


def test_of_three_choices_with_one_apart_two_of_three_pairs_differ():
    assert disagreement(SCHEMA, [{"intent": "a"}, {"intent": "a"}, {"intent": "b"}])["intent"] == pytest.approx(2 / 3)


def test_of_spans_the_share_that_is_not_in_both_counts():
    one, two = {"slots": [[0, 2, "x"], [3, 5, "x"]]}, {"slots": [[0, 2, "x"]]}
    assert disagreement(SCHEMA, [one, two])["slots"] == pytest.approx(1 - 2 * 1 / 3)


def test_of_tags_the_share_of_the_tokens_counts():
    assert disagreement(SCHEMA, [{"pos": ["N", "N", "V"]}, {"pos": ["N", "V", "V"]}])["pos"] == pytest.approx(1 / 3)


def test_nothing_found_by_both_is_agreement():
    assert disagreement(SCHEMA, [{"slots": []}, {"slots": []}]) == {"slots": 0.0}


def test_review_begins_with_the_flagged_then_the_disputed_and_ends_with_the_settled():
    same, apart = [{"intent": "a"}] * 2, [{"intent": "a"}, {"intent": "b"}]
    places = [
        rank(SCHEMA, same, flagged=True, settled=False),
        rank(SCHEMA, apart, flagged=False, settled=False),
        rank(SCHEMA, same, flagged=False, settled=False),
        rank(SCHEMA, apart, flagged=True, settled=True),
    ]
    assert places == [-1.0, -1.0, 0.0, 1.0]
    assert rank(SCHEMA, [], flagged=False, settled=False) is None


def test_settings_come_back_as_they_were_stored():
    settings = ProjectSettings(overlap=3, order="random", check_rate=0.25, seed=9)
    assert settings_from_dict(settings_to_dict(settings)) == settings
    assert settings_from_dict(None) == ProjectSettings()


@pytest.mark.parametrize(
    "changes",
    [
        {"overlap": 0},
        {"overlap": True},
        {"overlap": 1.5},
        {"lease_seconds": 1},
        {"control_share": 1.1},
        {"control_share": float("nan")},
        {"check_rate": "much"},
        {"order": "alphabet"},
        {"order": ["file"]},
        {"snap": "yes"},
        {"seed": -1},
        {"colour": "red"},
    ],
)
def test_a_setting_that_cannot_be_is_refused(changes):
    with pytest.raises(InputError):
        change_settings(ProjectSettings(), changes)
