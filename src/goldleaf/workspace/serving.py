"""The verb that serves bundles over HTTP. The web libraries come in with it alone."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from goldleaf.core import InputError, MissingExtraError


def serve(
    bundles: Sequence[Path | str],
    *,
    host: str = "127.0.0.1",
    port: int = 8000,
    announce: Callable[[str], None] = lambda address: None,
    **settings: Any,
) -> None:
    """Serve bundles until SIGTERM or Ctrl-C; `settings` are those of `goldleaf.serve.service.Settings`.

    Raises InputError where a bundle cannot be loaded; MissingExtraError where the extra `serve` is not installed.
    """
    try:
        from goldleaf.serve.running import run_service
        from goldleaf.serve.service import Settings, create_app
    except ImportError as error:
        if error.name not in ("fastapi", "uvicorn", "prometheus_client", "pydantic", "starlette"):
            raise
        raise MissingExtraError(
            "serving is not installed", found=f"no {error.name}", todo='Install it with: pip install "goldleaf[serve]"'
        ) from None
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, format="%(message)s")
    logging.getLogger("goldleaf.serve").setLevel(logging.INFO)
    run_service(create_app(bundles, Settings(**settings)), host=host, port=port, announce=announce)


def read_keys(path: Path) -> tuple[str, ...]:
    """The API keys of a file, one a line. Raises InputError where there is none, or one is shorter than 16 characters."""
    try:
        keys = tuple(line.strip() for line in path.read_text(encoding="utf-8").splitlines() if line.strip())
    except (OSError, ValueError) as error:
        raise InputError("the API keys cannot be read", where=str(path), found=str(error)) from None
    if not keys:
        raise InputError("the file has no API keys", where=str(path), expected="one a line")
    if short := [n for n, key in enumerate(keys, 1) if len(key) < 16]:
        raise InputError("an API key is too short", where=f"{path}, key {short[0]}", expected="16 characters or more")
    return keys
