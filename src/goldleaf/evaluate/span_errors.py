"""What kind of mistake each wrong span is."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, Literal, get_args

from goldleaf.core import Span
from goldleaf.evaluate.confidence import excerpt
from goldleaf.evaluate.pairs import Pair
from goldleaf.measure import Counts

SpanError = Literal["boundary", "type", "both", "missed", "invented"]
SPAN_ERRORS: tuple[SpanError, ...] = get_args(SpanError)
EXAMPLES = 5
"""How many examples of each kind are kept."""

Match = tuple[Span | None, Span | None]
"""A gold span and a predicted one; None for what has no counterpart."""


def span_errors_of(pairs: Sequence[Pair]) -> dict[str, Any]:
    """Per kind of error `{"count", "f1_without", "examples"}`.

    | kind | gold and prediction |
    |---|---|
    | boundary | overlap and have one label; their borders differ |
    | type | have the same borders; their labels differ |
    | both | overlap; borders and labels differ |
    | missed | a gold span that nothing predicted is left to stand for |
    | invented | a predicted span that no gold span is left for |

    Spans are paired one to one: equal ones first, then by type, boundary and both, those that share most characters first. `f1_without`
    is the micro F1 if every error of the kind were corrected and no other. An example is `{"record", "text", "offset", "gold",
    "predicted"}`; the spans are `[start, end, label]` into the record's text, or None.
    """
    found: dict[SpanError, list[tuple[Pair, Match]]] = {kind: [] for kind in SPAN_ERRORS}
    right = 0
    for pair in pairs:
        for kind, match in match_spans(pair.gold, pair.predicted):
            if kind is None:
                right += 1
            else:
                found[kind].append((pair, match))
    numbers = {kind: len(rows) for kind, rows in found.items()}
    twice = numbers["boundary"] + numbers["type"] + numbers["both"]
    counts = Counts(right, twice + numbers["invented"], twice + numbers["missed"])
    return {
        kind: {
            "count": numbers[kind],
            "f1_without": round(_corrected(counts, kind, numbers[kind]).f1, 6),
            "examples": [_example(pair, match) for pair, match in rows[:EXAMPLES]],
        }
        for kind, rows in found.items()
    }


def match_spans(gold: Sequence[Span], predicted: Sequence[Span]) -> Iterator[tuple[SpanError | None, Match]]:
    """Every gold and every predicted span once, paired where they can be; the kind is None for a pair that is right.

    >>> list(match_spans([Span(0, 5, "PER")], [Span(0, 3, "PER")]))
    [('boundary', (Span(start=0, end=5, label='PER'), Span(start=0, end=3, label='PER')))]
    """
    same = set(gold) & set(predicted)
    yield from ((None, (span, span)) for span in sorted(same))
    golds, others = sorted(set(gold) - same), sorted(set(predicted) - same)
    for kind, fits in _FITS:
        pairs = sorted((-_shared(a, b), a, b) for a in golds for b in others if fits(a, b))
        for _, a, b in pairs:
            if a in golds and b in others:
                golds.remove(a)
                others.remove(b)
                yield kind, (a, b)
    for span in golds:
        yield "missed", (span, None)
    for span in others:
        yield "invented", (None, span)


def _shared(a: Span, b: Span) -> int:
    """How many characters both cover."""
    return min(a.end, b.end) - max(a.start, b.start)


_FITS: tuple[tuple[SpanError, Callable[[Span, Span], bool]], ...] = (
    ("type", lambda a, b: (a.start, a.end) == (b.start, b.end)),
    ("boundary", lambda a, b: a.label == b.label and _shared(a, b) > 0),
    ("both", lambda a, b: _shared(a, b) > 0),
)


def _corrected(counts: Counts, kind: SpanError, number: int) -> Counts:
    """The counts if `number` errors of a kind were none."""
    if kind == "missed":
        return counts + Counts(number, 0, -number)
    if kind == "invented":
        return counts + Counts(0, -number, 0)
    return counts + Counts(number, -number, -number)


def _example(pair: Pair, match: Match) -> dict[str, Any]:
    gold, predicted = match
    first = min(span.start for span in match if span is not None)
    shown = {"gold": gold and list(gold), "predicted": predicted and list(predicted)}
    return {"record": pair.record.id, **excerpt(pair.record.text, first), **shown}
