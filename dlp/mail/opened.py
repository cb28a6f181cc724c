"""What opening one file gives: the shape in which extractors hand on what a part holds.

Takes nothing, does nothing. The reader (reading.py) is given an `OpenFile` where files may be opened, in a jailed child; it
knows nothing of formats. Paths count files within a part from 1: "3/1" is the first file in the third. Nothing here fails.
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
