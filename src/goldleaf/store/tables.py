"""The tables, as they stand after the last migration. Everything else in this room reads and writes them."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    Boolean,
    CheckConstraint,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    text,
)

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)

projects = Table(
    "projects",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", Text, nullable=False, unique=True),
    Column("guidelines", Text, nullable=False, server_default=""),
    Column("created_at", Text, nullable=False),
    Column("settings", JSON(none_as_null=True)),  # of the annotation app, where they are not the defaults
)

schemas = Table(
    "schemas",
    metadata,
    Column("project_id", ForeignKey("projects.id", ondelete="CASCADE"), primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("fields", JSON, nullable=False),
    Column(
        "label_map", JSON(none_as_null=True)
    ),  # {field: {old: new or null}} where this version renamed or removed labels
    Column("created_at", Text, nullable=False),
)

sources = Table(
    "sources",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("project_id", ForeignKey("projects.id", ondelete="CASCADE"), nullable=False),
)

# One row for each path and content under which a source has been seen: a file that moved or was edited is still that source.
source_versions = Table(
    "source_versions",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("source_id", ForeignKey("sources.id", ondelete="CASCADE"), nullable=False),
    Column("path", Text, nullable=False),
    Column("digest", Text, nullable=False),
    Column("format", Text, nullable=False),
    Column("imported_at", Text, nullable=False),
    UniqueConstraint("source_id", "path", "digest"),
    Index(None, "digest"),
    Index(None, "path"),
)

records = Table(
    "records",
    metadata,
    Column("pk", Integer, primary_key=True),  # ascending in the order of import
    Column("project_id", ForeignKey("projects.id", ondelete="CASCADE"), nullable=False),
    Column("id", Text, nullable=False),
    Column("content_hash", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("tokens", JSON(none_as_null=True)),
    Column("meta", JSON, nullable=False),
    Column("group", Text),
    Column("timestamp", Text),
    Column("split", Text),
    Column("split_origin", Text),  # given, drawn, or twin (it followed a near-duplicate or its group)
    Column("source_id", ForeignKey("sources.id"), nullable=False),
    Column("occurrence", Integer),  # the k-th of this content in its source; null where the id was given
    Column("place", Text, nullable=False),  # file:line it was read from
    Column("added_at", Text, nullable=False),
    UniqueConstraint("project_id", "id"),
    UniqueConstraint("source_id", "content_hash", "occurrence"),
    CheckConstraint("split IN ('train', 'dev', 'test')", name="split"),
    CheckConstraint("split_origin IN ('given', 'drawn', 'twin')", name="split_origin"),
    Index(None, "project_id", "content_hash"),
)

annotations = Table(
    "annotations",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("record_pk", ForeignKey("records.pk", ondelete="CASCADE"), nullable=False),
    Column("annotator", Text, nullable=False),
    Column("values", JSON, nullable=False),
    Column("at", Text, nullable=False),
    Column("seconds", Float),
    Column("status", Text, nullable=False),
    Column("origin", Text, nullable=False),
    Column("suggested", JSON, nullable=False),
    Column("schema_version", Integer, nullable=False),
    Column("supersedes", ForeignKey("annotations.id")),
    Column("client_id", Text),  # made by the browser: the same answer sent twice is one annotation
    Column("comment", Text),
    Column("reason", Text),  # why it was skipped
    Column("check", Boolean, nullable=False, server_default=text("0")),  # the answer to a check question
    Column("control", Boolean, nullable=False, server_default=text("0")),  # of the share that is shown no suggestions
    Column("suggester", Text),  # whose suggestions were shown
    CheckConstraint("status IN ('submitted', 'skipped', 'flagged', 'surplus')", name="status"),
    CheckConstraint("origin IN ('human', 'model', 'rule', 'llm', 'import')", name="origin"),
    Index(None, "record_pk", "annotator"),
    Index(None, "supersedes"),
    Index(None, "annotator", "id"),
    Index(None, "client_id", unique=True),
)

# One row for each method that has spoken of a record's field; the one that beats the others counts.
gold = Table(
    "gold",
    metadata,
    Column("record_pk", ForeignKey("records.pk", ondelete="CASCADE"), primary_key=True),
    Column("field", Text, primary_key=True),
    Column("method", Text, primary_key=True),
    Column("value", JSON, nullable=False),
    Column("confidence", Float, nullable=False),
    Column("annotations", JSON, nullable=False),
    Column("probabilities", JSON, nullable=False, server_default="{}"),  # of a choice's labels
    Column("at", Text, nullable=False),
    CheckConstraint("method IN ('adjudicated', 'imported', 'aggregated', 'majority', 'single')", name="method"),
)

suggestions = Table(
    "suggestions",
    metadata,
    Column("record_pk", ForeignKey("records.pk", ondelete="CASCADE"), primary_key=True),
    Column("field", Text, primary_key=True),
    Column("suggester", Text, primary_key=True),
    Column("value", JSON, nullable=False),
    Column("score", JSON(none_as_null=True)),
    Column("origin", Text, nullable=False),
    Column("at", Text, nullable=False),
    CheckConstraint("origin IN ('human', 'model', 'rule', 'llm', 'import')", name="origin"),
)

# Values that something speaks against, until a reviewer has decided: one row a source (label errors, aggregation).
doubts = Table(
    "doubts",
    metadata,
    Column("record_pk", ForeignKey("records.pk", ondelete="CASCADE"), primary_key=True),
    Column("field", Text, primary_key=True),
    Column("source", Text, primary_key=True),
    Column("score", Float, nullable=False),
    Column("proposed", JSON(none_as_null=True)),
    Column("reasons", JSON, nullable=False),
    Column("at", Text, nullable=False),
    CheckConstraint("score BETWEEN 0 AND 1", name="score"),
)

# A project's queue as a whole: how far it has been filled, its counters, and the next turn (see `queue`).
queues = Table(
    "queues",
    metadata,
    Column("project_id", ForeignKey("projects.id", ondelete="CASCADE"), primary_key=True),
    Column("filled_record", Integer, nullable=False, server_default=text("0")),
    Column("filled_annotation", Integer, nullable=False, server_default=text("0")),
    Column("total", Integer, nullable=False, server_default=text("0")),
    Column("done", Integer, nullable=False, server_default=text("0")),
    Column("turn", Integer, nullable=False, server_default=text("0")),
    Column("checks", Integer, nullable=False, server_default=text("0")),
)

# One row a record: its places (how many people it goes to), how many are held (leased or answered), and where it stands in the queue.
queue = Table(
    "queue",
    metadata,
    Column("record_pk", ForeignKey("records.pk", ondelete="CASCADE"), primary_key=True),
    Column("project_id", ForeignKey("projects.id", ondelete="CASCADE"), nullable=False),
    Column("places", Integer, nullable=False),
    Column("held", Integer, nullable=False, server_default=text("0")),
    Column("answered", Integer, nullable=False, server_default=text("0")),
    Column("flagged", Integer, nullable=False, server_default=text("0")),
    Column("closed", Boolean, nullable=False, server_default=text("0")),  # gold says it all: nobody else is asked
    Column("free", Integer, nullable=False),  # places that are not held; none where closed
    Column("priority", Float, nullable=False, server_default=text("0")),
    Column("position", Integer, nullable=False),  # the order of the queue is (position, turn), unique in a project
    Column("turn", Integer, nullable=False, server_default=text("0")),
    Column("check_place", Integer),  # its place among the check questions
    Column("rank", Float),  # its place in review, the lowest first; none without an answer
    CheckConstraint("free >= 0 AND held >= 0 AND answered >= 0", name="counts"),
    Index("ix_queue_open", "project_id", "position", "turn", sqlite_where=text("free > 0")),
    Index("ix_queue_checks", "project_id", "check_place", sqlite_where=text("check_place IS NOT NULL")),
    Index("ix_queue_review", "project_id", "rank", "record_pk", sqlite_where=text("rank IS NOT NULL")),
)

# Who was given which record. A lease that ended without an answer stays as `returned`: its answer may still come.
assignments = Table(
    "assignments",
    metadata,
    Column("record_pk", ForeignKey("records.pk", ondelete="CASCADE"), primary_key=True),
    Column("annotator", Text, primary_key=True),
    Column("project_id", ForeignKey("projects.id", ondelete="CASCADE"), nullable=False),
    Column("kind", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("leased_until", Text, nullable=False),
    Column("control", Boolean, nullable=False, server_default=text("0")),
    Column("shown", Boolean, nullable=False, server_default=text("0")),  # whether a suggestion was shown
    CheckConstraint("kind IN ('queue', 'check')", name="kind"),
    CheckConstraint("state IN ('leased', 'returned', 'submitted', 'skipped', 'flagged', 'surplus')", name="state"),
    Index("ix_assignments_leases", "project_id", "annotator", "leased_until", sqlite_where=text("state = 'leased'")),
    sqlite_with_rowid=False,
)

# One row a person and project: how far that person has come in the queue, and the counters of the progress.
workers = Table(
    "workers",
    metadata,
    Column("project_id", ForeignKey("projects.id", ondelete="CASCADE"), primary_key=True),
    Column("annotator", Text, primary_key=True),
    Column("position", Integer, nullable=False, server_default=text("-1")),
    Column("turn", Integer, nullable=False, server_default=text("-1")),
    Column("check_place", Integer, nullable=False, server_default=text("0")),
    Column("handed", Integer, nullable=False, server_default=text("0")),
    Column("answered", Integer, nullable=False, server_default=text("0")),
    Column("skipped", Integer, nullable=False, server_default=text("0")),
    Column("seconds", Float, nullable=False, server_default=text("0")),
    Column("day", Text, nullable=False, server_default=""),
    Column("day_answered", Integer, nullable=False, server_default=text("0")),
    Column("day_seconds", Float, nullable=False, server_default=text("0")),
)

drafts = Table(
    "drafts",
    metadata,
    Column("record_pk", ForeignKey("records.pk", ondelete="CASCADE"), primary_key=True),
    Column("annotator", Text, primary_key=True),
    Column("values", JSON, nullable=False),
    Column("at", Text, nullable=False),
    sqlite_with_rowid=False,
)

# What reviewers decided, only ever added; the last decision is the record's adjudicated gold.
adjudications = Table(
    "adjudications",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("record_pk", ForeignKey("records.pk", ondelete="CASCADE"), nullable=False),
    Column("reviewer", Text, nullable=False),
    Column("values", JSON, nullable=False),
    Column("before", JSON, nullable=False, server_default="{}"),  # by field: the gold that counted until then
    Column("comment", Text),
    Column("at", Text, nullable=False),
    Column("schema_version", Integer, nullable=False),
    Column("client_id", Text, nullable=False, unique=True),
    Index(None, "record_pk"),
)

# What an annotation or a decision said before labels were renamed, merged or removed (`schemas.label_map`).
earlier_values = Table(
    "earlier_values",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("annotation_id", ForeignKey("annotations.id", ondelete="CASCADE")),
    Column("adjudication_id", ForeignKey("adjudications.id", ondelete="CASCADE")),
    Column("schema_version", Integer, nullable=False),
    Column("values", JSON, nullable=False),
    Column("suggested", JSON(none_as_null=True)),
    Column("at", Text, nullable=False),
    CheckConstraint("(annotation_id IS NULL) <> (adjudication_id IS NULL)", name="of_one"),
    Index(None, "annotation_id"),
    Index(None, "adjudication_id"),
)

guidelines = Table(
    "guidelines",
    metadata,
    Column("project_id", ForeignKey("projects.id", ondelete="CASCADE"), primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("text", Text, nullable=False),
    Column("author", Text, nullable=False),
    Column("at", Text, nullable=False),
)

label_notes = Table(
    "label_notes",
    metadata,
    Column("project_id", ForeignKey("projects.id", ondelete="CASCADE"), primary_key=True),
    Column("field", Text, primary_key=True),
    Column("label", Text, primary_key=True),
    Column("definition", Text, nullable=False, server_default=""),
    Column("examples", JSON, nullable=False),
    Column("color", Text),
)
