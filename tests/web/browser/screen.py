"""The annotation screen as a person uses it: looks, keys and the pointer."""

from __future__ import annotations

from typing import Any

from app_server import App

EXPECTED = ("401 (Unauthorized)", "net::ERR_FAILED", "net::ERR_INTERNET_DISCONNECTED", "503 (Service Unavailable)")
"""What the browser's console says of the failures that the tests bring about."""


class Screen:
    """One window of one person."""

    def __init__(self, context: Any, app: App, project: str) -> None:
        self.context, self.app, self.project = context, app, project
        self.complaints: list[str] = []
        self.expected = EXPECTED
        self.page = context.new_page()
        self.page.set_default_timeout(10_000)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("console", self._heard)
        self.page.on("dialog", self._asked)

    def _heard(self, message: Any) -> None:
        if message.type in ("error", "warning") and not any(known in message.text for known in self.expected):
            self.complaints.append(message.text)

    def _asked(self, dialog: Any) -> None:
        """A question that no test expects is a complaint; one whose page has an answer ready (`page.answer`) is its own."""
        if (answer := getattr(self.page, "answer", None)) is not None:
            answer(dialog)
            return
        self.complaints.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.app.port}"

    def sign_in(self, person: str, password: str) -> None:
        answer = self.context.request.post(f"{self.address}/api/session", data={"name": person, "password": password})
        assert answer.ok, answer.text()

    def annotate(self) -> None:
        self.page.goto(f"{self.address}/#/p/{self.project}/annotate")
        self.page.locator(".text .line, .empty").first.wait_for()

    def close(self) -> None:
        self.context.close()

    def keys(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def record(self) -> str:
        return self.page.locator(".head .id").inner_text()

    def text(self) -> str:
        return "\n".join(self.page.locator(".text .line").evaluate_all("lines => lines.map(line => line.textContent)"))

    def labels(self) -> list[str]:
        return self.page.locator(".text .chip").evaluate_all("chips => chips.map(chip => chip.dataset.label)")

    def wait_saved(self) -> None:
        self.page.locator(".state .saved").wait_for()

    def wait_record(self, record: str) -> None:
        self.page.locator(f".head .id:text-is('{record}')").wait_for()

    def drag(self, first: str, last: str) -> None:
        """Selects with the pointer, from the middle of one piece of text to the middle of another."""
        start, end = self.place(first), self.place(last)
        self.page.mouse.move(*start)
        self.page.mouse.down()
        self.page.mouse.move((start[0] + end[0]) / 2, end[1])
        self.page.mouse.move(*end)
        self.page.mouse.up()

    def place(self, piece: str) -> tuple[float, float]:
        """A point of a piece of the text on the screen, a little behind its middle: from just there Chromium extends no selection."""
        box = self.page.evaluate(
            """piece => {
              const walker = document.createTreeWalker(document.querySelector('.text'), NodeFilter.SHOW_TEXT);
              for (let node = walker.nextNode(); node; node = walker.nextNode()) {
                const at = node.data.indexOf(piece);
                if (at < 0) continue;
                const range = document.createRange();
                range.setStart(node, at);
                range.setEnd(node, at + piece.length);
                const { x, y, width, height } = range.getBoundingClientRect();
                return [x + width * 0.55, y + height / 2];
              }
            }""",
            piece,
        )
        assert box, f"{piece!r} is not on the screen"
        return box[0], box[1]

    def answers(self, record: str) -> list[dict[str, Any]]:
        """What the server holds of a record: its annotations, the oldest first."""
        return self.app.admin.good("GET", f"/api/projects/{self.project}/records/{record}")["annotations"]
