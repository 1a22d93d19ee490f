"""The command line: parse, call a verb, print. Exit status 0 done, 1 the work failed (one clear message), 2 wrong usage."""

from goldleaf.cli.app import app, main

__all__ = ["app", "main"]
