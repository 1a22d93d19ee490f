"""What a command doubts comes first in review, with the reason, and ends with a decision."""

from __future__ import annotations

from goldleaf.core import Span
from goldleaf.store import Doubt, find_by_ids, get_project
from goldleaf.workspace import open_workspace
from goldleaf.workspace.doubting import send_to_review

ENTITIES = {"name": "entities", "kind": "spans", "labels": ["PER", "ORG", "LOC"]}
SURE = {"id": "d1", "text": "Nobody was there.", "gold": {"entities": []}}
WRONG = {"id": "d2", "text": "The Bank of China opened.", "gold": {"entities": [[12, 17, "LOC"]]}}


def doubt(app, project, record, **more):
    with open_workspace(app.folder) as ws, ws.store.write() as c:
        key, found = get_project(c, project)
        pk = find_by_ids(c, key, [record])[record].pk
        send_to_review(c, key, found, "errors", [(pk, Doubt(record, "entities", "errors", **more))])


def test_a_suspected_label_is_corrected_by_taking_what_is_proposed(app, project, visit):
    name = project([ENTITIES], [SURE, WRONG])
    doubt(
        app, name, "d2", score=0.87, proposed=[Span(4, 17, "ORG")], reasons=("model disagrees", "neighbours disagree")
    )
    page = visit(f"/p/{name}/review")
    page.get_by_text("87% doubt").wait_for()
    page.get_by_role("link", name="Start with the first").click()
    why = page.get_by_role("region", name="Why it is here")
    why.get_by_text("the model disagrees · records like it are labelled otherwise").wait_for()
    assert "China" in page.get_by_role("group", name="Result").inner_text()
    page.keyboard.press("p")
    why.get_by_text("Bank of China").wait_for()
    page.keyboard.press("Enter")
    page.get_by_text("That was the last one in dispute.").wait_for()
    found = app.admin.good("GET", f"/api/projects/{name}/records/d2")["gold"]["entities"]
    assert (found["value"], found["method"]) == ([[4, 17, "ORG"]], "adjudicated")
    assert app.admin.good("GET", f"/api/projects/{name}/review/d2")["doubts"] == []
    page = visit(f"/p/{name}/browse/d2")
    decided = page.get_by_text("Before (imported)").locator("..")
    assert "China" in decided.inner_text(), "what counted until then"
    assert "Bank of China" not in decided.inner_text()
