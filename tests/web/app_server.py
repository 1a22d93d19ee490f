"""The annotation app as a process, and a client that behaves as a browser does."""

from __future__ import annotations

import http.client
import json
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

PASSWORD = "correct horse"
ROLES = ("viewer", "annotator", "reviewer", "owner")


class Client:
    """One person's browser: keeps the cookie and sends the token; or a script with a personal token."""

    def __init__(self, port: int, token: str | None = None) -> None:
        self.port, self.token = port, token
        self.cookie, self.csrf = "", ""

    def raw(self, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None):
        """Status, headers and bytes of an answer. `None` among the headers leaves one out that is sent otherwise."""
        sent: dict[str, Any] = {"x-csrf-token": self.csrf, "cookie": self.cookie}
        if self.token is not None:
            sent = {"authorization": f"Bearer {self.token}"}
        if isinstance(body, dict | list):
            body, sent["content-type"] = json.dumps(body).encode(), "application/json"
        sent |= headers or {}
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        with suppress(BrokenPipeError, ConnectionResetError):  # a refused body need not be read; the answer is there
            connection.request(method, path, body, {k: v for k, v in sent.items() if v})
        response = connection.getresponse()
        data = response.read()
        connection.close()
        if cookie := response.getheader("set-cookie"):
            self.cookie = cookie.partition(";")[0]
        return response.status, {k.lower(): v for k, v in response.getheaders()}, data

    def __call__(self, method: str, path: str, body: Any = None, **headers: str) -> tuple[int, Any]:
        """Status and what the JSON says (None where there is none)."""
        status, about, data = self.raw(method, path, body, {k.replace("_", "-"): v for k, v in headers.items()})
        said = json.loads(data) if about.get("content-type") == "application/json" else None
        if isinstance(said, dict) and said.get("csrf"):
            self.csrf = said["csrf"]
        return status, said

    def good(self, method: str, path: str, body: Any = None) -> Any:
        """What an answer says that must be a good one."""
        status, said = self(method, path, body)
        assert 200 <= status < 300, (status, said)
        return said

    def submit(self, record: str, values: dict[str, Any], *, project: str = "default", **more: Any) -> Any:
        body = {"id": str(uuid.uuid4()), "record": record, "values": values, "seconds": 1.5, "want": 0, **more}
        return self.good("POST", f"/api/projects/{project}/desk/submit", body)


class App:
    """A running app: its address, the link it printed, and people."""

    def __init__(self, process: subprocess.Popen[str], folder: Path, port: int, setup: str | None) -> None:
        self.process, self.folder, self.port, self.setup = process, folder, port, setup
        self.log: list[str] = []
        self.admin = Client(port)

    def set_up(self) -> Client:
        self.admin.good("POST", "/api/setup", {"token": self.setup, "name": "ada", "password": PASSWORD})
        return self.admin

    def anyone(self) -> Client:
        return Client(self.port)

    def person(self, name: str, **roles: str) -> Client:
        """A new user with a role in each of these projects, signed in."""
        invite = self.admin.good("POST", "/api/users", {"name": name, "admin": False})["invite"]
        for project, role in roles.items():
            self.admin.good("PUT", f"/api/projects/{project}/members/{name}", {"role": role})
        client = self.anyone()
        client.good("POST", "/api/invite", {"token": invite, "password": PASSWORD})
        return client


@contextmanager
def serving(folder: Path, *, set_up: bool = True, env: dict[str, str] | None = None) -> Iterator[App]:
    """The app of a workspace until the block ends, with its owner signed in."""
    command = [sys.executable, "-m", "goldleaf", "annotate", "-w", str(folder), "--port", "0"]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=env)
    assert process.stderr is not None
    try:
        app = _started(process, folder)
        if set_up and app.setup is not None:
            app.set_up()
        yield app
    finally:
        process.terminate()
        process.wait(timeout=30)
        process.stderr.close()


def _started(process: subprocess.Popen[str], folder: Path) -> App:
    assert process.stderr is not None
    port, setup = 0, None
    for line in process.stderr:
        if line.startswith("serving on "):
            port = int(line.rsplit(":", 1)[1])
            break
    else:
        raise AssertionError(f"the app did not start: exit {process.wait()}")
    app = App(process, folder, port, setup)
    status, said = app.anyone()("GET", "/api/setup")
    assert status == 200
    if said["needed"]:
        app.setup = process.stderr.readline().rsplit("/#/setup/", 1)[1].strip()
    reader = threading.Thread(target=lambda: app.log.extend(iter(process.stderr.readline, "")), daemon=True)  # type: ignore[union-attr]
    reader.start()
    return app


@contextmanager
def serving_here(folder: Path) -> Iterator[tuple[App, Any]]:
    """The same app within this process, where a test can get at its database and its files; and the app's state."""
    import uvicorn

    from goldleaf.web import create_app
    from goldleaf.web.app import close_app
    from goldleaf.workspace import open_workspace

    app, setup = create_app(open_workspace(folder))
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="warning", lifespan="off"))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    here = App(None, folder, server.servers[0].sockets[0].getsockname()[1], setup)  # type: ignore[arg-type]
    try:
        here.set_up()
        yield here, app.state.house
    finally:
        server.should_exit = True
        thread.join()
        close_app(app)
