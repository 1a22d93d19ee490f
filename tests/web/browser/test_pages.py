"""The pages around annotating, in a real browser: projects, people, files, browsing, guidelines, the dashboard."""

from __future__ import annotations

import json
import re

import pytest
from app_server import PASSWORD, Client, serving
from axe import complaints

from goldleaf.workspace import init_workspace

INTENT = {"name": "intent", "kind": "choice", "labels": ["ask", "thank"]}
ENTITIES = {"name": "entities", "kind": "spans", "labels": ["PER", "LOC"]}
HTML = "<b>bold</b> <script>alert(1)</script><img src=x onerror=alert(2)> \x1b[31mred \u202eolsO"
RECORDS = [
    {"id": "r1", "text": "Ada lives in London.", "intent": "ask"},
    {"id": "r2", "text": "Thank you, Grace!", "intent": "thank"},
    {"id": "r3", "text": HTML},
    {"id": "r4", "text": "上海欢迎您", "intent": "ask"},
]
people = iter(range(1000))


@pytest.fixture
def filled(project):
    return project([INTENT, ENTITIES], RECORDS)


def newcomer(app, project, role):
    name = f"{role}{next(people)}"
    return name, app.person(name, **{project: role})


def described(app, project):
    return app.admin.good("GET", f"/api/projects/{project}")


def toast(page, text):
    page.locator(".toast").get_by_text(text).first.wait_for()


def test_a_project_is_made_from_a_template_and_filled_with_a_file(app, visit, tmp_path):
    page = visit("/new")
    page.get_by_label("Name", exact=True).fill("shop")
    page.get_by_role("radio", name=re.compile("Intent and slots")).check()
    page.get_by_label("Labels", exact=True).nth(0).fill("order, return")
    page.get_by_label("Labels", exact=True).nth(1).fill("product\ncity")
    page.get_by_role("button", name="Create the project").click()
    page.get_by_role("heading", name="Import and export").wait_for()
    assert [(f["name"], f["kind"], f["labels"]) for f in described(app, "shop")["schema"]["fields"]] == [
        ("intent", "choice", ["order", "return"]),
        ("slots", "spans", ["product", "city"]),
    ]
    file = tmp_path / "messages.jsonl"
    file.write_text('{"id": "m1", "text": "a lamp for Oslo", "intent": "order"}\n{"text": "take it back"}', "utf-8")
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Choose a file").click()
    chooser.value.set_files(file)
    page.get_by_role("button", name="Import", exact=True).click()
    page.get_by_role("heading", name="Imported").wait_for()
    assert page.get_by_role("definition").all_inner_texts()[:2] == ["records read", "new records"]
    assert described(app, "shop")["counts"]["records"] == 2
    page.get_by_role("link", name="See the records").click()
    page.get_by_role("link", name="a lamp for Oslo").wait_for()


def test_a_field_that_cannot_be_is_said_before_anything_is_sent(visit):
    page = visit("/new")
    page.get_by_label("Name", exact=True).fill("never")
    page.get_by_label("Name of the field").fill("text")
    page.get_by_role("button", name="Create the project").click()
    page.get_by_text("This name belongs to records themselves.").wait_for()


def test_a_file_with_a_mistake_brings_nothing_and_says_where_and_what(app, filled, visit, tmp_path):
    page = visit(f"/p/{filled}/data", refused="422 (Unprocessable Entity)")
    file = tmp_path / "wrong.jsonl"
    file.write_text('{"id": "x1", "text": "fine"}\n{"id": "x2", "text": "not", "intent": "aks"}\n', "utf-8")
    page.locator("input[type=file]").set_input_files(file)
    page.get_by_role("button", name="Import", exact=True).click()
    box = page.get_by_role("alert")
    box.get_by_text("Nothing was imported").wait_for()
    said = box.inner_text()
    assert all(part in said for part in ("wrong.jsonl:2", "aks", "ask"))
    assert described(app, filled)["counts"]["records"] == len(RECORDS)


