"""One page of a PDF as a person reads it, by PDFium.

Takes an open document and a page's place in it; gives its text in the order of the file, the same text in rows by where it
stands (a heading above its values, cells apart by tab), what its annotations show, and whether it is nothing but a picture.
Raises PdfiumError for a page that cannot be opened.
"""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass

import pypdfium2
from pypdfium2 import raw

from dlp.extractors.content import Budget

_MOST_PIECES = 1_000  # of one page's text that are put in rows; each is looked up in all of it
_LINKS = frozenset({raw.FPDF_ANNOT_LINK, raw.FPDF_ANNOT_POPUP})  # they show nothing
_COLUMN = 0.6  # times its height: a gap as wide as that lies between two columns
_PART_OF_PAGE = 0.1  # of the page's area: a smaller picture is a logo
_OUTLINES = 400  # segments of paths: letters drawn as outlines, not a frame
_MOST_OBJECTS = 5_000
_DOTS = 150 / 72  # to a point: 150 an inch
_MOST_PIXELS = 6_000_000  # of a page that is rendered
_DEEPEST = 4  # forms within forms
_GARBAGE = 0.3  # of the characters
_PRIVATE = range(0xE000, 0xF900)
_NO_CHARACTER = frozenset({0xFFFD, 0xFFFE, 0xFFFF})


@dataclass(frozen=True, slots=True)
class Page:
    """`rows` and `notes` are "" where they say no more than `text`."""

    text: str
    rows: str
    notes: str
    is_picture: bool


@dataclass(frozen=True, slots=True)
class _Piece:
    """A run of text on one line, and its box."""

    left: float
    bottom: float
    right: float
    top: float
    text: str


def read(document: pypdfium2.PdfDocument, index: int) -> Page:
    """Everything about one page."""
    page = document[index]
    with closing(page), closing(page.get_textpage()) as letters:
        found = letters.get_text_range()
        rows = _rows(list(_pieces(letters)))
        is_picture = (not found.strip() or _is_garbage(found)) and _is_picture(page)
        flattened = _has_notes(page) and raw.FPDFPage_Flatten(page, raw.FLAT_NORMALDISPLAY) == raw.FLATTEN_SUCCESS
    notes = text(document, index).removeprefix(found) if flattened else ""
    return Page(found, rows, notes, is_picture)


def text(document: pypdfium2.PdfDocument, index: int) -> str:
    """Its text alone."""
    page = document[index]
    with closing(page), closing(page.get_textpage()) as letters:
        found: str = letters.get_text_range()
        return found


def rendered(document: pypdfium2.PdfDocument, index: int, budget: Budget) -> tuple[bytes, int, int]:
    """Its picture, one byte a pixel, with width and height."""
    page = document[index]
    with closing(page):
        width, height = page.get_size()
        scale = min(_DOTS, (_MOST_PIXELS / max(width * height, 1)) ** 0.5)
        budget.take("pixels", int(width * scale + 1) * int(height * scale + 1))
        bitmap = page.render(scale=scale, grayscale=True)
        with closing(bitmap):
            rows = bytes(bitmap.buffer)
            width, height, stride = bitmap.width, bitmap.height, bitmap.stride
    return b"".join(rows[at : at + width] for at in range(0, height * stride, stride)), width, height


def _pieces(letters: pypdfium2.PdfTextPage) -> Iterator[_Piece]:
    count = letters.count_rects()
    for index in range(count if count <= _MOST_PIECES else 0):
        left, bottom, right, top = letters.get_rect(index)
        yield _Piece(left, bottom, right, top, letters.get_text_bounded(left, bottom, right, top))


def _rows(pieces: list[_Piece]) -> str:
    """Pieces whose middles lie within each other's height stand in one row. "" when no two rows have columns."""
    rows: list[list[_Piece]] = []
    for piece in sorted(pieces, key=lambda piece: -piece.bottom - piece.top):
        middle = (piece.bottom + piece.top) / 2
        if rows and rows[-1][0].bottom <= middle <= rows[-1][0].top:
            rows[-1].append(piece)
        else:
            rows.append([piece])
    lines = [_line(sorted(row, key=lambda piece: piece.left)) for row in rows]
    return "\n".join(lines) if sum("\t" in line for line in lines) > 1 else ""


def _line(row: list[_Piece]) -> str:
    line = ""
    end = row[0].left
    for piece in row:
        gap = piece.left - end
        height = max(piece.top - piece.bottom, 1.0)
        if line:
            line = line.rstrip() + "\t" if gap > _COLUMN * height else line if gap < height / 4 else line.rstrip() + " "
        line += piece.text.replace("\r\n", " ")
        end = max(end, piece.right)
    return line.rstrip()


def _is_garbage(found: str) -> bool:
    """Whether its characters are only places in a font."""
    characters = [ord(character) for character in found if not character.isspace()]
    bad = sum(code < 32 or code in _PRIVATE or code in _NO_CHARACTER for code in characters)
    return bad > _GARBAGE * len(characters)


def _has_notes(page: pypdfium2.PdfPage) -> bool:
    for index in range(min(raw.FPDFPage_GetAnnotCount(page), _MOST_OBJECTS)):
        note = raw.FPDFPage_GetAnnot(page, index)
        if note:
            kind = raw.FPDFAnnot_GetSubtype(note)
            raw.FPDFPage_CloseAnnot(note)
            if kind not in _LINKS:
                return True
    return False


def _is_picture(page: pypdfium2.PdfPage) -> bool:
    """Whether a picture takes a good part of it, or as many lines as letters have."""
    width, height = page.get_size()
    covered, segments = 0.0, 0
    for thing in _objects(page):
        kind = raw.FPDFPageObj_GetType(thing)
        if kind == raw.FPDF_PAGEOBJ_PATH:
            segments += max(raw.FPDFPath_CountSegments(thing), 0)
        elif kind in (raw.FPDF_PAGEOBJ_IMAGE, raw.FPDF_PAGEOBJ_TEXT, raw.FPDF_PAGEOBJ_SHADING):
            covered += _area(thing)
    return covered >= _PART_OF_PAGE * width * height or segments >= _OUTLINES


def _objects(page: pypdfium2.PdfPage) -> Iterator[ctypes.c_void_p]:
    """The objects of a page and of the forms on it."""
    waiting = [(raw.FPDFPage_GetObject(page, index), 0) for index in range(min(raw.FPDFPage_CountObjects(page), _MOST_OBJECTS))]
    for seen in range(_MOST_OBJECTS):
        if seen >= len(waiting):
            return
        thing, depth = waiting[seen]
        if raw.FPDFPageObj_GetType(thing) != raw.FPDF_PAGEOBJ_FORM:
            yield thing
        elif depth < _DEEPEST:
            inner = min(raw.FPDFFormObj_CountObjects(thing), _MOST_OBJECTS)
            waiting += [(raw.FPDFFormObj_GetObject(thing, index), depth + 1) for index in range(inner)]


def _area(thing: ctypes.c_void_p) -> float:
    sides = [ctypes.c_float() for _ in range(4)]
    if not raw.FPDFPageObj_GetBounds(thing, *map(ctypes.byref, sides)):
        return 0.0
    left, bottom, right, top = (side.value for side in sides)
    return abs(right - left) * abs(top - bottom)
