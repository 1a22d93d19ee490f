"""Wrong spans: what annotators' mistakes leave of a model's opinion of every token, told span by span.

1. The model's probabilities are calibrated on the labels by one temperature, and steadied by what it thinks of the same word elsewhere in
   the document (`document`).
2. Bayes' rule with the mistakes that annotators make gives the true tags (`channel`); where the annotators' answers are known, each
   is evidence in place of the gold that was made of them (`said`).
3. A word that is labelled otherwise elsewhere in the document adds to the odds of that label (`document`).
4. Tokens become sites: given spans with what is proposed for them, and spans that were overlooked (`sites`).

Spans that overlap are judged as the chunks that are left of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, cast

import numpy as np

from goldleaf.core import Span, Token, chunks_to_spans
from goldleaf.quality.errors.case import Case
from goldleaf.quality.errors.channel import error_rates, true_tags
from goldleaf.quality.errors.found import BOUNDARY, ELSEWHERE, MISSED, MODEL, SPLIT, Found, Rows
from goldleaf.quality.errors.said import answers_of, true_by_answers
from goldleaf.quality.errors.sequences import line_up, opinions_of, pairs, tokens_table, with_doubt
from goldleaf.quality.errors.sites import Chunks, Site, apply_sites, chunks_of_tags, find_sites, named
from goldleaf.quality.errors.surfaces import Surfaces, surface_of, surfaces_of


def find_in_spans(case: Case, *, at_least: float, seed: int) -> Found:
    """The spans that are probably wrong, and those that are probably missing. (Nothing is drawn: the seed makes no difference.)"""
    lined = line_up(case)
    labels = [name[2:] for name in case.opinions.classes[1::2]]
    opinions, rates = opinions_of(lined), error_rates(len(labels))
    said = answers_of(case, lined)
    true, believed = (
        with_doubt(
            true_by_answers(each, opinions, lined, said, rates), lined, (np.arange(2 * len(labels) + 1) + 1) // 2
        )
        for each in (true_tags(opinions, lined.given, rates), opinions)
    )
    surfaces = surfaces_of(case, lined)
    labelled: Rows = []
    whole: Rows = []
    wrong = np.zeros(len(lined.given))
    for n, at in enumerate(cast("list[int]", case.judged.tolist())):
        rows = lined.rows(n)
        given, thought = lined.given[rows], opinions[rows].argmax(axis=1)
        sites, wrong[rows] = find_sites(true[rows], believed[rows], given, rates, at_least=at_least)
        record = _Record(case, at, pairs(lined.tokens[rows]), labels, surfaces)
        reasons: list[list[str]] = []
        for site in sites:
            place = slice(site.start, site.end)
            disagrees = not np.array_equal(thought[place], given[place])
            split = said is not None and said.split(n, place, given[place])
            reasons.append([*([MODEL] if disagrees else []), *record.reasons(site), *([SPLIT] if split else [])])
        labelled += [record.row(site, why) for site, why in zip(sites, reasons, strict=True)]
        reason = list(dict.fromkeys(word for why in reasons for word in why))
        most = {"probability": float(wrong[rows].max(initial=0)), "reasons": reason}
        whole.append({**record.name, **record.values(chunks_of_tags(given), sites), **most})
    return Found(labelled, whole, tokens_table(case, lined, wrong))


@dataclass(frozen=True, slots=True)
class _Record:
    """One judged record, as rows name it, and what the gold says of its words elsewhere."""

    case: Case
    at: int
    tokens: list[Token]
    labels: list[str]
    surfaces: Surfaces

    @property
    def name(self) -> dict[str, Any]:
        return {"record": self.case.gold.records[self.at], "field": self.case.field.name}

    def spans(self, chunks: Chunks) -> list[Span]:
        return chunks_to_spans(named(chunks, self.labels), self.tokens)

    def reasons(self, site: Site) -> list[str]:
        """What the other records, and the borders, say."""
        found: list[str] = []
        text = self.case.texts[self.at]
        words = [(surface_of(text, span), span.label) for span in self.spans(site.proposed)]
        if site.error == "type" and any(self.surfaces.is_marked(*each) for each in words):
            found.append(ELSEWHERE)
        if site.error == "missed" and any(self.surfaces.is_usual(*each) for each in words):
            found.append(MISSED)
        if site.error == "boundary":
            (before, after) = site.given[0], site.proposed[0]
            found += [BOUNDARY] if abs(before[0] - after[0]) + abs(before[1] - after[1]) == 1 else []
        return found

    def row(self, site: Site, reasons: list[str]) -> dict[str, Any]:
        """What is told of a site."""
        first, last = site.changed
        return {
            **self.name,
            "kind": "spans",
            "error": site.error,
            "given": self.spans(site.given),
            "proposed": self.spans(site.proposed),
            "probability": site.probability,
            "reasons": reasons,
            "start": self.tokens[first][0],
            "end": self.tokens[last - 1][1],
        }

    def values(self, chunks: Chunks, sites: list[Site]) -> dict[str, Any]:
        """The given value, and the one with what is more probably wrong than right corrected; spans that no chunk stands for stay."""
        given = cast("list[Span]", self.case.gold.values[self.at])
        changed = apply_sites(chunks, [site for site in sites if site.probability > 0.5])
        kept = list(given)
        for gone in self.spans([chunk for chunk in chunks if chunk not in changed]):
            stood = next((s for s in kept if s.label == gone.label and s.start < gone.end and gone.start < s.end), None)
            if stood is not None:
                kept.remove(stood)
        new = self.spans([chunk for chunk in changed if chunk not in chunks])
        return {"given": given, "proposed": sorted({*kept, *new}) if new or len(kept) < len(given) else given}
