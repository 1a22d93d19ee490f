"""The annotation screen in a real browser, before a real server: what a person sees and does, and what is then kept."""

from __future__ import annotations

import re

import pytest
from app_server import PASSWORD
from schemas import ENTITIES, INTENT, NESTED, NEWS, SUGGESTED, TAGS, TOPICS, values


def test_signing_in_with_the_keyboard_leads_to_the_projects(app, browser):
    context = browser.new_context()
    page = context.new_page()
    page.goto(f"http://127.0.0.1:{app.port}/")
    page.locator("input[type=password]").wait_for()
    page.keyboard.type("ada")
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.get_by_role("heading", level=1).filter(has_text="Projects").wait_for()
    context.close()


def test_an_entity_is_labelled_with_the_keyboard_alone(project, screen):
    window = screen(project([ENTITIES], NEWS))
    window.keys("ArrowRight", "Shift+ArrowRight", "1")
    assert window.labels() == ["PER"]
    window.keys("End", "ArrowLeft", "3", "Enter")
    window.wait_record("n2")
    window.wait_saved()
    # "Grace Hopper" is 0..12; the last word but the full stop is "Arlington", 32..41
    assert values(window, "n1") == {"entities": [[0, 12, "PER"], [32, 41, "LOC"]]}


def test_a_selection_with_the_pointer_grows_to_words_unless_that_is_switched_off(project, screen):
    window = screen(project([ENTITIES], NEWS))
    window.drag("rac", "opp")
    window.keys("1", "s")
    window.drag("rling", "ton")
    window.keys("3", "Enter")
    window.wait_record("n2")
    window.wait_saved()
    person, place = values(window, "n1")["entities"]
    assert person == [0, 12, "PER"]
    # from the middle of "rling" (33..38) to the middle of "ton" (38..41): inside the word
    assert place[2] == "LOC"
    assert 33 < place[0] < 38 < place[1] < 41


def test_a_label_is_changed_and_a_span_grows_shrinks_and_goes(project, screen):
    window = screen(project([ENTITIES], NEWS))
    window.keys("ArrowRight", "2", "1")
    assert window.labels() == ["PER"]
    window.keys("Alt+ArrowRight", "Alt+ArrowRight", "Alt+ArrowLeft")
    window.keys("End", "3", "Backspace", "Enter")
    window.wait_record("n2")
    window.wait_saved()
    assert values(window, "n1") == {"entities": [[0, 12, "PER"]]}


def test_nested_spans_are_both_shown_and_kept(project, screen):
    window = screen(project([NESTED], NEWS[1:2]))
    window.keys("ArrowRight", "ArrowRight", "Shift+ArrowRight", "Shift+ArrowRight", "2")
    window.keys("Escape")
    window.drag("Chin", "ina")
    window.keys("3", "Escape")
    assert window.labels() == ["LOC", "ORG"]
    window.keys("Enter")
    window.wait_saved()
    window.page.locator(".empty").wait_for()
    assert values(window, "n2") == {"entities": [[4, 17, "ORG"], [12, 17, "LOC"]]}


def test_a_click_on_nested_spans_picks_the_inner_then_the_outer_and_one_on_a_label_its_own(project, screen):
    window = screen(project([NESTED], [NEWS[1] | {"entities": [[4, 17, "ORG"], [12, 17, "LOC"]]}], as_="suggestions"))
    picked = window.page.locator(".chip.selected")
    for expected in ("LOC", "ORG", "LOC"):
        window.page.mouse.click(*window.place("hin"))
        assert picked.evaluate_all("all => all.map(one => one.dataset.label)") == [expected]
    window.page.locator(".chip[data-label=ORG]").click()
    window.keys("1", "Enter")
    window.page.locator(".empty").wait_for()
    window.wait_saved()
    assert values(window, "n2") == {"entities": [[4, 17, "PER"]]}


def test_suggestions_are_accepted_one_by_one_corrected_and_kept_with_the_answer(project, screen):
    window = screen(project([ENTITIES], SUGGESTED, as_="suggestions"))
    assert window.page.locator(".mark.suggested").count() == 2
    window.keys("Space", "2")  # the first is accepted and the second, "Navy", then picked: it is an ORG
    assert window.page.locator(".mark.suggested").count() == 0
    window.keys("Enter")
    window.wait_record("n4")
    window.keys("Shift+Enter")  # accept all and submit
    window.page.locator(".empty").wait_for()
    window.wait_saved()
    assert values(window, "n1") == {"entities": [[0, 12, "PER"], [24, 28, "ORG"]]}
    assert values(window, "n4") == {"entities": SUGGESTED[1]["entities"]}
    assert window.answers("n1")[-1]["suggested"] == {"entities": SUGGESTED[0]["entities"]}


