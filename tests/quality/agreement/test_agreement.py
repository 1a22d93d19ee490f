"""What `agreement` says of a label table: counts, coefficients, labels, pairs, times, confusions, and how it is given back."""

import json
from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from agreement_references import cohen_kappa, table

from goldleaf.core import Field, Schema
from goldleaf.quality import agreement

CHOICE = table(
    [
        ("r1", "ann", "x"),
        ("r1", "bob", "x"),
        ("r2", "ann", "x"),
        ("r2", "bob", "y"),
        ("r3", "ann", "y"),
        ("r3", "bob", "y"),
        ("r4", "ann", "y"),
        ("r4", "bob", "y"),
        ("r4", "eve", "x"),
        ("r5", "eve", "x"),
    ]
)
SETS = table(
    [
        ("r1", "ann", ["x", "y"]),
        ("r1", "bob", ["x"]),
        ("r2", "ann", []),
        ("r2", "bob", ["z"]),
        ("r3", "ann", ["z"]),
        ("r3", "bob", ["z"]),
    ]
)
TAGS = table(
    [("r1", "ann", ["N", "V", "N"]), ("r1", "bob", ["N", "N", "N"]), ("r2", "ann", ["V"]), ("r2", "bob", ["V"])]
)
SPANS = table(
    [
        ("r1", "ann", [[0, 4, "PER"], [8, 12, "LOC"]]),
        ("r1", "bob", [[0, 4, "PER"], [8, 12, "ORG"]]),
        ("r2", "ann", [[0, 3, "ORG"]]),
        ("r2", "bob", [[0, 6, "ORG"]]),
        ("r3", "ann", []),
        ("r3", "bob", [[2, 5, "PER"]]),
    ]
)
KINDS = {"choice": CHOICE, "sets": SETS, "tags": TAGS, "spans": SPANS}


def field(frame, **options):
    (found,) = agreement(frame, **{"resamples": 50, **options})
    return found


def test_what_was_answered_and_what_can_be_compared_is_counted():
    found = field(CHOICE)
    # r1, r2, r3: one pair each; r4 has three answers: three; r5 none
    assert (found.records, found.compared, found.annotators, found.answers, found.pairs) == (5, 4, 3, 10, 6)
    assert (found.kind, found.unit, found.level) == ("choice", "record", "nominal")


def test_each_record_counts_once_in_raw_agreement():
    # 1, 0, 1 and, of the three pairs of r4, one: (1 + 0 + 1 + 1/3) / 4
    assert field(CHOICE).scores["raw_agreement"].value == pytest.approx((1 + 0 + 1 + 1 / 3) / 4)


def test_an_annotator_pair_has_its_shared_records_and_its_own_coefficients():
    pairs = field(CHOICE).annotator_pairs.set_index(["annotator", "other"])
    assert pairs["shared"].to_dict() == {("ann", "bob"): 4, ("ann", "eve"): 1, ("bob", "eve"): 1}
    # ann x x y y, bob x y y y: 3 of 4; chance 2/4 * 1/4 + 2/4 * 3/4 = 1/2
    assert pairs["raw_agreement"]["ann", "bob"] == pytest.approx(3 / 4)
    assert pairs["cohen_kappa"]["ann", "bob"] == pytest.approx((3 / 4 - 1 / 2) / (1 - 1 / 2))
    assert np.isnan(pairs["raw_agreement_low"]["ann", "eve"]), "there is nothing to draw from one record"


def test_cohens_kappa_of_a_field_is_the_mean_over_pairs_by_what_they_share():
    # ann x x y y, bob x y y y, eve x (r5 does not count: nobody else answered it); ann and bob .5 over 4 records
    # ann and eve: 0, chance 1/2; bob and eve: 0, chance 1/4, over one record each
    ann_eve, bob_eve = (0 - 1 / 2) / (1 - 1 / 2), (0 - 1 / 4) / (1 - 1 / 4)
    assert field(CHOICE).scores["cohen_kappa"].value == pytest.approx((4 * 0.5 + ann_eve + bob_eve) / 6)


