"""The one place that reads the clocks.

Everything else takes a `Clock` or a datetime as an argument, so a test can set the time and the core stays pure.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

from dlp.values import Clock


def utc_now() -> datetime:
    """The current time, aware, in UTC."""
    return datetime.now(UTC)


def steady() -> Clock:
    """A clock that goes on from now by the machine's uptime: a wall clock put forward does not move it."""
    began, uptime = utc_now(), time.clock_gettime(time.CLOCK_BOOTTIME)
    return lambda: began + timedelta(seconds=time.clock_gettime(time.CLOCK_BOOTTIME) - uptime)
