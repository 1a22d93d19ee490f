"""Who may do what: every operation of the API, asked by everybody there is, in their own project and in another one."""

from __future__ import annotations

import uuid
from pathlib import Path

import pytest
from app_server import PASSWORD, ROLES, Client

NEEDS = {
    "GET /api/health": "nobody",
    "GET /api/setup": "nobody",
    "POST /api/setup": "nobody",
    "POST /api/session": "nobody",
    "POST /api/invite": "nobody",
    "DELETE /api/session": "person",
    "GET /api/me": "person",
    "POST /api/me/password": "person",
    "GET /api/me/tokens": "person",
    "POST /api/me/tokens": "person",
    "DELETE /api/me/tokens/{id}": "person",
    "GET /api/projects": "person",
    "GET /api/users": "admin",
    "POST /api/users": "admin",
    "POST /api/users/{name}/reset": "admin",
    "DELETE /api/users/{name}": "admin",
    "POST /api/projects": "admin",
    "GET /api/projects/{project}": "viewer",
    "GET /api/projects/{project}/guidelines": "viewer",
    "GET /api/projects/{project}/records": "viewer",
    "GET /api/projects/{project}/records/{record}": "viewer",
    "GET /api/projects/{project}/dashboard": "viewer",
    "POST /api/projects/{project}/desk/next": "annotator",
    "POST /api/projects/{project}/desk/submit": "annotator",
    "POST /api/projects/{project}/desk/renew": "annotator",
    "POST /api/projects/{project}/desk/release": "annotator",
    "GET /api/projects/{project}/desk/history": "annotator",
    "GET /api/projects/{project}/desk/records/{record}": "annotator",
    "PUT /api/projects/{project}/drafts/{record}": "annotator",
    "DELETE /api/projects/{project}/drafts/{record}": "annotator",
    "GET /api/projects/{project}/review": "reviewer",
    "GET /api/projects/{project}/review/{record}": "reviewer",
    "POST /api/projects/{project}/review/{record}": "reviewer",
    "GET /api/projects/{project}/export": "reviewer",
    "GET /api/projects/{project}/quality": "reviewer",
    "PATCH /api/projects/{project}/settings": "owner",
    "PUT /api/projects/{project}/guidelines": "owner",
    "PUT /api/projects/{project}/notes": "owner",
    "POST /api/projects/{project}/labels": "owner",
    "PATCH /api/projects/{project}/labels": "owner",
    "GET /api/projects/{project}/members": "owner",
    "PUT /api/projects/{project}/members/{name}": "owner",
    "DELETE /api/projects/{project}/members/{name}": "owner",
    "GET /api/projects/{project}/leases": "owner",
    "DELETE /api/projects/{project}/leases/{annotator}": "owner",
    "POST /api/projects/{project}/import": "owner",
}
BLIND = ("/records", "/dashboard", "/records/{record}")
"""What annotators do not see while the project is blind, though viewers do."""
VALUES = {"intent": "ask", "slots": []}


@pytest.fixture(scope="module")
def crowd(shared_app):
    """Everybody: nobody, somebody without a project, each role in `default` (none in `other`), an admin, and an annotator's token."""
    people = {"nobody": shared_app.anyone(), "stranger": shared_app.person("sid")}
    people |= {role: shared_app.person(role, default=role) for role in ROLES}
    people["admin"] = shared_app.admin
    return people


def operations(app):
    paths = app.admin.good("GET", "/api/openapi.json")["paths"]
    return {f"{method.upper()} {path}" for path, methods in paths.items() for method in methods}


def body_of(operation):
    """A body that is right, for the operations that take one; where it would change who can sign in, one that comes to nothing."""
    bodies = {
        "POST /api/setup": {"token": "x", "name": "eve", "password": PASSWORD},
        "POST /api/session": {"name": "nemo", "password": PASSWORD},
        "POST /api/invite": {"token": "x", "password": PASSWORD},
        "POST /api/me/password": {"old": PASSWORD, "new": PASSWORD},
        "POST /api/me/tokens": {"label": "script"},
        "POST /api/users": {"name": f"u{uuid.uuid4().hex[:8]}", "admin": False},
        "POST /api/projects": {"name": f"p{uuid.uuid4().hex[:8]}", "template": "ner"},
        "/desk/next": {"count": 1},
        "/desk/submit": {"id": str(uuid.uuid4()), "record": "r0", "values": VALUES},
        "/desk/renew": {"records": []},
        "/desk/release": {"records": []},
        "/drafts/{record}": {"values": VALUES},
        "/review/{record}": {"id": str(uuid.uuid4()), "values": VALUES},
        "/settings": {"snap": True},
        "/guidelines": {"text": "# Rules"},
        "/notes": {},
        "/labels": {"field": "intent", "label": "ask", **({"to": "ask"} if operation.startswith("PATCH") else {})},
        "/members/{name}": {"role": "viewer"},
    }
    method, path = operation.split(" ")
    if method not in ("POST", "PUT", "PATCH"):
        return None
    tail = path.removeprefix("/api/projects/{project}")
    return bodies.get(operation) or bodies.get(tail)


