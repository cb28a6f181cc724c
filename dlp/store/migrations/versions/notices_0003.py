"""Deadlines of holds; the pace of notices.

Holds that are there already get the time a new one would have, from now on.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from alembic import context, op

revision = "0003"
down_revision = "0002"

_WAITING = ("held", "release-failed", "refused")
_MINUTE = timedelta(minutes=1)


def upgrade() -> None:
    op.add_column("copy", sa.Column("deadline", sa.BigInteger))
    op.create_index("ix_copy_deadline", "copy", ["deadline"])
    copy = sa.table("copy", sa.column("state"), sa.column("deadline"))
    minutes = -(-(datetime.now(UTC) + context.config.attributes["hold_for"] - datetime.fromtimestamp(0, UTC)) // _MINUTE)
    op.execute(sa.update(copy).where(copy.c.state.in_(_WAITING)).values(deadline=minutes * 60_000_000))
    op.add_column("outbox", sa.Column("counted", sa.BigInteger, nullable=False, server_default=sa.text("0")))
    op.add_column("outbox", sa.Column("deferred", sa.Boolean, nullable=False, server_default=sa.false()))
    op.create_index("ix_outbox_addressee_key_counted", "outbox", ["addressee_key", "counted"])
