"""What waits on this device, what was not taken, and what a reload or another page leaves as it was."""

from __future__ import annotations

import copy

from app_server import PASSWORD
from schemas import ENTITIES, NEWS, SUGGESTED, values


def unsent(window, record="n2"):
    """Labels the first record while nothing can be sent."""
    window.page.route("**/desk/submit", lambda route: route.abort())
    window.keys("ArrowRight", "1", "Enter")
    window.wait_record(record)
    window.page.get_by_text("1 answer waits on this device").wait_for()


def test_unsent_answers_are_sent_from_every_page_also_after_a_reload(project, screen):
    window = screen(project([ENTITIES], NEWS))
    unsent(window)
    window.page.goto(f"{window.address}/#/")
    waits = window.page.get_by_role("banner").get_by_text("1 answer waits on this device")
    waits.wait_for()
    window.page.reload()
    waits.wait_for()
    assert window.answers("n1") == []
    window.page.unroute("**/desk/submit")
    waits.wait_for(state="detached", timeout=20_000)
    assert values(window, "n1") == {"entities": [[0, 5, "PER"]]}


def test_signing_out_with_unsent_answers_asks_first(project, screen):
    window = screen(project([ENTITIES], NEWS))
    unsent(window)
    dialog = window.page.get_by_role("dialog")

    def leave():
        window.page.get_by_role("button", name="ada").click()
        window.page.get_by_role("menuitem", name="Sign out").click()

    leave()
    dialog.get_by_text("1 answer has not been sent").wait_for()
    dialog.get_by_role("button", name="Cancel").click()
    assert window.record() == "n2"
    leave()
    window.page.unroute("**/desk/submit")
    dialog.get_by_role("button", name="Send now").click()
    dialog.get_by_text("Everything has been sent").wait_for()
    dialog.get_by_role("button", name="Sign out").click()
    window.page.locator("input[type=password]").wait_for()
    assert len(window.answers("n1")) == 1


def test_an_answer_that_was_not_taken_is_tried_again_or_opened_and_corrected(project, screen):
    window = screen(project([ENTITIES], NEWS))
    window.expected = (*window.expected, "422 (Unprocessable")
    error = {"message": "unknown label", "code": "invalid"}
    window.page.route("**/desk/submit", lambda route: route.fulfill(status=422, json={"error": error}))
    for record in ("n2", "n3"):
        window.keys("ArrowRight", "1", "Enter")
        window.wait_record(record)
    window.page.get_by_role("button", name="2 answers were not taken").click()
    window.page.unroute("**/desk/submit")
    first, second = window.page.get_by_role("dialog").get_by_role("listitem").all()
    assert "unknown label" in first.inner_text()
    second.get_by_role("button", name="Open to correct").click()
    window.wait_record("n2")
    assert window.labels() == ["PER"]
    window.page.get_by_role("button", name="1 answer was not taken").click()
    window.page.get_by_role("dialog").get_by_role("button", name="Try again").click()
    window.page.get_by_role("dialog").get_by_text("Saved").wait_for()
    window.keys("Escape", "ArrowDown", "2", "Enter")
    window.wait_record("n3")
    window.wait_saved()
    assert values(window, "n1") == {"entities": [[0, 5, "PER"]]}
    assert values(window, "n2") == {"entities": [[0, 3, "ORG"]]}


def another_tab(window):
    tab = copy.copy(window)
    tab.page = window.context.new_page()
    tab.annotate()
    return tab


def test_a_record_answered_in_one_tab_goes_from_the_other(project, screen):
    one = screen(project([ENTITIES], NEWS))
    two = another_tab(one)
    assert (one.record(), two.record()) == ("n1", "n1")
    one.keys("ArrowRight", "1", "Enter")
    two.wait_record("n2")
    one.wait_saved()
    assert values(one, "n1") == {"entities": [[0, 5, "PER"]]}


def test_a_second_tab_does_not_replace_an_answer_unseen(project, screen):
    one = screen(project([ENTITIES], NEWS))
    two = another_tab(one)
    two.keys("ArrowRight", "2")
    one.keys("ArrowRight", "1", "Enter")
    one.wait_record("n2")
    one.wait_saved()
    two.keys("Enter")
    two.page.get_by_text("Not taken: you have answered").wait_for()
    assert len(one.answers("n1")) == 1
    two.page.get_by_role("button", name="Look").click()
    two.wait_record("n1")
    assert two.labels() == ["ORG"]
    two.keys("Enter")
    two.wait_saved()
    first, second = one.answers("n1")
    assert second["supersedes"] == first["annotation"]
    assert second["values"] == {"entities": [[0, 5, "ORG"]]}


