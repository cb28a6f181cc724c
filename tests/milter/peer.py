"""The MTA's side: what it has of a message, how it changes that as it is told, and a client of the filter's socket.

`Kept` does to its message what the replies say, as Sendmail's documentation of its functions has it; `Mta` speaks over a
socket. Whatever a filter may not say makes them raise.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from milter import commands, replies
from milter.changes import parted
from milter.codec import REPLIES, Frames, encode
from milter.layouts import Origin
from milter.negotiation import Actions, Negotiate, Steps
from milter.session import NEEDED

EVERY_ACTION = sum(Actions)
EVERY_STEP = sum(each for each in Steps if each < Steps.DATA_256K)
OFFER = Negotiate(6, EVERY_ACTION, EVERY_STEP)
RAW = b"From: a@campus.example\r\nSubject: one\r\n\ttwo\r\nTo:b\r\n\r\nText.\r\n"


def message(raw: bytes, *recipients: bytes, sender: bytes = b"<a@campus.example>", chunk: int = 65_535, macros=True):
    """The commands of one message, from MAIL to its end."""
    fields, body = parted(raw)
    told = [commands.Macros(b"M", {b"{auth_authen}": b"ann"})] if macros else []
    told += [commands.Mail(sender)]
    told += [commands.Rcpt(each) for each in recipients or (b"<b@campus.example>",)]
    told += [commands.Macros(b"T", {b"i": b"4XYZ"}), commands.Data()]
    told += [commands.Header(name, value) for name, value in fields]
    told += [commands.EndOfHeaders()]
    told += [commands.Body(body[at : at + chunk]) for at in range(0, len(body), chunk)]
    return [*told, commands.EndOfMessage()]


GREETING = (
    commands.Macros(b"C", {b"{daemon_name}": b"mx.campus.example"}),
    commands.Connect(b"pc.campus.example", Origin(b"4", 2525, b"192.0.2.7")),
    commands.Helo(b"client.example"),
)


@dataclass
class Kept:
    """A message as the MTA keeps it, its own Received field above."""

    raw: bytes
    recipients: list[bytes]
    fields: list[tuple[bytes, bytes]] = field(default_factory=list)
    body: bytes | None = None

    def __post_init__(self) -> None:
        found, _ = parted(self.raw)
        self.fields = [(b"Received", b" by mx"), *found]

    def take(self, said: list) -> object:
        """Do what the replies say; gives the last, which settles the message."""
        *edits, last = said
        for edit in edits:
            getattr(self, f"_{type(edit).__name__}")(edit)
        return last

    def _ChangeHeader(self, edit) -> None:  # noqa: N802
        same = [place for place, (name, _) in enumerate(self.fields) if place and name.lower() == edit.name.lower()]
        place = same[edit.index - 1]
        self.fields[place : place + 1] = [(edit.name, edit.value)] if edit.value else []

    def _InsertHeader(self, edit) -> None:  # noqa: N802
        self.fields.insert(edit.index, (edit.name, edit.value))

    def _ReplaceBody(self, edit) -> None:  # noqa: N802
        self.body = (self.body or b"") + edit.data

    def _DeleteRecipient(self, edit) -> None:  # noqa: N802
        self.recipients.remove(edit.recipient)

    def content(self) -> bytes:
        """Without the MTA's own field."""
        own = self.fields.index((b"Received", b" by mx"))
        shown = self.fields[:own] + self.fields[own + 1 :]
        lines = b"".join(name + b":" + value.replace(b"\n", b"\r\n") + b"\r\n" for name, value in shown)
        return lines + b"\r\n" + (parted(self.raw)[1] if self.body is None else self.body)


class Mta:
    """A client of the filter."""

    def __init__(self, reader, writer) -> None:
        self.reader, self.writer = reader, writer
        self._frames = Frames(REPLIES, (1 << 20) - 1)
        self._waiting: list = []

    def send(self, *frames) -> None:
        self.writer.write(b"".join(map(encode, frames)))

    async def reply(self):
        """The next frame; EOFError when there is none."""
        while not self._waiting:
            block = await asyncio.wait_for(self.reader.read(1 << 16), 20)
            if not block:
                raise EOFError
            self._waiting += self._frames.feed(block)
        return self._waiting.pop(0)

    async def rest(self) -> list:
        """All that is said until the filter hangs up."""
        said = []
        try:
            while True:
                said.append(await self.reply())
        except (EOFError, ConnectionError):
            return said

    async def settled(self) -> list:
        """All that is said to one message, its last word included; words of progress left out."""
        said = []
        while not said or type(said[-1]) not in LAST:
            frame = await self.reply()
            said += [] if isinstance(frame, replies.Progress) else [frame]
        return said

    async def negotiate(self, offer: Negotiate = OFFER) -> Negotiate:
        self.send(offer)
        answer = await self.reply()
        assert isinstance(answer, Negotiate)
        return answer

    async def deliver(self, raw: bytes = RAW, *recipients: bytes, **more) -> tuple[object, Kept]:
        """One message of one client that has greeted; gives the last word to it, and what the MTA then has."""
        self.send(*message(raw, *recipients, **more))
        kept = Kept(raw, list(recipients))
        return kept.take(await self.settled()), kept

    def close(self) -> None:
        self.writer.close()


LAST = {replies.Accept, replies.Continue, replies.Discard, replies.Refuse, replies.TryAgain, replies.Answer}
assert NEEDED & EVERY_ACTION == NEEDED
