"""Review: what was answered to a record, side by side, and the decision that becomes gold."""

from __future__ import annotations

from typing import Any

from goldleaf.web.asked import Asked, Endpoint
from goldleaf.web.bodies import Decision, ReviewPage
from goldleaf.web.house import House, done


async def review_list(house: House, asked: Asked) -> Any:
    """The records with answers, those in dispute first."""
    page: ReviewPage = asked.query
    return await house.work(lambda: house.desk.review_list(asked.project, after=page.after, limit=page.limit))


async def review_record(house: House, asked: Asked) -> Any:
    """All answers to a record, its gold and its suggestions."""
    return await house.work(lambda: house.desk.review_record(asked.project, asked.part("record")))


async def decide(house: House, asked: Asked) -> Any:
    """Say what holds: it becomes gold."""
    body: Decision = asked.body
    record = asked.part("record")
    decision = {"id": body.id, "values": body.values, "comment": body.comment}
    return await done(house.desk.adjudicate(asked.project, asked.name, record, **decision))


_AT = "/api/projects/{project}/review"
ENDPOINTS = (
    Endpoint("GET", _AT, "reviewer", review_list, query=ReviewPage),
    Endpoint("GET", f"{_AT}/{{record:path}}", "reviewer", review_record),
    Endpoint("POST", f"{_AT}/{{record:path}}", "reviewer", decide, Decision),
)
