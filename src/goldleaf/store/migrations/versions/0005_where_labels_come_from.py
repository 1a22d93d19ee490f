"""Where labels come from: how probable each label of a choice was, and what a reviewer's decision took the place of."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.add_column("gold", sa.Column("probabilities", sa.JSON(), nullable=False, server_default="{}"))
    op.add_column("adjudications", sa.Column("before", sa.JSON(), nullable=False, server_default="{}"))
