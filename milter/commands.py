"""What an MTA says to a filter: one class for each command.

Takes nothing, does nothing: values whose `letter` and `layout` the codec goes by. Strings are bytes as the MTA has them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from milter.layouts import LETTER, MACROS, ORIGIN, REST, TEXT, TEXTS, Frame, Origin


@dataclass(frozen=True, slots=True)
class Macros(Frame):
    """Values for the command that follows, `command` being its letter (SMFIC_MACRO)."""

    letter = b"D"
    layout = (LETTER, MACROS)
    command: bytes
    values: Mapping[bytes, bytes]


@dataclass(frozen=True, slots=True)
class Connect(Frame):
    letter = b"C"
    layout = (TEXT, ORIGIN)
    name: bytes
    origin: Origin


@dataclass(frozen=True, slots=True)
class Helo(Frame):
    letter = b"H"
    layout = (TEXT,)
    name: bytes


@dataclass(frozen=True, slots=True)
class Mail(Frame):
    """`sender` and `parameters` as in the command, brackets included."""

    letter = b"M"
    layout = (TEXT, TEXTS)
    sender: bytes
    parameters: tuple[bytes, ...] = ()


@dataclass(frozen=True, slots=True)
class Rcpt(Frame):
    """`recipient` and `parameters` as in the command, brackets included."""

    letter = b"R"
    layout = (TEXT, TEXTS)
    recipient: bytes
    parameters: tuple[bytes, ...] = ()


@dataclass(frozen=True, slots=True)
class Data(Frame):
    letter = b"T"


@dataclass(frozen=True, slots=True)
class Unknown(Frame):
    """An SMTP command the MTA does not know."""

    letter = b"U"
    layout = (TEXT,)
    line: bytes


@dataclass(frozen=True, slots=True)
class Header(Frame):
    """One field; lines within `value` end with LF."""

    letter = b"L"
    layout = (TEXT, TEXT)
    name: bytes
    value: bytes


@dataclass(frozen=True, slots=True)
class EndOfHeaders(Frame):
    letter = b"N"


@dataclass(frozen=True, slots=True)
class Body(Frame):
    """Some bytes of the body, with CRLF; where they are cut means nothing."""

    letter = b"B"
    layout = (REST,)
    data: bytes


@dataclass(frozen=True, slots=True)
class EndOfMessage(Frame):
    """The end, perhaps with the last bytes of the body (SMFIC_BODYEOB)."""

    letter = b"E"
    layout = (REST,)
    data: bytes = b""


@dataclass(frozen=True, slots=True)
class Abort(Frame):
    """Forget this message; the client is still there."""

    letter = b"A"


@dataclass(frozen=True, slots=True)
class QuitClient(Frame):
    """The client is gone; the next comes over this connection (SMFIC_QUIT_NC)."""

    letter = b"K"


@dataclass(frozen=True, slots=True)
class Quit(Frame):
    letter = b"Q"
