"""The tables, as they stand after the last migration. Everything else in this room reads and writes them."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
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
    CheckConstraint("status IN ('submitted', 'skipped', 'flagged', 'surplus')", name="status"),
    CheckConstraint("origin IN ('human', 'model', 'rule', 'llm', 'import')", name="origin"),
    Index(None, "record_pk", "annotator"),
    Index(None, "supersedes"),
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
