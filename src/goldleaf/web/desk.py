"""Annotating: the next records, answers, leases, drafts, and one's own earlier answers."""

from __future__ import annotations

from typing import Any

from fastapi import Response

from goldleaf.web.asked import Asked, Endpoint
from goldleaf.web.bodies import Answer, Draft, HistoryPage, Records, Wanted
from goldleaf.web.house import House, done
from goldleaf.workspace import Draft as Kept
from goldleaf.workspace import Submission


async def next_items(house: House, asked: Asked) -> Any:
    """The next records, leased to the one who asks."""
    body: Wanted = asked.body
    return await done(house.desk.next_items(asked.project, asked.name, count=body.count, have=body.have))


async def submit(house: House, asked: Asked) -> Any:
    """Answer a record; the answer is on disk before this one is given, which also brings the next records.

    The same `id` again changes nothing and says `known`. An answer whose place was taken meanwhile is kept and says `surplus`. To a record
    that one has answered before, `supersedes` names that answer; without it, or with an older one, nothing is changed: 409.
    """
    body: Answer = asked.body
    submission = Submission(
        id=body.id,
        record=body.record,
        values=body.values,
        status=body.status,
        reason=body.reason,
        comment=body.comment,
        seconds=body.seconds,
        schema_version=body.schema_version,
        supersedes=body.supersedes,
        suggested=body.suggested,
        want=body.want,
        have=tuple(body.have),
    )
    return await done(house.desk.submit(asked.project, asked.name, submission))


async def renew(house: House, asked: Asked) -> Any:
    """Keep leases while one works; those that are still held."""
    held = await done(house.desk.renew(asked.project, asked.name, asked.body.records))
    return {"records": held}


async def release(house: House, asked: Asked) -> Any:
    """Give records back to the queue."""
    await done(house.desk.release(asked.name, project=asked.project, records=asked.body.records))
    return Response(status_code=204)


async def save_draft(house: House, asked: Asked) -> Any:
    """Keep what has been marked so far of a record."""
    body: Draft = asked.body
    draft = Kept(body.values, body.pending, body.seconds)
    await done(house.desk.save_draft(asked.project, asked.name, asked.part("record"), draft))
    return Response(status_code=204)


async def drop_draft(house: House, asked: Asked) -> Any:
    """Forget a draft."""
    await done(house.desk.drop_draft(asked.project, asked.name, asked.part("record")))
    return Response(status_code=204)


async def history(house: House, asked: Asked) -> Any:
    """One's own answers, the latest first."""
    page: HistoryPage = asked.query
    return await house.work(lambda: house.desk.history(asked.project, asked.name, before=page.before, limit=page.limit))


async def own_item(house: House, asked: Asked) -> Any:
    """A record that one holds or has answered, to go on with or to correct."""
    return await house.work(lambda: house.desk.item(asked.project, asked.name, asked.part("record")))


async def leases(house: House, asked: Asked) -> Any:
    """Who holds which record until when."""
    return await house.work(lambda: house.desk.leases(asked.project))


async def end_leases(house: House, asked: Asked) -> Any:
    """Give back all that a person holds in the project."""
    await done(house.desk.release(asked.part("annotator"), project=asked.project))
    return Response(status_code=204)


_AT = "/api/projects/{project}"
ENDPOINTS = (
    Endpoint("POST", f"{_AT}/desk/next", "annotator", next_items, Wanted),
    Endpoint("POST", f"{_AT}/desk/submit", "annotator", submit, Answer),
    Endpoint("POST", f"{_AT}/desk/renew", "annotator", renew, Records),
    Endpoint("POST", f"{_AT}/desk/release", "annotator", release, Records),
    Endpoint("GET", f"{_AT}/desk/history", "annotator", history, query=HistoryPage),
    Endpoint("GET", f"{_AT}/desk/records/{{record:path}}", "annotator", own_item),
    Endpoint("PUT", f"{_AT}/drafts/{{record:path}}", "annotator", save_draft, Draft),
    Endpoint("DELETE", f"{_AT}/drafts/{{record:path}}", "annotator", drop_draft),
    Endpoint("GET", f"{_AT}/leases", "owner", leases),
    Endpoint("DELETE", f"{_AT}/leases/{{annotator}}", "owner", end_leases),
)
