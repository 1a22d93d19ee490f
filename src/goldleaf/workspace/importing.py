"""Import: files of records and labels into the store, all or nothing."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import chain
from pathlib import Path
from typing import Literal, TypedDict, Unpack

from goldleaf.core import SPLITS, InputError, brief
from goldleaf.formats import Item, ReadOptions, detect_format, read_items
from goldleaf.store import Connection, Staging, get_project, remember_source, staging
from goldleaf.workspace.changes import Changes
from goldleaf.workspace.folder import Workspace
from goldleaf.workspace.identity import Identities, source_digest
from goldleaf.workspace.taking import AS, As, ImportPlan, ImportResult, Taking

_BATCH = 1000
LARGE = 1 << 20
"""Files of so many bytes or more are made ready beside the database: nobody who writes meanwhile waits for them."""
STAGED = ".import-*.db"
"""What such a place is called; a process that was killed leaves its own."""


class ImportOptions(TypedDict, total=False):
    """What `import_files` can be told."""

    project: str
    format: str
    as_: As
    annotator: str | None
    split: str | None
    on_error: Literal["stop", "skip"]
    add_labels: bool
    options: ReadOptions | None
    progress: Callable[[int], None] | None


def import_file(ws: Workspace, path: Path | str, **options: Unpack[ImportOptions]) -> ImportResult:
    """Import one file; the options are those of `import_files`."""
    return import_files(ws, [path], **options)[0]


def import_files(
    ws: Workspace,
    paths: Sequence[Path | str],
    *,
    project: str = "default",
    format: str = "auto",
    as_: As = "gold",
    annotator: str | None = None,
    split: str | None = None,
    on_error: Literal["stop", "skip"] = "stop",
    add_labels: bool = False,
    options: ReadOptions | None = None,
    progress: Callable[[int], None] | None = None,
) -> list[ImportResult]:
    """Import files (or intent/slot folders) into a project: all of them or, where anything is wrong, nothing.

    Labels become gold, an annotator's annotations, or suggestions (`as_`); `split` puts all the records into one split; with
    `on_error="skip"` bad records are left out and counted; `options` say how the file is to be read; `progress` is told, again and
    again, how many records have been read. The same file again adds nothing. Raises InputError that names the file and line at fault.
    """
    _check(as_ in AS, "unknown way to take labels", as_, AS)
    _check(split is None or split in SPLITS, "unknown split", split, SPLITS)
    _check(on_error in ("stop", "skip"), "unknown way to treat errors", on_error, ("stop", "skip"))
    plan = ImportPlan(as_, annotator, split, on_error == "skip", add_labels)
    files = [Path(path) for path in paths]

    def run(c: Connection, staged: Staging | None = None) -> list[ImportResult]:
        results: list[ImportResult] = []
        for path in files:
            done = sum(result.read for result in results)
            report = None if progress is None else _after(progress, done)
            results.append(_import_one(c, staged, path, project, format, plan, options or ReadOptions(), report))
        return results

    if sum(map(_size, files)) >= LARGE and (results := _beside(ws, project, run)) is not None:
        return results
    with ws.store.write() as c:
        return run(c)


def _beside(
    ws: Workspace, project: str, run: Callable[[Connection, Staging], list[ImportResult]]
) -> list[ImportResult] | None:
    """Import beside the database, so that others can write meanwhile; None where what they wrote came between, and nothing was done."""
    with ws.store.read() as c:
        key, _ = get_project(c, project)
    with staging(ws.store, key, ws.folder / STAGED.replace("*", uuid.uuid4().hex)) as staged:
        results = run(staged.connection, staged)
        return results if staged.merge() else None


def _size(path: Path) -> int:
    """Bytes of a file; of a folder or of what is not there, none."""
    return path.stat().st_size if path.is_file() else 0


def _import_one(
    c: Connection,
    staged: Staging | None,
    path: Path,
    project: str,
    format: str,
    plan: ImportPlan,
    options: ReadOptions,
    progress: Callable[[int], None] | None,
) -> ImportResult:
    key, found = get_project(c, project)
    format = detect_format(path) if format == "auto" else format
    result = ImportResult(str(path), format, schema_version=found.schema.version)
    unreadable: list[InputError] = []
    options = replace(
        options,
        annotator=options.annotator or plan.annotator,
        warn=result.warnings.append,
        skip=unreadable.append if plan.skip else None,
    )
    items = read_items(path, format, found.schema, options)
    first = next(items, None)  # a file that cannot be read is no source
    source, result.source_known = remember_source(c, key, str(path.resolve()), source_digest(path), format)
    last = (0, 0) if staged is None else (staged.last_record, staged.last_annotation)
    identities, changes = Identities(c, key, source, last[0]), Changes(c, last[1])
    run = Taking(plan, format, found.schema, identities, changes, result, staged)
    for batch in _batches(chain([] if first is None else [first], items), unreadable):
        run.take(batch)
        if progress is not None:
            progress(result.read)
    return run.finish(c, key)


def _batches(items: Iterable[Item], unreadable: list[InputError]) -> Iterator[list[Item | InputError]]:
    """Items in batches, each error that the reader has put aside in the place of its item."""
    batch: list[Item | InputError] = []
    for item in items:
        batch += unreadable
        batch.append(item)
        unreadable.clear()
        if len(batch) >= _BATCH:
            yield batch
            batch = []
    if batch := batch + unreadable:
        yield batch


def _after(progress: Callable[[int], None], done: int) -> Callable[[int], None]:
    return lambda read: progress(done + read)


def _check(holds: bool, message: str, found: object, expected: Iterable[str]) -> None:
    if not holds:
        raise InputError(message, found=brief(found), expected=" or ".join(expected))
