"""Intervals: weights times tables give what drawing records and computing anew would."""

import numpy as np
import pandas as pd
import pytest
from agreement_references import alpha, by_record, nominal, table

from goldleaf.quality import agreement
from goldleaf.quality.agreement.resampling import bootstrap, percentiles
from goldleaf.quality.agreement.tables import Tables
from goldleaf.quality.agreement.votes import count_table, tables_of


def drawn_table(rng, records=40):
    truth = rng.choice(list("xyz"), records)
    return table(
        [
            (n, who, truth[n] if rng.random() < 0.7 else str(rng.choice(list("xyz"))))
            for n in range(records)
            for who in "abc"
        ]
    )


def test_the_interval_is_that_of_computing_alpha_anew_for_every_resample():
    frame = drawn_table(np.random.default_rng(3))
    score = agreement(frame, resamples=3000, seed=1)["label"].scores["alpha"]
    units, rng = by_record(frame), np.random.default_rng(7)
    again = [alpha([units[n] for n in rng.integers(0, len(units), len(units))], nominal) for _ in range(300)]
    # the percentiles of 300 resamples are known to about .03 themselves
    assert score.low == pytest.approx(np.quantile(again, 0.025), abs=0.04)
    assert score.high == pytest.approx(np.quantile(again, 0.975), abs=0.04)
    assert score.low < score.value < score.high


@pytest.mark.parametrize("different", [False, True], ids=["few kinds of rows", "each row its own"])
def test_sums_of_resamples_have_the_mean_and_the_spread_of_drawing_rows(different):
    rng = np.random.default_rng(5)
    rows = rng.normal(3, 1, (30, 2)) if different else np.repeat([[1.0, 2.0], [3.0, 1.0]], [20, 10], axis=0)
    record, column = np.divmod(np.arange(60), 2)
    cells = Tables(record, column, rows.ravel(), 30, {"a": (0, 1), "b": (1, 2)})
    sums = bootstrap(cells, lambda s: s, resamples=20_000, rng=rng)
    assert sums.mean(axis=0) == pytest.approx(rows.sum(axis=0), rel=0.01)
    assert sums.var(axis=0) == pytest.approx(30 * rows.var(axis=0), rel=0.06, abs=0.01)
    assert np.corrcoef(sums.T)[0, 1] == pytest.approx(np.corrcoef(rows.T)[0, 1], abs=0.05)


def test_the_same_seed_gives_the_same_interval_in_whatever_order_the_rows_stand():
    frame = drawn_table(np.random.default_rng(4))
    one, other = (
        agreement(f, seed=2, resamples=100)["label"].scores for f in (frame, frame.sample(frac=1, random_state=1))
    )
    assert (one["alpha"].low, one["alpha"].high) == (other["alpha"].low, other["alpha"].high)
    assert agreement(frame, seed=3, resamples=100)["label"].scores["alpha"].low != one["alpha"].low


def test_intervals_hold_the_truth_about_as_often_as_they_say():
    rng = np.random.default_rng(6)
    hits = 0
    for _ in range(60):
        # two of three agree by design: raw agreement of a pair is .8 where both say the label with chance .9, else the other
        right = rng.random((150, 2)) < 0.9
        counts = np.stack([right.sum(axis=1), 2 - right.sum(axis=1)], axis=1)
        rows = [(n, who, "xy"[int(who >= counts[n, 0])]) for n in range(150) for who in range(2)]
        score = agreement(pd.DataFrame(rows, columns=["record", "annotator", "value"]), resamples=200)["label"].scores[
            "raw_agreement"
        ]
        hits += score.low <= 0.9 * 0.9 + 0.1 * 0.1 <= score.high
    assert hits >= 52  # 57 of 60 are expected; fewer than 52 come by luck once in 200


def test_a_statistic_without_a_value_in_some_resamples_keeps_to_the_others():
    values = np.array([[1.0, np.nan, np.nan], [2.0, np.nan, 3.0], [3.0, 5.0, 4.0]])
    low, high = percentiles(values)
    assert low[0] == pytest.approx(1.05)
    assert high[0] == pytest.approx(2.95)
    assert np.isnan(low[1]), "one of three is too few"
    assert (low[2], high[2]) == (pytest.approx(3.025), pytest.approx(3.975))


def test_records_that_say_nothing_are_no_part_of_a_resample():
    tables = tables_of(count_table([[2, 0], [0, 0], [1, 1]]))
    sums = bootstrap(tables, lambda s: s[:, :1], resamples=50, rng=np.random.default_rng(0))
    assert set(sums.ravel()) == {2.0}
