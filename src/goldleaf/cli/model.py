"""Commands around a model: train, evaluate, predict, demo."""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from goldleaf.cli.estimates import print_estimate, trial_line
from goldleaf.cli.options import Json, ProjectName, WorkspaceDir, progress_of, say, to_stdout

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from goldleaf.core import Example, Prediction, Record, Schema
    from goldleaf.train import Estimate, Progress, Recipe
    from goldleaf.workspace import Exported, Trained

BundleDir = Annotated[Path, typer.Argument(metavar="BUNDLE", help="The bundle's folder.")]
Html = Annotated[
    Path | None, typer.Option("--html", metavar="FILE", help="Write the report as one self-contained page.")
]
Format = Annotated[str, typer.Option("--format", help="The file's format; auto looks at its name and first lines.")]

Engine = Literal["local", "ray"]
OnError = Literal["stop", "skip"]
Parts = Literal["jsonl", "parquet"]

Int8 = Annotated[bool, typer.Option("--int8", help="Run the model with 8-bit weights (goldleaf export-model --int8).")]

Data = Annotated[Path | None, typer.Option(metavar="PATH", help="A labelled file; without it, the project's split.")]
FieldName = Annotated[str | None, typer.Option(metavar="NAME", help="The field that the file's labels belong to.")]
Column = Annotated[str | None, typer.Option(metavar="NAME_OR_NUMBER", help="The column that holds the labels.")]
Split = Annotated[str, typer.Option(metavar="train|dev|test", help="Which split of the project.")]


def register(app: typer.Typer) -> None:
    """Add these commands."""
    app.command("train")(train)
    app.command("evaluate")(evaluate)
    app.command("compare")(compare)
    app.command("predict")(predict)
    app.command("export-model")(export_model)
    app.command("serve")(serve)
    app.command("demo")(demo)


