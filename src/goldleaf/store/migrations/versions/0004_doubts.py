"""Doubts: the values that something speaks against, for a reviewer to look at."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.create_table(
        "doubts",
        sa.Column("record_pk", sa.Integer(), nullable=False),
        sa.Column("field", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("score", sa.Float(), nullable=False),
        sa.Column("proposed", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("reasons", sa.JSON(), nullable=False),
        sa.Column("at", sa.Text(), nullable=False),
        sa.CheckConstraint("score BETWEEN 0 AND 1", name=op.f("ck_doubts_score")),
        sa.ForeignKeyConstraint(["record_pk"], ["records.pk"], name=op.f("fk_doubts_record_pk"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("record_pk", "field", "source", name=op.f("pk_doubts")),
    )
