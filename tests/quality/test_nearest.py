"""Neighbours by the angle between embeddings."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from goldleaf.quality import nearest


@given(st.integers(0, 2**32 - 1), st.integers(1, 40), st.integers(1, 6))
def test_neighbours_are_those_of_a_full_sort(seed, rows, k):
    rng = np.random.default_rng(seed)
    among, vectors = rng.normal(size=(rows, 3)), rng.normal(size=(4, 3))
    places, cosines = nearest(vectors, among, k=k)
    alike = (vectors / np.linalg.norm(vectors, axis=1)[:, None]) @ (among / np.linalg.norm(among, axis=1)[:, None]).T
    assert np.array_equal(places, np.argsort(-alike, axis=1, kind="stable")[:, :k])
    assert np.allclose(cosines, np.take_along_axis(alike, places, axis=1))


def test_a_row_is_not_its_own_neighbour():
    rows = np.array([[1.0, 0.0], [1.0, 0.1], [0.0, 1.0]])
    assert nearest(rows, rows, k=1, apart=True)[0].ravel().tolist() == [1, 0, 1]
    assert nearest(rows[:1], rows[:1], apart=True)[0].shape == (1, 0)


def test_zeros_are_like_nothing():
    assert nearest(np.zeros((1, 2)), np.ones((2, 2)), k=1)[1].tolist() == [[0.0]]
