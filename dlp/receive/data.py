"""The message after DATA: ends at CRLF "." CRLF and nowhere else, dots unstuffed, bytes otherwise exact (RFC 5321 4.5.2).

Takes blocks as they arrive; gives what follows the end of data, and then the message as one bytes object that was never
copied whole. A message that is too big, has a bare CR or LF or a NUL, or does not fit into the process's budget has a
`fault`: it is read to its end, kept no longer, and answered with that reply. No I/O here.
"""

from __future__ import annotations

import io
from dataclasses import dataclass

from dlp.receive import replies
from dlp.values import Reply

_END = b"\r\n.\r\n"


class Budget:
    """Bytes of mail one process may hold at a time, over all its listeners (`[limits] in_flight`)."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._used = 0

    @property
    def used(self) -> int:
        return self._used

    def take(self, size: int) -> bool:
        """Reserve `size` bytes; False, and nothing reserved, when they are not free."""
        if self._used + size > self._limit:
            return False
        self._used += size
        return True

    def give(self, size: int) -> None:
        self._used -= size


@dataclass(frozen=True, slots=True)
class DataRules:
    """What a message may be. `size` in bytes, dots unstuffed."""

    size: int
    budget: Budget
    normalise: bool  # bare CR and LF become CRLF instead of a refusal
    nul: bool  # NUL may pass


class MessageData:
    """One message being read."""

    def __init__(self, rules: DataRules) -> None:
        self._rules = rules
        self._kept = io.BytesIO()  # hands its buffer over without a copy, unlike a joined list or a bytearray
        self._taken = 0  # bytes reserved in the budget
        self._seen = 0
        # The line break before the data counts as one before a dot (RFC 5321 4.1.1.4), but is not of the message.
        self._held = b"\r\n"
        self._skip = 2
        self.fault: Reply | None = None

    @property
    def hopeless(self) -> bool:
        """The message has a fault and its end is not in sight: time to hang up."""
        return self.fault is not None and self._seen > 2 * self._rules.size

    def feed(self, block: bytes) -> bytes | None:
        """Take the next block; after the end of data, what follows it, before that None."""
        window = self._held + block
        end = window.find(_END) if b"." in window else -1  # to look for one byte takes next to no time
        if end >= 0:
            self._take(window[: end + 2])
            return window[end + len(_END) :]
        cut = len(window) - _begun(window)
        self._take(window[:cut])
        self._held = window[cut:]
        return None

    def message(self) -> bytes:
        return self._kept.getvalue()

    def release(self) -> None:
        """Forget the bytes and give them back to the budget. Safe to call twice."""
        self._kept = io.BytesIO()
        self._rules.budget.give(self._taken)
        self._taken = 0

    def _take(self, piece: bytes) -> None:
        # A piece ends neither within a CRLF nor between a CRLF and its dot, so each can be looked at alone.
        plain = (piece.replace(b"\r\n.", b"\r\n") if b"." in piece else piece)[self._skip :]
        self._skip = 0 if piece else self._skip
        self._seen += len(plain)
        if self.fault is not None:
            return
        if self._rules.normalise and has_bare_newline(plain):
            plain = plain.replace(b"\r\n", b"\n").replace(b"\r", b"\n").replace(b"\n", b"\r\n")
        self.fault = self._fault_of(plain)
        if self.fault is None:
            self._taken += len(plain)
            self._kept.write(plain)
        else:
            self.release()

    def _fault_of(self, plain: bytes) -> Reply | None:
        """Why this piece cannot be kept; when there is no reason its bytes are reserved."""
        if self._taken + len(plain) > self._rules.size:
            return replies.TOO_BIG
        if has_bare_newline(plain):
            return replies.BARE_NEWLINE
        if not self._rules.nul and b"\0" in plain:
            return replies.NUL
        return None if self._rules.budget.take(len(plain)) else replies.IN_FLIGHT


def _begun(window: bytes) -> int:
    """How many bytes at the end of the window may begin the end of data."""
    return next((length for length in (4, 3, 2, 1) if window.endswith(_END[:length])), 0)


def has_bare_newline(data: bytes) -> bool:
    """Whether a CR or LF stands without the other. The decoder looks at each byte once; counting takes four times as long."""
    seen = io.IncrementalNewlineDecoder(None, translate=False)
    seen.decode(data.decode("latin-1"), final=True)
    return seen.newlines not in (None, "\r\n")
