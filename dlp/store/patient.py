"""A psycopg connection whose patience ends: the driver itself waits for a server that hangs for as long as it takes.

Takes psycopg's connection parameters. `each` bounds one exchange with the server and `until` (monotonic) all of them;
beyond it the connection is closed and OperationalError raised. Importing this needs psycopg, the extra `postgres`.
"""

from __future__ import annotations

import math
import time
from typing import Any

import psycopg
from psycopg.abc import PQGen
from psycopg.conninfo import conninfo_to_dict
from psycopg.pq import TransactionStatus

from dlp.errors import ConfigError

_GREETING = 3.0  # seconds for what happens outside a transaction, such as a look whether the server is still there


class PatientConnection(psycopg.Connection[Any]):
    """One connection, given to one thread at a time."""

    each: float = _GREETING
    until: float = math.inf

    def bound(self, each: float = _GREETING, until: float = math.inf) -> None:
        self.each, self.until = each, until

    def wait(self, gen: PQGen[Any], interval: float = 0.1, timeout: float | None = None) -> Any:
        bound = max(0.0, min(self.each, self.until - time.monotonic()))
        try:
            return super().wait(gen, interval, bound if timeout is None else min(bound, timeout))
        except psycopg.OperationalError:
            if self.pgconn.transaction_status == TransactionStatus.ACTIVE:  # given up: how it would end is not waited for
                self.pgconn.finish()
            raise


def parameters(url: str) -> dict[str, Any]:
    """What a URL says. ConfigError when it says it wrongly; the text is not repeated, it may hold a password."""
    try:
        return dict(conninfo_to_dict(url))
    except psycopg.ProgrammingError:
        remedy = "write: postgresql://dlp@db.campus.example/dlp?sslmode=verify-full&sslrootcert=/etc/dlp/db-ca.pem"
        raise ConfigError("this is not the address of a PostgreSQL database", key="store.url", remedy=remedy) from None
