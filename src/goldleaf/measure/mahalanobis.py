"""How far a vector lies from everything that was seen of any class."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

Matrix = np.ndarray[Any, np.dtype[Any]]


@dataclass(frozen=True, slots=True)
class Mahalanobis:
    """The means of classes under the covariance that all of them share: `whitening` `[width, width]` turns vectors so that the covariance
    is 1, `means` are `[classes, width]`, turned already."""

    whitening: Matrix
    means: Matrix

    def distance(self, vectors: Matrix) -> Matrix:
        """The distance of each of `[n, width]` vectors to the nearest mean, `[n]`."""
        turned = np.asarray(vectors, dtype=np.float64) @ self.whitening
        squares = (turned**2).sum(axis=1)[:, np.newaxis] - 2 * turned @ self.means.T + (self.means**2).sum(axis=1)
        return np.sqrt(np.maximum(squares.min(axis=1), 0.0))


def fit_mahalanobis(vectors: Matrix, classes: Matrix) -> Mahalanobis:
    """From `[n, width]` vectors and their classes `[n]` (Lee, Lee, Lee and Shin, NeurIPS 2018), the covariance shrunk towards a multiple of
    the identity as far as so few vectors ask for (Ledoit and Wolf, 2004)."""
    data = np.asarray(vectors, dtype=np.float64)
    _, place = np.unique(classes, return_inverse=True)
    means = np.stack([data[place == each].mean(axis=0) for each in range(int(place.max()) + 1)])
    left = data - means[place]
    values, turns = np.linalg.eigh(shrunk_covariance(left))
    whitening = turns / np.sqrt(np.maximum(values, 1e-12))
    return Mahalanobis(whitening, means @ whitening)


def shrunk_covariance(centered: Matrix) -> Matrix:
    """(1 - a) S + a m I of `[n, width]` vectors of mean 0, where S is their covariance, m the mean of its diagonal, and a the share that is
    expected to bring it nearest to the true one (Ledoit and Wolf, 2004, *A well-conditioned estimator for large-dimensional covariance
    matrices*)."""
    n, width = centered.shape
    covariance = centered.T @ centered / n
    level = float(np.trace(covariance)) / width
    target = level * np.eye(width)
    spread = float(((covariance - target) ** 2).sum())
    noise = float((((centered**2).sum(axis=1) ** 2).sum() / n - (covariance**2).sum()) / n)
    share = min(1.0, max(0.0, noise / spread)) if spread > 0 else 1.0
    return (1 - share) * covariance + share * target
