"""Commands for annotators: the app, and a model's suggestions in it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from goldleaf.cli.options import BundleDir, Int8, ProjectName, WorkspaceDir, progress_of, say
from goldleaf.core import MissingExtraError


def register(app: typer.Typer) -> None:
    """Add these commands."""
    app.command("annotate")(annotate)
    app.command("suggest")(suggest)


def annotate(
    folder: WorkspaceDir = Path(),
    host: Annotated[
        str, typer.Option(help="The address to listen on; only this machine unless said otherwise.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="The port; 0 takes a free one.")] = 8080,
    max_upload: Annotated[
        int, typer.Option("--max-upload", metavar="MB", min=1, help="Megabytes of a file to import.")
    ] = 2000,
) -> None:
    """Open the annotation app on a workspace, for the browser. At the first start it prints a link that makes the first owner.

    Example: goldleaf annotate -w shop --port 8080
    """
    open_app(folder, host=host, port=port, max_upload=max_upload)


def open_app(folder: Path, *, host: str = "127.0.0.1", port: int = 8080, max_upload: int = 2000) -> None:
    """Run the app until it is told to end. Raises MissingExtraError where the extra `annotate` is not installed."""
    try:
        from goldleaf.web import Limits, run_app
    except ImportError as error:
        if error.name not in ("fastapi", "uvicorn", "pydantic", "pydantic_core", "starlette", "argon2"):
            raise
        todo = 'Install it with: pip install "goldleaf[annotate]"'
        raise MissingExtraError("the annotation app is not installed", found=f"no {error.name}", todo=todo) from None

    def announce(address: str, setup: str | None) -> None:
        say(f"serving on {address}")
        if setup is not None:
            say(f"nobody can sign in yet; this link makes the first owner, once: {setup}")

    run_app(folder, host=host, port=port, limits=Limits(upload=max_upload * 1_000_000), announce=announce)


def suggest(
    bundle: BundleDir,
    folder: WorkspaceDir = Path(),
    project: ProjectName = "default",
    int8: Int8 = False,
) -> None:
    """Predict the records that have neither gold nor an answer, and keep what the bundle says as suggestions for the annotators.

    Interrupted, it goes on where it stopped when it is run again.

    Example: goldleaf suggest shop/bundles/default-1 -w shop
    """
    from goldleaf import workspace

    with workspace.open_workspace(folder) as ws, progress_of("suggesting", "records") as report:
        done = workspace.suggest(ws, bundle, project, int8=int8, on_progress=report)
    known = f"; {done.known:,} records had them already" if done.known else ""
    say(
        f"{done.values:,} suggestions for {done.records:,} records ({', '.join(done.fields)}) by {done.suggester}{known}"
    )
    if done.skipped:
        say(f"note: {done.skipped:,} values left out that the project's schema cannot hold; the first: {done.first}")
