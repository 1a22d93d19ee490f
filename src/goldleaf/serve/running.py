"""The service as a process: it listens, says where, and drains when it is told to end."""

from __future__ import annotations

import signal
import socket
from collections.abc import Callable

from fastapi import FastAPI

from goldleaf.core import InputError


def run_service(app: FastAPI, *, host: str, port: int, announce: Callable[[str], None], drain: float = 30.0) -> None:
    """Serve until SIGTERM or Ctrl-C; then take no more, answer what was asked (for `drain` seconds at most), and return.

    `announce` is told the address once connections are taken. Raises InputError where the address cannot be listened on.
    """
    import uvicorn

    try:
        listening = socket.create_server((host, port), backlog=2048)
        # what is accepted inherits it; asyncio sets it on sockets of its own making alone, and without it the body of an
        # answer waits 40 ms for the client's kernel to acknowledge the head
        listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    except OSError as error:
        raise InputError("cannot listen there", where=f"{host}:{port}", found=error.strerror or str(error)) from None

    class Server(uvicorn.Server):
        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets)
            announce("http://{}:{}".format(*listening.getsockname()[:2]))

    config = uvicorn.Config(
        app,
        log_level="warning",
        access_log=False,
        timeout_keep_alive=30,
        timeout_graceful_shutdown=int(drain),
        limit_concurrency=1000,
    )
    # uvicorn raises the signal again once it has drained: that end is a good one
    before = signal.signal(signal.SIGTERM, lambda number, frame: None)
    try:
        with listening:
            Server(config).run(sockets=[listening])
    finally:
        signal.signal(signal.SIGTERM, before)
