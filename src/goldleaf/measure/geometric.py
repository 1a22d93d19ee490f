"""How many times as large one positive quantity is as another, from few numbers of each."""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist

from goldleaf.measure.bootstrap import Interval


@dataclass(frozen=True, slots=True)
class LogSums:
    """Of some positive numbers: how many, the sum of their logarithms, and the sum of the squares of those."""

    n: int
    total: float
    squares: float

    @property
    def mean(self) -> float:
        return self.total / self.n

    @property
    def error(self) -> float:
        """The squared standard error of the mean."""
        spread = max(0.0, self.squares - self.total**2 / self.n) / (self.n - 1)
        return spread / self.n


def geometric_ratio(ours: LogSums, theirs: LogSums, *, confidence: float = 0.95) -> Interval | None:
    """The ratio of the geometric means of two samples, with Welch's t interval of the logarithms; None below three numbers a sample.

    log r = a - b, its standard error s = sqrt(va/na + vb/nb), and the degrees of freedom after Satterthwaite (1946). Times of work are
    skewed to the right and roughly log-normal, which is why their logarithms are compared.
    """
    if min(ours.n, theirs.n) < 3:
        return None
    value, a, b = ours.mean - theirs.mean, ours.error, theirs.error
    freedom = (a + b) ** 2 / (a**2 / (ours.n - 1) + b**2 / (theirs.n - 1)) if a + b > 0 else math.inf
    reach = t_quantile((1 + confidence) / 2, freedom) * math.sqrt(a + b)
    return Interval(math.exp(value), math.exp(value - reach), math.exp(value + reach))


def t_quantile(p: float, freedom: float) -> float:
    """A quantile of Student's t, by the expansion of Cornish and Fisher (Abramowitz and Stegun 26.7.5); within 1 % from 2 degrees on."""
    z = NormalDist().inv_cdf(p)
    terms = (
        (z**3 + z) / 4,
        (5 * z**5 + 16 * z**3 + 3 * z) / 96,
        (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384,
        (79 * z**9 + 776 * z**7 + 1482 * z**5 - 1920 * z**3 - 945 * z) / 92_160,
    )
    return z + sum(term / freedom**n for n, term in enumerate(terms, 1))
