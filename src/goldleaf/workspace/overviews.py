"""Overviews of quality for an app that goes on serving: made by a process of its own, kept until the data has changed."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from goldleaf.store import Connection, data_version, now
from goldleaf.workspace.overseeing import FRESH_SECONDS, FRESH_TIMES

_CODE = "from goldleaf.workspace.quality_overview import write_overview; write_overview()"
LONGEST = 1800.0
"""Seconds after which a process that is not done is ended."""


@dataclass(slots=True)
class _Held:
    """A project's overview: of which data, when it was made, until when it is not made again, and what went wrong the last time."""

    version: str = ""
    made_at: str = ""
    until: float = 0.0
    found: dict[str, Any] | None = None
    failed: str = ""
    computing: bool = False


class Overviews:
    """At most one process at a time; whoever asks meanwhile is given what was there before, and told so."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._held: dict[str, _Held] = {}
        self._lock = threading.Lock()
        self._worker = ThreadPoolExecutor(1, thread_name_prefix="goldleaf-overview")
        self._process: subprocess.Popen[str] | None = None
        self._closed = False

    def look(self, c: Connection, project: str) -> dict[str, Any]:
        """`computing`; `fresh`: as the data is; `made_at`; `quality`, None where there is none yet; `failed`: what went wrong."""
        version = data_version(c)
        with self._lock:
            held = self._held.setdefault(project, _Held())
            fresh = held.version == version
            if not fresh and not held.computing and time.monotonic() >= held.until and not self._closed:
                held.computing = True
                self._worker.submit(self._make, project, version)
            return {
                "computing": held.computing,
                "fresh": fresh,
                "made_at": held.made_at or None,
                "quality": held.found,
                "failed": held.failed or None,
            }

    def close(self) -> None:
        """End what is running."""
        with self._lock:
            self._closed = True
            if self._process is not None:
                self._process.kill()
        self._worker.shutdown(wait=True, cancel_futures=True)

    def _make(self, project: str, version: str) -> None:
        began, at = time.monotonic(), now()
        found, failed = self._ask(project)
        took = time.monotonic() - began
        with self._lock:
            held = self._held[project]
            held.version, held.made_at, held.failed, held.computing = version, at, failed, False
            held.found = held.found if found is None else found
            held.until = time.monotonic() + max(FRESH_SECONDS, FRESH_TIMES * took)

    def _ask(self, project: str) -> tuple[dict[str, Any] | None, str]:
        """The overview, or the last line of what the process complained of."""
        with self._lock:
            if self._closed:
                return None, ""
            self._process = process = subprocess.Popen(
                [sys.executable, "-c", _CODE, str(self._folder), project],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
                encoding="utf-8",
            )
        try:
            said, complaint = process.communicate(timeout=LONGEST)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
            return None, "it took too long"
        with self._lock:
            self._process = None
        if process.returncode == 0:
            return json.loads(said), ""
        return None, (complaint.strip().splitlines() or ["it was ended"])[-1][:500]
