"""What is refused before it is read to its end: bodies too large or too slow, and keys that are not known."""

from __future__ import annotations

import asyncio
import hmac
import json
import time
from collections.abc import Awaitable, Callable, MutableMapping, Sequence
from contextlib import suppress
from typing import Any

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]


class _RefusedError(Exception):
    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status, self.message = status, message


class Observed:
    """Tells `tell` of every request that was answered: its scope, the status and the seconds it took."""

    def __init__(self, app: App, *, tell: Callable[[Scope, int, float], None]) -> None:
        self.app, self.tell = app, tell

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        started, status = time.perf_counter(), 499  # the client was gone before the answer

        async def noted(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self.app(scope, receive, noted)
        finally:
            self.tell(scope, status, time.perf_counter() - started)


class BodyLimit:
    """Answers 413 to a body of more than `most` bytes, as soon as that is known, and 408 to one of which nothing comes for `patience`
    seconds. Paths in `unbounded` may be of any length."""

    def __init__(self, app: App, *, most: int, patience: float, unbounded: Sequence[str] = ()) -> None:
        self.app, self.most, self.patience, self.unbounded = app, most, patience, frozenset(unbounded)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        bounded = scope["path"] not in self.unbounded
        announced = next((value for name, value in scope["headers"] if name == b"content-length"), b"0")
        if bounded and announced.isdigit() and int(announced) > self.most:
            await answer(receive, send, 413, f"the body has {int(announced):,} bytes; at most {self.most:,} are read")
            return
        read, whole, begun = 0, False, False
        refused: _RefusedError | None = None

        async def counted() -> Message:
            nonlocal read, whole, refused
            if whole:
                return await receive()
            try:
                message = await asyncio.wait_for(receive(), self.patience)
            except TimeoutError:
                refused = _RefusedError(408, f"nothing came for {self.patience:g} seconds")
                raise refused from None
            if message["type"] == "http.request":
                read += len(message.get("body", b""))
                whole = not message.get("more_body", False)
                if bounded and read > self.most:
                    refused = _RefusedError(413, f"the body has more than {self.most:,} bytes")
                    raise refused
            return message

        async def noted(message: Message) -> None:
            nonlocal begun
            if refused is None or begun:  # else what the app makes of the refusal is not sent
                begun = True
                await send(message)

        try:
            await self.app(scope, counted, noted)
        except _RefusedError:
            if begun:
                raise
        if refused is not None and not begun:
            await answer(receive, send, refused.status, refused.message)


class KeyRequired:
    """Answers 401 to requests without `Authorization: Bearer KEY`, but for the paths in `open_to_all`."""

    def __init__(self, app: App, *, keys: Sequence[str], open_to_all: Sequence[str]) -> None:
        self.app, self.keys, self.open_to_all = app, [key.encode() for key in keys], frozenset(open_to_all)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"] not in self.open_to_all and not self._known(scope):
            return await answer(receive, send, 401, "an API key is asked for: Authorization: Bearer KEY")
        return await self.app(scope, receive, send)

    def _known(self, scope: Scope) -> bool:
        given = next((value for name, value in scope["headers"] if name == b"authorization"), b"")
        kind, _, key = given.partition(b" ")
        matches = [hmac.compare_digest(key.strip(), known) for known in self.keys]  # all of them, in constant time
        return kind.lower() == b"bearer" and any(matches)


async def answer(receive: Receive, send: Send, status: int, message: str) -> None:
    """One JSON object `{"detail": message}`, after which the connection is closed.

    What the client is still sending is read and dropped for a moment: to close on it would reset the connection, and with it the answer.
    """
    body = json.dumps({"detail": message}).encode()
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", str(len(body)).encode()),
        (b"connection", b"close"),
    ]
    if status == 401:
        headers.append((b"www-authenticate", b"Bearer"))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body, "more_body": True})
    with suppress(TimeoutError):
        async with asyncio.timeout(1.0):
            while (await receive()).get("more_body", False):
                pass
    await send({"type": "http.response.body", "body": b""})
