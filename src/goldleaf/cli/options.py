"""What commands share: options, how they speak (standard error), and how they answer (standard output)."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer

WorkspaceDir = Annotated[Path, typer.Option("--workspace", "-w", metavar="DIR", help="The workspace's folder.")]
ProjectName = Annotated[str, typer.Option("--project", metavar="NAME", help="The project.")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object on standard output.")]

_PLAIN_EVERY = 5.0


def say(text: str) -> None:
    """One line on standard error."""
    typer.echo(text, err=True)


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
