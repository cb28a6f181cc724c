"""Disclosures on their way, and the ledger of what was disclosed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.create_table(
        "disclosure",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("message", sa.String(64), nullable=False),
        sa.Column("reference", sa.String(9), nullable=False),
        sa.Column("recipient_key", sa.String(32), nullable=False),
        sa.Column("person_key", sa.String(32), nullable=False),
        sa.Column("basis", sa.String(16), nullable=False),
        sa.Column("permit", sa.String(32), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("earlier", sa.String(16), nullable=False),
        sa.Column("counted", sa.Boolean, nullable=False),
        sa.Column("updated", sa.BigInteger, nullable=False),
        sa.Column("owner", sa.String(64), nullable=False),
        sa.Column("lease_until", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_disclosure"),
        sa.UniqueConstraint(
            *("message", "recipient_key", "person_key", "basis", "permit"),
            name="uq_disclosure_message_recipient_key_person_key_basis_permit",
        ),
    )
    op.create_index("ix_disclosure_state_lease_until", "disclosure", ["state", "lease_until"])
    op.create_index("ix_disclosure_permit_message", "disclosure", ["permit", "message"])
    op.create_table(
        "ledger",
        sa.Column("node", sa.String(64), nullable=False),
        sa.Column("seq", sa.BigInteger, nullable=False),
        sa.Column("version", sa.SmallInteger, nullable=False),
        sa.Column("time", sa.BigInteger, nullable=False),
        sa.Column("event", sa.String(16), nullable=False),
        sa.Column("disclosure", sa.String(32), nullable=False),
        sa.Column("reference", sa.String(9), nullable=False),
        sa.Column("person_key", sa.String(32), nullable=False),
        sa.Column("recipient_key", sa.String(32), nullable=False),
        sa.Column("basis", sa.String(16), nullable=False),
        sa.Column("code", sa.Text, nullable=False),
        sa.Column("kinds", sa.Text, nullable=False),
        sa.Column("permit", sa.String(32), nullable=False),
        sa.Column("fingerprint", sa.String(64), nullable=False),
        sa.Column("previous", sa.String(64), nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.Column("record", sa.LargeBinary),
        sa.PrimaryKeyConstraint("node", "seq", name="pk_ledger"),
    )
    op.create_index("ix_ledger_disclosure", "ledger", ["disclosure"])
    op.create_index("ix_ledger_person_key", "ledger", ["person_key"])
    op.create_table(
        "ledger_head",
        sa.Column("node", sa.String(64), nullable=False),
        sa.Column("seq", sa.BigInteger, nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("node", name="pk_ledger_head"),
    )
