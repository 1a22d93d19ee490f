"""The database: opened, brought to the present version, read and written.

SQLite in WAL mode with foreign keys on and synchronous FULL: what a transaction committed survives a power cut, and what it did not
commit was never there.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, inspect, text

from goldleaf.core import GoldleafError, InputError
from goldleaf.store.errors import explained

HEAD = "0006"
"""The migration that `tables.py` describes."""
BUSY_SECONDS = 30
_MIGRATIONS = Path(__file__).parent / "migrations"


@dataclass(frozen=True)
class Store:
    """An open database. `read()` gives a connection that sees one state; `write()` one whose changes come whole or not at all."""

    engine: Engine
    where: str

    @contextmanager
    def read(self) -> Iterator[Connection]:
        with explained(self.where), self.engine.connect() as connection:
            yield connection
            connection.rollback()

    @contextmanager
    def write(self) -> Iterator[Connection]:
        with explained(self.where), self.engine.connect() as plain:
            connection = plain.execution_options(goldleaf_write=True)
            with connection.begin():
                yield connection

    def close(self) -> None:
        """Let go of the file."""
        self.engine.dispose()


def open_store(url_or_path: str | Path, *, create: bool = False) -> Store:
    """Open a database and bring it to the present version. A path is an SQLite file; it must exist unless `create` is set.

    Raises GoldleafError where it is missing, damaged, locked, or written by a later version.
    """
    path = _sqlite_path(url_or_path)
    if not create and not path.is_file():
        raise InputError("there is no database", where=str(path), todo="Make a workspace with goldleaf init")
    engine = create_engine(
        f"sqlite:///{path}",
        json_serializer=partial(json.dumps, ensure_ascii=False, separators=(",", ":")),
        connect_args={"timeout": BUSY_SECONDS},
    )
    event.listen(engine, "connect", _on_connect)
    event.listen(engine, "begin", _on_begin)
    store = Store(engine, str(path))
    try:
        _migrate(store)
    except BaseException:
        store.close()
        raise
    return store


def now() -> str:
    """The present moment as stored: ISO 8601, UTC, whole seconds."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _sqlite_path(url_or_path: str | Path) -> Path:
    given = str(url_or_path)
    if given.startswith("sqlite:///"):
        return Path(given.removeprefix("sqlite:///"))
    if "://" in given:
        raise InputError("this kind of database is not supported yet", found=given.split("://")[0], expected="sqlite")
    return Path(given)


def _on_connect(dbapi_connection: Any, _: object) -> None:
    dbapi_connection.isolation_level = (
        None  # sqlite3 then leaves BEGIN to us, which makes schema changes transactional too
    )
    for pragma in ("journal_mode=WAL", "foreign_keys=ON", "synchronous=FULL", f"busy_timeout={BUSY_SECONDS * 1000}"):
        dbapi_connection.execute(f"PRAGMA {pragma}")


def _on_begin(connection: Connection) -> None:
    write = connection.get_execution_options().get("goldleaf_write", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")


def _migrate(store: Store) -> None:
    with store.read() as connection:
        found = _revision(connection)
    if found == HEAD:
        return
    from alembic import command
    from alembic.config import Config
    from alembic.util import CommandError

    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    try:
        with store.write() as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
    except CommandError:
        raise GoldleafError(
            "the database was written by a later version of Goldleaf",
            where=store.where,
            found=f"version {found}",
            expected=f"{HEAD} or earlier",
            todo="Install the later version",
        ) from None


def _revision(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
