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
    """How well the choices of one label tell texts that are in their scope from texts that are not."""
    import numpy as np

    from goldleaf.evaluate import energy, out_of_scope_of

    fields = [field.name for field in predictor.schema.of_kind("choice") if not field.many]
    if not fields:
        raise InputError(
            "the bundle has no field that a text can be out of scope of",
            where=str(predictor.bundle.folder),
            expected="a choice of one label",
        )

    def scores(name: str, records: Sequence[Record]) -> Any:
        rows = [r.logits[name] for r in predictor.stream(records, logits=True) if r.logits is not None]
        return energy(np.array(rows, dtype=np.float64).reshape(len(rows), -1))

    found: dict[str, Any] = {}
    for name in fields:
        if inside := [e.record for e in examples if name in e.values]:
            found[name] = {"score": "energy", **out_of_scope_of(scores(name, inside), scores(name, outside))}
    return found
