"""One page of a PDF as a person reads it, by PDFium.

Takes an open document and a page's place in it; gives its text in the order of the file, rows with columns by where they
stand (a heading above its values, cells apart by tab), what its annotations show, and whether there are
letters on it that are no text.
Raises PdfiumError for a page that cannot be opened.
"""

from __future__ import annotations

import ctypes
import re
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from itertools import pairwise

import pypdfium2
from pypdfium2 import raw

from dlp.extractors.content import Budget

_MOST_PIECES = 1_000  # of one page's text that are put in rows; each is looked up in all of it
_LINKS = frozenset({raw.FPDF_ANNOT_LINK, raw.FPDF_ANNOT_POPUP})  # they show nothing
_COLUMN, _LETTERS = 0.6, 0.4  # times the height: gaps between columns are wider, and between letters narrower
_BLANK_LINES = re.compile(r"\n{3,}")
_PART_OF_PAGE = 0.1  # of the page's area: a smaller picture is a logo
_OUTLINES = 400  # segments of paths: letters drawn as outlines, not a frame
_MOST_OBJECTS = 5_000
_DOTS = 150 / 72  # to a point: 150 an inch
_MOST_PIXELS = 6_000_000  # of a page that is rendered
_DEEPEST = 4  # forms within forms
# controls, private use, no characters: places in a font; bullets and icons stand alone
_GARBAGE = re.compile("[\x00-\x08\x0e-\x1f\ue000-\uf8ff\ufffd-\uffff]{5}")


@dataclass(frozen=True, slots=True)
class Page:
    """`rows` and `notes` are "" where they say no more than `text`. `unread`: letters or a picture stand where no text is."""

    text: str
    rows: str
    notes: str
    unread: bool


_Box = tuple[float, float, float, float]
"""Left, bottom, right and top of a run of text on one line, in points."""


def read(document: pypdfium2.PdfDocument, index: int) -> Page:
    """Everything about one page."""
    page = document[index]
    with closing(page), closing(page.get_textpage()) as letters:
        found = letters.get_text_range()
        rows = _rows(letters)
        unread = bool(_GARBAGE.search(found)) if found.strip() else _is_picture(page)
        flattened = _has_notes(page) and raw.FPDFPage_Flatten(page, raw.FLAT_NORMALDISPLAY) == raw.FLATTEN_SUCCESS
    notes = text(document, index).removeprefix(found) if flattened else ""
    return Page(found, rows, notes, unread)


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


def _boxes(letters: pypdfium2.PdfTextPage) -> list[_Box]:
    count = letters.count_rects()
    return [letters.get_rect(index) for index in range(count if count <= _MOST_PIECES else 0)]


def _in_rows(boxes: list[_Box]) -> list[list[_Box]]:
    """Boxes whose middles lie within each other's height stand in one row; from top to bottom, from left to right."""
    rows: list[list[_Box]] = []
    for box in sorted(boxes, key=lambda box: -box[1] - box[3]):
        _, bottom, _, top = rows[-1][0] if rows else (0.0, 0.0, 0.0, 0.0)
        if rows and bottom <= (box[1] + box[3]) / 2 <= top:
            rows[-1].append(box)
        else:
            rows.append([box])
    return [sorted(row) for row in rows]


def _gaps(row: list[_Box]) -> list[float]:
    """What lies before each box, as a part of its height; nothing before the first."""
    gaps, end = [], row[0][0]
    for left, bottom, right, top in row:
        gaps.append((left - end) / max(top - bottom, 1.0))
        end = max(end, right)
    return gaps


def _rows(letters: pypdfium2.PdfTextPage) -> str:
    """The rows that have columns, apart by tab; a blank line where others stand between. "" when no two have any.

    A row whose pieces do not come in its order in the file is one of these.
    """
    boxes = _boxes(letters)
    place = {box: index for index, box in enumerate(boxes)}
    rows = [(row, _gaps(row)) for row in _in_rows(boxes)]
    mixed = [any(place[one] > place[other] for one, other in pairwise(row)) for row, _ in rows]
    wide = [max(gaps) > _COLUMN or is_mixed for (_, gaps), is_mixed in zip(rows, mixed, strict=True)]
    if sum(wide) < 2 and not any(mixed):
        return ""
    lines = [_line(*row, letters) if is_wide else "" for row, is_wide in zip(rows, wide, strict=True)]
    return _BLANK_LINES.sub("\n\n", "\n".join(lines)).strip("\n")


def _line(row: list[_Box], gaps: list[float], letters: pypdfium2.PdfTextPage) -> str:
    line = ""
    for box, gap in zip(row, gaps, strict=True):
        if gap > _LETTERS:
            line = line.rstrip() + ("\t" if gap > _COLUMN else " ")
        line += letters.get_text_bounded(*box).replace("\r\n", " ")
    return line.rstrip()


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
