"""Requests that are wrong: each gets one message, and changes nothing. Records that hold HTML stay text."""

from __future__ import annotations

import json
import re
import sqlite3
import time
import uuid
from pathlib import Path

import pytest
from app_server import PASSWORD, Client, serving

from goldleaf.web.reasons import REASONS
from goldleaf.workspace import import_file, init_workspace

ROOT = Path(__file__).parents[2]
SUBMIT = "/api/projects/default/desk/submit"
JSON = {"content-type": "application/json"}


def answer(**changed):
    return {"id": str(uuid.uuid4()), "record": "r0", "values": {"intent": "ask", "slots": []}, "want": 0, **changed}


def state(app):
    """Everything in the database that people can change."""
    tables = (
        "annotations",
        "assignments",
        "drafts",
        "gold",
        "guidelines",
        "label_notes",
        "members",
        "projects",
        "schemas",
        "users",
    )
    with sqlite3.connect(app.folder / "goldleaf.db") as c:
        return {table: c.execute(f"SELECT * FROM {table} ORDER BY 1, 2").fetchall() for table in tables}


@pytest.fixture(scope="module")
def owner(shared_app):
    shared_app.admin.good("POST", "/api/projects/default/desk/next", {"count": 5})
    return shared_app.admin


DEEP = b'{"id": "x", "record": "r0", "values": {"slots": ' + b"[" * 100_000 + b"]" * 100_000 + b"}}"
WRONG = {
    "not JSON": (b"{", 422),
    "nothing": (b"", 422),
    "JSON that is no object": (b"[1, 2]", 422),
    "too deep": (DEEP, 422),
    "invalid UTF-8": (b'{"record": "\xff\xfe"}', 422),
    "half a surrogate pair": (json.dumps(answer(comment="\ud800")).encode(), 422),
    "NaN": (json.dumps(answer(seconds=float("nan"))).encode(), 422),
    "infinity": (b'{"seconds": 1e999}', 422),
    "an unknown key": (json.dumps(answer(admin=True)).encode(), 422),
    "a missing key": (b'{"record": "r0"}', 422),
    "seconds as text": (json.dumps(answer(seconds="3")).encode(), 422),
    "seconds below zero": (json.dumps(answer(seconds=-1)).encode(), 422),
    "a number that no database holds": (json.dumps(answer(supersedes=10**30)).encode(), 422),
    "an id that is none": (json.dumps(answer(id="1")).encode(), 422),
    "a record as number": (json.dumps(answer(record=3)).encode(), 422),
    "values as list": (json.dumps(answer(values=[])).encode(), 422),
    "an unknown field": (json.dumps(answer(values={"mood": "x"})).encode(), 422),
    "an unknown label": (json.dumps(answer(values={"intent": "x"})).encode(), 422),
    "a span outside the text": (json.dumps(answer(values={"slots": [[0, 999, "city"]]})).encode(), 422),
    "a span of another type": (json.dumps(answer(values={"slots": [["0", True, None]]})).encode(), 422),
    "an unknown status": (json.dumps(answer(status="surplus")).encode(), 422),
    "a schema version to come": (json.dumps(answer(schema_version=99)).encode(), 422),
    "no values": (json.dumps(answer(values={})).encode(), 422),
    "a record that was not given": (json.dumps(answer(record="r11")).encode(), 404),
    "a record that is not there": (json.dumps(answer(record="zzz")).encode(), 404),
}


@pytest.mark.parametrize("case", WRONG)
def test_a_wrong_body_gets_one_message_and_changes_nothing(shared_app, owner, case):
    body, status = WRONG[case]
    before = state(shared_app)
    got, headers, data = owner.raw("POST", SUBMIT, body, JSON)
    assert got == status
    assert headers["content-type"] == "application/json"
    said = json.loads(data)
    assert set(said) == {"error"}
    assert set(said["error"]) <= {"message", "where", "found", "expected", "todo", "code", "reason"}
    assert "\n" not in said["error"]["message"]
    assert len(data) < 2000
    assert state(shared_app) == before


def test_a_body_that_is_too_large_is_refused_announced_or_not(shared_app, owner):
    before = state(shared_app)
    large = b'{"record": "' + b"x" * 9_000_000 + b'"}'
    assert owner.raw("POST", SUBMIT, large, JSON)[0] == 413
    chunks = iter([large[:5_000_000], large[5_000_000:]])
    assert owner.raw("POST", SUBMIT, chunks, JSON)[0] == 413
    assert state(shared_app) == before


def test_a_body_that_is_not_said_to_be_json_is_refused(owner):
    body = json.dumps(answer()).encode()
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", None):
        assert owner.raw("POST", SUBMIT, body, {"content-type": kind})[0] == 415


@pytest.mark.parametrize(
    "query",
    [
        "limit=0",
        "limit=x",
        "limit=100000",
        "after=-1",
        "after=99999999999999999999",
        "status=great",
        "min_score=2",
        "x=1",
        "split=%ff",
    ],
)
def test_a_wrong_query_gets_one_message(owner, query):
    status, said = owner("GET", f"/api/projects/default/records?{query}")
    assert status == 422
    assert said["error"]["code"] == "invalid"


