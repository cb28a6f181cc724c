"""Rows as bytes: the records of the attribute file, and back into the dataclasses.

Takes one row of an import file; gives its record: CRC-32, length and table in 8 bytes, then the columns as UTF-8 text with
separators between. Reading checks sum, number of columns and each column's form, and raises ValueError when anything is not
as we write it; nothing in a file can make it do more than that. A new column makes another format: see manifest.py.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import date
from operator import attrgetter
from typing import Any, get_type_hints
from zlib import crc32

from dlp.campus.records import (
    Advising,
    Assignment,
    Contact,
    Department,
    Enrolment,
    Forward,
    MailList,
    Offering,
    Staff,
    Student,
    Waiver,
)

Row = (
    Student | Staff | Offering | Assignment | Enrolment | Advising | Waiver | Contact | Forward | Department | MailList
)  # consents and approvals change at once on every node: they live in the store
HEAD = struct.Struct("<II")  # CRC-32 of the text; its length in bytes << 4 | table
LARGEST = (1 << 28) - 1  # bytes of one row's text

_COLUMN, _ITEM, _ESCAPE = "\x1f", "\x1e", "\x1b"
_SPECIAL = re.compile("[\x1b\x1e\x1f]")
_ESCAPED = re.compile("\x1b(.?)", re.DOTALL)
_WRITTEN = {_ESCAPE: _ESCAPE + "0", _ITEM: _ESCAPE + "1", _COLUMN: _ESCAPE + "2"}
_READ = {"0": _ESCAPE, "1": _ITEM, "2": _COLUMN}


@dataclass(frozen=True, slots=True)
class Table:
    """One import file: its name without the ending, and how its rows are written."""

    number: int
    name: str
    kind: Callable[..., Row]
    columns: tuple[str, ...]
    values: Callable[[Any], tuple[Any, ...]]
    forms: tuple[_Form, ...]
    special: tuple[tuple[int, _Form], ...]  # of the columns that are no texts


@dataclass(frozen=True, slots=True)
class _Form:
    """How one column is written and read, and what a blank cell is, where it may be blank: most are."""

    written: Callable[[Any], str]
    read: Callable[[str], Any]
    blank: Any = ...

    def value(self, text: str) -> Any:
        return self.read(text) if text or self.blank is ... else self.blank


def _escaped(text: str) -> str:
    return _SPECIAL.sub(lambda found: _WRITTEN[found[0]], text) if _SPECIAL.search(text) else text


def _unescaped(text: str) -> str:
    return _ESCAPED.sub(_meant, text) if _ESCAPE in text else text


def _meant(found: re.Match[str]) -> str:
    if found[1] not in _READ:
        raise ValueError("not an escape")
    return _READ[found[1]]


def _items(values: Iterable[str]) -> str:
    return "".join(_escaped(value) + _ITEM for value in values)


def _items_read(text: str) -> list[str]:
    *items, rest = text.split(_ITEM)
    if rest:
        raise ValueError("a list without its end")
    return [_unescaped(item) for item in items]


def _word_read(words: Mapping[str, bool | None]) -> Callable[[str], bool | None]:
    def read(text: str) -> bool | None:
        if text not in words:
            raise ValueError("not yes or no")
        return words[text]

    return read


_FORMS: Mapping[object, _Form] = {
    str: _Form(_escaped, _unescaped),
    tuple[str, ...]: _Form(_items, lambda text: tuple(_items_read(text)), ()),
    frozenset[str]: _Form(lambda words: _items(sorted(words)), lambda text: frozenset(_items_read(text)), frozenset()),
    date | None: _Form(lambda day: day.isoformat() if day else "", date.fromisoformat, None),
    date: _Form(date.isoformat, date.fromisoformat),
    bool: _Form(lambda yes: "1" if yes else "", _word_read({"1": True}), blank=False),
    bool | None: _Form(lambda yes: "" if yes is None else "1" if yes else "0", _word_read({"0": False, "1": True}), None),
}
_KINDS: Mapping[str, type[Row]] = {
    "students": Student,
    "staff": Staff,
    "subjects": Offering,
    "assignments": Assignment,
    "enrolments": Enrolment,
    "advising": Advising,
    "waivers": Waiver,
    "contacts": Contact,
    "forwards": Forward,
    "departments": Department,
    "lists": MailList,
}


def _table(number: int, name: str, kind: type[Row]) -> Table:
    columns = tuple(each.name for each in fields(kind))
    hints = get_type_hints(kind)
    forms = tuple(_FORMS[hints[column]] for column in columns)
    special = tuple((place, _FORMS[hints[column]]) for place, column in enumerate(columns) if hints[column] is not str)
    return Table(number, name, kind, columns, attrgetter(*columns), forms, special)


TABLES = tuple(_table(number, name, kind) for number, (name, kind) in enumerate(_KINDS.items()))
TABLE_OF: Mapping[object, Table] = {table.kind: table for table in TABLES}


def encode(row: Row) -> bytes:
    """The record of a row. ValueError when it is too large."""
    table = TABLE_OF[type(row)]
    values = list(table.values(row))
    for place, form in table.special:
        values[place] = form.written(values[place])
    text = _COLUMN.join(values)
    if _ESCAPE in text or text.count(_COLUMN) != len(values) - 1:  # rare: some text holds a separator
        text = _COLUMN.join([form.written(value) for form, value in zip(table.forms, table.values(row), strict=True)])
    content = text.encode("utf-8", "surrogatepass")
    if len(content) > LARGEST:
        raise ValueError("a row of more than 256 MiB")
    return HEAD.pack(crc32(content), len(content) << 4 | table.number) + content


def table_at(buffer: bytes | memoryview, at: int) -> tuple[Table, int, int]:
    """Of the record that begins here: its table, and where its text begins and ends. ValueError when there can be none."""
    if not 0 <= at <= len(buffer) - HEAD.size:
        raise ValueError("a place outside")
    _, sized = HEAD.unpack_from(buffer, at)
    start, number = at + HEAD.size, sized & 15
    if number >= len(TABLES) or start + (sized >> 4) > len(buffer):
        raise ValueError("not a record")
    return TABLES[number], start, start + (sized >> 4)


def decode(buffer: bytes | memoryview, at: int) -> Row:
    """The row whose record begins here. ValueError when it is not as it was written."""
    return decode_next(buffer, at)[0]


def decode_next(buffer: bytes | memoryview, at: int) -> tuple[Row, int]:
    """The same, and where the next record begins."""
    table, start, end = table_at(buffer, at)
    content = bytes(buffer[start:end])
    if crc32(content) != HEAD.unpack_from(buffer, at)[0]:
        raise ValueError("a damaged record")
    text = content.decode("utf-8", "surrogatepass")
    columns: list[Any] = text.split(_COLUMN)
    if len(columns) != len(table.columns):
        raise ValueError("not so many columns")
    if _ESCAPE in text:
        columns = [form.value(column) for form, column in zip(table.forms, columns, strict=True)]
    else:
        for place, form in table.special:
            columns[place] = form.value(columns[place])
    return table.kind(*columns), end
