"""What is said of each annotator: work, agreement, skill, change over time, and what looks suspicious."""

import numpy as np
import pandas as pd
import pytest

from goldleaf.core import InputError
from goldleaf.quality.annotators import COLUMNS, annotators
from goldleaf.quality.consensus import others_say
from goldleaf.quality.labels import read_answers


def table(*rows, columns=("record", "annotator", "value")):
    return pd.DataFrame(list(rows), columns=list(columns))


def crowd(seed=0, *, records=120, skills=(0.9, 0.9, 0.85, 0.8), classes=4, per_record=None):
    """Annotators who know as often as `skills` say, else draw a label."""
    rng = np.random.default_rng(seed)
    truth = rng.integers(classes, size=records)
    rows = []
    for n in range(records):
        for k in rng.permutation(len(skills))[:per_record]:
            said = truth[n] if rng.random() < skills[k] else rng.integers(classes)
            rows.append((n, f"a{k}", f"l{said}"))
    return table(*rows), truth


def of(found, annotator):
    return found[found.annotator == annotator].iloc[0]


def test_work_is_counted_and_times_are_medians():
    said = table(
        ("r1", "a", "x", 2.0), ("r2", "a", "x", 4.0), ("r3", "a", "y", 9.0), ("r1", "b", "x", None),
        columns=("record", "annotator", "value", "seconds"),
    )  # fmt: skip
    found = annotators(said)
    assert list(found.columns) == list(COLUMNS)
    assert (of(found, "a").answers, of(found, "a").seconds, of(found, "a").median_seconds) == (3, 15.0, 4.0)
    assert np.isnan(of(found, "b").seconds)


def test_agreement_is_the_mean_likeness_to_the_others_answers():
    # r1: a agrees with b, not with c (1 of 2); r2: a agrees with both (2 of 2): 3 of 4. c: 0 of 2, 2 of 2: 2 of 4.
    said = table(*((r, w, v) for r, vs in (("r1", "xxy"), ("r2", "xxx")) for w, v in zip("abc", vs, strict=True)))
    found = annotators(said)
    assert (of(found, "a").agreement, of(found, "c").agreement) == (0.75, 0.5)


def test_skill_is_near_to_how_often_an_annotator_is_right():
    said, truth = crowd(records=600)
    found = annotators(said)
    for name, rows in said.groupby("annotator"):
        right = float(np.mean([value == f"l{truth[n]}" for n, value in zip(rows.record, rows.value, strict=True)]))
        assert of(found, name).low - 0.02 < right < of(found, name).high + 0.02


def test_gold_feeds_the_skill_and_stands_beside_it():
    said, truth = crowd(skills=(0.9, 0.3), records=100)
    gold = pd.DataFrame({"record": range(100), "value": [f"l{value}" for value in truth]})
    found = annotators(said, gold=gold)
    right = float(np.mean([v == f"l{truth[n]}" for n, w, v in said.itertuples(index=False) if w == "a0"]))
    assert of(found, "a0").checked == 100
    assert of(found, "a0").gold_agreement == pytest.approx(right)
    # the mean of Beta(R + 2 m, n - R + 2 (1 - m)) is (R + 2 m) / (n + 2)
    mean = float(np.mean([v == f"l{truth[n]}" for n, _, v in said.itertuples(index=False)]))
    assert of(found, "a0").skill == pytest.approx((100 * right + 2 * mean) / 102)
    assert of(found, "a0").low > of(found, "a1").high


def test_skill_of_a_label_says_what_an_annotator_does_not_find():
    rows = [(n, who, "cat" if n % 2 else "dog") for n in range(60) for who in "abcd"]
    rows += [(n, "blind", "cat" if n % 2 or n % 4 else "dog") for n in range(60)]
    labels = of(annotators(table(*rows)), "blind").labels
    assert labels["cat"]["skill"] > 0.9
    assert labels["dog"]["skill"] == pytest.approx(0.5, abs=0.06)
    assert labels["dog"]["low"] < 0.5 < labels["dog"]["high"]
    assert labels["dog"]["answers"] == pytest.approx(30, abs=0.5)


def test_who_tires_is_seen_over_time():
    rng = np.random.default_rng(0)
    rows = []
    for n in range(100):
        at = f"2026-01-01T{n // 60:02}:{n % 60:02}:00Z"
        truth = int(rng.integers(3))
        rows += [(n, who, str(truth), at) for who in "abcd"]
        rows.append((n, "tired", str(truth if rng.random() > n / 100 else (truth + 1) % 3), at))
    found = annotators(table(*rows, columns=("record", "annotator", "value", "at")))
    assert of(found, "tired").trend_high < -0.5
    assert len(of(found, "tired").over_time) == 5
    assert of(found, "tired").over_time[0] > of(found, "tired").over_time[-1] + 0.4
    assert abs(of(found, "a").trend) < 0.1


def test_without_times_there_is_no_trend():
    found = annotators(crowd()[0])
    assert found.trend.isna().all()
    assert all(parts == [] for parts in found.over_time)


