"""A small honest SMTP and LMTP server that keeps what it is given: the next hop of `dlp demo` and of the tests.

Takes mail over TCP or a Unix socket, gives `Delivered` values with the bytes exactly as sent (dot-stuffing undone).
A script makes it misbehave at one step. It shares no code with our own client or listeners, so neither hides the
other's faults. It binds where it is told and trusts everybody: not for a public address.
"""

from __future__ import annotations

import asyncio
import re
import ssl
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Self

from dlp.conversations import Conversations
from dlp.values import Recipient

EXTENSIONS = (
    *("PIPELINING", "SIZE 52428800", "8BITMIME", "SMTPUTF8", "DSN", "ENHANCEDSTATUSCODES"),
    "XFORWARD NAME ADDR PORT PROTO HELO IDENT SOURCE",
)
_LINE_LIMIT = 65_536
_END = b"\r\n.\r\n"
_PATH = re.compile(r'(?:FROM|TO):\s?<((?:"(?:[^"\\]|\\.)*"|[^>"])*)>(?: (.*))?', re.IGNORECASE)
_NEEDS = {"SIZE": "SIZE", "BODY": "8BITMIME", "SMTPUTF8": "SMTPUTF8", "AUTH": "AUTH", "RET": "DSN", "ENVID": "DSN"}


class Fault(Enum):
    """What the sink does at a step instead of answering properly."""

    DROP = auto()  # closes without an answer; at DOT the message is kept all the same
    SILENT = auto()  # never answers; at DOT the message is kept all the same
    DEAF = auto()  # neither answers nor reads any more
    DRIP = auto()  # the proper answer, one byte at a time
    HANG_UP = auto()  # the proper answer, then closes


Step = str | bytes | Fault | None
"""A reply line, raw bytes, a fault, or None for the proper answer."""

Script = Mapping[str, Step | Sequence[Step]]
"""Steps by place: GREETING, EHLO, LHLO, STARTTLS, HANDSHAKE (before ours), XFORWARD, MAIL, RCPT, DATA, BODY (after its
first block), DOT, RSET; "RCPT address" and, over LMTP, "DOT address" for one recipient. A tuple or list is used up step by
step, then None."""


@dataclass(frozen=True, slots=True)
class Delivered:
    """One message as it came. `recipients` are those answered 2xx; `connection` counts from 1."""

    connection: int
    peer: str
    helo: str
    sender: str
    parameters: tuple[str, ...]
    recipients: tuple[Recipient, ...]
    xforward: tuple[str, ...]
    raw: bytes


