"""One message as an MTA tells it: its envelope and macros, then its bytes piece by piece.

Takes what the commands of one message say; gives a Message, or the answer to what cannot be taken, which is read to its end
and kept no longer. The bytes are those the MTA has: each field with the blank behind its colon, lines ended by CRLF.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from dlp.receive import replies
from dlp.receive.data import DataRules, has_bare_newline
from dlp.values import Client, Recipient, Reply
from milter.layouts import Malformed, Origin

MOST_RECIPIENTS = 10_000
_LONGEST = 255  # characters of a name
_LINE_END = re.compile(rb"\r?\n")  # Sendmail's protocol has LF within a field, and some send both
_NEW_LINE = re.compile(rb"\n(?![\t ])")
_NOT_OF_A_NAME = re.compile(rb"[\r\n:]")
_LOCAL = frozenset({"127.0.0.1", "::1"})


@dataclass(frozen=True, slots=True)
class Message:
    """A whole message. `received` are its bytes, `raw` those to judge: the same, but where bare CR and LF are made CRLF."""

    client: Client
    macros: Mapping[str, str]
    sender: str
    parameters: tuple[str, ...]
    recipients: tuple[Recipient, ...]
    echoes: tuple[bytes, ...] = field(repr=False)  # the recipients as the MTA gave them
    received: bytes = field(repr=False)
    raw: bytes = field(repr=False)

    @property
    def upstream_id(self) -> str:
        """The MTA's queue id, "" when it did not tell."""
        return self.macros.get("i", "")

    @property
    def login(self) -> str:
        """The authenticated user, "" when there is none."""
        return self.macros.get("{auth_authen}", "")


class Collecting:
    """A message on its way. `fault` is the answer to one that cannot be taken."""

    def __init__(self, rules: DataRules, sender: bytes, parameters: tuple[bytes, ...]) -> None:
        self.fault: Reply | None = None
        self._rules = rules
        self._sender = sender
        self._parameters = parameters
        self._recipients: list[tuple[bytes, tuple[bytes, ...]]] = []
        self._pieces: list[bytes] = []
        self._taken = 0  # bytes reserved in the budget
        self._head = 0  # bytes before the body, once they are known

    @property
    def null_sender(self) -> bool:
        return self._sender in (b"<>", b"")

    def recipient(self, given: bytes, parameters: tuple[bytes, ...]) -> None:
        if len(self._recipients) >= MOST_RECIPIENTS:
            self._fail(replies.TOO_MANY_RECIPIENTS)
        else:
            self._recipients.append((given, parameters))

    def header(self, name: bytes, value: bytes) -> None:
        """One field. Raises Malformed for what would be read as two: its number would not be the MTA's."""
        if _NOT_OF_A_NAME.search(name) or (b"\n" in value and _NEW_LINE.search(value)):
            raise Malformed("a field that is not one")
        self._take(b"%s:%s\r\n" % (name, _LINE_END.sub(b"\r\n", value) if b"\n" in value else value))

    def body(self, data: bytes) -> None:
        """Some of the body; the first time, the empty line before it."""
        if not self._head:
            self._take(b"\r\n")
            self._head = self._taken
        self._take(data)

    def finished(self, client: Client, macros: Mapping[bytes, bytes]) -> Message | Reply:
        """The message, or the answer to what is none. The bytes stay reserved until `release`."""
        received = b"".join(self._pieces)
        self._pieces = []
        raw = received
        if self.fault is None and has_bare_newline(received):
            raw = received.replace(b"\r\n", b"\n").replace(b"\r", b"\n").replace(b"\n", b"\r\n")
            # Within a field a line end would make two of one, which no MTA can be told.
            mendable = self._rules.normalise and not has_bare_newline(received[: self._head])
            self.fault = None if mendable else replies.BARE_NEWLINE
        if self.fault is None and not self._rules.nul and b"\0" in received:
            self.fault = replies.NUL
        if self.fault is not None:
            return self.fault
        try:
            return Message(
                client=client,
                macros={_text(name): _text(value) for name, value in macros.items()},
                sender=_address(self._sender),
                parameters=tuple(map(_text, self._parameters)),
                recipients=tuple(Recipient(_address(given), tuple(map(_text, more))) for given, more in self._recipients),
                echoes=tuple(given for given, _ in self._recipients),
                received=received,
                raw=raw,
            )
        except UnicodeDecodeError:
            return replies.NOT_TEXT

    def release(self) -> None:
        """Forget the bytes and give them back to the budget. Safe to call twice."""
        self._pieces = []
        self._rules.budget.give(self._taken)
        self._taken = 0

    def _take(self, piece: bytes) -> None:
        if self.fault is not None:
            return
        if self._taken + len(piece) > self._rules.size:
            self._fail(replies.TOO_BIG)
        elif not self._rules.budget.take(len(piece)):
            self._fail(replies.IN_FLIGHT)
        else:
            self._taken += len(piece)
            self._pieces.append(piece)

    def _fail(self, reply: Reply) -> None:
        self.fault = self.fault or reply
        self.release()


def client_of(name: bytes, origin: Origin, helo: bytes) -> Client:
    """The original client. What was handed to the MTA's own sendmail command comes from no address, or from no port."""
    address = _plain(origin.address)
    address = address[5:] if address[:5].upper() == "IPV6:" else address
    if origin.family == b"U" or (origin.port == 0 and address in _LOCAL):
        return Client(helo=_plain(helo), source="LOCAL")
    told = _plain(name)
    return Client(
        address=address if origin.family in (b"4", b"6") else "",
        port=str(origin.port or ""),
        name="" if told == "unknown" or told.startswith("[") else told,
        helo=_plain(helo),
        protocol="ESMTP",
        source="REMOTE",
    )


def _text(told: bytes) -> str:
    return told.decode("utf-8")


def _address(given: bytes) -> str:
    """As given, without the brackets."""
    return _text(given[1:-1] if given[:1] == b"<" and given[-1:] == b">" else given)


def _plain(told: bytes) -> str:
    """A name fit for a log or a header field; "" instead of one that is not."""
    text = told.decode("utf-8", "replace")
    return text if len(told) <= _LONGEST and text.isprintable() and "\ufffd" not in text else ""
