"""Drafts: what a person has said of a record and not yet submitted. Kept as it is; only a submission is checked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import Connection, bindparam, delete, select
from sqlalchemy.dialects.sqlite import insert

from goldleaf.store.prepared import Prepared
from goldleaf.store.tables import drafts


@dataclass(frozen=True, slots=True)
class Draft:
    """A draft: the values so far, what of the suggestions is neither accepted nor dismissed (None: not said), and the seconds spent."""

    values: Mapping[str, Any]
    pending: Mapping[str, Any] | None = None
    seconds: float | None = None


_insert = insert(drafts)
_PUT = _insert.on_conflict_do_update(
    index_elements=["record_pk", "annotator"],
    set_={"values": _insert.excluded["values"], "at": _insert.excluded["at"]},
)
_DROP = Prepared(delete(drafts).where(drafts.c.record_pk == bindparam("pk"), drafts.c.annotator == bindparam("who")))
_OF = select(drafts.c.record_pk, drafts.c["values"]).where(
    drafts.c.annotator == bindparam("who"), drafts.c.record_pk.in_(bindparam("pks", expanding=True))
)


def put_draft(c: Connection, record: int, annotator: str, draft: Draft, at: str) -> None:
    """Keep a person's draft of a record in place of the one before."""
    c.execute(_PUT, {"record_pk": record, "annotator": annotator, "values": asdict(draft), "at": at})


def drop_draft(c: Connection, record: int, annotator: str) -> None:
    """Forget a person's draft of a record, if there is one."""
    _DROP(c, {"pk": record, "who": annotator})


def drafts_of(c: Connection, records: Sequence[int], annotator: str) -> dict[int, Draft]:
    """A person's drafts of these records, by the record's key."""
    return {pk: _draft(kept) for pk, kept in c.execute(_OF, {"pks": list(records), "who": annotator})}


def _draft(kept: Any) -> Draft:
    """A draft as stored. Older ones are their values alone, of which none is a mapping."""
    return Draft(**kept) if isinstance(kept.get("values"), dict) else Draft(kept)
