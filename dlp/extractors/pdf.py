"""PDF files (ISO 32000-2): what their pages show, what an earlier version showed, and every string and file in them.

Takes a Source; PDFium gives each page's text, our own sweep (pdf_leftovers) the rest. A file that opens with the empty or
a known password is read, another one is encrypted. A page that is nothing but a picture goes to the recogniser; without
one the file ends unread, as "image-only" when no page has text and as "image" when others do.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator

import pypdfium2
from pypdfium2 import raw

from dlp.extractors import ocr, pdf_leftovers, pdf_outside, pdf_pages
from dlp.extractors.content import Budget, Piece, Source, Stop, Text, broken, locked
from dlp.values import PartStatus

_HEAD = b"%PDF-"
_WITHIN = 1024  # bytes in which viewers look for the head
_END = re.compile(rb"%%EOF[\r\n]*")
_VERSIONS = 40  # earlier versions that are read
_WORD = re.compile(r"\w{3}")
_LOOKED_UP = 50  # words, in the text of all pages
_SHUT = frozenset({raw.FPDF_ERR_PASSWORD, raw.FPDF_ERR_SECURITY})


def pdf(source: Source, budget: Budget) -> Iterator[Piece]:
    """Everything in a PDF file."""
    yield from pdf_outside.outside(source.data)
    data = source.data[max(source.data.find(_HEAD, 0, _WITHIN), 0) :]
    try:
        document, password = _opened(data, budget.passwords)
    except Stop as stop:
        if stop.status is PartStatus.BROKEN:
            yield from pdf_leftovers.read(data, lambda _text: False, budget)
        raise
    shown = _Shown()
    with document:
        plain = _decrypted(document) if raw.FPDF_GetSecurityHandlerRevision(document) >= 0 else data
        yield from _pages(document, shown, budget)
    yield from _earlier(data, password, shown, budget)
    yield from pdf_leftovers.read(plain, shown.have, budget)
    if shown.damaged:
        raise broken()
    if shown.pictures:
        raise Stop(PartStatus.UNSUPPORTED, "image" if shown.readable else "image-only")


def fdf(source: Source, budget: Budget) -> Iterator[Piece]:
    """The values of a form in a file of their own (12.7.8)."""
    yield from pdf_leftovers.read(source.data, lambda _text: False, budget)


class _Shown:
    """What pages showed so far, how many are pictures nobody read, how many have text, and whether one was not opened."""

    def __init__(self) -> None:
        self._words: set[str] = set()
        self._squeezed: list[str] = []
        self.texts: set[str] = set()
        self.pictures = 0
        self.readable = 0
        self.damaged = False

    def is_new(self, text: str) -> bool:
        """Whether it was not shown before; from now on it was."""
        if text in self.texts or not text.strip():
            return False
        self.texts.add(text)
        words = text.split()
        self._words.update(words)
        self._squeezed.append("".join(words))
        return True

    def have(self, text: str) -> bool:
        """Whether pages show each of its words, be it in pieces: letters stand in a file in other groups than on a page."""
        missing = [word.rstrip("-") for word in set(text.split()) - self._words if _WORD.search(word)]
        if missing:
            self._squeezed = ["\n".join(self._squeezed)]
        return len(missing) <= _LOOKED_UP and all(word in self._squeezed[0] for word in missing)


def _opened(data: bytes, passwords: tuple[str, ...]) -> tuple[pypdfium2.PdfDocument, str]:
    shut = False
    for password in ("", *passwords):
        try:
            document = pypdfium2.PdfDocument(data, password=password)
        except pypdfium2.PdfiumError as error:
            shut = error.err_code in _SHUT
            if not shut:
                break
        else:
            return document, password
    raise locked() if shut else broken()


def _decrypted(document: pypdfium2.PdfDocument) -> bytes:
    """The same file without its encryption."""
    copy = io.BytesIO()
    document.save(copy, flags=raw.FPDF_REMOVE_SECURITY)
    return copy.getvalue()


def _pages(document: pypdfium2.PdfDocument, shown: _Shown, budget: Budget) -> Iterator[Piece]:
    count = len(document)
    if not count:
        shown.damaged = True
    for number in range(1, count + 1):
        budget.take("pages")
        try:
            page = pdf_pages.read(document, number - 1)
        except pypdfium2.PdfiumError:
            shown.damaged = True
            continue
        place = f"page {number}"
        if shown.is_new(page.text):
            yield Text(page.text, place)
        if shown.is_new(page.rows):
            yield Text(page.rows, place)
        if shown.is_new(page.notes):
            yield Text(page.notes, f"annotations of {place}")
        unread = page.unread
        if unread and ocr.can_read(budget):
            grey, width, height = pdf_pages.rendered(document, number - 1, budget)
            seen = ocr.of_pixels(grey, width, height, budget)
            unread = seen is None
            yield Text(seen or "", f"picture on {place}")
        shown.pictures += unread
        shown.readable += not unread and bool(page.text.strip())


def _earlier(data: bytes, password: str, shown: _Shown, budget: Budget) -> Iterator[Piece]:
    """The pages as they were before each update that was appended to the file (7.5.6)."""
    ends = [end.end() for end in _END.finditer(data)]
    ends = [end for end in ends if data[end:].strip()] if len(ends) <= _VERSIONS else ends
    for end in ends[:_VERSIONS]:
        try:
            document = pypdfium2.PdfDocument(data[:end], password=password)
        except pypdfium2.PdfiumError:
            continue
        with document:
            for number in range(1, len(document) + 1):
                budget.take("pages")
                text = _text(document, number - 1)
                if shown.is_new(text):
                    yield Text(text, f"page {number} of an earlier version")
    if len(ends) > _VERSIONS:
        raise Stop(PartStatus.TRUNCATED, "members")


def _text(document: pypdfium2.PdfDocument, index: int) -> str:
    """A page of a version nobody sees any more; one that cannot be opened shows nothing."""
    try:
        return pdf_pages.text(document, index)
    except pypdfium2.PdfiumError:
        return ""
