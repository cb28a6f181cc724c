"""SQLite databases, every table as a grid under its columns' names.

Takes a Source; the database is read in memory, its own bytes trusted in nothing: only tables are read, never a view or a
column that is computed, no function is called, and every query has a number of steps. Values that are files are opened. Gives
the names and the schema as text, and the characters of the whole file, for rows that were deleted. Corrupt is broken.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field

from dlp.extractors.content import Budget, File, Grid, Piece, Source, Stop, Text, broken
from dlp.extractors.runs import runs
from dlp.mail import charset
from dlp.values import PartStatus

_JOURNAL = slice(18, 20)  # bytes of the header that ask for a write-ahead log, which nothing in memory has
_STEPS, _TICKS = 100_000, 2_000  # instructions between two ticks, and how many of those for one file
_AT_ONCE = 256  # rows
_LEAST = 64  # bytes: a shorter blob is a key or a digest
_ALLOWED = frozenset({sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ})
_PRAGMAS = ("trusted_schema = off", "query_only = on", "cell_size_check = on", "temp_store = memory", "mmap_size = 0")
_COLUMN, _COMPUTED = "table_xinfo", (2, 3)  # of PRAGMA table_xinfo: `hidden`


@dataclass(slots=True)
class _Database:
    connection: sqlite3.Connection
    budget: Budget
    blobs: list[bytes] = field(default_factory=list)


def sqlite(source: Source, budget: Budget) -> Iterator[Piece]:
    """One database."""
    yield Text(runs(source.data), "characters")
    budget.take("expanded", len(source.data))
    with closing(sqlite3.connect(":memory:")) as connection:
        try:
            yield from _tables(_Database(_opened(connection, source.data), budget))
        except (sqlite3.Error, OverflowError, UnicodeDecodeError) as error:  # the last of a message about damage
            if getattr(error, "sqlite_errorcode", 0) == sqlite3.SQLITE_INTERRUPT:
                raise Stop(PartStatus.TRUNCATED, "steps") from None
            raise broken() from None
    if len(source.data) < _stated_size(source.data):
        raise broken()


def _stated_size(data: bytes) -> int:
    """Page size times pages, as the header has them (file format 1.3): SQLite itself reads a last page that is cut."""
    page = int.from_bytes(data[16:18], "big")
    return (65_536 if page == 1 else page) * int.from_bytes(data[28:32], "big")


def _opened(connection: sqlite3.Connection, data: bytes) -> sqlite3.Connection:
    image = bytearray(data)
    image[_JOURNAL] = b"\x01\x01"
    connection.deserialize(bytes(image))
    for pragma in _PRAGMAS:
        connection.execute(f"pragma {pragma}")
    connection.text_factory = charset.decode
    ticks = iter(range(_TICKS))
    connection.set_progress_handler(lambda: next(ticks, None) is None, _STEPS)
    connection.set_authorizer(_authorise)
    return connection


def _authorise(action: int, first: str | None, *_: object) -> int:
    allowed = action in _ALLOWED or (action == sqlite3.SQLITE_PRAGMA and first == _COLUMN)
    return sqlite3.SQLITE_OK if allowed else sqlite3.SQLITE_DENY


def _tables(database: _Database) -> Iterator[Piece]:
    rows = list(_rows(database, "select type, name, sql from sqlite_schema"))
    yield Text("\n".join(name for _, name, _ in rows), "names")
    yield Text("\n".join(sql for _, _, sql in rows if sql), "schema")
    virtual = tuple(f"{name}_" for _, name, sql in rows if sql.lower().split()[:2] == ["create", "virtual"])
    tables = [name for kind, name, sql in rows if kind == "table" and sql.lower().split()[:2] != ["create", "virtual"]]
    for number, name in enumerate(tables, 1):
        found = database.connection.execute(f"pragma {_COLUMN}({_quoted(name)})").fetchall()
        columns = [str(row[1]) for row in found if row[6] not in _COMPUTED]
        if not columns:
            continue
        yield from _table(database, name, columns, f"table {number}")
        if not (virtual and name.startswith(virtual)):  # the index of a text search is in a form of its own
            yield from map(File, database.blobs)
        database.blobs.clear()


def _table(database: _Database, name: str, columns: list[str], place: str) -> Iterator[Piece]:
    """As many rows as there are cells left."""
    most = database.budget.cells // len(columns) - 1
    rows = [columns]
    # the names are the file's own, quoted
    for row in _rows(database, f"select {', '.join(map(_quoted, columns))} from {_quoted(name)}"):  # noqa: S608
        if len(rows) > most:
            yield Grid(rows[: max(most, 0)], place)
            raise Stop(PartStatus.TRUNCATED, "cells")
        rows.append(row)
    yield Grid(rows, place)


def _rows(database: _Database, query: str) -> Iterator[list[str]]:
    cursor = database.connection.execute(query)
    while rows := cursor.fetchmany(_AT_ONCE):
        for row in rows:
            cells = [_cell(value, database.blobs) for value in row]
            database.budget.take("expanded", sum(map(len, cells)))
            yield cells


def _cell(value: object, blobs: list[bytes]) -> str:
    if isinstance(value, bytes):
        if len(value) >= _LEAST:
            blobs.append(value)
        return runs(value)
    if isinstance(value, float):
        return f"{value:.15g}"
    return "" if value is None else str(value)


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
