"""The queue of the annotation app: places, leases, counters, drafts, adjudications, guidelines and notes of labels."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "guidelines",
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("at", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["project_id"], ["projects.id"], name=op.f("fk_guidelines_project_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("project_id", "version", name=op.f("pk_guidelines")),
    )
    op.create_table(
        "label_notes",
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column("field", sa.Text(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("definition", sa.Text(), server_default="", nullable=False),
        sa.Column("examples", sa.JSON(), nullable=False),
        sa.Column("color", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["project_id"], ["projects.id"], name=op.f("fk_label_notes_project_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("project_id", "field", "label", name=op.f("pk_label_notes")),
    )
    op.create_table(
        "queues",
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column("filled_record", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("filled_annotation", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("total", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("done", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("turn", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("checks", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"], name=op.f("fk_queues_project_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("project_id", name=op.f("pk_queues")),
    )
    op.create_table(
        "workers",
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column("annotator", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), server_default=sa.text("-1"), nullable=False),
        sa.Column("turn", sa.Integer(), server_default=sa.text("-1"), nullable=False),
        sa.Column("check_place", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("handed", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("answered", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("skipped", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("seconds", sa.Float(), server_default=sa.text("0"), nullable=False),
        sa.Column("day", sa.Text(), server_default="", nullable=False),
        sa.Column("day_answered", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("day_seconds", sa.Float(), server_default=sa.text("0"), nullable=False),
        sa.ForeignKeyConstraint(
            ["project_id"], ["projects.id"], name=op.f("fk_workers_project_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("project_id", "annotator", name=op.f("pk_workers")),
    )
    op.create_table(
        "adjudications",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("record_pk", sa.Integer(), nullable=False),
        sa.Column("reviewer", sa.Text(), nullable=False),
        sa.Column("values", sa.JSON(), nullable=False),
        sa.Column("comment", sa.Text(), nullable=True),
        sa.Column("at", sa.Text(), nullable=False),
        sa.Column("schema_version", sa.Integer(), nullable=False),
        sa.Column("client_id", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["record_pk"], ["records.pk"], name=op.f("fk_adjudications_record_pk"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_adjudications")),
        sa.UniqueConstraint("client_id", name=op.f("uq_adjudications_client_id")),
    )
    op.create_index(op.f("ix_adjudications_record_pk"), "adjudications", ["record_pk"], unique=False)
    op.create_table(
        "assignments",
        sa.Column("record_pk", sa.Integer(), nullable=False),
        sa.Column("annotator", sa.Text(), nullable=False),
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("leased_until", sa.Text(), nullable=False),
        sa.Column("control", sa.Boolean(), server_default=sa.text("0"), nullable=False),
        sa.Column("shown", sa.Boolean(), server_default=sa.text("0"), nullable=False),
        sa.CheckConstraint("kind IN ('queue', 'check')", name=op.f("ck_assignments_kind")),
        sa.CheckConstraint(
            "state IN ('leased', 'returned', 'submitted', 'skipped', 'flagged', 'surplus')",
            name=op.f("ck_assignments_state"),
        ),
        sa.ForeignKeyConstraint(
            ["project_id"], ["projects.id"], name=op.f("fk_assignments_project_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["record_pk"], ["records.pk"], name=op.f("fk_assignments_record_pk"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("record_pk", "annotator", name=op.f("pk_assignments")),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ix_assignments_leases",
        "assignments",
        ["project_id", "annotator", "leased_until"],
        unique=False,
        sqlite_where=sa.text("state = 'leased'"),
    )
    op.create_table(
        "drafts",
        sa.Column("record_pk", sa.Integer(), nullable=False),
        sa.Column("annotator", sa.Text(), nullable=False),
        sa.Column("values", sa.JSON(), nullable=False),
        sa.Column("at", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["record_pk"], ["records.pk"], name=op.f("fk_drafts_record_pk"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("record_pk", "annotator", name=op.f("pk_drafts")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "queue",
        sa.Column("record_pk", sa.Integer(), nullable=False),
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column("places", sa.Integer(), nullable=False),
        sa.Column("held", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("answered", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("flagged", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("closed", sa.Boolean(), server_default=sa.text("0"), nullable=False),
        sa.Column("free", sa.Integer(), nullable=False),
        sa.Column("priority", sa.Float(), server_default=sa.text("0"), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("turn", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("check_place", sa.Integer(), nullable=True),
        sa.Column("rank", sa.Float(), nullable=True),
        sa.CheckConstraint("free >= 0 AND held >= 0 AND answered >= 0", name=op.f("ck_queue_counts")),
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"], name=op.f("fk_queue_project_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["record_pk"], ["records.pk"], name=op.f("fk_queue_record_pk"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("record_pk", name=op.f("pk_queue")),
    )
    op.create_index(
        "ix_queue_checks",
        "queue",
        ["project_id", "check_place"],
        unique=False,
        sqlite_where=sa.text("check_place IS NOT NULL"),
    )
    op.create_index(
        "ix_queue_open", "queue", ["project_id", "position", "turn"], unique=False, sqlite_where=sa.text("free > 0")
    )
    op.create_index(
        "ix_queue_review",
        "queue",
        ["project_id", "rank", "record_pk"],
        unique=False,
        sqlite_where=sa.text("rank IS NOT NULL"),
    )
    op.add_column("annotations", sa.Column("client_id", sa.Text(), nullable=True))
    op.add_column("annotations", sa.Column("comment", sa.Text(), nullable=True))
    op.add_column("annotations", sa.Column("reason", sa.Text(), nullable=True))
    op.add_column("annotations", sa.Column("check", sa.Boolean(), server_default=sa.text("0"), nullable=False))
    op.add_column("annotations", sa.Column("control", sa.Boolean(), server_default=sa.text("0"), nullable=False))
    op.add_column("annotations", sa.Column("suggester", sa.Text(), nullable=True))
    op.create_index(op.f("ix_annotations_annotator_id"), "annotations", ["annotator", "id"], unique=False)
    op.create_index(op.f("ix_annotations_client_id"), "annotations", ["client_id"], unique=True)
    op.add_column("projects", sa.Column("settings", sa.JSON(none_as_null=True), nullable=True))
