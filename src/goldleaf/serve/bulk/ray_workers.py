"""Workers on a Ray cluster: the one file that knows Ray."""

from __future__ import annotations

import logging
import os
import secrets
import socket
import tempfile
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import ray
from ray.exceptions import RayError, RayTaskError

from goldleaf.bundle import MANIFEST, read_bundle
from goldleaf.core import GoldleafError, InputError
from goldleaf.serve.bulk.job import Job, Queue
from goldleaf.serve.bulk.shards import Shard, Task, share_threads
from goldleaf.serve.bulk.worker import Done

_WEIGHTS = ".safetensors"
"""The weights that training reads; the predictor runs model.onnx."""
_SMALL = 128 * 1024 * 1024
_PATIENCE = 10.0
"""Seconds."""


def run_on_ray(
    bundle: Path,
    job: Job,
    *,
    workers: int | None = None,
    address: str | None = None,
    on_done: Callable[[Done], None],
    on_note: Callable[[str], None] = lambda text: None,
) -> None:
    """Predict the open shards of a job with a bundle that has been checked: one predictor a worker, with its share of the threads.

    A worker that dies is replaced. Without an `address` a cluster of this machine alone is started, and stopped at the end. `workers`
    defaults to the CPUs of the cluster. The bundle is sent to the workers; input and output must be places that each of them can reach.

    Raises InputError for a bad record, for a cluster that cannot be reached, and for work that kills three workers.
    """
    files = _files(bundle)
    size = sum(map(len, files.values()))
    with _cluster(address, size) as cpus:
        count = min(workers or sum(cpus), len(job.open))
        crowded = address is None and count > sum(cpus)  # on one's own machine as one likes
        threads = 1 if crowded else share_threads(cpus, count)
        on_note(f"workers: {count}, threads of each: {threads}")
        pool = _Pool(ray.put(files), job.task, threads, cpus=0 if crowded else threads)
        _drive(pool, Queue(deque(job.open)), count, on_done, on_note)


def _files(bundle: Path) -> dict[str, bytes]:
    """What a predictor needs of a bundle, by name."""
    names = [MANIFEST, *read_bundle(bundle, verify=False).manifest["checksums"]]
    return {name: (bundle / name).read_bytes() for name in names if not name.endswith(_WEIGHTS)}


@contextmanager
def _cluster(address: str | None, size: int) -> Iterator[Sequence[int]]:
    """The CPUs of each machine of a cluster: the one at the address, else a new one that ends with the block, on this machine alone."""
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    options: dict[str, Any] = {"logging_level": logging.ERROR, "log_to_driver": False}
    if address is not None:
        _knock(address)
        options["address"] = address
    else:
        options |= {"address": "local", "include_dashboard": False, "object_store_memory": _SMALL + 2 * size}
        options["_node_ip_address"] = "127.0.0.1"
        os.environ.setdefault("RAY_AUTH_TOKEN", secrets.token_hex(32))  # who can use a cluster can run code on it
    try:
        ray.init(**options)
    except (ConnectionError, RuntimeError, ValueError, OSError, RayError) as error:
        where = address or "a cluster on this machine"
        raise InputError("the cluster cannot be reached", where=where, found=str(error).split("\n")[0]) from None
    try:
        yield [int(node["Resources"].get("CPU", 0)) for node in ray.nodes() if node["Alive"]]
    finally:
        ray.shutdown()


def _knock(address: str) -> None:
    """Raise InputError where nobody answers at `HOST:PORT`; Ray itself would ask for minutes."""
    host, _, port = address.rpartition("//")[2].rpartition(":")
    if not port.isdigit():  # `auto`
        return
    try:
        socket.create_connection((host.strip("[]"), int(port)), timeout=_PATIENCE).close()
    except OSError as error:
        found = error.strerror or str(error)
        raise InputError("the cluster cannot be reached", where=address, found=found, todo="Check --address") from None


class _Pool:
    """Starts workers."""

    def __init__(self, files: Any, task: Task, threads: int, *, cpus: int) -> None:
        self._files, self._task, self._threads = files, task, threads
        self._actor: Any = ray.remote(_Worker).options(num_cpus=cpus)  # type: ignore[attr-defined]

    def start(self) -> tuple[Any, Any]:
        """A new worker, and the promise that it has loaded its bundle."""
        actor = self._actor.remote()
        return actor, actor.load.remote(self._files, self._task, self._threads)


class _Worker:
    """The process of one worker. What the user can act on comes back as a value, so that all else is a death."""

    def load(self, files: Mapping[str, bytes], task: Task, threads: int) -> GoldleafError | None:
        os.environ["RAYON_NUM_THREADS"] = str(threads)  # the tokenizer's
        from goldleaf.serve.bulk.worker import ShardWorker
        from goldleaf.serve.predictor import Predictor

        try:
            with tempfile.TemporaryDirectory() as folder:
                for name, data in files.items():
                    path = Path(folder, name)
                    path.parent.mkdir(parents=True, exist_ok=True)
                    path.write_bytes(data)
                self._worker = ShardWorker(Predictor(folder, threads=threads, verify=False), task)
        except GoldleafError as error:
            return error
        return None

    def run(self, shard: Shard) -> Done | GoldleafError:
        try:
            return self._worker.run(shard)
        except GoldleafError as error:
            return error


def _drive(
    pool: _Pool, queue: Queue, workers: int, on_done: Callable[[Done], None], on_note: Callable[[str], None]
) -> None:
    """Give each worker that is free the next shard, until all are done."""
    running: dict[Any, tuple[Any, Shard | None]] = {}

    def start() -> None:
        actor, loaded = pool.start()
        running[loaded] = actor, None

    for _ in range(workers):
        start()
    while queue.waiting or any(shard is not None for _, shard in running.values()):
        (finished,), _ = ray.wait(list(running), num_returns=1)
        actor, shard = running.pop(finished)
        try:
            outcome = ray.get(finished)
        except RayTaskError:
            raise  # a fault of the program, not of the process
        except RayError as error:
            on_note(f"a worker died ({_brief(error)}); another takes its place")
            queue.lost(shard)
            start()
            continue
        if isinstance(outcome, GoldleafError):
            raise outcome
        if outcome is None:
            queue.started()
        else:
            on_done(outcome)
        if (following := queue.take()) is not None:
            running[actor.run.remote(following)] = actor, following


def _brief(error: RayError) -> str:
    return str(error).strip().split("\n")[0][:200]
