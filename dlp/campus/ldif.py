"""LDIF (RFC 2849) as ldapsearch prints it, to entries: folded lines, base64 values, comments, what it says of the search.

Takes blocks of bytes; gives each entry with the line it begins at, holding one. Values of attributes that nobody asked for are
not kept. An entry that cannot be read, or that is a change and no entry, goes into the report.
"""

from __future__ import annotations

import binascii
from base64 import b64decode
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from dlp.campus.decoding import DAMAGED, Foreign, decoded
from dlp.campus.report import BadCell, Report, Unusable
from dlp.campus.separated import Lines

LONGEST_VALUE = 1 << 20
_NO_LINE = ("not a line of LDIF", 'write "attribute: value", or a blank and the rest of the line before')
_NO_BASE64 = ("not base64", "export the entry again")
_ELSEWHERE = ("the value lies in another file", "export the values themselves: ldapsearch without -t")
_CHANGE = ("a change, not an entry", "export entries as ldapsearch prints them")
_TOO_LONG = ("longer than a value may be", "leave that attribute out of the search")


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry: its name, and the values of the attributes that were asked for, by lower-case name."""

    line: int
    dn: str
    values: dict[str, list[str]]


class _Unreadable(Exception):  # noqa: N818  the entry, not the program
    """What is wrong with one line, and the remedy."""


def entries(file: str, blocks: Iterable[bytes], wanted: frozenset[str], report: Report) -> Iterator[Entry]:
    """The entries of one file; those without a name (what ldapsearch says of the search) are none."""
    try:
        yield from _entries(file, blocks, wanted, report)
    except Foreign as foreign:
        report.unusable.append(Unusable(file, f"it is no LDIF but {foreign.what}", "export it as ldapsearch -LLL prints it"))


def _entries(file: str, blocks: Iterable[bytes], wanted: frozenset[str], report: Report) -> Iterator[Entry]:
    for line, texts in _groups(Lines(decoded(blocks))):
        try:
            entry = _entry(line, texts, wanted)
        except _Unreadable as wrong:
            report.refuse([BadCell(file, line, "", "", *wrong.args)])
            continue
        if entry:
            report.rows[file] += 1
            yield entry


def _groups(lines: Lines) -> Iterator[tuple[int, list[str]]]:
    """Unfolded lines up to a blank one, with the number of the first; comments are left out."""
    group: list[str] = []
    first, comment = 1, False
    for line in _each(lines):
        text = line[:-1]
        if text[:1] in (" ", "\t") and (group or comment):
            if not comment and len(group[-1]) <= LONGEST_VALUE:
                group[-1] += text[1:]
            continue
        comment = text.startswith("#")
        if comment:
            continue
        if text.strip():
            first = first if group else lines.number
            group.append(text)
        elif group:
            yield first, group
            group = []
    if group:
        yield first, group


def _each(lines: Lines) -> Iterator[str]:
    lines.begin()
    for line in lines:
        yield line
        lines.begin()


def _entry(line: int, texts: Iterable[str], wanted: frozenset[str]) -> Entry | None:
    dn = ""
    values: dict[str, list[str]] = {}
    for text in texts:
        described, colon, rest = text.partition(":")
        if not colon:
            raise _Unreadable(*_NO_LINE)
        name = described.partition(";")[0].strip().lower()  # without options: "mail;lang-en"
        if name == "changetype":
            raise _Unreadable(*_CHANGE)
        if name == "dn":
            dn = _value(rest)
        elif name in wanted:
            values.setdefault(name, []).append(_value(rest))
    return Entry(line, dn, values) if dn else None


def _value(rest: str) -> str:
    if len(rest) > LONGEST_VALUE:
        raise _Unreadable(*_TOO_LONG)
    if rest.startswith("<"):
        raise _Unreadable(*_ELSEWHERE)
    value = rest
    if rest.startswith(":"):
        try:
            value = b64decode(rest[1:].strip(), validate=True).decode("utf-8", "replace")
        except (binascii.Error, ValueError):
            raise _Unreadable(*_NO_BASE64) from None
    if "\0" in value or DAMAGED in value:
        raise _Unreadable("holds what no text may", "export the entry again")
    return value.strip()
