"""Coefficients against the worked examples of the papers that they are from."""

import pytest
from agreement_references import counted, matrix, table

from goldleaf.core import Span
from goldleaf.quality import agreement
from goldleaf.quality.agreement import unitizing_alpha_2004

NONE = 0
KRIPPENDORFF = [  # four observers, twelve units (Krippendorff, Computing Krippendorff's Alpha-Reliability, 2011, section D)
    [1, 2, 3, 3, 2, 1, 4, 1, 2, NONE, NONE, NONE],
    [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, NONE, 3],
    [NONE, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, NONE],
    [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, NONE],
]
FLEISS = [  # thirty patients, six psychiatrists, five diagnoses (Fleiss, 1971, table 1)
    [0, 0, 0, 6, 0], [0, 3, 0, 0, 3], [0, 1, 4, 0, 1], [0, 0, 0, 0, 6], [0, 3, 0, 3, 0], [2, 0, 4, 0, 0],
    [0, 0, 4, 0, 2], [2, 0, 3, 1, 0], [2, 0, 0, 4, 0], [0, 0, 0, 0, 6], [1, 0, 0, 5, 0], [1, 1, 0, 4, 0],
    [0, 3, 3, 0, 0], [1, 0, 0, 5, 0], [0, 2, 0, 3, 1], [0, 0, 5, 0, 1], [3, 0, 0, 1, 2], [5, 1, 0, 0, 0],
    [0, 2, 0, 4, 0], [1, 0, 2, 0, 3], [0, 0, 0, 0, 6], [0, 1, 0, 5, 0], [0, 2, 0, 1, 3], [2, 0, 0, 4, 0],
    [1, 0, 0, 4, 1], [0, 5, 0, 1, 0], [4, 0, 0, 0, 2], [0, 2, 0, 4, 0], [1, 0, 5, 0, 0], [0, 0, 0, 0, 6],
]  # fmt: skip
COHEN = {(1, 1): 88, (1, 2): 14, (1, 3): 18, (2, 1): 10, (2, 2): 40, (2, 3): 10, (3, 1): 2, (3, 2): 6, (3, 3): 12}


def scores(frame, **options):
    (field,) = agreement(frame, resamples=0, **options)
    return {name: score.value for name, score in field.scores.items()}, field


@pytest.mark.parametrize(("level", "expected"), [("nominal", 0.743), ("ordinal", 0.815), ("interval", 0.849)])
def test_alpha_of_krippendorffs_four_observers(level, expected):
    found, field = scores(matrix(KRIPPENDORFF, missing=NONE), level=level)
    assert found["alpha"] == pytest.approx(expected, abs=0.0005)
    assert (field.records, field.compared, field.answers, field.annotators) == (12, 11, 41, 4)
    # 4 answers to 7 records, 3 to 2, 2 to 2 and 1 to 1: 7 * 6 + 2 * 3 + 2 * 1 pairs
    assert field.pairs == sum(
        len(u) * (len(u) - 1) // 2 for u in ([v for v in c if v] for c in zip(*KRIPPENDORFF, strict=True))
    )


def test_alpha_without_the_order_stands_beside_the_one_with_it():
    found, _ = scores(matrix(KRIPPENDORFF, missing=NONE), level="ordinal")
    assert found["alpha_nominal"] == pytest.approx(0.743, abs=0.0005)


def test_kappa_of_fleiss_psychiatrists_overall_and_by_diagnosis():
    found, field = scores(counted(FLEISS))
    assert found["raw_agreement"] == pytest.approx(0.5556, abs=0.0001)
    assert found["fleiss_kappa"] == pytest.approx(0.430, abs=0.0005)
    by_label = field.labels.set_index("label")["fleiss_kappa"]
    for label, kappa in zip(["l0", "l1", "l2", "l3", "l4"], [0.248, 0.248, 0.517, 0.470, 0.565], strict=True):
        assert by_label[label] == pytest.approx(kappa, abs=0.005)


