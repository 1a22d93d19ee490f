"""Confident learning: how often a label is given where another is meant, and how probable it is that a given one is wrong.

Northcutt, Jiang and Chuang, 2021 (https://doi.org/10.1613/jair.1.12125). With probabilities p[n, k] and given labels y[n], the threshold
of a class is the mean confidence in it where it is given, t[k] = mean of p[n, k] over y[n] = k. An item counts as truly k where p[n, k]
is the largest of those that reach their threshold. Counting given against true, each row scaled to how often its label is given, is the
joint c[given, true]; its columns, scaled to sum 1, say what is given where k is true: r[given, true].

To this is added Bayes' rule: truly k, given g, with the probability q[n, k] r[g, k] / sum_j q[n, j] r[g, j]. cleanlab ranks by p alone,
or by p with the thresholds taken off. Here q[n, k] = p[n, k] / sqrt(t[k]), half way between the two: a model is less sure of rare and hard
classes than it should be, also where it is right.

>>> import numpy as np
>>> p = np.array([[0.9, 0.1], [0.8, 0.2], [0.2, 0.8], [0.1, 0.9], [0.05, 0.95]])
>>> joint = confident_joint(p, np.array([0, 0, 1, 1, 0]))  # thresholds 0.583 and 0.85
>>> joint.round(2).tolist()  # 0 is given three times, once confidently for 1
[[2.0, 1.0], [0.0, 2.0]]
"""

from __future__ import annotations

import numpy as np

from goldleaf.quality.labels import Floats, Ints

LEAST = 0.5
"""What is added to each count of a confusion that was not seen, spread over them: it may come yet."""
MOST = 0.3
"""What the share of wrong labels is taken to be at most, however much a model disagrees: see `believable`."""
UNSEEN = 1.0
"""The count of a class given rightly, where none was counted as truly it: the gold may lack a class that the model knows."""


def confident_joint(probabilities: Floats, labels: Ints) -> Floats:
    """How many items are given one class (rows) and are truly another (columns), `[classes, classes]`, of `[items, classes]`."""
    classes = int(probabilities.shape[1])
    given = np.bincount(labels, minlength=classes).astype(np.float64)
    thresholds = thresholds_of(probabilities, labels)
    reached = np.where(probabilities >= thresholds, probabilities, -1.0)
    sure = reached.max(axis=1) > 0
    joint = np.zeros((classes, classes))
    np.add.at(joint, (labels[sure], reached.argmax(axis=1)[sure]), 1.0)
    counted = joint.sum(axis=1)
    joint[counted == 0] = np.diag(given)[counted == 0]
    return joint * np.divide(given, joint.sum(axis=1), out=np.zeros(classes), where=given > 0)[:, np.newaxis]


def believable(joint: Floats) -> Floats:
    """The joint with the share e of items that are off its diagonal brought down to e `MOST` / (e + `MOST`).

    What a model is sure of against the labels is partly its own mistakes, and mostly so where there is much of it: annotators are seldom
    wrong more often than one time in three.

    >>> believable(np.array([[70.0, 15.0], [0.0, 15.0]])).round(3).tolist()  # 15 of 100 become 10
    [[75.0, 10.0], [0.0, 15.0]]
    """
    off = joint - np.diag(np.diag(joint))
    share = float(off.sum()) / max(float(joint.sum()), 1.0)
    less = off * MOST / (share + MOST)
    return less + np.diag(joint.sum(axis=1) - less.sum(axis=1))


def thresholds_of(probabilities: Floats, labels: Ints) -> Floats:
    """The mean confidence in each class where it is given, `[classes]`; infinite for a class that is never given."""
    classes = int(probabilities.shape[1])
    given = np.bincount(labels, minlength=classes).astype(np.float64)
    own = np.bincount(labels, weights=probabilities[np.arange(len(labels)), labels], minlength=classes)
    return np.divide(own, given, out=np.full(classes, np.inf), where=given > 0)


def true_given(probabilities: Floats, labels: Ints, joint: Floats) -> Floats:
    """How probable each class is to be the true one, given the label: `[items, classes]`."""
    classes = len(joint)
    smooth = joint + LEAST / max(classes - 1, 1) + np.diag(UNSEEN * (joint.sum(axis=0) == 0))
    rates = smooth / smooth.sum(axis=0)
    weighed = probabilities * rates[labels] / np.sqrt(np.minimum(thresholds_of(probabilities, labels), 1))
    return weighed / weighed.sum(axis=1, keepdims=True)
