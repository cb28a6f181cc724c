"""The forms a list travels in: pasted into the letter, HTML, and files as programs write them.

Takes a Table; PASTED gives its text, FILES the files it makes. Office files are as bare as programs write them with nothing but
values in them (ECMA-376 parts 1 and 2), PDF has a font of its own that says what its codes mean (ISO 32000-2, 9.10.3). The same
for the same table.
"""

from __future__ import annotations

import csv
import html
import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import zip_longest

from tests.accuracy.lists import Layout, Row, Table
from tests.accuracy.mails import Attached, Draft
from tests.evasion.groups.office import RELATIONS, SHEET, TYPES, package
from tests.extractors.pdf_writer import build, stream

_Rows = Sequence[Row]
_WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_LINES_OF_PAGE, _LINE, _CHARACTER = 48, 14, 5


def page(table: Table) -> str:
    """In HTML."""
    if not table.sheets:
        return f"<p>{html.escape(table.text).replace(chr(10), '<br>')}</p>"
    return "<br>".join(
        "<table>" + "".join(f"<tr>{''.join(f'<td>{html.escape(cell)}</td>' for cell in row)}</tr>" for row in rows) + "</table>"
        for rows in table.sheets.values()
    )


def _separated(separator: str) -> Callable[[Table], str]:
    return lambda table: _blocks(table, lambda rows: "\n".join(separator.join(row) for row in rows))


def _blocks(table: Table, written: Callable[[_Rows], str]) -> str:
    return "\n\n".join(map(written, table.sheets.values())) if table.sheets else table.text


def _aligned(rows: _Rows) -> str:
    widths = [max(map(len, column)) + 2 for column in zip(*rows, strict=True)]
    return "\n".join("".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows)


def _markdown(rows: _Rows) -> str:
    lines = [f"| {' | '.join(row)} |" for row in rows]
    return "\n".join([lines[0], "|" + " --- |" * len(rows[0]), *lines[1:]])


def _comma_separated(rows: _Rows, delimiter: str = ",") -> str:
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter).writerows(rows)
    return out.getvalue()


def _files(name: str, kind: str, written: Callable[[_Rows], bytes]) -> Callable[[Table], tuple[Attached, ...]]:
    """One file for each sheet."""
    stem, _, ending = name.partition(".")
    return lambda table: tuple(
        Attached(f"{stem}{nth or ''}.{ending}", kind, written(rows)) for nth, rows in enumerate(_sheets(table).values())
    )


def _sheets(table: Table) -> Mapping[str, _Rows]:
    return table.sheets or {"Sheet1": [(line,) for line in table.text.split("\n")]}


def _xlsx(table: Table, title: Sequence[Row] = (), before: Mapping[str, _Rows] | None = None) -> tuple[Attached, ...]:
    """Numbers as numbers. With another sheet before, those of the list are hidden."""
    sheets = {**(before or {}), **{name: [*title, *rows] for name, rows in _sheets(table).items()}}
    tabs = "".join(
        f'<sheet name="{name}" sheetId="{nth}"{_hidden(name, before)} r:id="rId{nth}"/>' for nth, name in enumerate(sheets, 1)
    )
    book = f'<workbook xmlns="{SHEET}" xmlns:r="{RELATIONS}"><sheets>{tabs}</sheets></workbook>'
    parts = {
        "xl/workbook.xml": (f"{TYPES}.spreadsheetml.sheet.main+xml", book),
        **{
            f"xl/sheet{nth}.xml": (
                f"{TYPES}.spreadsheetml.worksheet+xml",
                f'<worksheet xmlns="{SHEET}">{_widths(rows)}<sheetData>{"".join(_sheet_rows(rows))}</sheetData></worksheet>',
            )
            for nth, rows in enumerate(sheets.values(), 1)
        },
    }
    related = tuple(("worksheet", f"sheet{nth}.xml") for nth in range(1, len(sheets) + 1))
    data = package("xl/workbook.xml", parts, related)
    return (Attached("list.xlsx", f"{TYPES}.spreadsheetml.sheet", data),)


