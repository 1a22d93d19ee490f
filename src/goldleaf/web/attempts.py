"""How often somebody may be wrong about a password before they have to wait."""

from __future__ import annotations

import threading
import time
from collections import defaultdict, deque
from collections.abc import Callable, Sequence

WINDOW = 600.0
PER_PERSON_AND_ADDRESS, PER_ADDRESS, PER_PERSON = 6, 60, 100
"""Failures within the window: of one address at one name, of one address, at one name from everywhere."""
_KEPT = 20_000


class Attempts:
    """Failed sign-ins of the last ten minutes. Only failures count, so a class of students behind one address may all come in."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock, self._lock = clock, threading.Lock()
        self._failures: defaultdict[tuple[str, str], deque[float]] = defaultdict(deque)

    def wait(self, address: str, name: str) -> float:
        """Seconds until another attempt is looked at; 0 where it is looked at now."""
        now = self._clock()
        with self._lock:
            return max(self._left(key, most, now) for key, most in _keys(address, name))

    def failed(self, address: str, name: str) -> None:
        """Remember a failure."""
        now = self._clock()
        with self._lock:
            if len(self._failures) > _KEPT:
                self._forget(now)
            for key, _ in _keys(address, name):
                self._failures[key].append(now)

    def passed(self, address: str, name: str) -> None:
        """Somebody was right: their own failures are forgotten."""
        with self._lock:
            if name:
                self._failures.pop((address, name), None)

    def _left(self, key: tuple[str, str], most: int, now: float) -> float:
        times = self._failures.get(key)
        if times is None:
            return 0.0
        while times and times[0] <= now - WINDOW:
            times.popleft()
        return times[-most] + WINDOW - now if len(times) >= most else 0.0

    def _forget(self, now: float) -> None:
        for key in [key for key, times in self._failures.items() if not times or times[-1] <= now - WINDOW]:
            del self._failures[key]


def _keys(address: str, name: str) -> Sequence[tuple[tuple[str, str], int]]:
    """What is counted, and up to where. Links, which have no name, cannot be guessed: of them the address alone is counted."""
    of_address = ((address, ""), PER_ADDRESS)
    return (((address, name), PER_PERSON_AND_ADDRESS), of_address, (("", name), PER_PERSON)) if name else (of_address,)
