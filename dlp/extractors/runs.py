"""The characters in bytes nobody can read: runs that print, in ASCII and in UTF-16.

Takes bytes; gives one run a line. They prove nothing about the rest, so what was only looked at this way is not read.
Linear; never fails.
"""

from __future__ import annotations

import re

_RUN = re.compile(rb"[\t\n\r -~]{6,}")
_WIDE_RUN = re.compile(rb"(?:[\t\n\r -~]\0){6,}")


def runs(data: bytes) -> str:
    """Every run of six printable characters or more."""
    narrow = [each.strip() for each in _RUN.findall(data)]
    wide = [each.replace(b"\0", b"").strip() for each in _WIDE_RUN.findall(data)]
    return b"\n".join((*narrow, *wide)).decode("ascii")
