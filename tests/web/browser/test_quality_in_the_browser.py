"""The dashboard's part on label quality: what it says, in both languages, and where it leads."""

from __future__ import annotations

import uuid

import pytest
from app_server import PASSWORD
from axe import complaints

from goldleaf.store import Doubt, find_by_ids, get_project
from goldleaf.workspace import import_file, open_workspace
from goldleaf.workspace.doubting import send_to_review

INTENT = {"name": "intent", "kind": "choice", "labels": ["ask", "thank"]}
NAMES = {"name": "names", "kind": "spans", "labels": ["PER", "ORG"]}
RECORDS = [{"id": f"q{n}", "text": f"Ada wrote to ACME, {n} times"} for n in range(24)]


def said(n):
    """Two who differ in every sixth record, and one who always asks in half a second."""
    right, other = ("ask", "thank") if n % 2 else ("thank", "ask")
    spans = [[0, 3, "PER"]]
    return {
        "ann": ({"intent": right, "names": [*spans, [13, 17, "ORG"]]}, 8.0),
        "ben": ({"intent": other if n % 6 == 0 else right, "names": [*spans, [13, 17, "PER"]]}, 9.0),
        "zoe": ({"intent": "ask", "names": spans}, 0.5),
    }


@pytest.fixture
def answered(app, project, tmp_path):
    """A project with three people's answers, and a label that a search suspects."""
    import json

    name = project([INTENT, NAMES], RECORDS)
    lines = [
        {
            **record,
            "annotations": [
                {"annotator": who, "values": values, "seconds": seconds} for who, (values, seconds) in said(n).items()
            ],
        }
        for n, record in enumerate(RECORDS)
    ]
    (tmp_path / "records.jsonl").write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    with open_workspace(app.folder) as ws:
        import_file(ws, tmp_path / "records.jsonl", project=name)
        with ws.store.write() as c:
            key, found = get_project(c, name)
            pk = find_by_ids(c, key, ["q5"])["q5"].pk
            doubt = Doubt("q5", "intent", "errors", 0.83, "thank", ("model disagrees",))
            send_to_review(c, key, found, "errors", [(pk, doubt)])
    return name


def opened(visit, name, person="ada", **options):
    page = visit(f"/p/{name}/dashboard", person, **options)
    page.locator("#skill").wait_for(timeout=60_000)
    return page


def test_agreement_is_shown_with_its_interval_and_what_it_means(visit, answered):
    page = opened(visit, answered)
    table = page.get_by_role("region", name="Agreement: intent")
    row = table.get_by_role("row", name="Raw agreement")
    # ann and ben agree in 20 of 24; zoe with ann in the 12 odd records, with ben in these and the 4 that six divides: 20 + 12 + 16 of 72
    assert row.get_by_role("cell").nth(1).inner_text() == "0.67"
    assert "–" in row.get_by_role("cell").nth(2).inner_text()
    assert "in 67 of 100 cases" in row.inner_text()
    matrix = page.get_by_role("region", name="Which labels meet which: intent")
    assert matrix.get_by_role("row").last.get_by_role("cell").count() == 2
    page.get_by_text("ask and thank: 24 pairs").click()
    page.get_by_role("link", name="Ada wrote to ACME").first.click()
    page.get_by_role("group", name="Result").wait_for()


def test_annotators_are_shown_with_their_skill_and_what_looks_suspicious(visit, answered):
    page = opened(visit, answered)
    people = page.get_by_role("region", name="Label quality: Annotators")
    assert people.get_by_role("row", name="zoe").count() == 2, "a row a field"
    page.get_by_text("a median of 0.5 s an answer; others take").first.wait_for()
    page.get_by_text("Skill by label, and over time").click()
    page.get_by_role("rowheader", name="thank").first.wait_for()
    assert page.get_by_role("img", name="Confidence of gold made of answers: intent").count() == 1


def test_a_suspected_label_leads_to_its_record_in_review(visit, answered):
    page = opened(visit, answered)
    table = page.get_by_role("region", name="Labels that are probably wrong")
    row = table.get_by_role("row", name="83%")
    assert "the model disagrees" in row.inner_text()
    row.get_by_role("link").click()
    page.get_by_role("region", name="Why it is here").get_by_text("the model disagrees").wait_for()


def test_the_same_is_said_in_chinese(visit, answered):
    page = opened(visit, answered, locale="zh-CN")
    page.get_by_role("heading", name="标签质量").wait_for()
    page.get_by_text("含随机一致").first.wait_for()
    page.get_by_text("单条用时中位数 0.5 秒").first.wait_for()
    part = page.get_by_role("region", name="标签质量", exact=True)
    words = part.inner_text()
    for english in ("Agreement", "interval", "median of", "model disagrees", "Two annotators", "disagreement"):
        assert english not in words


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_serious_in_it(visit, answered, theme):
    page = opened(visit, answered, color_scheme=theme)
    page.get_by_text("ask and thank: 24 pairs").click()
    page.get_by_text("Skill by label, and over time").click()
    assert complaints(page) == []


def test_those_who_look_on_are_not_shown_it(app, visit, answered):
    name = f"vic-{uuid.uuid4().hex[:6]}"
    invite = app.admin.good("POST", "/api/users", {"name": name, "admin": False})["invite"]
    app.admin.good("PUT", f"/api/projects/{answered}/members/{name}", {"role": "viewer"})
    app.anyone().good("POST", "/api/invite", {"token": invite, "password": PASSWORD})
    page = visit(f"/p/{answered}/dashboard", name)
    page.get_by_role("heading", name="Label balance").wait_for()
    assert page.get_by_role("heading", name="Label quality").count() == 0