def _hidden(name: str, before: Mapping[str, _Rows] | None) -> str:
    return ' state="hidden"' if before and name not in before else ""


def _widths(rows: _Rows) -> str:
    """As wide as what is in them, as people make them before they print."""
    widest = [max(map(len, column)) + 2 for column in zip_longest(*rows, fillvalue="")]
    columns = (f'<col min="{at}" max="{at}" width="{width}" customWidth="1"/>' for at, width in enumerate(widest, 1))
    return f"<cols>{''.join(columns)}</cols>"


def _sheet_rows(rows: _Rows) -> Iterator[str]:
    for number, row in enumerate(rows, 1):
        cells = (_cell(f"{_letters(at)}{number}", cell) for at, cell in enumerate(row) if cell)
        yield f'<row r="{number}">{"".join(cells)}</row>'


def _cell(place: str, text: str) -> str:
    if text.isdecimal() and (len(text) == 1 or text[0] != "0"):
        return f'<c r="{place}"><v>{text}</v></c>'
    return f'<c r="{place}" t="inlineStr"><is><t xml:space="preserve">{html.escape(text)}</t></is></c>'


def _letters(at: int) -> str:
    return chr(65 + at) if at < 26 else chr(64 + at // 26) + chr(65 + at % 26)


def _docx(table: Table) -> tuple[Attached, ...]:
    body = "".join(map(_word_table, table.sheets.values())) or "".join(map(_paragraph, table.text.split("\n")))
    document = f'<w:document xmlns:w="{_WORD}"><w:body>{body}</w:body></w:document>'
    data = package("word/document.xml", {"word/document.xml": (f"{TYPES}.wordprocessingml.document.main+xml", document)})
    return (Attached("list.docx", f"{TYPES}.wordprocessingml.document", data),)


def _word_table(rows: _Rows) -> str:
    inner = "".join(f"<w:tr>{''.join(f'<w:tc>{_paragraph(cell)}</w:tc>' for cell in row)}</w:tr>" for row in rows)
    return f"<w:tbl>{inner}</w:tbl><w:p/>"


def _paragraph(text: str) -> str:
    return f'<w:p><w:r><w:t xml:space="preserve">{html.escape(text)}</w:t></w:r></w:p>'


def _pdf(table: Table, *, by_column: bool = False) -> tuple[Attached, ...]:
    """Each cell at its place; written row by row, as most programs do, or column by column."""
    pages = [
        sheet[at : at + _LINES_OF_PAGE] for sheet in _sheets(table).values() for at in range(0, len(sheet), _LINES_OF_PAGE)
    ]
    codes = {
        sign: code for code, sign in enumerate(sorted({*"".join(cell for rows in pages for row in rows for cell in row)}), 1)
    }
    contents = [b"".join(_shown(rows, codes, by_column=by_column)) for rows in pages]
    numbers = [10 + 2 * nth for nth in range(len(pages))]
    objects = {
        1: b"<< /Type /Catalog /Pages 2 0 R >>",
        2: b"<< /Type /Pages /Kids [%s] /Count %d >>" % (b" ".join(b"%d 0 R" % each for each in numbers), len(pages)),
        3: b"<< /Type /Font /Subtype /Type0 /Encoding /Identity-H /DescendantFonts [4 0 R] /ToUnicode 5 0 R >>",
        4: b"<< /Type /Font /Subtype /CIDFontType2 /BaseFont /List /DW 500 >>",
        5: stream(_meanings(codes)),
    }
    for number, content in zip(numbers, contents, strict=True):
        objects[number] = b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 1600 842] /Contents %d 0 R" % (number + 1)
        objects[number] += b" /Resources << /Font << /F1 3 0 R >> >> >>"
        objects[number + 1] = stream(content)
    return (Attached("list.pdf", "application/pdf", build(objects)),)


