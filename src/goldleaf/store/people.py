"""People: users, sessions, personal tokens and memberships. Secrets come here as hashes only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args

from sqlalchemy import Connection, delete, insert, select, update
from sqlalchemy.dialects.sqlite import insert as upsert

from goldleaf.store.db import now
from goldleaf.store.people_tables import members, sessions, tokens, users
from goldleaf.store.tables import projects

Role = Literal["viewer", "annotator", "reviewer", "owner"]
ROLES: tuple[Role, ...] = get_args(Role)
"""From the one that may least to the one that may most."""


@dataclass(frozen=True, slots=True)
class User:
    """A person as stored; `password` and `invite` are hashes, `removed_at` says that the person is gone."""

    name: str
    admin: bool
    password: str | None
    invite: str | None
    invite_until: str | None
    created_at: str
    removed_at: str | None


@dataclass(frozen=True, slots=True)
class ApiToken:
    """A personal token: whose, what for, since when, and the hash of it."""

    id: int
    user: str
    label: str
    token: str
    created_at: str


def list_users(c: Connection) -> list[User]:
    """Everybody there is or was, by name."""
    return [User(*row) for row in c.execute(select(users).order_by(users.c.name))]


def put_user(c: Connection, name: str, **changed: Any) -> None:
    """Change a user, or store a new one."""
    row = {"name": name, "admin": False, "created_at": now(), **changed}
    c.execute(upsert(users).values(row).on_conflict_do_update(index_elements=["name"], set_=changed))


def remove_user(c: Connection, name: str) -> None:
    """End a person's sessions, tokens and memberships; the name stays taken."""
    for table in (sessions, tokens, members):
        c.execute(delete(table).where(table.c.user == name))
    gone = {"admin": False, "password": None, "invite": None, "invite_until": None, "removed_at": now()}
    c.execute(update(users).where(users.c.name == name).values(gone))


def add_session(c: Connection, user: str, token: str, until: str) -> None:
    """Store a session, and let go of those that are over."""
    c.execute(delete(sessions).where(sessions.c.until < now()))
    c.execute(insert(sessions).values(token=token, user=user, created_at=now(), until=until))


def end_session(c: Connection, token: str) -> None:
    """End one session."""
    c.execute(delete(sessions).where(sessions.c.token == token))


def end_sessions(c: Connection, user: str, *, but: str | None = None) -> None:
    """End all sessions of a person, or all but one."""
    c.execute(delete(sessions).where(sessions.c.user == user, sessions.c.token != (but or "")))


def list_sessions(c: Connection) -> dict[str, tuple[str, str]]:
    """The sessions that are not over: token to user and end."""
    rows = c.execute(select(sessions.c.token, sessions.c.user, sessions.c.until).where(sessions.c.until >= now()))
    return {token: (user, until) for token, user, until in rows}


def add_token(c: Connection, user: str, label: str, token: str) -> ApiToken:
    """Store a personal token."""
    row = {"user": user, "label": label, "token": token, "created_at": now()}
    key: int = c.execute(insert(tokens).values(row).returning(tokens.c.id)).scalar_one()
    return ApiToken(key, **row)


def remove_token(c: Connection, user: str, id: int) -> bool:
    """Remove a person's token; whether there was one."""
    return c.execute(delete(tokens).where(tokens.c.user == user, tokens.c.id == id)).rowcount > 0


def list_tokens(c: Connection) -> list[ApiToken]:
    """All personal tokens, in the order they were made."""
    columns = (tokens.c.id, tokens.c.user, tokens.c.label, tokens.c.token, tokens.c.created_at)
    return [ApiToken(*row) for row in c.execute(select(*columns).order_by(tokens.c.id))]


def put_member(c: Connection, project: int, user: str, role: Role) -> None:
    """Give a person a role in a project."""
    row = {"project_id": project, "user": user, "role": role}
    c.execute(
        upsert(members).values(row).on_conflict_do_update(index_elements=["project_id", "user"], set_={"role": role})
    )


def remove_member(c: Connection, project: int, user: str) -> bool:
    """Take a person out of a project; whether they were in it."""
    return c.execute(delete(members).where(members.c.project_id == project, members.c.user == user)).rowcount > 0


def list_members(c: Connection) -> Mapping[str, dict[str, Role]]:
    """Of each project, by name, its people and their roles."""
    found: dict[str, dict[str, Role]] = {name: {} for name in c.execute(select(projects.c.name)).scalars()}
    query = select(projects.c.name, members.c.user, members.c.role).join(
        projects, projects.c.id == members.c.project_id
    )
    for project, user, role in c.execute(query.order_by(members.c.user)):
        found[project][user] = role
    return found
