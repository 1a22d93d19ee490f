"""What a database driver complains of, said in one message that the user can act on."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DatabaseError, IntegrityError, ProgrammingError

from goldleaf.core import GoldleafError, UnavailableError

_KNOWN = {
    "disk is full": ("the disk is full", "Make room and do it again; nothing was changed"),
    "readonly database": ("the database cannot be written", "Check who may write to the folder and the file"),
    "unable to open": ("the database cannot be opened", "Check that the folder exists and who may write to it"),
    "not a database": ("this is not a Goldleaf database, or it is damaged", "Put back a copy of it"),
    "malformed": ("the database is damaged", "Put back a copy of it"),
    "locked": ("another process is writing to the database", "Wait until it is done and do it again"),
    "disk i/o error": ("the database cannot be read or written", "Check the disk"),
}
_PASSING = ("disk is full", "locked")
"""Of those, what a later attempt may not meet."""


@contextmanager
def explained(where: str) -> Iterator[None]:
    """Turn the driver's errors that a user can act on into GoldleafError; mistakes of the program stay what they are."""
    try:
        yield
    except (IntegrityError, ProgrammingError, sqlite3.IntegrityError, sqlite3.ProgrammingError):
        raise
    except (DatabaseError, sqlite3.DatabaseError) as error:
        reason = str(error.orig if isinstance(error, DatabaseError) else error)
        for words, (message, todo) in _KNOWN.items():
            if words in reason.lower():
                kind = UnavailableError if words in _PASSING else GoldleafError
                raise kind(message, where=where, found=reason, todo=todo) from error
        raise
