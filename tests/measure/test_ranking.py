"""How well a score tells two kinds apart."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn import metrics

from goldleaf.measure import auroc, average_precision, false_alarms

scores = st.lists(st.integers(0, 6).map(float), min_size=1, max_size=30).map(np.array)


@given(scores, scores)
def test_areas_are_those_of_scikit_learn_with_ties(negative, positive):
    marks, both = [0] * len(negative) + [1] * len(positive), np.concatenate([negative, positive])
    assert auroc(negative, positive) == pytest.approx(metrics.roc_auc_score(marks, both))
    assert average_precision(negative, positive) == pytest.approx(metrics.average_precision_score(marks, both))


def test_scores_that_part_the_two_wholly_have_an_area_of_one():
    assert auroc(np.array([0.0, 1.0]), np.array([2.0, 3.0])) == 1.0
    assert average_precision(np.array([0.0, 1.0]), np.array([2.0, 3.0])) == 1.0
    assert false_alarms(np.array([0.0, 1.0]), np.array([2.0, 3.0])) == 0.0


def test_false_alarms_are_counted_where_19_of_20_positives_are_found():
    positive = np.arange(20.0)  # of these, 19 are 1 or more
    assert false_alarms(np.array([-1.0, 0.5, 1.5, 2.5]), positive) == 0.5
