"""Coming and going: the first owner, signing in and out, invitations, one's own password and tokens."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fastapi import Response

from goldleaf.web.answers import RefusedError, json_answer
from goldleaf.web.asked import Asked, Endpoint, csrf_of
from goldleaf.web.bodies import Invitation, NewPassword, NewToken, SetUp, SignIn
from goldleaf.web.house import House, done
from goldleaf.workspace import SESSION_DAYS, Person, SignInError


async def setup_needed(house: House, asked: Asked) -> Any:
    """Whether nobody has signed in yet, so that the one-time link is asked for."""
    return {"needed": house.people.needs_owner}


async def set_up(house: House, asked: Asked) -> Any:
    """Become the first owner with the link that was printed at the first start."""
    body: SetUp = asked.body
    return await _enter(house, asked, "", lambda: house.people.set_up(body.token, body.name, body.password))


async def sign_in(house: House, asked: Asked) -> Any:
    """Begin a session, kept in a cookie."""
    body: SignIn = asked.body
    return await _enter(house, asked, body.name, lambda: house.people.sign_in(body.name, body.password))


async def take_invite(house: House, asked: Asked) -> Any:
    """Choose a password with an invitation."""
    body: Invitation = asked.body
    return await _enter(house, asked, "", lambda: house.people.take_invite(body.token, body.password))


async def sign_out(house: House, asked: Asked) -> Any:
    """End the session, and give back what is leased."""
    session = asked.session
    if session is not None:
        await done(house.desk.release(asked.name))
        await house.change(lambda: house.people.sign_out(session))
    answer = Response(status_code=204)
    answer.delete_cookie(house.cookie, path="/", httponly=True, samesite="strict")
    return answer


async def me(house: House, asked: Asked) -> Any:
    """Who is signed in, and what they are in which project."""
    return describe(house, asked.person, asked.session)


async def change_password(house: House, asked: Asked) -> Any:
    """Another password; all other sessions end."""
    body: NewPassword = asked.body
    keep = asked.session

    def change() -> None:
        house.people.change_password(asked.name, body.old, body.new, keep=keep)

    await _limited(house, asked, asked.name, change)
    return Response(status_code=204)


async def tokens(house: House, asked: Asked) -> Any:
    """One's personal tokens, without their text."""
    found = house.people.tokens(asked.name)
    return [{"id": t.id, "label": t.label, "created_at": t.created_at} for t in found]


async def add_token(house: House, asked: Asked) -> Any:
    """A personal token for scripts. Its text is said now and never again."""
    token, text = await house.change(lambda: house.people.add_token(asked.name, asked.body.label))
    said = {"id": token.id, "label": token.label, "created_at": token.created_at, "token": text}
    return json_answer(said, 201)


async def remove_token(house: House, asked: Asked) -> Any:
    """Make a personal token worthless."""
    given = asked.part("id")
    if not given.isascii() or not given.isdigit() or len(given) > 15:
        raise RefusedError(404, "there is no such token")
    await house.change(lambda: house.people.remove_token(asked.name, int(given)))
    return Response(status_code=204)


def describe(house: House, person: Person, session: str | None) -> dict[str, Any]:
    """What a page needs to know of the person before it."""
    projects = [{"name": name, "role": role} for name, role in house.people.roles_of(person).items()]
    csrf = csrf_of(session) if session is not None else ""
    return {"name": person.name, "admin": person.admin, "csrf": csrf, "projects": projects}


async def _enter(house: House, asked: Asked, name: str, begin: Callable[[], str]) -> Response:
    session = await _limited(house, asked, name, begin)
    person = house.people.by_session(session)
    if person is None:
        raise RefusedError(401, "the session ended as it began")
    answer = json_answer(describe(house, person, session))
    answer.set_cookie(
        house.cookie,
        session,
        max_age=SESSION_DAYS * 86_400,
        path="/",
        secure=asked.request.url.scheme == "https",
        httponly=True,
        samesite="strict",
    )
    return answer


async def _limited(house: House, asked: Asked, name: str, check: Callable[[], Any]) -> Any:
    """Run what tells a secret's right from wrong; not after too many wrong ones."""
    name = name.strip().casefold()
    if wait := house.attempts.wait(asked.address, name):
        raise RefusedError(429, "too many wrong attempts", wait=wait, todo=f"Wait {wait / 60:.0f} minutes")
    try:
        found = await house.change(check)
    except SignInError:
        house.attempts.failed(asked.address, name)
        raise
    house.attempts.passed(asked.address, name)
    return found


ENDPOINTS = (
    Endpoint("GET", "/api/setup", "nobody", setup_needed),
    Endpoint("POST", "/api/setup", "nobody", set_up, SetUp),
    Endpoint("POST", "/api/session", "nobody", sign_in, SignIn),
    Endpoint("DELETE", "/api/session", "person", sign_out),
    Endpoint("POST", "/api/invite", "nobody", take_invite, Invitation),
    Endpoint("GET", "/api/me", "person", me),
    Endpoint("POST", "/api/me/password", "person", change_password, NewPassword),
    Endpoint("GET", "/api/me/tokens", "person", tokens),
    Endpoint("POST", "/api/me/tokens", "person", add_token, NewToken),
    Endpoint("DELETE", "/api/me/tokens/{id}", "person", remove_token),
)
