"""People: who may sign in, how they are known again, and what they are in which project.

All of it is held in memory, where every request looks, and changed in the store first. Passwords are kept as Argon2 hashes; of links and
tokens, which nobody can guess, SHA-256 is kept.
"""

from __future__ import annotations

import hashlib
import re
import secrets
import threading
import unicodedata
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar, cast

from goldleaf.core import ConflictError, InputError, NotFoundError, brief
from goldleaf.store import ROLES, ApiToken, Connection, Role, User, get_project, now
from goldleaf.store import people as rows
from goldleaf.workspace.changes import IMPORTER
from goldleaf.workspace.folder import Workspace

T = TypeVar("T")
Write = Callable[[Callable[[Connection], Any]], "Future[Any]"]

SESSION_DAYS, INVITE_DAYS = 30, 7
SHORTEST, LONGEST = 8, 1000
"""Characters of a password."""
TOKEN_PREFIX = "glf_"
_NAME = re.compile(r"\w[\w.@+ -]{0,63}")


class SignInError(InputError):
    """A name, password, link or token that opens nothing."""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who has signed in."""

    name: str
    admin: bool


@dataclass
class _Known:
    """What memory holds of the people's tables."""

    users: dict[str, User] = field(default_factory=dict)
    sessions: dict[str, tuple[str, str]] = field(default_factory=dict)
    tokens: dict[str, ApiToken] = field(default_factory=dict)
    members: dict[str, dict[str, Role]] = field(default_factory=dict)


