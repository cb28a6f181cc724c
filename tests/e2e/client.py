"""A plain SMTP and LMTP client that sends bytes exactly and keeps every reply.

`connected` gives a `Peer`; `Peer.deliver` hands over one message and gives each recipient's own last reply: to its RCPT
when that was refused, else to the message. Replies are texts such as "250 2.0.0 ...". ConnectionError when the server
hangs up or talks nonsense.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from tests.e2e.loopback import HOST

_LINE_START = re.compile(rb"(?m)^\.")


class Peer:
    """One connection, by `connected`."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, lmtp: bool) -> None:
        self._reader = reader
        self.writer = writer
        self._lmtp = lmtp
        self.greeting = ""  # the EHLO or LHLO answer, lines joined by \n

    async def greet(self) -> None:
        await self.reply()
        self.greeting = await self.command("LHLO client.example" if self._lmtp else "EHLO client.example")

    async def deliver(self, sender: str, recipients: Sequence[str], raw: bytes, *parameters: str) -> dict[str, str]:
        """One transaction. A refused MAIL is every recipient's reply."""
        mail = await self.command(" ".join((f"MAIL FROM:<{sender}>", *parameters)))
        if not mail.startswith("250"):
            await self.command("RSET")
            return dict.fromkeys(recipients, mail)
        replies = {recipient: await self.command(f"RCPT TO:<{recipient}>") for recipient in recipients}
        accepted = [recipient for recipient in recipients if replies[recipient].startswith("25")]
        if not accepted:
            await self.command("RSET")
            return replies
        go_ahead = await self.command("DATA")
        if not go_ahead.startswith("354"):
            return replies | dict.fromkeys(accepted, go_ahead)
        self.send(_LINE_START.sub(b"..", raw) + (b".\r\n" if raw.endswith(b"\r\n") else b"\r\n.\r\n"))
        if self._lmtp:
            return replies | {recipient: await self.reply() for recipient in accepted}
        return replies | dict.fromkeys(accepted, await self.reply())

    def send(self, data: bytes) -> None:
        """Bytes as they are."""
        self.writer.write(data)

    async def command(self, line: str) -> str:
        self.send(line.encode() + b"\r\n")
        return await self.reply()

    async def reply(self) -> str:
        """One reply, its lines joined by \\n."""
        lines: list[str] = []
        while not lines or lines[-1][3:4] == "-":
            line = await self._reader.readline()
            if not re.match(rb"[2-5]\d\d[ -]", line):
                raise ConnectionError("no reply")
            lines.append(line.decode().rstrip("\r\n"))
        return "\n".join(lines)


@asynccontextmanager
async def connected(port: int, *, lmtp: bool = False) -> AsyncIterator[Peer]:
    """A connection that has said EHLO or LHLO; QUIT at the end, closed whatever happens."""
    reader, writer = await asyncio.open_connection(HOST, port)
    try:
        peer = Peer(reader, writer, lmtp=lmtp)
        await peer.greet()
        yield peer
        await peer.command("QUIT")
    finally:
        writer.close()
        await asyncio.gather(writer.wait_closed(), return_exceptions=True)


async def hand_over(
    port: int, sender: str, recipients: Sequence[str], raw: bytes, *parameters: str, lmtp: bool = False
) -> dict[str, str]:
    """One message over a connection of its own."""
    async with connected(port, lmtp=lmtp) as peer:
        return await peer.deliver(sender, recipients, raw, *parameters)
