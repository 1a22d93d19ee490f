"""The distance from what was seen of each class."""

import numpy as np
import pytest
from sklearn.covariance import ledoit_wolf

from goldleaf.measure import fit_mahalanobis
from goldleaf.measure.mahalanobis import shrunk_covariance


def test_the_distance_is_counted_in_deviations_from_the_nearest_mean():
    rng = np.random.default_rng(0)
    classes = rng.integers(2, size=20_000)
    vectors = rng.normal(size=(20_000, 2)) * [1.0, 3.0] + np.array([[0, 0], [10, 0]])[classes]
    fitted = fit_mahalanobis(vectors, classes)
    # 2 / 1 from the first mean; 6 / 3 from the second; midway 5 / 1
    assert fitted.distance(np.array([[2.0, 0.0], [10.0, 6.0], [5.0, 0.0]])) == pytest.approx([2, 2, 5], rel=0.05)


@pytest.mark.parametrize("n", [5, 40, 2000])
def test_the_covariance_is_that_of_scikit_learn(n):
    data = np.random.default_rng(n).normal(size=(n, 20)) * np.linspace(0.2, 2, 20)
    data -= data.mean(axis=0)
    assert shrunk_covariance(data) == pytest.approx(ledoit_wolf(data, assume_centered=True)[0])


def test_fewer_vectors_than_dimensions_and_equal_ones_give_finite_distances():
    few = np.random.default_rng(0).normal(size=(6, 50))
    assert np.isfinite(fit_mahalanobis(few, np.arange(6) % 2).distance(few)).all()
    same = np.ones((4, 3))
    assert fit_mahalanobis(same, np.zeros(4)).distance(same) == pytest.approx(np.zeros(4))