def test_suggestions_that_nobody_accepted_are_not_part_of_the_answer(project, screen):
    window = screen(project([ENTITIES], SUGGESTED, as_="suggestions"))
    window.keys("h")
    assert window.labels() == []
    window.keys("Enter")
    window.wait_record("n4")
    window.wait_saved()
    assert values(window, "n1") == {"entities": []}


def test_undo_goes_back_over_a_submitted_record_and_the_new_answer_corrects_it(project, screen):
    window = screen(project([ENTITIES], NEWS))
    window.keys("ArrowRight", "2", "Enter")
    window.wait_record("n2")
    window.keys("ArrowRight", "3", "Control+z")
    assert window.labels() == []
    window.keys("Control+z")
    window.wait_record("n1")
    assert window.labels() == ["ORG"]
    window.keys("Control+z", "ArrowRight", "1", "Enter")
    window.wait_record("n2")
    window.wait_saved()
    first, second = window.answers("n1")
    assert first["values"] == {"entities": [[0, 5, "ORG"]]}
    assert second["values"] == {"entities": [[0, 5, "PER"]]}
    assert second["supersedes"] == first["annotation"]


def test_undo_and_redo_without_a_change_send_nothing(project, screen):
    window = screen(project([ENTITIES], NEWS))
    window.keys("ArrowRight", "2", "Enter")
    window.wait_record("n2")
    window.wait_saved()
    window.keys("Control+z", "Control+z", "Control+Shift+Z", "Control+Shift+Z")
    window.wait_record("n2")
    window.wait_saved()
    assert len(window.answers("n1")) == 1


def test_chinese_text_and_characters_beyond_two_bytes_keep_their_offsets(project, screen):
    records = [
        {"id": "c1", "text": "李明昨天在北京大学参加了会议，随后前往上海。"},
        {"id": "c2", "text": "🍣 in Tokyo, 𠮷野家 in Osaka 👩‍👩‍👧!"},
    ]
    window = screen(project([ENTITIES], records))
    window.keys("ArrowRight", "1")
    window.keys("s")
    window.drag("在", "议")
    window.keys("2", "s", "Enter")
    window.wait_record("c2")
    window.drag("Osa", "aka")
    window.keys("3", "Enter")
    window.page.locator(".empty").wait_for()
    window.wait_saved()
    first = values(window, "c1")["entities"]
    assert first[0] == [0, 2, "PER"]
    exact = records[0]["text"][first[1][0] : first[1][1]]
    assert "北京大学参加了" in exact  # from the middle of one character to the middle of another
    assert exact in "在北京大学参加了会议"
    [[start, end, label]] = values(window, "c2")["entities"]
    assert (records[1]["text"][start:end], label) == ("Osaka", "LOC")


def test_a_text_is_shown_as_written_whatever_it_holds(project, screen):
    text = "<img src=x onerror=alert(1)><script>alert(2)</script> \u001b[31mred\u001b[0m \u202egnp.exe\u202c <b>bold</b>\r\nend"
    window = screen(project([ENTITIES], [{"id": "evil", "text": text, "meta": {"<b>": "<script>alert(3)</script>"}}]))
    assert window.text() == text
    names = window.page.locator(".text .control").evaluate_all("all => all.map(one => one.dataset.name)")
    assert names == ["ESC", "ESC", "RLO", "PDF", "CR"]
    window.drag("gnp.", ".exe")
    window.keys("1", "Enter")
    window.wait_saved()
    [[start, end, _]] = values(window, "evil")["entities"]
    assert text[start:end].strip("\u202e\u202c") == "gnp.exe"


def test_an_answer_whose_acknowledgement_was_lost_is_kept_once(project, screen):
    window = screen(project([ENTITIES], NEWS))
    lost = []

    def lose(route):
        if lost:
            route.continue_()
            return
        lost.append(route.fetch().status)  # the server has it
        route.abort()  # and the browser never hears of it

    window.page.route("**/desk/submit", lose)
    window.keys("ArrowRight", "1", "Enter")
    window.wait_record("n2")
    window.page.get_by_text("waits on this device").wait_for()
    window.wait_saved()  # tried again by itself
    assert lost == [200]
    assert len(window.answers("n1")) == 1


