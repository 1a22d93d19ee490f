"""Commands that put a model to work: predict, export-model, serve."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from goldleaf.cli.options import (
    BundleDir,
    Column,
    Data,
    FieldName,
    Format,
    Int8,
    Json,
    ProjectName,
    WorkspaceDir,
    progress_of,
    read_split,
    say,
    to_stdout,
    warn,
)

if TYPE_CHECKING:
    from goldleaf.core import Record
    from goldleaf.workspace import Exported

Engine = Literal["local", "ray"]
OnError = Literal["stop", "skip"]
Parts = Literal["jsonl", "parquet"]


def register(app: typer.Typer) -> None:
    """Add these commands."""
    app.command("predict")(predict)
    app.command("export-model")(export_model)
    app.command("serve")(serve)


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
    distances: Annotated[
        bool,
        typer.Option("--distances", help="Add how far each text is from all that a choice was trained on."),
    ] = False,
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
        if distances:
            raise typer.BadParameter("--distances goes with --engine local")
        _predict_bulk(bundle, path, output, format=format, embeddings=embeddings, **given)
        return
    if given:
        raise typer.BadParameter("--workers, --address, --on-error, --to and --shard-records go with --engine ray")
    target = Path(output) if output is not None else None
    with progress_of("predicting", "records") as report:
        count = workspace.predict_file(
            bundle,
            Path(path),
            target,
            format=format,
            embeddings=embeddings,
            distances=distances,
            int8=int8,
            on_progress=report,
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
    examples, _ = read_split(bundle, folder, project, data, format, field, column, "dev")
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
            return [e.record for e in workspace.take_snapshot(ws, project, warn=warn).split(place)]
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
