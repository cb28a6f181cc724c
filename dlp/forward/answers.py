"""What the next hop said: replies read strictly, mirrored in our own words, and the ways an answer can be missing.

Takes the bytes that have arrived, gives an `Answer` once one is complete (RFC 5321 4.2). Anything that is no reply is
a ProtocolError. The peer's text may hold addresses, so it never leaves this folder: `mirror` keeps class and codes.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from dlp.errors import ProtocolError, Unavailable
from dlp.values import Reply

REPLY_LIMIT = 65_536  # bytes of one reply, all lines
_LINE = re.compile(rb"([2-5][0-9]{2})(?:([ -])([^\r\n\0]*))?")
_ENHANCED = re.compile(r"([245])\.[0-9]{1,3}\.[0-9]{1,3}(?= |$)")
_TEXT = {2: "accepted by the next hop", 4: "the next hop cannot take this now, try again later", 5: "refused by the next hop"}
_BAD_SEQUENCE = 503
_CLOSING = 421


class Interrupted(Unavailable):
    """The conversation with the next hop broke off. `after_dot`: it may or may not have taken the message.

    `why` is one of closed, timeout, garbage, refused (no service for us at all), tls, full (no free place), late (our
    deadline).
    """

    def __init__(self, why: str, *, after_dot: bool = False) -> None:
        super().__init__("next_hop")
        self.why = why
        self.after_dot = after_dot


class RecipientsChanged(Unavailable):
    """An SMTP hop refuses the sender or a recipient of this delivery; nothing was sent. `replies`: one per recipient."""

    def __init__(self, replies: tuple[Reply, ...]) -> None:
        super().__init__("next_hop")
        self.replies = replies


@dataclass(frozen=True, slots=True)
class Answer:
    """One complete reply as the peer gave it. `lines` are not shown: they may name people."""

    code: int
    lines: tuple[str, ...] = field(repr=False)

    @property
    def reply(self) -> Reply:
        """The mirrored reply; Interrupted when the answer only tells that the two sides are out of step (or 421)."""
        if self.code == _CLOSING:
            raise Interrupted("closed")
        if self.code == _BAD_SEQUENCE or self.code // 100 == 3:
            raise Interrupted("garbage")
        return self.final

    @property
    def final(self) -> Reply:
        """The mirrored reply to a message's last byte, where every negative answer is an answer."""
        if self.code // 100 == 3:
            raise Interrupted("garbage", after_dot=True)
        found = _ENHANCED.match(self.lines[0])
        agrees = found is not None and found[1] == str(self.code)[0]
        return mirror(Reply(self.code, found[0] if found and agrees else "", ""))


def mirror(reply: Reply) -> Reply:
    """The same class, code and enhanced code with a fixed text; 2xx becomes 250, 421 (which closes) becomes 451."""
    kind = reply.code // 100
    code = 250 if kind == 2 else 451 if reply.code == _CLOSING else reply.code
    return Reply(code, reply.enhanced or f"{kind}.0.0", _TEXT[kind])


def take_answer(inbox: bytearray) -> Answer | None:
    """Remove and give the first complete reply, None while it is incomplete; ProtocolError when it cannot become one."""
    lines: list[str] = []
    code = b""
    start = 0
    while (stop := inbox.find(b"\n", start)) >= 0:
        found = _LINE.fullmatch(inbox[start:stop].removesuffix(b"\r"))
        if found is None or not inbox.startswith(b"\r", stop - 1) or (code and found[1] != code):
            raise ProtocolError("the next hop's reply is no SMTP reply")
        code = bytes(found[1])
        lines.append((found[3] or b"").decode("ascii", "replace"))
        start = stop + 1
        if start > REPLY_LIMIT:
            break
        if found[2] != b"-":
            del inbox[:start]
            return Answer(int(code), tuple(lines))
    if max(start, len(inbox)) > REPLY_LIMIT:
        raise ProtocolError("the next hop's reply is too long")
    return None
