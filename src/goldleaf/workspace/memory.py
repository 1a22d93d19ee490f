"""What the writer's thread remembers between works, so that a request does not read it again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from goldleaf.annotate import Annotated, LabelMap, end_leases, fill, settings_from_dict
from goldleaf.core import NotFoundError, Schema, brief
from goldleaf.store import Connection, get_project, get_schema, label_maps
from goldleaf.store.queue import get_settings, last_gold
from goldleaf.store.writer import Writer
from goldleaf.workspace.items import Content, Shelf

SWEEP_SECONDS = 1.0
"""How often leases that are over are looked for."""


class Memory:
    """Projects with their schemas and settings, contents of records, which queues are filled, and when leases were looked through.

    All but the last two is forgotten when the writer says that it may be out of date; `filled` names, by project, up to which change of
    another process and up to which gold its queue is filled.
    """

    def __init__(self, writer: Writer) -> None:
        self.shelf = Shelf()
        self.filled: dict[str, tuple[int, int]] = {}
        self._writer = writer
        self._generation = -1
        self._projects: dict[str, Annotated] = {}
        self._schemas: dict[tuple[int, int], Schema] = {}
        self._later: dict[tuple[int, int], Sequence[LabelMap]] = {}
        self._swept: dict[int, datetime] = {}

    def forget(self) -> None:
        """Read everything again when it is asked for."""
        self._generation = self._writer.generation
        self._projects.clear()
        self._schemas.clear()
        self._later.clear()
        self.shelf.forget()

    def project(self, c: Connection, name: str, *, filled: bool = False) -> Annotated:
        """The project as it is now. Unless `filled` (by the caller), its queue gets what other processes have brought."""
        if self._generation != self._writer.generation:
            self.forget()
        found = self._projects.get(name)
        if found is None:
            key, project = get_project(c, name)
            settings = settings_from_dict(get_settings(c, key))
            found = self._projects[name] = Annotated(key, name, project.schema, settings)
        if not filled and self.filled.get(name, (-1, 0))[0] != self._writer.elsewhere:
            self.fill(c, found)
        return found

    def fill(self, c: Connection, found: Annotated) -> int:
        """Put what is not in the project's queue yet into it; how many records."""
        _, gold = self.filled.get(found.name, (-1, 0))
        added = fill(c, found, gold_after=gold)
        self.filled[found.name] = (self._writer.elsewhere, last_gold(c))
        return added

    def schema(self, c: Connection, found: Annotated, version: int | None) -> Schema:
        """The schema an answer was given under: the present one, or an earlier one for an answer that comes late."""
        if version is None or version == found.schema.version:
            return found.schema
        known = self._schemas.get((found.key, version))
        if known is None:
            known = self._schemas[found.key, version] = get_schema(c, found.key, version)
        return known

    def later(self, c: Connection, found: Annotated, version: int) -> Sequence[LabelMap]:
        """What became, after this version of the schema, of labels that were renamed or removed."""
        if version == found.schema.version:
            return []
        known = self._later.get((found.key, version))
        if known is None:
            known = self._later[found.key, version] = label_maps(c, found.key, version)
        return known

    def content(self, c: Connection, found: Annotated, record: str) -> Content:
        """The content of a record. Raises NotFoundError where the project has none of this id."""
        content = self.shelf.by_id(c, found.key, record)
        if content is None:
            raise NotFoundError("there is no such record", found=brief(record))
        return content

    def sweep(self, c: Connection, found: Annotated, now: datetime) -> None:
        """End the leases that are over, if that has not just been done."""
        last = self._swept.get(found.key)
        if last is None or abs((now - last).total_seconds()) >= SWEEP_SECONDS:
            end_leases(c, found, now)
            self._swept[found.key] = now
