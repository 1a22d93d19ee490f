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


def neighbour_shares(vectors: Vectors, labels: Ints, classes: int, *, k: int = K, space: Ints | None = None) -> Floats:
    """The shares of the labels `[records]` among each record's neighbours by `vectors` `[records, hidden]`: `[records, classes]`.

    Vectors of several models are compared only with those of the same `space` `[records]`.
    """
    votes = np.zeros((len(labels), classes))
    for each in (np.arange(len(labels)),) if space is None else (np.flatnonzero(space == s) for s in np.unique(space)):
        places, cosines = nearest(vectors[each], vectors[each], k=k, apart=True)
        if places.size:
            near = labels[each][places]
            np.add.at(votes, (np.broadcast_to(each[:, np.newaxis], near.shape), near), np.exp((cosines - 1) / WIDTH))
    usual = np.bincount(labels, minlength=classes) / max(len(labels), 1)
    return (votes + usual) / (votes.sum(axis=1, keepdims=True) + 1)
