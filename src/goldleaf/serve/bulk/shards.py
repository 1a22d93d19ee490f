"""Shards: the input of a prediction in bulk cut into pieces of work that do not depend on who does them, or when."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal, cast

from goldleaf.core import InputError
from goldleaf.formats import Block, BlockFormat, cut_blocks
from goldleaf.serve.bulk.storage import StoredFile, open_stored

PartFormat = Literal["jsonl", "parquet"]

CHUNK = 1024
"""Records that `Predictor.stream` runs together. A shard is a multiple of it, so that batches, and with them the last digits of scores,
are those of one file predicted from its beginning."""

_SUFFIXES: dict[str, BlockFormat] = {
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".jsonlines": "jsonl",
    ".parquet": "parquet",
}


@dataclass(frozen=True, slots=True)
class Shard:
    """One piece of work: a block of a file. Its number, from 0, is its place in the order of the input, and names its part."""

    number: int
    file: StoredFile
    format: BlockFormat
    block: Block

    @property
    def where(self) -> str:
        """The records it holds, for messages."""
        return f"{self.file.name}, records {self.block.first} to {self.block.first + self.block.records - 1}"


@dataclass(frozen=True, slots=True)
class Task:
    """What is to be done with each shard: where its part goes, as what, with embeddings or not, and whether bad records are left out."""

    output: str
    parts: PartFormat = "jsonl"
    embeddings: bool = False
    skip: bool = False

    def part(self, number: int) -> str:
        """The name of a shard's part."""
        return f"part-{number:06d}.{self.parts}"

    def errors(self, number: int) -> str:
        """The name of the file that says which records of a shard were left out."""
        return f"_errors/part-{number:06d}.jsonl"


def format_of(name: str, format: str) -> BlockFormat | None:
    """The format of a file: the one that is said, or with `auto` the one of its name; None where the name does not say it."""
    if format == "auto":
        suffix = name[name.rfind(".") :].lower() if "." in name else ""
        return _SUFFIXES.get(suffix)
    if format not in ("jsonl", "parquet"):
        raise InputError("a cluster does not read this format", found=format, expected="jsonl or parquet")
    return cast("BlockFormat", format)


def cut_shards(files: Sequence[tuple[StoredFile, BlockFormat]], size: int) -> Iterator[Shard]:
    """The shards of files, in order: blocks of `size` records. Reads JSONL files once, of Parquet only the footers."""
    number = 0
    for file, format in files:
        with open_stored(file) as opened:
            for block in cut_blocks(opened, file.name, format, size):
                yield Shard(number, file, format, block)
                number += 1


def shards_to_rows(shards: Sequence[Shard]) -> list[list[Any]]:
    """Shards as JSON-ready rows: file, format, first record, records, start, end, line."""
    return [[s.file.name, s.format, *asdict(s.block).values()] for s in shards]


def shards_from_rows(rows: Sequence[Sequence[Any]], files: Mapping[str, StoredFile]) -> list[Shard]:
    """The shards that `shards_to_rows` wrote."""
    return [Shard(n, files[name], format, Block(*block)) for n, (name, format, *block) in enumerate(rows)]


def share_threads(cpus: Sequence[int], workers: int) -> int:
    """The most threads that each of so many workers can have, where no worker is spread over two machines of `cpus` CPUs each.

    Raises InputError where there are more workers than CPUs.

    >>> share_threads([8, 12], 2), share_threads([8, 12], 3)
    (8, 6)
    """
    for threads in range(max(cpus, default=0), 0, -1):
        if sum(cpu // threads for cpu in cpus) >= workers:
            return threads
    raise InputError("more workers than CPUs", found=f"{workers} workers", expected=f"at most {sum(cpus)}")
