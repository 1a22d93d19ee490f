"""What the endpoints share: the open workspace, its people, the desk that hands out work, and the limits."""

from __future__ import annotations

import asyncio
import hashlib
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TypeVar

from goldleaf.store import Connection
from goldleaf.web.attempts import Attempts
from goldleaf.workspace import AnnotationDesk, Dashboards, Overviews, People, Workspace

T = TypeVar("T")
READERS, CHANGERS = 4, 4
"""Reads that run at once, each with a connection of its own; and changes that wait for a password's hash or for the disk, which are not
to keep reads waiting: while a large file is imported they may wait long."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Sizes in bytes: `body` of a request, `upload` of a file to import. `patience`: seconds for a client that sends nothing."""

    body: int = 8_000_000
    upload: int = 2_000_000_000
    patience: float = 30.0


@dataclass
class House:
    """One running app."""

    ws: Workspace
    desk: AnnotationDesk
    people: People
    limits: Limits
    attempts: Attempts = field(default_factory=Attempts)
    cookie: str = ""
    dashboards: Dashboards = field(default_factory=Dashboards)
    overviews: Overviews = field(init=False)
    importing: threading.Lock = field(default_factory=threading.Lock)
    readers: ThreadPoolExecutor = field(
        default_factory=lambda: ThreadPoolExecutor(READERS, thread_name_prefix="goldleaf-reader")
    )
    changers: ThreadPoolExecutor = field(
        default_factory=lambda: ThreadPoolExecutor(CHANGERS, thread_name_prefix="goldleaf-changer")
    )

    def __post_init__(self) -> None:
        # a browser keeps cookies by host, not by port: two apps on one machine must not sign each other's people out
        name = hashlib.sha256(str(self.ws.folder.resolve()).encode()).hexdigest()[:8]
        self.cookie = f"goldleaf_{name}"
        self.overviews = Overviews(self.ws.folder)

    async def work(self, do: Callable[[], T]) -> T:
        """Run what reads in a thread."""
        return await asyncio.get_running_loop().run_in_executor(self.readers, do)

    async def change(self, do: Callable[[], T]) -> T:
        """Run what waits for its own change to be on disk in a thread."""
        return await asyncio.get_running_loop().run_in_executor(self.changers, do)

    async def read(self, query: Callable[[Connection], T]) -> T:
        """Run a query in a thread."""

        def run() -> T:
            with self.ws.store.read() as c:
                return query(c)

        return await self.work(run)

    def write(self, change: Callable[[Connection], T]) -> Future[T]:
        """Have the writer run a change; its result, once it is on disk."""
        return self.desk.write(change)

    def close(self) -> None:
        """Let go of everything, when the last request has been answered."""
        self.overviews.close()
        self.readers.shutdown(wait=True)
        self.changers.shutdown(wait=True)
        self.desk.close()
        self.ws.close()


async def done(future: Future[T]) -> T:
    """The result of what the writer has promised, once it is on disk."""
    return await asyncio.wrap_future(future)
