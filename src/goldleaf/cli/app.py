"""The `goldleaf` command: its groups of commands, and what an error looks like to the one who typed it."""

from __future__ import annotations

import importlib
import sys
from typing import Annotated

import typer

from goldleaf import __version__
from goldleaf.core import GoldleafError

app = typer.Typer(
    name="goldleaf",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Label less, know why, ship a small model: from raw text to a trained, evaluated, packaged small model.",
)


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"goldleaf {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and stop.")
    ] = False,
) -> None:
    pass


for _module in ("data", "annotating", "training", "evaluating", "predicting", "quality"):
    importlib.import_module(f"goldleaf.cli.{_module}").register(app)


def main() -> None:
    """Run the command line and exit: 0 done, 1 the work failed, 2 wrong usage, 130 interrupted."""
    try:
        app(prog_name="goldleaf")
    except GoldleafError as error:
        typer.echo(f"error: {error}", err=True)
        sys.exit(1)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(1)
    except OSError as error:  # a full disk, a folder that may not be written: of the machine, not of the program
        place = f"{error.filename}: " if error.filename else ""
        typer.echo(f"error: {place}{error.strerror or error}", err=True)
        sys.exit(1)
    except KeyboardInterrupt:
        typer.echo("interrupted", err=True)
        sys.exit(130)