def _shown(rows: _Rows, codes: Mapping[str, int], *, by_column: bool) -> Iterator[bytes]:
    lefts, left = [], 40
    for column in zip(*rows, strict=True):
        lefts.append(left)
        left += _CHARACTER * max(map(len, column)) + 18
    places = [(nth, at) for nth in range(len(rows)) for at in range(len(lefts))]
    if by_column:
        places.sort(key=lambda place: (place[1], place[0]))
    for nth, at in places:
        text = b"".join(b"%04X" % codes[sign] for sign in rows[nth][at])
        if text:
            yield b"BT /F1 10 Tf 1 0 0 1 %d %d Tm <%s> Tj ET\n" % (lefts[at], 790 - _LINE * nth, text)


def _meanings(codes: Mapping[str, int]) -> bytes:
    pairs = "\n".join(f"<{code:04X}> <{sign.encode('utf-16-be').hex()}>" for sign, code in codes.items())
    return (
        f"begincmap 1 begincodespacerange <0000> <FFFF> endcodespacerange {len(codes)} beginbfchar\n{pairs}\nendbfchar".encode()
    )


def _lines(table: Table) -> str:
    return _blocks(table, lambda rows: "\n".join("  ".join(row) for row in rows))


_TITLE: tuple[Row, ...] = (("List of October 4",), ())
_COVER: Mapping[str, _Rows] = {"Notes": (("See the other sheet.",), ("Draft.",))}
# a form, and whether a list that is no table travels in it
PASTED: Mapping[str, tuple[Callable[[Table], str], bool]] = {
    "lines": (_lines, True),
    "tabs": (_separated("\t"), False),
    "commas": (_separated(", "), False),
    "aligned": (lambda table: _blocks(table, _aligned), False),
    "pipe": (_separated("|"), False),
    "markdown": (lambda table: _blocks(table, _markdown), False),
    "html": (_lines, True),
}
FILES: Mapping[str, tuple[Callable[[Table], tuple[Attached, ...]], bool]] = {
    "txt": (lambda table: (Attached("list.txt", "text/plain", _lines(table).encode()),), True),
    "txt-tabs": (_files("export.txt", "text/plain", lambda rows: "\n".join(map("\t".join, rows)).encode()), False),
    "txt-pipe": (_files("feed.txt", "text/plain", lambda rows: "\n".join(map("|".join, rows)).encode()), False),
    "txt-aligned": (_files("report.txt", "text/plain", lambda rows: _aligned(rows).encode()), False),
    "csv": (_files("list.csv", "text/csv", lambda rows: _comma_separated(rows).encode("utf-8-sig")), False),
    "csv-semicolons": (_files("list.csv", "text/csv", lambda rows: _comma_separated(rows, ";").encode()), False),
    "xls-tabs": (
        _files("gc_export.xls", "application/vnd.ms-excel", lambda rows: "\r\n".join(map("\t".join, rows)).encode("utf-16")),
        False,
    ),
    "xlsx": (_xlsx, False),
    "xlsx-titled": (lambda table: _xlsx(table, _TITLE), False),
    "xlsx-hidden": (lambda table: _xlsx(table, before=_COVER), False),
    "docx": (_docx, True),
    "pdf": (_pdf, True),
    "pdf-by-column": (lambda table: _pdf(table, by_column=True), False),
}


def forms_of(layout: Layout) -> tuple[str, ...]:
    """Every form a list may travel in."""
    return layout.forms or tuple(
        name for forms in (PASTED, FILES) for name, (_, always) in forms.items() if always or not layout.line
    )


def in_form(draft: Draft, table: Table, form: str) -> Draft:
    """A letter with its list."""
    if form in PASTED:
        return replace(draft, table=PASTED[form][0](table), page=page(table))
    return replace(draft, files=FILES[form][0](table))
