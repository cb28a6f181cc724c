"""Writes small PDF files for tests, right and wrong ones (ISO 32000-2, 7.5)."""

from __future__ import annotations

from collections.abc import Mapping

HEAD = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"
Objects = dict[int, bytes]


def build(objects: Mapping[int, bytes], trailer: bytes = b"/Root 1 0 R", head: bytes = HEAD) -> bytes:
    """A file of these objects with its table of cross-references."""
    return _written(bytearray(head), objects, trailer)


def update(file: bytes, objects: Mapping[int, bytes]) -> bytes:
    """An incremental update of a file: what it replaces stays in it."""
    before = int(file.rpartition(b"startxref\n")[2].split()[0])
    return _written(bytearray(file), objects, b"/Root 1 0 R /Prev %d" % before)


def stream(data: bytes, more: bytes = b"") -> bytes:
    return b"<< /Length %d %s >>\nstream\n" % (len(data), more) + data + b"\nendstream"


def shown(text: bytes, place: bytes = b"72 700 Td") -> bytes:
    """The content that shows a text."""
    return b"BT /F1 12 Tf " + place + b" (" + text + b") Tj ET\n"


def page(content: bytes, page: bytes = b"", resources: bytes = b"", catalog: bytes = b"") -> Objects:
    """A document of one page; its objects are 1 to 5."""
    fonts = b"/Resources << /Font << /F1 5 0 R >> " + resources + b" >>"
    return {
        1: b"<< /Type /Catalog /Pages 2 0 R " + catalog + b" >>",
        2: b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        3: b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R " + fonts + page + b" >>",
        4: stream(content),
        5: b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    }


def _written(file: bytearray, objects: Mapping[int, bytes], trailer: bytes) -> bytes:
    places = {}
    for number, body in objects.items():
        places[number] = len(file)
        file += b"%d 0 obj\n" % number + body + b"\nendobj\n"
    table = len(file)
    file += b"xref\n0 1\n0000000000 65535 f \n"
    for number, place in places.items():
        file += b"%d 1\n%010d 00000 n \n" % (number, place)
    file += b"trailer\n<< /Size %d %s >>\nstartxref\n%d\n%%%%EOF\n" % (max(objects) + 1, trailer, table)
    return bytes(file)


OWN_FONT = b"/Font << /F1 5 0 R /F2 20 0 R >>"


def own_font() -> Objects:
    """A font whose codes are characters less 20, two bytes each, and that says so; its objects are 20 to 22."""
    pairs = b"\n".join(b"<%04X> <%04X>" % (code - 20, code) for code in range(32, 127))
    return {
        20: b"<< /Type /Font /Subtype /Type0 /Encoding /Identity-H /DescendantFonts [21 0 R] /ToUnicode 22 0 R >>",
        21: b"<< /Type /Font /Subtype /CIDFontType2 /BaseFont /Own /DW 500 >>",
        22: stream(
            b"begincmap 1 begincodespacerange <0000> <FFFF> endcodespacerange 95 beginbfchar\n" + pairs + b"\nendbfchar"
        ),
    }


def in_own_font(text: bytes) -> bytes:
    """The content that shows a text in it."""
    return b"BT /F2 12 Tf 2 2 Td <" + b"".join(b"%04X" % (code - 20) for code in text) + b"> Tj ET\n"