def test_an_export_is_a_file_with_what_was_asked_for(filled, visit):
    page = visit(f"/p/{filled}/data?tab=export")
    with page.expect_download() as download:
        page.get_by_role("link", name="Download").click()
    lines = [json.loads(line) for line in download.value.path().read_text("utf-8").splitlines()]
    assert [line["id"] for line in lines] == [record["id"] for record in RECORDS]
    assert [line.get("gold", {}).get("intent") for line in lines] == ["ask", "thank", None, "ask"]


def texts(page):
    return page.locator("tbody td.text a").all_inner_texts()


def test_browsing_with_a_filter_shows_what_it_lets_through_and_keeps_it_in_the_address(filled, visit):
    page = visit(f"/p/{filled}/browse")
    page.get_by_text("4 records found").wait_for()
    page.get_by_label("Label", exact=True).select_option("ask")
    page.get_by_text("2 records shown").wait_for()
    assert texts(page) == ["Ada lives in London.", "上海欢迎您"]
    page.get_by_label("Text or id contains").fill("上海")
    page.keyboard.press("Enter")
    page.get_by_text("1 record shown").wait_for()
    assert all(part in page.url for part in ("label=ask", "q="))
    page.reload()
    page.get_by_role("link", name="上海欢迎您").wait_for()
    assert texts(page) == ["上海欢迎您"]
    page.get_by_role("button", name="Clear all").click()
    page.get_by_text("4 records found").wait_for()


def test_more_than_a_page_of_records_is_loaded_on_demand(project, visit):
    name = project([INTENT], [{"id": f"k{n:03}", "text": f"number {n}"} for n in range(120)])
    page = visit(f"/p/{name}/browse")
    page.get_by_text("120 records found").wait_for()
    assert page.locator("tbody tr").count() == 50
    page.get_by_role("button", name="Load more").click()
    page.get_by_role("link", name="number 99", exact=True).wait_for()
    page.get_by_role("button", name="Load more").click()
    page.get_by_role("link", name="number 119").wait_for()
    assert page.locator("tbody tr").count() == 120
    assert page.get_by_role("button", name="Load more").count() == 0


def test_a_record_opens_with_its_whole_history(app, filled, visit):
    name, client = newcomer(app, filled, "annotator")
    client.good("POST", f"/api/projects/{filled}/desk/next", {"count": 3, "have": []})
    first = client.submit("r3", {"intent": "ask", "entities": []}, project=filled)
    client.submit(
        "r3",
        {"intent": "thank", "entities": []},
        project=filled,
        supersedes=first["annotation"],
        comment="<i>mistake</i>",
    )
    page = visit(f"/p/{filled}/browse/r3")
    answers = page.get_by_role("listitem")
    assert answers.count() == 2
    assert f"corrected by answer {first['annotation'] + 1}" in answers.nth(0).inner_text()
    assert "<i>mistake</i>" in answers.nth(1).inner_text()
    assert name in answers.nth(1).inner_text()


def test_html_escapes_and_reordering_characters_in_a_record_are_text(app, filled, visit):
    _, client = newcomer(app, filled, "annotator")
    client.good("POST", f"/api/projects/{filled}/desk/next", {"count": 3, "have": []})
    client.submit("r3", {"intent": "ask", "entities": []}, project=filled)
    for place in ("browse", "browse/r3", "review", "review/r3"):
        page = visit(f"/p/{filled}/{place}")
        page.get_by_text("<script>alert(1)</script>").first.wait_for()
        shown = page.locator("main").inner_text()
        assert all(part in shown for part in ("<b>bold</b>", "<img src=x onerror=alert(2)>"))
        assert page.locator("main :is(script, img, b)").count() == 0
        assert ("ESC" in shown and "RLO" in shown) or page.locator(".control[data-name=RLO]").count() == 1