def ask(client, operation, project):
    method, path = operation.split(" ")
    names = {"project": project, "record": "r0" if project == "default" else "secret"}
    path = path.format(**names, name="nemo", annotator="annotator", id="999")
    if operation.endswith("/import"):
        status, _, _ = client.raw(method, f"{path}?name=a.jsonl", b'{"id": "r0", "text": "a table in Oslo for 0"}')
        return status
    return client(method, path, body_of(operation))[0]


def allowed(who, needs, operation):
    """What the answer is when one may: not 401 and not 403. Else which of the two, or 404 where the project is not theirs."""
    if who == "nobody":
        return None if needs == "nobody" else 401
    if needs in ("nobody", "person") or who == "admin":
        return None
    if needs == "admin":
        return 403
    if who == "stranger":
        return 404
    if ROLES.index(who) < ROLES.index(needs):
        return 403
    blind = who == "annotator" and operation.partition("{project}")[2] in BLIND
    return 403 if blind else None


def test_the_matrix_holds_every_operation_and_no_other(shared_app):
    assert operations(shared_app) == set(NEEDS)


LASTING = [operation for operation in NEEDS if operation != "DELETE /api/session"]


@pytest.mark.parametrize("operation", LASTING)
def test_each_operation_is_open_to_those_it_is_for_and_to_nobody_else(crowd, operation):
    needs = NEEDS[operation]
    said = {who: ask(client, operation, "default") for who, client in crowd.items() if who != "admin"}
    expected = {who: allowed(who, needs, operation) for who in said}
    wrong = {
        who: (status, expected[who])
        for who, status in said.items()
        if (status != expected[who] if expected[who] else status in (401, 403) and needs != "nobody") or status >= 500
    }
    assert wrong == {}


@pytest.mark.parametrize("operation", [o for o in NEEDS if "{project}" in o])
def test_another_project_is_not_there_for_anybody_but_admins(crowd, operation):
    said = {who: ask(client, operation, "other") for who, client in crowd.items()}
    assert {who: said[who] for who in ("stranger", *ROLES)} == dict.fromkeys(("stranger", *ROLES), 404)
    assert said["nobody"] == 401
    assert said["admin"] not in (401, 403)
    assert said["admin"] < 500


@pytest.mark.parametrize("operation", [o for o in NEEDS if "{record}" in o])
def test_a_record_of_another_project_is_not_reached_through_ones_own(shared_app, operation):
    method, path = operation.split(" ")
    path = path.format(project="default", record="secret")
    assert shared_app.admin(method, path, body_of(operation))[0] == 404


def test_a_record_of_another_project_cannot_be_submitted_leased_or_drafted(crowd):
    at, id = "/api/projects/default", str(uuid.uuid4())
    who = crowd["annotator"]
    assert who("POST", f"{at}/desk/submit", {"id": id, "record": "secret", "values": VALUES})[0] == 404
    assert who("POST", f"{at}/desk/renew", {"records": ["secret"]}) == (200, {"records": []})
    assert who("POST", f"{at}/desk/release", {"records": ["secret"]})[0] == 204


def test_a_personal_token_may_what_its_person_may_and_needs_no_other_token(shared_app, crowd):
    text = crowd["annotator"].good("POST", "/api/me/tokens", {"label": "s"})["token"]
    script = Client(shared_app.port, token=text)
    assert script("POST", "/api/projects/default/desk/next", {"count": 1})[0] == 200
    assert script("GET", "/api/projects/default/leases")[0] == 403
    assert script("GET", "/api/projects/other")[0] == 404
    assert Client(shared_app.port, token="glf_wrong")("GET", "/api/me")[0] == 401


def test_signing_out_is_for_who_is_signed_in(shared_app):
    client = shared_app.person("out")
    assert client("DELETE", "/api/session")[0] == 204
    assert client("GET", "/api/me")[0] == 401
    assert client("DELETE", "/api/session")[0] == 401


def test_the_api_page_of_the_documentation_names_every_operation_with_its_role():
    page = (Path(__file__).parents[2] / "docs" / "api.md").read_text(encoding="utf-8")
    words = {"nobody": "anybody", "person": "who is signed in"}
    assert [o for o, needs in NEEDS.items() if f"| `{o}` | {words.get(needs, needs)} |" not in page] == []
