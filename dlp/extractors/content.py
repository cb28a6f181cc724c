"""The pieces extractors give, what they are given, and how they say that there is no more.

An extractor takes a Source and the message's Budget and yields pieces as it finds them: texts, grids, files to be opened
in turn. It raises Stop where it cannot go on: what it gave before is kept. Whatever else a decoder raises counts as broken.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from dlp.limits import Limits
from dlp.values import PartStatus

_FREE = 10 << 20  # bytes any message may unfold to


class Stop(Exception):  # noqa: N818  it ends a reading, and most often nobody is at fault
    """No more of this file can be read, and why."""

    def __init__(self, status: PartStatus, why: str) -> None:
        super().__init__(why)
        self.status = status
        self.why = why


def broken() -> Stop:
    """The file contradicts its format."""
    return Stop(PartStatus.BROKEN, "broken")


def locked() -> Stop:
    """The file asks for a password that is not known."""
    return Stop(PartStatus.ENCRYPTED, "password")


def unsupported() -> Stop:
    """A format, or a variant of one, that is not read."""
    return Stop(PartStatus.UNSUPPORTED, "unsupported")


@dataclass(frozen=True, slots=True)
class Source:
    """One file: its bytes, and what was said of it, which proves nothing."""

    data: bytes
    names: tuple[str, ...] = ()
    media_type: str = ""
    charset: str = ""


@dataclass(frozen=True, slots=True)
class Text:
    """Characters as a person would read them; `place` in words without any of the file's own: "comments", "page 3"."""

    text: str
    place: str = ""


@dataclass(frozen=True, slots=True)
class Grid:
    """A table. `row` and `column` are those of its first cell, counted from 1, so that a cell can be named.

    `again`: a Text before it has all that stands in it.
    """

    rows: Sequence[Sequence[str]]
    place: str = ""
    row: int = 1
    column: int = 1
    again: bool = False


@dataclass(frozen=True, slots=True)
class File:
    """A file within this one, to be opened; or, with a status, one that cannot be. `shown`: a picture in a document's text."""

    data: bytes
    name: str = ""
    media_type: str = ""
    status: PartStatus = PartStatus.READ
    why: str = ""
    shown: bool = False


Piece = Text | Grid | File


# grey pixels, width and height to their text and how sure that is in percent; None when there is no time left for it
Recognise = Callable[[bytes, int, int], tuple[str, int] | None]


@dataclass(slots=True)
class Budget:
    """What reading one message's files may still take; one for all of them.

    `passwords` are tried on what is locked; `recognise` reads pictures, where there is somebody to do it.
    """

    limits: Limits
    expanded: int
    members: int
    cells: int
    pages: int
    pixels: int
    text: int
    elements: int
    passwords: tuple[str, ...] = ()
    recognise: Recognise | None = None
    late: Callable[[], bool] = lambda: False

    @classmethod
    def of(cls, limits: Limits, size: int, passwords: tuple[str, ...] = (), late: Callable[[], bool] = lambda: False) -> Budget:
        """For a message of `size` bytes; `late` says whether the time for its files is over."""
        expanded = min(limits.expanded, max(_FREE, size * limits.unfolds))
        counts = (limits.members, limits.cells, limits.pages, limits.pixels, limits.text, limits.elements)
        return cls(limits, expanded, *counts, passwords, late=late)

    def take(self, what: str, count: int = 1) -> None:
        """Use some `expanded` (bytes), `members`, `cells`, `pages`, `pixels`, `text` (characters) or `elements`.

        Raises Stop at the end.
        """
        if self.late():
            raise Stop(PartStatus.TRUNCATED, "time")
        left = getattr(self, what) - count
        setattr(self, what, max(left, 0))
        if left < 0:
            raise Stop(PartStatus.TRUNCATED, what)


Extractor = Callable[[Source, Budget], Iterator[Piece]]


def beside_others(pieces: Iterable[Piece], ends: list[Stop]) -> Iterator[Piece]:
    """One part of several: where it breaks off is kept in `ends`, and the others are read; a limit ends them all."""
    try:
        yield from pieces
    except Stop as stop:
        if stop.status is PartStatus.TRUNCATED:
            raise
        ends.append(stop)
