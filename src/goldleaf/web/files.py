"""Files in and out: streamed to and from a file in the workspace, which alone the verbs of import and export see."""

from __future__ import annotations

import asyncio
import re
import shutil
import uuid
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any
from urllib.parse import quote

from fastapi.responses import StreamingResponse
from starlette.requests import ClientDisconnect

from goldleaf.core import GoldleafError, InputError
from goldleaf.web.answers import RefusedError, log
from goldleaf.web.asked import Asked, Endpoint
from goldleaf.web.bodies import Export, Import
from goldleaf.web.house import House, done
from goldleaf.web.reasons import remark_of
from goldleaf.workspace import STAGED, ReadOptions, export_file, import_file

UPLOADS = "uploads"
BLOCK = 1 << 18
_SUFFIX = {"jsonl": ".jsonl", "csv": ".csv", "tsv": ".tsv", "conll": ".conll", "labels": ".csv"}
_FORBIDDEN = re.compile(r'[\x00-\x1f\x7f/\\:*?"<>|]')


async def import_(house: House, asked: Asked) -> Any:
    """Import a file, sent as the body: all of it or, where anything is wrong, nothing.

    A file of the same name is the same source, as it would be on the command line.
    """
    wanted: Import = asked.query
    name = _safe(wanted.name)
    folder = house.ws.folder / UPLOADS
    folder.mkdir(exist_ok=True)
    part = folder / f".{uuid.uuid4().hex}.part"
    try:
        await _receive(house, asked, part)
        found = await asyncio.to_thread(_import, house, asked, part, folder / name)
    finally:
        part.unlink(missing_ok=True)
    await done(house.desk.open_queue(asked.project))
    return found


def _import(house: House, asked: Asked, part: Path, path: Path) -> dict[str, Any]:
    """Import the file under its own name, one at a time; what the answer says of places does not name the server's folders."""
    wanted: Import = asked.query
    with house.importing:
        part.rename(path)
        try:
            result = import_file(
                house.ws,
                path,
                project=asked.project,
                format=wanted.format,
                as_=wanted.as_,
                annotator=wanted.annotator,
                split=wanted.split,
                add_labels=wanted.add_labels,
                options=ReadOptions(
                    field=wanted.field, text_column=_column(wanted.text_column), column=_column(wanted.label_column)
                ),
            )
        except GoldleafError as error:
            raise _without_folder(error, path) from None
        finally:
            path.unlink(missing_ok=True)
    remarks = [remark_of(said) for said in (*result.warnings, *result.skipped_first)]
    return {**asdict(result), "path": path.name, "remarks": remarks}


def _column(given: str | None) -> str | int | None:
    """A column's name, or its number (from 1; from -1 backwards)."""
    number = given is not None and given.isascii() and given.removeprefix("-").isdigit() and len(given) < 6
    return int(given) if given is not None and number else given


async def _receive(house: House, asked: Asked, path: Path) -> None:
    """Write the body into a file."""
    request, most = asked.request, house.limits.upload
    announced = request.headers.get("content-length", "0")
    if announced.isdigit() and int(announced) > most:
        raise RefusedError(413, "the file is too large", found=f"{announced} bytes", expected=f"at most {most:,}")
    read = 0
    blocks = aiter(request.stream())
    try:
        with path.open("wb") as file:
            while True:
                async with asyncio.timeout(house.limits.patience):
                    block = await anext(blocks, None)
                if block is None:
                    break
                read += len(block)
                if read > most:
                    raise RefusedError(413, "the file is too large", expected=f"at most {most:,} bytes")
                if block:
                    await house.work(lambda block=block: file.write(block))
    except TimeoutError:
        raise RefusedError(408, f"nothing came for {house.limits.patience:g} seconds") from None
    except ClientDisconnect:
        raise RefusedError(400, "the client went away; nothing was imported") from None
    if not read:
        raise InputError("the file is empty", where=asked.query.name)


async def export(house: House, asked: Asked) -> Any:
    """A project's records with their gold or their annotations, as a file."""
    wanted: Export = asked.query
    folder = house.ws.folder / UPLOADS
    folder.mkdir(exist_ok=True)
    name = f"{asked.project}-{wanted.what}{_SUFFIX[wanted.format]}"
    path = folder / f".{uuid.uuid4().hex}{_SUFFIX[wanted.format]}"

    def write() -> int:
        try:
            return export_file(
                house.ws,
                path,
                project=asked.project,
                format=wanted.format,
                what=wanted.what,
                field=wanted.field,
                split=wanted.split,
                warn=lambda said: log.info("export of %s: %s", asked.project, said.replace(path.name, name)),
            )
        except GoldleafError as error:
            raise _without_folder(error, path) from None

    try:
        await asyncio.to_thread(write)
        size = path.stat().st_size
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    headers = {
        "content-disposition": f"attachment; filename*=UTF-8''{quote(name, safe='')}",
        "content-length": str(size),
        "cache-control": "no-store",
    }
    return StreamingResponse(_send(path), headers=headers, media_type="application/octet-stream")


async def _send(path: Path) -> AsyncIterator[bytes]:
    """The file's bytes, and the end of the file."""
    try:
        with path.open("rb") as file:
            path.unlink()  # it is read to its end and then gone, also where the client goes away before
            while block := await asyncio.to_thread(file.read, BLOCK):
                yield block
    finally:
        path.unlink(missing_ok=True)


def clean_up(house: House) -> None:
    """Remove what an interrupted import or export has left."""
    shutil.rmtree(house.ws.folder / UPLOADS, ignore_errors=True)
    for left in house.ws.folder.glob(STAGED):
        with suppress(OSError):
            left.unlink()


def _safe(name: str) -> str:
    """The last part of a file's name, without anything a file system minds."""
    name = _FORBIDDEN.sub("_", name.replace("\\", "/").rpartition("/")[2]).strip(" .")
    while len(name.encode("utf-8", "replace")) > 200:
        name = name[1:]
    if not name:
        raise InputError("this is not the name of a file", where="query, name")
    return name


def _without_folder(error: GoldleafError, path: Path) -> GoldleafError:
    """The same error, with the file called by its name alone."""
    plain = {str(path): path.name, str(path.resolve()): path.name}
    for name in ("message", "where", "found", "expected", "todo"):
        said = getattr(error, name)
        for long, short in plain.items():
            said = said.replace(long, short) if said else said
        setattr(error, name, said)
    return error


_AT = "/api/projects/{project}"
ENDPOINTS = (
    Endpoint("POST", f"{_AT}/import", "owner", import_, query=Import, upload=True),
    Endpoint("GET", f"{_AT}/export", "reviewer", export, query=Export),
)
