"""Requests made up from the API's own description, by somebody of each role: nothing breaks the server, and most of it is reached."""

from __future__ import annotations

import pytest
from app_server import ROLES, Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from test_roles import BLIND, NEEDS, allowed, body_of

EXAMPLES = 40
PARTS = {"project": "default", "record": "r0", "annotator": "nemo", "id": "7"}
NEVER = ("POST /api/setup", "POST /api/invite")
"""What nobody gets a 2xx of once there is an owner, without a secret that cannot be made up."""


@pytest.mark.slow
@pytest.mark.parametrize("role", [*ROLES, "admin"])
def test_no_made_up_request_breaks_the_server_and_most_operations_are_reached(app, role):
    schemathesis = pytest.importorskip("schemathesis")
    app.admin.good("PATCH", "/api/projects/default/settings", {"overlap": 20})
    app.person("nemo", default="annotator")
    app.person("spare")
    person = app.admin if role == "admin" else app.person("fuzz", default=role)
    tokens = [person.good("POST", "/api/me/tokens", {"label": "fuzz"}) for _ in range(7)]
    # the last is deleted, and small numbers that are made up meet none that is in use
    assert tokens[-1]["id"] == int(PARTS["id"])
    token = tokens[-2]["token"]
    if role not in ("viewer",):
        person.good("POST", "/api/projects/default/desk/next", {"count": 12})
    schema = schemathesis.openapi.from_url(f"http://127.0.0.1:{app.port}/api/openapi.json")
    broken, reached = [], set()
    for result in schema.get_all_operations():
        operation = result.ok()
        name = f"{operation.method.upper()} {operation.path}"
        for status, said in fuzz(app, operation, name, token):
            reached |= {name} if 200 <= status < 300 else set()
            broken += [(name, status, said)] if status >= 500 else []
    assert broken == []
    mine = [o for o in NEEDS if o not in NEVER and allowed(role, NEEDS[o], o) is None]
    missed = [o for o in mine if o not in reached]
    assert len(missed) <= 0.2 * len(mine), missed
    assert app.process.poll() is None
    assert app.admin("GET", "/api/health")[0] == 200
    assert not [o for o in reached if o.partition("{project}")[2] in BLIND and role == "annotator"]


def fuzz(app, operation, name, token):
    """Status and beginning of the answer to each of some requests; half of them with an address and a body that are right."""
    found = []
    client = Client(app.port, token=token)

    @settings(
        max_examples=EXAMPLES, deadline=None, database=None, derandomize=True, suppress_health_check=list(HealthCheck)
    )
    @given(operation.as_strategy(), st.booleans(), st.booleans())
    def ask(case, right_parts, right_body):
        if right_parts:
            right = {**PARTS, "name": "spare" if "/users/" in name else "nemo"}
            case.path_parameters = {key: right.get(key, value) for key, value in (case.path_parameters or {}).items()}
        if right_body and (body := body_of(name)) is not None:
            case.body, case.media_type = body, "application/json"
        sent = case.as_transport_kwargs(base_url=f"http://127.0.0.1:{app.port}")
        found.append(call(client, sent))

    ask()
    return found


def call(client, sent):
    """Send what schemathesis made, as it is."""
    import requests

    headers = {**dict(sent.pop("headers", None) or {}), "authorization": f"Bearer {client.token}"}
    try:
        response = requests.request(**sent, headers=headers, timeout=30)
    except (requests.exceptions.InvalidHeader, UnicodeError):  # what no client can send
        return 0, ""
    return response.status_code, response.text[:300]
