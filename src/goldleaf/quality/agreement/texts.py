"""The records table beside the answers: how long each text is, and where its tokens lie."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
import pandas as pd

from goldleaf.core import InputError, brief
from goldleaf.quality.labels import Answers, Ints
from goldleaf.text import segment


@dataclass(frozen=True, slots=True)
class Tokens:
    """The tokens of all records, one after the other: `size[r]` of record r, from number `first[r]` on."""

    start: Ints
    end: Ints
    size: Ints
    first: Ints


def read_tokens(answers: Answers, records: pd.DataFrame) -> tuple[Tokens, Ints]:
    """The tokens of the records that were answered, and the lengths of their texts. Tokens that are not given are cut from the text.

    Raises InputError where a record is not in the table, or has neither text nor tokens.
    """
    if "record" not in records.columns or not {"text", "tokens"} & set(records.columns):
        expected = "the columns record, and text or tokens"
        raise InputError("this is no records table", found=", ".join(map(str, records.columns)), expected=expected)
    rows = {name: row for row, name in enumerate(records["record"].tolist())}
    texts = _column(records, "text")
    given = _column(records, "tokens")
    found: list[tuple[int, int]] = []
    size, length = np.zeros((2, len(answers.records)), np.int64)
    for place, name in enumerate(answers.records):
        row = rows.get(name)
        if row is None:
            expected = "every record of the label table"
            raise InputError("a record is missing in the records table", found=brief(name), expected=expected)
        text, tokens = texts[row], _tokens(given[row])
        if not isinstance(text, str) and tokens is None:
            raise InputError("a record has neither text nor tokens", where=f"record {name}", expected="one of them")
        if tokens is None:
            tokens = list(segment(cast("str", text)))
        found += tokens
        size[place] = len(tokens)
        length[place] = len(text) if isinstance(text, str) else max((end for _, end in tokens), default=0)
    table = np.array(found, dtype=np.int64).reshape(-1, 2)
    return Tokens(table[:, 0], table[:, 1], size, np.cumsum(size) - size), length


def _column(records: pd.DataFrame, name: str) -> list[Any]:
    return records[name].tolist() if name in records.columns else [None] * len(records)


def _tokens(value: Any) -> list[tuple[int, int]] | None:
    """Given tokens as pairs; None for a cell without any."""
    if value is None or not isinstance(value, Iterable):
        return None
    return [(int(start), int(end)) for start, end in cast("Iterable[Any]", value)]
