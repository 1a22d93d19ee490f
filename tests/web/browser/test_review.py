"""Review in a real browser: what two people see differently is settled, and becomes gold."""

from __future__ import annotations

import re

import pytest

INTENT = {"name": "intent", "kind": "choice", "labels": ["ask", "thank", "complain"]}
ENTITIES = {"name": "entities", "kind": "spans", "labels": ["PER", "ORG", "LOC"]}
POS = {"name": "pos", "kind": "tags", "labels": ["NOUN", "VERB", "DET"]}

#        Grace Hopper 0..12, Navy 24..28, Arlington 32..41
HOPPER = {"id": "n1", "text": "Grace Hopper joined the Navy in Arlington."}
BANK = {"id": "n2", "text": "The Bank of China opened in Lisbon."}
QUIET = {"id": "n3", "text": "Nobody was there."}
ANN = {
    "n1": {"intent": "ask", "entities": [[0, 12, "PER"], [32, 41, "LOC"]]},
    "n2": {"intent": "ask", "entities": [[4, 17, "ORG"]]},
    "n3": {"intent": "ask", "entities": []},
}
BOB = {
    "n1": {"intent": "thank", "entities": [[6, 12, "PER"], [32, 41, "LOC"]]},
    "n2": {"intent": "ask", "entities": [[12, 17, "LOC"]]},
    "n3": {"intent": "ask", "entities": []},
}
people = iter(range(1000))


def answer(app, project, *answers):
    """Each of these answers from a person of its own; their names."""
    names = []
    for given in answers:
        name = f"person{next(people)}"
        client = app.person(name, **{project: "annotator"})
        while items := client.good("POST", f"/api/projects/{project}/desk/next", {"count": 3, "have": []})["items"]:
            for item in items:
                client.submit(item["record"], given[item["record"]], project=project)
        names.append(name)
    return names


@pytest.fixture
def disputed(app, project):
    """A project with two people's answers to three records: two in dispute, one agreed upon."""
    name = project([INTENT, ENTITIES], [HOPPER, BANK, QUIET], overlap=2)
    answer(app, name, ANN, BOB)
    return name


def flag(app, project, record, values, comment):
    """An annotator's answer that asks for a reviewer; the annotator's name."""
    name = f"person{next(people)}"
    client = app.person(name, **{project: "annotator"})
    client.good("POST", f"/api/projects/{project}/desk/next", {"count": 3, "have": []})
    client.submit(record, values, project=project, status="flagged", comment=comment)
    return name


def gold(app, project, record):
    found = app.admin.good("GET", f"/api/projects/{project}/records/{record}")["gold"]
    return {field: (one["value"], one["method"]) for field, one in found.items()}


def is_at(page, record):
    page.get_by_role("heading", level=1, name=record, exact=True).wait_for()


def test_a_disagreement_is_settled_with_the_keyboard_and_becomes_gold(app, disputed, visit):
    page = visit(f"/p/{disputed}/review")
    rows = page.locator("tbody tr")
    assert [row.get_by_role("link").inner_text() for row in rows.all()] == [HOPPER["text"], BANK["text"], QUIET["text"]]
    page.get_by_role("link", name="Start with the first").click()
    is_at(page, "n1")
    page.get_by_text("2 differences are still open.").wait_for()
    page.keyboard.press("2")  # intent: bob's "thank"; the next difference is then at hand
    page.keyboard.press("1")  # entities: ann's "Grace Hopper"
    page.get_by_text("All differences are settled.").wait_for()
    page.keyboard.press("Enter")
    is_at(page, "n2")
    assert gold(app, disputed, "n1") == {
        "intent": ("thank", "adjudicated"),
        "entities": ([[0, 12, "PER"], [32, 41, "LOC"]], "adjudicated"),
    }


def test_what_is_still_open_is_not_saved(app, disputed, visit):
    page = visit(f"/p/{disputed}/review/n1")
    page.keyboard.press("1")
    page.get_by_role("button", name="Save as gold").click()
    page.locator(".toast").get_by_text("1 difference is still open.").wait_for()
    assert gold(app, disputed, "n1") == {}