def test_cohens_kappa_of_a_complete_table_is_lights_mean():
    rows = {"ann": "xxyyzx", "bob": "xyyyzz", "eve": "zxyxzx"}
    frame = table([(n, who, label) for who, labels in rows.items() for n, label in enumerate(labels)])
    light = [cohen_kappa(list(one), list(other)) for one, other in combinations(rows.values(), 2)]
    found = field(frame)
    assert found.scores["cohen_kappa"].value == pytest.approx(sum(light) / 3)
    assert sorted(found.annotator_pairs["cohen_kappa"]) == pytest.approx(sorted(light))


def test_labels_taken_for_each_other_come_with_the_records_where_they_were():
    confusion = field(CHOICE).confusion
    rows = [tuple(row) for row in confusion[["label", "other", "pairs", "records"]].values]
    # x and y: once in r2, twice in r4; y and y: r3, r4; x and x: r1
    assert rows == [("x", "y", 3.0, 2), ("y", "y", 2.0, 2), ("x", "x", 1.0, 1)]
    assert confusion["examples"].tolist() == [["r4", "r2"], ["r3", "r4"], ["r1"]]
    assert confusion["share"].tolist() == [3 / 6, 2 / 6, 1 / 6]
    assert confusion["share_of_label"].tolist() == [3 / 4, 2 / 5, 1 / 4]


def test_spans_are_compared_with_borders_by_overlap_and_by_label_alone():
    found = field(SPANS)
    scores = {name: score.value for name, score in found.scores.items()}
    # r1: 2 + 2 spans, PER matches; r2: 1 + 1, overlap; r3: 0 + 1. Exact 2/7, overlap 4/7, label 4/7, borders 4/7 (LOC and ORG)
    assert scores["f1_exact"] == pytest.approx(2 * 1 / 7)
    assert scores["f1_overlap"] == pytest.approx(2 * 2 / 7)
    assert scores["f1_label"] == pytest.approx(2 * 2 / 7)
    assert scores["f1_borders"] == pytest.approx(2 * 2 / 7)
    assert scores["same_answer"] == 0
    labels = found.labels.set_index("label")
    assert labels["answers"].to_dict() == {"ORG": 3, "PER": 3, "LOC": 1}
    assert labels["f1_exact"].to_dict() == {"ORG": 0.0, "PER": pytest.approx(2 / 3), "LOC": 0.0}
    pair = found.annotator_pairs.iloc[0]
    assert (pair["f1_exact"], pair["f1_overlap"]) == (pytest.approx(2 / 7), pytest.approx(4 / 7))


def test_a_span_that_only_one_annotator_marked_stands_against_nothing():
    rows = {(row.label, row.other): (row.pairs, row.examples) for row in field(SPANS).confusion.itertuples()}
    assert rows == {
        ("PER", "PER"): (1.0, ["r1"]),
        ("LOC", "ORG"): (1.0, ["r1"]),
        ("ORG", "ORG"): (1.0, ["r2"]),
        ("PER", "(nothing)"): (1.0, ["r3"]),
    }


def test_spans_are_compared_by_the_tokens_of_the_records_table_or_those_of_its_text():
    frame = table([("r", "ann", [[0, 3, "PER"]]), ("r", "bob", [[0, 8, "PER"]])])
    given = pd.DataFrame({"record": ["r"], "text": ["Ann Smith went"], "tokens": [[[0, 3], [4, 9], [10, 14]]]})
    for records in (given, given[["record", "text"]], given[["record", "tokens"]]):
        found = field(frame, records=records)
        assert found.unit == "token"
        assert found.notes == ()
        # Ann: both PER; Smith: PER and nothing; went: both nothing
        assert found.scores["raw_agreement"].value == pytest.approx(2 / 3)
        # n = 6, PER 3, nothing 3, one token parted: 1 - 5 * 2 / (36 - 18)
        assert found.scores["alpha"].value == pytest.approx(1 - 5 * 2 / 18)


