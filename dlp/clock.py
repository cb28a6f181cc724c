"""The one place that reads the wall clock.

Everything else takes a `Clock` or a datetime as an argument, so a test can set the time and the core stays pure.
"""

from __future__ import annotations

from datetime import UTC, datetime


def utc_now() -> datetime:
    """The current time, aware, in UTC."""
    return datetime.now(UTC)
