"""Review: all answers to a record side by side, the most disputed first, and what a reviewer decides."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from goldleaf.annotate import Annotated, close_record, disagreement, rank
from goldleaf.core import ConflictError, Gold, InputError, NotFoundError, Schema, brief, check_values
from goldleaf.store import (
    Connection,
    Doubt,
    annotations_of,
    doubts_of,
    drop_doubts,
    find_by_ids,
    get_project,
    gold_of,
    put_gold,
    strongest_doubts,
)
from goldleaf.store import queue as rows
from goldleaf.store.answers import Answer, standing_answers
from goldleaf.store.values import to_json
from goldleaf.workspace.finding_errors import ERRORS
from goldleaf.workspace.items import TEXT_START, read_contents
from goldleaf.workspace.resolve import resolve

LONGEST_COMMENT = 10_000


@dataclass(frozen=True, slots=True)
class Decision:
    """What a reviewer decides of a record. `id` is made by the client: the same id again changes nothing."""

    id: str
    reviewer: str
    record: str
    values: Mapping[str, Any]
    comment: str | None
    at: str


def review_list(c: Connection, project: str, after: str | None, limit: int) -> dict[str, Any]:
    """A page of records with answers, the most disputed first; `next` is what to give as `after` for the following page."""
    key, found = get_project(c, project)
    page = rows.review_page(c, key, None if after is None else _read_place(after), limit + 1)
    ids = {pk: id for pk, id, _, _ in page[:limit]}
    answers = _by_record(standing_answers(c, list(ids)))
    golds, said, doubts = gold_of(c, ids), annotations_of(c, ids), doubts_of(c, ids)
    items: list[dict[str, Any]] = []
    for pk, id, text, _ in page[:limit]:
        given = _counted(answers[pk])
        parts = disagreement(found.schema, [answer.values for answer in given])
        best = resolve(id, found.schema, golds.get(pk, []), said.get(pk, []))
        items.append(
            {
                "record": id,
                "text_start": text[:TEXT_START],
                "answers": len(given),
                "surplus": sum(answer.status == "surplus" for answer in answers[pk]),
                "flagged": any(answer.status == "flagged" for answer in answers[pk]),
                "fields_in_dispute": [name for name, part in parts.items() if part > 0],
                "disagreement": round(max(parts.values(), default=0.0), 4),
                "gold": next((gold.method for gold in best.values()), None),
                "doubt": max((doubt.score for doubt in doubts.get(pk, [])), default=None),
            }
        )
    last = page[limit - 1] if len(page) > limit else None
    return {"items": items, "next": None if last is None else f"{last[3]!r}:{last[0]}"}


def suspected(c: Connection, project: str, limit: int = 50) -> list[dict[str, Any]]:
    """The labels that are most probably wrong, as the last search for errors said: `record`, `text_start`, `given` and the doubt."""
    key, found = get_project(c, project)
    rows = strongest_doubts(c, key, ERRORS, limit)
    ids = {pk: doubt.record for pk, _, doubt in rows}
    golds, said = gold_of(c, ids), annotations_of(c, ids)
    best = {pk: resolve(id, found.schema, golds.get(pk, []), said.get(pk, [])) for pk, id in ids.items()}
    return [
        {
            "record": doubt.record,
            "text_start": text[:TEXT_START],
            "given": to_json(best[pk][doubt.field].value) if doubt.field in best[pk] else None,
            **_doubt_to_json(doubt),
        }
        for pk, text, doubt in rows
    ]


def review_record(c: Connection, project: str, record: str) -> dict[str, Any]:
    """Everything a reviewer needs to settle a record."""
    key, found = get_project(c, project)
    pk = key_of(c, key, record)
    content = read_contents(c, key, [pk])[0]
    answers = standing_answers(c, [pk])
    decided = rows.last_adjudication(c, pk)
    return {
        "record": record,
        "text": content.record.text,
        "tokens": content.record.tokens,
        "words": content.words,
        "meta": content.record.meta,
        "group": content.record.group,
        "answers": _answers_to_json(answers),
        "gold": gold_to_json(c, found.schema, pk, record),
        "suggestions": content.suggestions,
        "doubts": [_doubt_to_json(doubt) for doubt in doubts_of(c, {pk: record}).get(pk, [])],
        "decision": None
        if decided is None
        else {"reviewer": decided.reviewer, "comment": decided.comment, "at": decided.at},
    }


def adjudicate(c: Connection, project: Annotated, decision: Decision) -> dict[str, Any]:
    """Store a decision as the record's adjudicated gold. Where every field is settled so, nobody else is asked."""
    _check_decision(decision)
    pk = key_of(c, project.key, decision.record)
    known = rows.adjudication_by_client_id(c, decision.id)
    if known is not None and known[1] != pk:
        raise ConflictError("another decision has this id", where="id", found=brief(decision.id), todo="Make a new id")
    if known is None:
        _decide(c, project, pk, decision)
    following = rows.review_page(c, project.key, None, 1)
    next_record = following[0][1] if following and following[0][3] <= 0 else None
    return {"gold": gold_to_json(c, project.schema, pk, decision.record), "next_record": next_record}


