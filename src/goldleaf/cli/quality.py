"""Commands about label quality: how far annotators agree, what to make of their answers, where they differ."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from goldleaf.cli.options import Format, Json, ProjectName, WorkspaceDir, say, show, to_stdout, warn
from goldleaf.cli.training import BaseModel, Force, RecipeFile, chosen_recipe, training_progress

if TYPE_CHECKING:
    from goldleaf.workspace import Labels

Labelled = Annotated[
    Path | None,
    typer.Option("--data", metavar="LABELS", help="A label table (CSV, TSV, Parquet) in place of the workspace's."),
]
Records = Annotated[
    Path | None, typer.Option(metavar="FILE", help="The records of --data: id, text, tokens (JSONL, CSV, Parquet).")
]
OneField = Annotated[
    str | None, typer.Option(metavar="NAME", help="This field alone; with --data, what the table is about.")
]
Html = Annotated[Path | None, typer.Option("--html", metavar="FILE", help="Write one self-contained page.")]
Seed = Annotated[int, typer.Option(metavar="N", help="The seed of everything that is drawn.")]

quality = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="Measure labels, and make gold of them.")


def register(app: typer.Typer) -> None:
    """Add this group of commands."""
    app.add_typer(quality, name="quality")


@quality.command()
def agreement(
    folder: WorkspaceDir = Path(),
    project: ProjectName = "default",
    data: Labelled = None,
    records: Records = None,
    field: OneField = None,
    level: Annotated[
        str, typer.Option(metavar="nominal|ordinal|interval", help="What the labels of a choice are.")
    ] = "nominal",
    seed: Seed = 0,
    as_json: Json = False,
    html: Html = None,
) -> None:
    """Say how far annotators agree: every coefficient that fits, with intervals, by label, pair and time.

    Example: goldleaf quality agreement -w shop --html agreement.html
    """
    from goldleaf.quality.agreement import NAMES
    from goldleaf.quality.agreement import agreement as measure
    from goldleaf.report import render_agreement_page

    labels = _labels(folder, project, data, records, field)
    found = measure(labels.table, schema=labels.schema, records=labels.records, level=level, seed=seed)  # type: ignore[arg-type]
    _write(html, lambda: render_agreement_page(f"Agreement in {_name(data, project)}", found.to_dict(), NAMES))
    if as_json:
        to_stdout(found.to_dict())
    else:
        show(found.to_text())


@quality.command()
def annotators(
    folder: WorkspaceDir = Path(),
    project: ProjectName = "default",
    data: Labelled = None,
    records: Records = None,
    field: OneField = None,
    gold: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="With --data: right answers, a label table (its annotator does not matter)."),
    ] = None,
    as_json: Json = False,
    html: Html = None,
) -> None:
    """Say of each annotator how much, how fast and how rightly they answer, how that changes, and what looks suspicious.

    Example: goldleaf quality annotators -w shop --html annotators.html
    """
    from goldleaf import workspace
    from goldleaf.report import render_annotators, render_annotators_page

    if data is not None:
        found = workspace.judge_annotators(workspace.read_labels(data, records, field=field), gold=gold)
    else:
        with workspace.open_workspace(folder) as ws:
            labels = workspace.labels_of(ws, project, field=field, checks=True)
            found = workspace.judge_annotators(labels, gold=gold or workspace.gold_table(ws, project))
    described = {"annotators": found}
    _write(html, lambda: render_annotators_page(f"Annotators of {_name(data, project)}", described))
    if as_json:
        to_stdout(described)
    else:
        show(render_annotators(described))


@quality.command()
def slices(
    folder: WorkspaceDir = Path(),
    project: ProjectName = "default",
    data: Labelled = None,
    records: Records = None,
    field: OneField = None,
    width: Annotated[
        float, typer.Option(metavar="SHARE", help="How wide an interval may be where a label counts as measured.")
    ] = 0.1,
    seed: Seed = 0,
    as_json: Json = False,
    html: Html = None,
) -> None:
    """Say where the labels differ: by annotator, time, length, script, casing and every column of meta.

    Example: goldleaf quality slices -w shop --html slices.html
    """
    from goldleaf.quality import slices as measure
    from goldleaf.report import render_slices_page

    labels = _labels(folder, project, data, records, field)
    found = measure(labels.table, schema=labels.schema, records=labels.records, width=width, seed=seed)
    _write(html, lambda: render_slices_page(f"Slices of {_name(data, project)}", found.to_dict()))
    if as_json:
        to_stdout(found.to_dict())
    else:
        _show_slices(found.to_dict())


@quality.command()
def aggregate(
    folder: WorkspaceDir = Path(),
    project: ProjectName = "default",
    data: Labelled = None,
    records: Records = None,
    field: OneField = None,
    method: Annotated[
        str, typer.Option(metavar="NAME", help="How: auto (by the shape of the data), majority, dawid_skene, bsc, ...")
    ] = "auto",
    threshold: Annotated[
        float, typer.Option(metavar="SHARE", help="Under this confidence a record goes to review.")
    ] = 0.7,
    seed: Seed = 0,
    as_json: Json = False,
    html: Html = None,
) -> None:
    """Make gold of what several annotators said, with a confidence; records that are not sure go to review.

    With --data nothing is written: the values are printed.

    Example: goldleaf quality aggregate -w shop --threshold 0.8
    """
    from goldleaf import workspace
    from goldleaf.quality.aggregation import aggregation
    from goldleaf.report import render_aggregation_page

    doubted: int | None = None
    if data is None:
        with workspace.open_workspace(folder) as ws:
            done = workspace.aggregate(ws, project, method=method, field=field, threshold=threshold, seed=seed)
        found, doubted = done.aggregation, done.doubted
    else:
        labels = _labels(folder, project, data, records, field)
        found = aggregation(labels.table, method, records=labels.records, seed=seed)
    described = workspace.describe_aggregation(found, threshold)
    _write(html, lambda: render_aggregation_page(f"Gold of {_name(data, project)}", described))
    if as_json:
        to_stdout(described)
        return
    _show_aggregation(described)
    if doubted is not None:
        say(f"written as gold of {project}; records to review: {doubted:,}")


@quality.command()
def errors(
    folder: WorkspaceDir = Path(),
    project: ProjectName = "default",
    data: Annotated[
        Path | None, typer.Option("--data", metavar="PATH", help="A labelled file in place of the workspace's gold.")
    ] = None,
    format: Format = "auto",
    field: OneField = None,
    bundle: Annotated[
        Path | None,
        typer.Option(metavar="BUNDLE", help="Judge by this model what it was not trained on; without, a model a fold."),
    ] = None,
    folds: Annotated[int, typer.Option(metavar="N", min=2, help="Without a bundle: how many models are trained.")] = 5,
    base_model: BaseModel = None,
    recipe: RecipeFile = None,
    force: Force = False,
    at_least: Annotated[
        float, typer.Option(metavar="SHARE", help="List labels that are wrong with at least this probability.")
    ] = 0.01,
    review: Annotated[
        float,
        typer.Option(
            metavar="SHARE", help="Of a workspace: what is wrong with at least this probability goes to review."
        ),
    ] = 0.5,
    tokens: Annotated[bool, typer.Option("--tokens", help="With --json: every token's probability too.")] = False,
    seed: Seed = 0,
    as_json: Json = False,
    html: Html = None,
) -> None:
    """List the gold labels that are probably wrong: what is proposed, how probable it is, and why.

    Without a bundle, models are trained on parts of the gold to judge the rest; an interrupted run goes on where it was.

    Example: goldleaf quality errors -w shop --html errors.html
    """
    from goldleaf import workspace
    from goldleaf.report import render_errors_page

    sent: int | None = None
    options: dict[str, Any] = {"bundle": bundle, "field": field, "at_least": at_least}
    with training_progress() as report:
        if bundle is None:
            chosen = chosen_recipe(recipe, base_model, None, None)
            options |= {
                "folds": folds,
                "recipe": chosen,
                "seed": seed,
                "force": force,
                "on_progress": report,
                "on_fold": _say_fold(folds),
            }
        if data is None:
            with workspace.open_workspace(folder) as ws:
                found = workspace.find_errors(ws, project, on_warning=warn, **options)
                sent = workspace.review_errors(ws, found, project, at_least=review)
        else:
            found = workspace.find_errors_in_file(data, format=format, on_warning=warn, **options)
    described = found.to_dict(tokens=tokens)
    _write(html, lambda: render_errors_page(f"Label errors in {_name(data, project)}", described))
    if as_json:
        to_stdout(described)
    else:
        _show_errors(described)
    if sent is not None:
        say(f"records to review: {sent:,}")


def _say_fold(folds: int) -> Callable[[int, bool], None]:
    return lambda fold, known: say(f"fold {fold + 1} of {folds}{': known already' if known else ''}")


def _labels(folder: Path, project: str, data: Path | None, records: Path | None, field: str | None) -> Labels:
    from goldleaf import workspace

    if data is not None:
        return workspace.read_labels(data, records, field=field)
    with workspace.open_workspace(folder) as ws:
        return workspace.labels_of(ws, project, field=field)


def _name(data: Path | None, project: str) -> str:
    return project if data is None else data.name


def _write(path: Path | None, page: Any) -> None:
    if path is not None:
        from goldleaf.report import write_page

        write_page(path, page())


def _show_slices(data: Mapping[str, Any]) -> None:
    from goldleaf.report import render_slices

    show(render_slices(data))


def _show_errors(data: Mapping[str, Any]) -> None:
    from goldleaf.report import render_errors

    show(render_errors(data))


def _show_aggregation(data: Mapping[str, Any]) -> None:
    from goldleaf.report import render_aggregation

    show(render_aggregation(data))
