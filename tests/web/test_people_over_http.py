"""Coming in: the first owner, invitations, passwords, sessions that survive a restart, and how often one may be wrong."""

from __future__ import annotations

import sqlite3
import subprocess
import sys

from app_server import PASSWORD, Client, serving


def test_the_first_owner_comes_in_by_the_printed_link_which_works_once(app):
    status, said = app.anyone()("POST", "/api/setup", {"token": app.setup, "name": "eve", "password": PASSWORD})
    assert (status, said["error"]["code"]) == (409, "conflict")
    assert app.anyone().good("GET", "/api/setup") == {"needed": False}
    assert app.admin.good("GET", "/api/me")["admin"] is True


def test_a_wrong_link_makes_nobody_an_owner(tmp_path):
    from workspaces import make_workspace

    with serving(make_workspace(tmp_path), set_up=False) as app:
        wrong = {"token": "x" * 32, "name": "eve", "password": PASSWORD}
        assert app.anyone()("POST", "/api/setup", wrong)[0] == 401
        short = {"token": app.setup, "name": "eve", "password": "short"}
        assert app.anyone()("POST", "/api/setup", short)[0] == 422
        assert app.anyone().good("GET", "/api/setup") == {"needed": True}
        app.set_up()


def test_an_invitation_is_used_up_by_its_first_use(app):
    invite = app.admin.good("POST", "/api/users", {"name": "bob"})["invite"]
    assert app.anyone()("POST", "/api/session", {"name": "bob", "password": PASSWORD})[0] == 401
    body = {"token": invite, "password": PASSWORD}
    assert app.anyone().good("POST", "/api/invite", body)["name"] == "bob"
    assert app.anyone()("POST", "/api/invite", body)[0] == 401
    app.anyone().good("POST", "/api/session", {"name": "bob", "password": PASSWORD})


def test_a_reset_ends_sessions_and_the_old_password(app):
    bob = app.person("bob")
    invite = app.admin.good("POST", "/api/users/bob/reset")["invite"]
    assert bob("GET", "/api/me")[0] == 401
    assert app.anyone()("POST", "/api/session", {"name": "bob", "password": PASSWORD})[0] == 401
    app.anyone().good("POST", "/api/invite", {"token": invite, "password": PASSWORD + "2"})


def test_another_password_ends_all_other_sessions(app):
    bob, elsewhere = app.person("bob"), app.anyone()
    elsewhere.good("POST", "/api/session", {"name": "bob", "password": PASSWORD})
    assert bob("POST", "/api/me/password", {"old": "wrong", "new": PASSWORD + "2"})[0] == 401
    bob.good("POST", "/api/me/password", {"old": PASSWORD, "new": PASSWORD + "2"})
    assert bob("GET", "/api/me")[0] == 200
    assert elsewhere("GET", "/api/me")[0] == 401


def test_who_is_removed_is_out_at_once_and_the_name_stays_on_the_annotations(app):
    bob = app.person("bob", default="annotator")
    token = bob.good("POST", "/api/me/tokens", {"label": "s"})["token"]
    item = bob.good("POST", "/api/projects/default/desk/next", {"count": 2})["items"][0]
    bob.submit(item["record"], {"intent": "ask", "slots": []})
    assert app.admin("DELETE", "/api/users/bob")[0] == 204
    assert bob("GET", "/api/me")[0] == 401
    assert Client(app.port, token=token)("GET", "/api/me")[0] == 401
    assert app.admin.good("GET", "/api/projects/default/leases") == []
    known = app.admin.good("GET", f"/api/projects/default/records/{item['record']}")
    assert [a["annotator"] for a in known["annotations"]] == ["bob"]


def test_the_last_admin_can_neither_be_removed_nor_reset(app):
    assert app.admin("DELETE", "/api/users/ada")[0] == 409
    assert app.admin("POST", "/api/users/ada/reset")[0] == 409
    assert app.admin("GET", "/api/me")[0] == 200


def test_names_that_differ_in_case_alone_are_one_name(app):
    app.person("bob")
    assert app.admin("POST", "/api/users", {"name": "Bob"})[0] == 409
    assert app.admin("POST", "/api/users", {"name": "import"})[0] == 422
    assert app.admin("POST", "/api/users", {"name": " "})[0] == 422


def test_a_role_that_is_taken_away_is_gone_with_the_next_request(app):
    bob = app.person("bob", default="annotator")
    bob.good("POST", "/api/projects/default/desk/next", {"count": 1})
    assert app.admin("DELETE", "/api/projects/default/members/bob")[0] == 204
    assert bob("POST", "/api/projects/default/desk/next", {"count": 1})[0] == 404
    assert app.admin.good("GET", "/api/projects/default/leases") == []