class People:
    """The people of one workspace. `write` runs a function with a connection in a transaction and promises its result.

    Verbs wait for the disk, and for a password's hash: they are for a thread of their own. `by_session`, `by_token`, `role` and
    `roles_of` look into memory alone.
    """

    def __init__(self, ws: Workspace, write: Write) -> None:
        from argon2 import PasswordHasher

        self._ws, self._write_to = ws, write
        self._hasher = PasswordHasher(time_cost=2, memory_cost=19456, parallelism=1)
        self._hashing = threading.BoundedSemaphore(2)  # 19 MB each, and more at once would not be faster
        self._changing = threading.Lock()
        self._decoy: str | None = None
        self._setup: str | None = None
        self._known = _Known()
        self.refresh()

    def refresh(self) -> None:
        """Read everything again."""
        with self._ws.store.read() as c:
            self._known = _Known(
                {user.name: user for user in rows.list_users(c)},
                rows.list_sessions(c),
                {token.token: token for token in rows.list_tokens(c)},
                dict(rows.list_members(c)),
            )

    # who is there

    def by_session(self, token: str) -> Person | None:
        """Whose session this is, if it is one and not over."""
        found = self._known.sessions.get(_digest(token))
        return self._person(found[0]) if found is not None and found[1] >= now() else None

    def by_token(self, token: str) -> Person | None:
        """Whose personal token this is, if it is one."""
        found = self._known.tokens.get(_digest(token))
        return self._person(found.user) if found is not None else None

    def role(self, person: Person, project: str) -> Role | None:
        """What somebody is in a project; None where there is no such project, or they are nothing in it. Admins own them all."""
        members = self._known.members.get(project)
        if members is None:
            return None
        return "owner" if person.admin else members.get(person.name)

    def roles_of(self, person: Person) -> dict[str, Role]:
        """The projects somebody is in, and as what."""
        return {project: role for project in self._known.members if (role := self.role(person, project)) is not None}

    @property
    def projects(self) -> set[str]:
        """The projects that memory knows of."""
        return set(self._known.members)

    def members(self, project: str) -> dict[str, Role]:
        """The people of a project and their roles."""
        return dict(sorted(self._known.members.get(project, {}).items()))

    def users(self) -> list[User]:
        """Everybody who is not gone, by name."""
        return [user for user in self._known.users.values() if user.removed_at is None]

    def tokens(self, name: str) -> list[ApiToken]:
        """Somebody's personal tokens."""
        return [token for token in self._known.tokens.values() if token.user == name]

    @property
    def needs_owner(self) -> bool:
        """Whether nobody can sign in yet who may make others."""
        return not any(user.admin and user.password is not None for user in self.users())

    # coming and going

    def open_setup(self) -> str:
        """A token that lets its bearer become the first owner, once and until the program ends."""
        token = secrets.token_urlsafe(24)
        self._setup = _digest(token)
        return token

    def set_up(self, token: str, name: str, password: str) -> str:
        """Make the first owner and sign them in; the session's token. Raises SignInError, ConflictError."""
        with self._changing:
            if not self.needs_owner:
                raise ConflictError("there is an owner already", todo="Sign in, or ask them for an invitation")
            if self._setup is None or not secrets.compare_digest(self._setup, _digest(token)):
                raise SignInError(
                    "this link does not open anything", todo="Take the one that goldleaf annotate printed"
                )
            name = self._free_name(name)
            hashed = self._hash(password)
            self._save(lambda c: rows.put_user(c, name, admin=True, password=hashed, removed_at=None))
            self._setup = None
        return self._begin(name)

    def sign_in(self, name: str, password: str) -> str:
        """Begin a session; its token. Raises SignInError, and takes as long, whether the name or the password is wrong."""
        user = self._known.users.get(_plain(name))
        hashed = user.password if user is not None else None
        if not self._matches(hashed, password) or user is None:
            raise SignInError("the name or the password is wrong")
        return self._begin(user.name)

    def sign_out(self, token: str) -> None:
        """End a session."""
        self._save(lambda c: rows.end_session(c, _digest(token)))

    def take_invite(self, token: str, password: str) -> str:
        """Choose a password with an invitation, which is then used up, and sign in; the session's token. Raises SignInError."""
        with self._changing:
            digest = _digest(token)
            user = next((u for u in self.users() if u.invite == digest and (u.invite_until or "") >= now()), None)
            if user is None:
                raise SignInError("this invitation is used up or out of date", todo="Ask for another one")
            self._set_password(user.name, self._hash(password), keep=None)
        return self._begin(user.name)

    def change_password(self, name: str, old: str, new: str, *, keep: str | None) -> None:
        """Another password; all sessions but `keep` end. Raises SignInError where the old one is wrong."""
        if not self._matches(self._known.users[name].password, old):
            raise SignInError("the old password is wrong")
        self._set_password(name, self._hash(new), keep=keep)

    def add_token(self, name: str, label: str) -> tuple[ApiToken, str]:
        """A personal token for scripts, and its text, which is not kept."""
        text = TOKEN_PREFIX + secrets.token_urlsafe(24)
        return self._save(lambda c: rows.add_token(c, name, label, _digest(text))), text

    def remove_token(self, name: str, id: int) -> None:
        """Make a personal token worthless. Raises NotFoundError."""
        if not self._save(lambda c: rows.remove_token(c, name, id)):
            raise NotFoundError("there is no such token", found=str(id))

    # what admins and owners do

    def add_user(self, name: str, *, admin: bool = False) -> tuple[str, str]:
        """Make a user, or bring back one who was removed; the name, and the token of an invitation. Raises ConflictError."""
        with self._changing:
            name = self._free_name(name)
            return name, self._invite(name, admin=admin, removed_at=None)

    def reset(self, name: str) -> str:
        """The token of a new invitation; until it is taken up the old password opens nothing, and all sessions end."""
        with self._changing:
            user = self._user(name)
            if user.admin and self._last_admin(user):
                raise ConflictError("nobody else is an admin", found=brief(name), todo="Change the password instead")
            return self._invite(name, password=None)

    def remove_user(self, name: str) -> None:
        """Take a person away; what they have annotated stays. Raises ConflictError for the last admin."""
        with self._changing:
            if self._last_admin(self._user(name)):
                raise ConflictError("nobody else is an admin", found=brief(name), todo="Make another admin first")
            self._save(lambda c: rows.remove_user(c, name))

    def set_member(self, project: str, name: str, role: str) -> None:
        """Give a person a role in a project."""
        if role not in ROLES:
            raise InputError("unknown role", found=brief(role), expected=" or ".join(ROLES))
        self._user(name)
        self._save(lambda c: rows.put_member(c, get_project(c, project)[0], name, cast("Role", role)))

    def remove_member(self, project: str, name: str) -> None:
        """Take a person out of a project. Raises NotFoundError where they are not in it."""
        if not self._save(lambda c: rows.remove_member(c, get_project(c, project)[0], name)):
            raise NotFoundError("the project has no such member", found=brief(name))

    # how it is done

    def _save(self, change: Callable[[Connection], T]) -> T:
        done = self._write_to(change).result()
        self.refresh()
        return done

    def _begin(self, name: str) -> str:
        token = secrets.token_urlsafe(32)
        until = _in_days(SESSION_DAYS)
        self._write_to(lambda c: rows.add_session(c, name, _digest(token), until)).result()
        self._known.sessions[_digest(token)] = (name, until)
        return token

    def _invite(self, name: str, **changed: Any) -> str:
        token = secrets.token_urlsafe(24)

        def save(c: Connection) -> None:
            rows.put_user(c, name, invite=_digest(token), invite_until=_in_days(INVITE_DAYS), **changed)
            rows.end_sessions(c, name)

        self._save(save)
        return token

    def _set_password(self, name: str, hashed: str, *, keep: str | None) -> None:
        def save(c: Connection) -> None:
            rows.put_user(c, name, password=hashed, invite=None, invite_until=None)
            rows.end_sessions(c, name, but=None if keep is None else _digest(keep))

        self._save(save)

    def _person(self, name: str) -> Person | None:
        user = self._known.users.get(name)
        return None if user is None or user.removed_at is not None else Person(name, user.admin)

    def _user(self, name: str) -> User:
        user = self._known.users.get(name)
        if user is None or user.removed_at is not None:
            raise NotFoundError("there is no such user", found=brief(name))
        return user

    def _last_admin(self, user: User) -> bool:
        others = (u for u in self.users() if u.name != user.name and u.admin and u.password is not None)
        return user.admin and user.password is not None and not any(others)

    def _free_name(self, name: str) -> str:
        name = _plain(name)
        if not _NAME.fullmatch(name) or name.casefold() == IMPORTER:
            expected = "letters, digits, spaces and . @ + - _, at most 64, the first a letter or a digit"
            raise InputError("this cannot be the name of a user", found=brief(name), expected=expected)
        taken = next((user for user in self.users() if user.name.casefold() == name.casefold()), None)
        if taken is not None:
            raise ConflictError("this name is taken", found=brief(taken.name), expected="a new name")
        return name

    def _hash(self, password: str) -> str:
        if not SHORTEST <= len(password) <= LONGEST:
            expected = f"{SHORTEST} to {LONGEST:,} characters"
            raise InputError("this cannot be a password", found=f"{len(password):,} characters", expected=expected)
        with self._hashing:
            return self._hasher.hash(password)

    def _matches(self, hashed: str | None, password: str) -> bool:
        from argon2.exceptions import InvalidHashError, VerificationError

        with self._hashing:
            if hashed is None:  # as much work as for a name that exists
                self._decoy = self._decoy or self._hasher.hash(secrets.token_urlsafe(16))
            try:
                return self._hasher.verify(hashed or self._decoy or "", password[:LONGEST]) and hashed is not None
            except (VerificationError, InvalidHashError):
                return False


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


def _plain(name: str) -> str:
    return unicodedata.normalize("NFC", name).strip()


def _in_days(days: int) -> str:
    return (datetime.now(UTC) + timedelta(days=days)).strftime("%Y-%m-%dT%H:%M:%SZ")
