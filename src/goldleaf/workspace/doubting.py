"""Doubts about gold go to review: the records that something speaks against come first there, until somebody has decided."""

from __future__ import annotations

from collections.abc import Sequence

from goldleaf.annotate import Annotated, fill, rank_again, settings_from_dict
from goldleaf.core import Project
from goldleaf.store import Connection, Doubt, put_doubts
from goldleaf.store.queue import get_settings


def send_to_review(c: Connection, key: int, project: Project, source: str, doubts: Sequence[tuple[int, Doubt]]) -> int:
    """Store what a source doubts of a project, in place of all it doubted before, and let review follow; how many records are doubted."""
    annotated = Annotated(key, project.name, project.schema, settings_from_dict(get_settings(c, key)))
    fill(c, annotated)
    rank_again(c, annotated, put_doubts(c, key, source, doubts))
    return len({pk for pk, _ in doubts})
