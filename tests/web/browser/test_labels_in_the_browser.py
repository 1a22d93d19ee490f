"""Labels as their owner changes them, in a real browser: renamed, merged, removed."""

from __future__ import annotations

from schemas import ENTITIES, NEWS

INTENT = {"name": "intent", "kind": "choice", "labels": ["ask", "thank"]}


def test_a_label_is_renamed_on_its_page_and_answers_follow(app, project, visit):
    name = project([ENTITIES, INTENT], NEWS)
    app.admin.good("POST", f"/api/projects/{name}/desk/next", {"count": 1})
    app.admin.submit("n1", {"entities": [[0, 5, "PER"]], "intent": "ask"}, project=name)
    page = visit(f"/p/{name}/settings?tab=labels", refused="422 (Unprocessable")
    page.get_by_role("group", name="PER", exact=True).get_by_label("Definition").fill("A named person")
    page.get_by_role("button", name="Rename or remove: PER").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("New name").fill("ORG")
    dialog.get_by_text("There is a label of this name").wait_for()
    assert dialog.get_by_role("button", name="Rename", exact=True).is_disabled()
    dialog.get_by_label("New name").fill("PERSON")
    dialog.get_by_role("button", name="Rename", exact=True).click()
    page.locator(".toast").get_by_text("Done. 1 answer was changed.").wait_for()
    renamed = page.get_by_role("group", name="PERSON", exact=True)
    assert renamed.get_by_label("Definition").input_value() == "A named person"  # what was not saved yet goes along
    page.get_by_role("button", name="Rename or remove: ask").click()
    dialog.get_by_label("Remove it").check()
    dialog.get_by_role("button", name="Remove", exact=True).click()
    dialog.get_by_text("answers with this label need another one in its place").wait_for()
    dialog.get_by_label("Merge it into another label").check()
    dialog.get_by_role("button", name="Merge", exact=True).click()
    page.locator(".toast").get_by_text("Done. 1 answer was changed.").last.wait_for()
    page.get_by_role("group", name="ask", exact=True).wait_for(state="detached")
    [given] = app.admin.good("GET", f"/api/projects/{name}/records/n1")["annotations"]
    assert given["values"] == {"entities": [[0, 5, "PERSON"]], "intent": "thank"}
    page.answer = lambda dialog: dialog.accept()
    page.goto(f"http://127.0.0.1:{app.port}/#/p/{name}/browse/n1")
    page.get_by_text("Until labels changed").first.wait_for()