def test_an_invited_person_chooses_a_password_and_finds_the_project(app, filled, visit, browser):
    page = visit("/users")
    page.get_by_label("New user").fill("grace")
    page.get_by_role("button", name="Create and get the link").click()
    link = page.get_by_role("dialog").get_by_role("textbox", name="Link").input_value()
    assert "/#/invite/" in link
    page.keyboard.press("Escape")
    page.goto(f"http://127.0.0.1:{app.port}/#/p/{filled}/settings?tab=members")
    page.get_by_label("Name of the user").fill("grace")
    page.get_by_label("Role", exact=True).select_option("reviewer")
    page.get_by_role("button", name="Add a member").click()
    toast(page, "grace is a member now.")
    guest = visit(link.split("#")[1], None)
    guest.get_by_label("Password", exact=True).fill("a long pass phrase")
    guest.get_by_label("Password again").fill("a long pass phrasE")
    guest.get_by_text("The two passwords differ.").wait_for()
    guest.get_by_label("Password again").fill("a long pass phrase")
    guest.get_by_role("button", name="Set the password and sign in").click()
    guest.get_by_role("link", name=filled).wait_for()


def test_settings_are_kept(app, filled, visit):
    page = visit(f"/p/{filled}/settings")
    page.get_by_label("Annotators per record (overlap)").fill("3")
    page.get_by_label("Control share, %").fill("12.5")
    page.get_by_label("Annotators do not see each other").uncheck()
    page.get_by_role("button", name="Save").click()
    toast(page, "Saved.")
    kept = described(app, filled)["settings"]
    assert (kept["overlap"], kept["control_share"], kept["blind"]) == (3, 0.125, False)
    assert page.get_by_role("button", name="Save").is_disabled()


def test_guidelines_are_written_with_a_preview_and_keep_their_versions(app, filled, visit):
    page = visit(f"/p/{filled}/guidelines")
    page.get_by_role("button", name="Write the guidelines").click()
    page.get_by_label("Text (Markdown)").fill("# Persons\n\nMark **every** name. <b>Not</b> a tag.")
    preview = page.get_by_role("region", name="Preview").last
    preview.get_by_role("heading", name="Persons").wait_for()
    assert preview.locator("strong").inner_text() == "every"
    assert "<b>Not</b> a tag." in preview.inner_text()
    page.get_by_role("button", name=re.compile("Save as version")).click()
    toast(page, re.compile("Saved as version"))
    page.get_by_role("button", name="Edit").click()
    page.get_by_label("Text (Markdown)").fill("# People")
    page.get_by_role("button", name=re.compile("Save as version")).click()
    page.get_by_role("heading", name="People").wait_for()
    latest = described(app, filled)["guidelines"]["version"]
    page.get_by_role("combobox", name="Version").select_option(str(latest - 1))
    page.get_by_text("You are reading an older version.").wait_for()
    page.get_by_role("heading", name="Persons").wait_for()


def test_what_a_label_means_and_its_colour_are_kept(app, filled, visit):
    page = visit(f"/p/{filled}/settings?tab=labels")
    note = page.get_by_role("group", name="PER", exact=True)
    note.get_by_label("Definition").fill("A named person")
    note.get_by_label("Examples").fill("Ada\nGrace")
    note.get_by_label("Own colour").check()
    page.get_by_label("New label: intent").fill("refuse")
    page.get_by_role("button", name="Add label").first.click()
    page.get_by_role("group", name="refuse").wait_for()
    page.get_by_role("button", name="Save").click()  # what was written before the label was added is still there
    toast(page, "Saved.")
    kept = described(app, filled)["notes"]["entities"]["PER"]
    assert (kept["definition"], kept["examples"]) == ("A named person", ["Ada", "Grace"])
    assert re.fullmatch("#[0-9a-f]{6}", kept["color"])
    assert described(app, filled)["schema"]["fields"][0]["labels"] == ["ask", "thank", "refuse"]


