"""The command that says what more labels would bring."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from goldleaf.cli.model import _print, _recipe, _training_progress, _warn
from goldleaf.cli.options import Json, ProjectName, WorkspaceDir, say, to_stdout


def register(app: typer.Typer) -> None:
    """Add this command."""
    app.command("learning-curve")(learning_curve)


def learning_curve(
    folder: WorkspaceDir = Path(),
    project: ProjectName = "default",
    snapshot: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Train on this snapshot; without it, one is taken now.")
    ] = None,
    base_model: Annotated[
        str | None,
        typer.Option("--base-model", metavar="NAME_OR_DIR", help="minilm, a folder, or a Hugging Face name."),
    ] = None,
    recipe: Annotated[Path | None, typer.Option(metavar="FILE", help="A recipe, as TOML or JSON.")] = None,
    fraction: Annotated[
        list[float] | None,
        typer.Option(metavar="F", help="A part of the training split; repeat it. Default 0.1, 0.25, 0.5 and 1."),
    ] = None,
    seed: Annotated[list[int] | None, typer.Option(metavar="N", help="The seed; repeat it for several runs.")] = None,
    out: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Where the curve goes; default curves/PROJECT.")
    ] = None,
    force: Annotated[
        bool, typer.Option("--force", help="Go on although the base model does not know the data's script.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Train on growing parts of the training split and say what more labels would bring. Runs that are done are not done again.

    Example: goldleaf learning-curve -w shop --seed 0 --seed 1
    """
    from goldleaf import workspace
    from goldleaf.report import render_curve

    chosen = _recipe(recipe, base_model, None, None)
    if snapshot is not None:
        dataset = workspace.load_snapshot(snapshot)
    else:
        with workspace.open_workspace(folder) as ws:
            dataset = workspace.take_snapshot(ws, project, warn=_warn)
    target = out or folder / "curves" / (project if snapshot is None else snapshot.resolve().name[:12])
    with _training_progress() as report:
        found = workspace.learning_curve(
            dataset,
            target,
            recipe=chosen,
            fractions=fraction or workspace.FRACTIONS,
            seeds=seed or (0,),
            force=force,
            on_progress=report,
            on_warning=_warn,
            on_run=_say_run,
        )
    if as_json:
        to_stdout(found)
    else:
        _print(render_curve(found))
        typer.echo(f"curve: {target / 'curve.html'}")


def _say_run(run: Mapping[str, Any]) -> None:
    scores = "  ".join(f"{name} {100 * each['value']:.2f}" for name, each in run["fields"].items())
    say(f"{run['records']:,} records, seed {run['seed']}: {scores}")
