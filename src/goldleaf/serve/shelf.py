"""The bundles a service answers with, each replaced by its new version while requests go on."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from goldleaf.bundle import MANIFEST
from goldleaf.core import GoldleafError, Record
from goldleaf.serve.batcher import Batcher
from goldleaf.serve.predictor import Predictor


@dataclass(slots=True)
class Served:
    """A bundle that answers: its folder, what answers now, and the state of the folder that it was loaded from."""

    name: str
    folder: Path
    batcher: Batcher
    stamp: bytes
    closing: set[asyncio.Task[None]] = field(default_factory=set[asyncio.Task[None]])


class Shelf:
    """Bundles by name. `load` makes the predictor of a folder, `make` builds what answers for a predictor; `on_reload` is told a name and
    an error (None: it went well)."""

    def __init__(
        self,
        make: Callable[[str, Predictor], Batcher],
        load: Callable[[Path], Predictor],
        on_reload: Callable[[str, GoldleafError | None], None] = lambda name, error: None,
    ) -> None:
        self._make, self._load, self._on_reload = make, load, on_reload
        self._served: dict[str, Served] = {}
        self._refused: dict[str, bytes] = {}

    def put(self, name: str, folder: Path, predictor: Predictor) -> None:
        """Answer to a name with the bundle of a folder, and with what will lie there later."""
        self._served[name] = Served(name, folder, self._make(name, predictor), _stamp(folder))

    @property
    def names(self) -> list[str]:
        return list(self._served)

    def __getitem__(self, name: str) -> Batcher:
        return self._served[name].batcher

    async def refresh(self) -> None:
        """Load what has been changed on disk since it was loaded. A bundle that is broken is refused, and the old one stays."""
        for served in self._served.values():
            stamp = _stamp(served.folder)
            if stamp in (served.stamp, self._refused.get(served.name)) or not stamp:
                continue
            try:
                predictor = await asyncio.to_thread(self._try, served.folder)
            except GoldleafError as error:
                self._refused[served.name] = stamp
                self._on_reload(served.name, error)
                continue
            old, served.batcher, served.stamp = served.batcher, self._make(served.name, predictor), stamp
            task = asyncio.create_task(old.close())
            served.closing.add(task)
            task.add_done_callback(served.closing.discard)
            self._on_reload(served.name, None)

    def _try(self, folder: Path) -> Predictor:
        """A predictor that has been seen to answer."""
        predictor = self._load(folder)
        predictor.run([Record("0", "a")])
        return predictor

    async def close(self) -> None:
        """Let everything that was asked be answered."""
        for served in self._served.values():
            await served.batcher.close()
            await asyncio.gather(*served.closing)


def _stamp(folder: Path) -> bytes:
    """What changes when a bundle is replaced, whole or file by file; empty while there is none (between a removal and a renaming)."""
    with contextlib.suppress(OSError):
        states = [(p.name, p.stat().st_size, p.stat().st_mtime_ns) for p in sorted(folder.iterdir()) if p.is_file()]
        return (folder / MANIFEST).read_bytes() + repr(states).encode()
    return b""
