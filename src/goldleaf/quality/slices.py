"""Parts of the data: how much of it they are, what is said there, how far people agree and a model is right there, and where that differs.

A slice's labels are held against those of the rest by a chi-squared test (Pearson, 1900; labels expected fewer than 5 times are one), its
agreement and score against the rest's by the bootstrap over records; all tests of a field are corrected together (Holm, 1979).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import Any, cast

import numpy as np
import pandas as pd
from scipy.special import chdtrc  # pyright: ignore[reportMissingTypeStubs, reportUnknownVariableType]

from goldleaf.core import InputError, Schema
from goldleaf.measure import Interval, Table, f1_of, holm, interval, ratio, resample
from goldleaf.quality.labels import Answers, Bools, Floats, Ints, read_answers
from goldleaf.quality.support import support
from goldleaf.text import casing_of, detect_script, length_names

LEAST = 20
"""Slices of fewer records are shown, and not judged."""
MOST_NAMES = 50
"""A column of `meta` with more values than these is no way to cut the data, unless they are numbers; of more annotators those with fewer
answers are one slice together."""
_SEEN = 5
"""The least expected count of a chi-squared test."""


@dataclass(frozen=True, slots=True)
class Slices:
    """`rows` has a row a slice and field: `field, by, name, records, share, labels, agreement, score, differs`.

    `labels` maps each label to its share of the slice's labels; `agreement` and `score` are `Interval`s, None where there is nothing to
    compare; `differs` lists what differs beyond chance, as `{"what", "difference", "p"}`. `rare` has a row for each label that is too
    rare to be measured: `field, label, count, needed`.
    """

    rows: pd.DataFrame
    rare: pd.DataFrame

    def to_dict(self) -> dict[str, Any]:
        """Both tables, ready for JSON."""
        rows = [
            {key: value.to_dict() if isinstance(value, Interval) else value for key, value in row.items()}
            for row in self.rows.to_dict("records")
        ]
        return {"slices": rows, "rare": self.rare.to_dict("records")}


@dataclass(frozen=True, slots=True)
class _Part:
    """A slice of a field's answers: `answers[i]` says whether answer i is in it; by what, under which name."""

    by: str
    name: str
    answers: Bools


@dataclass(frozen=True, slots=True)
class _Sums:
    """What a field's tests are computed from: likeness and pairs `[answers]`, right and counted `[records, 3]`, labels `[answers]`."""

    alike: Floats
    pairs: Floats
    counts: Table | None
    labels: list[list[str]]


def slices(
    table: pd.DataFrame,
    *,
    records: pd.DataFrame | None = None,
    outcomes: pd.DataFrame | None = None,
    schema: Schema | None = None,
    width: float = 0.1,
    resamples: int = 1000,
    seed: int = 0,
) -> Slices:
    """Slices of what a label table says, by annotator and time, and with a records table by length, script, casing, split and `meta`.

    `outcomes` says how a model did: `record, field, tp, fp, fn`; the score is F1 (accuracy where there is one answer a record).
    A label is rare where the 95 % interval of a share of 0.8 of its occurrences would be wider than `width`. Raises InputError
    where `records` lacks a record of the table.
    """
    rng = np.random.default_rng(seed)
    rows: list[dict[str, Any]] = []
    rare: list[dict[str, Any]] = []
    for answers in read_answers(table, schema=schema):
        sums = _sums(answers, outcomes)
        parts = list(_parts(answers, records, table))
        measured = [_measure(answers, part, sums, rng, resamples) for part in parts]
        rows += _judged(measured)
        rare += _rare(answers, sums, width)
    columns = ["field", "by", "name", "records", "share", "labels", "agreement", "score", "differs"]
    return Slices(
        pd.DataFrame(rows, columns=columns), pd.DataFrame(rare, columns=["field", "label", "count", "needed"])
    )


def needed_for(width: float, *, share: float = 0.8, confidence: float = 0.95) -> int:
    """How many occurrences make the Wilson interval (Wilson, 1927) of a share no wider than `width`.

    >>> needed_for(0.1)
    245
    """
    z = NormalDist().inv_cdf((1 + confidence) / 2)
    low, high = 1, 10_000_000
    while low < high:
        n = (low + high) // 2
        if 2 * z * (share * (1 - share) / n + z * z / (4 * n * n)) ** 0.5 / (1 + z * z / n) <= width:
            high = n
        else:
            low = n + 1
    return low


def _sums(answers: Answers, outcomes: pd.DataFrame | None) -> _Sums:
    alike, pairs = support(answers)
    return _Sums(alike, pairs, _counts(answers, outcomes), [_labels_of(value) for value in answers.values])


