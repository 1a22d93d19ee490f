"""Labels of a project renamed, merged or removed: what was said under them follows, and keeps what it was."""

from __future__ import annotations

from collections.abc import Mapping

from goldleaf.annotate import Annotated, rank_again, settings_from_dict
from goldleaf.core import InputError, Schema, brief, remove_labels
from goldleaf.store import Connection, Relabelled, add_schema, get_project, relabel
from goldleaf.store.queue import get_settings


def change_labels(
    c: Connection, project: str, field: str, mapping: Mapping[str, str | None]
) -> tuple[Schema, Relabelled]:
    """Rename labels of a field (to a new name), merge them (into another label) or remove them (None): the schema in its next version, and
    how much was changed. Annotations, decisions, gold, suggestions and drafts follow in this transaction; what annotations and decisions
    said before is kept.

    Raises InputError for a label that there is not, for one that cannot be, and where answers need another label in its place.
    """
    key, found = get_project(c, project)
    mapping = {old: new for old, new in mapping.items() if old != new}
    if not mapping:
        return found.schema, Relabelled()
    schema, mapping = remove_labels(found.schema, field, mapping)
    if not schema[field].labels:
        raise InputError("a field cannot be without labels", where=f"field {field}", found=brief(next(iter(mapping))))
    add_schema(c, key, schema, {field: mapping})
    done = relabel(c, key, schema[field], mapping, schema.version)
    rank_again(c, Annotated(key, project, schema, settings_from_dict(get_settings(c, key))), sorted(done.records))
    return schema, done
