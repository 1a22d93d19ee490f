"""The app as a process: it listens, says where, and answers what was asked before it ends."""

from __future__ import annotations

import signal
import socket
import sys
from collections.abc import Callable
from pathlib import Path

from goldleaf.core import InputError
from goldleaf.web.app import close_app, create_app
from goldleaf.web.house import Limits
from goldleaf.workspace import open_workspace

SWITCH = 0.001
"""Seconds until a thread lets another one run: with Python's 5 ms an export would slow every answer down."""


def run_app(
    folder: Path | str = ".",
    *,
    host: str = "127.0.0.1",
    port: int = 8080,
    limits: Limits | None = None,
    announce: Callable[[str, str | None], None] = lambda address, setup: None,
    drain: int = 10,
) -> None:
    """Run the annotation app of a workspace until SIGTERM or Ctrl-C; then take no more, answer what was asked, and return.

    `announce` is told the address once connections are taken and, while nobody can sign in yet, the link that makes the first owner.
    Raises InputError where there is no workspace or the address cannot be listened on.
    """
    import uvicorn

    ws = open_workspace(folder)
    try:
        listening = _listen(host, port)
    except InputError:
        ws.close()
        raise
    app, setup = create_app(ws, limits=limits)
    address = f"http://{_shown(host)}:{listening.getsockname()[1]}"

    class Server(uvicorn.Server):
        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets)
            announce(address, f"{address}/#/setup/{setup}" if setup is not None else None)

    config = uvicorn.Config(
        app,
        log_level="warning",
        access_log=False,
        server_header=False,
        timeout_keep_alive=75,
        timeout_graceful_shutdown=drain,
        limit_concurrency=2000,
        lifespan="off",
        ws="none",
    )
    sys.setswitchinterval(SWITCH)
    # uvicorn raises the signal again once it has drained: that end is a good one
    before = signal.signal(signal.SIGTERM, lambda number, frame: None)
    try:
        with listening:
            Server(config).run(sockets=[listening])
    finally:
        signal.signal(signal.SIGTERM, before)
        close_app(app)


def _listen(host: str, port: int) -> socket.socket:
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        return socket.create_server((host, port), family=family, backlog=2048)
    except (OSError, OverflowError) as error:
        found = getattr(error, "strerror", None) or str(error)
        todo = "Name another port with --port; 0 takes a free one"
        raise InputError("cannot listen there", where=f"{host}:{port}", found=found, todo=todo) from None


def _shown(host: str) -> str:
    shown = {"0.0.0.0": socket.gethostname(), "::": socket.gethostname()}.get(host, host)
    return f"[{shown}]" if ":" in shown else shown
