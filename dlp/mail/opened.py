"""What opening one file gives: the shape in which extractors hand on what a part holds.

Takes nothing, does nothing. The reader (reading.py) is given an `OpenFile` where files may be opened, in a jailed child, or
`Look` where a message is received; it knows nothing of formats. Paths count files within a part from 1: "3/1" is the first file
in the third. Nothing here fails.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from dlp.mail.entity import Description
from dlp.values import PartStatus


@dataclass(frozen=True, slots=True)
class Shown:
    """Text of one file. `place` says where in it, in words ("sheet 2", "footnotes", ""); `grid` and `again` as in a View."""

    path: str
    place: str
    text: str
    grid: tuple[int, int] | None = None
    again: bool = False


@dataclass(frozen=True, slots=True)
class Shut:
    """A file within a file that was not read, or not whole."""

    path: str
    media_type: str
    name: str
    status: PartStatus
    why: str


@dataclass(frozen=True, slots=True)
class Opened:
    """One part opened. `why` is "" when READ; texts that were read before an end came are kept."""

    status: PartStatus
    why: str = ""
    shown: tuple[Shown, ...] = ()
    shut: tuple[Shut, ...] = ()


OpenFile = Callable[[bytes, Description], Opened]


class Elsewhere(Exception):  # noqa: N818  it says where to go on
    """This file is none for the process that receives mail."""


@dataclass(frozen=True, slots=True)
class Look:
    """Opens the files of one message where it is received: raises Elsewhere for all but what no decoder of others must see.

    `is_known` says of a file's first bytes that it would.
    """

    open_file: OpenFile
    is_known: Callable[[bytes], bool]


def nobody(_data: bytes, _declared: Description) -> Opened:
    """Opens nothing. Raises Elsewhere."""
    raise Elsewhere


NO_FILES = Look(nobody, lambda _: True)