def test_the_honest_are_not_suspected():
    for seed in range(8):
        said, _ = crowd(seed, skills=(0.95, 0.9, 0.85, 0.8, 0.75, 0.7), per_record=4)
        assert [sentence for cell in annotators(said).suspicion for sentence in cell] == []


def test_who_always_says_one_thing_is_told():
    said, _ = crowd(skills=(0.9, 0.9, 0.9, 0.9))
    said = pd.concat([said, table(*((n, "lazy", "l0") for n in range(120)))])
    (sentence, *_) = of(annotators(said), "lazy").suspicion
    assert sentence.startswith("says 'l0' in 120 of 120 answers; others say it in")


def test_who_draws_lots_is_no_better_than_chance():
    said, _ = crowd(skills=(0.9, 0.9, 0.85, 0.8, 0.0))
    found = annotators(said)
    assert any("chance is" in sentence for sentence in of(found, "a4").suspicion)
    assert of(found, "a0").suspicion == []


def test_who_copies_is_told_and_nobody_is_named():
    rng = np.random.default_rng(0)
    said, _ = crowd(skills=(0.9, 0.9, 0.85, 0.85, 0.6))
    copied = said[said.annotator == "a4"].assign(annotator="ape")
    copied.loc[rng.random(len(copied)) < 0.03, "value"] = "l0"
    found = annotators(pd.concat([said, copied]))
    for name in ("ape", "a4"):
        (sentence,) = [each for each in of(found, name).suspicion if "one other annotator" in each]
        assert not any(other in sentence for other in ("ape", "a0", "a1", "a2", "a3", "a4"))
    assert not any(of(found, f"a{k}").suspicion for k in range(4))


def test_who_is_much_faster_than_the_others_is_told():
    said, _ = crowd()
    times = {"a0": 9.0, "a1": 12.0, "a2": 10.0, "a3": 1.0}
    found = annotators(said.assign(seconds=said.annotator.map(times)))
    assert of(found, "a3").suspicion == ["a median of 1.0 s an answer; others take 10.0 s"]
    assert of(found, "a0").suspicion == []


def test_spans_are_held_against_what_more_than_half_of_the_others_mark():
    # The others of c, a and b, both mark PER; c marks a longer span: F1 0. Of the others of a only b has it: nothing by majority.
    rows = [("r", "a", [[0, 2, "PER"]]), ("r", "b", [[0, 2, "PER"]]), ("r", "c", [[0, 3, "PER"]])]
    answers = read_answers(table(*rows))[0]
    assert [len(value) for value in others_say(answers)] == [0, 0, 1]
    found = annotators(table(*rows))
    assert of(found, "c").skill < of(found, "a").skill + 1e-9
    assert (of(found, "a").agreement, of(found, "c").agreement) == (0.5, 0.0)


def test_tags_are_held_against_the_label_that_most_others_give_at_each_token():
    rows = [("r", "a", ["O", "B", "O"]), ("r", "b", ["O", "B", "O"]), ("r", "c", ["O", "O", "O"])]
    assert others_say(read_answers(table(*rows))[0]) == [["O", "B", "O"], ["O", "B", "O"], ["O", "B", "O"]]
    # a ties with c at the second token of b's others: B and O once each, the first in order is B
    found = annotators(table(*rows))
    assert of(found, "a").skill > of(found, "c").skill


def test_several_fields_are_rows_of_their_own():
    said = pd.concat([crowd(1)[0].assign(field="one"), crowd(2)[0].assign(field="two")])
    found = annotators(said)
    assert list(found.field) == ["one"] * 4 + ["two"] * 4
    with pytest.raises(InputError, match="field"):
        annotators(said, gold=pd.DataFrame({"record": [1], "value": ["l0"]}))


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize(
    "rows",
    [
        [("r", "a", "x")],
        [("r1", "a", "x"), ("r2", "b", "y")],
        [(n, who, "x") for n in range(20) for who in "abcd"],
        [(n, who, []) for n in range(12) for who in "abc"],
        [("r", "a", ["O", "B", "B"]), ("r", "b", ["O", "B", "O"])],
        [("r1", "a", ["x"]), ("r1", "b", ["x", "y"]), ("r2", "b", [])],
    ],
    ids=["one", "no overlap", "one label", "empty spans", "tags", "several"],
)
def test_degenerate_tables_are_described_without_alarm(rows):
    found = annotators(table(*rows))
    assert all(cell == [] for cell in found.suspicion)
    known = found.skill.notna()
    assert (found.low[known] <= found.skill[known]).all()


def test_no_answers_and_no_gold_table_are_refused():
    with pytest.raises(InputError, match="no annotators"):
        annotators(table())
    with pytest.raises(InputError, match="no table of gold"):
        annotators(table(("r", "a", "x")), gold=pd.DataFrame({"id": [1]}))


def test_the_order_of_rows_changes_nothing():
    said, _ = crowd(3)
    one = annotators(said).set_index("annotator").sort_index()
    two = annotators(said.sample(frac=1, random_state=1)).set_index("annotator").sort_index()
    assert np.allclose(
        one[["agreement", "skill", "low", "high"]], two[["agreement", "skill", "low", "high"]], atol=1e-3
    )