def test_without_texts_spans_are_compared_by_character_and_a_note_says_so():
    found = field(table([("r", "ann", [[0, 3, "PER"]]), ("r", "bob", [[0, 8, "PER"]])]))
    assert found.unit == "character"
    assert found.scores["raw_agreement"].value == pytest.approx(3 / 8)
    assert "by character" in found.notes[0]


def test_spans_that_contain_each_other_count_together_where_each_character_needs_one_label():
    nested = [[0, 9, "ORG"], [0, 3, "LOC"]]
    found = field(
        table([("r", "ann", nested), ("r", "bob", nested), ("r2", "ann", [[0, 9, "ORG"]]), ("r2", "bob", nested)])
    )
    # r: 9 characters alike; r2: 3 of 9 are ORG for one and ORG + LOC for the other
    assert found.scores["raw_agreement"].value == pytest.approx(15 / 18)
    assert set(found.labels["label"]) == {"ORG", "LOC", "LOC + ORG"}
    assert found.scores["f1_exact"].value == pytest.approx(2 * 3 / 7)


def test_several_choices_are_compared_as_sets_by_distance_and_label_by_label():
    found = field(SETS)
    scores = {name: score.value for name, score in found.scores.items()}
    assert scores["raw_agreement"] == pytest.approx(1 / 3)
    # x 1 of 1 pair, z 1 of 2, y 0 of 1: 2 * 2 shared / 6 given
    assert scores["f1"] == pytest.approx(2 * 2 / 6)
    assert set(scores) == {"raw_agreement", "cohen_kappa", "alpha", "alpha_jaccard", "alpha_masi", "f1"}
    assert found.labels.set_index("label")["specific_agreement"].to_dict() == {
        "x": 1.0,
        "y": 0.0,
        "z": pytest.approx(2 / 3),
    }
    assert found.annotator_pairs.iloc[0]["f1"] == pytest.approx(2 * 2 / 6)
    met = {(row.label, row.other): row.pairs for row in found.confusion.itertuples()}
    assert met == {("x", "x"): 1, ("y", "(nothing)"): 1, ("z", "(nothing)"): 1, ("z", "z"): 1}


def test_tags_are_compared_token_by_token():
    found = field(TAGS)
    assert (found.unit, found.kind) == ("token", "tags")
    assert found.scores["raw_agreement"].value == pytest.approx(3 / 4)
    assert found.scores["same_answer"].value == pytest.approx(1 / 2)
    # ann: N 2, V 2; bob: N 3, V 1; chance (2 * 3 + 2 * 1) / 16
    assert found.scores["cohen_kappa"].value == pytest.approx((3 / 4 - 1 / 2) / (1 - 1 / 2))


def test_labels_stand_in_the_order_of_the_schema_or_of_their_numbers():
    schema = Schema((Field("mood", "choice", ("bad", "fine", "good")),))
    said = [("bad", "bad"), ("bad", "good"), ("good", "good"), ("fine", "fine")]
    words = table([(n, who, label) for n, pair in enumerate(said) for who, label in zip("ab", pair, strict=True)])
    numbers = words.assign(value=words["value"].map({"bad": 2, "fine": 9, "good": 10}))
    by_schema = field(words, schema=schema, level="ordinal").scores["alpha"].value
    assert by_schema == pytest.approx(field(numbers, level="ordinal").scores["alpha"].value)
    # bad and good lie two steps apart; with bad and fine swapped the two lie one apart, and the same answers agree better
    swapped = words.replace({"bad": "fine", "fine": "bad"})
    assert by_schema < field(swapped, schema=schema, level="ordinal").scores["alpha"].value


