"""The annotation screen: what stands where, and the keys of all that can be done."""

from __future__ import annotations

from schemas import ENTITIES, INTENT, NEWS, SUGGESTED, TAGS, TOPICS, values


def test_labels_of_other_questions_show_the_keys_that_lead_to_them(project, screen):
    window = screen(project([INTENT, TOPICS, ENTITIES], NEWS))
    keys = window.page.locator(".questions .keys")
    assert keys.nth(0).inner_text() == "1"
    assert keys.nth(4).inner_text().split() == ["N", "2"]
    assert keys.nth(8).inner_text().split() == ["⇧", "N", "3"]
    window.keys("Shift+N", "ArrowRight", "3")
    assert window.labels() == ["LOC"]
    window.keys("?")
    sheet = window.page.get_by_role("dialog", name="Keys")
    assert {"Choose ask (intent)", "Choose price (topics)", "Label as LOC (entities)"} <= set(
        sheet.locator("dt").all_inner_texts()
    )


def test_all_questions_are_in_sight_and_the_first_without_an_answer_is_asked(project, screen):
    intent = INTENT | {"labels": ["ask", "thank", "complain", "praise", "other"]}
    window = screen(project([intent, TOPICS, ENTITIES], NEWS))
    for guidelines in (False, True):
        if guidelines:
            window.keys("g")
        last = window.page.get_by_role("button", name="Label as LOC").bounding_box()
        submit = window.page.get_by_role("button", name="Submit").bounding_box()
        assert last["y"] + last["height"] <= submit["y"]
    window.keys("2")
    window.page.reload()
    window.wait_record("n1")
    assert window.page.locator(".field.active h2").inner_text() == "topics"


def test_arrows_for_spans_do_nothing_while_a_choice_is_asked(project, screen):
    window = screen(project([INTENT, ENTITIES], [SUGGESTED[0]], as_="suggestions"))
    window.keys("ArrowDown", "ArrowUp")
    assert window.page.locator(".chip.selected").count() == 0
    assert window.page.locator(".field.active h2").inner_text() == "intent"


def test_the_guidelines_stand_beside_the_record_and_the_keys_go_on(app, project, screen):
    name = project([ENTITIES], NEWS)
    app.admin.good("PUT", f"/api/projects/{name}/guidelines", {"text": "# Names\n\nLabel **all** of them."})
    window = screen(name)
    window.keys("g")
    panel = window.page.get_by_role("complementary", name="Guidelines")
    panel.get_by_text("Label all of them.").wait_for()
    window.keys("ArrowRight", "1")
    assert window.labels() == ["PER"]
    window.page.get_by_role("button", name="Label as ORG").click()
    assert window.labels() == ["ORG"]
    window.keys("Enter")
    window.wait_record("n2")
    assert panel.is_visible()
    window.keys("g")
    assert panel.count() == 0


def test_a_choice_may_be_all_there_is_to_do_and_that_has_a_key(project, screen):
    window = screen(project([INTENT], NEWS))
    window.keys("Shift+S", "2")
    window.wait_record("n2")
    window.wait_saved()
    assert values(window, "n1") == {"intent": "thank"}


def test_a_flag_is_handed_in_with_a_key_from_its_comment(project, screen):
    window = screen(project([ENTITIES], NEWS))
    window.keys("f")
    window.page.keyboard.type("Which Navy?")
    window.keys("Control+Enter")
    window.wait_record("n2")
    window.wait_saved()
    said = window.answers("n1")[-1]
    assert (said["status"], said["comment"]) == ("flagged", "Which Navy?")


def test_a_record_without_tokens_offers_no_tags(project, screen):
    window = screen(project([TAGS], [{"id": "t1", "text": "The dog barks"}]))
    window.page.get_by_text("there is nothing to tag").wait_for()
    assert window.page.get_by_role("button", name="Label as").count() == 0
    window.keys("1")
    assert window.page.locator(".armed").count() == 0
    window.keys("Enter")
    window.page.get_by_text("There is nothing to answer here").wait_for()


def test_the_label_of_a_span_stands_at_the_end_of_its_own_line_within_those_that_go_on(project, screen):
    spans = [[0, 12, "PER"], [6, 12, "ORG"], [6, 20, "LOC"]]  # nested, and one that crosses
    fields = [ENTITIES | {"overlap": "overlapping"}]
    window = screen(project(fields, [NEWS[0] | {"entities": spans}], as_="suggestions"))
    found = window.page.locator(".text .chip").evaluate_all(
        "chips => chips.map(chip => [chip.dataset.label, ...lanes(chip)]);"
        "function lanes(chip) { const all = []; for (let up = chip.closest('.mark'); up; up = up.parentElement.closest('.mark'))"
        " all.push(up.className.match(/lane\\d/)[0]); return all; }"
    )
    # lanes by length: ORG 0; PER 12 characters, 1; LOC 14 characters, 2. Each label is first within its own span's mark.
    assert found == [["ORG", "lane0", "lane1", "lane2"], ["PER", "lane1", "lane2"], ["LOC", "lane2"]]
