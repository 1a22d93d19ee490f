"""Which record an item of a file is: one that the store has, or a new one, and under which id.

A given id is the record's identity. Without one, the k-th occurrence of a content within one source is one record: the same file again
adds nothing, a file that holds a sentence twice keeps both, and another source's equal sentence is a new record.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from goldleaf.core import InputError, Record, brief, content_hash
from goldleaf.store import Connection, StoredRecord, find_by_hashes, find_by_ids, next_key

_PREFIX = 12
_BLOCK = 1 << 20


@dataclass
class Identities:
    """The records of one project as one import sees them. `look_up` a batch, then `find` or `make` the record of each item in order."""

    connection: Connection
    project: int
    source: int
    last: int = 0
    """New records get keys above this one."""
    _seen: Counter[str] = field(default_factory=Counter)
    _by_id: dict[str, StoredRecord] = field(default_factory=dict)
    _mine: dict[tuple[str, int | None], StoredRecord] = field(default_factory=dict)
    _ordinals: Counter[str] = field(default_factory=Counter)
    _next: int = 0

    def look_up(self, records: Sequence[Record]) -> list[str]:
        """Fetch what the store knows of these records; the hash of each one's content."""
        hashes = [content_hash(record.text, record.tokens) for record in records]
        self._by_id = find_by_ids(self.connection, self.project, (r.id for r in records if r.id))
        self._mine.clear()
        self._ordinals.clear()
        for stored in find_by_hashes(self.connection, self.project, hashes):
            self._remember(stored)
        self._next = self._next or max(self.last + 1, next_key(self.connection))
        return hashes

    def known(self) -> dict[int, str]:
        """The records that the batch may turn out to be: ids by key."""
        return {stored.pk: stored.record.id for stored in (*self._by_id.values(), *self._mine.values())}

    def named(self, id: str) -> StoredRecord | None:
        """The record of this id, if the store has it."""
        return self._by_id.get(id)

    def find(self, record: Record, digest: str, where: str) -> StoredRecord | None:
        """The record that this item is. Raises InputError where its given id belongs to another content."""
        if record.id:
            known = self._by_id.get(record.id)
            if known is not None and known.content_hash != digest:
                raise _two_contents(record, known, where)
            return known
        self._seen[digest] += 1
        return self._mine.get((digest, self._seen[digest]))

    def make(self, record: Record, digest: str, where: str) -> StoredRecord:
        """A new record with its key and id, known from here on."""
        occurrence = None if record.id else self._seen[digest]
        if not record.id:
            record = replace(record, id=f"{digest[:_PREFIX]}-{self._ordinals[digest] + 1}")
        origin = "given" if record.split else None
        stored = StoredRecord(self._next, record, digest, self.source, occurrence, where, split_origin=origin)
        self._next += 1
        self._by_id[record.id] = stored
        self._remember(stored)
        return stored

    def _remember(self, stored: StoredRecord) -> None:
        """Count a record among its equals. The next ordinal is past their number and past any that a given id carries."""
        digest = stored.content_hash
        tail = stored.record.id.removeprefix(f"{digest[:_PREFIX]}-")
        carried = int(tail) if tail.isascii() and tail.isdigit() and len(tail) < _PREFIX else 0
        self._ordinals[digest] = max(self._ordinals[digest] + 1, carried)
        if stored.source == self.source and stored.occurrence is not None:
            self._mine[digest, stored.occurrence] = stored


def source_digest(path: Path) -> str:
    """SHA-256 of a file's bytes; for a folder, of the names and bytes of the files in it."""
    digest = hashlib.sha256()
    try:
        for file in sorted(p for p in path.rglob("*") if p.is_file()) if path.is_dir() else [path]:
            if file != path:
                digest.update(f"\0{file.relative_to(path)}\0".encode())
            with file.open("rb") as stream:
                while block := stream.read(_BLOCK):
                    digest.update(block)
    except OSError as error:
        raise InputError("this cannot be read", where=str(path), found=error.strerror) from None
    return digest.hexdigest()


def _two_contents(record: Record, known: StoredRecord, where: str) -> InputError:
    same_text = record.text == known.record.text
    return InputError(
        f"one id is given to two contents: record {record.id}",
        where=where,
        found="other tokens" if same_text else brief(record.text, 60),
        expected=f"{'the tokens' if same_text else brief(known.record.text, 60)} of {known.place}",
        todo="Give one of them another id",
    )
