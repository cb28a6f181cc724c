"""Lines that are tables, however they are laid out: cells, what each says of whom.

Takes the lines of one view and where people stand in them; gives for each table what its cells say: line, student, and the
meaning of the label or, where there is none, of the values. Cells stand between tabs, bars, semicolons, commas, blanks that
align columns, or leaders. A table may have its people side by side, or two of them in a row. Pure; linear in the text.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import NamedTuple

from dlp.campus.amounts import are_grades, are_marks
from dlp.campus.labels import NAMES, PLAIN, UNLISTED, meaning

_SIGNS = "\t|;"
_BLANKS, _COMMA = "  ", ","
_GAP = re.compile(r"(?:[ ]{2,}|[ ]?\.{3,}[ ]?|[ ]?_{3,}[ ]?|(?:[ ][._]){3,}[ ]?)")
_GAP_HAS = ("  ", "...", "___", " .", " _")
_CELLS = {sign: re.compile(rf'[ ]*("(?:[^"]|"")*"|[^{re.escape(sign)}]*)(?:{re.escape(sign)}|$)') for sign in (*_SIGNS, _COMMA)}
_QUOTED = re.compile(r"[> ]*")
_RULE = re.compile(r"[\s|:+=-]+$")  # below the heading of a table of bars
_LABEL_LENGTH = 60
_ROW = 400  # characters of the longest line that is looked at
_WIDE_ROW = 4_000  # and of one of a sheet, or between tabs and bars
_SIDE_BY_SIDE = 3  # people in one row
_MOST_A_ROW = 4
_MOST_COLUMNS = 120
_MOST_CELLS = 300_000  # of one view
_LEAST = 3  # rows of a table whose columns nothing names
_HEADS = 6  # lines above the first person, or of the whole table, that may be the heading


class Sign(NamedTuple):
    """Where something stands that shows a person; a tuple, and so the next two, because there may be very many."""

    start: int
    end: int
    person: str


class Cell(NamedTuple):
    """One cell."""

    line: int
    start: int
    end: int
    text: str


class Said(NamedTuple):
    """What one cell says of one student: a meaning (labels.py)."""

    line: int
    person: str
    kind: str


Row = list[Cell]


@dataclass(frozen=True, slots=True)
class Lines:
    """A view by its lines, with the signs of people on each. `is_sheet`: a row is a line, a cell ends by a tab."""

    lines: Sequence[str]
    starts: Sequence[int]
    signs: Mapping[int, Sequence[Sign]]
    students: frozenset[str]
    is_sheet: bool = False

    def line(self, at: int) -> int:
        return bisect_right(self.starts, at) - 1

    def people(self, cell: Cell) -> set[str]:
        """Who stands in a cell."""
        here = self.signs.get(cell.line)
        return {sign.person for sign in here if sign.start < cell.end and cell.start < sign.end} if here else set()

    def names(self, cell: Cell, person: str) -> bool:
        """Whether this person stands in a cell."""
        for sign in self.signs.get(cell.line, ()):
            if sign.person == person and sign.start < cell.end and cell.start < sign.end:
                return True
        return False

    def students_in(self, row: Row) -> set[str]:
        """Who stands in a row, which is a line or part of one, or a column."""
        if row and row[0].line == row[-1].line:
            row = [Cell(row[0].line, row[0].start, row[-1].end, "")]
        return {person for cell in row for person in self.people(cell)} & self.students


def tables(page: Lines, found: Iterable[list[Row]], exports: Collection[int] = ()) -> Iterator[tuple[Said, ...]]:
    """What each table of students says. `exports` are lines that are the heading of a known export, whoever is below."""
    for rows in found:
        named = [page.students_in(row) for row in rows]
        for part in _parts(page, rows, named):
            of_part = named if part is rows else [page.students_in(row) for row in part]
            yield tuple(_said(page, part, of_part, exports))


def blocks(page: Lines) -> Iterator[list[Row]]:
    """The tables of a page: lines with one separator, one behind the other."""
    cells = 0
    for sign, run in groupby(range(len(page.lines)), key=lambda line: _separator(page, line)):
        if sign:
            rows: list[Row] = []
            for line in run:
                if cells < _MOST_CELLS and (page.is_sheet or not _RULE.match(page.lines[line])):
                    rows.append(_row(page, line, sign)[:_MOST_COLUMNS])
                    cells += len(rows[-1])
            for _, same in groupby(_even(rows, sign, is_sheet=page.is_sheet), key=len):
                yield list(same)


def _separator(page: Lines, line: int) -> str:
    text = page.lines[line]
    if page.is_sheet:
        return "\t" if text.strip() and len(text) <= _WIDE_ROW else ""
    inner = text.strip(" >|")
    sign = next((sign for sign in _SIGNS if sign in inner), "")
    if not sign and len(text) <= _ROW:
        sign = _BLANKS if _has_gap(inner) else _COMMA if _COMMA in inner else ""
    return sign if len(text) <= (_WIDE_ROW if sign in ("\t", "|") else _ROW) else ""


def _has_gap(text: str) -> bool:
    """Whether cells are kept apart by blanks or leaders; most lines have nothing of what that takes."""
    return any(sign in text for sign in _GAP_HAS) and _GAP.search(text) is not None


def _row(page: Lines, line: int, sign: str) -> Row:
    text, start = page.lines[line], page.starts[line]
    first = 0 if page.is_sheet else _QUOTED.match(text).end()  # type: ignore[union-attr]
    if page.is_sheet:
        found, at = [], 0
        for part in text.split("\t"):
            found.append(Cell(line, start + at, start + at + len(part), part.strip()))
            at += len(part) + 1
        return found
    if sign == _BLANKS:
        return [Cell(line, start + one, start + other, text[one:other].strip()) for one, other in _between(text, first)]
    inner = text[first:].strip(" |" if sign == "|" else " ")
    offset = start + text.index(inner, first)
    if '"' not in inner:
        return list(_split(inner, sign, line, offset))
    found = [
        Cell(line, offset + match.start(1), offset + match.end(1), match[1].strip(' "'))
        for match in _CELLS[sign].finditer(inner)
    ]
    return found[:-1] if found and not found[-1].text and not inner.endswith(sign) else found


def _split(text: str, sign: str, line: int, at: int) -> Iterator[Cell]:
    """The cells of a row without quotes."""
    for part in text.split(sign):
        blank = len(part) - len(part.lstrip(" "))
        yield Cell(line, at + blank, at + len(part), part.strip(" "))
        at += len(part) + 1


def _between(text: str, first: int) -> Iterator[tuple[int, int]]:
    """Where cells begin and end that blanks keep apart."""
    at = first
    for match in _GAP.finditer(text, first):
        if match.start() > at:
            yield at, match.start()
        at = match.end()
    if at < len(text):
        yield at, len(text)


def _even(rows: list[Row], sign: str, *, is_sheet: bool) -> list[Row]:
    """A sheet leaves out the last cells of a row where they are blank, and blanks say nothing of a cell without text."""
    width = max(map(len, rows), default=0)
    if is_sheet:
        return [
            row + [Cell(row[0].line, row[-1].end, row[-1].end, "")] * (width - len(row))
            for row in (each[:width] for each in rows)
        ]
    if sign != _BLANKS or len({len(row) for row in rows}) < 2:
        return rows
    widest = next(row for row in rows if len(row) == width)
    return [_placed(row, [cell.start - widest[0].start for cell in widest]) for row in rows]


def _placed(row: Row, lefts: Sequence[int]) -> Row:
    """Each cell in the column it begins nearest to; what stands alone in a line stays there."""
    if len(row) == len(lefts) or not row:
        return row
    placed = [Cell(row[0].line, row[-1].end, row[-1].end, "") for _ in lefts]
    for cell in row:
        left = cell.start - row[0].start
        at = min(bisect_right(lefts, left), len(lefts) - 1)
        at -= at > 0 and left - lefts[at - 1] <= abs(lefts[at] - left)
        if placed[at].text:
            return row
        placed[at] = cell
    return placed


def _parts(page: Lines, rows: list[Row], named: Sequence[set[str]]) -> Iterator[list[Row]]:
    """Rows of one person each: columns turned to rows where people stand side by side, halves below each other."""
    with_people = [at for at, each in enumerate(named) if each]
    if len(with_people) == 1 and with_people[0] < len(rows) - 1 and _are_side_by_side(page, rows[with_people[0]]):
        yield [list(column) for column in zip(*rows[with_people[0] :], strict=True)]
        return
    width = len(rows[0]) if rows else 0
    for many in range(2, min(_MOST_A_ROW, width) + 1):
        part = width // many
        if part > 1 and width % many == 0 and _repeats(page, rows, part):
            yield [row[at : at + part] for at in range(0, width, part) for row in rows]
            return
    yield rows


def _are_side_by_side(page: Lines, row: Row) -> bool:
    people = [page.people(cell) & page.students for cell in row if cell.text]
    return len(set().union(*people)) >= _SIDE_BY_SIDE and 2 * sum(map(bool, people)) >= len(people) - 1


def _repeats(page: Lines, rows: Sequence[Row], width: int) -> bool:
    """Whether rows go on with further people: each part of most rows names somebody else, and the heading says the same."""
    parts = range(0, len(rows[0]), width)
    heading = [[cell.text for cell in rows[0][at : at + width]] for at in parts]
    if not page.students_in(rows[0]) and any(each != heading[0] for each in heading):
        return False
    named = [[page.students_in(row[at : at + width]) for at in parts] for row in rows]
    several = sum(len(set().union(*each)) == len(each) and all(len(one) == 1 for one in each) for each in named)
    return 2 * several > len(rows)


def _said(page: Lines, rows: list[Row], named: Sequence[set[str]], exports: Collection[int]) -> Iterator[Said]:
    first = next((at for at, each in enumerate(named) if each), None)
    if first is None:
        return
    known = next((at for at, row in enumerate(rows[:first]) if row[0].line in exports), None)
    top = _heading(page, rows, first) if known is None else known
    heading = rows[top] if top >= 0 else None
    body = [(row, each) for row, each in zip(rows[top + 1 :], named[top + 1 :], strict=True) if any(cell.text for cell in row)]
    students = sum(map(bool, named))
    if known is None and 2 * students < len(body):
        return
    if heading is None and students < _LEAST:
        return
    columns = zip(*(row for row, _ in body), strict=True)
    meanings = [column_meaning(page, heading[at] if heading else None, column) for at, column in enumerate(columns)]
    for row, each in body:
        if len(each) == 1:
            [person] = each
            for cell, kind in zip(row, meanings, strict=True):
                if cell.text:
                    yield Said(cell.line, person, NAMES if kind != NAMES and page.names(cell, person) else kind)


def _heading(page: Lines, rows: Sequence[Row], first: int) -> int:
    """The row that says what stands below it, -1 for none: the nearest of which a label is known, else the nearest."""
    above = (*range(first - 1, max(-1, first - 1 - _HEADS), -1), *range(min(first, _HEADS) - 1, -1, -1))
    heads = [at for at in above if _is_heading(page, rows[at])]
    telling = (at for at in heads if any(meaning(cell.text) not in (UNLISTED, PLAIN) for cell in rows[at]))
    return next(telling, heads[0] if heads else -1)


def column_meaning(page: Lines, head: Cell | None, column: Sequence[Cell]) -> str:
    """What the values of a column are, by its label; by themselves without one, or under a date or a number."""
    if head is not None and any(map(str.isalpha, head.text)):
        return meaning(head.text)
    values = [cell.text for cell in column if cell.text and not page.people(cell)]
    if are_grades(values):
        return "grades"
    return "attendance" if head is not None and head.text and are_marks(values) else PLAIN


def _is_heading(page: Lines, row: Row) -> bool:
    """Whether these are labels; between commas, where prose stands as well, one of them must say who is meant."""
    filled = [cell.text for cell in row if cell.text]
    if not filled or any(page.people(cell) for cell in row):
        return False
    if any(len(text) > _LABEL_LENGTH or not (text[0].isalpha() or text[0] in "#$*'") for text in filled):
        return False
    line = page.lines[row[0].line]
    clear = page.is_sheet or "\t" in line or "|" in line or row[0].line != row[-1].line
    return clear or any(meaning(text) == NAMES for text in filled)
