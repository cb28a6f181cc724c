"""Rows without names, and the table that says by row number, seat, code or login who they are.

Takes tables by page; gives what the rows of one say of students who have the same key in another. The key is a column of
different values beside the students, found again in a column of the other table: under the same label, or with the very same
values. Pure; linear in the tables, of which a bounded number is looked at. Nothing here fails.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from dlp.campus.grids import Cell, Lines, Row, Said, column_meaning

LEAST, _FEW_NUMBERS = 3, 5  # rows; of those counted through there are more, where nothing says that they are the same
_LONGEST = 24  # characters of a key
_MOST_TABLES, _MOST_KEYS = 40, 4
_STRAY = 5  # one row in so many may have a key that nobody has


@dataclass(frozen=True, slots=True)
class _Table:
    page: Lines
    rows: Sequence[Row]


@dataclass(frozen=True, slots=True)
class _Key:
    """A column that tells students apart: its label, and who has which value."""

    label: str
    whose: Mapping[str, str]


def keyed(pages: Sequence[tuple[Lines, Sequence[list[Row]]]]) -> Iterator[tuple[int, Said]]:
    """What is said so, each with the place of its page; `pages` have their tables beside them."""
    every = ((at, _Table(page, rows)) for at, (page, tables) in enumerate(pages) for rows in tables if len(rows) >= LEAST)
    found_in = list(islice(every, _MOST_TABLES))
    if len(found_in) < 2:
        return
    named = [any(table.page.students_in(row) for row in table.rows) for _, table in found_in]
    keys = [key for (_, table), names in zip(found_in, named, strict=True) if names for key in _keys(table)]
    for (at, table), names in zip(found_in, named, strict=True):
        found = () if names or not keys else _said(table, keys)
        yield from ((at, each) for each in found)


def _keys(table: _Table) -> Iterator[_Key]:
    named = [table.page.students_in(row) for row in table.rows]
    body = [(row, next(iter(each))) for row, each in zip(table.rows, named, strict=True) if len(each) == 1]
    if len({person for _, person in body}) < max(LEAST, len(body)):
        return
    first = next(at for at, each in enumerate(named) if each)
    found = (_key(table, table.rows[first - 1] if first else [], body, at) for at in range(len(table.rows[0])))
    yield from islice(filter(None, found), _MOST_KEYS)


def _key(table: _Table, heading: Row, body: Sequence[tuple[Row, str]], at: int) -> _Key | None:
    whose = {_folded(row[at]): person for row, person in body if not table.page.people(row[at])}
    if len(whose) < len(body) or "" in whose or max(map(len, whose)) > _LONGEST:
        return None
    return _Key(_folded(heading[at]) if heading else "", whose)


def _said(table: _Table, keys: Sequence[_Key]) -> Iterator[Said]:
    for key in keys:
        for at in range(len(table.rows[0])):
            first = next((nth for nth, row in enumerate(table.rows) if _folded(row[at]) in key.whose), 0)
            heading, body = table.rows[first - 1] if first else None, table.rows[first:]
            if _fits(key, heading[at] if heading else None, [_folded(row[at]) for row in body]):
                yield from _of_rows(table.page, heading, body, at, key)
                return


def _fits(key: _Key, head: Cell | None, values: Sequence[str]) -> bool:
    found = {value for value in values if value in key.whose}
    if len(found) < LEAST or (len(values) - len(found)) * _STRAY > len(values):
        return False
    if head is not None and key.label and _folded(head) == key.label:
        return True
    counted = all(map(str.isdecimal, found))
    return found == key.whose.keys() and (not counted or len(found) >= _FEW_NUMBERS)


def _of_rows(page: Lines, heading: Row | None, body: Sequence[Row], key_at: int, key: _Key) -> Iterator[Said]:
    columns = zip(*body, strict=True)
    meanings = [column_meaning(page, heading[at] if heading else None, column) for at, column in enumerate(columns)]
    for row in body:
        person = key.whose.get(_folded(row[key_at]))
        if person is not None:
            yield from (
                Said(cell.line, person, kind)
                for at, (cell, kind) in enumerate(zip(row, meanings, strict=True))
                if cell.text and at != key_at
            )


def _folded(cell: Cell) -> str:
    return cell.text.casefold()
