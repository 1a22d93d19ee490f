"""The one thread that writes: what has been asked for meanwhile is committed together, and promised only once it is on disk."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, TypeVar

from sqlalchemy import Connection

from goldleaf.core import GoldleafError
from goldleaf.store.db import Store
from goldleaf.store.errors import explained

T = TypeVar("T")
Work = Callable[[Connection], Any]
_Job = tuple[Work, "Future[Any]"]
MOST = 256
"""Works in one transaction, at most."""


class Writer:
    """Runs works one after another on one connection, many in one transaction, each in a savepoint of its own.

    A future resolves after the commit of the transaction that holds its work, and a commit returns after the fsync of the log. A work
    that raises undoes itself alone; a commit that fails undoes and fails all. `generation` grows whenever what a work remembers of
    an earlier one may be out of date: something was undone, or another connection has written, and then `elsewhere` grows as well.
    """

    def __init__(self, store: Store) -> None:
        self.generation = self.elsewhere = 0
        self._connection: Connection | None = None
        self._store = store
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._closed = False
        self._seen: int | None = None
        self._thread = threading.Thread(target=self._run, name="goldleaf-writer", daemon=True)
        self._thread.start()

    def submit(self, work: Callable[[Connection], T]) -> Future[T]:
        """Have a work done; its future has the result once the work is on disk, or the error that undid it."""
        future: Future[T] = Future()
        with self._lock:
            if self._closed:
                raise GoldleafError("the store is closed", where=self._store.where)
            self._jobs.put((work, future))
        return future

    def close(self) -> None:
        """Do what has been asked for, and stop. Later works are refused."""
        with self._lock:
            if not self._closed:
                self._closed = True
                self._jobs.put(None)
        self._thread.join()

    def _run(self) -> None:
        while True:
            batch, more = self._gather()
            if batch:
                self._commit(batch)
            if not more:
                self._let_go()
                return

    def _gather(self) -> tuple[list[_Job], bool]:
        """What is waiting, at least one job; and whether there may be more."""
        batch: list[_Job] = []
        job = self._jobs.get()
        while job is not None:
            batch.append(job)
            if len(batch) == MOST:
                return batch, True
            try:
                job = self._jobs.get_nowait()
            except queue.Empty:
                return batch, True
        return batch, False

    def _commit(self, batch: list[_Job]) -> None:
        batch = [job for job in batch if job[1].set_running_or_notify_cancel()]
        outcomes: list[tuple[Future[Any], Any, Exception | None]] = []
        try:
            with explained(self._store.where):
                c = self._open()
                with c.begin():
                    self._look_around(c)
                    outcomes = [(future, *self._one(c, work)) for work, future in batch]
        except Exception as error:  # of the commit, or of a transaction that the database itself undid
            self.generation += 1
            self.elsewhere += 1
            self._let_go()
            outcomes = [(future, None, error) for _, future in batch]
        for future, result, error in outcomes:
            if error is None:
                future.set_result(result)
            else:
                future.set_exception(error)

    def _open(self) -> Connection:
        """The writer's own connection: whether others have written can be asked of one and the same only."""
        if self._connection is None:
            self._connection = self._store.engine.connect().execution_options(goldleaf_write=True)
            self._seen = None
        return self._connection

    def _let_go(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _look_around(self, c: Connection) -> None:
        version: int = c.exec_driver_sql("PRAGMA data_version").scalar_one()
        if version != self._seen:
            self._seen = version
            self.generation += 1
            self.elsewhere += 1

    def _one(self, c: Connection, work: Work) -> tuple[Any, Exception | None]:
        c.exec_driver_sql("SAVEPOINT one")
        try:
            with explained(self._store.where):
                result = work(c)
        except Exception as error:
            self.generation += 1
            if not _in_transaction(c):  # a full disk ends the whole transaction
                raise
            c.exec_driver_sql("ROLLBACK TO one")
            c.exec_driver_sql("RELEASE one")
            return None, error
        c.exec_driver_sql("RELEASE one")
        return result, None


def _in_transaction(c: Connection) -> bool:
    return bool(getattr(c.connection.dbapi_connection, "in_transaction", True))
