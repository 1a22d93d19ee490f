"""Dynamic batching: texts of many requests run together, up to a budget of pieces, and no request waits long for company."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

from goldleaf.core import GoldleafError, Record
from goldleaf.serve.predictor import Predictor, Result

CHARACTERS_A_PIECE = 3
"""A guess that only decides how much runs together."""


class BusyError(GoldleafError):
    """More texts wait than the queue holds."""


@dataclass(slots=True)
class _Job:
    """Texts of one request that run together."""

    records: Sequence[Record]
    embeddings: bool
    distances: bool
    answer: asyncio.Future[list[Result]]

    def only(self, result: Result) -> Result:
        """The result without what another request has asked for."""
        embedding = result.embedding if self.embeddings else None
        return replace(result, embedding=embedding, distances=result.distances if self.distances else None)

    @property
    def size(self) -> int:
        return sum(len(r.text) // CHARACTERS_A_PIECE + 2 for r in self.records)


class Batcher:
    """Runs a predictor on one thread for any number of requests.

    `budget` is about how many pieces run at once, `wait` how many seconds a text waits for others while nothing runs, `capacity` how
    many texts may wait. `on_batch` is told how many texts ran together.
    """

    def __init__(
        self,
        predictor: Predictor,
        *,
        budget: int = 4096,
        wait: float = 0.0,
        capacity: int = 1024,
        on_batch: Callable[[int], None] = lambda texts: None,
    ) -> None:
        self.predictor, self.budget, self.wait, self.capacity = predictor, budget, wait, capacity
        self._on_batch = on_batch
        self._jobs: deque[_Job] = deque()
        self._waiting = 0
        self._arrived, self._idle = asyncio.Event(), asyncio.Event()
        self._idle.set()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="predictor")
        self._task = asyncio.create_task(self._work())

    @property
    def waiting(self) -> int:
        """Texts that have not been started."""
        return self._waiting

    async def submit(
        self, records: Sequence[Record], *, embeddings: bool = False, distances: bool = False
    ) -> list[Result]:
        """Predict records, in order. Raises BusyError at once where they do not fit into the queue."""
        if self._waiting + len(records) > self.capacity:
            raise BusyError("too many texts are waiting", found=str(self._waiting), expected=f"at most {self.capacity}")
        loop = asyncio.get_running_loop()
        jobs = [_Job(part, embeddings, distances, loop.create_future()) for part in self._parts(records)]
        self._jobs.extend(jobs)
        self._waiting += len(records)
        self._idle.clear()
        self._arrived.set()
        try:
            parts = await asyncio.gather(*(job.answer for job in jobs))
        except asyncio.CancelledError:  # the client is gone: what has not begun is not begun
            for job in jobs:
                job.answer.cancel()
            raise
        return [result for part in parts for result in part]

    async def close(self) -> None:
        """Finish what has been submitted, and stop."""
        await self._idle.wait()
        self._task.cancel()
        self._thread.shutdown(wait=False)

    def _parts(self, records: Sequence[Record]) -> list[Sequence[Record]]:
        """A large request in pieces of the budget, so that small ones need not wait for all of it."""
        parts: list[list[Record]] = []
        size = self.budget
        for record in records:
            more = len(record.text) // CHARACTERS_A_PIECE + 2
            if size + more > self.budget:
                parts.append([])
                size = 0
            parts[-1].append(record)
            size += more
        return list(parts)

    async def _work(self) -> None:
        while True:
            await self._arrived.wait()
            if self.wait and sum(job.size for job in self._jobs) < self.budget:
                await asyncio.sleep(self.wait)
            while batch := self._take():
                await self._run(batch)
            self._arrived.clear()
            self._idle.set()

    def _take(self) -> list[_Job]:
        """The jobs that run next: as many as fit the budget, at least one; those nobody waits for any more are dropped."""
        taken: list[_Job] = []
        size = 0
        while self._jobs and (not taken or size + self._jobs[0].size <= self.budget):
            job = self._jobs.popleft()
            self._waiting -= len(job.records)
            if not job.answer.done():
                taken.append(job)
                size += job.size
        return taken

    async def _run(self, jobs: Sequence[_Job]) -> None:
        records = [record for job in jobs for record in job.records]
        wanted = {"embeddings": any(j.embeddings for j in jobs), "distances": any(j.distances for j in jobs)}
        loop = asyncio.get_running_loop()
        try:
            results = await loop.run_in_executor(self._thread, lambda: self.predictor.run(records, **wanted))
        except Exception as error:
            for job in jobs:
                if not job.answer.done():
                    job.answer.set_exception(error)
            return
        self._on_batch(len(records))
        place = 0
        for job in jobs:
            part = results[place : place + len(job.records)]
            place += len(job.records)
            if not job.answer.done():
                job.answer.set_result([job.only(result) for result in part])
