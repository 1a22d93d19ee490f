"""The places of a record: to how many people it goes, how many are held, and what an answer does to them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

State = Literal["leased", "returned", "submitted", "skipped", "flagged", "surplus"]
"""What became of a record that somebody was given. `returned`: the lease ended without an answer."""
Said = Literal["submitted", "skipped", "flagged"]
"""What an answer asks to be; a late one may become `surplus`."""
HOLDING: frozenset[State] = frozenset({"leased", "submitted", "flagged"})
"""The states that hold a place."""
ANSWERED: frozenset[State] = frozenset({"submitted", "flagged"})


@dataclass(frozen=True, slots=True)
class Places:
    """A record's places. `held` of them are leased or answered; a `closed` record is asked of nobody else, for its gold says it all."""

    places: int
    held: int = 0
    answered: int = 0
    closed: bool = False

    @property
    def free(self) -> int:
        """How many more people may be given the record."""
        return 0 if self.closed else max(0, self.places - self.held)

    @property
    def done(self) -> bool:
        """Whether nobody's answer is wanted any more."""
        return self.closed or self.answered >= self.places


def move(places: Places, before: State | None, after: State | None) -> Places:
    """The places once somebody's assignment has gone from one state to another (None: no assignment)."""
    return replace(
        places,
        held=places.held + (after in HOLDING) - (before in HOLDING),
        answered=places.answered + (after in ANSWERED) - (before in ANSWERED),
    )


def outcome(places: Places, before: State | None, said: Said) -> State:
    """What an answer counts as: what it says, unless it would take a place and none is left for it.

    >>> outcome(Places(1, held=1), "leased", "submitted")
    'submitted'
    >>> outcome(Places(1, held=1), "returned", "submitted")
    'surplus'
    """
    if said == "skipped" or before in HOLDING or places.free:
        return said
    return "surplus"
