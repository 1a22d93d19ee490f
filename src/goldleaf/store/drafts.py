"""Drafts: what a person has typed of a record and not yet submitted. Kept as it is; only a submission is checked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, bindparam, delete, select
from sqlalchemy.dialects.sqlite import insert

from goldleaf.store.prepared import Prepared
from goldleaf.store.tables import drafts

_insert = insert(drafts)
_PUT = _insert.on_conflict_do_update(
    index_elements=["record_pk", "annotator"],
    set_={"values": _insert.excluded["values"], "at": _insert.excluded["at"]},
)
_DROP = Prepared(delete(drafts).where(drafts.c.record_pk == bindparam("pk"), drafts.c.annotator == bindparam("who")))
_OF = select(drafts.c.record_pk, drafts.c["values"]).where(
    drafts.c.annotator == bindparam("who"), drafts.c.record_pk.in_(bindparam("pks", expanding=True))
)


def put_draft(c: Connection, record: int, annotator: str, values: Any, at: str) -> None:
    """Keep a person's draft of a record in place of the one before."""
    c.execute(_PUT, {"record_pk": record, "annotator": annotator, "values": values, "at": at})


def drop_draft(c: Connection, record: int, annotator: str) -> None:
    """Forget a person's draft of a record, if there is one."""
    _DROP(c, {"pk": record, "who": annotator})


def drafts_of(c: Connection, records: Sequence[int], annotator: str) -> dict[int, Any]:
    """A person's drafts of these records, by the record's key."""
    return {pk: values for pk, values in c.execute(_OF, {"pks": list(records), "who": annotator})}  # noqa: C416