def test_kappa_of_cohens_two_judges():
    pairs = [pair for pair, times in COHEN.items() for _ in range(times)]
    frame = matrix([[a for a, _ in pairs], [b for _, b in pairs]])
    found, _ = scores(frame)
    # (140 / 200 - (120 * 100 + 60 * 60 + 20 * 40) / 200^2) / (1 - .41)
    assert found["raw_agreement"] == pytest.approx(0.70)
    assert found["cohen_kappa"] == pytest.approx(0.492, abs=0.0005)
    # 1/2 sum p (1 - p) with p = .55, .30, .15: .2925, as Gwet's definition of 2008 has it
    assert found["ac1"] == pytest.approx((0.70 - 0.2925) / (1 - 0.2925), abs=1e-9)


def test_ac1_keeps_to_the_agreement_where_kappa_falls_to_nothing():
    # Gwet, Kappa Statistic Is Not Satisfactory (2002): 125 subjects, 118 twice positive, 5 and 2 split, none twice negative
    pairs = [("+", "+")] * 118 + [("+", "-")] * 5 + [("-", "+")] * 2
    found, _ = scores(matrix([[a for a, _ in pairs], [b for _, b in pairs]]))
    # P = 118/125, p = (123 + 120) / 250 = .972: P_e = 2 * .972 * .028
    assert found["ac1"] == pytest.approx(0.941, abs=0.0005)
    assert found["cohen_kappa"] == pytest.approx(-0.0234, abs=0.0005)


BOOK = {  # Krippendorff, Content Analysis, 2019, figure 12.11: 60 characters; first and last of each unit, counted from 1
    "Alex": [(1, 7, "1"), (8, 13, "2"), (31, 32, "5"), (33, 37, "6"), (38, 44, "6"), (45, 60, "7")],
    "Paul": [(1, 7, "1"), (8, 13, "3"), (14, 21, "5"), (33, 44, "6")],
    "Suzan": [(1, 7, "1"), (8, 13, "4"), (14, 21, "5"), (33, 37, "6"), (38, 41, "6"), (42, 44, "6")],
}


def test_alpha_u_of_krippendorffs_three_observers():
    import pandas as pd

    frame = table(
        [("text", who, [[first - 1, last, label] for first, last, label in units]) for who, units in BOOK.items()]
    )
    found, _ = scores(frame, records=pd.DataFrame({"record": ["text"], "text": ["x" * 60]}))
    assert found["alpha_u"] == pytest.approx(0.510, abs=0.0005)
    assert found["alpha_u_borders"] == pytest.approx(0.413, abs=0.001)


def test_the_alpha_u_of_2004_gives_the_values_of_its_example():
    # Krippendorff, Content Analysis, 2004, p. 254: a continuum from 150 to 450, labels c and k
    units = [
        [(225, 70, "c"), (370, 30, "c"), (180, 60, "k"), (300, 50, "k")],
        [(220, 80, "c"), (355, 20, "c"), (400, 20, "c"), (180, 60, "k"), (300, 50, "k")],
    ]
    spans = [[Span(start - 150, start - 150 + length, label) for start, length, label in one] for one in units]
    # D_oc .0144, D_ec .0532; D_ok 0, D_ek .0490
    of_c = [[span for span in one if span.label == "c"] for one in spans]
    assert unitizing_alpha_2004(of_c, length=300) == pytest.approx(1 - 0.0144 / 0.0532, abs=0.001)
    assert unitizing_alpha_2004(spans, length=300) == pytest.approx(1 - 0.0144 / (0.0532 + 0.0490), abs=0.001)
    assert unitizing_alpha_2004([[], []], length=10) is None


def test_masi_of_passonneaus_sets():
    # Passonneau (2006): equal 0, contained 1 - J * 2/3, crossing 1 - J * 1/3, apart 1
    frame = table([("r1", "a", ["x", "y"]), ("r1", "b", ["x", "y"]), ("r2", "a", ["x"]), ("r2", "b", ["x", "y"])])
    found, _ = scores(frame)
    # distances: {x, y} and {x}: MASI 1 - 1/2 * 2/3 = 2/3, Jaccard 1/2; three of {x, y}, one of {x}
    # observed 2 * d, expected 2 * 3 * 1 * d: 1 - 3 * 2 d / (6 d) = 0, whatever d
    assert found["alpha_masi"] == pytest.approx(0.0)
    assert found["alpha_jaccard"] == pytest.approx(0.0)
