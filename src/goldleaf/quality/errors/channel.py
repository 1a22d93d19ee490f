"""How a true tag comes to be given as another: the mistakes that annotators make, and what they leave of a model's opinion.

Truly k, given g, has the probability q[k] r[g, k] / sum_j q[j] r[g, j] (Bayes' rule; Shannon's noisy channel), with q of a model that was
not trained on the record and r how often k is given as g. A model is wrong in other ways than people are. What tells its mistakes from
theirs is r:

| true | given | r |
|---|---|---|
| a tag of an entity | nothing | `OVERLOOKED` |
| a tag of an entity | one of the other labels | `MISLABELLED`, over those labels |
| a tag of an entity | the other mark of its label (B for I) | `MISCUT` |
| nothing | a tag of an entity | `INVENTED`, over all those tags |

The rates are not learned from the labels. Their disagreement with a model does not say who is wrong: learned from it (as confident
learning does), they would say that what the model often gets wrong is often given wrongly. Per chance to do so, annotators overlook far
more than they invent; in three crowds 24 to 590 times as often. Only the ratios of the rates matter to the ranking.

>>> r = error_rates(1)  # O, B-X, I-X
>>> r.round(3).tolist()  # columns: the true tag
[[0.996, 0.02, 0.02], [0.002, 0.976, 0.004], [0.002, 0.004, 0.976]]
>>> import numpy as np
>>> true_tags(np.array([[0.4, 0.6, 0.0]]), np.array([0]), r).round(3).tolist()  # a model's 60 % that something was overlooked
[[0.971, 0.029, 0.0]]
"""

from __future__ import annotations

from typing import cast

import numpy as np

from goldleaf.quality.labels import Floats, Ints

OVERLOOKED, MISLABELLED, MISCUT, INVENTED = 0.02, 0.02, 0.004, 0.004
SAME_MARK = 0.9
"""The share of mislabelled tags that keep their mark: B-PER is given as B-LOC, not as I-LOC."""


def error_rates(labels: int) -> Floats:
    """r[given, true] of the tags of spans, `[1 + 2 labels, 1 + 2 labels]`: `O`, then `B-` and `I-` of each label."""
    classes = 1 + 2 * labels
    label, mark = np.arange(1, classes + 1) // 2, np.arange(classes) % 2
    other = MISLABELLED / max(labels - 1, 1)
    same = mark[:, np.newaxis] == mark[np.newaxis, :]
    rates = np.where(same, other * SAME_MARK, other * (1 - SAME_MARK))
    rates[label[:, np.newaxis] == label[np.newaxis, :]] = MISCUT
    rates[0, :] = OVERLOOKED
    rates[:, 0] = INVENTED / (classes - 1) if labels else 0.0
    return _with_rest(rates)


def even_rates(classes: int) -> Floats:
    """r[given, true] of tags that are nothing to each other, `[classes, classes]`."""
    return _with_rest(np.full((classes, classes), MISLABELLED / max(classes - 1, 1)))


def _with_rest(rates: Floats) -> Floats:
    """With what is left of each column on the diagonal: given as it is."""
    np.fill_diagonal(rates, 0.0)
    np.fill_diagonal(rates, 1 - rates.sum(axis=0))
    return rates


def true_tags(probabilities: Floats, given: Ints, rates: Floats) -> Floats:
    """How probable each tag is to be the true one, `[tokens, classes]`, where `given` `[tokens]` was given."""
    weighed = probabilities * rates[given]
    return cast("Floats", weighed / weighed.sum(axis=1, keepdims=True))
