"""Text to rows of cells, whatever separates them: commas, semicolons or tabs; lines ended by CRLF, LF or CR.

Takes blocks of text, gives each row with the number of the physical line it begins at. A row that is no row (a quote that is
never closed, a cell without end) comes as None, and reading goes on with the next line. Holds one block and one row; a cell
or line beyond its bound is refused, not kept.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from itertools import islice

from dlp.campus.decoding import DAMAGED

DELIMITERS = ",;\t"
LONGEST_CELL = 4 << 20  # characters: a list of all its members
LONGEST_LINE = 8 << 20
LONG = 1 << 16  # a line beyond this is looked at more closely
MOST_LINES = 100  # of one row: a quote open for longer was never closed
_CUT = "\0"  # ends a line that was cut: no cell may hold one

csv.field_size_limit(LONGEST_CELL)  # for the whole process, in which nothing else reads CSV


class Lines:
    """Physical lines, each ended by "\\n"; those of a row that was none can be given again."""

    def __init__(self, texts: Iterable[str]) -> None:
        self.number = 0  # of the line given last, from 1
        self.doubtful = False  # from here on a cell may hold what no cell may
        self.unended = False  # the line given last ends with the file, not with a line end
        self._taken: list[str] = []
        self._again: list[str] = []
        self._fresh = self._split(texts)

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        if len(self._taken) >= MOST_LINES:
            raise csv.Error
        line = self._again.pop() if self._again else next(self._fresh)
        self.number += 1
        self.doubtful = self.doubtful or len(line) > LONG
        self._taken.append(line)
        return line

    def begin(self) -> None:
        """A row begins with the next line."""
        self._taken.clear()

    def again(self, keep: int) -> None:
        """Give the lines of this row again, but for the first `keep`."""
        back = self._taken[keep:]
        self.number -= len(back)
        self._again.extend(reversed(back))
        self._taken.clear()

    def _split(self, texts: Iterable[str]) -> Iterator[str]:
        carry, held = "", ""  # a line that has no end yet; a CR that an LF may follow in the next block
        for given in texts:
            self.doubtful = self.doubtful or "\0" in given or DAMAGED in given
            text = held + given
            held = "\r" if text.endswith("\r") else ""
            if "\r" in text:
                text = text.removesuffix("\r").replace("\r\n", "\n").replace("\r", "\n")
            first, *others = text.split("\n")
            if len(carry) <= LONGEST_LINE:
                carry += first
            if len(carry) > LONGEST_LINE and not carry.endswith(_CUT):
                carry = carry[:LONGEST_LINE] + _CUT
            for line in others:
                yield carry + "\n"
                carry = line
        self.unended = bool(carry) and not held
        if carry or held:
            yield carry + "\n"


def rows(lines: Lines, delimiter: str) -> Iterator[tuple[int, list[str] | None]]:
    """Each row that is not empty, as (line, cells); None in place of cells that cannot be told apart."""
    reader = csv.reader(lines, delimiter=delimiter, strict=True, skipinitialspace=True)
    while True:
        lines.begin()
        first = lines.number + 1
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error:
            lines.again(keep=1)
            yield first, None
            continue
        if row:
            yield first, row


def delimiter_of(lines: Lines, known: Iterable[str]) -> str:
    """What separates the cells of the first line that is not blank: that by which most names are known. Gives it again."""
    wanted = frozenset(known)
    lines.begin()
    head = next(filter(str.strip, islice(lines, MOST_LINES)), "")
    lines.again(keep=0)
    return max(DELIMITERS, key=lambda sign: len(wanted & {folded(cell) for cell in head.split(sign)}))


def folded(name: str) -> str:
    """A column's name without regard to case, blanks and quotes: "Student ID" is student_id."""
    return "".join(sign for sign in name.casefold() if sign.isalnum() or sign == ".")
