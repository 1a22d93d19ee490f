"""What an evaluation finds out by predicting more texts than the split's own: slices with typos, and texts out of scope."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from goldleaf.core import Example, InputError, Prediction, Record

if TYPE_CHECKING:
    from goldleaf.serve import Predictor


def score_slices(
    predictor: Predictor,
    examples: Sequence[Example],
    predictions: Sequence[Prediction],
    train: Sequence[Example] | None,
) -> dict[str, Any]:
    """Scores on parts of the data, and on the same texts with typos."""
    from goldleaf.evaluate import make_typos, slices_of

    mistyped = make_typos(examples)
    typed = (mistyped, [r.prediction for r in predictor.stream([e.record for e in mistyped])])
    return slices_of(predictor.schema, examples, predictions, train=train, with_typos=typed)


def tell_apart(predictor: Predictor, examples: Sequence[Example], outside: Sequence[Record]) -> dict[str, Any]:
    """How well the distance from scope tells texts that a choice of one label has been asked of from texts that no label is right for."""
    import numpy as np

    from goldleaf.evaluate import out_of_scope_of

    if not predictor.scopes:
        raise InputError(
            "the bundle has no field that a text can be out of scope of",
            where=str(predictor.bundle.folder),
            expected="a choice of one label",
        )

    def distances(name: str, records: Sequence[Record]) -> Any:
        found = predictor.stream(records, distances=True)
        return np.array([result.distances[name].distance for result in found if result.distances is not None])

    found: dict[str, Any] = {}
    for name in predictor.scopes:
        if inside := [e.record for e in examples if name in e.values]:
            found[name] = {"score": "distance", **out_of_scope_of(distances(name, inside), distances(name, outside))}
    return found