class Sink:
    """Listens at `where` ("127.0.0.1:0" or "unix:/path"); an async context manager."""

    def __init__(
        self,
        script: Script | None = None,
        *,
        where: str = "127.0.0.1:0",
        lmtp: bool = False,
        extensions: Sequence[str] = EXTENSIONS,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self.tls = tls
        self.messages: list[Delivered] = []
        self.commands: list[str] = []  # every command line, in order of arrival
        self.connections = 0
        self.open = 0
        self.peak = 0
        self.lmtp = lmtp
        self.extensions = tuple(extensions)
        self._where = where
        self._script: dict[str, list[Step]] = {}
        self._standing: dict[str, Step] = {}
        self._sessions = Conversations(self._converse)
        self._arrived = asyncio.Condition()
        self.play(script or {})

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def start(self) -> None:
        """Bind and listen; OSError when the address is taken."""
        if self._where.startswith("unix:"):
            self._server = await asyncio.start_unix_server(self._sessions, self._where.removeprefix("unix:"))
            return
        host, _, port = self._where.rpartition(":")
        self._server = await asyncio.start_server(self._sessions, host.strip("[]"), int(port))
        self._where = f"{host}:{self._server.sockets[0].getsockname()[1]}"

    async def close(self) -> None:
        """Stop listening and drop every connection."""
        await self._sessions.close(self._server)

    @property
    def hop(self) -> str:
        """The address as `[forward] next_hop` takes it."""
        return f"lmtp:{self._where}" if self.lmtp else self._where

    def play(self, script: Script) -> None:
        """Replace the script, from the next step on."""
        self._standing = {place: step for place, step in script.items() if isinstance(step, Step)}
        self._script = {place: list(steps) for place, steps in script.items() if not isinstance(steps, Step)}

    def next_step(self, *places: str) -> Step:
        """The step scripted for the first of these places that has one left."""
        for place in places:
            if self._script.get(place):
                return self._script[place].pop(0)
            if place in self._standing:
                return self._standing[place]
        return None

    async def keep(self, message: Delivered) -> None:
        self.messages.append(message)
        async with self._arrived:
            self._arrived.notify_all()

    async def wait(self, count: int, seconds: float = 10) -> tuple[Delivered, ...]:
        """The first `count` messages once they are here; TimeoutError otherwise."""
        async with asyncio.timeout(seconds), self._arrived:
            await self._arrived.wait_for(lambda: len(self.messages) >= count)
        return tuple(self.messages[:count])

    async def arrival(self, count: int) -> None:
        """Wait until there are more than `count` messages, however long it takes."""
        async with self._arrived:
            await self._arrived.wait_for(lambda: len(self.messages) > count)

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self.open += 1
        self.peak = max(self.peak, self.open)
        try:
            await _Session(self, reader, writer, self.connections).run()
        except (_Over, OSError):
            pass
        finally:
            self.open -= 1


class _Over(Exception):  # noqa: N818  not an error: the conversation has ended
    """The peer or the script has ended the conversation."""


@dataclass(slots=True)
class _Mail:
    sender: str
    parameters: tuple[str, ...]
    recipients: list[Recipient] = field(default_factory=list)


class _Session:
    """One connection's conversation."""

    def __init__(self, sink: Sink, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, number: int) -> None:
        self._sink = sink
        self._reader = reader
        self._writer = writer
        self._number = number
        self._inbox = bytearray()
        self._helo = ""
        self._xforward: tuple[str, ...] = ()
        self._mail: _Mail | None = None
        self._verbs = {
            "LHLO" if sink.lmtp else "EHLO": self._hello,
            "STARTTLS": self._starttls,
            "XFORWARD": self._forwarded,
            "MAIL": self._from,
            "RCPT": self._to,
            "DATA": self._data,
            "RSET": self._reset,
            "NOOP": self._noop,
            "QUIT": self._quit,
        }

    async def run(self) -> None:
        await self._say("220 sink.example ESMTP", "GREETING")
        while True:
            line = await self._line()
            self._sink.commands.append(line)
            verb, _, rest = line.partition(" ")
            handler = self._verbs.get(verb.upper())
            if handler is None:
                await self._say("502 5.5.1 command not known")
            else:
                await handler(rest)

    async def _hello(self, rest: str) -> None:
        self._helo, self._mail, self._xforward = rest, None, ()
        lines = ["sink.example", *self._sink.extensions]
        reply = "\r\n".join([*(f"250-{line}" for line in lines[:-1]), f"250 {lines[-1]}"])
        await self._say(reply, "LHLO" if self._sink.lmtp else "EHLO")

    async def _starttls(self, _rest: str) -> None:
        proper = "220 2.0.0 go on" if self._sink.tls else "502 5.5.1 command not known"
        if await self._say(proper, "STARTTLS") and self._sink.tls:
            if step := self._sink.next_step("HANDSHAKE"):
                await self._perform(step, "")
            await self._writer.start_tls(self._sink.tls)

    async def _forwarded(self, rest: str) -> None:
        if await self._say("503 5.5.1 transaction open" if self._mail else "250 2.0.0 ok", "XFORWARD"):
            self._xforward = (*self._xforward, *rest.split())

    async def _from(self, rest: str) -> None:
        path, parameters = _path(rest)
        reply = "250 2.1.0 ok"
        if self._mail is not None:
            reply = "503 5.5.1 nested MAIL"
        elif path is None:
            reply = "501 5.5.4 syntax"
        elif not self._announced(parameters, _NEEDS):
            reply = "555 5.5.4 parameter not announced"
        if await self._say(reply, "MAIL"):
            self._mail = _Mail(path or "", parameters)

    async def _to(self, rest: str) -> None:
        path, parameters = _path(rest)
        reply = "250 2.1.5 ok"
        if self._mail is None:
            reply = "503 5.5.1 no MAIL"
        elif not path:
            reply = "501 5.5.4 syntax"
        elif not self._announced(parameters, {"NOTIFY": "DSN", "ORCPT": "DSN"}):
            reply = "555 5.5.4 parameter not announced"
        if await self._say(reply, f"RCPT {path}", "RCPT") and self._mail is not None:
            self._mail.recipients.append(Recipient(path or "", parameters))

    async def _data(self, _rest: str) -> None:
        mail = self._mail
        if mail is None or not mail.recipients:
            await self._say("503 5.5.1 no recipient")
            return
        if not await self._say("354 go on", "DATA"):
            return
        raw = await self._body()
        answered = mail.recipients if self._sink.lmtp else mail.recipients[:1]
        steps = [self._sink.next_step(f"DOT {recipient.address}", "DOT") for recipient in answered]
        taken = [recipient for recipient, step in zip(answered, steps, strict=True) if _is_positive(step, "250")]
        if taken:  # kept before the answer: whoever sees the answer finds the message
            recipients = tuple(taken if self._sink.lmtp else mail.recipients)
            name = self._writer.get_extra_info("peername")
            peer = str(name[0]) if isinstance(name, tuple) else "unix"
            envelope = (self._number, peer, self._helo, mail.sender, mail.parameters)
            await self._sink.keep(Delivered(*envelope, recipients, self._xforward, raw))
        self._mail, self._xforward = None, ()
        for step in steps:
            await self._perform(step, "250 2.0.0 kept")

    async def _body(self) -> bytes:
        """Everything up to CRLF.CRLF, transparency undone (RFC 5321 4.5.2); what follows stays in the inbox."""
        body, self._inbox = bytearray(b"\r\n") + self._inbox, bytearray()
        start = 0
        first = True
        while (end := body.find(_END, start)) < 0:
            start = max(0, len(body) - len(_END) + 1)
            body += await self._more()
            if first and (step := self._sink.next_step("BODY")):
                await self._perform(step, "")
            first = False
        self._inbox = body[end + len(_END) :]
        return bytes(body[: end + 2]).replace(b"\r\n.", b"\r\n")[2:]

    async def _reset(self, _rest: str) -> None:
        if await self._say("250 2.0.0 ok", "RSET"):
            self._mail, self._xforward = None, ()

    async def _noop(self, _rest: str) -> None:
        await self._say("250 2.0.0 ok")

    async def _quit(self, _rest: str) -> None:
        await self._say("221 2.0.0 bye")
        raise _Over

    def _announced(self, parameters: Sequence[str], needs: Mapping[str, str]) -> bool:
        offered = {extension.split()[0] for extension in self._sink.extensions}
        return all(needs.get(parameter.partition("=")[0].upper()) in offered for parameter in parameters)

    async def _say(self, proper: str, *places: str) -> bool:
        """Answer as scripted for one of the places, else properly; whether that answer was positive."""
        step = self._sink.next_step(*places)
        await self._perform(step, proper)
        return _is_positive(step, proper)

    async def _perform(self, step: Step, proper: str) -> None:
        if step is Fault.DROP:
            raise _Over
        if step is Fault.DEAF:
            await asyncio.Event().wait()
        while step is Fault.SILENT:
            await self._more()
        reply = step if isinstance(step, bytes) else f"{step if isinstance(step, str) else proper}\r\n".encode()
        for piece in [bytes([byte]) for byte in reply] if step is Fault.DRIP else [reply]:
            self._writer.write(piece)
            await self._writer.drain()
            await asyncio.sleep(0)
        if step is Fault.HANG_UP:
            raise _Over

    async def _line(self) -> str:
        while (end := self._inbox.find(b"\r\n")) < 0:
            if len(self._inbox) > _LINE_LIMIT:
                raise _Over
            self._inbox += await self._more()
        line = self._inbox[:end].decode("utf-8", "replace")
        del self._inbox[: end + 2]
        return line

    async def _more(self) -> bytes:
        data = await self._reader.read(_LINE_LIMIT)
        if not data:
            raise _Over
        return data


def _is_positive(step: Step, proper: str) -> bool:
    """Whether the peer is told yes; a fault may hide the answer but does not change it."""
    reply = step if isinstance(step, str | bytes) else proper
    return reply[:1] in {"2", "3", b"2", b"3"}


def _path(rest: str) -> tuple[str | None, tuple[str, ...]]:
    """The path inside the brackets, None when there is none, and the parameters."""
    found = _PATH.fullmatch(rest)
    return (found[1], tuple((found[2] or "").split())) if found else (None, ())
