"""What `agreement` gives: numbers with their intervals and meanings, as frames and ready for JSON."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import pandas as pd

from goldleaf.core import InputError, Kind, brief
from goldleaf.quality.agreement.meaning import Level
from goldleaf.quality.agreement.units import Unit

if TYPE_CHECKING:
    from rich.console import Group


@dataclass(frozen=True, slots=True)
class Score:
    """A coefficient, the 95 % interval over records, and a sentence that says what the number means.

    All three are None where the coefficient is not defined (the sentence says why); `low` and `high` alone with fewer than two records to
    draw from, or where fewer than half of the resamples have a value.
    """

    value: float | None
    low: float | None
    high: float | None
    meaning: str = ""

    def to_dict(self) -> dict[str, Any]:
        """`{"value", "low", "high"}`, rounded to 6 digits, and `meaning` where there is one."""
        numbers = {"value": self.value, "low": self.low, "high": self.high}
        found: dict[str, Any] = {name: None if number is None else round(number, 6) for name, number in numbers.items()}
        return found | ({"meaning": self.meaning} if self.meaning else {})


@dataclass(frozen=True, slots=True, eq=False)
class FieldAgreement:
    """How far the annotators of one field agree.

    `records` were answered, `compared` of them by two annotators or more; `pairs` is how many pairs of answers those make. `unit` is what
    raw agreement, kappas, alpha and AC1 compare. In the frames a coefficient has three columns: `NAME`, `NAME_low`, `NAME_high`.

    `labels`: each label against all others, `label`, `answers` (that gave it) and the coefficients, most frequent first.
    `annotator_pairs`: `annotator`, `other`, `shared` records and the coefficients, most shared first.
    `time`: `start`, `end`, `records` and the coefficients; a record lies where its last answer does. Empty without times.
    `confusion`: `label`, `other`, `pairs`, `share`, `share_of_label`, `records`, `examples` (see `confusion_frame`).
    `notes`: what was left out, or taken in another way than asked, and why.
    """

    field: str
    kind: Kind
    level: Level
    unit: Unit
    records: int
    compared: int
    annotators: int
    answers: int
    pairs: int
    scores: Mapping[str, Score]
    labels: pd.DataFrame
    annotator_pairs: pd.DataFrame
    time: pd.DataFrame
    confusion: pd.DataFrame
    notes: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Ready for JSON: coefficients as `{"value", "low", "high"}`, labels as text, times in ISO format."""
        counts = ("kind", "level", "unit", "records", "compared", "annotators", "answers", "pairs")
        return {
            **{name: getattr(self, name) for name in counts},
            "scores": {name: score.to_dict() for name, score in self.scores.items()},
            "labels": {str(row.pop("label")): row for row in _rows(self.labels)},
            "annotator_pairs": [
                {"annotators": [row.pop("annotator"), row.pop("other")], **row} for row in _rows(self.annotator_pairs)
            ],
            "time": _rows(self.time),
            "confusion": [
                {"labels": [str(row.pop("label")), str(row.pop("other"))], **row} for row in _rows(self.confusion)
            ],
            "notes": list(self.notes),
        }


@dataclass(frozen=True, slots=True)
class Agreement:
    """The agreement of each field of a label table, by its name. Prints as tables."""

    fields: Mapping[str, FieldAgreement]

    def __getitem__(self, name: str) -> FieldAgreement:
        if name not in self.fields:
            raise InputError("no such field", found=brief(name), expected=" or ".join(self.fields))
        return self.fields[name]

    def __iter__(self) -> Iterator[FieldAgreement]:
        return iter(self.fields.values())

    def to_dict(self) -> dict[str, Any]:
        """`{"fields": {NAME: ...}}`, ready for `json.dumps`."""
        return {"fields": {name: field.to_dict() for name, field in self.fields.items()}}

    def to_text(self) -> Group:
        """A rich renderable: the coefficients of each field with what they mean, its labels, confusions, pairs and times."""
        from goldleaf.quality.agreement.render import render

        return render(self)

    def __str__(self) -> str:
        from goldleaf.quality.agreement.render import plain

        return plain(self)


def _rows(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """The rows of a frame, each coefficient and its interval as one."""
    names = [str(name) for name in frame.columns]
    grouped = {name for name in names if f"{name}_low" in names}
    columns = {name: [_plain(cell) for cell in frame[name].tolist()] for name in names}
    rows: list[dict[str, Any]] = []
    for place in range(len(frame)):
        row = {
            name: columns[name][place]
            for name in names
            if name.removesuffix("_low").removesuffix("_high") not in grouped
        }
        for name in names:
            if name in grouped:
                numbers = [columns[column][place] for column in (name, f"{name}_low", f"{name}_high")]
                row[name] = Score(*numbers).to_dict()
        rows.append(row)
    return rows


def _plain(cell: Any) -> Any:
    if isinstance(cell, list):
        return [_plain(item) for item in cast("list[Any]", cell)]
    if isinstance(cell, pd.Timestamp):
        return cell.isoformat()
    plain: Any = cast("Any", cell).item() if isinstance(cell, np.generic) else cell
    if isinstance(plain, float):
        return None if np.isnan(plain) else round(plain, 6)
    return plain
