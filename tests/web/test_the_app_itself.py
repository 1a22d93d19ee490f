"""The app as a program: what it loads, how it begins and ends, the files it serves, and a disk that is full."""

from __future__ import annotations

import gzip
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import uuid
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from app_server import serving, serving_here
from sqlalchemy import event
from workspaces import make_workspace

from goldleaf.web import static

HEAVY = {
    "torch",
    "transformers",
    "pandas",
    "pyarrow",
    "matplotlib",
    "sklearn",
    "scipy",
    "jieba",
    "nltk",
    "onnxruntime",
    "alembic",
}


def test_the_app_loads_none_of_the_heavy_libraries():
    code = "import sys, goldleaf.web, uvicorn, argon2; print(*sorted({n.partition('.')[0] for n in sys.modules}))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert set(done.stdout.split()) & HEAVY == set()


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="memory is read from /proc")
def test_an_idle_server_takes_less_than_150_megabytes(tmp_path):
    with serving(make_workspace(tmp_path)) as app:
        app.admin.good("POST", "/api/projects/default/desk/next", {"count": 1})
        app.admin.submit("r0", {"intent": "ask", "slots": []})
        status = Path(f"/proc/{app.process.pid}/status").read_text()
    resident = next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS"))
    assert resident < 150_000


def test_told_to_end_it_answers_what_was_asked_and_ends_well(tmp_path):
    with serving(make_workspace(tmp_path)) as app:
        with socket.create_connection(("127.0.0.1", app.port)) as slow:
            head = f"host: x\r\ncookie: {app.admin.cookie}\r\nx-csrf-token: {app.admin.csrf}\r\n"
            head += "content-type: application/json\r\ncontent-length: 14\r\n\r\n"
            slow.sendall(f"PUT /api/projects/default/guidelines HTTP/1.1\r\n{head}".encode())
            time.sleep(0.2)
            app.process.send_signal(signal.SIGTERM)
            time.sleep(0.3)
            slow.sendall(b'{"text": "hi"}')
            assert slow.recv(1000).startswith(b"HTTP/1.1 200")
        assert app.process.wait(timeout=20) == 0
    with serving(app.folder) as again:
        app.admin.port = again.port
        assert app.admin.good("GET", "/api/projects/default/guidelines")["text"] == "hi"


def test_an_address_in_use_and_a_folder_without_a_workspace_are_one_message(tmp_path):
    folder = make_workspace(tmp_path)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        for words in (["-w", folder, "--port", port], ["-w", tmp_path / "nothing"]):
            command = [sys.executable, "-m", "goldleaf", "annotate", *map(str, words)]
            done = subprocess.run(command, capture_output=True, text=True, timeout=60)
            assert done.returncode == 1
            assert done.stderr.startswith("error: ")
            assert len(done.stderr.splitlines()) == 1


@contextmanager
def no_room(house):
    """While this lasts the database cannot grow by a page, whatever connection asks."""

    def limit(connection, *_):
        pages = connection.execute("PRAGMA page_count").fetchone()[0]
        connection.execute(f"PRAGMA max_page_count={pages}")

    house.desk.write(lambda c: limit(c.connection.dbapi_connection)).result()
    event.listen(house.ws.store.engine, "connect", limit)
    house.ws.store.engine.dispose()  # what is in the pool has no limit
    yield
    event.remove(house.ws.store.engine, "connect", limit)
    house.ws.store.engine.dispose()
    house.desk.write(lambda c: c.exec_driver_sql("PRAGMA max_page_count=1000000")).result()


def test_a_full_disk_is_said_and_nothing_is_changed_and_later_all_is_well(tmp_path):
    with serving_here(make_workspace(tmp_path)) as (app, house):
        item = app.admin.good("POST", "/api/projects/default/desk/next", {"count": 1})["items"][0]
        with closing(sqlite3.connect(app.folder / "goldleaf.db")) as c:
            c.execute("VACUUM")  # no page is free
        answer = {
            "id": str(uuid.uuid4()),
            "record": item["record"],
            "values": {"intent": "ask", "slots": []},
            "status": "flagged",
            "comment": "x" * 10_000,
        }
        with no_room(house):
            for _ in range(3):
                status, said = app.admin("POST", "/api/projects/default/desk/submit", answer)
                assert (status, said["error"]["code"]) == (503, "unavailable")
                assert said["error"]["message"] == "the disk is full"
        assert app.admin.good("POST", "/api/projects/default/desk/submit", answer)["outcome"] == "counted"
        known = app.admin.good("GET", f"/api/projects/default/records/{item['record']}")
        assert len(known["annotations"]) == 1


@pytest.fixture
def built(tmp_path, monkeypatch):
    """A browser side of three files."""
    folder = tmp_path / "static"
    (folder / "assets").mkdir(parents=True)
    (folder / "index.html").write_text("<!doctype html><title>Goldleaf</title>" + " " * 600)
    (folder / "assets" / "index-abc123.js").write_text("console.log(1);" * 100)
    (folder / ".secret").write_text("no")
    (tmp_path / "outside.txt").write_text("no")
    (folder / "link.txt").symlink_to(tmp_path / "outside.txt")
    monkeypatch.setattr(static, "FOLDER", folder)
    return folder


def test_the_browser_side_is_served_packed_and_kept_as_long_as_it_may_be(built, tmp_path):
    with serving_here(make_workspace(tmp_path)) as (app, _):
        client = app.anyone()
        status, headers, data = client.raw("GET", "/")
        assert (status, headers["content-type"], headers["cache-control"]) == (
            200,
            "text/html; charset=utf-8",
            "no-cache",
        )
        assert data == (built / "index.html").read_bytes()
        _, headers, data = client.raw("GET", "/assets/index-abc123.js", headers={"accept-encoding": "gzip"})
        assert gzip.decompress(data) == (built / "assets" / "index-abc123.js").read_bytes()
        assert "immutable" in headers["cache-control"]
        assert headers["content-type"].startswith("text/javascript")
        again = client.raw("GET", "/", headers={"if-none-match": client.raw("GET", "/")[1]["etag"]})
        assert (again[0], again[2]) == (304, b"")
        assert client.raw("HEAD", "/")[0] == 200
        for path in ("/.secret", "/link.txt", "/assets/..%2f..%2foutside.txt", "/assets", "/assets/", "/missing.js"):
            assert client.raw("GET", path)[0] == 404
        (built / "index.html").write_text("<!doctype html><title>Another</title>")
        assert b"Another" in client.raw("GET", "/")[2]
