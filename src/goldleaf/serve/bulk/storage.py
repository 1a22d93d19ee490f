"""Files by URI, through fsspec: what lies under an input, and parts that appear whole or not at all."""

from __future__ import annotations

import contextlib
import io
import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePosixPath
from typing import IO, Any, cast

from goldleaf.core import GoldleafError, InputError, MissingExtraError

OBJECT_STORES = frozenset(
    {"s3", "s3a", "gs", "gcs", "abfs", "abfss", "az", "adl", "oss", "obs", "tos", "oci", "memory"}
)
"""Where a file appears with its last byte, so that it is put in one go; everywhere else it is written beside its place and renamed."""
_STAMPS = ("ETag", "etag", "md5Hash", "mtime", "LastModified", "last_modified", "created")
_WRITING = ".writing"
_BUFFER = 1 << 20
"""Bytes. A file that fsspec reads by ranges finds the end of a line in it; by itself it looks 2,000 times a second and no more."""


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file: its URI, its name under the folder it was found in, its size in bytes, and a stamp that changes when it is written anew."""

    uri: str
    name: str
    size: int
    stamp: str


def place_of(uri: str) -> tuple[Any, str]:
    """The fsspec file system that a URI (or a local path) names, and the path in it. Raises GoldleafError where there is none such."""
    from fsspec.core import url_to_fs

    try:
        return url_to_fs(uri)
    except ImportError as error:
        raise MissingExtraError("no way to this place is installed", where=uri, found=str(error)) from None
    except (ValueError, OSError) as error:
        raise InputError("not a place that can be reached", where=uri, found=str(error)) from None


def join(uri: str, name: str) -> str:
    """The URI of a name under a folder's."""
    return f"{uri.rstrip('/')}/{name}"


def list_files(uri: str) -> list[StoredFile]:
    """The files under a folder, those that a glob finds, or the one file, in the order of their names; [] where there is nothing.

    Names that begin with a dot or `_` are passed over, as are folders of such a name.
    """
    fs, path = place_of(uri)
    with reading(uri):
        fs.invalidate_cache()
        if fs.isfile(path):
            return [_stored(fs, fs.info(path), PurePosixPath(path).name)]
        found, root = _found(fs, path)
    files: list[StoredFile] = []
    for full, info in found.items():
        name = full[len(root) :].lstrip("/")
        if info["type"] == "file" and not any(part[0] in "._" for part in name.split("/")):
            files.append(_stored(fs, info, name))
    return sorted(files, key=lambda file: file.name)


def _found(fs: Any, path: str) -> tuple[dict[str, Any], str]:
    """What is found, and the folder that its names are told under."""
    if fs.isdir(path) or not any(char in path for char in "*?["):
        return fs.find(path, detail=True), path.rstrip("/")
    parts = path.split("/")
    fixed = next(n for n, part in enumerate(parts) if any(char in part for char in "*?["))
    return fs.glob(path, detail=True), "/".join(parts[:fixed])


def _stored(fs: Any, info: dict[str, Any], name: str) -> StoredFile:
    stamp = next((_one_way(info[key]) for key in _STAMPS if info.get(key) is not None), "")
    return StoredFile(str(fs.unstrip_protocol(info["name"])), name, int(info["size"]), stamp)


def _one_way(stamp: Any) -> str:
    """A checksum or a time as text; a store may tell it in two ways."""
    return str(stamp.timestamp() if isinstance(stamp, datetime) else stamp).strip('"')


@contextmanager
def open_stored(file: StoredFile) -> Iterator[IO[bytes]]:
    """The file, to be read. Raises InputError where it is not what it was when it was listed, or cannot be read."""
    from fsspec.spec import AbstractBufferedFile

    fs, path = place_of(file.uri)
    with reading(file.uri):
        fs.invalidate_cache()
        now = _stored(fs, fs.info(path), file.name)
        if (now.size, now.stamp) != (file.size, file.stamp):
            raise InputError(
                "the input has been changed since the prediction began",
                where=file.uri,
                found=f"{now.size:,} bytes, {now.stamp}",
                expected=f"{file.size:,} bytes, {file.stamp}",
                todo="Begin again with another output",
            )
        opened = fs.open(path, "rb")
        if isinstance(opened, AbstractBufferedFile):
            opened = io.BufferedReader(cast("Any", opened), _BUFFER)
    try:
        with opened:
            yield opened
    except OSError as error:
        raise InputError("this cannot be read", where=file.uri, found=_cause(error)) from None


@contextmanager
def reading(uri: str) -> Iterator[None]:
    """What keeps a file from being read is an InputError that names it."""
    try:
        yield
    except GoldleafError:
        raise
    except Exception as error:  # each store raises its own kinds
        raise InputError("this cannot be read", where=uri, found=_cause(error)) from None


def read_whole(uri: str) -> bytes | None:
    """The bytes of a file; None where there is no such file."""
    fs, path = place_of(uri)
    with reading(uri):
        return bytes(fs.cat_file(path)) if fs.exists(path) else None


def write_whole(uri: str, data: bytes) -> None:
    """Write a file that is there whole or not at all, over one that is there already. Raises InputError where it cannot be written."""
    fs, path = place_of(uri)
    try:
        if OBJECT_STORES.intersection([fs.protocol] if isinstance(fs.protocol, str) else fs.protocol):
            fs.pipe_file(path, data)
        else:
            _write_beside(fs, path, data)
    except Exception as error:  # each store raises its own kinds
        raise InputError("the predictions cannot be written", where=uri, found=_cause(error)) from None


def _write_beside(fs: Any, path: str, data: bytes) -> None:
    folder, name = path.rsplit("/", 1)
    temporary = f"{folder}/.{name}.{uuid.uuid4().hex[:8]}{_WRITING}"
    fs.makedirs(folder, exist_ok=True)
    try:
        with fs.open(temporary, "wb") as file:
            file.write(data)
            file.flush()
            with contextlib.suppress(AttributeError, OSError):  # only a local file has a number
                os.fsync(file.fileno())
        fs.mv(temporary, path)
    finally:
        with contextlib.suppress(OSError):
            fs.rm_file(temporary)


def remove_leftovers(uri: str) -> None:
    """Remove what writers that were killed have left under a folder."""
    fs, path = place_of(uri)
    with reading(uri):
        for file in fs.find(path):
            if file.endswith(_WRITING):
                fs.rm_file(file)


def _cause(error: Exception) -> str:
    return getattr(error, "strerror", None) or str(error) or type(error).__name__
