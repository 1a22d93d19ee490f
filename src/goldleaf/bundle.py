"""The model folder's contract: what a bundle holds, how it is written whole, and how it is checked when it is read.

==================  =========================================================================================
goldleaf.json       schema, recipe, snapshot hash, metrics, calibration, input layout, statistics of the training data, checksums
config.json, ...    with model.safetensors and tokenizer files, a Hugging Face folder that transformers loads by itself
heads.safetensors   the heads of a bundle with several fields (with one, they are in model.safetensors)
model.onnx          the whole model: ids in, logits of every field and a pooled embedding out; its weights in model.onnx.data
model.int8.onnx     the same with 8-bit weights, where goldleaf export-model has made it; its weights in model.int8.onnx.data
scope.npz           of each choice of one label, what its training texts look like: means and whitening of embeddings
report.html         the evaluation as a page; training/ the history and TensorBoard logs
==================  =========================================================================================
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import uuid
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from goldleaf.core import InputError, Schema, schema_from_dict

MANIFEST, SCOPE = "goldleaf.json", "scope.npz"
MODEL, INT8 = "model.onnx", "model.int8.onnx"
FORMAT = 1
UNCHECKED = ("report.html", "training")
"""What describes the model and may be changed without changing it."""


@dataclass(frozen=True, slots=True)
class Bundle:
    """A bundle that has been read and found whole: its folder, its schema and everything else in `goldleaf.json`."""

    folder: Path
    schema: Schema
    manifest: Mapping[str, Any]

    @property
    def name(self) -> str:
        return self.folder.name


@contextmanager
def new_bundle(folder: Path) -> Iterator[Path]:
    """A temporary folder beside `folder` to fill; it takes its place when the block ends well, and is gone when it does not.

    Raises InputError where the place is taken or cannot be written.
    """
    check_vacant(folder)
    temporary = folder.with_name(f".{folder.name}.{uuid.uuid4().hex[:8]}.writing")
    try:
        temporary.mkdir(parents=True)
        yield temporary
        temporary.rename(folder)
    except OSError as error:
        raise InputError(
            "the bundle cannot be written", where=str(folder), found=error.strerror or str(error)
        ) from None
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def check_vacant(folder: Path) -> None:
    """Raise InputError where a bundle cannot be put: the place is taken, or its parent cannot be written."""
    if folder.exists():
        raise InputError(
            "there is something already", where=str(folder), expected="a new name", todo="Give another --out"
        )
    parent = next(p for p in folder.absolute().parents if p.exists())
    if not parent.is_dir() or not os.access(parent, os.W_OK):
        raise InputError("the folder cannot be written", where=str(parent), expected="a folder you may write to")


def write_manifest(folder: Path, manifest: Mapping[str, Any]) -> None:
    """Write `goldleaf.json` last, with the SHA-256 of every other file of the model."""
    data = {"format": FORMAT, **manifest, "checksums": _checksums(folder)}
    (folder / MANIFEST).write_text(_manifest_text(data), encoding="utf-8")


@contextmanager
def folder_beside(folder: Path) -> Iterator[Path]:
    """A new folder beside `folder` to write into, gone when the block ends. Raises InputError where none can be made."""
    temporary = folder.with_name(f".{folder.absolute().name}.{uuid.uuid4().hex[:8]}.writing")
    try:
        temporary.mkdir()
    except OSError as error:
        found = error.strerror or str(error)
        raise InputError("the folder cannot be written", where=str(folder.parent), found=found) from None
    try:
        yield temporary
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def add_model(bundle: Bundle, model: Path, about: Mapping[str, Any]) -> None:
    """Move a model and its weights (`NAME`, `NAME.data`) into a bundle under their own names, and put what `about` says into the manifest.

    The manifest is written last. Where the machine stops in between, the bundle is as before; where a file of it was being replaced,
    reading it says that it has been changed, and exporting the model again mends it. Raises InputError where it cannot be written.
    """
    names = [model.name, f"{model.name}.data"]
    found = {name: _sha256(model.with_name(name)) for name in names}
    manifest = {**bundle.manifest, **about}
    manifest["checksums"] = dict(sorted({**manifest["checksums"], **found}.items()))
    written = model.with_name(MANIFEST)
    try:
        written.write_text(_manifest_text(manifest), encoding="utf-8")
        for name in (*names, MANIFEST):
            model.with_name(name).replace(bundle.folder / name)
    except OSError as error:
        found_out = error.strerror or str(error)
        raise InputError("the bundle cannot be written", where=str(bundle.folder), found=found_out) from None


def _manifest_text(manifest: Mapping[str, Any]) -> str:
    return json.dumps(manifest, ensure_ascii=False, indent=1) + "\n"


def read_bundle(folder: Path, *, verify: bool = True, leave_out: Collection[str] = ()) -> Bundle:
    """Read a bundle's manifest and check that every file it lists is there and unchanged, but for those to `leave_out`.

    Raises InputError that names the file.
    """
    path = folder / MANIFEST
    if not path.is_file():
        what = "a folder without goldleaf.json" if folder.is_dir() else "a file" if folder.exists() else "nothing"
        raise InputError("not a bundle", where=str(folder), found=what, expected="a folder that goldleaf train wrote")
    try:
        manifest = json.loads(path.read_text(encoding="utf-8"))
        version, checksums = manifest["format"], manifest["checksums"]
        schema = schema_from_dict(manifest["schema"], where=str(path))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InputError("the bundle's manifest cannot be read", where=str(path), found=repr(error)) from None
    if version != FORMAT:
        raise InputError("a bundle of another format", where=str(path), found=str(version), expected=str(FORMAT))
    if verify:
        _verify(folder, {name: sum for name, sum in checksums.items() if name not in leave_out})
    return Bundle(folder, schema, manifest)


def _verify(folder: Path, checksums: Mapping[str, str]) -> None:
    for name, expected in checksums.items():
        path = folder / name
        if ".." in Path(name).parts or Path(name).is_absolute():
            raise InputError("the bundle lists a file outside itself", where=str(folder), found=name)
        if not path.is_file():
            raise InputError(
                "the bundle is not whole",
                where=str(folder),
                found=f"no {name}",
                todo="Copy it again, or train it again",
            )
        found = _sha256(path)
        if found != expected:
            raise InputError(
                "the bundle has been changed since it was written",
                where=str(path),
                found=f"sha256 {found[:12]}…",
                expected=f"{expected[:12]}…",
                todo="Copy it again, or train it again",
            )


def _checksums(folder: Path) -> dict[str, str]:
    names = sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file())
    return {name: _sha256(folder / name) for name in names if name != MANIFEST and name.split("/")[0] not in UNCHECKED}


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
