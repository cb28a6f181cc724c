"""Permits: consents and approvals, and what became of them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.create_table(
        "permit",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("sort", sa.String(16), nullable=False),
        sa.Column("name_key", sa.String(32), nullable=False),
        sa.Column("person_key", sa.String(32), nullable=False),
        sa.Column("recipient_key", sa.String(32), nullable=False),
        sa.Column("source", sa.String(16), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("created", sa.BigInteger, nullable=False),
        sa.Column("updated", sa.BigInteger, nullable=False),
        sa.Column("uses", sa.Integer),
        sa.Column("taken", sa.Integer, nullable=False),
        sa.Column("fingerprint", sa.String(64), nullable=False),
        sa.Column("record", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_permit"),
        sa.UniqueConstraint("sort", "name_key", name="uq_permit_sort_name_key"),
    )
    op.create_index("ix_permit_person_key_recipient_key", "permit", ["person_key", "recipient_key"])
    op.create_index("ix_permit_created", "permit", ["created"])
    op.create_table(
        "permit_event",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("permit", sa.String(32), nullable=False),
        sa.Column("time", sa.BigInteger, nullable=False),
        sa.Column("event", sa.String(16), nullable=False),
        sa.Column("record", sa.LargeBinary),
        sa.PrimaryKeyConstraint("id", name="pk_permit_event"),
        sa.ForeignKeyConstraint(["permit"], ["permit.id"], name="fk_permit_event_permit"),
    )
    op.create_index("ix_permit_event_permit", "permit_event", ["permit"])
