"""Commands that train: a model, a recipe that is searched for, a learning curve, the demo."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from goldleaf.cli.estimates import print_estimate, trial_line
from goldleaf.cli.options import Json, ProjectName, WorkspaceDir, say, show, to_stdout, warn

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from goldleaf.core import Prediction
    from goldleaf.train import Estimate, Progress, Recipe
    from goldleaf.workspace import Trained

SnapshotDir = Annotated[
    Path | None, typer.Option(metavar="DIR", help="Train on this snapshot; without it, one is taken now.")
]
BaseModel = Annotated[
    str | None, typer.Option("--base-model", metavar="NAME_OR_DIR", help="minilm, a folder, or a Hugging Face name.")
]
RecipeFile = Annotated[Path | None, typer.Option(metavar="FILE", help="A recipe, as TOML or JSON.")]
Force = Annotated[bool, typer.Option("--force", help="Go on although the base model does not know the data's script.")]


def register(app: typer.Typer) -> None:
    """Add these commands."""
    app.command("train")(train)
    app.command("learning-curve")(learning_curve)
    app.command("demo")(demo)


def train(
    folder: WorkspaceDir = Path(),
    project: ProjectName = "default",
    snapshot: SnapshotDir = None,
    base_model: BaseModel = None,
    method: Annotated[str | None, typer.Option(help="How the weights are trained: full.")] = None,
    recipe: RecipeFile = None,
    out: Annotated[
        Path | None, typer.Option(metavar="BUNDLE", help="Where the bundle goes; default bundles/PROJECT-N.")
    ] = None,
    seed: Annotated[
        list[int] | None,
        typer.Option(metavar="N", help="The seed; repeat it for several runs, of which the best is kept."),
    ] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Go on with the training that was interrupted.")] = False,
    force: Force = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say how long it would take and how much memory; write nothing.")
    ] = False,
    tune: Annotated[
        int | None,
        typer.Option(metavar="N", min=1, help="Search for a recipe in N trials, judged on the validation split."),
    ] = None,
    tune_minutes: Annotated[
        float | None, typer.Option(metavar="M", help="With --tune: end the search after so many minutes.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Train a model on a project's gold and write it as a bundle, with its report.

    Example: goldleaf train -w shop --base-model minilm --seed 1 --seed 2 --seed 3
    """
    from goldleaf import workspace

    chosen = chosen_recipe(recipe, base_model, method, seed)
    processes = int(os.environ.get("WORLD_SIZE", "1"))
    if processes > 1 and (snapshot is None or out is None or dry_run or tune is not None):
        expected = "give --snapshot and --out, and neither --dry-run nor --tune"
        raise typer.BadParameter(f"{processes} processes share this training: {expected}")
    if dry_run:
        _check_together(
            ("--dry-run", "--resume", resume), ("--dry-run", "--tune", tune is not None or tune_minutes is not None)
        )
        print_estimate(_estimate(folder, project, snapshot, recipe=chosen, out=out, force=force), as_json=as_json)
        return
    verb, more = _verb(chosen, tune, tune_minutes)
    with training_progress() as report:
        options = {
            "resume": resume,
            "force": force,
            "on_progress": report,
            "on_warning": warn,
            "recipe": chosen,
            **more,
        }
        if snapshot is not None:
            target = out or workspace.next_bundle(folder, snapshot.resolve().name[:12], resume=resume)
            trained = verb(workspace.load_snapshot(snapshot), target, **options)
        else:
            with workspace.open_workspace(folder) as ws:
                trained = workspace.train_project(ws, project, out=out, verb=verb, **options)
    if os.environ.get("RANK", "0") == "0":  # of several processes, one speaks
        _print_trained(trained, as_json=as_json)


def _check_together(*pairs: tuple[str, str, bool]) -> None:
    """Refuse options that were given together: (one, the other, whether both were)."""
    for one, other, both in pairs:
        if both:
            raise typer.BadParameter(f"{one} and {other} do not go together")


def _verb(
    recipe: Recipe | None, tune: int | None, minutes: float | None
) -> tuple[Callable[..., Trained], dict[str, Any]]:
    """How the command trains: as the recipe says, or by a search, with what a search needs."""
    from goldleaf import workspace

    if tune is None:
        if minutes is not None:
            raise typer.BadParameter("--tune-minutes needs --tune N")
        return workspace.train, {}
    if minutes is not None and not minutes > 0:
        raise typer.BadParameter("--tune-minutes is more than 0")
    _check_together(("--tune", "several seeds", recipe is not None and len(recipe.seeds) > 1))
    return workspace.tune, {"trials": tune, "minutes": minutes, "on_trial": lambda trial: say(trial_line(trial))}


def _estimate(folder: Path, project: str, snapshot: Path | None, **options: Any) -> Estimate:
    from goldleaf import workspace

    if snapshot is not None:
        return workspace.estimate(workspace.load_snapshot(snapshot), **options)
    with workspace.open_workspace(folder) as ws:
        return workspace.estimate_project(ws, project, **options)


