"""The HTTP service: bundles behind one small API, with limits that answer at once."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from functools import partial
from importlib import resources
from pathlib import Path
from typing import Any

from fastapi import FastAPI, HTTPException, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, JSONResponse, PlainTextResponse, StreamingResponse
from prometheus_client import generate_latest
from starlette.requests import ClientDisconnect

from goldleaf import __version__
from goldleaf.core import GoldleafError, InputError, Record, check_record, schema_to_dict
from goldleaf.serve.batcher import Batcher, BusyError
from goldleaf.serve.limits import BodyLimit, KeyRequired, Observed, Receive, Scope, Send
from goldleaf.serve.messages import Answers, JSONAnswer, Many, One, Text, line_groups
from goldleaf.serve.metrics import Metrics, log
from goldleaf.serve.predictor import Predictor, Result, result_to_dict
from goldleaf.serve.shelf import Shelf

STREAM = "/v1/predict/stream"
OPEN = ("/", "/healthz", "/readyz")
LINES = 256
"""Lines of a stream that are read before they run."""


@dataclass(frozen=True, slots=True)
class Settings:
    """How a service behaves.

    Sizes: `body` bytes, `text` characters, `texts` in one request, `queue` texts that wait, `budget` pieces that run together. Times in
    seconds: `wait` of a text for company, `patience` with a client that sends nothing, `refresh` between looks at the bundles'
    folders (0: never). `keys` are the API keys (none: open to all). `log_text` puts texts into the log. `int8`
    answers with the models of 8-bit weights.
    """

    body: int = 1_000_000
    text: int = 100_000
    texts: int = 1024
    queue: int = 4096
    budget: int = 4096
    wait: float = 0.0
    patience: float = 30.0
    refresh: float = 2.0
    keys: tuple[str, ...] = ()
    log_text: bool = False
    int8: bool = False


class _Duplex(StreamingResponse):
    """A response that is written while its request is read: nothing but the request's reader may listen to the client."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        with suppress(ClientDisconnect):
            await self.stream_response(send)


def create_app(bundles: Sequence[Path | str], settings: Settings | None = None) -> FastAPI:
    """The service for bundles, each under its folder's name. Raises InputError where one cannot be loaded or two have one name."""
    settings = settings or Settings()
    folders = {Path(folder).absolute().name: Path(folder) for folder in bundles}  # a link keeps its own name
    if len(folders) < len(bundles):
        raise InputError(
            "two bundles of one name", found=", ".join(str(folder) for folder in bundles), expected="different names"
        )
    load = partial(Predictor, int8=settings.int8)
    service = _Service(settings, {name: (folder, load(folder)) for name, folder in folders.items()}, load)
    app = FastAPI(
        title="Goldleaf",
        version=__version__,
        description="Small models behind one API. Offsets are code points of the text.",
        lifespan=service.lifespan,
    )
    service.add_routes(app)
    if settings.keys:
        app.add_middleware(KeyRequired, keys=settings.keys, open_to_all=OPEN)
    app.add_middleware(BodyLimit, most=settings.body, patience=settings.patience, unbounded=(STREAM,))
    app.add_middleware(Observed, tell=service.observe)
    app.exception_handler(RequestValidationError)(_say_what_is_wrong)
    return app