def train(
    folder: WorkspaceDir = Path(),
    project: ProjectName = "default",
    snapshot: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Train on this snapshot; without it, one is taken now.")
    ] = None,
    base_model: Annotated[
        str | None,
        typer.Option("--base-model", metavar="NAME_OR_DIR", help="minilm, a folder, or a Hugging Face name."),
    ] = None,
    method: Annotated[str | None, typer.Option(help="How the weights are trained: full.")] = None,
    recipe: Annotated[Path | None, typer.Option(metavar="FILE", help="A recipe, as TOML or JSON.")] = None,
    out: Annotated[
        Path | None, typer.Option(metavar="BUNDLE", help="Where the bundle goes; default bundles/PROJECT-N.")
    ] = None,
    seed: Annotated[
        list[int] | None,
        typer.Option(metavar="N", help="The seed; repeat it for several runs, of which the best is kept."),
    ] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Go on with the training that was interrupted.")] = False,
    force: Annotated[
        bool, typer.Option("--force", help="Go on although the base model does not know the data's script.")
    ] = False,
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

    chosen = _recipe(recipe, base_model, method, seed)
    processes = int(os.environ.get("WORLD_SIZE", "1"))
    if processes > 1 and (snapshot is None or out is None):
        raise typer.BadParameter(f"{processes} processes share this training: give --snapshot and --out")
    if dry_run:
        _check_together(
            ("--dry-run", "--resume", resume), ("--dry-run", "--tune", tune is not None or tune_minutes is not None)
        )
        print_estimate(_estimate(folder, project, snapshot, recipe=chosen, out=out, force=force), as_json=as_json)
        return
    verb, more = _verb(chosen, tune, tune_minutes)
    with _training_progress() as report:
        options = {
            "resume": resume,
            "force": force,
            "on_progress": report,
            "on_warning": _warn,
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


def evaluate(
    bundle: BundleDir,
    folder: WorkspaceDir = Path(),
    project: ProjectName = "default",
    data: Data = None,
    format: Format = "auto",
    field: FieldName = None,
    column: Column = None,
    split: Split = "test",
    int8: Int8 = False,
    slices: Annotated[
        bool, typer.Option("--slices", help="Score parts of the data too, and the same texts with typos.")
    ] = False,
    out_of_scope: Annotated[
        Path | None,
        typer.Option("--out-of-scope", metavar="FILE", help="Texts that no label is right for: are they told apart?"),
    ] = None,
    as_json: Json = False,
    html: Html = None,
) -> None:
    """Score a bundle's predictions, with 95 % bootstrap intervals over groups.

    Example: goldleaf evaluate shop/bundles/default-1 -w shop --html report.html
    """
    from goldleaf import workspace
    from goldleaf.bundle import read_bundle

    examples, train = _examples(bundle, folder, project, data, format, field, column, split)
    outside = (
        () if out_of_scope is None else workspace.read_records(out_of_scope, read_bundle(bundle, verify=False).schema)
    )
    report = workspace.evaluate(bundle, examples, train=train, slices=slices, out_of_scope=outside, int8=int8)
    if html is not None:
        report.save_html(html)
    if as_json:
        to_stdout(report.data)
    else:
        _print(report.to_text())


def compare(
    first: Annotated[Path, typer.Argument(metavar="BUNDLE", help="A bundle's folder.")],
    second: Annotated[Path, typer.Argument(metavar="BUNDLE", help="The folder of the one to hold against it.")],
    folder: WorkspaceDir = Path(),
    project: ProjectName = "default",
    data: Data = None,
    format: Format = "auto",
    field: FieldName = None,
    column: Column = None,
    split: Split = "test",
    as_json: Json = False,
) -> None:
    """Say which of two bundles is better, by how much, how certain that is, and how many more test records would settle it.

    Example: goldleaf compare shop/bundles/default-1 shop/bundles/default-2 -w shop
    """
    from goldleaf import workspace
    from goldleaf.report import render_comparison

    examples, _ = _examples(first, folder, project, data, format, field, column, split)
    found = workspace.compare(first, second, examples)
    if as_json:
        to_stdout(found)
    else:
        _print(render_comparison(found["bundles"], found))


def _examples(
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
            dataset = workspace.take_snapshot(ws, project, warn=_warn)
        return dataset.split(split), dataset.train
    options = workspace.ReadOptions(
        field=field, column=int(column) if column and column.lstrip("-").isdigit() else column, warn=_warn
    )
    schema: Schema = read_bundle(bundle, verify=False).schema
    return workspace.read_examples(data, schema, format=format, options=options), None


def predict(
    bundle: BundleDir,
    path: Annotated[
        str, typer.Argument(metavar="INPUT", help="A file of records: JSONL, CSV, TSV, plain text, CoNLL, ...")
    ],
    output: Annotated[
        str | None, typer.Option("--output", "-o", metavar="OUTPUT", help="Write JSONL here; default standard output.")
    ] = None,
    format: Format = "auto",
    embeddings: Annotated[bool, typer.Option("--embeddings", help="Add the pooled vector of each text.")] = False,
    int8: Int8 = False,
    engine: Annotated[
        Engine,
        typer.Option(
            help="local: here. ray: many files (a folder, a glob, a URI) into a folder of parts, by a cluster."
        ),
    ] = "local",
    workers: Annotated[
        int | None, typer.Option(min=1, metavar="N", help="With ray: predictors at once; default one a CPU.")
    ] = None,
    address: Annotated[
        str | None, typer.Option(metavar="HOST:PORT", help="With ray: the cluster; default one on this machine.")
    ] = None,
    on_error: Annotated[
        OnError | None,
        typer.Option("--on-error", help="With ray: at a bad record, stop or leave it out; default stop."),
    ] = None,
    to: Annotated[
        Parts | None, typer.Option("--to", help="With ray: what the parts are; default as OUTPUT ends, else JSONL.")
    ] = None,
    shard_records: Annotated[
        int | None, typer.Option("--shard-records", min=1, metavar="N", help="With ray: records a part; default 8192.")
    ] = None,
) -> None:
    """Predict a file's records, in order, as JSONL with scores. Runs without torch, in constant memory.

    Example: goldleaf predict shop/bundles/default-1 new.jsonl -o predictions.jsonl

    Many files on a cluster, again and again until all is done: goldleaf predict BUNDLE s3://in/ -o s3://out/ --engine ray
    """
    from goldleaf import workspace

    bulk = {"workers": workers, "address": address, "on_error": on_error, "parts": to, "shard_records": shard_records}
    given = {name: value for name, value in bulk.items() if value is not None}
    if engine == "ray":
        if output is None:
            raise typer.BadParameter("--engine ray writes a folder; name it with --output")
        if int8:
            raise typer.BadParameter("--int8 goes with --engine local")
        _predict_bulk(bundle, path, output, format=format, embeddings=embeddings, **given)
        return
    if given:
        raise typer.BadParameter("--workers, --address, --on-error, --to and --shard-records go with --engine ray")
    target = Path(output) if output is not None else None
    with progress_of("predicting", "records") as report:
        count = workspace.predict_file(
            bundle, Path(path), target, format=format, embeddings=embeddings, int8=int8, on_progress=report
        )
    if target is not None:
        say(f"{count:,} predictions in {target}")


def _predict_bulk(bundle: Path, path: str, output: str, **options: Any) -> None:
    from goldleaf import workspace

    with progress_of("predicting", "records") as report:
        done = workspace.predict_bulk(bundle, path, output, on_progress=report, on_note=say, **options)
    left_out = f"; {done.skipped:,} records left out, see _errors in it" if done.skipped else ""
    say(f"{done.records:,} predictions in {done.parts:,} parts in {output}{left_out}")


def export_model(
    bundle: BundleDir,
    int8: Annotated[
        bool, typer.Option("--int8", help="Add a model with 8-bit weights, if what it loses on the dev split is small.")
    ] = False,
    folder: WorkspaceDir = Path(),
    project: ProjectName = "default",
    data: Data = None,
    format: Format = "auto",
    field: FieldName = None,
    column: Column = None,
    calibrate: Annotated[
        str | None,
        typer.Option(metavar="FILE_OR_SPLIT", help="Fix the ranges of what is rounded on these texts (static)."),
    ] = None,
    tolerance: Annotated[
        float,
        typer.Option(metavar="POINTS", help="How many points of a score may be lost; beyond, nothing is written."),
    ] = 0.3,
    as_json: Json = False,
) -> None:
    """Write a bundle's ONNX model again and check it, or with --int8 add one that is smaller and faster.

    Example: goldleaf export-model shop/bundles/default-1 --int8 -w shop
    """
    from goldleaf import workspace

    if not int8 and (calibrate is not None or data is not None):
        raise typer.BadParameter("--calibrate and --data go with --int8")
    if not int8:
        done = workspace.export_model(bundle)
        _print_exported(done, f"differs from torch by {done.about['largest_difference']:.1g} at most", as_json=as_json)
        return
    examples, _ = _examples(bundle, folder, project, data, format, field, column, "dev")
    texts = _calibration(calibrate, bundle, folder, project, format) if calibrate is not None else []
    done = workspace.quantize_model(bundle, examples, calibration=texts, tolerance=tolerance, on_step=say)
    lines = (
        f"{name}: {f['score']} {100 * f['before']:.2f} -> {100 * f['after']:.2f} ({100 * (f['after'] - f['before']):+.2f})"
        for name, f in done.about["fields"].items()
    )
    _print_exported(done, "\n".join(lines), as_json=as_json)


def _calibration(place: str, bundle: Path, folder: Path, project: str, format: str) -> list[Record]:
    """The records of a split, or of a file."""
    from goldleaf import workspace
    from goldleaf.bundle import read_bundle

    if place in ("train", "dev", "test"):
        with workspace.open_workspace(folder) as ws:
            return [e.record for e in workspace.take_snapshot(ws, project, warn=_warn).split(place)]
    return workspace.read_records(Path(place), read_bundle(bundle, verify=False).schema, format=format)


def _print_exported(done: Exported, text: str, *, as_json: bool) -> None:
    if as_json:
        to_stdout({"model": str(done.path), "bytes": done.size, **done.about})
    else:
        typer.echo(f"{text}\nmodel: {done.path}  ({done.size / 1e6:.1f} MB)")


def serve(
    bundles: Annotated[list[Path], typer.Argument(metavar="BUNDLE...", help="Folders of bundles.")],
    host: Annotated[
        str, typer.Option(help="The address to listen on; only this machine unless said otherwise.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="The port; 0 takes a free one.")] = 8000,
    api_keys: Annotated[
        Path | None,
        typer.Option("--api-keys", metavar="FILE", help="Ask for an API key: one of the lines of this file."),
    ] = None,
    queue: Annotated[int, typer.Option(metavar="N", help="Texts that may wait; beyond, the answer is 429.")] = 4096,
    int8: Int8 = False,
    max_text: Annotated[int, typer.Option("--max-text", metavar="N", help="Characters in a text.")] = 100_000,
    max_body: Annotated[int, typer.Option("--max-body", metavar="N", help="Bytes in a request.")] = 1_000_000,
    log_text: Annotated[bool, typer.Option("--log-text", help="Put the texts into the log.")] = False,
) -> None:
    """Answer with bundles over HTTP: single texts, batches and streams. A bundle that is replaced on disk is taken up while requests go on.

    Example: goldleaf serve shop/bundles/default-1 --port 8000
    """
    from goldleaf import workspace

    keys = workspace.read_keys(api_keys) if api_keys is not None else ()
    limits = {"queue": queue, "text": max_text, "body": max_body, "log_text": log_text, "int8": int8}
    workspace.serve(
        bundles, host=host, port=port, keys=keys, announce=lambda address: say(f"serving on {address}"), **limits
    )


def demo(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="A folder that does not exist yet.")] = Path(
        "demo-workspace"
    ),
) -> None:
    """Train intents and slots on the customer messages that come with Goldleaf, and show what came of it."""
    from goldleaf import workspace

    say(f"a new workspace in {folder}")
    with _training_progress() as report:
        done = workspace.run_demo(folder, on_step=say, on_progress=report)
    _print_trained(done.trained, as_json=False)
    for text, prediction in done.predictions:
        typer.echo(f"\n  {text}\n    {_one_line(text, prediction)}")
    typer.echo(f"\nThe report: {done.trained.folder / 'report.html'}")
    typer.echo(f"Next: goldleaf predict {done.trained.folder} messages.jsonl -o predictions.jsonl")


def _one_line(text: str, prediction: Prediction) -> str:
    intent = prediction.values["intent"]
    slots = ", ".join(f"{s.label}={text[s.start : s.end]!r}" for s in prediction.values["slots"])
    return f"{intent} ({prediction.scores['intent'][intent]:.2f})  {slots}"


def _recipe(path: Path | None, base_model: str | None, method: str | None, seeds: list[int] | None) -> Recipe | None:
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

        _print(render_tuning(trained.tuning))
    _print(trained.report.to_text())
    typer.echo(f"bundle: {trained.folder}  (trained in {trained.seconds:.0f} s, scored on {trained.split})")


def _print(renderable: Any) -> None:
    from rich.console import Console

    Console(width=None if sys.stdout.isatty() else 100).print(renderable)


def _warn(message: str) -> None:
    say(f"note: {message}")


@contextmanager
def _training_progress() -> Iterator[Callable[[Progress], None]]:
    """A live line on a terminal; else a plain line for each validation score, and every half minute between."""
    if sys.stderr.isatty():
        from rich.console import Console

        with Console(stderr=True).status("preparing") as status:

            def live(p: Progress) -> None:
                status.update(_progress_line(p))
                if p.note:
                    _warn(p.note)
                if p.score is not None:
                    say(_progress_line(p))

            yield live
        return
    last = 0.0

    def plain(p: Progress) -> None:
        nonlocal last
        if p.note:
            _warn(p.note)
        if p.score is not None or p.seconds - last > 30:
            last = p.seconds
            say(_progress_line(p))

    yield plain


def _progress_line(p: Progress) -> str:
    score = "" if p.score is None else f"  validation {100 * p.score:.2f}{' *' if p.best else ''}"
    speed = f"  {p.pieces_per_second:,.0f} pieces/s" if p.pieces_per_second else ""
    where = f"seed {p.seed}  epoch {p.epoch:.1f}  step {p.step}/{p.steps}"
    return f"{where}  loss {p.loss:.4f}  rate {p.rate:.1e}{speed}  {p.left:.0f} s left{score}"
