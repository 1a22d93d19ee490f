"""What a project's owner may set of how its records are annotated."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from typing import Any, Literal, get_args

from goldleaf.core import InputError, brief

Order = Literal["file", "random", "priority"]
ORDERS: tuple[Order, ...] = get_args(Order)
MOST_OVERLAP = 100
LEASE_SECONDS = (10, 24 * 3600)


@dataclass(frozen=True, slots=True)
class ProjectSettings:
    """How a project is annotated.

    =============  =================================================================================================
    overlap        to how many annotators each record goes
    order          `file` (as imported), `random` (by the seed), or `priority` (as a selection has written it)
    lease_seconds  how long a record is kept for the person who was given it, unless renewed
    control_share  the share of records that are shown without suggestions, to compare with
    check_rate     the share of handed out records that are check questions: records whose gold is known
    suggestions    whether suggestions are shown at all
    snap           whether a selection snaps to words
    blind          whether annotators are kept from seeing others' answers
    seed           of the order, the control share and the check questions
    =============  =================================================================================================
    """

    overlap: int = 1
    order: Order = "file"
    lease_seconds: int = 120
    control_share: float = 0.1
    check_rate: float = 0.0
    suggestions: bool = True
    snap: bool = True
    blind: bool = True
    seed: int = 0

    def __post_init__(self) -> None:
        _whole("overlap", self.overlap, 1, MOST_OVERLAP)
        _whole("lease_seconds", self.lease_seconds, *LEASE_SECONDS)
        _whole("seed", self.seed, 0, 2**31 - 1)
        _share("control_share", self.control_share)
        _share("check_rate", self.check_rate)
        if self.order not in ORDERS:
            raise InputError("unknown order", where="order", found=brief(self.order), expected=" or ".join(ORDERS))
        for name in ("suggestions", "snap", "blind"):
            if not isinstance(getattr(self, name), bool):
                found = brief(getattr(self, name))
                raise InputError("this setting is on or off", where=name, found=found, expected="true or false")


def settings_from_dict(data: Mapping[str, Any] | None) -> ProjectSettings:
    """The settings as stored; the defaults where nothing is."""
    return change_settings(ProjectSettings(), data or {})


def settings_to_dict(settings: ProjectSettings) -> dict[str, Any]:
    """The settings as JSON-ready data."""
    return asdict(settings)


def change_settings(settings: ProjectSettings, changes: Mapping[str, Any]) -> ProjectSettings:
    """The settings with these changed. Raises InputError for one that there is not, or a value it cannot have."""
    known = [field.name for field in fields(ProjectSettings)]
    if extra := sorted(set(changes) - set(known)):
        raise InputError("unknown setting", found=", ".join(map(brief, extra)), expected=", ".join(known))
    return replace(settings, **changes)


def _whole(name: str, value: object, least: int, most: int) -> None:
    if type(value) is not int or not least <= value <= most:
        expected = f"a whole number from {least} to {most}"
        raise InputError("this setting is a whole number", where=name, found=brief(value), expected=expected)


def _share(name: str, value: object) -> None:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
        raise InputError("this setting is a share", where=name, found=brief(value), expected="a number from 0 to 1")