def look_elsewhere(window):
    """To the page of the guidelines and back."""
    record = window.record()
    window.page.get_by_role("link", name="Guidelines").click()
    window.page.get_by_role("heading", level=1, name="Guidelines").wait_for()
    window.page.get_by_role("link", name="Annotate").click()
    window.wait_record(record)


def test_suggestions_that_nobody_has_touched_are_there_after_a_reload_and_on_the_way_back(project, screen):
    window = screen(project([ENTITIES], SUGGESTED, as_="suggestions"))
    window.keys("Space")  # the first of two is accepted
    window.page.reload()
    window.wait_record("n1")
    assert window.page.locator(".mark.suggested").count() == 1
    look_elsewhere(window)
    assert window.page.locator(".mark.suggested").count() == 1
    window.keys("a", "Enter")
    window.wait_record("n4")
    window.wait_saved()
    assert values(window, "n1") == window.answers("n1")[-1]["suggested"] == {"entities": SUGGESTED[0]["entities"]}


def test_the_way_back_lasts_while_one_looks_at_other_pages(project, screen):
    window = screen(project([ENTITIES], NEWS))
    window.keys("ArrowRight", "2", "Enter")
    window.wait_record("n2")
    look_elsewhere(window)
    window.keys("Control+z")
    window.wait_record("n1")
    assert window.labels() == ["ORG"]


def test_the_record_in_work_is_the_one_shown_after_a_reload(project, screen):
    window = screen(project([ENTITIES], NEWS, order="random", seed=3))
    window.keys("x", "1")
    window.wait_saved()
    record = window.record()
    window.keys("ArrowRight", "1")
    window.page.reload()
    window.wait_record(record)
    assert window.labels() == ["PER"]


def test_the_seconds_before_a_reload_count(project, screen):
    window = screen(project([ENTITIES], NEWS))
    window.keys("ArrowRight")
    window.page.wait_for_timeout(1500)
    window.page.reload()
    window.wait_record("n1")
    window.keys("Enter")
    window.wait_record("n2")
    window.wait_saved()
    assert window.answers("n1")[-1]["seconds"] >= 1.5


def sign_in_again(page, name="ada"):
    page.get_by_label("Name", exact=True).fill(name)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()


def test_guidelines_that_were_being_written_when_the_session_ended_are_there_after_signing_in(app, project, visit):
    name = project([ENTITIES], NEWS)
    app.admin.good("PUT", f"/api/projects/{name}/guidelines", {"text": "# First"})
    page = visit(f"/p/{name}/guidelines")
    text = page.get_by_label("Text (Markdown)")
    page.get_by_role("button", name="Edit").click()
    text.fill("# Persons\n\nEvery name.")
    page.context.clear_cookies()  # the session is over
    page.get_by_role("button", name="Save as version 2").click()
    sign_in_again(page)
    page.get_by_text("What you had written and not saved is here again.").wait_for()
    assert text.input_value() == "# Persons\n\nEvery name."
    app.admin.good("PUT", f"/api/projects/{name}/guidelines", {"text": "# Second"})  # somebody else's, meanwhile
    page.answer = lambda dialog: dialog.accept()
    page.reload()
    page.get_by_text("It was begun from version 1; version 2 has been saved since").wait_for()
    page.get_by_role("button", name="Save as version 3").click()
    page.get_by_role("heading", name="Persons").wait_for()
    page.reload()
    page.get_by_role("heading", name="Persons").wait_for()
    assert page.get_by_role("status").filter(has_text="here again").count() == 0


def test_notes_of_labels_survive_the_end_of_the_session_and_go_when_they_are_given_up(project, visit):
    name = project([ENTITIES], NEWS)
    page = visit(f"/p/{name}/settings?tab=labels")
    definition = page.get_by_role("group", name="PER", exact=True).get_by_label("Definition")
    definition.fill("A named person")
    page.context.clear_cookies()
    page.get_by_role("button", name="Save").click()
    sign_in_again(page)
    page.get_by_text("Not saved yet").wait_for()
    assert definition.input_value() == "A named person"
    page.answer = lambda dialog: dialog.accept()
    page.get_by_role("link", name="Browse", exact=True).click()
    page.get_by_role("link", name="Settings", exact=True).click()
    page.get_by_role("tab", name="Labels").click()
    assert definition.input_value() == ""
