"""Earlier values: what annotations and decisions said before labels were renamed, merged or removed."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.create_table(
        "earlier_values",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("annotation_id", sa.Integer(), nullable=True),
        sa.Column("adjudication_id", sa.Integer(), nullable=True),
        sa.Column("schema_version", sa.Integer(), nullable=False),
        sa.Column("values", sa.JSON(), nullable=False),
        sa.Column("suggested", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("at", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "(annotation_id IS NULL) <> (adjudication_id IS NULL)", name=op.f("ck_earlier_values_of_one")
        ),
        sa.ForeignKeyConstraint(
            ["annotation_id"], ["annotations.id"], name=op.f("fk_earlier_values_annotation_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["adjudication_id"],
            ["adjudications.id"],
            name=op.f("fk_earlier_values_adjudication_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_earlier_values")),
    )
    op.create_index(op.f("ix_earlier_values_annotation_id"), "earlier_values", ["annotation_id"])
    op.create_index(op.f("ix_earlier_values_adjudication_id"), "earlier_values", ["adjudication_id"])
