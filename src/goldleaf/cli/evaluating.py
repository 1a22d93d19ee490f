"""Commands that measure a model: evaluate, compare."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

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
    Split,
    WorkspaceDir,
    read_split,
    show,
    to_stdout,
)

Html = Annotated[
    Path | None, typer.Option("--html", metavar="FILE", help="Write the report as one self-contained page.")
]


def register(app: typer.Typer) -> None:
    """Add these commands."""
    app.command("evaluate")(evaluate)
    app.command("compare")(compare)


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

    examples, train = read_split(bundle, folder, project, data, format, field, column, split)
    outside = (
        () if out_of_scope is None else workspace.read_records(out_of_scope, read_bundle(bundle, verify=False).schema)
    )
    report = workspace.evaluate(bundle, examples, train=train, slices=slices, out_of_scope=outside, int8=int8)
    if html is not None:
        report.save_html(html)
    if as_json:
        to_stdout(report.data)
    else:
        show(report.to_text())


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

    examples, _ = read_split(first, folder, project, data, format, field, column, split)
    found = workspace.compare(first, second, examples)
    if as_json:
        to_stdout(found)
    else:
        show(render_comparison(found["bundles"], found))
