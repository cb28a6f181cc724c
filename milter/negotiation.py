"""What an MTA and a filter agree on first: the version, what the filter may do, and which steps are left out.

Takes nothing, does nothing: flags with the numbers of Sendmail's mfdef.h, and the frame that carries them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum, IntFlag

from milter.layouts import NUMBER, WISHES, Frame

OLDEST, NEWEST = 2, 6  # versions


class Actions(IntFlag):
    """What a filter may do to a message (SMFIF_*)."""

    ADD_HEADERS = 0x1
    CHANGE_BODY = 0x2
    ADD_RECIPIENTS = 0x4
    DELETE_RECIPIENTS = 0x8
    CHANGE_HEADERS = 0x10
    QUARANTINE = 0x20
    CHANGE_SENDER = 0x40
    ADD_RECIPIENTS_WITH_PARAMETERS = 0x80
    NAME_MACROS = 0x100


class Steps(IntFlag):
    """Steps of the protocol left out (NO_), or not answered (MUTE_), and how data is sent (SMFIP_*)."""

    NO_CONNECT = 0x1
    NO_HELO = 0x2
    NO_MAIL = 0x4
    NO_RCPT = 0x8
    NO_BODY = 0x10
    NO_HEADERS = 0x20
    NO_END_OF_HEADERS = 0x40
    MUTE_HEADER = 0x80
    NO_UNKNOWN = 0x100
    NO_DATA = 0x200
    SKIP = 0x400
    REFUSED_RECIPIENTS = 0x800
    MUTE_CONNECT = 0x1000
    MUTE_HELO = 0x2000
    MUTE_MAIL = 0x4000
    MUTE_RCPT = 0x8000
    MUTE_DATA = 0x10000
    MUTE_UNKNOWN = 0x20000
    MUTE_END_OF_HEADERS = 0x40000
    MUTE_BODY = 0x80000
    LEADING_SPACE = 0x100000
    DATA_256K = 0x10000000
    DATA_1M = 0x20000000

    @property
    def most_data(self) -> int:
        """The most bytes of data one frame has, when this was agreed on."""
        agreed = int(self)  # flags are slow to combine
        if agreed & _DATA_1M:
            return (1 << 20) - 1
        return (1 << 18) - 1 if agreed & _DATA_256K else (1 << 16) - 1


_DATA_256K, _DATA_1M = int(Steps.DATA_256K), int(Steps.DATA_1M)


class Stage(IntEnum):
    """For which step macros are asked for (SMFIM_*)."""

    CONNECT = 0
    HELO = 1
    MAIL = 2
    RCPT = 3
    DATA = 4
    END_OF_MESSAGE = 5
    END_OF_HEADERS = 6


@dataclass(frozen=True, slots=True)
class Negotiate(Frame):
    """The first frame of both sides (SMFIC_OPTNEG). `wishes`: by stage, the macros a filter asks for, with blanks between."""

    letter = b"O"
    layout = (NUMBER, NUMBER, NUMBER, WISHES)
    version: int
    actions: int
    steps: int
    wishes: Mapping[int, bytes] = field(default_factory=dict)
