"""The coefficients of a field, in parts that are resampled together: tables, and the functions of their sums."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from goldleaf.quality.agreement import ac1, alpha, kappa, pairs, raw, sets, spans, unitizing
from goldleaf.quality.agreement import shares as own
from goldleaf.quality.agreement.resampling import bootstrap, percentiles
from goldleaf.quality.agreement.tables import Sums, Tables, by_group, quotient
from goldleaf.quality.labels import Bools, Floats, Ints

Statistics = Mapping[str, Floats]
Function = Callable[[Sums], Statistics]
Estimate = tuple[Floats, Floats, Floats]
"""Value, low and high, `[width]` each; NaN where there is none."""
About = tuple[str, ...]
OF_LABELS = ("share", "marginal", "parted", "differ")


@dataclass(frozen=True, slots=True)
class Part:
    """`of` says by what (`field`, `label`, `pair`) which function of the sums gives coefficients: `[samples, 1]`, `[samples, labels]` or
    `[samples, pairs]` each."""

    tables: Tables
    of: Mapping[str, Function]


def estimate(
    part: Part, about: About, *, resamples: int, seed: int, kept: Bools | None = None
) -> dict[str, dict[str, Estimate]]:
    """Every coefficient of the part with its interval: by `field`, `label` and `pair` as far as `about` asks for them."""
    tables = part.tables if kept is None else part.tables.of(kept)
    functions = {name: part.of[name] for name in about if name in part.of}
    layout: list[tuple[str, str, int]] = []

    def statistic(sums: Floats) -> Floats:
        named = tables.named(sums)
        found = [(by, name, values) for by, function in functions.items() for name, values in function(named).items()]
        layout[:] = [(by, name, values.shape[1]) for by, name, values in found]
        return np.concatenate([np.zeros((len(sums), 0)), *(values for _, _, values in found)], axis=1)

    value = statistic(tables.total())[0]
    low, high = np.full((2, len(value)), np.nan)
    if resamples and len(value):
        rng = np.random.default_rng(seed)
        low, high = percentiles(bootstrap(tables, statistic, resamples=resamples, rng=rng))
        low, high = (np.where(np.isnan(value), np.nan, side) for side in (low, high))
    estimates: dict[str, dict[str, Estimate]] = {}
    start = 0
    for by, name, width in layout:
        estimates.setdefault(by, {})[name] = (
            value[start : start + width],
            low[start : start + width],
            high[start : start + width],
        )
        start += width
    return estimates


def nominal_scores(sums: Sums, *, labels: int) -> Statistics:
    """The coefficients of any number of annotators; `labels` is how many there are to give."""
    return {
        "raw_agreement": raw.raw_agreement(sums),
        "fleiss_kappa": kappa.fleiss_kappa(sums),
        "alpha": alpha.nominal_alpha(sums),
        "ac1": ac1.ac1(sums, labels=labels),
    }


def scale_scores(sums: Sums, *, labels: int, meeting: tuple[Ints, Ints] | None) -> Statistics:
    """The same where labels have an order (`meeting` says which labels met) or are numbers (None)."""
    found = dict(nominal_scores(sums, labels=labels))
    found["alpha_nominal"] = found["alpha"]
    found["alpha"] = alpha.interval_alpha(sums) if meeting is None else alpha.ordinal_alpha(sums, meeting)
    return found


def label_scores(sums: Sums, *, shown: Ints) -> Statistics:
    """Each label against all others."""
    some = {name: values[:, shown] if name in OF_LABELS else values for name, values in sums.items()}
    return {
        "raw_agreement": raw.raw_agreement_of_labels(some),
        "specific_agreement": raw.specific_agreement(some),
        "fleiss_kappa": kappa.fleiss_kappa_of_labels(some),
        "alpha": alpha.nominal_alpha_of_labels(some),
        "ac1": ac1.ac1_of_labels(some),
    }


def cohen_scores(sums: Sums, *, combos: pairs.Combos, shares: own.Shares) -> Statistics:
    """Of all annotators together: the mean over pairs."""
    found = {"cohen_kappa": own.mean_kappa(sums, combos, shares)}
    if "apart" in sums:
        found["weighted_kappa"] = kappa.mean_over_pairs(kappa.weighted_kappa(sums), sums["n"])
    return found


def cohen_label_scores(sums: Sums, *, combos: pairs.Combos, shares: own.Shares, shown: Ints) -> Statistics:
    """Of each label against all others: the mean over pairs."""
    return {"cohen_kappa": own.mean_kappa_of_labels(sums, combos, shares, shown)}


def pair_scores(sums: Sums, *, combos: pairs.Combos, labels: int) -> Statistics:
    """Of each pair of annotators."""
    found = pairs.pair_scores(sums, combos, labels)
    return found | ({"weighted_kappa": kappa.weighted_kappa(sums)} if "apart" in sums else {})


def whole_scores(sums: Sums) -> Statistics:
    """Of several choices: sets that are equal, or not."""
    return {"raw_agreement": raw.raw_agreement(sums), "alpha": alpha.nominal_alpha(sums)}


def whole_pair_scores(sums: Sums, *, score: Function) -> Statistics:
    """Of each pair of annotators who choose several labels: sets that are equal, or not."""
    return {name: values for name, values in score(sums).items() if name != "ac1"}


def pair_set_scores(sums: Sums, *, combos: pairs.Combos) -> Statistics:
    """Of each pair of annotators who choose several labels: F1."""
    size = sums["n"].shape[1]
    both, each = (by_group(values, combos.pair, size) for values in (sums["both"], sums["first"] + sums["second"]))
    return {"f1": quotient(2 * both, each)}


def pair_span_scores(sums: Sums) -> Statistics:
    """Of each pair of annotators: span F1."""
    return {f"f1_{mode}": quotient(sums[mode], sums["spans"]) for mode in (*spans.MODES, "borders")}


def span_scores(sums: Sums) -> Statistics:
    """Span F1 of all annotators."""
    return {f"f1_{mode}": spans.span_f1(sums, mode) for mode in (*spans.MODES, "borders")}


def span_label_scores(sums: Sums, *, shown: Ints) -> Statistics:
    """Span F1 of each label; of one that only stands for several (`ORG + PER`) there is none."""
    return {f"f1_{mode}": _some(spans.span_f1_of_labels(sums, mode), shown) for mode in spans.MODES}


def unitizing_scores(sums: Sums) -> Statistics:
    """alpha-u of all annotators."""
    return {"alpha_u": unitizing.unitizing_alpha(sums), "alpha_u_borders": unitizing.unitizing_alpha_of_borders(sums)}


def unitizing_label_scores(sums: Sums, *, shown: Ints) -> Statistics:
    """alpha-u of each label."""
    return {"alpha_u": unitizing.unitizing_alpha_of_labels(sums)[:, shown]}


def set_scores(sums: Sums, *, distances: list[sets.SetDistance]) -> Statistics:
    """Of several choices: alpha by set distances, and F1 of the labels chosen."""
    found = {f"alpha_{distance.name}": sets.set_alpha(sums, distance) for distance in distances}
    chosen = sums["marginal"].sum(axis=1, keepdims=True)
    return found | {"f1": 1 - quotient(sums["parted"].sum(axis=1, keepdims=True), chosen)}


def same_scores(sums: Sums) -> Statistics:
    """The share of pairs of answers that are the same as a whole."""
    return {"same_answer": quotient(sums["same"], sums["met"])}


def _some(values: Floats, columns: Ints) -> Floats:
    """These columns, NaN for those beyond the last."""
    wide = np.concatenate([values, np.full((len(values), 1), np.nan)], axis=1)
    return wide[:, np.minimum(columns, values.shape[1])]