def test_what_each_number_means_is_said_in_a_sentence():
    for found in (field(frame) for frame in KINDS.values()):
        for score in found.scores.values():
            assert score.meaning.endswith(".")
            assert "nan" not in score.meaning
    meaning = field(CHOICE).scores["alpha"].meaning
    assert "convention" in meaning
    assert (
        field(CHOICE).scores["raw_agreement"].meaning
        == "Two annotators say the same of a record in 58 of 100 cases, luck included."
    )


def test_agreement_over_time_lies_where_a_record_got_its_last_answer():
    days = ["2026-03-02", "2026-03-03", "2026-03-02", "2026-03-02", "2026-03-03", "2026-03-03"]
    frame = CHOICE.head(6).assign(at=[f"{day}T10:00:00Z" for day in days])
    found = field(frame).time
    assert [str(start.date()) for start in found["start"]] == ["2026-03-02", "2026-03-03"]
    assert found["records"].tolist() == [1, 2]
    # r2 on the second, r1 and r3 on the third
    assert found["raw_agreement"].tolist() == [0.0, 1.0]
    assert field(frame, every="week").time["records"].tolist() == [3]
    assert field(frame, every=2).time["records"].tolist() == [1, 2]
    assert len(field(CHOICE).time) == 0


@pytest.mark.parametrize(
    ("length", "step", "rows"),
    [(40, "1h", 2), (40, "1D", 6), (40, "20D", 10), (8, "1min", 8)],
    ids=["days", "weeks", "parts", "day"],
)
def test_times_are_cut_into_days_weeks_or_equal_parts_by_how_long_they_are(length, step, rows):
    at = pd.date_range("2026-03-02", periods=length, freq=step)
    frame = table([(n, who, "x") for n in range(length) for who in "ab"]).assign(at=np.repeat(at, 2))
    found = field(frame).time
    assert found["records"].sum() == length
    assert len(found) == rows
    assert (found["start"] < found["end"]).all()
    assert (found["start"].iloc[1:].to_numpy() >= found["end"].iloc[:-1].to_numpy()).all()


@pytest.mark.parametrize("kind", KINDS)
def test_everything_is_ready_for_json_and_prints(kind):
    frame = KINDS[kind].assign(at=pd.date_range("2026-03-02", periods=len(KINDS[kind]), freq="1D", tz="UTC"))
    found = agreement(frame, resamples=20)
    data = json.loads(json.dumps(found.to_dict(), allow_nan=False))
    only = data["fields"]["label"]
    assert only["records"] == frame["record"].nunique()
    assert set(only["scores"]) == set(found["label"].scores)
    assert set(only["labels"]) == {str(label) for label in found["label"].labels["label"]}
    assert only["annotator_pairs"][0]["annotators"] == ["ann", "bob"]
    assert set(only["annotator_pairs"][0]["cohen_kappa"]) == {"value", "low", "high"}
    assert only["time"][0]["start"].startswith("2026-03")
    assert only["confusion"][0]["examples"]
    text = str(found)
    assert "raw agreement" in text
    assert "what it means" in text


def test_fields_stand_side_by_side_and_a_level_touches_only_those_it_can():
    frame = pd.concat([CHOICE.replace({"x": 1, "y": 2}).assign(field="score"), SPANS.assign(field="who")])
    found = agreement(frame, level="interval", resamples=10)
    assert [each.field for each in found] == ["score", "who"]
    assert (found["score"].level, found["who"].level) == ("interval", "nominal")
    assert "weighted_kappa" in found["score"].scores


def test_labels_and_annotators_are_given_back_as_the_table_writes_them():
    frame = table([(7, 1, 0), (7, 2, 1), (8, 1, 1), (8, 2, 1)])
    found = field(frame)
    assert found.labels["label"].tolist() == [1, 0]
    assert found.annotator_pairs[["annotator", "other"]].values.tolist() == [[1, 2]]
    assert found.confusion["examples"].tolist() == [[7], [8]]
    json.dumps(found.to_dict(), allow_nan=False)
