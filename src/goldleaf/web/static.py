"""The browser side's files, as they were built, with headers that let nothing else in."""

from __future__ import annotations

import gzip
import hashlib
import mimetypes
from functools import lru_cache
from pathlib import Path

from fastapi import Request, Response

from goldleaf.web.answers import RefusedError, error_answer

FOLDER = Path(__file__).parent / "static"
_PACKED = frozenset({".html", ".js", ".css", ".svg", ".json", ".webmanifest", ".txt", ".map"})
_TYPES = {".js": "text/javascript", ".webmanifest": "application/manifest+json", ".woff2": "font/woff2"}


async def serve_file(request: Request) -> Response:
    """A file of the browser side; the page itself at `/`."""
    name = request.path_params.get("path", "")
    path = _find(name)
    if path is None and name == "":
        return error_answer(
            RefusedError(503, "the browser side is not built", todo="Run: make web, or install a built package")
        )
    if path is None:
        return error_answer(RefusedError(404, "there is nothing at this address"))
    plain, packed, tag = _load(path, path.stat().st_mtime_ns)
    lasting = name.startswith("assets/")  # their names change with what is in them
    headers = {"etag": tag, "cache-control": "public, max-age=31536000, immutable" if lasting else "no-cache"}
    if packed is not None:
        headers["vary"] = "accept-encoding"
    if request.headers.get("if-none-match") == tag:
        return Response(status_code=304, headers=headers)
    kind = _TYPES.get(path.suffix) or mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    if kind.startswith("text/"):
        kind += "; charset=utf-8"
    if packed is not None and "gzip" in request.headers.get("accept-encoding", ""):
        return Response(packed, headers={**headers, "content-encoding": "gzip"}, media_type=kind)
    return Response(plain, headers=headers, media_type=kind)


def _find(name: str) -> Path | None:
    """The file of this name, if it lies in the folder and is no hidden one."""
    if "\0" in name or len(name) > 500:
        return None
    path = (FOLDER / (name or "index.html")).resolve()
    inside = path.is_relative_to(FOLDER.resolve()) and not any(part.startswith(".") for part in Path(name).parts)
    return path if inside and path.is_file() else None


@lru_cache(maxsize=256)
def _load(path: Path, changed: int) -> tuple[bytes, bytes | None, str]:
    """A file's bytes, the same packed, and a tag of them; read once until it changes."""
    plain = path.read_bytes()
    packed = gzip.compress(plain, 9, mtime=0) if path.suffix in _PACKED and len(plain) > 500 else None
    return plain, packed, f'"{hashlib.sha256(plain).hexdigest()[:24]}"'
