"""What admins do with users, and owners with the members of their projects."""

from __future__ import annotations

from typing import Any

from fastapi import Response

from goldleaf.web.answers import json_answer
from goldleaf.web.asked import Asked, Endpoint
from goldleaf.web.bodies import Membership, NewUser
from goldleaf.web.house import House, done


async def users(house: House, asked: Asked) -> Any:
    """Everybody who may sign in, or has been invited to."""
    return [{"name": u.name, "admin": u.admin, "active": u.password is not None} for u in house.people.users()]


async def add_user(house: House, asked: Asked) -> Any:
    """Make a user; the answer holds the token of the link to invite them with (`/#/invite/TOKEN`)."""
    body: NewUser = asked.body
    name, invite = await house.change(lambda: house.people.add_user(body.name, admin=body.admin))
    return json_answer({"name": name, "invite": invite}, 201)


async def reset(house: House, asked: Asked) -> Any:
    """Take a user's password away and make a new invitation."""
    return {"invite": await house.change(lambda: house.people.reset(asked.part("name")))}


async def remove_user(house: House, asked: Asked) -> Any:
    """Take a user away; what they annotated stays."""
    name = asked.part("name")
    await house.change(lambda: house.people.remove_user(name))
    await done(house.desk.release(name))
    return Response(status_code=204)


async def members(house: House, asked: Asked) -> Any:
    """The project's people and what they are in it."""
    return [{"name": name, "role": role} for name, role in house.people.members(asked.project).items()]


async def set_member(house: House, asked: Asked) -> Any:
    """Take a user into the project, or give them another role."""
    name, role = asked.part("name"), asked.body.role
    await house.change(lambda: house.people.set_member(asked.project, name, role))
    return {"name": name, "role": role}


async def remove_member(house: House, asked: Asked) -> Any:
    """Take somebody out of the project, and back what they have leased in it."""
    name = asked.part("name")
    await house.change(lambda: house.people.remove_member(asked.project, name))
    await done(house.desk.release(name, project=asked.project))
    return Response(status_code=204)


_MEMBER = "/api/projects/{project}/members/{name}"
ENDPOINTS = (
    Endpoint("GET", "/api/users", "admin", users),
    Endpoint("POST", "/api/users", "admin", add_user, NewUser),
    Endpoint("POST", "/api/users/{name}/reset", "admin", reset),
    Endpoint("DELETE", "/api/users/{name}", "admin", remove_user),
    Endpoint("GET", "/api/projects/{project}/members", "owner", members),
    Endpoint("PUT", _MEMBER, "owner", set_member, Membership),
    Endpoint("DELETE", _MEMBER, "owner", remove_member),
)
