"""Where records came from. A source is the same when its path or its content is the same."""

from __future__ import annotations

from sqlalchemy import Connection, insert, select

from goldleaf.store.db import now
from goldleaf.store.tables import source_versions, sources


def remember_source(c: Connection, project: int, path: str, digest: str, format: str) -> tuple[int, bool]:
    """The key of the source with this absolute path or content, and whether it was known; a new one is stored.

    Where path and content speak for different sources (a file overwritten with another's content), the content decides.
    """
    known = _find(c, project, source_versions.c.digest == digest) or _find(c, project, source_versions.c.path == path)
    key: int = known or c.execute(insert(sources).values(project_id=project).returning(sources.c.id)).scalar_one()
    seen = select(source_versions.c.id).where(
        source_versions.c.source_id == key, source_versions.c.path == path, source_versions.c.digest == digest
    )
    if c.execute(seen).first() is None:
        row = {"source_id": key, "path": path, "digest": digest, "format": format, "imported_at": now()}
        c.execute(insert(source_versions).values(row))
    return key, known is not None


def count_sources(c: Connection, project: int) -> int:
    """How many sources a project's records came from."""
    return len(c.execute(select(sources.c.id).where(sources.c.project_id == project)).all())


def _find(c: Connection, project: int, condition: object) -> int | None:
    query = select(source_versions.c.source_id).join(sources, sources.c.id == source_versions.c.source_id)
    query = query.where(sources.c.project_id == project, condition).order_by(source_versions.c.id.desc())  # pyright: ignore[reportArgumentType]
    return c.execute(query.limit(1)).scalar()
