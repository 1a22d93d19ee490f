"""What a training costs, and how a search goes, on the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from goldleaf.cli.options import say, to_stdout

if TYPE_CHECKING:
    from rich.table import Table

    from goldleaf.train import Estimate, Trial

_PHASES = {
    "prepare": "prepare the data",
    "load": "load the base model",
    "first_use": "first steps of each shape",
    "steps": "training steps",
    "validation": "validation",
    "checkpoints": "checkpoints",
    "export": "calibrate, write, check the ONNX model",
    "evaluation": "evaluate on the test split",
}


def print_estimate(found: Estimate, *, as_json: bool) -> None:
    """What a training would cost: a small table, or one JSON object."""
    if as_json:
        to_stdout(found.to_dict())
        return
    from rich.console import Console

    for warning in found.warnings:
        say(f"note: {warning}")
    Console(width=100, highlight=False).print(_table(found))
    if found.earliest < found.seconds:
        typer.echo(
            f"Patience may end it earlier, but not before {duration(found.earliest)}: the times above are the most it takes."
        )
    typer.echo("Nothing was trained and nothing written.")


def _table(found: Estimate) -> Table:
    from rich.table import Table

    counts, recipe = found.counts, found.recipe
    seeds = "" if counts.seeds == 1 else f", {counts.seeds} seeds"
    table = Table(box=None, pad_edge=False, show_header=False)
    table.add_column()
    table.add_column(justify="right")
    table.add_column()
    rows = [
        (
            "training records",
            f"{counts.records['train']:,}",
            f"{counts.word_pieces:,} word-pieces, {counts.windows:,} windows",
        ),
        ("parameters", f"{counts.parameters:,}", f"{recipe.base_model}, {recipe.precision}"),
        (
            "steps",
            f"{counts.steps:,}",
            f"{counts.epochs} epochs{seeds}, at most {recipe.batch_tokens} word-pieces a step",
        ),
        ("", "", ""),
        *((_PHASES[name], duration(seconds), "") for name, seconds in found.phases.items()),
        ("time", duration(found.seconds), "at most"),
        (
            "memory",
            f"{found.peak_memory / 1e9:.2f} GB",
            f"at its peak; {found.training_memory / 1e9:.2f} GB while it learns",
        ),
    ]
    for row in rows:
        table.add_row(*row)
    return table


def duration(seconds: float) -> str:
    """Seconds as they are said.

    >>> duration(8.23), duration(75), duration(3 * 3600 + 125)
    ('8.2 s', '1 min 15 s', '3 h 02 min')
    """
    if seconds < 10:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02d} s"
    return f"{whole // 3600} h {whole % 3600 // 60:02d} min"


def trial_line(trial: Trial) -> str:
    """How a trial of a search ended."""
    score = "no score" if trial.score is None else f"validation {100 * trial.score:.2f}"
    ended = "" if trial.state == "complete" else f", {trial.state}: {trial.note}"
    return f"trial {trial.number}: {score} in {duration(trial.seconds)}{ended}"
