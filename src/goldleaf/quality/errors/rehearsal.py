"""A rehearsal: errors are planted in the gold, looked for, and counted. How often is what is called 30 % probable wrong?

What is measured: the records that are judged, each `rounds` times, with other errors planted each time; the opinions are those that are
given, of models that were trained without the planted errors. Annotators' answers are left out, for nobody gave them to what is planted.

A calibrated probability is right as often as it says: of the records that are wrong with probability p, a share p is
(`measure.reliability`). The gold's own errors are counted as right, so the shares measured are a floor where there are many.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from goldleaf.core import InputError, Schema
from goldleaf.measure import average_precision, calibration_error, reliability
from goldleaf.quality.errors.case import Case, in_canonical_order, make_case, read_gold
from goldleaf.quality.errors.errors import KINDS
from goldleaf.quality.errors.found import RECORDS
from goldleaf.quality.errors.opinions import Predictions
from goldleaf.quality.errors.planting import Planted, plant
from goldleaf.quality.labels import Floats

SHARE = 0.04
"""The share of labels that is made wrong: what `channel` expects of spans."""
ROUNDS = 3


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """Of one field: how many records were judged and in how many of them errors were planted (both over all rounds; `share` of the labels
    was), the area under the precision-recall curve of finding them (`planted / records` by chance), the calibration error of the records'
    probabilities, and their reliability by tenths: rows of `confidence`, `accuracy` (the share with a planted error) and `count`."""

    field: str
    records: int
    share: float
    rounds: int
    planted: int
    average_precision: float
    calibration_error: float
    reliability: list[dict[str, float]]

    def to_dict(self) -> dict[str, Any]:
        """Ready for JSON."""
        return {
            "field": self.field,
            "records": self.records,
            "share": self.share,
            "rounds": self.rounds,
            "planted": self.planted,
            "average_precision": round(self.average_precision, 6),
            "calibration_error": self.calibration_error,
            "reliability": self.reliability,
        }


def rehearse(
    gold: pd.DataFrame,
    predictions: Predictions,
    *,
    records: pd.DataFrame | None = None,
    schema: Schema | None = None,
    embeddings: pd.DataFrame | None = None,
    share: float = SHARE,
    rounds: int = ROUNDS,
    seed: int = 0,
) -> list[Rehearsal]:
    """Plant errors in `share` of the labels, `rounds` times over, and say of each field how well they are found.

    Arguments are those of `find_errors`. A field in which nothing could be planted is left out. Raises InputError where nothing can be
    judged.
    """
    if not 0 < share < 1 or rounds < 1:
        raise InputError(
            "nothing would be planted", found=f"share {share}, {rounds} rounds", expected="0 < share < 1, a round"
        )
    rng = np.random.default_rng(seed)
    found: list[Rehearsal] = []
    held = predictions if isinstance(predictions, pd.DataFrame) else list(predictions)
    for values in read_gold(in_canonical_order(gold), schema, held):
        case = make_case(values, held, records=records, embeddings=embeddings, answers=None)
        said: list[Floats] = []
        wrong: list[Floats] = []
        for _ in range(rounds if len(case) else 0):
            planted = plant(case, share, rng)
            marked = np.isin(case.judged, list(planted))
            said.append(_judge(case, planted))
            wrong.append(marked.astype(np.float64))
        if said and sum(float(each.sum()) for each in wrong):
            found.append(_counted(values.field, np.concatenate(said), np.concatenate(wrong), share, rounds))
    return found


def _judge(case: Case, planted: Planted) -> Floats:
    """The probabilities `[judged]` that something is wrong, once the planted values stand in the gold."""
    values = [planted.get(at, value) for at, value in enumerate(case.gold.values)]
    changed = replace(case, gold=replace(case.gold, values=values))
    rows = pd.DataFrame(KINDS[case.field.kind](changed, at_least=1.0, seed=0).records, columns=list(RECORDS))
    return rows["probability"].to_numpy(float)


def _counted(field: str, said: Floats, wrong: Floats, share: float, rounds: int) -> Rehearsal:
    area, error = average_precision(said[wrong == 0], said[wrong == 1]), calibration_error(reliability(said, wrong))
    return Rehearsal(field, len(said), share, rounds, int(wrong.sum()), area, error, by_tenths(said, wrong))


def by_tenths(said: Floats, wrong: Floats) -> list[dict[str, float]]:
    """The reliability of probabilities most of which are small: of each tenth of 0..1 that holds any, as `measure.reliability` has it of
    bins of equal mass, nearly all of which would lie beside 0.

    >>> by_tenths(np.array([0.01, 0.03, 0.95]), np.array([0.0, 0.0, 1.0]))
    [{'confidence': 0.02, 'accuracy': 0.0, 'count': 2}, {'confidence': 0.95, 'accuracy': 1.0, 'count': 1}]
    """
    tenth = np.minimum((said * 10).astype(np.int64), 9)
    parts = [tenth == each for each in np.unique(tenth)]
    return [
        {
            "confidence": round(float(said[part].mean()), 6),
            "accuracy": round(float(wrong[part].mean()), 6),
            "count": int(part.sum()),
        }
        for part in parts
    ]
