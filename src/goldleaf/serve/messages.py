"""What is asked of the service and what it answers, as JSON: a body, or line by line."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

from fastapi import Response
from pydantic import BaseModel, Field


class Text(BaseModel):
    """A text to predict, with its tokens `[start, end]` where the schema has tags."""

    text: str
    id: str | None = None
    tokens: list[tuple[int, int]] | None = None


class One(Text):
    """One text."""

    bundle: str | None = Field(None, description="Which bundle answers; may be left out where one is served.")
    embeddings: bool = False
    distances: bool = Field(False, description="How far the text is from all that each choice was trained on.")


class Many(BaseModel):
    """Several texts."""

    texts: list[Text | str]
    bundle: str | None = None
    embeddings: bool = False
    distances: bool = False


class OutOfScope(BaseModel):
    """How far a text is from everything a choice was trained on; `flagged` where farther than all but a few of the validation texts."""

    distance: float
    flagged: bool


class Answer(BaseModel):
    """What a bundle says of a text: a value a field, and its scores, as `goldleaf predict` writes them."""

    id: str
    values: dict[str, Any]
    scores: dict[str, Any]
    embedding: list[float] | None = None
    out_of_scope: dict[str, OutOfScope] | None = None


class Answers(BaseModel):
    """What a bundle says of several texts, in their order."""

    bundle: str
    predictions: list[Answer]


class JSONAnswer(Response):
    """An answer as JSON, which is not checked against its own description."""

    media_type = "application/json"

    def render(self, content: Any) -> bytes:
        return _encode(content).encode()


_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


async def line_groups(chunks: AsyncIterator[bytes], most: int, longest: int) -> AsyncIterator[list[bytes]]:
    """The lines of a stream that are not blank, up to `most` at a time; what has come is not held back for more.

    A line that grows beyond `longest` bytes is given as far as it has come, and is the last.
    """
    rest = b""
    async for chunk in chunks:
        *lines, rest = (rest + chunk).split(b"\n")
        lines = [line for line in lines if line.strip()]
        for start in range(0, len(lines), most):
            yield lines[start : start + most]
        if len(rest) > longest:
            yield [rest]
            return
    if rest.strip():
        yield [rest]
