"""axe-core finds nothing serious, in both themes, on the annotation screen and what opens over it."""

from __future__ import annotations

import pytest
from axe import complaints

FIELDS = [
    {"name": "intent", "kind": "choice", "labels": ["ask", "thank"]},
    {"name": "topics", "kind": "choice", "labels": ["food", "price"], "many": True},
    {"name": "entities", "kind": "spans", "labels": [f"L{n}" for n in range(13)], "overlap": "overlapping"},
]
TEXT = (
    "Grace Hopper joined the Navy in Arlington, then went on to Washington and Philadelphia with her team of engineers."
)
WORDS = [
    (0, 5),
    (6, 12),
    (13, 19),
    (20, 23),
    (24, 28),
    (29, 31),
    (32, 41),
    (43, 47),
    (48, 52),
    (53, 55),
    (56, 58),
    (59, 69),
    (70, 73),
]
RECORD = {
    "id": "a1",
    "text": TEXT,
    "meta": {"source": "news"},
    "intent": "ask",
    "entities": [[*word, f"L{n}"] for n, word in enumerate(WORDS)],
}


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_serious_on_the_annotation_screen(project, screen, theme):
    window = screen(project(FIELDS, [RECORD, {"id": "a2", "text": "x"}], as_="suggestions"), color_scheme=theme)
    assert complaints(window.page) == []
    window.keys("a", "n", "n", "ArrowDown")
    assert complaints(window.page) == []
    for keys, name in (
        ("?", "Keys"),
        ("Control+k", "All actions"),
        ("x", "Skip this record"),
        ("f", "Flag this record"),
    ):
        window.keys(keys)
        window.page.get_by_role("dialog", name=name).wait_for()
        assert complaints(window.page) == []
        window.keys("Escape")
        window.page.get_by_role("dialog", name=name).wait_for(state="hidden")
    window.keys("g")
    panel = window.page.get_by_role("complementary", name="Guidelines")
    panel.wait_for()
    assert complaints(window.page) == []
    window.keys("g")
    panel.wait_for(state="hidden")
    window.keys("Enter")
    window.wait_record("a2")
    window.wait_saved()
    window.keys("Shift+H")
    window.page.get_by_role("dialog", name="My earlier work").get_by_role("listitem").wait_for()
    assert complaints(window.page) == []


@pytest.mark.slow
@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("page", ["review", "browse", "dashboard", "guidelines", "data", "settings"])
def test_axe_finds_nothing_serious_on_the_other_pages(project, screen, page, theme):
    window = screen(project(FIELDS[:1], [RECORD]), color_scheme=theme)
    window.page.goto(f"{window.address}/#/p/{window.project}/{page}")
    window.page.get_by_role("heading", level=1).wait_for()
    window.page.wait_for_load_state("networkidle")
    assert complaints(window.page) == []


@pytest.mark.parametrize("page", ["", "account", "users"])
def test_axe_finds_nothing_serious_outside_of_projects(project, screen, page):
    window = screen(project(FIELDS[:1], [RECORD]))
    window.page.goto(f"{window.address}/#/{page}")
    window.page.get_by_role("heading", level=1).wait_for()
    window.page.wait_for_load_state("networkidle")
    assert complaints(window.page) == []
