"""How characters and paragraphs of a Word document are formatted, as far as it changes how they are read (MS-DOC 2.8.5, 2.9).

Takes the WordDocument stream and the two tables of its formatting pages; gives offsets in the stream, each with the format
from there on: deleted, inserted, hidden, in a table, at the end of a row. What contradicts itself formats nothing; never fails.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from dlp.extractors.flow import DELETED, HIDDEN, INSERTED

_PAGE = 512
_MARKS = {0x0800: DELETED, 0x0801: INSERTED, 0x083C: HIDDEN}  # sprmCFRMarkDel, sprmCFRMarkIns, sprmCFVanish
_IN_TABLE, _ROW_END = 0x2416, 0x2417  # sprmPFInTable, sprmPFTtp
_WIDTHS = (1, 1, 2, 4, 2, 2, 0, 3)  # of operands, by the three highest bits; 0: its first byte says
_WIDE_LENGTH = 0xD608  # sprmTDefTable: two bytes say
_PARAGRAPH = 13  # bytes of a BxPap


@dataclass(frozen=True, slots=True)
class Format:
    """What holds from some offset on."""

    marks: int = 0
    in_table: bool = False
    row_end: bool = False


def formats(main: bytes, characters: bytes, paragraphs: bytes) -> list[tuple[int, Format]]:
    """By offset, from 0 on."""
    changes: list[tuple[int, bool, int, Format]] = []
    for number, (start, end, sprms) in enumerate(_runs(main, characters, 1)):
        marks = sum({_MARKS[code] for code, on in sprms if code in _MARKS and on})
        if marks:
            changes += [(start, True, number, Format(marks)), (end, True, -1, Format())]
    for number, (start, end, sprms) in enumerate(_runs(main, paragraphs, _PARAGRAPH)):
        flags = {code for code, on in sprms if on}
        if flags & {_IN_TABLE, _ROW_END}:
            changes += [
                (start, False, number, Format(in_table=True, row_end=_ROW_END in flags)),
                (end, False, -1, Format()),
            ]
    # where one run ends and the next begins, the beginning comes last
    changes.sort(key=lambda change: (change[0], change[2] >= 0))
    found = [(0, Format())]
    for at, of_characters, _, new in changes:
        now = found[-1][1]
        placed = now if of_characters else new
        now = Format(new.marks if of_characters else now.marks, placed.in_table, placed.row_end)
        if found[-1][0] == at:
            found.pop()
        found.append((at, now))
    return found


def _runs(main: bytes, plc: bytes, width: int) -> Iterator[tuple[int, int, list[tuple[int, bool]]]]:
    """The runs of all pages that a table lists (2.8.5, 2.8.6): first offset, last, and what is set."""
    count = (len(plc) - 4) // 8
    numbers = plc[4 * (count + 1) :]
    pages = {int.from_bytes(numbers[at : at + 4], "little") & 0x3FFFFF for at in range(0, len(numbers) - 3, 4)}
    for number in islice(sorted(pages), len(main) // _PAGE):
        page = main[number * _PAGE : (number + 1) * _PAGE]
        if len(page) == _PAGE:
            yield from _page(page, width)


def _page(page: bytes, width: int) -> Iterator[tuple[int, int, list[tuple[int, bool]]]]:
    count = page[-1]
    begins = 4 * (count + 1)
    if begins + count * width >= _PAGE:
        return
    offsets = [int.from_bytes(page[at : at + 4], "little") for at in range(0, begins, 4)]
    for number in range(count):
        at = page[begins + number * width] * 2
        if not at or offsets[number + 1] <= offsets[number]:
            continue
        if width == 1:
            sprms = page[at + 1 : at + 1 + page[at]]
        elif page[at]:
            sprms = page[at + 3 : at + 2 * page[at]]
        else:
            sprms = page[at + 4 : at + 2 + 2 * page[at + 1]] if at + 1 < _PAGE else b""
        yield offsets[number], offsets[number + 1], list(_sprms(sprms))


def _sprms(data: bytes) -> Iterator[tuple[int, bool]]:
    """Properties (2.2.5.1), each with whether its operand is more than 0."""
    at = 0
    while at + 2 < len(data):
        code = int.from_bytes(data[at : at + 2], "little")
        width = _WIDTHS[code >> 13]
        if code == _WIDE_LENGTH:
            width = int.from_bytes(data[at + 2 : at + 4], "little") + 1
        elif not width:
            width = data[at + 2] + 1
        yield code, any(data[at + 2 : at + 2 + width])
        at += 2 + width
