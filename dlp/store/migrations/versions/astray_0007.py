"""How many near-identical messages of one sender went to somebody else than the one they name."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.create_table(
        "astray",
        sa.Column("fingerprint", sa.String(32), nullable=False),
        sa.Column("score", sa.Integer, nullable=False),
        sa.Column("updated", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("fingerprint", name="pk_astray"),
    )
    op.create_index("ix_astray_updated", "astray", ["updated"])
