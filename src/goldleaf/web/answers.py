"""What goes back: JSON, and errors that are all of one form."""

from __future__ import annotations

import errno
import logging
from collections.abc import Mapping
from typing import Any

from fastapi import HTTPException, Request, Response
from pydantic_core import to_json

from goldleaf.core import ConflictError, GoldleafError, InputError, NotFoundError, UnavailableError
from goldleaf.web.reasons import reason_of
from goldleaf.workspace import SignInError

log = logging.getLogger("goldleaf.web")

CODES = {
    400: "invalid",
    401: "sign_in",
    403: "forbidden",
    404: "not_found",
    405: "method",
    408: "too_slow",
    409: "conflict",
    413: "too_large",
    415: "media_type",
    422: "invalid",
    429: "too_many",
    500: "failed",
    503: "unavailable",
}
_STATUS: tuple[tuple[type[GoldleafError], int], ...] = (
    (SignInError, 401),
    (NotFoundError, 404),
    (ConflictError, 409),
    (UnavailableError, 503),
    (InputError, 422),
)


class RefusedError(GoldleafError):
    """A request that is refused with a status of its own."""

    def __init__(self, status: int, message: str, *, code: str | None = None, wait: float | None = None, **said: Any):
        super().__init__(message, **said)
        self.status, self.code, self.wait = status, code, wait


def json_answer(data: Any, status: int = 200) -> Response:
    """Data (dataclasses too) as JSON."""
    return Response(to_json(data), status, media_type="application/json")


def error_answer(error: GoldleafError) -> Response:
    """An error as its JSON, with the status that fits it."""
    status = _status_of(error)
    code = getattr(error, "code", None) or CODES.get(status, "failed")
    said = {name: getattr(error, name) for name in ("where", "found", "expected", "todo") if getattr(error, name)}
    reason = reason_of(error.message)
    answer = _as_json(
        status, {"message": error.message, **said, "code": code, **({"reason": reason} if reason else {})}
    )
    if wait := getattr(error, "wait", None):
        answer.headers["retry-after"] = str(max(1, round(wait)))
    return answer


def _as_json(status: int, said: Mapping[str, str]) -> Response:
    body = to_json({"error": {name: text.encode("utf-8", "replace").decode() for name, text in said.items()}})
    return Response(body, status, media_type="application/json")


def _status_of(error: GoldleafError) -> int:
    if isinstance(error, RefusedError):
        return error.status
    return next((status for kind, status in _STATUS if isinstance(error, kind)), 500)


def out_of_disk(error: OSError) -> UnavailableError | None:
    """The error to give for a full disk; None for others."""
    if error.errno not in (errno.ENOSPC, errno.EDQUOT):
        return None
    return UnavailableError("the disk is full", todo="Make room and do it again; nothing was changed")


async def on_http_error(request: Request, error: Exception) -> Response:
    """What the router refuses: no such address, no such method."""
    status = error.status_code if isinstance(error, HTTPException) else getattr(error, "status_code", 500)
    words = {404: "there is nothing at this address", 405: "this address does not take this method"}
    answer = error_answer(RefusedError(status, words.get(status, "the request cannot be taken")))
    answer.headers.update(getattr(error, "headers", None) or {})
    return answer


async def on_failure(request: Request, error: Exception) -> Response:
    """A mistake of the program: told to the log, not to the client."""
    log.error("%s %s failed", request.method, request.url.path, exc_info=error)
    return error_answer(RefusedError(500, "the server made a mistake; nothing more is known here", todo="See its log"))
