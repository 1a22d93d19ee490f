"""A place beside the database where a large import is made ready: others write meanwhile, and what is ready comes in at once.

All that an import reads and writes goes to a database file of its own, with the same tables: `bring` copies what the store knows of the
records at hand into it, and `merge` moves what is new into the store, in one short transaction. Where somebody else has meanwhile
written what the import would have had to see, `merge` does nothing and says so.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Table

from goldleaf.store.db import Store
from goldleaf.store.errors import explained
from goldleaf.store.tables import (
    annotations,
    gold,
    metadata,
    projects,
    records,
    schemas,
    source_versions,
    sources,
    suggestions,
)

_NUMBERED = {"records": "pk", "annotations": "id", "sources": "id", "source_versions": "id"}
"""Tables whose new rows have the highest keys."""
_SMALL = (projects, schemas, sources, source_versions)
_PROPOSED = (gold, suggestions)
"""Tables whose rows take each other's place: what was copied is kept beside, to tell what has changed."""


@dataclass
class Staging:
    """An import being made ready: `connection` reads and writes beside the database; new keys are above `last_record` and
    `last_annotation`."""

    connection: Connection
    project: int
    last: dict[str, int]
    version: int

    @property
    def last_record(self) -> int:
        return self.last["records"]

    @property
    def last_annotation(self) -> int:
        return self.last["annotations"]

    def bring(self, ids: Sequence[str], hashes: Sequence[str]) -> None:
        """Copy the project's records that have one of these ids or contents, with all that an import looks at."""
        run = self.connection.exec_driver_sql
        found = run(
            "SELECT pk FROM main.records WHERE project_id = ?1 AND id IN (SELECT value FROM json_each(?2))"
            " UNION SELECT pk FROM main.records WHERE project_id = ?1 AND content_hash IN (SELECT value FROM json_each(?3))"
            " EXCEPT SELECT pk FROM staging.records",
            (self.project, json.dumps(ids), json.dumps(hashes)),
        )
        if known := list(found.scalars()):
            pks = json.dumps(known)
            for table, key in (
                (records, "pk"),
                (annotations, "record_pk"),
                (gold, "record_pk"),
                (suggestions, "record_pk"),
            ):
                _copy(self.connection, table, f"WHERE {key} IN (SELECT value FROM json_each(?))", pks)

    def merge(self) -> bool:
        """Move what is new into the database; False, and nothing done, where what the import has seen is not what there is any more."""
        self.connection.commit()
        c = self.connection.execution_options(goldleaf_write=True)
        with c.begin():
            late = self._moved_on()
            if late is None:
                return False
            _move(c, self, late)
        return True

    def _moved_on(self) -> int | None:
        """By how many the ids of annotations have moved on; None where others have written what this import would have had to see."""
        last, version = _last(self.connection), _version(self.connection, self.project)
        late = last.pop("annotations") - self.last["annotations"]
        if version != self.version or any(self.last[name] != value for name, value in last.items()):
            return None
        both = (
            "SELECT 1 FROM main.annotations m JOIN staging.annotations s"
            " ON s.record_pk = m.record_pk AND s.annotator = m.annotator WHERE m.id > ?1 AND s.id > ?1 LIMIT 1"
        )
        clash = late and self.connection.exec_driver_sql(both, (self.last["annotations"],)).first() is not None
        return None if clash else late


@contextmanager
def staging(store: Store, project: int, path: Path) -> Iterator[Staging]:
    """A staging place for one project, in a file at `path`, which is gone afterwards."""
    with explained(store.where), store.engine.connect() as plain:
        plain.detach()  # closed when it is done with: a database stays attached to its connection
        driver: Any = plain.connection.dbapi_connection
        try:
            driver.execute("ATTACH ? AS staging", (str(path),))
            driver.execute("PRAGMA staging.journal_mode = MEMORY")
            driver.execute("PRAGMA staging.synchronous = OFF")
            c = plain.execution_options(schema_translate_map={None: "staging"})
            metadata.create_all(c, tables=[*_SMALL, records, annotations, *_PROPOSED], checkfirst=False)
            for table in _SMALL:
                _copy(c, table)
            for table in _PROPOSED:
                c.exec_driver_sql(f"CREATE TABLE staging.{table.name}_before AS SELECT * FROM staging.{table.name}")
            yield Staging(c, project, _last(c), _version(c, project))
            c.rollback()
        finally:
            plain.close()
            path.unlink(missing_ok=True)


def _last(c: Connection) -> dict[str, int]:
    return {
        name: c.exec_driver_sql(f"SELECT coalesce(max({key}), 0) FROM main.{name}").scalar_one()
        for name, key in _NUMBERED.items()
    }


def _version(c: Connection, project: int) -> int:
    query = "SELECT max(version) FROM main.schemas WHERE project_id = ?"
    return c.exec_driver_sql(query, (project,)).scalar_one()


def _columns(table: Table) -> str:
    return ", ".join(f'"{column.name}"' for column in table.columns)


def _copy(c: Connection, table: Table, where: str = "", *given: Any) -> None:
    names = _columns(table)
    targets = (table.name, f"{table.name}_before") if where and table in _PROPOSED else (table.name,)
    for target in targets:
        c.exec_driver_sql(
            f"INSERT INTO staging.{target} ({names}) SELECT {names} FROM main.{table.name} {where}", given
        )


def _move(c: Connection, staged: Staging, late: int) -> None:
    """All that is new, from the staging place into the database; new annotations get ids that are higher by `late`."""
    run, last = c.exec_driver_sql, staged.last
    for table in (sources, source_versions, records):
        names, key = _columns(table), _NUMBERED[table.name]
        new = f"SELECT {names} FROM staging.{table.name} WHERE {key} > ? ORDER BY {key}"
        run(f"INSERT INTO main.{table.name} ({names}) {new}", (last[table.name],))
    names = _columns(schemas)
    new = f"SELECT {names} FROM staging.schemas WHERE project_id = ? AND version > ?"
    run(f"INSERT INTO main.schemas ({names}) {new}", (staged.project, staged.version))
    run(
        "UPDATE main.records SET split = s.split, split_origin = s.split_origin FROM staging.records s"
        " WHERE s.pk = main.records.pk AND s.pk <= ? AND s.split IS NOT NULL AND main.records.split IS NULL",
        (last["records"],),
    )
    moved = {"id": '"id" + ?1', "supersedes": 'iif("supersedes" > ?2, "supersedes" + ?1, "supersedes")'}
    names = _columns(annotations)
    said = ", ".join(moved.get(column.name, f'"{column.name}"') for column in annotations.columns)
    new = f"SELECT {said} FROM staging.annotations WHERE id > ?2 ORDER BY id"
    run(f"INSERT INTO main.annotations ({names}) {new}", (late, last["annotations"]))
    if late:
        run(
            "UPDATE staging.gold SET annotations = (SELECT json_group_array(iif(value > ?2, value + ?1, value))"
            " FROM json_each(annotations)) WHERE EXISTS (SELECT 1 FROM json_each(annotations) WHERE value > ?2)",
            (late, last["annotations"]),
        )
    for table in _PROPOSED:
        names = _columns(table)
        changed = f"SELECT {names} FROM staging.{table.name} EXCEPT SELECT {names} FROM staging.{table.name}_before"
        run(f"INSERT OR REPLACE INTO main.{table.name} ({names}) {changed}")