def test_work_goes_on_without_a_network_and_everything_is_sent_after_a_reload(project, screen):
    window = screen(project([ENTITIES], NEWS))
    window.page.route("**/api/**", lambda route: route.abort())
    for record in ("n2", "n3"):
        window.keys("ArrowRight", "1", "Enter")
        window.wait_record(record)
    window.page.get_by_text("2 answers wait on this device").wait_for()
    assert window.answers("n1") == []
    window.page.unroute("**/api/**")
    window.page.route(
        "**/desk/submit",
        lambda route: route.fulfill(
            status=503,
            headers={"retry-after": "60"},
            json={"error": {"message": "the disk is full", "code": "full"}},
        ),
    )
    window.page.reload()
    window.wait_record("n3")  # n1 and n2 are answered, if not yet handed in
    window.page.get_by_text("2 answers wait on this device").wait_for()
    assert window.page.locator(".state .waiting").get_attribute("title") == "the disk is full"
    window.page.unroute("**/desk/submit")
    window.page.get_by_role("button", name="Try now").click()
    window.wait_saved()
    assert [len(window.answers(record)) for record in ("n1", "n2", "n3")] == [1, 1, 0]
    window.page.reload()
    window.wait_record("n3")
    assert [len(window.answers(record)) for record in ("n1", "n2", "n3")] == [1, 1, 0]


def test_a_draft_is_there_after_a_reload(project, screen):
    window = screen(project([ENTITIES], NEWS))
    window.keys("ArrowRight", "1")
    window.page.reload()
    window.wait_record("n1")
    assert window.labels() == ["PER"]


def test_the_next_record_is_there_before_the_server_has_answered(project, screen):
    window = screen(project([ENTITIES], NEWS))
    held = []
    window.page.route("**/desk/submit", lambda route: held.append(route))
    window.keys("Enter")
    window.wait_record("n2")
    window.page.get_by_text("Saving").wait_for()
    held[0].continue_()
    window.wait_saved()


def test_two_annotators_in_two_windows_never_get_the_same_record(app, project, screen):
    name = project([ENTITIES], NEWS)
    for person in ("bo", "cy"):
        if person not in {user["name"] for user in app.admin.good("GET", "/api/users")}:
            app.person(person)
        app.admin.good("PUT", f"/api/projects/{name}/members/{person}", {"role": "annotator"})
    windows = [screen(name, "bo"), screen(name, "cy")]
    seen = []
    for _ in range(len(NEWS)):
        for window in windows:
            if window.page.locator(".head .id").count():
                seen.append(window.record())
                window.keys("Enter")
                window.wait_saved()
    assert sorted(seen) == sorted(set(seen)) == [record["id"] for record in NEWS]


def test_skipped_with_a_reason_flagged_with_a_comment(project, screen):
    window = screen(project([ENTITIES], NEWS))
    window.keys("x", "2")
    window.wait_record("n2")
    window.keys("f")
    window.page.get_by_role("textbox", name="Comment").fill("Is a bank a place?")
    window.keys("Tab", "Tab", "Enter")
    window.wait_record("n3")
    window.wait_saved()
    skipped, flagged = window.answers("n1")[-1], window.answers("n2")[-1]
    assert (skipped["status"], skipped["reason"]) == ("skipped", "Unreadable or empty")
    assert (flagged["status"], flagged["comment"]) == ("flagged", "Is a bank a place?")


def test_earlier_work_is_opened_from_the_history_and_corrected(project, screen):
    window = screen(project([INTENT], NEWS))
    window.keys("1", "Enter")
    window.wait_record("n2")
    window.wait_saved()
    window.keys("b")
    window.wait_record("n1")
    window.page.get_by_text("You are looking at earlier work.").wait_for()
    window.keys("2", "Enter")
    window.wait_record("n2")
    window.wait_saved()
    assert [answer["values"]["intent"] for answer in window.answers("n1")] == ["ask", "thank"]


def test_several_questions_stand_on_one_screen_and_none_is_forgotten(project, screen):
    window = screen(project([INTENT, TOPICS, ENTITIES], NEWS))
    window.keys("Enter")
    window.page.get_by_text("“intent” has no answer yet.").wait_for()
    window.keys("3", "n", "1", "3", "n", "ArrowRight", "1", "Enter")
    window.wait_record("n2")
    window.wait_saved()
    assert values(window, "n1") == {"intent": "complain", "topics": ["food", "staff"], "entities": [[0, 5, "PER"]]}


