"""Commands over a workspace's data: init, import, export, stats, snapshot."""

from __future__ import annotations

import typer


def register(app: typer.Typer) -> None:
    """Add these commands to the app."""
