"""Projects, schemas, sources, records, annotations, gold and suggestions."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "projects",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("guidelines", sa.Text(), server_default="", nullable=False),
        sa.Column("created_at", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_projects")),
        sa.UniqueConstraint("name", name=op.f("uq_projects_name")),
    )
    op.create_table(
        "schemas",
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("fields", sa.JSON(), nullable=False),
        sa.Column("label_map", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("created_at", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["project_id"], ["projects.id"], name=op.f("fk_schemas_project_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("project_id", "version", name=op.f("pk_schemas")),
    )
    op.create_table(
        "sources",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["project_id"], ["projects.id"], name=op.f("fk_sources_project_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sources")),
    )
    op.create_table(
        "records",
        sa.Column("pk", sa.Integer(), nullable=False),
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("content_hash", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("tokens", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("meta", sa.JSON(), nullable=False),
        sa.Column("group", sa.Text(), nullable=True),
        sa.Column("timestamp", sa.Text(), nullable=True),
        sa.Column("split", sa.Text(), nullable=True),
        sa.Column("split_origin", sa.Text(), nullable=True),
        sa.Column("source_id", sa.Integer(), nullable=False),
        sa.Column("occurrence", sa.Integer(), nullable=True),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("added_at", sa.Text(), nullable=False),
        sa.CheckConstraint("split IN ('train', 'dev', 'test')", name=op.f("ck_records_split")),
        sa.CheckConstraint("split_origin IN ('given', 'drawn', 'twin')", name=op.f("ck_records_split_origin")),
        sa.ForeignKeyConstraint(
            ["project_id"], ["projects.id"], name=op.f("fk_records_project_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["source_id"], ["sources.id"], name=op.f("fk_records_source_id")),
        sa.PrimaryKeyConstraint("pk", name=op.f("pk_records")),
        sa.UniqueConstraint("project_id", "id", name=op.f("uq_records_project_id_id")),
        sa.UniqueConstraint(
            "source_id", "content_hash", "occurrence", name=op.f("uq_records_source_id_content_hash_occurrence")
        ),
    )
    op.create_index(op.f("ix_records_project_id_content_hash"), "records", ["project_id", "content_hash"], unique=False)
    op.create_table(
        "source_versions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("source_id", sa.Integer(), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("format", sa.Text(), nullable=False),
        sa.Column("imported_at", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["source_id"], ["sources.id"], name=op.f("fk_source_versions_source_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_source_versions")),
        sa.UniqueConstraint("source_id", "path", "digest", name=op.f("uq_source_versions_source_id_path_digest")),
    )
    op.create_index(op.f("ix_source_versions_digest"), "source_versions", ["digest"], unique=False)
    op.create_index(op.f("ix_source_versions_path"), "source_versions", ["path"], unique=False)
    op.create_table(
        "annotations",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("record_pk", sa.Integer(), nullable=False),
        sa.Column("annotator", sa.Text(), nullable=False),
        sa.Column("values", sa.JSON(), nullable=False),
        sa.Column("at", sa.Text(), nullable=False),
        sa.Column("seconds", sa.Float(), nullable=True),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("suggested", sa.JSON(), nullable=False),
        sa.Column("schema_version", sa.Integer(), nullable=False),
        sa.Column("supersedes", sa.Integer(), nullable=True),
        sa.CheckConstraint("origin IN ('human', 'model', 'rule', 'llm', 'import')", name=op.f("ck_annotations_origin")),
        sa.CheckConstraint(
            "status IN ('submitted', 'skipped', 'flagged', 'surplus')", name=op.f("ck_annotations_status")
        ),
        sa.ForeignKeyConstraint(
            ["record_pk"], ["records.pk"], name=op.f("fk_annotations_record_pk"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["supersedes"], ["annotations.id"], name=op.f("fk_annotations_supersedes")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_annotations")),
    )
    op.create_index(op.f("ix_annotations_record_pk_annotator"), "annotations", ["record_pk", "annotator"], unique=False)
    op.create_index(op.f("ix_annotations_supersedes"), "annotations", ["supersedes"], unique=False)
    op.create_table(
        "gold",
        sa.Column("record_pk", sa.Integer(), nullable=False),
        sa.Column("field", sa.Text(), nullable=False),
        sa.Column("method", sa.Text(), nullable=False),
        sa.Column("value", sa.JSON(), nullable=False),
        sa.Column("confidence", sa.Float(), nullable=False),
        sa.Column("annotations", sa.JSON(), nullable=False),
        sa.Column("at", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "method IN ('adjudicated', 'imported', 'aggregated', 'majority', 'single')", name=op.f("ck_gold_method")
        ),
        sa.ForeignKeyConstraint(["record_pk"], ["records.pk"], name=op.f("fk_gold_record_pk"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("record_pk", "field", "method", name=op.f("pk_gold")),
    )
    op.create_table(
        "suggestions",
        sa.Column("record_pk", sa.Integer(), nullable=False),
        sa.Column("field", sa.Text(), nullable=False),
        sa.Column("suggester", sa.Text(), nullable=False),
        sa.Column("value", sa.JSON(), nullable=False),
        sa.Column("score", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("at", sa.Text(), nullable=False),
        sa.CheckConstraint("origin IN ('human', 'model', 'rule', 'llm', 'import')", name=op.f("ck_suggestions_origin")),
        sa.ForeignKeyConstraint(
            ["record_pk"], ["records.pk"], name=op.f("fk_suggestions_record_pk"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("record_pk", "field", "suggester", name=op.f("pk_suggestions")),
    )