def test_the_owner_sees_who_holds_which_record_and_takes_it_back(app, filled, visit):
    name, client = newcomer(app, filled, "annotator")
    client.good("POST", f"/api/projects/{filled}/desk/next", {"count": 1, "have": []})
    page = visit(f"/p/{filled}/settings?tab=leases")
    page.get_by_role("button", name=f"Release: {name}").click()
    page.get_by_text("Nobody is working at the moment").wait_for()
    assert app.admin.good("GET", f"/api/projects/{filled}/leases") == []


def test_a_token_is_shown_once_works_and_is_revoked(app, filled, visit):
    name, _ = newcomer(app, filled, "viewer")
    page = visit("/account", name)
    page.get_by_label("What is it for?").fill("nightly job")
    page.get_by_role("button", name="Create a token").click()
    token = page.get_by_label("Token", exact=True).input_value()
    script = Client(app.port, token)
    assert script("GET", "/api/me")[0] == 200
    page.get_by_role("button", name="Revoke: nightly job").click()
    page.get_by_role("dialog").get_by_role("button", name="Revoke").click()
    toast(page, "The token is revoked.")
    assert script("GET", "/api/me")[0] == 401


def test_a_password_is_changed(app, filled, visit):
    name, _ = newcomer(app, filled, "viewer")
    page = visit("/account", name)
    page.get_by_label("Present password").fill(PASSWORD)
    page.get_by_label("New password").fill("another pass phrase")
    page.get_by_label("Password again").fill("another pass phrase")
    page.get_by_role("button", name="Change the password").click()
    toast(page, re.compile("The password is changed"))
    body = {"name": name, "password": "another pass phrase"}
    assert app.anyone()("POST", "/api/session", body)[0] == 200


def test_language_and_theme_are_chosen_and_stay(visit):
    page = visit("/account")
    page.get_by_role("combobox", name="Language").select_option("zh-CN")
    page.get_by_role("heading", level=1, name="账户").wait_for()
    page.get_by_role("combobox", name="主题").select_option("dark")
    page.reload()
    page.get_by_role("heading", level=1, name="账户").wait_for()
    assert page.evaluate("[document.documentElement.lang, document.documentElement.dataset.theme]") == ["zh-CN", "dark"]


def test_the_dashboard_says_in_a_table_what_its_plots_show(app, filled, visit):
    name, client = newcomer(app, filled, "annotator")
    for _ in range(2):
        item = client.good("POST", f"/api/projects/{filled}/desk/next", {"count": 1, "have": []})["items"]
        if item:
            client.submit(item[0]["record"], {"intent": "ask", "entities": []}, project=filled, seconds=30)
    page = visit(f"/p/{filled}/dashboard")
    row = page.get_by_role("row", name=re.compile(name))
    row.wait_for()
    page.get_by_text("As a table").first.click()
    assert page.get_by_role("region", name="Answers per day").get_by_role("row").count() == 2
    assert page.get_by_role("img", name=re.compile("Answers per day, from")).count() == 1


def test_what_a_role_may_not_do_is_not_offered(app, filled, visit):
    annotator, _ = newcomer(app, filled, "annotator")
    page = visit(f"/p/{filled}/guidelines", annotator)
    names = page.get_by_role("navigation").get_by_role("link").all_inner_texts()
    assert names == ["Annotate", "Guidelines"]  # the project is blind
    viewer, _ = newcomer(app, filled, "viewer")
    page = visit(f"/p/{filled}/browse", viewer)
    names = page.get_by_role("navigation").get_by_role("link").all_inner_texts()
    assert names == ["Browse", "Dashboard", "Guidelines"]
    page.get_by_text("4 records found").wait_for()


