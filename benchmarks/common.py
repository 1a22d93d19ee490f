"""What the benchmarks share: a clock that does not run while the process is stopped, and the results file."""

from __future__ import annotations

import json
import os
import platform
import threading
import time
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

RESULTS = Path(__file__).parent / "results"
SHARED = Path(__file__).resolve().parents[2] / "shared"
TICK, GAP = 0.2, 3.0


class Clock:
    """Wall time in seconds without the times in which the whole process was stopped (a gap of more than `GAP` between two ticks), and
    without what runs under `paused`."""

    def __init__(self) -> None:
        self.stopped = 0.0
        self._out = 0.0
        self._start = self._last = time.monotonic()
        threading.Thread(target=self._tick, daemon=True).start()

    def _tick(self) -> None:
        while True:
            time.sleep(TICK)
            now = time.monotonic()
            if now - self._last > GAP:
                self.stopped += now - self._last - TICK
            self._last = now

    def seconds(self) -> float:
        time.sleep(TICK * 1.5)  # so that a stop that has just ended is counted
        return time.monotonic() - self._start - self.stopped - self._out

    def leave_out(self, seconds: float) -> None:
        """Do not count these seconds (a validation, timed by the same clock)."""
        self._out += seconds


def about(*packages: str) -> dict[str, Any]:
    """Date, machine and versions."""
    model = next(
        (
            line.split(":", 1)[1].strip()
            for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
            if line.startswith("model name")
        ),
        platform.processor(),
    )
    return {
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": {"arch": platform.machine(), "cpu": model, "cores": os.cpu_count()},
        "versions": {name: version(name) for name in ("goldleaf", *packages)},
    }


def read_results(name: str) -> dict[str, Any]:
    path = RESULTS / f"{name}.json"
    return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}


def write_results(name: str, data: dict[str, Any]) -> None:
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / f"{name}.json").write_text(json.dumps(data, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
