"""Who acted and the reason typed, readable beside the digests of the audit chain."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    op.add_column("audit", sa.Column("said", sa.LargeBinary, nullable=True))
