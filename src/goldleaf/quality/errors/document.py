"""The same word elsewhere in the document: what the model thinks of it there, and how it is labelled there.

Of the tokens of a word in the other records of a document, m of them, with the model's probabilities p[i]:

- the model's opinion is steadied: q = (sum_i p[i] + `STEADY` p) / (m + `STEADY`). A model that is unsure of a name is often sure of it
  two sentences on, and what it thinks there owes nothing to the labels.
- where n[k] of them are labelled k, and fewer as this one is, the odds of k against the given label grow to (n[k] + 1) / (n[given] + 1)
  times what they were. They never shrink: whoever mistakes a name does so throughout, and labels that agree with each other do not
  vouch for each other.

>>> import numpy as np
>>> words = np.array([7, 7, 7, 7])
>>> p = np.array([[0.5, 0.5], [0.1, 0.9], [0.1, 0.9], [0.1, 0.9]])
>>> steady(p, words, np.arange(4)).round(2).tolist()[0]  # (0.3 + 3 * 0.5) / 6
[0.3, 0.7]
>>> doubt(words, np.arange(4), np.array([0, 1, 1, 1]), 2).tolist()[0]
[0.0, 1.3862943611198906]
"""

from __future__ import annotations

from typing import cast

import numpy as np

from goldleaf.quality.labels import Floats, Ints

STEADY = 3.0
"""How many opinions elsewhere weigh as much as the one here."""


def steady(probabilities: Floats, words: Ints, records: Ints) -> Floats:
    """The probabilities `[tokens, classes]` with those of the same word in other records. `words` `[tokens]` are numbers that a word of
    another document does not have, `records` `[tokens]` the records that the tokens are in."""
    there, times = _elsewhere(words, records, probabilities)
    return (there + STEADY * probabilities) / (times + STEADY)


def doubt(words: Ints, records: Ints, labels: Ints, classes: int) -> Floats:
    """What is added to the log odds of each label `[tokens, classes]`, for how the word is labelled in the document's other records."""
    rows: Ints = np.arange(len(labels))
    marked = np.zeros((len(labels), classes))
    marked[rows, labels] = 1
    there, _ = _elsewhere(words, records, marked)
    return np.maximum(np.log(there + 1) - np.log(there[rows, labels] + 1)[:, np.newaxis], 0)


def _elsewhere(words: Ints, records: Ints, rows: Floats) -> tuple[Floats, Floats]:
    """The sum of the rows of a word's tokens in other records `[tokens, k]`, and their number `[tokens, 1]`."""
    counted = np.hstack([rows, np.ones((len(rows), 1))])
    here = words * (int(records.max(initial=0)) + 1) + records
    found = _sums(words, counted) - _sums(here, counted)
    return cast("Floats", np.maximum(found[:, :-1], 0)), cast("Floats", found[:, -1:])


def _sums(keys: Ints, rows: Floats) -> Floats:
    """For each row the sum of the rows with its key."""
    names, place = np.unique(keys, return_inverse=True)
    summed = [np.bincount(place, rows[:, k].astype(np.float64), len(names))[place] for k in range(int(rows.shape[1]))]
    return cast("Floats", np.stack(summed, axis=1))
