"""The only SQL: tables, migrations, one query module per noun. Functions take a connection, from `store.read()` or `store.write()`."""

from sqlalchemy import Connection

from goldleaf.store.annotations import active, add_annotations, annotations_of, count_annotations, next_annotation_id
from goldleaf.store.browse import (
    Filter,
    Row,
    annotation_rows,
    annotators_in,
    browse,
    count_records,
    count_settled,
    decisions_of,
    leases_on,
)
from goldleaf.store.dashboard import dashboard
from goldleaf.store.db import Store, now, open_store
from goldleaf.store.doubts import Doubt, count_doubts, doubts_of, drop_doubts, put_doubts, strongest_doubts
from goldleaf.store.gold import drop_gold, gold_of, put_gold
from goldleaf.store.guidelines import LabelNote, get_guidelines, get_notes, put_guidelines, put_notes
from goldleaf.store.people import ROLES, ApiToken, Role, User
from goldleaf.store.projects import add_project, add_schema, get_project, get_schema, label_maps, list_projects
from goldleaf.store.records import (
    SplitOrigin,
    StoredRecord,
    add_records,
    find_by_hashes,
    find_by_ids,
    find_by_keys,
    given_splits,
    next_key,
    pages,
    set_splits,
)
from goldleaf.store.relabel import Relabelled, earlier_values_of, relabel
from goldleaf.store.sources import count_sources, remember_source
from goldleaf.store.staging import Staging, staging
from goldleaf.store.suggestions import Suggestion, count_suggestions, put_suggestions, suggestions_of
from goldleaf.store.versions import data_version

__all__ = [
    "ROLES",
    "ApiToken",
    "Connection",
    "Doubt",
    "Filter",
    "LabelNote",
    "Relabelled",
    "Role",
    "Row",
    "SplitOrigin",
    "Staging",
    "Store",
    "StoredRecord",
    "Suggestion",
    "User",
    "active",
    "add_annotations",
    "add_project",
    "add_records",
    "add_schema",
    "annotation_rows",
    "annotations_of",
    "annotators_in",
    "browse",
    "count_annotations",
    "count_doubts",
    "count_records",
    "count_settled",
    "count_sources",
    "count_suggestions",
    "dashboard",
    "data_version",
    "decisions_of",
    "doubts_of",
    "drop_doubts",
    "drop_gold",
    "earlier_values_of",
    "find_by_hashes",
    "find_by_ids",
    "find_by_keys",
    "get_guidelines",
    "get_notes",
    "get_project",
    "get_schema",
    "given_splits",
    "gold_of",
    "label_maps",
    "leases_on",
    "list_projects",
    "next_annotation_id",
    "next_key",
    "now",
    "open_store",
    "pages",
    "put_doubts",
    "put_gold",
    "put_guidelines",
    "put_notes",
    "put_suggestions",
    "relabel",
    "remember_source",
    "set_splits",
    "staging",
    "strongest_doubts",
    "suggestions_of",
]
