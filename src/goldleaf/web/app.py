"""The app: every endpoint behind one gate, described as OpenAPI, and the browser side beside it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException
from starlette.routing import request_response

from goldleaf import __version__
from goldleaf.core import GoldleafError
from goldleaf.web import browse, desk, files, projects, review, sessions, static, users
from goldleaf.web.answers import error_answer, json_answer, on_failure, on_http_error, out_of_disk
from goldleaf.web.asked import Endpoint, admit, drain, read_body, read_query
from goldleaf.web.description import describe_endpoint
from goldleaf.web.house import House, Limits
from goldleaf.workspace import AnnotationDesk, People, Workspace

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; font-src 'self'; "
    "manifest-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
HEADERS = (
    (b"content-security-policy", POLICY.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
)
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]


async def health(house: House, asked: Any) -> Any:
    """Whether the server is there."""
    return {"ok": True, "version": __version__}


ENDPOINTS: tuple[Endpoint, ...] = (
    *desk.ENDPOINTS,  # first, for the router looks at one after the other
    Endpoint("GET", "/api/health", "nobody", health),
    *sessions.ENDPOINTS,
    *users.ENDPOINTS,
    *projects.ENDPOINTS,
    *review.ENDPOINTS,
    *browse.ENDPOINTS,
    *files.ENDPOINTS,
)


def create_app(ws: Workspace, *, limits: Limits | None = None) -> tuple[FastAPI, str | None]:
    """The app of an open workspace, and the token of the link that makes the first owner (None where there is one already).

    The app has the workspace from here on: `close_app` closes it.
    """
    hands_out = AnnotationDesk(ws)
    house = House(ws, hands_out, People(ws, hands_out.write), limits or Limits())
    app = FastAPI(
        title="Goldleaf",
        version=__version__,
        description="The annotation app. Offsets are code points of the text, end exclusive.",
        openapi_url="/api/openapi.json",
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
    )
    app.state.house = house
    for endpoint in ENDPOINTS:
        _add(app, house, endpoint)
    app.add_api_route("/{path:path}", static.serve_file, methods=["GET", "HEAD"], include_in_schema=False)
    app.add_exception_handler(HTTPException, on_http_error)
    app.add_exception_handler(Exception, on_failure)
    app.add_middleware(Headers)
    files.clean_up(house)
    # what was imported while no app ran; whoever asks for a record meanwhile waits for it
    for name in house.people.projects:
        house.desk.open_queue(name)
    return app, house.people.open_setup() if house.people.needs_owner else None


def close_app(app: FastAPI) -> None:
    """Close the workspace of an app that answers no more."""
    app.state.house.close()


class Headers:
    """Adds the headers that keep other pages out to every answer."""

    def __init__(self, app: Callable[..., Awaitable[None]]) -> None:
        self.app = app

    async def __call__(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", ()), *HEADERS]
            await send(message)

        await self.app(scope, receive, with_headers)


def _add(app: FastAPI, house: House, endpoint: Endpoint) -> None:
    async def serve(request: Request) -> Response:
        try:
            return await answer(house, endpoint, request)
        except GoldleafError as error:
            if getattr(error, "status", 0) == 413:
                await drain(request)
            return error_answer(error)
        except OSError as error:
            if (full := out_of_disk(error)) is None:
                raise
            return error_answer(full)

    app.add_api_route(endpoint.path, serve, methods=[endpoint.method], **describe_endpoint(endpoint))
    route = app.router.routes[-1]
    if isinstance(
        route, APIRoute
    ):  # FastAPI describes it; its way to a function that takes the request alone costs 80 us
        route.app = request_response(serve)


async def answer(house: House, endpoint: Endpoint, request: Request) -> Response:
    """Authorise, parse, call, render."""
    asked = admit(house, endpoint, request)
    if endpoint.query is not None:
        asked.query = read_query(request, endpoint.query)
    if endpoint.body is not None:
        asked.body = await read_body(request, endpoint.body, house)
    found = await endpoint.handler(house, asked)
    if isinstance(found, Response):
        return found
    answer = json_answer(found)
    answer.headers["cache-control"] = "no-store"
    return answer
