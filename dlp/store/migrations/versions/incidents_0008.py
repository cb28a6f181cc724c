"""What was held, changed or warned about, by the sender's department."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.create_table(
        "incident",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("message", sa.String(64), nullable=False),
        sa.Column("action", sa.String(16), nullable=False),
        sa.Column("department_key", sa.String(32), nullable=False),
        sa.Column("reference", sa.String(9), nullable=False),
        sa.Column("created", sa.BigInteger, nullable=False),
        sa.Column("codes", sa.Text, nullable=False),
        sa.Column("record", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_incident"),
        sa.UniqueConstraint("message", "action", name="uq_incident_message_action"),
    )
    op.create_index("ix_incident_created", "incident", ["created"])
