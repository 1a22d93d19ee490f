"""A request, read: whose it is, whether they may, and what it says. Whatever is wrong is found here, before anything is done."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Literal

from fastapi import Request
from pydantic import BaseModel, ValidationError
from pydantic_core import from_json
from starlette.requests import ClientDisconnect, cookie_parser

from goldleaf.core import InputError, brief
from goldleaf.store import ROLES, Role
from goldleaf.web.answers import RefusedError
from goldleaf.web.house import House
from goldleaf.workspace import TOKEN_PREFIX, Person

Needs = Literal["nobody", "person", "admin"] | Role
SAFE = ("GET", "HEAD")


@dataclass(slots=True)
class Asked:
    """What a handler is given. `project` and `role` are set where the address names a project; `session` is the cookie's token."""

    request: Request
    person: Person
    session: str | None
    project: str
    role: Role
    body: Any = None
    query: Any = None

    def part(self, name: str) -> str:
        """A part of the address."""
        return self.request.path_params[name]

    @property
    def name(self) -> str:
        return self.person.name

    @property
    def address(self) -> str:
        client = self.request.client
        return client.host if client is not None else ""


Handler = Callable[[House, Asked], Awaitable[Any]]


@dataclass(frozen=True)
class Endpoint:
    """One thing that can be asked: how, by whom, with what, and the function that answers."""

    method: str
    path: str
    needs: Needs
    handler: Handler
    body: type[BaseModel] | None = None
    query: type[BaseModel] | None = None
    upload: bool = False


NOBODY = Person("", False)


def csrf_of(session: str) -> str:
    """The token that a page sends along with every change: made from the session's, which no other page can read."""
    return hashlib.sha256(f"csrf {session}".encode()).hexdigest()


def admit(house: House, endpoint: Endpoint, request: Request) -> Asked:
    """The request's person and role. Raises RefusedError: 401 who is it, 403 may not, 404 no such project for them."""
    changing = request.method not in SAFE
    if changing and request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        raise RefusedError(403, "another page asked for this", code="csrf")
    if endpoint.needs == "nobody":
        return Asked(request, NOBODY, _cookie(house, request), "", "viewer")
    person, session = _who(house, request, changing)
    asked = Asked(request, person, session, "", "viewer")
    if endpoint.needs == "admin":
        if not person.admin:
            raise RefusedError(403, "only an admin may do this")
    elif endpoint.needs != "person":
        asked.project = request.path_params["project"]
        asked.role = _role(house, person, asked.project, endpoint.needs)
    return asked


def _cookie(house: House, request: Request) -> str | None:
    header = request.headers.get("cookie")
    return cookie_parser(header).get(house.cookie) if header else None


def _who(house: House, request: Request, changing: bool) -> tuple[Person, str | None]:
    header = request.headers.get("authorization")
    if header is not None:
        kind, _, token = header.partition(" ")
        person = house.people.by_token(token.strip()) if kind.lower() == "bearer" else None
        if person is None:
            raise RefusedError(401, "this token opens nothing", expected=f"Authorization: Bearer {TOKEN_PREFIX}...")
        return person, None
    session = _cookie(house, request)
    person = house.people.by_session(session) if session else None
    if session is None or person is None:
        raise RefusedError(401, "nobody is signed in", todo="Sign in, or send Authorization: Bearer TOKEN")
    given = request.headers.get("x-csrf-token", "")
    if changing and not hmac.compare_digest(given.encode("utf-8", "replace"), csrf_of(session).encode()):
        raise RefusedError(403, "the request does not carry the session's token", code="csrf", expected="X-CSRF-Token")
    return person, session


def _role(house: House, person: Person, project: str, needed: Role) -> Role:
    role = house.people.role(person, project)
    if role is None:
        raise RefusedError(404, "there is no such project", found=brief(project))
    if ROLES.index(role) < ROLES.index(needed):
        raise RefusedError(403, "your role does not allow this", found=role, expected=f"{needed} or more")
    return role


async def read_body(request: Request, model: type[BaseModel], house: House) -> BaseModel:
    """The body as the model says. Raises RefusedError (413, 415, 408) and InputError."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json":
        raise RefusedError(415, "the body is not JSON", found=brief(kind), expected="Content-Type: application/json")
    return parse_body(await _whole(request, house.limits.body, house.limits.patience), model)


def parse_body(raw: bytes, model: type[BaseModel]) -> BaseModel:
    """Bytes as the model says. Raises InputError that says what is wrong where."""
    try:
        data = from_json(raw, allow_inf_nan=False)
    except ValueError as error:
        raise InputError("this is not JSON that can be read", where="body", found=str(error)[:200]) from None
    return check(data, model, "body", strict=True)


def read_query(request: Request, model: type[BaseModel]) -> BaseModel:
    """What stands behind the question mark. Raises InputError."""
    return check(dict(request.query_params), model, "query", strict=False)


def check(data: object, model: type[BaseModel], where: str, *, strict: bool) -> BaseModel:
    """Data as the model says. Raises InputError with the first thing that is wrong."""
    try:
        return model.model_validate(data, strict=strict)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False)[0]
        place = ", ".join([where, *(brief(part) if isinstance(part, str) else str(part) for part in first["loc"])])
        raise InputError(first["msg"], where=place[:200], found=brief(first["input"])[:200]) from None


async def _whole(request: Request, most: int, patience: float) -> bytes:
    announced = request.headers.get("content-length", "0")
    if announced.isdigit() and int(announced) > most:
        raise RefusedError(413, "the body is too large", found=f"{announced} bytes", expected=f"at most {most:,}")
    parts: list[bytes] = []
    read = 0
    try:
        async with asyncio.timeout(patience):
            async for part in request.stream():
                parts.append(part)
                read += len(part)
                if read > most:
                    raise RefusedError(413, "the body is too large", expected=f"at most {most:,} bytes")
    except TimeoutError:
        raise RefusedError(408, f"the body did not come within {patience:g} seconds") from None
    except ClientDisconnect:
        raise RefusedError(400, "the client went away") from None
    return b"".join(parts)


async def drain(request: Request) -> None:
    """Read on for a moment what is refused: to close on a client that is still sending would take the answer from it."""
    with suppress(TimeoutError, ClientDisconnect, RuntimeError):
        async with asyncio.timeout(2.0):
            async for _ in request.stream():
                pass