def test_a_place_where_nobody_is_right_is_labelled_by_hand(app, disputed, visit):
    page = visit(f"/p/{disputed}/review/n2")
    page.keyboard.press("0")  # neither "Bank of China" nor "China"
    text = page.get_by_role("document", name="Text")
    box = text.evaluate(
        """root => {
          const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
          for (let node = walker.nextNode(); node; node = walker.nextNode()) {
            const at = node.data.indexOf('Lisbon');
            if (at < 0) continue;
            const range = document.createRange();
            range.setStart(node, at + 1);
            range.setEnd(node, at + 5);
            const { x, y, width, height } = range.getBoundingClientRect();
            return { x, y: y + height / 2, width };
          }
        }"""
    )
    page.mouse.move(box["x"], box["y"])
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"], box["y"], steps=4)
    page.mouse.up()
    page.keyboard.press("3")  # LOC; the selection has grown to the word, 28..34
    page.keyboard.press("Enter")
    page.locator(".toast").get_by_text("Saved as gold.").wait_for()
    assert gold(app, disputed, "n2")["entities"] == ([[28, 34, "LOC"]], "adjudicated")


def test_a_whole_answer_is_taken_and_taken_back(app, disputed, visit):
    page = visit(f"/p/{disputed}/review/n1")
    page.keyboard.press("Alt+2")
    page.get_by_text("All differences are settled.").wait_for()
    page.keyboard.press("Control+z")
    page.get_by_text("2 differences are still open.").wait_for()
    page.keyboard.press("Control+Shift+z")
    page.keyboard.press("Enter")
    is_at(page, "n2")
    assert gold(app, disputed, "n1")["entities"] == ([[6, 12, "PER"], [32, 41, "LOC"]], "adjudicated")


def test_the_differences_are_marked_on_the_text_of_each_answer(app, disputed, visit):
    page = visit(f"/p/{disputed}/review/n1")
    cards = page.get_by_role("article")
    assert cards.count() == 2
    first = cards.nth(0)
    assert first.locator("mark.odd").all_inner_texts()[0].startswith("Grace Hopper")
    assert "other edges elsewhere" in first.locator("mark.odd").first.text_content()
    assert first.locator("mark:not(.odd)").inner_text().startswith("Arlington")


def test_the_reviewers_comment_and_decision_are_shown_when_the_record_is_opened_again(app, disputed, visit):
    page = visit(f"/p/{disputed}/review/n1")
    page.keyboard.press("Alt+1")
    page.keyboard.press("c")
    page.keyboard.type("Hopper was an <b>admiral</b>")
    page.keyboard.press("Control+Enter")
    is_at(page, "n2")
    page = visit(f"/p/{disputed}/review/n1")
    page.get_by_text(re.compile("decided by ada")).wait_for()
    assert page.get_by_role("textbox", name="Comment").input_value() == "Hopper was an <b>admiral</b>"


def test_records_one_after_the_other_until_nothing_is_in_dispute(app, disputed, visit):
    page = visit(f"/p/{disputed}/review/n1")
    page.keyboard.press("n")  # for now without a decision
    is_at(page, "n2")
    page.keyboard.press("1")
    page.keyboard.press("Enter")
    is_at(page, "n1")  # comes again
    page.keyboard.press("Alt+1")
    page.keyboard.press("Enter")
    page.locator(".toast").get_by_text("That was the last one in dispute.").wait_for()
    page.get_by_role("heading", level=1, name="Review").wait_for()


def test_a_key_that_is_faster_than_the_list_of_what_waits_leads_on_all_the_same(disputed, visit):
    page = visit(f"/p/{disputed}/review")
    page.get_by_role("link", name="Start with the first").wait_for()
    held, the_list = [], re.compile(r"/review\?")
    page.route(the_list, lambda route: route.continue_() if held else held.append(route))
    page.get_by_role("link", name="Start with the first").click()
    is_at(page, "n1")
    page.keyboard.press("n")
    while not held:
        page.wait_for_timeout(20)
    held[0].continue_()
    is_at(page, "n2")


def test_an_answer_that_came_too_late_is_shown_apart_and_can_be_taken(app, project, visit):
    name = project([INTENT, ENTITIES], [HOPPER])
    late = app.person(f"person{next(people)}", **{name: "annotator"})
    late.good("POST", f"/api/projects/{name}/desk/next", {"count": 1, "have": []})
    late.good("POST", f"/api/projects/{name}/desk/release", {"records": ["n1"]})
    answer(app, name, ANN)
    late.submit("n1", BOB["n1"], project=name)
    page = visit(f"/p/{name}/review")
    page.get_by_text("+ 1 surplus").wait_for()
    page.get_by_role("link", name=HOPPER["text"]).click()
    page.get_by_text("1 answer · no differences").wait_for()
    card = page.get_by_role("article").last
    card.get_by_text("kept, not compared with the others").wait_for()
    assert card.locator(".odd, .missing").count() == 0
    page.keyboard.press("Alt+2")
    page.keyboard.press("Enter")
    page.locator(".toast").get_by_text("Saved as gold.").wait_for()
    assert gold(app, name, "n1")["intent"] == ("thank", "adjudicated")


