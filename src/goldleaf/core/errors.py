"""What went wrong, where, what was expected, and what to do about it."""

from __future__ import annotations


class GoldleafError(Exception):
    """A failure that the user can act on. Its text is one message, shown as it is, without a traceback.

    `where` names the place (file:line, record, field), `found` and `expected` the two sides, `todo` the way out.
    """

    def __init__(
        self,
        message: str,
        *,
        where: str | None = None,
        found: str | None = None,
        expected: str | None = None,
        todo: str | None = None,
    ) -> None:
        self.message, self.where, self.found, self.expected, self.todo = message, where, found, expected, todo
        super().__init__(message)

    def __str__(self) -> str:
        text = f"{self.where}: {self.message}" if self.where else self.message
        if self.found is not None:
            text += f"; found {self.found}"
        if self.expected is not None:
            text += f"; expected {self.expected}"
        return f"{text}. {self.todo}" if self.todo else text

    def at(self, where: str) -> GoldleafError:
        """The same error, of the same class, with its place put in front of the place it already names."""
        place = f"{where}, {self.where}" if self.where else where
        return type(self)(self.message, where=place, found=self.found, expected=self.expected, todo=self.todo)


class InputError(GoldleafError):
    """A file, a value or an option that does not say what it should."""


class NotFoundError(InputError):
    """What was asked for is not there, or is not for the one who asks."""


class ConflictError(InputError):
    """What was asked for does not go with what is there by now."""


class UnavailableError(GoldleafError):
    """Nothing was changed, and the same may work later: the disk is full, another process is writing."""


class MissingExtraError(GoldleafError):
    """An optional dependency is not installed; the message names the extra that brings it."""


def brief(value: object, limit: int = 80) -> str:
    """`repr(value)`, cut to `limit` characters, for error messages."""
    text = repr(value[: limit + 1] if isinstance(value, str) else value)
    return text if len(text) <= limit else f"{text[: limit - 1]}…"
