"""E080: the number in places of a workbook that stand beside its cells, or that only a program puts together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from types import MappingProxyType

from tests.evasion.groups.files import attached
from tests.evasion.groups.office import RELATIONS, SHEET, STRINGS, TYPES, below, package, relations
from tests.evasion.planted import CAUGHT, NUMBER, SENTENCE, Case, Entity

_BOOKS = f"{TYPES}.spreadsheetml"
_RELS = "application/vnd.openxmlformats-package.relationships+xml"
_CHART = f"{TYPES}.drawingml.chart+xml"
_SAID = f"student ID {NUMBER}"
_HEADING = "<c:chart><c:title><c:tx><c:rich><a:p><a:t>Student ID</a:t></a:p></c:rich></c:tx></c:title>"
Parts = Mapping[str, tuple[str, str]]


def book(
    sheet: str = "<sheetData/>",
    parts: Parts = MappingProxyType({}),
    *,
    beside: str = "",
    title: str = "Sheet1",
    styles: str = "",
    strings: str = "",
) -> Entity:
    """A workbook of one sheet: what stands in it, other parts, what stands in the workbook beside the list of sheets."""
    listed = f'<sheets><sheet name="{title}" sheetId="1" r:id="rId1"/></sheets>'
    every = {
        "xl/workbook.xml": (
            f"{_BOOKS}.sheet.main+xml",
            f'<workbook xmlns="{SHEET}" xmlns:r="{RELATIONS}">{listed}{beside}</workbook>',
        ),
        "xl/s.xml": (f"{_BOOKS}.worksheet+xml", f'<worksheet xmlns="{SHEET}">{sheet}</worksheet>'),
        "xl/styles.xml": (f"{_BOOKS}.styles+xml", f'<styleSheet xmlns="{SHEET}">{styles}</styleSheet>'),
        "xl/strings.xml": (STRINGS, f'<sst xmlns="{SHEET}">{strings}</sst>'),
        **parts,
    }
    related = (("worksheet", "s.xml"), ("styles", "styles.xml"), ("sharedStrings", "strings.xml"))
    return attached(package("xl/workbook.xml", every, related), "list.xlsx")


def _sheets() -> Iterator[tuple[str, Entity]]:
    def rows(value: str) -> str:
        cell = f'<c r="A2"><v>{value}</v></c>'
        return f"<sheetData>{below(cell)}</sheetData>"

    ruled = '<conditionalFormatting sqref="B1 A1:A9"><cfRule type="expression" dxfId="0"/></conditionalFormatting>'
    for value, code in (("1", r"\9\12345678"), ("45678", "&quot;9123&quot;0")):
        styles = f'<dxfs count="1"><dxf><numFmt numFmtId="164" formatCode="{code}"/></dxf></dxfs>'
        yield "a format under a condition", book(rows(value) + ruled, styles=styles)
    later = (
        '<extLst><ext><conditionalFormatting><cfRule><dxf><numFmt formatCode="&quot;9123&quot;0"/></dxf></cfRule>'
        "<sqref>A2</sqref></conditionalFormatting></ext></extLst>"
    )
    yield "a format under a condition of later programs", book(rows("45678") + later)
    for first, printed in ((NUMBER, "&amp;P"), ("45678", "9123&amp;P"), ("912345000", "&amp;P+678")):
        page = f'<pageSetup firstPageNumber="{first}"/><headerFooter><oddHeader>Student ID {printed}</oddHeader></headerFooter>'
        yield "the number of its first page", book(f"<sheetData/>{page}")
    header = "<headerFooter><oddFooter>Student ID &amp;A</oddFooter></headerFooter>"
    yield "a footer with the name of the sheet", book(f"<sheetData/>{header}", title=NUMBER)
    for tail in (
        f'<autoFilter ref="A1:A9"><filterColumn colId="0"><filter val="{SENTENCE}"/></filterColumn></autoFilter>',
        f'<scenarios><scenario name="Student ID"><inputCells r="A1" val="{NUMBER}"/></scenario></scenarios>',
        f'<conditionalFormatting><cfRule type="containsText" text="{_SAID}"/></conditionalFormatting>',
        f'<sheetPr codeName="{_SAID}"/>', f'<webPublishItems><webPublishItem title="{_SAID}"/></webPublishItems>',
        f"<!-- {SENTENCE} -->",
    ):  # fmt: skip
        yield "beside the cells", book(f"<sheetData/>{tail}")
    for cell in (
        f'<c r="A1" x="{_SAID}"/>', f"<c r='A1'><v>1</v><extLst>{_SAID}</extLst></c>",
        "<c r='A1' t='inlineStr'><is><t>student ID 9123<x/>45678</t></is></c>",
        "<c r='A1' t='str'><v>student ID 9123<x>7</x>45678</v></c>",
    ):  # fmt: skip
        yield "in a cell as no program writes it", book(f'<sheetData><row r="1">{cell}</row></sheetData>')


def _shared() -> Iterator[tuple[str, Entity]]:
    rows = '<sheetData><row r="1"><c r="A1" t="s"><v>0</v></c></row></sheetData>'
    for item in (
        "<si><t>student ID 9123<x/>45678</t></si>", "<si><t>student ID 9123<!-- -->45678</t></si>", f"<si>{_SAID}</si>",
        f"<si><r>{_SAID}</r></si>", f'<si x="{_SAID}"><t>a</t></si>', f"<si><t>a</t><!-- {SENTENCE} --></si>",
    ):  # fmt: skip
        yield "in strings as no program writes them", book(rows, strings=item)
    for beside in (
        f'<definedNames><definedName name="a" description="{_SAID}">1</definedName></definedNames>',
        f'<fileSharing userName="{_SAID}"/>', f"<extLst><ext>{_SAID}</ext></extLst>", f"<!-- {SENTENCE} -->",
    ):  # fmt: skip
        yield "in the workbook", book(beside=beside)
    for styles in (f'<cellStyles><cellStyle name="{_SAID}"/></cellStyles>', f"<extLst>{_SAID}</extLst>"):
        yield "in the styles", book(styles=styles)


def _parts() -> Iterator[tuple[str, Entity]]:
    microsoft = "application/vnd.ms-excel"
    for kind, xml in (
        (f"{_BOOKS}.connections", '<connection><dbPr connection="StudentID=912345678"/></connection>'),
        (f"{_BOOKS}.table", f'<table name="T"><tableColumn name="Student ID" totalsRowLabel="{NUMBER}"/></table>'),
        (f"{_BOOKS}.table", f'<table name="T"><tableColumn name="Student ID"/><filter val="{NUMBER}"/></table>'),
        (f"{_BOOKS}.pivotTable", f'<pivotTableDefinition name="Student ID" dataCaption="{NUMBER}"/>'),
        (f"{microsoft}.slicer", f'<slicers><slicer name="Student ID" caption="{NUMBER}"/></slicers>'),
        (f"{microsoft}.slicerCache", f'<slicers sourceName="Student ID"><i c="{NUMBER}"/></slicers>'),
        (f"{microsoft}.person", f'<personList><person displayName="Student-ID-{NUMBER}"/></personList>'),
        ("application/vnd.ms-office.webextension", f'<properties><property name="Student-ID" value="{NUMBER}"/></properties>'),
    ):
        yield f"in a part of its own, {kind.rpartition('.')[2]}", book(parts={"xl/x.xml": (f"{kind}+xml", xml)})
    fields = '<cacheFields><cacheField name="Student ID"/><cacheField name="Name"/></cacheFields>'
    records = "".join(f'<r><n v="{row}"/><s v="nobody at all in this one"/></r>' for row in range(9))
    pivot = {
        "xl/d.xml": (f"{_BOOKS}.pivotCacheDefinition+xml", f"<pivotCacheDefinition>{fields}</pivotCacheDefinition>"),
        "xl/_rels/d.xml.rels": (_RELS, relations((("pivotCacheRecords", "r.xml"),))),
        "xl/r.xml": (
            f"{_BOOKS}.pivotCacheRecords+xml",
            f'<pivotCacheRecords>{records}<r><n v="{NUMBER}"/><s v="A"/></r></pivotCacheRecords>',
        ),
    }
    yield "in the records of a pivot", book(parts=pivot)
    points = "".join(f'<c:pt idx="{index}"><c:v>{index * 1000}</c:v></c:pt>' for index in range(40))
    for series in (
        r'<c:dLbls><c:numFmt formatCode="\9\12345678" sourceLinked="0"/></c:dLbls>',
        '<c:dLbls><c:numFmt formatCode="&quot;9123&quot;0"/></c:dLbls><c:val><c:pt idx="0"><c:v>45678</c:v></c:pt></c:val>',
        r'<c:val><c:formatCode>\9\12345678</c:formatCode><c:pt idx="0"><c:v>1</c:v></c:pt></c:val>',
        '<c:val><c:pt idx="0" formatCode="&quot;9123&quot;0"><c:v>45678</c:v></c:pt></c:val>',
        f'<c:val>{points}<c:pt idx="99"><c:v>9.12345678E8</c:v></c:pt></c:val>',
    ):
        xml = f'<c:chartSpace xmlns:c="urn:c" xmlns:a="urn:a">{_HEADING}<c:ser>{series}</c:ser></c:chart></c:chartSpace>'
        yield "in the labels of a chart", book(parts={"xl/charts/c.xml": (_CHART, xml)})


def cases() -> Iterator[Case]:
    """Every case of this group."""
    for index, (title, built) in enumerate((*_sheets(), *_shared(), *_parts()), 301):
        yield Case(f"E080-{index}", title, CAUGHT, partial(_same, built))


def _same(built: Entity) -> Entity:
    return built
