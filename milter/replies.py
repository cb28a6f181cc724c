"""What a filter says to an MTA: one class for each reply.

Takes nothing, does nothing: values whose `letter` and `layout` the codec goes by. Those that change a message are said at
its end, before the one that settles it.
"""

from __future__ import annotations

from dataclasses import dataclass

from milter.layouts import NUMBER, REST, TEXT, TEXTS, Frame


@dataclass(frozen=True, slots=True)
class Continue(Frame):
    letter = b"c"


@dataclass(frozen=True, slots=True)
class Accept(Frame):
    letter = b"a"


@dataclass(frozen=True, slots=True)
class Discard(Frame):
    """Answer 250 and forget the message."""

    letter = b"d"


@dataclass(frozen=True, slots=True)
class Refuse(Frame):
    """Answer 5xx in the MTA's own words (SMFIR_REJECT)."""

    letter = b"r"


@dataclass(frozen=True, slots=True)
class TryAgain(Frame):
    """Answer 4xx in the MTA's own words (SMFIR_TEMPFAIL)."""

    letter = b"t"


@dataclass(frozen=True, slots=True)
class Answer(Frame):
    """Answer this: a code, an enhanced one, and text (SMFIR_REPLYCODE)."""

    letter = b"y"
    layout = (TEXT,)
    reply: bytes


@dataclass(frozen=True, slots=True)
class Skip(Frame):
    """Send no more of the body."""

    letter = b"s"


@dataclass(frozen=True, slots=True)
class Progress(Frame):
    """The answer is on its way: wait as long again."""

    letter = b"p"


@dataclass(frozen=True, slots=True)
class ShutDown(Frame):
    """Answer 421 and hang up."""

    letter = b"4"


@dataclass(frozen=True, slots=True)
class FailConnection(Frame):
    letter = b"f"


@dataclass(frozen=True, slots=True)
class AddHeader(Frame):
    letter = b"h"
    layout = (TEXT, TEXT)
    name: bytes
    value: bytes


@dataclass(frozen=True, slots=True)
class InsertHeader(Frame):
    """Before the field now at `index`; 0 and 1 are the top."""

    letter = b"i"
    layout = (NUMBER, TEXT, TEXT)
    index: int
    name: bytes
    value: bytes


@dataclass(frozen=True, slots=True)
class ChangeHeader(Frame):
    """The `index`-th field of this name, from 1, gets this value; none takes it away."""

    letter = b"m"
    layout = (NUMBER, TEXT, TEXT)
    index: int
    name: bytes
    value: bytes


@dataclass(frozen=True, slots=True)
class ChangeSender(Frame):
    letter = b"e"
    layout = (TEXT, TEXTS)
    sender: bytes
    parameters: tuple[bytes, ...] = ()


@dataclass(frozen=True, slots=True)
class AddRecipient(Frame):
    letter = b"+"
    layout = (TEXT,)
    recipient: bytes


@dataclass(frozen=True, slots=True)
class AddRecipientWithParameters(Frame):
    letter = b"2"
    layout = (TEXT, TEXTS)
    recipient: bytes
    parameters: tuple[bytes, ...] = ()


@dataclass(frozen=True, slots=True)
class DeleteRecipient(Frame):
    letter = b"-"
    layout = (TEXT,)
    recipient: bytes


@dataclass(frozen=True, slots=True)
class ReplaceBody(Frame):
    """The next bytes of the new body, with CRLF."""

    letter = b"b"
    layout = (REST,)
    data: bytes


@dataclass(frozen=True, slots=True)
class Quarantine(Frame):
    letter = b"q"
    layout = (TEXT,)
    reason: bytes
