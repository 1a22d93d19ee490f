"""The coefficients once more, straight from their definitions: loops over every pair of answers, nothing added up beforehand."""

from collections import Counter
from itertools import combinations, permutations

import pandas as pd


def table(rows):
    return pd.DataFrame(rows, columns=["record", "annotator", "value"])


def matrix(rows, missing=None):
    """A label table from one row of labels an annotator, one column a record."""
    return table(
        [
            (f"r{unit}", f"a{who}", label)
            for who, row in enumerate(rows)
            for unit, label in enumerate(row)
            if label is not missing
        ]
    )


def counted(counts):
    """A label table from how often each label was given to each record; the annotators of a record are numbered from 0."""
    rows = []
    for unit, row in enumerate(counts):
        labels = [label for label, times in enumerate(row) for _ in range(times)]
        rows += [(unit, f"a{who}", f"l{label}") for who, label in enumerate(labels)]
    return table(rows)


def values(found, name):
    score = found.scores[name]
    return score.value


def by_record(frame):
    return [list(group["value"]) for _, group in frame.groupby("record", sort=False)]


def alpha(units, distance):
    """Krippendorff's alpha, each pair of answers by itself; `distance` of two values may look at all of them."""
    units = [unit for unit in units if len(unit) > 1]
    every = [value for unit in units for value in unit]
    n = len(every)
    observed = sum(distance(a, b, every) / (len(unit) - 1) for unit in units for a, b in permutations(unit, 2))
    expected = sum(distance(a, b, every) for a, b in permutations(every, 2))
    return 1 - (n - 1) * observed / expected if expected else None


def nominal(a, b, every):
    return float(a != b)


def interval(a, b, every):
    return (float(a) - float(b)) ** 2


def ordinal(a, b, every):
    low, high = sorted((float(a), float(b)))
    between = sum(1 for value in every if low <= float(value) <= high)
    ends = sum(1 for value in every if float(value) in (low, high)) / 2
    return (between - ends) ** 2 if a != b else 0.0


def raw_agreement(units):
    shares = [
        sum(a == b for a, b in combinations(unit, 2)) * 2 / (len(unit) * (len(unit) - 1))
        for unit in units
        if len(unit) > 1
    ]
    return sum(shares) / len(shares) if shares else None


def shares_of_labels(units):
    labels = sorted({value for unit in units for value in unit})
    return [sum(unit.count(label) / len(unit) for unit in units) / len(units) for label in labels]


def fleiss_kappa(units):
    observed, expected = raw_agreement(units), sum(share**2 for share in shares_of_labels(units))
    return None if observed is None or expected > 1 - 1e-9 else (observed - expected) / (1 - expected)


def ac1(units, labels):
    if labels < 2 or raw_agreement(units) is None:
        return None
    expected = sum(share * (1 - share) for share in shares_of_labels(units)) / (labels - 1)
    return (raw_agreement(units) - expected) / (1 - expected)


def cohen_kappa(one, other):
    n = len(one)
    observed = sum(a == b for a, b in zip(one, other, strict=True)) / n
    first, second = Counter(one), Counter(other)
    expected = sum(first[label] * second[label] for label in first) / n**2
    return None if expected > 1 - 1e-9 else (observed - expected) / (1 - expected)


def mean_cohen_kappa(frame):
    """The mean over pairs of annotators, weighted by the records they share; each has the shares of all they said of records that somebody
    else answered too."""
    compared = frame[frame.groupby("record")["record"].transform("size") > 1]
    answers = {
        who: dict(zip(group["record"], group["value"], strict=True)) for who, group in compared.groupby("annotator")
    }
    total = weight = 0.0
    for a, b in combinations(answers.values(), 2):
        shared = [record for record in a if record in b]
        if not shared:
            continue
        first, second = Counter(a.values()), Counter(b.values())
        expected = sum(first[label] * second[label] for label in first) / (len(a) * len(b))
        if expected < 1 - 1e-9:
            observed = sum(a[record] == b[record] for record in shared) / len(shared)
            total, weight = total + len(shared) * (observed - expected) / (1 - expected), weight + len(shared)
    return total / weight if weight else None


def unitizing_alpha(annotators, length):
    """From the definition of 2016 with every segment laid out: annotators are lists of flat [start, end, label]."""
    segments = []
    for spans in annotators:
        done, found = 0, []
        for start, end, label in sorted(spans):
            found += [(done, start, None)] * (start > done) + [(start, end, label)]
            done = end
        segments.append(found + [(done, length, None)] * (length > done))
    m, meet = len(segments), Counter()
    for one, other in permutations(segments, 2):
        for a in one:
            for b in other:
                meet[a[2], b[2]] += max(0, min(a[1], b[1]) - max(a[0], b[0])) / (m - 1)
    labels = {label for pair in meet for label in pair}
    whole = sum(meet.values())
    margin = {c: sum(meet[c, k] for k in labels) for c in labels}
    alone = dict.fromkeys(labels, 0)
    for start, end, label in (s for each in segments for s in each):
        alone[label] += (end - start) ** 2 if label is not None else end - start
    chance = {c: whole * (margin[c] ** 2 - alone[c]) / (whole**2 - sum(alone.values())) for c in labels}
    expected = whole - sum(chance.values())
    return 1 - (whole - sum(meet[c, c] for c in labels)) / expected if expected > 1e-9 else None


def most_overlapping(one, other):
    """The most pairs of spans with a common character and label, by trying all."""
    if not one:
        return 0
    first, rest = one[0], one[1:]
    found = most_overlapping(rest, other)
    for span in other:
        if span[2] == first[2] and span[0] < first[1] and first[0] < span[1]:
            found = max(found, 1 + most_overlapping(rest, [s for s in other if s is not span]))
    return found
