"""How a score grows with the number of examples, and what more of them would bring."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from goldleaf.measure.bootstrap import Interval

FEWEST_SIZES = 3
"""A line through fewer sizes says nothing of how well it fits."""


@dataclass(frozen=True, slots=True)
class PowerLaw:
    """error = exp(intercept) n^slope, with what is needed to say how sure that is."""

    intercept: float
    slope: float
    error: float
    """The standard deviation of log error around the line."""
    runs: int
    center: float
    spread: float
    """Mean of log n over the runs, and the sum of squares around it."""

    def score_at(self, examples: int, *, confidence: float = 0.95) -> Interval:
        """The score 1 - error that a training on so many examples would come to, with its prediction interval (Student's t on
        `runs` - 2 degrees of freedom, on the scale of log error)."""
        from scipy import stats  # pyright: ignore[reportMissingTypeStubs]

        x = np.log(examples)
        middle = self.intercept + self.slope * x
        width = self.error * np.sqrt(1 + 1 / self.runs + (x - self.center) ** 2 / self.spread)
        margin = float(stats.t.ppf((1 + confidence) / 2, self.runs - 2)) * width
        best, low, high = (1 - min(1.0, float(np.exp(e))) for e in (middle, middle + margin, middle - margin))
        return Interval(best, low, high)


def fit_power_law(examples: Sequence[int], scores: Sequence[float], *, smallest: float = 1e-3) -> PowerLaw | None:
    """The power law through the scores (0..1) of trainings on so many examples, by least squares of log error on log examples (Hestness et
    al., 2017, *Deep learning scaling is predictable, empirically*; without their constant of irreducible error, which so few points cannot
    tell apart).

    An error below `smallest` (half an error on the test set, say) counts as that. None where there are fewer than `FEWEST_SIZES` sizes.

    >>> law = fit_power_law([100, 200, 400], [0.6, 0.8, 0.9])
    >>> round(law.slope, 3), round(law.score_at(800).value, 3)
    (-1.0, 0.95)
    """
    if len(set(examples)) < FEWEST_SIZES:
        return None
    x = np.log(np.asarray(examples, dtype=np.float64))
    y = np.log(np.maximum(1 - np.asarray(scores, dtype=np.float64), smallest))
    center, spread = float(x.mean()), float(((x - x.mean()) ** 2).sum())
    slope = float(((x - center) * (y - y.mean())).sum()) / spread
    intercept = float(y.mean()) - slope * center
    left = y - intercept - slope * x
    error = float(np.sqrt((left**2).sum() / (len(x) - 2)))
    return PowerLaw(intercept, slope, error, len(x), center, spread)
