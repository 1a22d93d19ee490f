"""A real server, a real browser, and people in front of it."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from app_server import PASSWORD, App, serving
from screen import Screen

from goldleaf.core import Field, Schema
from goldleaf.workspace import init_workspace

CHROMIUM = next(
    (found for name in ("chromium", "chromium-browser", "google-chrome") if (found := shutil.which(name))), None
)
ROOT = Path(__file__).parents[3]
SETTINGS = {"control_share": 0.0, "order": "file", "check_rate": 0.0}


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    api = pytest.importorskip(
        "playwright.sync_api", reason="browser tests need playwright (pip install 'goldleaf[dev]')"
    )
    if CHROMIUM is None:
        pytest.skip("browser tests need Chromium on this machine (apt-get install chromium)")
    with api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def app(browser, tmp_path_factory) -> Iterator[App]:
    """The app with its owner `ada`, built from the sources as they are."""
    built = subprocess.run(
        [sys.executable, str(ROOT / "web-ui" / "build.py")], capture_output=True, text=True, check=False
    )
    if built.returncode:
        pytest.skip(f"the browser side cannot be built here: {built.stderr[-300:]}")
    folder = tmp_path_factory.mktemp("browser") / "ws"
    init_workspace(folder, schema=Schema((Field("intent", "choice", ("ask", "thank")),))).close()
    with serving(folder) as app:
        yield app


@pytest.fixture
def project(app, request) -> Callable[..., str]:
    """Makes a project of these fields and records, named after the test; the answer is its name."""

    def make(
        fields: list[dict[str, Any]], records: list[dict[str, Any]], *, as_: str | None = None, **settings: Any
    ) -> str:
        name = request.node.name.replace("test_", "")[:60].replace("[", "-").replace("]", "")
        app.admin.good("POST", "/api/projects", {"name": name, "schema": {"version": 1, "fields": fields}})
        app.admin.good("PATCH", f"/api/projects/{name}/settings", SETTINGS | settings)
        lines = "\n".join(json.dumps(record) for record in records)
        how = f"&as={as_}" if as_ else ""
        app.admin.good("POST", f"/api/projects/{name}/import?name=records.jsonl{how}", lines.encode())
        return name

    return make


@pytest.fixture
def screen(app, browser) -> Iterator[Callable[..., Screen]]:
    """Opens a window of its own for a person, signed in, at the annotation screen of a project."""
    windows: list[Screen] = []

    def show(project: str, person: str = "ada", **options: Any) -> Screen:
        window = Screen(browser.new_context(viewport={"width": 1280, "height": 720}, **options), app, project)
        windows.append(window)
        window.sign_in(person, PASSWORD)
        window.annotate()
        return window

    yield show
    complaints = [line for window in windows for line in window.complaints]
    for window in windows:
        window.close()
    assert complaints == []


@pytest.fixture
def visit(app, browser) -> Iterator[Callable[..., Any]]:
    """Opens a page of the app (`/p/NAME/browse`) in a window of its own, for a person who is signed in or for nobody."""
    windows: list[Screen] = []

    def show(place: str, person: str | None = "ada", *, refused: str | None = None, **options: Any) -> Any:
        window = Screen(browser.new_context(viewport={"width": 1280, "height": 720}, **options), app, "")
        windows.append(window)
        if refused is not None:
            window.expected = (*window.expected, refused)
        if person is not None:
            window.sign_in(person, PASSWORD)
        window.page.goto(f"{window.address}/#{place}")
        window.page.get_by_role("heading", level=1).wait_for(state="attached")
        return window.page

    yield show
    complaints = [line for window in windows for line in window.complaints]
    for window in windows:
        window.close()
    assert complaints == []
