"""Commands over a workspace's data: init, import, export, stats, snapshot."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from goldleaf.cli.options import Json, ProjectName, WorkspaceDir, progress_of, say, to_stdout
from goldleaf.core import Scheme, Split

Format = Literal["auto", "jsonl", "csv", "tsv", "txt", "conll", "intent-slot", "labels"]
Template = Literal["ner", "classification", "intent-slots", "tags"]
Segment = Literal["auto", "words", "nltk", "jieba", "chars", "whitespace"]

SegmentOption = Annotated[
    Segment | None,
    typer.Option(
        help="How text without tokens is cut into them: auto (by script), words, nltk, jieba, chars, whitespace.",
        show_default=False,
    ),
]

SeparatorOption = Annotated[
    str | None,
    typer.Option(
        metavar="CHAR", help="What stands between columns, where it is not the format's usual.", show_default=False
    ),
]


def register(app: typer.Typer) -> None:
    """Add these commands to the app."""
    app.command("init")(init)
    app.command("import")(import_)
    app.command("export")(export)
    app.command("stats")(stats)
    app.command("snapshot")(snapshot)


def init(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="The workspace's folder; made if need be.")],
    template: Annotated[
        Template | None,
        typer.Option(
            help="ner (spans: entities), classification (choice: label), intent-slots (choice: intent, spans: slots), "
            "tags (tags: tags).",
        ),
    ] = None,
    schema: Annotated[
        Path | None, typer.Option(metavar="FILE", help="A schema of your own, as JSON or TOML, in place of a template.")
    ] = None,
    labels: Annotated[
        list[str] | None,
        typer.Option(
            metavar="[FIELD=]A,B,..",
            help="The labels of the first field, or of FIELD; may be repeated. A field without labels takes those of the "
            "first import.",
        ),
    ] = None,
    project: ProjectName = "default",
) -> None:
    """Make a workspace: a folder with a database and one project.

    The project asks what its schema says: take a --template, or write a --schema. In a folder that is a workspace already,
    --project NAME adds another project to it.

    Examples: goldleaf init shop --template intent-slots; goldleaf init news --template ner --labels PER,LOC,ORG
    """
    from goldleaf import workspace

    if (template is None) == (schema is None):
        raise typer.BadParameter("give either --template or --schema")
    first = project != "default" and workspace.is_workspace(folder)
    chosen = workspace.choose_schema(template, workspace.read_schema(schema) if schema else None)
    given = _labels(labels or [], chosen.fields[0].name)
    if first:
        with workspace.open_workspace(folder) as ws:
            workspace.create_project(ws, project, schema=chosen, labels=given)
    else:
        workspace.init_workspace(folder, schema=chosen, labels=given, project=project).close()
    fields = ", ".join(f"{field.name} ({field.kind})" for field in chosen.fields)
    say(f"workspace {folder}, project {project}: {fields}")


def import_(
    paths: Annotated[list[Path], typer.Argument(metavar="PATH...", help="Files, or intent/slot folders.")],
    workspace_dir: WorkspaceDir = Path(),
    project: ProjectName = "default",
    format: Annotated[Format, typer.Option(help="The files' format; auto tells it from name and content.")] = "auto",
    field: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="The field the labels are for, where the file does not name it."),
    ] = None,
    as_: Annotated[
        Literal["gold", "annotations", "suggestions"],
        typer.Option(
            "--as",
            help="What the labels are: gold, an annotator's annotations, or suggestions.",
        ),
    ] = "gold",
    annotator: Annotated[
        str | None, typer.Option(metavar="NAME", help="Who annotated, where the file does not name them.")
    ] = None,
    split: Annotated[Split | None, typer.Option(help="Put all the records into this split.")] = None,
    on_error: Annotated[
        Literal["stop", "skip"],
        typer.Option(
            help="stop: one bad record and nothing is imported; skip: leave bad records out and count them.",
        ),
    ] = "stop",
    add_labels: Annotated[
        bool, typer.Option("--add-labels", help="Add labels that the schema does not know, as a new version of it.")
    ] = False,
    column: Annotated[
        str | None,
        typer.Option(metavar="N|NAME", help="The column with the labels, by number (from 1, -1 is the last) or name."),
    ] = None,
    columns: Annotated[
        str | None, typer.Option(metavar="A,B,..", help="Names for the columns of a CoNLL file, in order.")
    ] = None,
    text_column: Annotated[
        str | None, typer.Option(metavar="N|NAME", help="The column with the text or the tokens, by number or name.")
    ] = None,
    scheme: Annotated[
        Scheme | None,
        typer.Option(help="The scheme of the tags; told from the tags if not given."),
    ] = None,
    segment: SegmentOption = None,
    separator: SeparatorOption = None,
    quotes: Annotated[
        bool, typer.Option("--quotes/--no-quotes", help="Whether quotation marks in CSV and TSV enclose cells.")
    ] = True,
    encoding: Annotated[str, typer.Option(metavar="NAME", help="The files' character encoding.")] = "utf-8",
    json: Json = False,
) -> None:
    """Import files of records and labels: all or nothing, and the same file again adds nothing.

    Every value is checked against the schema; what does not fit is named by file and line. Interrupted, or with an error, the
    import leaves the workspace as it was. Records without an id are known by their content and their source, so a file may hold
    one sentence twice and both are kept, in order.

    Examples: goldleaf import -w shop messages.jsonl; goldleaf import -w news train.txt --format conll --split train
    """
    from goldleaf import workspace

    options = workspace.ReadOptions(
        field=field,
        column=_number(column),
        text_column=_number(text_column),
        separator=separator,
        quotes=quotes,
        columns=tuple(name.strip() for name in columns.split(",")) if columns else (),
        scheme=scheme,
        encoding=encoding,
        segment=segment,
        annotator=annotator,
    )
    with workspace.open_workspace(workspace_dir) as ws, progress_of("importing", "records") as progress:
        results = workspace.import_files(
            ws,
            paths,
            project=project,
            format=format,
            as_=as_,
            annotator=annotator,
            split=split,
            on_error=on_error,
            add_labels=add_labels,
            options=options,
            progress=progress,
        )
    if json:
        to_stdout({"files": [asdict(result) for result in results]})
        return
    for result in results:
        _say_result(result)


def export(
    path: Annotated[Path, typer.Argument(metavar="PATH", help="The file to write.")],
    format: Annotated[Format, typer.Option(help="The file's format; auto tells it from the name.")] = "auto",
    workspace_dir: WorkspaceDir = Path(),
    project: ProjectName = "default",
    what: Annotated[
        Literal["gold", "annotations"],
        typer.Option(
            help="gold: one resolved value a field; annotations: what each annotator said.",
        ),
    ] = "gold",
    field: Annotated[str | None, typer.Option(metavar="F", help="Write this field alone.")] = None,
    split: Annotated[Split | None, typer.Option(metavar="S", help="Write this split alone.")] = None,
    scheme: Annotated[Scheme, typer.Option(help="The scheme that spans are written in as tags.")] = "IOB2",
    segment: SegmentOption = None,
    separator: SeparatorOption = None,
) -> None:
    """Write a project's records, in the order of import, with their gold or their annotations.

    The file is written beside its place and renamed when it is whole.

    Example: goldleaf export -w news test.conll --format conll --split test --scheme BIOES
    """
    from goldleaf import workspace

    with workspace.open_workspace(workspace_dir) as ws:
        count = workspace.export_file(
            ws,
            path,
            project=project,
            format=format,
            what=what,
            field=field,
            split=split,
            scheme=scheme,
            segment=segment,
            separator=separator,
            warn=lambda text: say(f"warning: {text}"),
        )
    say(f"{path}: {count} records written")


def stats(workspace_dir: WorkspaceDir = Path(), project: ProjectName = "default", json: Json = False) -> None:
    """Show what a project holds: counts, label balance, lengths, scripts, duplicates, leakage between splits."""
    from goldleaf import workspace

    with workspace.open_workspace(workspace_dir) as ws:
        found = workspace.stats(ws, project)
    if json:
        to_stdout(found)
        return
    from goldleaf.cli.tables import print_stats

    print_stats(found)


def snapshot(
    workspace_dir: WorkspaceDir = Path(),
    project: ProjectName = "default",
    out: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Where to write it, in place of snapshots/HASH.")
    ] = None,
    seed: Annotated[int, typer.Option(help="The seed that missing splits are drawn with.")] = 0,
    dev: Annotated[float, typer.Option(help="The share of records that the dev split is drawn towards.")] = 0.1,
    test: Annotated[float, typer.Option(help="The share of records that the test split is drawn towards.")] = 0.1,
    json: Json = False,
) -> None:
    """Freeze the project's gold into a folder that training reads: Parquet, schema and manifest, named by its content.

    Records without a split get one and keep it: stratified by labels, with whole groups and near-duplicates on one side. Splits
    that were imported stay as they are, and what leaks between them is reported. The folder is printed on standard output.
    """
    from goldleaf import workspace

    with workspace.open_workspace(workspace_dir) as ws:
        dataset = workspace.take_snapshot(
            ws, project, out=out, seed=seed, dev=dev, test=test, warn=lambda text: say(f"warning: {text}")
        )
        folder = out or workspace.snapshot_folder(ws, dataset)
    if json:
        to_stdout({"folder": str(folder), "hash": dataset.hash, "manifest": dataset.manifest})
        return
    say(f"train {len(dataset.train)}, dev {len(dataset.dev)}, test {len(dataset.test)} records")
    typer.echo(str(folder))


def _labels(given: list[str], first: str) -> dict[str, list[str]]:
    """`["A,B", "slots=C"]` as labels per field; without a field's name they are the first field's."""
    found: dict[str, list[str]] = {}
    for text in given:
        name, equals, rest = text.partition("=")
        field, listed = (name.strip(), rest) if equals else (first, text)
        found.setdefault(field, []).extend(label.strip() for label in listed.split(",") if label.strip())
    return found


def _number(column: str | None) -> str | int | None:
    return int(column) if column is not None and column.removeprefix("-").isdecimal() else column


def _say_result(result: Any) -> None:
    unit = "annotations" if result.format == "labels" else "records"
    parts = [f"{result.read} {unit} read", f"{result.added} added"]
    counts = (
        (result.known, "known already"),
        (result.gold_added, "gold values added"),
        (result.gold_changed, "gold values changed"),
        (result.annotations_added, "annotations"),
        (result.suggestions_added, "suggestions"),
        (result.skipped, "skipped"),
    )
    parts += [f"{count} {words}" for count, words in counts if count]
    say(f"{result.path} ({result.format}): {', '.join(parts)}")
    for field, labels in result.labels_added.items():
        shown = ", ".join(labels[:20]) + (f", ... ({len(labels)} in all)" if len(labels) > 20 else "")
        say(f"  schema version {result.schema_version}: field {field} has new labels {shown}")
    for text in result.skipped_first:
        say(f"  skipped: {text}")
    if result.skipped > len(result.skipped_first):
        say(f"  ... and {result.skipped - len(result.skipped_first)} more")
    for text in result.warnings:
        say(f"  warning: {text}")
