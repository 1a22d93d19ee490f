"""A job: the plan of a prediction in bulk, as its manifest keeps it, and what of it has been done."""

from __future__ import annotations

import hashlib
import json
from collections import Counter, deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from goldleaf.bundle import MANIFEST as BUNDLE_MANIFEST
from goldleaf.core import InputError
from goldleaf.formats import BlockFormat
from goldleaf.serve.bulk.shards import CHUNK, Shard, Task, cut_shards, format_of, shards_from_rows, shards_to_rows
from goldleaf.serve.bulk.storage import StoredFile, join, list_files, read_whole, remove_leftovers, write_whole

MANIFEST = "_goldleaf.json"
COMPLETE = "_SUCCESS"
FORMAT = 1
ATTEMPTS = 3
"""How often a shard is begun; where its worker dies each time, it is the shard that kills it."""


@dataclass(frozen=True, slots=True)
class Job:
    """All shards of an input, what is to be done with each, and the numbers of those whose part was there already."""

    task: Task
    shards: Sequence[Shard]
    done: frozenset[int]

    @property
    def open(self) -> list[Shard]:
        """The shards that are still to be predicted."""
        return [shard for shard in self.shards if shard.number not in self.done]

    @property
    def records(self) -> int:
        return sum(shard.block.records for shard in self.shards)


def open_job(bundle: Path, input: str, task: Task, *, format: str = "auto", size: int | None = None) -> Job:
    """Plan a prediction and write its manifest, or go on with the one that the output holds.

    `size` is how many records make a shard (rounded up to a multiple of `CHUNK`); by default those of the plan that is there, else 8,192.
    Raises InputError where there is nothing to read, or where the output holds predictions of another bundle, input or kind.
    """
    files = _files(input, format, task)
    about: dict[str, Any] = {
        "bundle": {"name": bundle.resolve().name, "sha256": _sha256(bundle)},
        "input": {file.name: [format, file.size, file.stamp] for file, format in files},
        "parts": task.parts,
        "embeddings": task.embeddings,
    }
    there = _manifest(task.output)
    if there is None:
        wanted = -(-(size or 8 * CHUNK) // CHUNK) * CHUNK
        shards = list(cut_shards(files, wanted))
        if not shards:
            raise InputError("the input has no records", where=input, expected="at least one")
        data = {"format": FORMAT, **about, "shard_records": wanted, "shards": shards_to_rows(shards)}
        write_whole(join(task.output, MANIFEST), (json.dumps(data, ensure_ascii=False) + "\n").encode())
        return Job(task, shards, frozenset())
    _check_same(there, about | ({} if size is None else {"shard_records": -(-size // CHUNK) * CHUNK}), task.output)
    shards = shards_from_rows(there["shards"], {file.name: file for file, _ in files})
    parts = {file.name for file in list_files(task.output)}
    return Job(task, shards, frozenset(s.number for s in shards if task.part(s.number) in parts))


def finish_job(job: Job) -> int:
    """Say on disk that every part is there, tidy up, and return how many records were left out in all."""
    remove_leftovers(job.task.output)
    skipped = 0
    for file in list_files(join(job.task.output, "_errors")):
        skipped += (read_whole(file.uri) or b"").count(b"\n")
    write_whole(join(job.task.output, COMPLETE), b"")
    return skipped


def _files(input: str, format: str, task: Task) -> list[tuple[StoredFile, BlockFormat]]:
    found = list_files(input)
    files: list[tuple[StoredFile, BlockFormat]] = []
    for file in found:
        if (known := format_of(file.name, format)) is not None:
            files.append((file, known))
    if not files:
        what = f"{len(found)} files, as {found[0].name}" if found else "nothing"
        todo = "Name the format with --format jsonl or --format parquet" if found else "Check the path"
        raise InputError("no file to predict", where=input, found=what, expected=".jsonl or .parquet", todo=todo)
    own = join(task.output, "")
    if any(file.uri.startswith(own) for file, _ in files):
        raise InputError("the output holds the input", where=task.output, expected="a folder of its own")
    return files


def _sha256(bundle: Path) -> str:
    """Of the bundle's manifest, which holds the checksum of every other file."""
    return hashlib.sha256((bundle / BUNDLE_MANIFEST).read_bytes()).hexdigest()


def _manifest(output: str) -> dict[str, Any] | None:
    """The manifest that an output holds; None where the output is empty or not there."""
    raw = read_whole(join(output, MANIFEST))
    if raw is None:
        if there := list_files(output):
            raise InputError(
                "there is something already", where=output, found=there[0].name, expected="a new name for the output"
            )
        return None
    try:
        data = json.loads(raw)
        if data["format"] != FORMAT:
            raise InputError("predictions of another format", where=output, found=str(data["format"]))
        return data
    except (ValueError, KeyError, TypeError) as error:
        raise InputError("the manifest cannot be read", where=join(output, MANIFEST), found=repr(error)) from None


def _check_same(there: dict[str, Any], wanted: dict[str, Any], output: str) -> None:
    for key, value in wanted.items():
        if there.get(key) != value:
            was, now = _told(there.get(key), value)
            raise InputError(
                f"the output holds predictions of another {_WORDS[key]}",
                where=output,
                found=was,
                expected=now,
                todo="Give another --output, or remove this one",
            )


_WORDS = {
    "bundle": "bundle",
    "input": "input",
    "parts": "kind (--to)",
    "embeddings": "kind (--embeddings)",
    "shard_records": "plan (--shard-records)",
}


def _told(was: Any, now: Any) -> tuple[str, str]:
    """Two values that differ, each by what of it differs first."""
    if isinstance(was, dict) and isinstance(now, dict):
        for key in {**was, **now}:
            if was.get(key) != now.get(key):
                return f"{key} {was.get(key, 'absent')}", f"{key} {now.get(key, 'absent')}"
    return str(was), str(now)


@dataclass(slots=True)
class Queue:
    """The shards that nobody has begun, and how often the worker of each has died."""

    waiting: deque[Shard]
    deaths: Counter[int] = field(default_factory=Counter[int])

    def take(self) -> Shard | None:
        """The next shard; None where none is left."""
        return self.waiting.popleft() if self.waiting else None

    def lost(self, shard: Shard | None) -> None:
        """Put back what a worker that died was at, first in line (None: it was only starting).

        Raises InputError where it is the third death of the same work.
        """
        number = -1 if shard is None else shard.number
        self.deaths[number] += 1
        if self.deaths[number] >= ATTEMPTS:
            raise InputError(
                "the workers die at this",
                where="the start of a worker" if shard is None else shard.where,
                found=f"{ATTEMPTS} deaths",
                todo="Give each worker more memory (fewer --workers), or look for a record that is far too long",
            )
        if shard is not None:
            self.waiting.appendleft(shard)
