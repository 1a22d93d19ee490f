"""The workspace itself: a folder with `goldleaf.toml` and `goldleaf.db`, made and opened."""

from __future__ import annotations

import os
import re
import tomllib
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from goldleaf.core import GoldleafError, InputError, Project, Schema, brief
from goldleaf.store import Store, add_project, get_project, list_projects, open_store
from goldleaf.workspace.schemas import Labels, choose_schema

SETTINGS, DATABASE = "goldleaf.toml", "goldleaf.db"
_FORMAT = 1
_NAME = re.compile(r"\w[\w .-]{0,99}")


@dataclass(frozen=True, slots=True)
class Workspace:
    """An open workspace: its folder and its store. Close it, or use it in a `with` block."""

    folder: Path
    store: Store

    def __enter__(self) -> Workspace:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the database file."""
        self.store.close()


def init_workspace(
    folder: Path | str,
    *,
    template: str | None = None,
    schema: Schema | None = None,
    labels: Labels | None = None,
    project: str = "default",
    guidelines: str = "",
) -> Workspace:
    """Make a workspace with one project in a folder that is new or holds no workspace yet, whole or not at all.

    The project's schema is a template's (see `choose_schema`) or the one given; `labels` fill its fields.
    """
    folder = Path(folder)
    chosen = choose_schema(template, schema, labels)
    _check_name(project)
    if is_workspace(folder):
        raise InputError(
            "this is a workspace already",
            where=str(folder),
            todo="Choose another folder, or add a project to it with --project NAME",
        )
    if (folder / DATABASE).exists():
        raise InputError("there is a database without its goldleaf.toml", where=str(folder / DATABASE))
    with _says_where(folder):
        folder.mkdir(parents=True, exist_ok=True)
        building = folder / f".{DATABASE}.{uuid.uuid4().hex[:8]}.writing"
        try:
            _create_database(building, Project(project, chosen, guidelines))
            building.rename(folder / DATABASE)
            _write_settings(folder)
        finally:
            for left in folder.glob(f"{building.name}*"):
                left.unlink()
    return open_workspace(folder)


def open_workspace(folder: Path | str = ".") -> Workspace:
    """Open a workspace, bringing its database to the present version. Raises InputError where the folder is none."""
    folder = Path(folder)
    path = folder / SETTINGS
    if not path.is_file():
        found = "nothing" if not folder.exists() else f"a folder without {SETTINGS}" if folder.is_dir() else "a file"
        raise InputError(
            "there is no workspace",
            where=str(folder),
            found=found,
            todo="Make one with goldleaf init, or name it with -w",
        )
    try:
        settings = tomllib.loads(path.read_text(encoding="utf-8")).get("workspace", {})
    except (OSError, ValueError) as error:
        raise InputError("the settings cannot be read", where=str(path), found=str(error)) from None
    if not isinstance(settings, dict) or settings.get("format") != _FORMAT:
        raise InputError("a workspace of another format", where=str(path), expected=f"[workspace] format = {_FORMAT}")
    return Workspace(folder, open_store(folder / str(settings.get("database", DATABASE))))


def is_workspace(folder: Path | str) -> bool:
    """Whether the folder is a workspace."""
    return (Path(folder) / SETTINGS).exists()


def create_project(
    ws: Workspace,
    name: str,
    *,
    template: str | None = None,
    schema: Schema | None = None,
    labels: Labels | None = None,
    guidelines: str = "",
) -> None:
    """Add a project to a workspace. Raises InputError where the name is taken."""
    _check_name(name)
    with ws.store.write() as c:
        add_project(c, Project(name, choose_schema(template, schema, labels), guidelines))


def open_project(ws: Workspace, name: str = "default") -> Project:
    """A project with the latest version of its schema."""
    with ws.store.read() as c:
        return get_project(c, name)[1]


def projects(ws: Workspace) -> list[str]:
    """The names of a workspace's projects, in the order they were made."""
    with ws.store.read() as c:
        return list_projects(c)


def _check_name(name: str) -> None:
    if not _NAME.fullmatch(name):
        expected = "letters, digits, '_', '-', '.' and spaces, at most 100, the first a letter, a digit or '_'"
        raise InputError("this cannot be the name of a project", found=brief(name), expected=expected)


def _create_database(path: Path, project: Project) -> None:
    store = open_store(path, create=True)
    try:
        with store.write() as c:
            add_project(c, project)
    finally:
        store.close()


def _write_settings(folder: Path) -> None:
    temporary = folder / f".{SETTINGS}.writing"
    temporary.write_text(f'[workspace]\nformat = {_FORMAT}\ndatabase = "{DATABASE}"\n', encoding="utf-8")
    temporary.rename(folder / SETTINGS)


@contextmanager
def _says_where(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise GoldleafError(
            "the workspace cannot be made here",
            where=str(folder),
            found=error.strerror or os.strerror(error.errno or 0),
            todo="Choose a folder that you may write to",
        ) from None