def learning_curve(
    folder: WorkspaceDir = Path(),
    project: ProjectName = "default",
    snapshot: SnapshotDir = None,
    base_model: BaseModel = None,
    recipe: RecipeFile = None,
    fraction: Annotated[
        list[float] | None,
        typer.Option(metavar="F", help="A part of the training split; repeat it. Default 0.1, 0.25, 0.5 and 1."),
    ] = None,
    seed: Annotated[list[int] | None, typer.Option(metavar="N", help="The seed; repeat it for several runs.")] = None,
    out: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Where the curve goes; default curves/PROJECT.")
    ] = None,
    force: Force = False,
    as_json: Json = False,
) -> None:
    """Train on growing parts of the training split and say what more labels would bring. Runs that are done are not done again.

    Example: goldleaf learning-curve -w shop --seed 0 --seed 1
    """
    from goldleaf import workspace
    from goldleaf.report import render_curve

    chosen = chosen_recipe(recipe, base_model, None, None)
    if snapshot is not None:
        dataset = workspace.load_snapshot(snapshot)
    else:
        with workspace.open_workspace(folder) as ws:
            dataset = workspace.take_snapshot(ws, project, warn=warn)
    target = out or folder / "curves" / (project if snapshot is None else snapshot.resolve().name[:12])
    with training_progress() as report:
        found = workspace.learning_curve(
            dataset,
            target,
            recipe=chosen,
            fractions=fraction or workspace.FRACTIONS,
            seeds=seed or (0,),
            force=force,
            on_progress=report,
            on_warning=warn,
            on_run=_say_run,
        )
    if as_json:
        to_stdout(found)
    else:
        show(render_curve(found))
        typer.echo(f"curve: {target / 'curve.html'}")


def _say_run(run: Mapping[str, Any]) -> None:
    scores = "  ".join(f"{name} {100 * each['value']:.2f}" for name, each in run["fields"].items())
    say(f"{run['records']:,} records, seed {run['seed']}: {scores}")


def demo(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="A folder that does not exist yet.")] = Path(
        "demo-workspace"
    ),
) -> None:
    """Train intents and slots on the customer messages that come with Goldleaf, and show what came of it."""
    from goldleaf import workspace

    say(f"a new workspace in {folder}")
    with training_progress() as report:
        done = workspace.run_demo(folder, on_step=say, on_progress=report)
    _print_trained(done.trained, as_json=False)
    for text, prediction in done.predictions:
        typer.echo(f"\n  {text}\n    {_one_line(text, prediction)}")
    typer.echo(f"\nThe report: {done.trained.folder / 'report.html'}")
    typer.echo(f"Next: goldleaf annotate -w {folder}  ({done.suggested.records} messages wait, with suggestions)")
    typer.echo(f"      goldleaf quality agreement -w {folder}  (four simulated annotators have answered the others)")
    if sys.stdin.isatty() and sys.stdout.isatty() and typer.confirm("\nOpen the annotation app now?", default=True):
        from goldleaf.cli.annotating import open_app

        open_app(folder)


def _one_line(text: str, prediction: Prediction) -> str:
    intent = prediction.values["intent"]
    slots = ", ".join(f"{s.label}={text[s.start : s.end]!r}" for s in prediction.values["slots"])
    return f"{intent} ({prediction.scores['intent'][intent]:.2f})  {slots}"


def chosen_recipe(
    path: Path | None, base_model: str | None, method: str | None, seeds: list[int] | None
) -> Recipe | None:
    """The recipe of a file with what the command line says put over it; None where nothing is said."""
    given = {"base_model": base_model, "method": method, "seeds": seeds or None}
    said = {name: value for name, value in given.items() if value is not None}
    if path is None and not said:
        return None
    from goldleaf.train import Recipe, load_recipe, recipe_from_dict, recipe_to_dict

    return recipe_from_dict(recipe_to_dict(load_recipe(path) if path is not None else Recipe()) | said)


def _print_trained(trained: Trained, *, as_json: bool) -> None:
    if as_json:
        to_stdout(
            {
                "bundle": str(trained.folder),
                "split": trained.split,
                "seconds": round(trained.seconds, 1),
                **({"tuning": trained.tuning} if trained.tuning else {}),
                **trained.report.data,
            }
        )
        return
    if trained.tuning is not None:
        from goldleaf.report import render_tuning

        show(render_tuning(trained.tuning))
    show(trained.report.to_text())
    typer.echo(f"bundle: {trained.folder}  (trained in {trained.seconds:.0f} s, scored on {trained.split})")


@contextmanager
def training_progress() -> Iterator[Callable[[Progress], None]]:
    """A live line on a terminal; else a plain line for each validation score, and every half minute between."""
    if sys.stderr.isatty():
        from rich.console import Console

        with Console(stderr=True).status("preparing") as status:

            def live(p: Progress) -> None:
                status.update(_progress_line(p))
                if p.note:
                    warn(p.note)
                if p.score is not None:
                    say(_progress_line(p))

            yield live
        return
    last = 0.0

    def plain(p: Progress) -> None:
        nonlocal last
        if p.note:
            warn(p.note)
        if p.score is not None or p.seconds - last > 30:
            last = p.seconds
            say(_progress_line(p))

    yield plain


def _progress_line(p: Progress) -> str:
    score = "" if p.score is None else f"  validation {100 * p.score:.2f}{' *' if p.best else ''}"
    speed = f"  {p.pieces_per_second:,.0f} pieces/s" if p.pieces_per_second else ""
    where = f"seed {p.seed}  epoch {p.epoch:.1f}  step {p.step}/{p.steps}"
    return f"{where}  loss {p.loss:.4f}  rate {p.rate:.1e}{speed}  {p.left:.0f} s left{score}"
