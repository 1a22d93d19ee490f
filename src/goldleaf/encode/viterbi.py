"""The most probable classes that mark spans: `I-` follows `B-` or `I-` of its label, and nothing else.

Read one by one, the likeliest classes often say what no annotator can say, such as `O I-PER` or `B-PER I-LOC`; the span is there, and its
beginning is lost. Of all sequences that the rule of IOB2 lets through, this is the one with the largest product of probabilities
(A. Viterbi, IEEE Transactions on Information Theory 13, 1967). Nothing is learned. Where the likeliest classes keep the rule they are it.

>>> import numpy as np
>>> rows = np.log(np.array([[0.4, 0.35, 0.25], [0.1, 0.0001, 0.8999]]))  # O or I-X; then I-X, surely
>>> rows.argmax(axis=1).tolist(), valid_classes(rows).tolist()
([0, 2], [1, 2])
"""

from __future__ import annotations

from typing import Any

import numpy as np

from goldleaf.encode.targets import IntVector

Matrix = np.ndarray[Any, np.dtype[np.floating[Any]]]
NEVER = -1e9


def valid_classes(logits: Matrix) -> IntVector:
    """The best classes (0 is `O`, then `B-` and `I-` of each label in turn) of `[units, classes]` logits that keep the rule, `[units]`."""
    likeliest = logits.argmax(axis=1) if len(logits) else np.zeros(0, np.int64)
    return likeliest if keeps_rule(likeliest) else _best_path(np.asarray(logits, np.float64))


def keeps_rule(classes: IntVector) -> bool:
    """Whether each `I-` follows `B-` or `I-` of its label.

    >>> keeps_rule(np.array([0, 1, 2, 2, 3])), keeps_rule(np.array([1, 4])), keeps_rule(np.array([2]))
    (True, False, False)
    """
    inside = (classes > 0) & (classes % 2 == 0)
    before = np.concatenate([[0], classes[:-1]]) if len(classes) else classes
    return bool((~inside | (before == classes) | (before == classes - 1)).all())


def _best_path(scores: Matrix) -> IntVector:
    """Sums of logits are compared: all paths share what a softmax would take off each row."""
    units, classes = scores.shape
    moves = np.zeros((classes, classes))
    for inside in range(2, classes, 2):
        moves[:, inside] = NEVER
        moves[inside - 1, inside] = moves[inside, inside] = 0.0
    best = scores[0] + moves[0]
    back = np.zeros((units, classes), np.int64)
    for unit in range(1, units):
        through = best[:, np.newaxis] + moves
        back[unit] = through.argmax(axis=0)
        best = through.max(axis=0) + scores[unit]
    path = np.empty(units, np.int64)
    path[-1] = best.argmax()
    for unit in range(units - 1, 0, -1):
        path[unit - 1] = back[unit, path[unit]]
    return path