def test_pointing_at_the_text_turns_to_the_question_about_it(project, screen):
    window = screen(project([INTENT, ENTITIES], [SUGGESTED[0] | {"intent": "ask"}, NEWS[1]], as_="suggestions"))
    window.keys("2", "ArrowRight", "2")  # the intent; then a word, and its label
    assert window.labels().count("ORG") == 1
    window.keys("Control+z", "Control+z", "Space", "Space", "Space", "Enter")  # every suggestion, whatever it is about
    window.wait_record("n2")
    window.wait_saved()
    assert values(window, "n1") == {"intent": "ask", "entities": SUGGESTED[0]["entities"]}


def test_tags_are_given_token_by_token_with_one_key_each(project, screen):
    record = {"id": "t1", "text": "The dog barks", "tokens": [[0, 3], [4, 7], [8, 13]]}
    window = screen(project([TAGS], [record]))
    window.keys("ArrowRight", "3", "1")
    window.keys("Enter")
    window.page.get_by_text("1 token has no label yet").first.wait_for()
    window.keys("2", "Enter")
    window.page.locator(".empty").wait_for()
    window.wait_saved()
    assert values(window, "t1") == {"pos": ["DET", "NOUN", "VERB"]}


def test_every_action_is_in_the_palette_and_on_the_sheet_of_keys(project, screen):
    window = screen(project([ENTITIES], NEWS))
    window.keys("?")
    sheet = window.page.get_by_role("dialog", name="Keys")
    assert {"Label as PER", "Submit", "Undo"} <= set(sheet.locator("dt").all_inner_texts())
    window.keys("Escape", "ArrowRight", "Control+k")
    window.page.get_by_role("combobox").fill("label org")
    window.keys("Enter")
    window.page.locator(".chip").wait_for()
    assert window.labels() == ["ORG"]


def test_the_interface_speaks_chinese(project, screen):
    window = screen(project([ENTITIES], NEWS), locale="zh-CN")
    window.page.get_by_role("button", name=re.compile("提交")).wait_for()
    assert window.page.locator("html").get_attribute("lang") == "zh-CN"


def test_a_choice_is_made_with_a_thumb_on_a_phone(project, screen):
    records = [record | {"intent": "ask"} for record in NEWS]
    window = screen(project([INTENT], records, as_="suggestions"), has_touch=True)
    window.page.set_viewport_size({"width": 390, "height": 740})
    window.page.get_by_role("radio", name="thank").tap()
    window.page.get_by_role("button", name="Submit").tap()
    window.wait_record("n2")
    window.wait_saved()
    assert values(window, "n1") == {"intent": "thank"}
    assert window.page.evaluate("document.documentElement.scrollWidth") <= 390
    window.page.route("**/desk/submit", lambda route: route.abort())
    window.page.get_by_role("button", name="Accept all").tap()
    window.page.get_by_role("button", name="Submit").tap()
    window.page.get_by_text("1 answer waits on this device").wait_for()
    assert window.page.evaluate("document.documentElement.scrollWidth") <= 390


def test_signed_out_in_the_middle_of_the_work_nothing_is_lost(project, screen):
    window = screen(project([ENTITIES], NEWS))
    window.context.clear_cookies()
    window.keys("ArrowRight", "1", "Enter")
    window.page.locator("input[type=password]").wait_for()
    window.sign_in("ada", PASSWORD)
    window.page.reload()
    window.wait_record("n2")
    window.wait_saved()
    assert values(window, "n1") == {"entities": [[0, 5, "PER"]]}


@pytest.mark.slow
def test_a_long_text_full_of_spans_is_drawn_whole_whatever_is_done_to_all_of_them(project, screen):
    words = ("alpha bravo charlie delta echo foxtrot golf hotel " * 1100)[:50_000].rstrip()
    starts = [match.span() for match in re.finditer(r"bravo|golf|delta", words)][:2000]
    record = {"id": "long", "text": words, "entities": [[start, end, "PER"] for start, end in starts]}
    window = screen(project([ENTITIES], [record], as_="suggestions"))

    def drawn(selector, count):
        window.page.wait_for_function(
            "([selector, count]) => document.querySelectorAll(selector).length === count", arg=[selector, count]
        )

    drawn(".text .chip.suggested", len(starts))  # what cannot be seen is drawn a little later
    window.keys("a")
    assert window.page.locator(".text .chip:not(.suggested)").count() > 0  # what can be seen is there at once
    drawn(".text .chip:not(.suggested)", 2000)
    window.keys("Control+z", "h")
    drawn(".text .chip", 0)
    window.keys("h")
    drawn(".text .chip.suggested", 2000)
    window.keys("a", "ArrowDown", "2")
    drawn(".text .chip.selected[data-label=ORG]", 1)
    assert window.text() == words
