"""Gold and predicted values of a record, shown in its text. Everything that comes from a record is escaped."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from html import escape as escape_html
from typing import Any, Literal

Tone = Literal["right", "wrong", "missed"]
Mark = tuple[int, int, str, Tone]
_VISIBLE = {code: chr(0x2400 + code) for code in range(32) if code not in (9, 10, 13)} | {0x7F: "\u2421"}
_VISIBLE |= dict.fromkeys(range(0xD800, 0xE000), "\ufffd")


def escape(text: str) -> str:
    """The text as HTML shows it: markup as letters, control characters as their pictures, halves of surrogate pairs replaced."""
    return escape_html(text.translate(_VISIBLE))


def error_block(error: Mapping[str, Any]) -> str:
    """One error: which record, how sure the model was, and gold and prediction."""
    sure = "" if error["score"] is None else f" · {100 * error['score']:.0f} % sure"
    body = _choice_lines(error) if _is_choice(error) else _marked_lines(error)
    return f'<div class="error"><header>record {escape(error["record"])}{sure}</header>{body}</div>'


def span_error_block(error: Mapping[str, Any]) -> str:
    """One wrong span: its record, and the gold and the predicted span, of which one may be missing, in the text around."""
    lists = {key: [] if error[key] is None else [error[key]] for key in ("gold", "predicted")}
    header = f"<header>record {escape(error['record'])}</header>"
    return f'<div class="error">{header}{_marked_lines({**error, **lists})}</div>'


def marked_text(text: str, marks: Sequence[Mark]) -> str:
    """The text with its marks, each followed by its label where it ends; they may nest and cross."""
    inside = [m for m in marks if m[0] < len(text) and m[1] > 0]
    cuts = sorted({0, len(text), *(min(max(c, 0), len(text)) for m in inside for c in m[:2])})
    parts: list[str] = []
    for start, end in itertools.pairwise(cuts):
        covering = [m for m in inside if m[0] <= start and end <= m[1]]
        piece = escape(text[start:end])
        parts.append(f'<mark class="{covering[-1][3]}">{piece}</mark>' if covering else piece)
        closing = [m for m in covering if min(m[1], len(text)) == end]
        parts += [f'<span class="chip {tone}">{escape(label)}</span>' for _, _, label, tone in closing]
    return "".join(parts)


def _is_choice(error: Mapping[str, Any]) -> bool:
    if isinstance(error["gold"], str):
        return True
    return "tokens" not in error and all(isinstance(part, str) for part in [*error["gold"], *error["predicted"]])


def _choice_lines(error: Mapping[str, Any]) -> str:
    gold, predicted = (_labels(error[key]) for key in ("gold", "predicted"))
    tones = [_values(gold, predicted, "missed"), _values(predicted, gold, "wrong")]
    return _line("text", _cut(error, escape(error["text"]))) + _line("gold", tones[0]) + _line("model", tones[1])


def _labels(value: Any) -> list[str]:
    return [value] if isinstance(value, str) else list(value)


def _values(labels: Sequence[str], others: Sequence[str], tone: Tone) -> str:
    parts = [f'<span class="value {"right" if n in others else tone}">{escape(n)}</span>' for n in labels]
    return ", ".join(parts) or '<span class="quiet">nothing</span>'


def _marked_lines(error: Mapping[str, Any]) -> str:
    gold, predicted = ([tuple(part) for part in _spans(error, key)] for key in ("gold", "predicted"))
    offset, text = error["offset"], error["text"]

    def shown(spans: Sequence[Any], others: Sequence[Any], tone: Tone) -> str:
        marks: list[Mark] = [
            (start - offset, end - offset, label, "right" if (start, end, label) in others else tone)
            for start, end, label in spans
        ]
        return _cut(error, marked_text(text, marks))

    return _line("gold", shown(gold, predicted, "missed")) + _line("model", shown(predicted, gold, "wrong"))


def _spans(error: Mapping[str, Any], key: str) -> Sequence[Any]:
    """The spans of a value; of tags, the tokens that are wrong."""
    if "tokens" not in error:
        return error[key]
    rows = zip(error["tokens"], error["gold"], error["predicted"], error[key], strict=False)
    return [(start, end, tag) for (start, end), gold, predicted, tag in rows if gold != predicted]


def _cut(error: Mapping[str, Any], html: str) -> str:
    """Dots where the text goes on before what is shown."""
    return f"… {html}" if error.get("offset") else html


def _line(caption: str, html: str) -> str:
    return f'<div class="line"><span>{caption}</span><div class="text" dir="auto">{html}</div></div>'
