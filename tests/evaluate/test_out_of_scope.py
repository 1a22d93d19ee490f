"""Texts that have no right label, told apart."""

import numpy as np
import pytest

from goldleaf.core import InputError
from goldleaf.evaluate import out_of_scope_of


def test_scores_of_two_kinds_are_measured_with_intervals():
    rng = np.random.default_rng(0)
    found = out_of_scope_of(rng.normal(size=400), rng.normal(size=100) + 2)
    # two normals of deviation 1, two apart: the chance is Phi(2 / sqrt 2) = 0.921
    assert found["auroc"]["low"] < 0.921 < found["auroc"]["high"]
    assert found["records"] == {"inside": 400, "outside": 100}
    # 5 % of a normal lie above 1.645, and 64 % of the other do
    assert found["threshold"] == pytest.approx(1.645, abs=0.2)
    assert found["found"]["value"] == pytest.approx(0.64, abs=0.1)
    assert sum(found["histogram"]["inside"]) == 400
    assert len(found["histogram"]["edges"]) == 31


def test_equal_scores_and_one_text_of_each_kind_are_no_failure():
    found = out_of_scope_of(np.zeros(1), np.zeros(1))
    assert found["auroc"] == {"value": 0.5, "low": 0.5, "high": 0.5}
    assert found["found"]["value"] == 0.0


def test_without_texts_of_one_kind_there_is_one_message():
    with pytest.raises(InputError, match="0 texts in scope, 1 out of it"):
        out_of_scope_of(np.zeros(0), np.zeros(1))
