"""What the service says of itself: counts for Prometheus, and a log of JSON lines."""

from __future__ import annotations

import json
import logging
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

logger = logging.getLogger("goldleaf.serve")


class Metrics:
    """The counts of one service."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter("goldleaf_requests", "Requests.", ["path", "status"], registry=self.registry)
        self.seconds = Histogram("goldleaf_request_seconds", "Time to the answer.", ["path"], registry=self.registry)
        self.texts = Counter("goldleaf_texts", "Texts predicted.", ["bundle"], registry=self.registry)
        self.together = Histogram(
            "goldleaf_batch_texts",
            "Texts that ran together.",
            ["bundle"],
            buckets=(1, 2, 4, 8, 16, 32, 64, 128, 256),
            registry=self.registry,
        )
        self.waiting = Gauge("goldleaf_waiting_texts", "Texts that wait.", ["bundle"], registry=self.registry)
        self.reloads = Counter(
            "goldleaf_reloads", "New versions of a bundle.", ["bundle", "outcome"], registry=self.registry
        )


def log(event: str, **about: Any) -> None:
    """One JSON object a line, without the texts."""
    logger.info(json.dumps({"event": event, **about}, ensure_ascii=False))