class _Service:
    """What the routes share."""

    def __init__(
        self,
        settings: Settings,
        predictors: Mapping[str, tuple[Path, Predictor]],
        load: Callable[[Path], Predictor],
    ) -> None:
        self.settings, self.predictors = settings, predictors
        self.metrics = Metrics()
        self.ready = False
        self.shelf = Shelf(self._batcher, load, self._reloaded)

    @asynccontextmanager
    async def lifespan(self, app: FastAPI) -> AsyncIterator[None]:
        for name, (folder, predictor) in self.predictors.items():
            self.shelf.put(name, folder, predictor)
        self.ready = True
        watching = asyncio.create_task(self._watch()) if self.settings.refresh else None
        yield
        self.ready = False
        if watching is not None:
            watching.cancel()
        await self.shelf.close()

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(self.settings.refresh)
            await self.shelf.refresh()

    def _batcher(self, name: str, predictor: Predictor) -> Batcher:
        def ran(texts: int) -> None:
            self.metrics.texts.labels(name).inc(texts)
            self.metrics.together.labels(name).observe(texts)

        s = self.settings
        return Batcher(predictor, budget=s.budget, wait=s.wait, capacity=s.queue, on_batch=ran)

    def _reloaded(self, name: str, error: GoldleafError | None) -> None:
        outcome = "loaded" if error is None else "refused"
        self.metrics.reloads.labels(name, outcome).inc()
        log("reload", bundle=name, outcome=outcome, **({} if error is None else {"error": str(error)}))

    def observe(self, scope: Scope, status: int, seconds: float) -> None:
        """Count and log a request."""
        path = getattr(scope.get("route"), "path", "other")
        self.metrics.requests.labels(path, str(status)).inc()
        self.metrics.seconds.labels(path).observe(seconds)
        if path not in ("/healthz", "/readyz", "/metrics"):
            log("request", method=scope["method"], path=path, status=status, ms=round(1000 * seconds, 1))

    def add_routes(self, app: FastAPI) -> None:
        """Everything that can be asked."""
        wrong: dict[int | str, dict[str, Any]] = {
            404: {"description": "No bundle of this name"},
            413: {"description": "The body is too large"},
            422: {"description": "What is wrong with the request"},
            429: {"description": "Too many texts wait; ask again after the seconds in Retry-After"},
        }
        app.get("/", response_class=HTMLResponse, include_in_schema=False)(self.page)
        app.get("/healthz", response_class=PlainTextResponse, summary="Whether the process is alive")(self.health)
        app.get("/readyz", response_class=PlainTextResponse, summary="Whether requests are taken")(self.readiness)
        app.get("/metrics", response_class=PlainTextResponse, summary="Prometheus metrics")(self.show_metrics)
        app.get("/v1/bundles", summary="The bundles and their schemas")(self.bundles)
        one = app.post("/v1/predict", summary="Predict one text", response_model=Answers, responses=wrong)
        one(self.predict)
        many = app.post("/v1/predict/batch", summary="Predict several texts", response_model=Answers, responses=wrong)
        many(self.predict_many)
        app.post(STREAM, summary="Predict NDJSON, a line a text, as it comes", responses=wrong)(self.predict_stream)

    async def page(self) -> str:
        """A page to try the bundles on."""
        return (resources.files("goldleaf.serve") / "page.html").read_text(encoding="utf-8")

    async def health(self) -> str:
        return "ok"

    async def readiness(self) -> Response:
        return PlainTextResponse("ready" if self.ready else "not ready", 200 if self.ready else 503)

    async def show_metrics(self) -> Response:
        for name in self.shelf.names:
            self.metrics.waiting.labels(name).set(self.shelf[name].waiting)
        return PlainTextResponse(generate_latest(self.metrics.registry), media_type="text/plain; version=0.0.4")

    async def bundles(self) -> dict[str, Any]:
        """Name, schema, metrics and training data of each bundle."""
        found: list[dict[str, Any]] = []
        for name in self.shelf.names:
            bundle = self.shelf[name].predictor.bundle
            about = {key: bundle.manifest.get(key) for key in ("created", "snapshot", "metrics")}
            found.append({"name": name, "schema": schema_to_dict(bundle.schema), **about})
        return {"bundles": found}

    async def predict(self, asked: One) -> Response:
        return await self._answer(asked, [asked])

    async def predict_many(self, asked: Many) -> Response:
        if len(asked.texts) > self.settings.texts:
            found = f"{len(asked.texts):,} texts; expected at most {self.settings.texts:,} in one request"
            raise HTTPException(422, f"too many texts; found {found}")
        texts = [Text(text=text) if isinstance(text, str) else text for text in asked.texts]
        return await self._answer(asked, texts)

    async def _answer(self, asked: One | Many, texts: Sequence[Text]) -> Response:
        name = self._name(asked.bundle)
        records = [self._record(text, number) for number, text in enumerate(texts)]
        try:
            results = await self.shelf[name].submit(records, embeddings=asked.embeddings, distances=asked.distances)
        except BusyError as error:
            raise HTTPException(429, str(error), headers={"Retry-After": "1"}) from None
        if self.settings.log_text:
            for record in records:
                log("text", bundle=name, id=record.id, text=record.text)
        return JSONAnswer({"bundle": name, "predictions": [result_to_dict(result) for result in results]})

    def _name(self, bundle: str | None) -> str:
        names = self.shelf.names
        if bundle is None and len(names) == 1:
            return names[0]
        if bundle is None:
            raise HTTPException(422, f"several bundles are served; name one with bundle: {', '.join(names)}")
        if bundle not in names:
            raise HTTPException(404, f"no bundle of this name; there is {', '.join(names)}")
        return bundle

    def _record(self, text: Text, number: int) -> Record:
        """The record, if it can be predicted."""
        where = f"text {number}"
        if len(text.text) > self.settings.text:
            found = f"{len(text.text):,} characters; expected at most {self.settings.text:,}"
            raise HTTPException(422, f"{where}: the text is too long; found {found}")
        try:
            text.text.encode()
        except UnicodeEncodeError:
            raise HTTPException(422, f"{where}: half of a surrogate pair is no character") from None
        tokens = None if text.tokens is None else tuple(text.tokens)
        record = Record(text.id if text.id is not None else str(number), text.text, tokens)
        try:
            check_record(record)
        except InputError as error:
            raise HTTPException(422, f"{where}: {error}") from None
        return record

    async def predict_stream(
        self, request: Request, bundle: str | None = None, embeddings: bool = False, distances: bool = False
    ) -> StreamingResponse:
        """A line in, `{"text": ..}`, a line out, in order; a line that is wrong is answered by `{"error": ..}`, and the next is read."""
        name = self._name(bundle)
        return _Duplex(
            self._stream(request, name, embeddings=embeddings, distances=distances), media_type="application/x-ndjson"
        )

    async def _stream(self, request: Request, name: str, **wanted: bool) -> AsyncIterator[bytes]:
        number = 0
        async for lines in line_groups(request.stream(), LINES, self.settings.body):
            found = [self._read_line(line, number + place) for place, line in enumerate(lines)]
            number += len(lines)
            records = [record for record in found if isinstance(record, Record)]
            results = iter(await self._patiently(name, records, wanted))
            for record in found:
                row = result_to_dict(next(results)) if isinstance(record, Record) else {"error": record}
                yield json.dumps(row, ensure_ascii=False).encode() + b"\n"

    def _read_line(self, line: bytes, number: int) -> Record | str:
        """The record of a line, or what is wrong with it."""
        if len(line) > self.settings.body:
            return f"text {number}: a line of more than {self.settings.body:,} bytes; the stream is read no further"
        try:
            return self._record(Text.model_validate_json(line), number)
        except HTTPException as error:
            return str(error.detail)
        except ValueError:
            return f"text {number}: not a JSON object with a text"

    async def _patiently(self, name: str, records: Sequence[Record], wanted: Mapping[str, bool]) -> Sequence[Result]:
        """A stream waits for room in the queue; its client sends no faster than it reads."""
        while True:
            with suppress(BusyError):
                return await self.shelf[name].submit(records, **wanted)
            await asyncio.sleep(0.05)


async def _say_what_is_wrong(request: Request, error: Exception) -> JSONResponse:
    """What the body lacks or has too much of, in words and without repeating it."""
    found: Sequence[Mapping[str, Any]] = error.errors() if isinstance(error, RequestValidationError) else []
    said = "; ".join(f"{'.'.join(str(part) for part in e['loc'][1:]) or 'body'}: {e['msg']}" for e in found[:5])
    return JSONResponse({"detail": said or "the request cannot be read"}, 422)
