"""Looking: all records with filters, one record with all that is known of it, and the dashboard."""

from __future__ import annotations

from typing import Any

from goldleaf.store import ROLES, Connection, Filter
from goldleaf.web.answers import RefusedError
from goldleaf.web.asked import Asked, Endpoint
from goldleaf.web.bodies import Browse
from goldleaf.web.house import House
from goldleaf.workspace import browse_records, record_history, suspected


async def records(house: House, asked: Asked) -> Any:
    """The records that the filters let through, a page at a time.

    While the project is blind, annotators cannot look here at what others have said.
    """
    await _may_look(house, asked)
    b: Browse = asked.query
    wanted = Filter(b.field, b.label, b.annotator, b.status, b.min_score, b.max_score, b.q or None, b.split)
    return await house.read(lambda c: browse_records(c, asked.project, wanted, after=b.after or 0, limit=b.limit))


async def record(house: House, asked: Asked) -> Any:
    """Everything that is known of a record."""
    await _may_look(house, asked)
    return await house.read(lambda c: record_history(c, asked.project, asked.part("record")))


async def dashboard(house: House, asked: Asked) -> Any:
    """Progress, speed, balance of labels, the effect of suggestions, hours so far, and check questions."""
    await _may_look(house, asked)
    progress = await house.work(lambda: house.desk.progress(asked.project, asked.name))
    found = await house.read(lambda c: house.dashboards.look(c, asked.project))
    return {"progress": progress, **found}


async def quality(house: House, asked: Asked) -> Any:
    """What the labels are worth: agreement, annotators, how gold came to be, and the labels that are probably wrong.

    It is made by a process of its own, and kept until the data has changed: while `computing`, ask again in a moment.
    """

    def look(c: Connection) -> Any:
        return {**house.overviews.look(c, asked.project), "suspected": suspected(c, asked.project)}

    return await house.read(look)


async def _may_look(house: House, asked: Asked) -> None:
    """Where annotators are blind, those who annotate do not see what others have said."""
    if asked.role != "annotator":
        return
    settings = await house.work(lambda: house.desk.settings(asked.project))
    if settings.blind:
        raise RefusedError(
            403,
            "annotators do not see others' answers in this project",
            found=asked.role,
            expected=f"viewer, {ROLES[2]} or owner",
        )


_AT = "/api/projects/{project}"
ENDPOINTS = (
    Endpoint("GET", f"{_AT}/records", "viewer", records, query=Browse),
    Endpoint("GET", f"{_AT}/records/{{record:path}}", "viewer", record),
    Endpoint("GET", f"{_AT}/dashboard", "viewer", dashboard),
    Endpoint("GET", f"{_AT}/quality", "reviewer", quality),
)
