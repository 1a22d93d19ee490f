"""What commands share: options, what they read, how they speak (standard error), and how they answer (standard output)."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from goldleaf.core import Example

WorkspaceDir = Annotated[Path, typer.Option("--workspace", "-w", metavar="DIR", help="The workspace's folder.")]
ProjectName = Annotated[str, typer.Option("--project", metavar="NAME", help="The project.")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object on standard output.")]

BundleDir = Annotated[Path, typer.Argument(metavar="BUNDLE", help="The bundle's folder.")]
Int8 = Annotated[bool, typer.Option("--int8", help="Run the model with 8-bit weights (goldleaf export-model --int8).")]
Data = Annotated[Path | None, typer.Option(metavar="PATH", help="A labelled file; without it, the project's split.")]
Format = Annotated[str, typer.Option("--format", help="The file's format; auto looks at its name and first lines.")]
FieldName = Annotated[str | None, typer.Option(metavar="NAME", help="The field that the file's labels belong to.")]
Column = Annotated[str | None, typer.Option(metavar="NAME_OR_NUMBER", help="The column that holds the labels.")]
Split = Annotated[str, typer.Option(metavar="train|dev|test", help="Which split of the project.")]

_PLAIN_EVERY = 5.0


def say(text: str) -> None:
    """One line on standard error."""
    typer.echo(text, err=True)


def warn(message: str) -> None:
    """A line on standard error about what has been noticed."""
    say(f"note: {message}")


def show(renderable: Any) -> None:
    """A table or the like on standard output."""
    from rich.console import Console

    Console(width=None if sys.stdout.isatty() else 100).print(renderable)


def to_stdout(data: Any) -> None:
    """One JSON object on standard output."""
    typer.echo(json.dumps(data, ensure_ascii=False, indent=1))


@contextmanager
def progress_of(what: str, unit: str) -> Iterator[Callable[[int], None]]:
    """A function to be told how many are done: a live line on a terminal, else a plain line on standard error every few seconds."""
    if sys.stderr.isatty():
        with _live(what, unit) as update:
            yield update
        return
    last = time.monotonic()

    def report(done: int) -> None:
        nonlocal last
        if time.monotonic() - last >= _PLAIN_EVERY:
            last = time.monotonic()
            say(f"{what}: {done:,} {unit}")

    yield report


@contextmanager
def _live(what: str, unit: str) -> Iterator[Callable[[int], None]]:
    from rich.console import Console
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(what, total=None)
        yield lambda done: bar.update(task, description=f"{what}: {done:,} {unit}")


def read_split(
    bundle: Path,
    folder: Path,
    project: str,
    data: Path | None,
    format: str,
    field: str | None,
    column: str | None,
    split: str,
) -> tuple[list[Example], list[Example] | None]:
    """What a model is measured on: a labelled file (read by a bundle's schema), or a project's split and its training split."""
    from goldleaf import workspace
    from goldleaf.bundle import read_bundle

    if split not in ("train", "dev", "test"):
        raise typer.BadParameter("--split is train, dev or test")
    if data is None:
        with workspace.open_workspace(folder) as ws:
            dataset = workspace.take_snapshot(ws, project, warn=warn)
        return dataset.split(split), dataset.train
    options = workspace.ReadOptions(
        field=field, column=int(column) if column and column.lstrip("-").isdigit() else column, warn=warn
    )
    schema = read_bundle(bundle, verify=False).schema
    return workspace.read_examples(data, schema, format=format, options=options), None