@pytest.mark.parametrize(
    ("role", "places"),
    [
        ("viewer", ("annotate", "review", "data", "settings")),
        ("reviewer", ("settings",)),
        ("annotator", ("browse", "browse/r1", "dashboard", "review/r1", "settings")),  # the project is blind
    ],
)
def test_a_page_that_is_not_for_ones_role_says_so_in_ones_language(app, filled, visit, role, places):
    name, _ = newcomer(app, filled, role)
    page = visit(f"/p/{filled}/guidelines", name, locale="zh-CN")
    for place in places:
        page.goto(f"http://127.0.0.1:{app.port}/#/p/{filled}/{place}")
        page.get_by_role("heading", name=re.compile("此页面仅供|只有本项目的标注员|看不到他人的答案")).wait_for()
        assert page.locator("main").inner_text().count("\n") < 6
    page.goto(f"http://127.0.0.1:{app.port}/#/users")
    page.get_by_role("heading", name="此页面仅供管理员使用。").wait_for()
    assert complaints(page) == []


def test_changed_guidelines_and_settings_are_not_lost_without_a_word(app, filled, visit):
    page = visit(f"/p/{filled}/guidelines")
    asked, answers = [], []

    def answer(dialog):
        asked.append(dialog.message)
        dialog.accept() if answers.pop() else dialog.dismiss()

    page.answer = answer
    page.get_by_role("button", name="Write the guidelines").click()
    page.get_by_label("Text (Markdown)").fill("# Persons")
    answers.append(False)
    page.get_by_role("link", name="Browse", exact=True).click()
    assert page.get_by_label("Text (Markdown)").input_value() == "# Persons"
    assert page.url.endswith("/guidelines")
    answers.append(True)
    page.get_by_role("link", name="Settings", exact=True).click()
    page.get_by_role("heading", name="Settings").wait_for()
    page.get_by_label("Annotators per record (overlap)").fill("3")
    answers.append(False)
    page.get_by_role("tab", name="Members").click()
    assert page.get_by_role("tab", name="General").get_attribute("aria-selected") == "true"
    answers.append(False)
    page.go_back()
    assert page.get_by_label("Annotators per record (overlap)").input_value() == "3"
    answers.append(True)
    page.get_by_role("link", name="Dashboard", exact=True).click()
    page.get_by_role("heading", name="Dashboard").wait_for()
    assert asked == ["What you have changed is not saved. Leave it?"] * 5
    assert described(app, filled)["settings"]["overlap"] == 1


def test_what_the_server_objects_is_said_in_chinese(app, filled, visit, tmp_path):
    page = visit("/", None, locale="zh-CN")
    page.get_by_label("用户名").fill("nobody-here")
    page.get_by_label("密码").fill("wrong and long")
    page.get_by_role("button", name="登录").click()
    page.get_by_text("用户名或密码错误").wait_for()
    page = visit(f"/p/{filled}/data", refused="422 (Unprocessable Entity)", locale="zh-CN")
    file = tmp_path / "wrong.jsonl"
    file.write_text('{"id": "x2", "text": "not", "intent": "aks"}\n', "utf-8")
    page.locator("input[type=file]").set_input_files(file)
    page.get_by_role("button", name="导入", exact=True).click()
    box = page.get_by_role("alert")
    box.get_by_text("未知标签").wait_for()
    assert "自动添加项目中没有的标签" in box.inner_text()
    assert "--add-labels" not in box.inner_text()


def test_a_table_with_other_names_of_columns_is_imported(app, filled, visit, tmp_path):
    page = visit(f"/p/{filled}/data")
    file = tmp_path / "table.csv"
    file.write_text("id,body,kind\nc1,where is it,ask\n", "utf-8")
    page.locator("input[type=file]").set_input_files(file)
    page.get_by_label("Column of the text").fill("body")
    page.get_by_label("Column of the label").fill("3")
    page.get_by_role("button", name="Import", exact=True).click()
    page.get_by_role("heading", name="Imported").wait_for()
    known = app.admin.good("GET", f"/api/projects/{filled}/records/c1")
    assert (known["text"], known["gold"]["intent"]["value"]) == ("where is it", "ask")


