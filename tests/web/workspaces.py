"""Workspaces that the tests of the app begin with."""

from __future__ import annotations

from goldleaf.core import Field, Schema
from goldleaf.workspace import create_project, import_file, init_workspace

SCHEMA = Schema((Field("intent", "choice", ("ask", "thank")), Field("slots", "spans", ("city",))))
MESSAGES = [f'{{"id": "r{n}", "text": "a table in Oslo for {n}"}}' for n in range(12)]
MESSAGES[3] = '{"id": "r3", "text": "<img src=x onerror=alert(1)><script>alert(2)</script> \\u202eoslo"}'


def make_workspace(folder):
    """A workspace with the projects `default` (12 records) and `other` (one)."""
    lines = folder / "messages.jsonl"
    lines.write_text("\n".join(MESSAGES), encoding="utf-8")
    single = folder / "other.jsonl"
    single.write_text('{"id": "secret", "text": "not for everybody"}', encoding="utf-8")
    with init_workspace(folder / "ws", schema=SCHEMA) as ws:
        import_file(ws, lines)
        create_project(ws, "other", schema=SCHEMA)
        import_file(ws, single, project="other")
    return folder / "ws"