def key_of(c: Connection, project: int, record: str) -> int:
    """The key of a record. Raises NotFoundError where the project has none of this id."""
    stored = find_by_ids(c, project, [record]).get(record)
    if stored is None:
        raise NotFoundError("there is no such record", found=brief(record))
    return stored.pk


def gold_to_json(c: Connection, schema: Schema, pk: int, record: str) -> dict[str, Any]:
    """A record's gold, field by field."""
    ids = {pk: record}
    best = resolve(record, schema, gold_of(c, ids).get(pk, []), annotations_of(c, ids).get(pk, []))
    return {
        name: {"value": to_json(gold.value), "method": gold.method, "confidence": gold.confidence}
        for name, gold in best.items()
    }


def _decide(c: Connection, project: Annotated, pk: int, decision: Decision) -> None:
    content = read_contents(c, project.key, [pk])[0]
    values = check_values(project.schema, decision.values, content.record)
    before = gold_to_json(c, project.schema, pk, content.record.id)
    row = {
        "record_pk": pk,
        "reviewer": decision.reviewer,
        "values": {name: to_json(value) for name, value in values.items()},
        "before": {name: gold for name, gold in before.items() if name in values},
        "comment": decision.comment or None,
        "at": decision.at,
        "schema_version": project.schema.version,
        "client_id": decision.id,
    }
    rows.add_adjudication(c, row)
    answers = standing_answers(c, [pk])
    rests_on = tuple(answer.id for answer in _counted(answers))
    id = content.record.id
    put_gold(c, [(pk, Gold(id, name, value, "adjudicated", 1.0, rests_on)) for name, value in values.items()])
    place = rank(project.schema, [answer.values for answer in _counted(answers)], flagged=False, settled=True)
    drop_doubts(c, [pk])
    settled = {gold.field for gold in gold_of(c, {pk: id})[pk] if gold.method in ("adjudicated", "imported")}
    close_record(c, project.key, pk, place, closed=settled >= set(project.schema.names))


def _check_decision(decision: Decision) -> None:
    if not 8 <= len(decision.id) <= 64 or not decision.id.isascii() or not decision.id.isprintable():
        raise InputError("a decision has an id of its own", where="id", found=brief(decision.id), expected="a UUID")
    if not decision.values:
        raise InputError("the decision says nothing", where="values", found="{}", expected="a value for a field")
    if decision.comment is not None and len(decision.comment) > LONGEST_COMMENT:
        found, expected = f"{len(decision.comment)} characters", f"at most {LONGEST_COMMENT}"
        raise InputError("the text is too long", where="comment", found=found, expected=expected)


def _counted(answers: Sequence[Answer]) -> list[Answer]:
    """Those that are compared, flagged ones too: not skipped, not surplus, not of a check question, not gold that was imported."""
    return [a for a in answers if a.status in ("submitted", "flagged") and not a.check and a.annotator != "import"]


def _by_record(answers: Sequence[Answer]) -> dict[int, list[Answer]]:
    found: dict[int, list[Answer]] = defaultdict(list)
    for answer in answers:
        found[answer.record_pk].append(answer)
    return found


def _doubt_to_json(doubt: Doubt) -> dict[str, Any]:
    return {
        "field": doubt.field,
        "source": doubt.source,
        "score": doubt.score,
        "proposed": None if doubt.proposed is None else to_json(doubt.proposed),
        "reasons": list(doubt.reasons),
    }


def _answers_to_json(answers: Sequence[Answer]) -> list[dict[str, Any]]:
    """What people said, those that are `counted` first."""
    counted = {answer.id for answer in _counted(answers)}
    return [
        {
            "annotation": answer.id,
            "annotator": answer.annotator,
            "values": answer.values,
            "comment": answer.comment,
            "status": answer.status,
            "check": answer.check,
            "counted": answer.id in counted,
            "seconds": answer.seconds,
            "at": answer.at,
        }
        for answer in sorted(answers, key=lambda answer: (answer.id not in counted, answer.id))
        if answer.annotator != "import"
    ]


def _read_place(after: str) -> tuple[float, int]:
    value, _, pk = after.rpartition(":")
    try:
        return float(value), int(pk)
    except ValueError:
        raise InputError("this is no place in the list", where="after", found=brief(after)) from None