def test_browsing_tells_gold_from_an_answer_and_finds_ids_and_people(app, filled, visit):
    name, client = newcomer(app, filled, "annotator")
    client.good("POST", f"/api/projects/{filled}/desk/next", {"count": 1, "have": []})
    client.submit("r1", {"intent": "ask", "entities": []}, project=filled)
    page = visit(f"/p/{filled}/browse")
    row = page.get_by_role("row").filter(has_text="Thank you, Grace!")
    assert "gold: imported" in row.inner_text()
    page.get_by_label("Annotator").select_option(name)
    page.get_by_text("1 record shown").wait_for()
    page.get_by_role("button", name="Clear all").click()
    page.get_by_text("1 record shown").wait_for(state="detached")
    page.get_by_label("Text or id contains").fill("R4")
    page.keyboard.press("Enter")
    page.get_by_text("1 record shown").wait_for()
    assert texts(page) == ["上海欢迎您"]
    assert "r4" in page.locator("tbody").inner_text()


def test_an_error_of_one_page_does_not_follow_to_another(app, filled, visit):
    page = visit("/users", refused="422 (Unprocessable Entity)")
    page.get_by_label("New user").fill("/")
    page.get_by_role("button", name="Create and get the link").click()
    toast(page, "this cannot be the name of a user")
    page.goto(f"http://127.0.0.1:{app.port}/#/account")
    page.get_by_role("heading", name="Account").first.wait_for()
    assert page.locator(".toast").count() == 0


def test_signing_in_with_the_wrong_password_says_so_and_keeps_the_name(app, visit):
    page = visit("/", None)
    page.get_by_label("Name").fill("nobody-here")
    page.get_by_label("Password").fill("wrong and long")
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("alert").wait_for()
    assert page.get_by_label("Name").input_value() == "nobody-here"
    assert page.get_by_label("Password").input_value() == ""


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_serious_on_the_pages_within_pages(app, filled, visit, theme):
    _, client = newcomer(app, filled, "annotator")
    client.good("POST", f"/api/projects/{filled}/desk/next", {"count": 3, "have": []})
    client.submit("r3", {"intent": "ask", "entities": [[0, 3, "PER"]]}, project=filled)
    _, client = newcomer(app, filled, "annotator")
    app.admin.good("PATCH", f"/api/projects/{filled}/settings", {"overlap": 2})
    client.good("POST", f"/api/projects/{filled}/desk/next", {"count": 3, "have": []})
    client.submit("r3", {"intent": "thank", "entities": [[0, 4, "LOC"]]}, project=filled)
    tabs = [f"settings?tab={tab}" for tab in ("labels", "members", "leases")]
    for place in ("review/r3", "browse/r3", "browse?q=nothing-like-it", "data?tab=export", *tabs):
        assert complaints(visit(f"/p/{filled}/{place}", color_scheme=theme)) == []
    assert complaints(visit("/new", color_scheme=theme)) == []
    for place in ("/", "/invite/no-such-token"):
        assert complaints(visit(place, None, color_scheme=theme)) == []


def test_the_first_owner_is_made_with_the_link_that_the_server_prints(app, browser, tmp_path):
    init_workspace(tmp_path / "ws", template="ner").close()
    context = browser.new_context()
    page = context.new_page()
    page.set_default_timeout(10_000)
    with serving(tmp_path / "ws", set_up=False) as fresh:
        address = f"http://127.0.0.1:{fresh.port}/"
        page.goto(address)
        page.get_by_text("This server has no owner yet.").wait_for()
        page.goto(f"{address}#/setup/{fresh.setup}")
        page.get_by_role(
            "heading", name="Welcome to Goldleaf"
        ).wait_for()  # the page before has a name and a password too
        page.get_by_label("Name").fill("grace")
        page.get_by_label("Password", exact=True).fill(PASSWORD)
        page.get_by_label("Password again").fill(PASSWORD)
        page.get_by_role("button", name="Create the owner").click()
        page.get_by_role("heading", level=1, name="Projects").wait_for()
        page.get_by_role("link", name="New project").wait_for()
        context.clear_cookies()
        page.goto(address)
        page.goto(f"{address}#/setup/{fresh.setup}")
        page.get_by_text("This server has its owner already.").wait_for()
    context.close()
