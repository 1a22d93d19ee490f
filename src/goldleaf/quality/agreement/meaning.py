"""What a number means, in a sentence."""

from __future__ import annotations

from typing import Literal

NAMES = {
    "raw_agreement": "raw agreement",
    "same_answer": "same whole answer",
    "specific_agreement": "specific agreement",
    "cohen_kappa": "Cohen's kappa",
    "weighted_kappa": "weighted kappa",
    "fleiss_kappa": "Fleiss' kappa",
    "alpha": "Krippendorff's alpha",
    "alpha_nominal": "alpha without the order",
    "alpha_jaccard": "alpha, Jaccard distance",
    "alpha_masi": "alpha, MASI distance",
    "ac1": "Gwet's AC1",
    "alpha_u": "alpha-u (unitizing)",
    "alpha_u_borders": "alpha-u, label ignored",
    "f1": "label F1",
    "f1_exact": "span F1, exact",
    "f1_overlap": "span F1, overlap",
    "f1_label": "span F1, label only",
    "f1_borders": "span F1, borders only",
}
"""How each coefficient is called in tables; their order is that of the tables."""

RELIABLE, TENTATIVE = 0.8, 0.667
"""Krippendorff's convention for alpha (Content Analysis, 2004, p. 241), and no more than that."""
_CHANCE = {
    "cohen_kappa": "if each annotator dealt out labels at random, as often as they did give them",
    "fleiss_kappa": "if all dealt out labels at random, as often as all together gave them",
    "ac1": "if annotators guessed wherever they cannot tell",
}
_DISAGREEMENT = {
    "weighted_kappa": "counting a disagreement by the square of its distance, each annotator with their own shares",
    "alpha": "",
    "alpha_nominal": "any two different labels counted as equally far apart",
    "alpha_jaccard": "two sets as far apart as the share of their labels that only one has",
    "alpha_masi": "two sets as far apart as the share of their labels that only one has, and less where one contains the other",
    "alpha_u": "spans with their borders and labels, dealt out as wholes over the text",
    "alpha_u_borders": "what is marked against what is not, whatever the label",
}
_METRIC = {
    "nominal": "",
    "ordinal": "counting a disagreement by the square of how many answers lie between the two",
    "interval": "counting a disagreement by the square of the difference",
}
_F1 = {
    "f1": "Of 100 labels that one annotator chose, another chose {n} too",
    "f1_exact": "Of 100 spans that one annotator marked, another marked {n} with the same borders and label",
    "f1_overlap": "Of 100 spans that one annotator marked, another marked {n} at least in part with the same label",
    "f1_label": "Of 100 spans that one annotator marked, for {n} another has the label somewhere in the same record",
    "f1_borders": "Of 100 spans that one annotator marked, another marked {n} with the same borders, whatever the label",
}
Level = Literal["nominal", "ordinal", "interval"]


def meaning_of(name: str, value: float | None, *, unit: str = "record", level: Level = "nominal") -> str:
    """The sentence for a coefficient; `unit` is what answers are compared by. Without a value it says why there is none.

    >>> meaning_of("raw_agreement", 0.744)
    'Two annotators say the same of a record in 74 of 100 cases, luck included.'
    """
    if value is None:
        return _undefined(name)
    if name == "raw_agreement":
        return f"Two annotators say the same of a {unit} in {100 * value:.0f} of 100 cases, luck included."
    if name == "same_answer":
        return (
            f"Two annotators give the same whole answer to a record in {100 * value:.0f} of 100 cases, luck included."
        )
    if name in _F1:
        return f"{_F1[name].format(n=f'{100 * value:.0f}')}; luck is not taken off."
    if name in _CHANCE:
        return f"{_kappa(value)} {_CHANCE[name]}{_mean(name)}."
    how = _METRIC[level] if name == "alpha" else _DISAGREEMENT[name]
    return f"{_alpha(value)}{f', {how}' if how else ''}{'' if name == 'weighted_kappa' else _by_convention(value)}."


def _kappa(value: float) -> str:
    if value < 0:
        return f"Annotators agree less than they would by luck (by {-value:.2f} of what luck leaves),"
    return f"Annotators agree on {100 * value:.0f} % of what luck would leave to disagree on,"


def _alpha(value: float) -> str:
    if value < 0:
        return f"There is {100 * (1 - value):.0f} % as much disagreement as if the same answers were dealt out at random: more than by luck"
    return f"There is {100 * (1 - value):.0f} % as much disagreement as if the same answers were dealt out at random (1 is none, 0 as much)"


def _by_convention(value: float) -> str:
    """Where an alpha stands by Krippendorff's convention."""
    if value >= RELIABLE:
        return ". Data to rely on, by Krippendorff's convention (.800)"
    if value >= TENTATIVE:
        return ". Enough for tentative conclusions only, by Krippendorff's convention (.667 to .800)"
    return ". Too little to rely on, by Krippendorff's convention (below .667)"


def _mean(name: str) -> str:
    return "; the mean over pairs of annotators, by what they share" if name == "cohen_kappa" else ""


def _undefined(name: str) -> str:
    if name in _F1:
        return "Not defined: no two annotators met at a record in which one of them marked anything."
    if name in ("raw_agreement", "same_answer"):
        return "Not defined: no record has two answers."
    return "Not defined: no two answers can be compared, or all are the same, so that luck would agree as well (0 / 0)."
