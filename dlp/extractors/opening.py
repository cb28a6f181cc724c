"""Opens one message's files, and the files in them: the OpenFile that the reader is given.

Takes the limits, libmagic's word and passwords to try; gives for each part what could be read of it and what could not.
A decoder that fails makes its file broken, a limit makes it truncated; neither touches the files beside it. Never fails.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from dlp.extractors.content import Budget, File, Grid, Piece, Recognise, Source, Stop, Text, unsupported
from dlp.extractors.formats import EXTRACTORS
from dlp.extractors.kinds import TEXT_READINGS, Sniff, is_known, is_unknown, kinds
from dlp.extractors.runs import telling
from dlp.limits import Limits
from dlp.mail import charset
from dlp.mail.dressed import bare
from dlp.mail.entity import Description
from dlp.mail.fold import fold, tagged, turned
from dlp.mail.leaf import SMALL_IMAGE, unseen
from dlp.mail.opened import Elsewhere, Look, Opened, OpenFile, Shown, Shut
from dlp.mail.reading import read
from dlp.mail.sweep import sweep
from dlp.values import PartStatus, Texts

_SURROGATE = re.compile("[\ud800-\udfff]")
_CELL = str.maketrans("\t\n\r", "   ")
_End = tuple[PartStatus, str]
_WHOLE: _End = (PartStatus.READ, "")
_WITH_FILES = frozenset(
    {"calendar", "cms", "mbox", "message", "pgp", "sealed", "vcard"}
)  # readings of a text that give the files in it
_MOST_RUNS = 20_000  # that are looked at where mail is received; the most that is let in holds less than half of them by chance
CHARACTERS = "characters"  # the place of what can be read in something that is no text


def opener(
    limits: Limits,
    size: int,
    sniff: Sniff,
    passwords: tuple[str, ...] = (),
    recognise: Recognise | None = None,
    late: Callable[[], bool] = lambda: False,
) -> OpenFile:
    """For one message of `size` bytes. `sniff` gives the media type of bytes, `recognise` the text in a picture.

    `late` says whether the time for files is over.
    """
    budget = Budget.of(limits, size, passwords, late)
    budget.recognise = recognise

    def open_part(data: bytes, declared: Description) -> Opened:
        found = _Found(budget, sniff)
        names = declared.filenames
        status, why = found.open(Source(data, names, declared.media_type, declared.charset), ())
        return Opened(status, why, tuple(found.shown), tuple(found.shut))

    return open_part


def look(limits: Limits, size: int) -> Look:
    """The same where mail is received: of a file nobody can read the characters in it, as `opener` gives them."""
    budget, end = None, unsupported()

    def open_part(data: bytes, declared: Description) -> Opened:
        nonlocal budget
        if not is_unknown(Source(data, charset=declared.charset)):
            raise Elsewhere
        budget = budget or Budget.of(replace(limits, text=limits.fast_text, elements=_MOST_RUNS), size)
        found = _Found(budget, lambda _: "")
        try:
            found.show(Text(telling(data, budget), CHARACTERS), ())
        except Stop:
            raise Elsewhere from None
        return Opened(end.status, end.why, tuple(found.shown))

    return Look(open_part, is_known)


@dataclass(slots=True)
class _Found:
    """What one part gave so far."""

    budget: Budget
    sniff: Sniff
    shown: list[Shown] = field(default_factory=list)
    shut: list[Shut] = field(default_factory=list)

    def open(self, source: Source, path: Sequence[int]) -> _End:
        """Read one file and what is in it; gives how it ended."""
        if len(path) > self.budget.limits.nested:
            return PartStatus.TRUNCATED, "nested"
        found = _readable(kinds(source, self.sniff))
        ends = [self._read(kind, source, path, alone=_WITH_FILES.isdisjoint(found)) for kind in found]
        return max(ends, key=lambda end: end[0] is not PartStatus.READ)

    def _read(self, kind: str, source: Source, path: Sequence[int], *, alone: bool) -> _End:
        """What one reading gives; as mere text, files in a text are left to a reading beside it that knows them."""
        files, encoded = 0, alone or kind != "text"
        try:
            for piece in self._pieces(kind, source, path):
                for file in (piece,) if isinstance(piece, File) else self.show(piece, path)[: None if encoded else 0]:
                    files += 1
                    self.budget.take("members")
                    self._file(file, (*path, files))
        except Stop as stop:
            return stop.status, stop.why
        except (MemoryError, RecursionError):
            return PartStatus.TRUNCATED, "memory"
        except Exception:  # noqa: BLE001  decoders of others raise anything at all on what they cannot read
            return PartStatus.BROKEN, "broken"
        return _WHOLE

    def _pieces(self, kind: str, source: Source, path: Sequence[int]) -> Iterator[Piece]:
        if kind == "message":
            self._message(read(source.data, self.budget.limits, open_file=self._within(path)), path)
            return iter(())
        return EXTRACTORS[kind](source, self.budget)

    def _file(self, piece: File, path: Sequence[int]) -> None:
        status, why = piece.status, piece.why
        if piece.name:
            self._add(piece.name, "name", path)
        if status is PartStatus.READ:
            self.budget.take("expanded", len(piece.data))
            status, why = self.open(Source(piece.data, (piece.name,) if piece.name else (), piece.media_type), path)
        if why == "image" and piece.shown and len(piece.data) <= SMALL_IMAGE:
            why = "inline-image"
        if status is not PartStatus.READ:
            self.shut.append(Shut(_path(path), piece.media_type, piece.name, status, why))

    def show(self, piece: Text | Grid, path: Sequence[int]) -> Sequence[File]:
        """Keep a text, and what stands encoded in it; gives the files that do. Raises Stop where that could not be undone."""
        if isinstance(piece, Grid) and piece.again:
            self._show_again(piece, path)
            return ()
        if isinstance(piece, Text):
            text, grid = piece.text, None
        else:
            self.budget.take("cells", sum(map(len, piece.rows)))
            text, grid = _cells(piece), (piece.row, piece.column)
        self._add(text, piece.place, path, grid)
        self._add(turned(text), ", ".join(filter(None, (piece.place, "turned"))), path)
        self._add(tagged(text), ", ".join(filter(None, (piece.place, "unseen characters"))), path)
        if piece.place != CHARACTERS and (other := bare(text)):
            shown = unseen(fold(other), (fold(text),))
            self._add(shown, ", ".join(filter(None, (piece.place, "without markup"))), path)
        swept = sweep(text.encode("utf-8", "replace"))
        encoded = unseen(fold(charset.decode(swept.text)), (fold(text),)) if swept.text else ""
        self._add(encoded, ", ".join(filter(None, (piece.place, "encoded text"))), path)
        if piece.place == CHARACTERS:  # of what is no text: chance, and shut anyway
            return ()
        if swept.unread:
            raise Stop(PartStatus.AMBIGUOUS, "ambiguous")
        return tuple(File(payload, shown=True) for payload in swept.files)

    def _show_again(self, piece: Grid, path: Sequence[int]) -> None:
        """Keep a table whose text was kept before; without room for it nothing is missing."""
        text = _cells(piece)
        if len(text) <= self.budget.text:
            kept = len(self.shown)
            self._add(text, piece.place, path, (piece.row, piece.column))
            self.shown[kept:] = [replace(each, again=True) for each in self.shown[kept:]]

    def _add(self, text: str, place: str, path: Sequence[int], grid: tuple[int, int] | None = None) -> None:
        """Keep a text; what an extractor should not give, but an answer cannot hold, is put right."""
        if text.strip():
            at = grid if grid and min(grid) > 0 else None
            whole = text if text.isascii() else _SURROGATE.sub("\ufffd", text)
            self.shown.append(Shown(_path(path), place, whole[: self.budget.text], at))
            self.budget.take("text", len(text))

    def _within(self, path: Sequence[int]) -> OpenFile:
        """For the parts of a message that is itself a file."""

        def open_part(data: bytes, declared: Description) -> Opened:
            inner = _Found(self.budget, self.sniff)
            status, why = inner.open(Source(data, declared.filenames, declared.media_type, declared.charset), (*path, 0))
            shown = tuple(Shown("", each.place, each.text, each.grid, each.again) for each in inner.shown)
            return Opened(status, why, shown, tuple(inner.shut))

        return open_part

    def _message(self, texts: Texts, path: Sequence[int]) -> None:
        self.shown += [Shown(_path(path), each.label, each.text, each.grid, each.again) for each in texts.views]
        self.shut += [Shut(_path(path), each.media_type, each.filename, each.status, each.why) for each in texts.unread]


def _readable(found: tuple[str, ...]) -> tuple[str, ...]:
    """The kinds for which there is a reader; a kind without one is as good as unknown."""
    known = {*EXTRACTORS, "message"}
    return tuple(
        dict.fromkeys(kind if kind in known else "unknown" for kind in found if kind in known | (set(found) - TEXT_READINGS))
    )


def _cells(grid: Grid) -> str:
    return "\n".join("\t".join(cell.translate(_CELL) for cell in row) for row in grid.rows)


def _path(path: Sequence[int]) -> str:
    return "/".join(map(str, path))
