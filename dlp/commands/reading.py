"""Reads messages for the commands that judge files, as the running filter reads them.

Takes the settings; gives a function from a message's bytes to its Texts: small mail without attachments at once, the rest in a
jailed child of this process. Raises Unavailable("scan") when the child dies twice or cannot be jailed.
"""

from __future__ import annotations

from collections.abc import Callable

from dlp.commands import shared
from dlp.config import Settings
from dlp.extractors.opening import look
from dlp.mail.reading import read_small
from dlp.reader import ChildLimits, read_apart
from dlp.values import Texts


def reader_of(settings: Settings) -> Callable[[bytes], Texts]:
    """Reads messages as the running filter does: here, or in a child of this process, which must have no threads."""
    limits, bounds, seen = settings.limits_value(), ChildLimits.of(settings), shared.recogniser(settings)

    def read(raw: bytes) -> Texts:
        texts = read_small(raw, limits, look=look(limits, len(raw)))
        return texts if texts is not None else read_apart(raw, limits, bounds, recognise=seen)

    return read
