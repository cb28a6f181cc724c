"""Two ways to read a message: at once in this process, or in a child of the reader server.

Takes the raw message, gives its Texts and the name of the lane. Mail takes the fast lane unless it is large or has a file for
which there is a reader; everything else is read by a child (reader.py). Where one dies or is late another reads all but the
files; where that dies too, or one answers nonsense, it is Unavailable: the client tries again, and nothing unread ever counts
as clean. No message holds up the conversations of others. The breaker opens when children die one after the other, and others
would die too: no message can open it.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TypeVar

from dlp.breakers import Breaker
from dlp.errors import ProtocolError, Unavailable
from dlp.extractors.opening import look
from dlp.limits import Limits
from dlp.mail.reading import Head, read_small
from dlp.mail.wire import decode_texts, largest_answer
from dlp.reader import BEGUN, HEADER, Ending
from dlp.values import Texts

AT_ONCE = 24_576  # bytes worked on between two turns of the event loop: made to be slow they take half a second, not four
_BLOCK = 1 << 18
_NOTHING = b"Subject: \r\n\r\n"

_T = TypeVar("_T")


class _Ended(ProtocolError):  # noqa: N818  what came of a child
    """A child died on a message."""

    def __init__(self, how: Ending) -> None:
        super().__init__("a reading child died")
        self.how = how


def _how(word: int) -> Ending:
    try:
        return Ending(word) or Ending.CRASHED
    except ValueError:
        raise ProtocolError("this is no end of a child") from None


async def at_once(work: Callable[[], _T], size: float) -> _T:
    """Do work on `size` bytes of mail here, or in a thread where it would hold up others (infinite: always).

    A thread costs more than a small message: the hand-over wakes two threads that then wait for each other's lock.
    """
    return work() if size <= AT_ONCE else await asyncio.to_thread(work)


@dataclass(frozen=True, slots=True)
class Lanes:
    """Reads messages. `socket_path` is the reader server's; `patience` seconds cover waiting for a child and reading."""

    limits: Limits
    socket_path: str
    patience: float = 50.0
    breaker: Breaker = field(default_factory=lambda: Breaker("scan"))

    async def read(self, raw: bytes | memoryview, head: Head | None = None, *, until: float = math.inf) -> tuple[Texts, str]:
        """The message's Texts and "fast" or "slow".

        Raises Unavailable("scan"), Unavailable("deadline") at `until`, or Unavailable("reader") when no child began with it.
        `head` is the message's header, if it was read before; `until` a moment in the event loop's time.
        """
        texts = await at_once(lambda: read_small(raw, self.limits, head, look(self.limits, len(raw))), len(raw))
        return (texts, "fast") if texts is not None else (await self._read_there(raw, until), "slow")

    async def probe(self) -> None:
        """See whether a child reads, and tell the breaker. Raises Unavailable."""
        worked = await self.answers()
        self.breaker.note(asyncio.get_running_loop().time(), worked=worked)
        if not worked:
            raise Unavailable("scan")

    async def _read_there(self, raw: bytes | memoryview, until: float) -> Texts:
        clock = asyncio.get_running_loop().time
        begun = asyncio.Event()
        try:
            async with asyncio.timeout_at(min(until, clock() + self.patience)):
                try:
                    answer = await self._ask(raw, begun)
                except _Ended as ended:  # it was one of the files, more likely than not: read the rest
                    answer = await self._ask(raw, begun, ended.how)
                texts = await asyncio.to_thread(decode_texts, answer, size=len(raw))
        except TimeoutError:
            raise Unavailable("deadline" if begun.is_set() else "reader") from None
        except (OSError, EOFError, ProtocolError):  # _Ended too
            await self._note_death(until)
            raise Unavailable("scan" if begun.is_set() else "reader") from None
        self.breaker.note(clock(), worked=True)
        return texts

    async def _note_death(self, until: float) -> None:
        """Count it unless another child answers: then it was the message's doing, and no reason to refuse others."""
        with suppress(TimeoutError):  # they are busy
            async with asyncio.timeout_at(until):
                if not await self.answers():
                    self.breaker.note(asyncio.get_running_loop().time(), worked=False)

    async def answers(self) -> bool:
        """Whether a child of the reader server reads a message now."""
        try:
            async with asyncio.timeout(self.patience):
                decode_texts(await self._ask(_NOTHING, asyncio.Event()), size=len(_NOTHING))
        except (OSError, EOFError, ProtocolError):  # TimeoutError is an OSError
            return False
        return True

    async def _ask(self, raw: bytes | memoryview, begun: asyncio.Event, files: Ending = Ending.NONE) -> bytearray:
        """A child's answer. Raises _Ended when it died, and the server says how."""
        reader, writer = await asyncio.open_unix_connection(self.socket_path)
        try:
            if await reader.readexactly(len(BEGUN)) != BEGUN:
                raise ProtocolError("this is no reading child")
            begun.set()
            writer.write(bytes([files]) + HEADER.pack(len(raw)))
            for at in range(0, len(raw), _BLOCK):
                writer.write(raw[at : at + _BLOCK])
                await writer.drain()
            (size,) = HEADER.unpack(await reader.readexactly(HEADER.size))
            if size == 0:
                raise _Ended(_how((await reader.readexactly(1))[0]))
            if size > largest_answer(self.limits):
                raise ProtocolError("a reading child's answer is too large")
            answer = bytearray()
            while len(answer) < size:
                answer += await reader.readexactly(min(_BLOCK, size - len(answer)))
            return answer
        finally:
            writer.transport.abort()  # closing would go on sending a message whose sender was told 451 long ago