def test_tags_are_settled_run_by_run(app, project, visit):
    name = project([POS], [{"id": "t1", "tokens": ["The", "cat", "saw", "it"]}], overlap=2)
    answer(
        app, name, {"t1": {"pos": ["DET", "NOUN", "NOUN", "NOUN"]}}, {"t1": {"pos": ["DET", "NOUN", "VERB", "NOUN"]}}
    )
    page = visit(f"/p/{name}/review/t1")
    page.get_by_text("1 difference is still open.").wait_for()
    page.keyboard.press("2")
    page.keyboard.press("Enter")
    page.locator(".toast").get_by_text("Saved as gold.").wait_for()
    assert gold(app, name, "t1")["pos"] == (["DET", "NOUN", "VERB", "NOUN"], "adjudicated")


def test_a_flagged_answer_stands_beside_the_others_and_can_be_taken(app, project, visit):
    name = project([INTENT, ENTITIES], [HOPPER], overlap=2)
    flag(app, name, "n1", ANN["n1"], "a question?")
    answer(app, name, BOB)
    page = visit(f"/p/{name}/review")
    row = page.locator("tbody tr").first
    assert all(part in row.inner_text() for part in ("flagged", "intent", "entities", "n1"))
    row.get_by_role("link").click()
    page.get_by_text("2 differences are still open.").wait_for()
    card = page.get_by_role("article").first
    assert card.locator("mark").all_inner_texts()[0].startswith("Grace Hopper")
    assert card.get_by_role("button", name="Take this answer").inner_text().endswith("Alt 1")
    page.keyboard.press("Alt+1")
    page.keyboard.press("Enter")
    page.locator(".toast").get_by_text("Saved as gold.").wait_for()
    assert gold(app, name, "n1")["entities"] == ([[0, 12, "PER"], [32, 41, "LOC"]], "adjudicated")


def test_a_record_with_one_flagged_answer_is_decided_with_the_keys_of_its_labels(app, project, visit):
    name = project([INTENT, ENTITIES], [HOPPER])
    flag(app, name, "n1", {"intent": "ask", "entities": [[0, 12, "PER"]]}, "or a complaint?")
    page = visit(f"/p/{name}/review")
    assert "all agree" not in page.locator("tbody").inner_text()
    page = visit(f"/p/{name}/review/n1")
    page.get_by_role("radio", name="ask", checked=True).wait_for()  # what was answered is the beginning
    page.keyboard.press("3")
    page.get_by_role("radio", name="complain", checked=True).wait_for()
    page.keyboard.press("ArrowDown")  # on to the entities, whose labels have the keys now
    page.keyboard.press("ArrowRight")
    page.keyboard.press("2")
    page.keyboard.press("Enter")
    page.locator(".toast").get_by_text("Saved as gold.").wait_for()
    decided = gold(app, name, "n1")
    assert decided["intent"] == ("complain", "adjudicated")
    assert [0, 5, "ORG"] in decided["entities"][0]


def test_escape_leaves_the_comment_and_gives_the_keys_back(app, disputed, visit):
    page = visit(f"/p/{disputed}/review/n1")
    page.keyboard.press("c")
    page.keyboard.type("22")
    page.get_by_text("2 differences are still open.").wait_for()
    page.keyboard.press("Escape")
    page.keyboard.press("2")
    page.get_by_text("1 difference is still open.").wait_for()
    assert page.get_by_role("textbox", name="Comment").input_value() == "22"


def test_what_only_others_have_is_a_gap_in_an_answer(app, project, visit):
    name = project([ENTITIES], [HOPPER], overlap=2)
    answer(app, name, {"n1": {"entities": [[0, 12, "PER"]]}}, {"n1": {"entities": []}})
    page = visit(f"/p/{name}/review/n1")
    gap = page.get_by_role("article").nth(1).locator("mark.missing")
    assert "not in this answer" in gap.text_content()
    assert gap.text_content().startswith("Grace Hopper")


def test_a_difference_shows_its_words_and_leaves_out_only_what_is_not_there(app, project, visit):
    text = "Ann Lee " + "met somebody of the Bank " * 6 + "in Bergen."  # 24 before are "somebody of the Bank in "
    name = project([ENTITIES], [{"id": "long", "text": text}], overlap=2)
    end = len(text) - 1
    said = {"entities": [[0, 7, "PER"], [end - 6, end, "LOC"]]}
    answer(app, name, {"long": said}, {"long": {"entities": []}})
    page = visit(f"/p/{name}/review/long")
    first, last = page.locator(".context").all()
    assert first.inner_text() == "Ann Lee met somebody of the Ban…"  # 24 characters after the words
    assert last.inner_text() == "…somebody of the Bank in Bergen."
