"""The files the bench attaches, written by hand: what a campus mails that takes long to read. Nothing in them is held.

Takes nothing; gives the bytes, the same on every run: a workbook of 5,000 rows, a PDF of 100 pages, a document of 50 pages,
ZIPs of tables in a ZIP. As bare as Excel, Word and a printer driver write them with nothing but values and text (ECMA-376
parts 1 and 2, ISO 32000-2).
"""

from __future__ import annotations

import random
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from io import BytesIO

from tests.bench.mails import prose
from tests.extractors.pdf_writer import build, stream

ROWS, PAGES, DOCUMENT_PAGES = 5_000, 100, 50
_STRINGS = 2_000  # shared by the cells
_WORKBOOK = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_DOCUMENT = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_RELATIONSHIPS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_TYPE = "application/vnd.openxmlformats-officedocument"
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\r\n'
_PARAGRAPHS, _LINES, _LINES_OF_PAGE = 8, 6, 50
_PLAIN_RUN = '<w:rPr><w:rFonts w:ascii="Calibri" w:hAnsi="Calibri"/><w:sz w:val="22"/></w:rPr>'


def attachments() -> Mapping[str, tuple[str, bytes]]:
    """What it is -> name and bytes."""
    source = random.Random(11)
    return {
        "XLSX, 5,000 rows of 8": ("rooms.xlsx", workbook(source)),
        "PDF, 100 pages": ("report.pdf", pages(source)),
        "DOCX, 50 pages": ("report.docx", document(source)),
        "4 ZIPs of 5 CSVs in a ZIP": ("tables.zip", nested(source)),
    }


def workbook(source: random.Random) -> bytes:
    """One sheet: four words, two numbers, an amount and a date in each row."""
    words = prose(source, 60_000).split()
    strings = "".join(f"<si><t>{' '.join(words[at : at + 3])}</t></si>" for at in range(_STRINGS))
    rows = "".join(_row(number, source) for number in range(1, ROWS + 1))
    return _package(
        "workbook.xml",
        {
            "xl/workbook.xml": f'<workbook xmlns="{_WORKBOOK}" xmlns:r="{_RELATIONSHIPS}"><sheets>'
            '<sheet name="Rooms" sheetId="1" r:id="rId1"/></sheets></workbook>',
            "xl/_rels/workbook.xml.rels": _relationships(("worksheet", "worksheets/sheet1.xml")),
            "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{_WORKBOOK}"><sheetData>{rows}</sheetData></worksheet>',
            "xl/sharedStrings.xml": f'<sst xmlns="{_WORKBOOK}" count="{4 * ROWS}" uniqueCount="{_STRINGS}">{strings}</sst>',
            "xl/styles.xml": f'<styleSheet xmlns="{_WORKBOOK}"><cellXfs><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="2"/>'
            "</cellXfs></styleSheet>",
        },
        {
            "xl/workbook.xml": "spreadsheetml.sheet.main",
            "xl/worksheets/sheet1.xml": "spreadsheetml.worksheet",
            "xl/sharedStrings.xml": "spreadsheetml.sharedStrings",
            "xl/styles.xml": "spreadsheetml.styles",
        },
    )


def pages(source: random.Random) -> bytes:
    """Fifty lines a page in one font, each page's content compressed."""
    objects = {
        1: b"<< /Type /Catalog /Pages 2 0 R >>",
        2: b"<< /Type /Pages /Kids [%s] /Count %d >>" % (b" ".join(b"%d 0 R" % (4 + 2 * n) for n in range(PAGES)), PAGES),
        3: b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    }
    for number in range(PAGES):
        lines = prose(source, 72 * _LINES_OF_PAGE).splitlines()[:_LINES_OF_PAGE]
        shown = b"".join(b"0 -14 Td (%s) Tj\n" % line.encode("ascii") for line in lines)
        content = zlib.compress(b"BT /F1 10 Tf 60 790 Td\n" + shown + b"ET\n")
        objects[4 + 2 * number] = (
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents %d 0 R"
            b" /Resources << /Font << /F1 3 0 R >> >> >>" % (5 + 2 * number)
        )
        objects[5 + 2 * number] = stream(content, b"/Filter /FlateDecode")
    return build(objects)


def document(source: random.Random) -> bytes:
    """Eight paragraphs a page of six lines, each line a run with its look."""
    paragraphs = "".join(_paragraph(source) for _ in range(DOCUMENT_PAGES * _PARAGRAPHS))
    return _package(
        "document.xml",
        {"word/document.xml": f'<w:document xmlns:w="{_DOCUMENT}"><w:body>{paragraphs}</w:body></w:document>'},
        {"word/document.xml": "wordprocessingml.document.main"},
    )


def nested(source: random.Random) -> bytes:
    """Four archives of five tables, 400 rows of six cells each."""
    inner = {f"{number}.zip": _zip({f"{n}.csv": "".join(_lines(source)) for n in range(5)}) for number in range(4)}
    return _zip(inner)


def _row(number: int, source: random.Random) -> str:
    words = "".join(f'<c r="{column}{number}" t="s"><v>{source.randrange(_STRINGS)}</v></c>' for column in "ABCD")
    numbers = "".join(f'<c r="{column}{number}"><v>{source.randrange(1_000)}</v></c>' for column in "EF")
    amount = f'<c r="G{number}" s="2"><v>{source.randrange(100_000) / 100}</v></c>'
    return f'<row r="{number}" spans="1:8">{words}{numbers}{amount}<c r="H{number}" s="1"><v>{46_000 + number}</v></c></row>'


def _paragraph(source: random.Random) -> str:
    lines = prose(source, 72 * _LINES).splitlines()
    runs = "".join(f'<w:r>{_PLAIN_RUN}<w:t xml:space="preserve">{line} </w:t></w:r>' for line in lines)
    return f'<w:p><w:pPr><w:spacing w:after="120"/><w:jc w:val="both"/></w:pPr>{runs}</w:p>'


def _lines(source: random.Random) -> Iterator[str]:
    yield "room,building,seats,floor,rate,remark\r\n"
    for number in range(400):
        remark = prose(source, 60).strip()
        places = f"Building {source.randrange(30)},{source.randrange(200)},{source.randrange(9)}"
        yield f"{number},{places},{number / 7:.2f},{remark}\r\n"


def _package(main: str, parts: Mapping[str, str], types: Mapping[str, str]) -> bytes:
    """An OPC package (ECMA-376 part 2)."""
    folder = next(iter(parts)).partition("/")[0]
    overrides = "".join(f'<Override PartName="/{name}" ContentType="{_TYPE}.{kind}+xml"/>' for name, kind in types.items())
    default = '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    return _zip(
        {
            "[Content_Types].xml": f'{_HEAD}<Types xmlns="{_PACKAGE}/content-types">{default}{overrides}</Types>',
            "_rels/.rels": _HEAD + _relationships(("officeDocument", f"{folder}/{main}")),
            **{name: _HEAD + text for name, text in parts.items()},
        }
    )


def _relationships(*targets: tuple[str, str]) -> str:
    inner = "".join(
        f'<Relationship Id="rId{number}" Type="{_RELATIONSHIPS}/{kind}" Target="{target}"/>'
        for number, (kind, target) in enumerate(targets, 1)
    )
    return f'<Relationships xmlns="{_PACKAGE}/relationships">{inner}</Relationships>'


def _zip(members: Mapping[str, str | bytes]) -> bytes:
    written = BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
    return written.getvalue()
