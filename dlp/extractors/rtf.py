"""Rich Text Format, by its specification 1.9.1: what Word, LibreOffice, TextEdit and Outlook's bodies write.

Takes a Source; gives the text with tables, headers, notes, comments, deleted and hidden text, field codes, properties, and as
files the objects and pictures in it. A destination that is not known is read as markup. Groups that are never closed are
text all the same; what stands behind the last one is a file of its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from html import escape as html_escape

from dlp.extractors.blips import picture
from dlp.extractors.content import Budget, File, Piece, Source, Text
from dlp.extractors.flow import DELETED, HIDDEN, INSERTED, Flow, Rows
from dlp.extractors.ole_objects import linked_or_embedded
from dlp.extractors.rtf_words import (
    AROUND,
    CHARACTERS,
    COLOURS,
    DESTINATIONS,
    ENDS,
    FONT_SETS,
    FONTS,
    HEX,
    LINE,
    PICTURE,
    SETS,
    SIGNS,
    STORY,
)
from dlp.mail import charset, html

_TOKEN = re.compile(
    rb"\\([a-zA-Z]{1,32})(-?[0-9]{1,10})?[ ]?"  # 1, 2: a control word and its parameter
    rb"|((?:\\'[0-9a-fA-F]{2})+)"  # 3: bytes in hex
    rb"|\\(.|\Z)"  # 4: a control symbol
    rb"|([{}])"  # 5
    rb"|[\r\n\0]+"
    rb"|([^\\{}\r\n\0]+)",  # 6: characters
    re.DOTALL,
)
_NOT_HEX = re.compile(rb"[^0-9a-fA-F]+")
_NUMBERS = re.compile(r"(?s)(?!.*[0-9]{9})[-0-9.;(),\s]*\Z")
_WORD = re.compile(r"\w{4}|[0-9]{3}")
_MARKS = {"v": HIDDEN, "htmlrtf": HIDDEN, "deleted": DELETED, "revised": INSERTED}
_TINY = 4  # half points nobody can read
_COLOURS = ("red", "green", "blue")
_WHITE = 250  # of 255, in each colour
_UNSAID = 0xF000  # a symbol font's codes stand from here on
_BLANK = b" \t\r\n\0\x1a"


@dataclass(frozen=True, slots=True)
class _Group:
    """What holds within one pair of braces, and is forgotten behind it."""

    codec: str
    kind: str = AROUND  # how its text is kept; AROUND: in the flow
    place: str = ""
    skips: int = 1  # characters that stand for one \u in old programs
    marks: int = 0
    tiny: bool = False
    white: bool = False
    in_table: bool = False
    opened: bool = False  # its destination began here


def rtf(source: Source, budget: Budget) -> Iterator[Piece]:
    """Everything in one RTF file."""
    budget.take("elements", source.data.count(b"\\") + source.data.count(b"{"))
    reader = _Reader(source.data, budget)
    yield from reader.pieces()


class _Reader:
    def __init__(self, data: bytes, budget: Budget) -> None:
        self._data = data
        self._budget = budget
        self._flow = Flow()
        self._rows = Rows(self._flow)
        self._groups = [_Group("cp1252")]
        self._own = "cp1252"  # codec of the document
        self._fonts: dict[int, str] = {}
        self._font = 0  # that the font table is at
        self._bytes = bytearray()  # characters not yet decoded
        self._kept: list[list[str]] = []  # text of destinations that are lines, innermost last
        self._hex: list[bytearray] = []  # and of those that are bytes
        self._skip = 0
        self._high = 0  # the first half of a character
        self._starred = False
        self._colours = bytearray(3)  # three bytes each
        self._page: list[str] | None = None  # the HTML this was made from (MS-OXRTFEX)
        self._files: list[Piece] = []

    def pieces(self) -> Iterator[Piece]:
        at = 0
        while at < len(self._data) and (match := _TOKEN.match(self._data, at)):
            at = match.end()
            word, number, coded, sign, brace, plain = match.groups()
            if plain or coded:
                self._characters(plain or bytes.fromhex(coded.translate(None, b"\\'").decode()))
            elif word == b"bin":
                if not self._skipped():
                    self._binary(self._data[at : at + max(int(number or 0), 0)])
                at += max(int(number or 0), 0)
            elif word:
                self._word(word.decode(), None if number is None else int(number))
            elif sign is not None:
                self._sign(sign.decode("latin-1"))
            elif brace == b"{":
                self._decode()
                self._skip, self._starred = 0, False
                group = self._groups[-1]
                self._groups.append(replace(group, opened=False) if group.opened else group)
            elif brace:
                self._close()
                yield from self._taken()
                if len(self._groups) == 1:
                    break
        yield from self._ended(self._data[at:])

    def _taken(self) -> Iterator[Piece]:
        files, self._files = self._files, []
        yield from files
        yield from self._flow.taken()

    def _ended(self, behind: bytes) -> Iterator[Piece]:
        while len(self._groups) > 1:
            self._close()
        self._decode()
        self._rows.end()
        yield from self._taken()
        yield from self._flow.ended()
        if self._page is not None:
            yield Text(html.read("".join(self._page)).visible, "HTML text")
        if behind.strip(_BLANK):
            yield File(behind)

    def _characters(self, data: bytes) -> None:
        if self._skip:
            skipped = min(self._skip, len(data))
            self._skip -= skipped
            data = data[skipped:]
        if self._groups[-1].kind == HEX:
            self._hex[-1] += data
        else:
            self._bytes += data

    def _binary(self, data: bytes) -> None:
        if self._groups[-1].kind == HEX:
            self._hex[-1] += data.hex().encode()
        elif data:
            self._files.append(File(data))

    def _skipped(self) -> bool:
        """Whether a word stands for a character that \\u has given; data of \\bin counts as one."""
        if self._skip:
            self._skip -= 1
            return True
        return False

    def _decode(self) -> None:
        """Characters so far belong to the group and font they stood in."""
        if self._bytes:
            text = self._bytes.decode(self._groups[-1].codec, "replace")
            self._bytes.clear()
            self._text(text)

    def _text(self, text: str) -> None:
        group = self._groups[-1]
        if group.kind == LINE:
            self._kept[-1].append(text)
        elif group.kind == COLOURS:
            self._colours += bytes(3 * text.count(";"))
        elif group.kind in (AROUND, STORY):
            if group.kind == AROUND:
                self._rows.place(inside=group.in_table)
            self._flow.text(text, group.marks | (HIDDEN if group.tiny or group.white else 0))
            self._paste(html_escape(text, quote=False))

    def _paste(self, markup: str) -> None:
        if self._page is not None and not self._groups[-1].marks & HIDDEN:
            self._page.append(markup)

    def _unit(self, code: int) -> None:
        """A unit of UTF-16; characters beyond 16 bits come as two."""
        high, self._high = self._high, code if 0xD800 <= code < 0xDC00 else 0
        if 0xDC00 <= code < 0xE000:
            self._text((high << 16 | code).to_bytes(4, "big").decode("utf-16-be", "replace"))
        elif not self._high:
            self._text(chr(code - _UNSAID if _UNSAID < code < _UNSAID + 0x100 else code))

    def _sign(self, sign: str) -> None:
        if sign == "*":
            self._starred = True
        elif self._skipped():
            return
        elif sign in "\r\n":
            self._end_line()
        elif sign in SIGNS:
            self._decode()
            self._text(SIGNS[sign])

    def _word(self, word: str, number: int | None) -> None:
        self._decode()
        starred, self._starred = self._starred, False
        if word == "u" and number is not None:
            self._unit(number & 0xFFFF)
            self._skip = self._groups[-1].skips
        elif self._skipped():
            return
        elif word in DESTINATIONS or starred:
            if word == "ud" and len(self._groups) > 3:
                self._instead()
            else:
                self._destination(*DESTINATIONS.get(word, (LINE, "markup")))
        elif word in ENDS:
            self._end_line()
        elif word in CHARACTERS:
            self._text(CHARACTERS[word])
        elif word in ("cell", "row"):
            self._end_cell() if word == "cell" else self._end_row()
        else:
            self._format(word, number)

    def _format(self, word: str, number: int | None) -> None:
        """What changes how later text is read."""
        group = self._groups[-1]
        if word in _MARKS:
            marks = group.marks & ~_MARKS[word] if number == 0 else group.marks | _MARKS[word]
            self._groups[-1] = replace(group, marks=marks)
        elif word == "plain":
            self._groups[-1] = replace(group, marks=0, codec=self._own, tiny=False, white=False)
        elif word in ("pard", "intbl"):
            self._groups[-1] = replace(group, in_table=word == "intbl")
        elif word == "uc":
            self._groups[-1] = replace(group, skips=max(number or 0, 0))
        elif word == "f" and group.kind == FONTS:
            self._font = number or 0
        elif word == "f":
            self._groups[-1] = replace(group, codec=self._fonts.get(number or 0, self._own))
        elif word in ("fcharset", "cpg") and group.kind == FONTS:
            codec = FONT_SETS.get(number or 0, "") if word == "fcharset" else charset.codec_of(f"cp{number}")
            self._fonts[self._font] = codec or self._own
        elif word in SETS or word == "ansicpg":
            self._own = SETS.get(word) or charset.codec_of(f"cp{number}") or self._own
            self._groups[-1] = replace(group, codec=self._own)
        else:
            self._look(word, number or 0)

    def _look(self, word: str, number: int) -> None:
        """What makes text too small or too white to be seen, and that HTML is behind it."""
        group = self._groups[-1]
        if word == "fs":
            self._groups[-1] = replace(group, tiny=0 < number < _TINY)
        elif word == "cf":
            white = number >= 0 and min(self._colours[3 * number : 3 * number + 3], default=0) >= _WHITE
            self._groups[-1] = replace(group, white=white)
        elif word in _COLOURS and group.kind == COLOURS:
            self._colours[_COLOURS.index(word) - len(_COLOURS)] = number & 0xFF
        elif word == "fromhtml":
            self._page = []

    def _destination(self, kind: str, place: str) -> None:
        group = self._groups[-1]
        if kind == AROUND:
            outer = next((each for each in reversed(self._groups) if each.kind in (AROUND, STORY)), self._groups[0])
            kind, place = (group.kind, group.place) if group.kind in (LINE, HEX) else (outer.kind, outer.place)
            self._groups[-1] = replace(group, kind=kind, place=place)
            return
        if group.opened or len(self._groups) == 1:
            return
        self._groups[-1] = replace(group, kind=kind, place=place, opened=True)
        if kind == STORY:
            self._groups[-1] = replace(self._groups[-1], in_table=False)
            self._flow.open_story(place)
        elif kind == LINE:
            self._kept.append([])
        elif kind == HEX:
            self._hex.append(bytearray())

    def _instead(self) -> None:
        """What \\ud holds belongs where the group around \\upr does."""
        group, outer = self._groups[-1], self._groups[-3]
        if outer.kind in (LINE, HEX):
            self._destination(outer.kind, outer.place)
        elif not group.opened:
            self._groups[-1] = replace(group, kind=outer.kind, place=outer.place)

    def _close(self) -> None:
        self._decode()
        self._skip, self._starred = 0, False
        group = self._groups.pop() if len(self._groups) > 1 else self._groups[0]
        if not group.opened:
            return
        if group.kind == STORY:
            self._flow.close_story()
        elif group.kind == LINE:
            text = "".join(self._kept.pop())
            if group.place == "markup":
                self._paste(text)
            if (
                _WORD.search(text)
                if group.place == "list labels"
                else group.place != "descriptions" or not _NUMBERS.match(text)
            ):
                self._flow.line(group.place, text)
        elif group.kind == HEX:
            self._file(self._hex.pop(), group.place)

    def _file(self, digits: bytearray, place: str) -> None:
        digits = bytearray(_NOT_HEX.sub(b"", digits))
        data = bytes.fromhex(digits[: len(digits) // 2 * 2].decode())
        if data:
            self._files.append(picture(data) if place == PICTURE else linked_or_embedded(data))

    def _end_line(self) -> None:
        self._decode()
        group = self._groups[-1]
        if group.kind == LINE:
            self._kept[-1].append("\n")
        elif group.kind in (AROUND, STORY):
            if group.kind == AROUND:
                self._rows.place(inside=group.in_table)
            self._flow.paragraph()
            self._paste("\n")

    def _end_cell(self) -> None:
        if self._groups[-1].kind == AROUND:
            self._rows.end_cell()
        else:
            self._text("\t")

    def _end_row(self) -> None:
        if self._groups[-1].kind == AROUND:
            self._rows.end_row()
        elif self._groups[-1].kind == STORY:
            self._flow.new_line()