def _labels_of(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    return [item if isinstance(item, str) else item.label for item in value]


def _counts(answers: Answers, outcomes: pd.DataFrame | None) -> Table | None:
    if outcomes is None:
        return None
    mine = outcomes[outcomes["field"] == answers.field] if "field" in outcomes.columns else outcomes
    place = {record: row for row, record in enumerate(answers.records)}
    found = np.full((len(answers.records), 3), np.nan)
    for record, *counts in mine[["record", "tp", "fp", "fn"]].itertuples(index=False):
        if record in place:
            found[place[record]] = counts
    return None if np.isnan(found).all() else np.nan_to_num(found)


def _parts(answers: Answers, records: pd.DataFrame | None, table: pd.DataFrame) -> Iterator[_Part]:
    yield from _by("annotator", np.array([str(answers.annotators[a]) for a in answers.annotator], dtype=object))
    if (names := _periods(answers)) is not None:
        yield from _by("time", names)
    if records is None:
        return
    rows = records.drop_duplicates("record").set_index("record").reindex(answers.records)
    if "text" in rows.columns and rows["text"].isna().any():
        missing = rows.index[rows["text"].isna()][0]
        raise InputError("the records table lacks a record of the label table", found=str(missing))
    for by, of in _looks(rows).items():
        yield from _by(by, of[answers.record])


def _by(by: str, names: np.ndarray[Any, np.dtype[np.object_]]) -> Iterator[_Part]:
    sizes = Counter(name for name in names if isinstance(name, str))
    if len(sizes) < 2:
        return
    largest = sizes if len(sizes) <= MOST_NAMES else dict(sizes.most_common(MOST_NAMES))
    for name in sorted(largest):
        yield _Part(by, name, names == name)
    if rest := sizes.keys() - largest.keys():
        yield _Part(by, f"{len(rest):,} others", np.array([name in rest for name in names]))


def _periods(answers: Answers) -> np.ndarray[Any, np.dtype[np.object_]] | None:
    """Quarters of the answers by when they were given, named by the day they begin."""
    if answers.at.isna().any() or len(answers) < 4 * LEAST:
        return None
    rank = np.argsort(np.argsort(answers.at, kind="stable"), kind="stable") * 4 // len(answers)
    begins = [cast("pd.Timestamp", answers.at[rank == quarter].min()) for quarter in range(4)]  # pyright: ignore[reportUnknownMemberType]
    return np.array([f"from {begins[quarter]:%Y-%m-%d %H:%M}" for quarter in rank], dtype=object)


def _looks(rows: pd.DataFrame) -> dict[str, np.ndarray[Any, np.dtype[np.object_]]]:
    """For each way to cut the records, the name of every record's slice."""
    found: dict[str, list[str | None]] = {}
    if "text" in rows.columns and len(rows):
        texts = cast("list[str]", rows["text"].tolist())
        third = length_names([len(text) for text in texts])
        found["length"] = [third(len(text)) for text in texts]
        found["script"] = [detect_script(text) for text in texts]
        found["casing"] = [casing_of(text) for text in texts]
    if "split" in rows.columns:
        found["split"] = [value if isinstance(value, str) else None for value in rows["split"]]
    if "meta" in rows.columns:
        metas = cast("list[Mapping[str, Any]]", [meta if isinstance(meta, Mapping) else {} for meta in rows["meta"]])
        for name in sorted({key for meta in metas for key in meta}):
            if (named := _named([meta.get(name) for meta in metas])) is not None:
                found[f"meta.{name}"] = named
    return {by: np.array(names, dtype=object) for by, names in found.items()}


def _named(values: Sequence[Any]) -> list[str | None] | None:
    """Names of the values of a column of `meta`: themselves, or quarters of numbers; None where there are too many."""
    known = [value for value in values if isinstance(value, str | int | float)]
    if len(set(known)) <= MOST_NAMES:
        return [str(value) if isinstance(value, str | int | float) else None for value in values]
    if any(isinstance(value, str) for value in known):
        return None
    edges = np.quantile(np.array(known, dtype=float), [0.25, 0.5, 0.75])
    names = [f"up to {edges[0]:g}", f"up to {edges[1]:g}", f"up to {edges[2]:g}", f"over {edges[2]:g}"]
    return [names[int(np.searchsorted(edges, v))] if isinstance(v, int | float) else None for v in values]


def _measure(answers: Answers, part: _Part, sums: _Sums, rng: np.random.Generator, resamples: int) -> dict[str, Any]:
    inside = part.answers
    held = np.zeros(len(answers.records), bool)
    held[answers.record[inside]] = True
    shares = [
        Counter(label for labels, i in zip(sums.labels, inside, strict=True) if i == side for label in labels)
        for side in (True, False)
    ]
    judged = int(held.sum()) >= LEAST
    row: dict[str, Any] = {
        "field": answers.field,
        "by": part.by,
        "name": part.name,
        "records": int(held.sum()),
        "share": round(float(inside.mean()), 6),
        "labels": {label: round(n / shares[0].total(), 6) for label, n in shares[0].most_common()},
        "agreement": None,
        "score": None,
        "tests": [("labels", None, _chi_squared(*shares))] if judged else [],
    }
    agreement = _per_record(answers.record, np.stack([sums.alike, sums.pairs], axis=1), inside, len(answers.records))
    _compare(row, "agreement", agreement, _share, judged, rng, resamples)
    if sums.counts is not None and part.by not in ("annotator", "time"):
        both = np.hstack([sums.counts * held[:, np.newaxis], sums.counts * ~held[:, np.newaxis]])
        _compare(row, "score", both, f1_of, judged, rng, resamples)
    return row


def _per_record(record: Ints, values: Table, inside: Bools, records: int) -> Table:
    """Sums over the answers to each record, of those inside and of the others: `[records, 2k]`."""
    sides = [values * side[:, np.newaxis] for side in (inside, ~inside)]
    columns = [np.bincount(record, column, records) for side in sides for column in side.T]
    return np.stack(columns, axis=1).astype(np.float64)


def _share(sums: Table) -> Table:
    return ratio(sums[:, 0], sums[:, 1])


def _compare(
    row: dict[str, Any],
    what: str,
    sums: Table,
    statistic: Callable[[Table], Table],
    judged: bool,
    rng: np.random.Generator,
    resamples: int,
) -> None:
    """Adds the statistic of the first half of the columns to the row, and a test of its difference to that of the second half."""
    half = sums.shape[1] // 2
    total = sums.sum(axis=0)
    if not total[:half].any() or (what == "agreement" and not total[1]):
        return
    drawn = resample(sums, resamples=resamples, rng=rng)
    row[what] = interval(lambda s: statistic(s[:, :half]), sums, drawn)
    if not judged or not total[half:].any() or (what == "agreement" and not total[3]):
        return

    def difference(table: Table) -> Table:
        return statistic(table[:, :half]) - statistic(table[:, half:])

    gap = float(difference(total[np.newaxis])[0])
    error = float(difference(drawn).std())
    p = 2 * NormalDist().cdf(-abs(gap) / error) if error > 0 else None
    row["tests"].append((what, round(gap, 6), p))


def _chi_squared(inside: Counter[str], outside: Counter[str]) -> float | None:
    """The p-value of one distribution of labels on both sides; None where there is too little to tell."""
    totals = (inside.total(), outside.total())
    if not all(totals):
        return None
    least = _SEEN * sum(totals) / min(totals)
    kept = [label for label in inside | outside if inside[label] + outside[label] >= least]
    counts = np.array([[side[label] for label in kept] for side in (inside, outside)], dtype=float)
    rest = np.array(totals, dtype=float) - counts.sum(axis=1)
    if rest.sum() >= least:
        counts = np.column_stack([counts, rest])
    if counts.shape[1] < 2:
        return None
    expected = counts.sum(axis=1, keepdims=True) * counts.sum(axis=0) / counts.sum()
    return float(cast("float", chdtrc(counts.shape[1] - 1, ((counts - expected) ** 2 / expected).sum())))


def _judged(rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rows with what differs beyond chance in place of their tests."""
    tests = [(n, *test) for n, row in enumerate(rows) for test in row["tests"]]
    far = holm([p for *_, p in tests])
    found = [{**{key: value for key, value in row.items() if key != "tests"}, "differs": list[Any]()} for row in rows]
    for place in sorted(far):
        n, what, gap, p = tests[place]
        found[n]["differs"].append({"what": what, "difference": gap, "p": float(f"{p:.3g}")})
    return found


def _rare(answers: Answers, sums: _Sums, width: float) -> list[dict[str, Any]]:
    """Labels that fewer records have than an interval of this width takes; a record counts once, whoever said it."""
    needed = needed_for(width)
    seen = {
        (int(record), label) for record, labels in zip(answers.record, sums.labels, strict=True) for label in labels
    }
    counts = Counter(label for _, label in seen)
    missing = sorted(
        ((needed - counts[label], label) for label in answers.labels if counts[label] < needed), reverse=True
    )
    return [{"field": answers.field, "label": label, "count": counts[label], "needed": more} for more, label in missing]