@pytest.mark.parametrize(
    "path", ["/api/nothing", "/api", "/nothing", "/../etc/passwd", "/%2e%2e/%2e%2e/app.py", "/%00", "/.env"]
)
def test_an_address_that_there_is_not_says_so(owner, path):
    status, said = owner("GET", path)
    assert status == 404
    assert said["error"]["code"] == "not_found"


def test_a_method_that_an_address_does_not_take_says_so(owner):
    status, said = owner("PATCH", "/api/me")
    assert status == 405
    assert said["error"]["code"] == "method"


@pytest.mark.parametrize("record", ["%00", "%ff%fe", "a%2Fb", "%F0%9F%92%A9", "x" * 5000])
def test_the_name_of_a_record_may_be_anything_and_is_just_not_there(owner, record):
    assert owner("GET", f"/api/projects/default/records/{record}")[0] == 404
    assert owner("GET", f"/api/projects/default/desk/records/{record}")[0] == 404
    assert owner("PUT", f"/api/projects/default/drafts/{record}", {"values": {}})[0] == 404


def test_a_change_needs_the_sessions_token(shared_app, owner):
    before = state(shared_app)
    body = {"text": "# stolen"}
    path = "/api/projects/default/guidelines"
    assert owner.raw("PUT", path, body, {"x-csrf-token": None})[0] == 403
    assert owner.raw("PUT", path, body, {"x-csrf-token": "0" * 64})[0] == 403
    assert owner.raw("PUT", path, body, {"x-csrf-token": "\u00fc"})[0] == 403
    assert owner.raw("PUT", path, body, {"sec-fetch-site": "cross-site"})[0] == 403
    assert owner.raw("PUT", path, body, {"sec-fetch-site": "same-site"})[0] == 403
    assert state(shared_app) == before
    assert owner.raw("PUT", path, body, {"sec-fetch-site": "same-origin"})[0] == 200


def test_a_record_of_html_is_served_as_text_within_json(owner):
    status, headers, data = owner.raw("GET", "/api/projects/default/records/r3")
    assert status == 200
    assert headers["content-type"] == "application/json"
    assert headers["x-content-type-options"] == "nosniff"
    assert json.loads(data)["text"] == "<img src=x onerror=alert(1)><script>alert(2)</script> \u202eoslo"


@pytest.mark.parametrize("path", ["/", "/api/me", "/api/health", "/api/nothing", "/api/projects/default/export"])
def test_every_answer_has_the_headers_that_keep_others_out(owner, path):
    _, headers, _ = owner.raw("GET", path)
    assert "default-src 'none'; script-src 'self'; style-src 'self'" in headers["content-security-policy"]
    assert "unsafe" not in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert "server" not in headers


def test_an_export_is_a_download_and_never_a_page(owner):
    _, headers, data = owner.raw("GET", "/api/projects/default/export?format=jsonl")
    assert headers["content-disposition"].startswith("attachment")
    assert headers["content-type"] == "application/octet-stream"
    assert len(data.splitlines()) == 12


def test_the_cookie_cannot_be_read_by_scripts_nor_sent_by_other_sites(shared_app):
    client = Client(shared_app.port)
    _, headers, _ = client.raw("POST", "/api/session", {"name": "ada", "password": PASSWORD})
    cookie = headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    assert "secure" not in cookie
    _, headers, _ = client.raw(
        "POST", "/api/session", {"name": "ada", "password": PASSWORD}, {"x-forwarded-proto": "https"}
    )
    assert "secure" in headers["set-cookie"].lower()


def test_what_goes_wrong_has_a_name_that_stays_and_every_name_is_translated():
    sources = "\n".join(
        p.read_text("utf-8") for p in (ROOT / "src" / "goldleaf").rglob("*.py") if p.name != "reasons.py"
    )
    parts = ("lies outside the text", "not valid {encoding.upper()}", "no such {what} column")
    made = {"the span lies outside the text", "not valid UTF-8", "no such text column", "no such label column"}
    assert [part for part in parts if part not in sources] == []
    assert [said for said in REASONS if f'"{said}"' not in sources and said not in made] == []
    chinese = (ROOT / "web-ui" / "src" / "i18n" / "zh" / "reasons.ts").read_text("utf-8")
    assert set(re.findall(r"^  (\w+): \{", chinese, re.MULTILINE)) == set(REASONS.values())


def test_an_error_names_its_reason(shared_app):
    status, said = shared_app.anyone()("POST", "/api/session", {"name": "nemo", "password": PASSWORD})
    assert (status, said["error"]["code"], said["error"]["reason"]) == (401, "sign_in", "wrong_password")


def test_the_list_of_projects_counts_gold_that_was_imported_before_the_start(tmp_path):
    lines = tmp_path / "gold.jsonl"
    lines.write_text('{"text": "hi", "gold": {"label": "greeting"}}\n{"text": "?"}\n', encoding="utf-8")
    with init_workspace(tmp_path / "ws", template="classification") as ws:
        import_file(ws, lines)
    with serving(tmp_path / "ws") as app:
        until = time.monotonic() + 20
        while not (found := app.admin.good("GET", "/api/projects")[0])["done"] and time.monotonic() < until:
            time.sleep(0.05)
    assert (found["records"], found["gold"], found["done"]) == (2, 1, 1)
