"""Makes the two screenshots of the README: the annotation screen with the demo's messages, light and dark.

    python benchmarks/screenshots.py [--out docs/images]

Needs playwright and Chromium. Everything shown comes from the package: the demo's messages, their labels as suggestions.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
import urllib.request
from http.cookiejar import CookieJar
from pathlib import Path
from typing import Any

from goldleaf.workspace import demo_file, import_file, init_workspace

SHOWN = ("en-0155",)
PASSWORD = "screenshots only"
WIDTH, HEIGHT = 1280, 760
NOTES = {
    "slots": {
        "product": {
            "definition": "What was bought or is asked about, without its article.",
            "examples": ["wool blanket"],
        },
        "date": {"definition": "A day or a time, as it is written.", "examples": ["Saturday", "May 2"]},
    }
}
SETTINGS = {"control_share": 0.0, "order": "file", "snap": True}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=Path(__file__).parents[1] / "docs" / "images")
    out = parser.parse_args().out
    with tempfile.TemporaryDirectory() as folder:
        workspace = make_workspace(Path(folder))
        command = [sys.executable, "-m", "goldleaf", "annotate", "-w", str(workspace), "--port", "0"]
        with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as server:
            try:
                take_all(server, out)
            finally:
                server.terminate()


def make_workspace(folder: Path) -> Path:
    """The demo's messages, their labels as suggestions; the ones that are shown come first."""
    messages = [json.loads(line) for line in demo_file("en").read_text(encoding="utf-8").splitlines()]
    messages.sort(key=lambda message: message["id"] not in SHOWN)
    lines = folder / "messages.jsonl"
    with lines.open("w", encoding="utf-8") as file:
        for message in messages[:400]:
            kept = {"id": message["id"], "text": message["text"], **message.get("gold", {})}
            file.write(json.dumps(kept, ensure_ascii=False) + "\n")
    with init_workspace(folder / "shop", template="intent-slots") as ws:
        import_file(ws, lines, as_="suggestions")
    return folder / "shop"


def take_all(server: subprocess.Popen[str], out: Path) -> None:
    """Signs in as the first owner and takes both pictures."""
    from playwright.sync_api import sync_playwright

    address, token = started(server)
    prepare(address, token)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        for theme in ("light", "dark"):
            context = browser.new_context(
                viewport={"width": WIDTH, "height": HEIGHT}, color_scheme=theme, device_scale_factor=1.5
            )
            context.request.post(f"{address}/api/session", data={"name": "ada", "password": PASSWORD})
            page = context.new_page()
            page.goto(f"{address}/#/p/default/annotate")
            page.locator(".text .line").first.wait_for()
            for key in ("Space", "n", "Space", "Space", "ArrowUp"):
                page.keyboard.press(key)
            page.wait_for_timeout(400)
            page.screenshot(path=out / f"annotate-{theme}.png")
            page.evaluate("localStorage.clear()")
            context.close()
        browser.close()


def started(server: subprocess.Popen[str]) -> tuple[str, str]:
    """The address and the token that the server printed."""
    address = ""
    for line in server.stderr or ():
        if line.startswith("serving on "):
            address = line.removeprefix("serving on ").strip()
        if "/#/setup/" in line:
            return address, line.rsplit("/#/setup/", 1)[1].strip()
    raise SystemExit("the server did not start")


def prepare(address: str, token: str) -> None:
    """The first owner, label notes, settings."""
    opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))

    def call(method: str, path: str, body: Any, csrf: str = "") -> Any:
        headers = {"content-type": "application/json", "x-csrf-token": csrf}
        request = urllib.request.Request(f"{address}/api/{path}", json.dumps(body).encode(), headers, method=method)
        with opener.open(request) as response:
            return json.loads(response.read() or b"null")

    csrf = call("POST", "setup", {"token": token, "name": "ada", "password": PASSWORD})["csrf"]
    call("PUT", "projects/default/notes", NOTES, csrf)
    call("PATCH", "projects/default/settings", SETTINGS, csrf)


if __name__ == "__main__":
    main()
