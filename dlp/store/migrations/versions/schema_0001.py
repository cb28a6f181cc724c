"""First schema: messages, contents, copies, outbox, audit chain."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    _messages()
    _copies()
    _outbox()
    _audit()


def _messages() -> None:
    op.create_table(
        "message",
        sa.Column("key", sa.String(64), nullable=False),
        sa.Column("reference", sa.String(9), nullable=False),
        sa.Column("sender_key", sa.String(32), nullable=False),
        sa.Column("created", sa.BigInteger, nullable=False),
        sa.Column("record", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_message"),
    )
    op.create_index("ix_message_reference", "message", ["reference"])
    op.create_index("ix_message_sender_key", "message", ["sender_key"])
    op.create_table(
        "content",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("message", sa.String(64), nullable=False),
        sa.Column("role", sa.String(16), nullable=False),
        sa.Column("fingerprint", sa.String(64), nullable=False),
        sa.Column("size", sa.BigInteger, nullable=False),
        sa.Column("version", sa.SmallInteger, nullable=False),
        sa.Column("wrapped_key", sa.LargeBinary),
        sa.PrimaryKeyConstraint("id", name="pk_content"),
        sa.ForeignKeyConstraint(["message"], ["message.key"], name="fk_content_message"),
    )
    op.create_index("ix_content_message", "content", ["message"])
    op.create_table(
        "content_chunk",
        sa.Column("content", sa.String(32), nullable=False),
        sa.Column("n", sa.Integer, nullable=False),
        sa.Column("data", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("content", "n", name="pk_content_chunk"),
        sa.ForeignKeyConstraint(["content"], ["content.id"], name="fk_content_chunk_content"),
    )


def _copies() -> None:
    op.create_table(
        "copy",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("message", sa.String(64), nullable=False),
        sa.Column("recipient_key", sa.String(32), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("purpose", sa.String(16), nullable=False),
        sa.Column("content", sa.String(32)),
        sa.Column("release_right", sa.String(16), nullable=False),
        sa.Column("codes", sa.Text, nullable=False),
        sa.Column("kinds", sa.Text, nullable=False),
        sa.Column("created", sa.BigInteger, nullable=False),
        sa.Column("updated", sa.BigInteger, nullable=False),
        sa.Column("fence", sa.Integer, nullable=False),
        sa.Column("owner", sa.String(64), nullable=False),
        sa.Column("lease_until", sa.BigInteger, nullable=False),
        sa.Column("not_before", sa.BigInteger, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("told", sa.String(16), nullable=False),
        sa.Column("record", sa.LargeBinary),
        sa.Column("acts", sa.LargeBinary),
        sa.PrimaryKeyConstraint("id", name="pk_copy"),
        sa.ForeignKeyConstraint(["message"], ["message.key"], name="fk_copy_message"),
        sa.ForeignKeyConstraint(["content"], ["content.id"], name="fk_copy_content"),
        sa.UniqueConstraint("message", "recipient_key", name="uq_copy_message_recipient_key"),
    )
    op.create_index("ix_copy_recipient_key", "copy", ["recipient_key"])
    op.create_index("ix_copy_content", "copy", ["content"])
    op.create_index("ix_copy_state_not_before", "copy", ["state", "not_before"])
    op.create_index("ix_copy_told", "copy", ["told"])


def _outbox() -> None:
    op.create_table(
        "outbox",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("message", sa.String(64), nullable=False),
        sa.Column("reference", sa.String(9), nullable=False),
        sa.Column("addressee_key", sa.String(32), nullable=False),
        sa.Column("seq", sa.Integer, nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("created", sa.BigInteger, nullable=False),
        sa.Column("not_before", sa.BigInteger, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("fence", sa.Integer, nullable=False),
        sa.Column("owner", sa.String(64), nullable=False),
        sa.Column("lease_until", sa.BigInteger, nullable=False),
        sa.Column("record", sa.LargeBinary),
        sa.PrimaryKeyConstraint("id", name="pk_outbox"),
        sa.UniqueConstraint("message", "addressee_key", "seq", name="uq_outbox_message_addressee_key_seq"),
    )
    op.create_index("ix_outbox_reference", "outbox", ["reference"])
    op.create_index("ix_outbox_state_not_before", "outbox", ["state", "not_before"])


def _audit() -> None:
    op.create_table(
        "audit",
        sa.Column("node", sa.String(64), nullable=False),
        sa.Column("seq", sa.BigInteger, nullable=False),
        sa.Column("version", sa.SmallInteger, nullable=False),
        sa.Column("time", sa.BigInteger, nullable=False),
        sa.Column("event", sa.String(32), nullable=False),
        sa.Column("reference", sa.String(9), nullable=False),
        sa.Column("actor", sa.String(32), nullable=False),
        sa.Column("reason", sa.String(32), nullable=False),
        sa.Column("detail", sa.Text, nullable=False),
        sa.Column("previous", sa.String(64), nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("node", "seq", name="pk_audit"),
    )
    op.create_index("ix_audit_reference", "audit", ["reference"])
    op.create_index("ix_audit_event_reason", "audit", ["event", "reason"])
    op.create_table(
        "audit_head",
        sa.Column("node", sa.String(64), nullable=False),
        sa.Column("seq", sa.BigInteger, nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("node", name="pk_audit_head"),
    )
