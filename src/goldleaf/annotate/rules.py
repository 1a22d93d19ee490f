"""What is left to chance, decided by a hash: the same for the same seed, on every machine, in any order of events."""

from __future__ import annotations

from hashlib import blake2b

from goldleaf.annotate.settings import Order, ProjectSettings

_BITS = 31
_KEY = (1 << 32) - 1


def chance(seed: int, *parts: object) -> float:
    """A number from [0, 1) that the seed and the parts decide."""
    return _hash(seed, *parts) / (1 << _BITS)


def in_control(settings: ProjectSettings, record: str) -> bool:
    """Whether a record is of the share that is shown no suggestions: to everybody, so that both kinds of answers are of other records."""
    return chance(settings.seed, "control", record) < settings.control_share


def is_check(settings: ProjectSettings, annotator: str, handed: int) -> bool:
    """Whether the next record that a person is handed, after so many, is a check question."""
    return settings.check_rate > 0 and chance(settings.seed, "check", annotator, handed) < settings.check_rate


def position(order: Order, seed: int, key: int, record: str, priority: float = 0.0) -> int:
    """Where a record stands in the queue. Unique, for the record's key is its last 32 bits. Of priorities (0 to 1) the highest is first."""
    if order == "random":
        return _hash(seed, "order", record) << 32 | key & _KEY
    if order == "priority":
        return round((1 - min(max(0.0, priority), 1.0)) * ((1 << _BITS) - 1)) << 32 | key & _KEY
    return key


def _hash(seed: int, *parts: object) -> int:
    content = "\0".join(map(str, (seed, *parts))).encode("utf-8", "surrogatepass")
    return int.from_bytes(blake2b(content, digest_size=4).digest(), "big") >> (32 - _BITS)
