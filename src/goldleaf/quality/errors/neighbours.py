"""What the most alike records are labelled: the shares of labels among the nearest by embedding.

The share of class k for record n is (sum_m w[n, m] [y[m] = k] + a[k]) / (sum_m w[n, m] + 1) over the `K` records m nearest to n, never n
itself, with w = exp(-(1 - cosine) / `WIDTH`) and a the shares of the labels in all records: a weighted vote of nearest neighbours (Dudani,
1976, https://doi.org/10.1109/TSMC.1976.5408784) with one vote for what is usual. An equal text weighs 1, one at cosine .7 weighs .05.

>>> import numpy as np
>>> shares = neighbour_shares(np.array([[1.0, 0.0], [1.0, 0.0], [0.0, 1.0]]), np.array([0, 1, 1]), 2, k=1)
>>> shares.round(2).tolist()  # the first has one neighbour, labelled 1, and 1/3 and 2/3 of a vote
[[0.17, 0.83], [0.67, 0.33], [0.33, 0.67]]
"""

from __future__ import annotations

import numpy as np

from goldleaf.quality.labels import Floats, Ints
from goldleaf.quality.nearest import Vectors, nearest

K = 10
WIDTH = 0.1


def neighbour_shares(vectors: Vectors, labels: Ints, classes: int, *, k: int = K) -> Floats:
    """The shares of the labels `[records]` among each record's neighbours by `vectors` `[records, hidden]`: `[records, classes]`."""
    usual = np.bincount(labels, minlength=classes) / max(len(labels), 1)
    places, cosines = nearest(vectors, vectors, k=k, apart=True)
    weights = np.exp((cosines - 1) / WIDTH)
    votes = np.zeros((len(labels), classes))
    if places.size:
        np.add.at(votes, (np.arange(len(labels))[:, np.newaxis], labels[places]), weights)
    return (votes + usual) / (votes.sum(axis=1, keepdims=True) + 1)
