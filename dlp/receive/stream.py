"""Bytes from a client: command lines, and blocks of message data, in one buffer of our own.

Takes an asyncio.StreamReader; gives lines up to LF (the caller refuses those not ended by CRLF) and blocks of at most
64 KiB, with what follows the end of data put back for the next command. Raises EOFError at the end of input and
LineTooLongError for a command line beyond any use; never holds more than a line and a block.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

BLOCK = 65536


class LineTooLongError(Exception):
    """No line end within the limit: what follows is of no use as a command."""


class Stream:
    """What was read from the client and not yet used."""

    def __init__(self, reader: asyncio.StreamReader) -> None:
        self._reader = reader
        self._ahead = bytearray()

    @property
    def has_line(self) -> bool:
        """True when the next command can be read without waiting."""
        return b"\n" in self._ahead

    async def line(self) -> bytes:
        """One line with its end."""
        searched = 0
        while (end := self._ahead.find(b"\n", searched)) < 0:
            if len(self._ahead) > BLOCK:
                raise LineTooLongError
            searched = len(self._ahead)
            self._ahead += await self._more()
        line = bytes(self._ahead[: end + 1])
        del self._ahead[: end + 1]
        return line

    def lines_ahead(self) -> Iterator[bytes]:
        """The commands that are here already, in order; they stay."""
        start = 0
        while end := self._ahead.find(b"\n", start) + 1:
            yield bytes(self._ahead[start:end])
            start = end

    async def block(self) -> bytes:
        """Whatever is there, at least one byte."""
        if not self._ahead:
            return await self._more()
        block = bytes(self._ahead)
        self._ahead.clear()
        return block

    def put_back(self, rest: bytes) -> None:
        self._ahead[:0] = rest

    def clear(self) -> None:
        """Forget what was read: nothing sent in clear counts after STARTTLS (RFC 3207 4.2)."""
        self._ahead.clear()

    async def _more(self) -> bytes:
        block = await self._reader.read(BLOCK)
        if not block:
            raise EOFError
        return block