def test_after_six_wrong_passwords_the_right_one_is_not_looked_at_either_but_others_come_in(app):
    app.person("bob")
    wrong = [app.anyone()("POST", "/api/session", {"name": "bob", "password": "wrong"})[0] for _ in range(7)]
    assert wrong == [401] * 6 + [429]
    status, headers, _ = app.anyone().raw("POST", "/api/session", {"name": "bob", "password": PASSWORD})
    assert status == 429
    assert 0 < int(headers["retry-after"]) <= 600
    app.anyone().good("POST", "/api/session", {"name": "ada", "password": PASSWORD})


def test_sessions_survive_a_restart_and_the_database_holds_no_secret(tmp_path):
    from workspaces import make_workspace

    folder = make_workspace(tmp_path)
    with serving(folder) as app:
        bob = app.person("bob", default="annotator")
        token = bob.good("POST", "/api/me/tokens", {"label": "s"})["token"]
    with serving(folder) as again:
        bob.port = again.port
        assert bob.good("GET", "/api/me")["name"] == "bob"
        assert Client(again.port, token=token).good("GET", "/api/me")["name"] == "bob"
    with sqlite3.connect(folder / "goldleaf.db") as c:
        said = "\n".join(c.iterdump())
    for secret in (bob.cookie.partition("=")[2], token, PASSWORD, bob.csrf):
        assert secret not in said


def test_signing_out_gives_back_what_was_leased(app):
    bob = app.person("bob", default="annotator")
    bob.good("POST", "/api/projects/default/desk/next", {"count": 3})
    assert len(app.admin.good("GET", "/api/projects/default/leases")) == 3
    assert bob("DELETE", "/api/session")[0] == 204
    assert app.admin.good("GET", "/api/projects/default/leases") == []


def test_a_project_that_another_process_makes_is_there_with_the_next_look_at_the_list(app):
    command = ["init", app.folder, "--project", "third", "--template", "ner"]
    subprocess.run([sys.executable, "-m", "goldleaf", *map(str, command)], check=True, capture_output=True)
    bob = app.person("bob", default="viewer")
    assert [p["name"] for p in app.admin.good("GET", "/api/projects")] == ["default", "other", "third"]
    assert app.admin("GET", "/api/projects/third")[0] == 200
    assert [p["name"] for p in bob.good("GET", "/api/projects")] == ["default"]


def test_done_means_the_same_in_the_list_of_projects_and_on_the_dashboard(app):
    app.admin.good("PATCH", "/api/projects/default/settings", {"overlap": 2})
    ann, bob = app.person("ann", default="annotator"), app.person("bob", default="annotator")
    for client, count in ((ann, 2), (bob, 1)):
        for item in client.good("POST", "/api/projects/default/desk/next", {"count": count})["items"]:
            client.submit(item["record"], {"intent": "ask", "slots": []})
    listed = next(p for p in app.admin.good("GET", "/api/projects") if p["name"] == "default")
    shown = app.admin.good("GET", "/api/projects/default/dashboard")["progress"]
    assert (listed["records"], listed["done"], listed["gold"]) == (12, 1, 2)  # of r1 one answer of two is there
    assert (shown["done"], shown["total"]) == (1, 12)
    statuses = {r["record"]: r["status"] for r in app.admin.good("GET", "/api/projects/default/records")["items"]}
    assert (statuses["r0"], statuses["r1"], statuses["r5"]) == ("provisional", "provisional", "open")


def test_an_answer_that_came_too_late_is_counted_and_listed_as_surplus(app):
    ann, bob = app.person("ann", default="annotator"), app.person("bob", default="annotator")
    bob.good("POST", "/api/projects/default/desk/next", {"count": 1})
    app.admin.good("DELETE", "/api/projects/default/leases/bob")
    ann.good("POST", "/api/projects/default/desk/next", {"count": 1})
    ann.submit("r0", {"intent": "ask", "slots": []}, seconds=8)
    assert bob.submit("r0", {"intent": "thank", "slots": []}, seconds=2)["outcome"] == "surplus"
    people = {p["name"]: p["surplus"] for p in app.admin.good("GET", "/api/projects/default/dashboard")["annotators"]}
    assert people == {"ann": 0, "bob": 1}
    page = app.admin.good("GET", "/api/projects/default/records?status=surplus")
    assert [(r["record"], r["status"], r["surplus"]) for r in page["items"]] == [("r0", "provisional", 1)]
    assert page["annotators"] == ["ann", "bob"]
