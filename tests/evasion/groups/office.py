"""E080 and E081: the number in workbooks and letters made by hand, where only a program that shows them puts it together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial

from tests.evasion.groups.files import attached, zipped
from tests.evasion.planted import CAUGHT, NUMBER, Case, Entity

TYPES = "application/vnd.openxmlformats-officedocument"
_PACKAGES = "http://schemas.openxmlformats.org/package/2006"
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_MACROS = "http://schemas.microsoft.com/office/2006/relationships/xlMacrosheet"
SHEET = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
WORD = (
    'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" '
    'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" '
    'xmlns:w14="http://schemas.microsoft.com/office/word/2010/wordml"'
)
STRINGS = f"{TYPES}.spreadsheetml.sharedStrings+xml"
BEGINS = "The student ID is "
Related = tuple[str, str]  # of the main part: the type, and the target


def package(main: str, parts: Mapping[str, tuple[str, str]], related: tuple[Related, ...] = ()) -> bytes:
    """An Office document: its main part's name, parts by name with type and XML ("" has none), what the main one refers to."""
    folder, _, file = main.rpartition("/")
    types = "".join(f'<Override PartName="/{name}" ContentType="{kind}"/>' for name, (kind, _) in parts.items() if kind)
    members = {
        "[Content_Types].xml": f'<Types xmlns="{_PACKAGES}/content-types"><Default Extension="rels" '
        f'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>{types}</Types>',
        "_rels/.rels": relations((("officeDocument", main),)),
        f"{folder}/_rels/{file}.rels": relations(related),
        **{name: xml for name, (_, xml) in parts.items()},
    }
    return zipped(*((name, xml.encode()) for name, xml in members.items()))


def relations(related: tuple[Related, ...]) -> str:
    each = "".join(
        f'<Relationship Id="rId{number}" Type="{kind if "/" in kind else f"{RELATIONS}/{kind}"}" Target="{target}"/>'
        for number, (kind, target) in enumerate(related, 1)
    )
    return f'<Relationships xmlns="{_PACKAGES}/relationships">{each}</Relationships>'


def workbook(
    rows: str, *, code: str = "", tail: str = "", strings: str = "", string_type: str = STRINGS, macros: bool = False
) -> Entity:
    """A workbook with one sheet; style 1 has the format code."""
    styles = (
        f'<styleSheet xmlns="{SHEET}"><numFmts count="1"><numFmt numFmtId="200" formatCode="{code}"/></numFmts>'
        '<cellXfs><xf numFmtId="0"/><xf numFmtId="200"/></cellXfs></styleSheet>'
    )
    kind = "application/vnd.ms-excel.macrosheet+xml" if macros else f"{TYPES}.spreadsheetml.worksheet+xml"
    book = (
        f'<workbook xmlns="{SHEET}" xmlns:r="{RELATIONS}"><sheets><sheet name="Sheet1" sheetId="1" r:id="rId1"/></sheets>'
        "</workbook>"
    )
    parts = {
        "xl/workbook.xml": (f"{TYPES}.spreadsheetml.sheet.main+xml", book),
        "xl/s.xml": (kind, f'<worksheet xmlns="{SHEET}"><sheetData>{rows}</sheetData>{tail}</worksheet>'),
        "xl/styles.xml": (f"{TYPES}.spreadsheetml.styles+xml", styles),
        "xl/a.xml": (STRINGS, _strings("one", "two")),  # nothing refers to it
        "xl/strings.xml": (string_type, strings or _strings()),
    }
    related = ((_MACROS if macros else "worksheet", "s.xml"), ("styles", "styles.xml"), ("sharedStrings", "strings.xml"))
    return attached(package("xl/workbook.xml", parts, related), "list.xlsx")


def _strings(*texts: str) -> str:
    return f'<sst xmlns="{SHEET}">{"".join(f"<si><t>{text}</t></si>" for text in texts)}</sst>'


def below(cell: str) -> str:
    """Rows of a sheet: a cell under a heading."""
    return (
        '<row r="1"><c r="A1" t="str"><v>Student ID</v></c><c r="B1" t="str"><v>Grade</v></c></row>'
        f'<row r="2">{cell}<c r="B2" t="str"><v>B</v></c></row>'
    )


def _formats() -> Iterator[tuple[str, str, Entity]]:
    """The number is made by the format of its cell."""
    shown = (
        ("1", "&quot;912345678&quot;"), ("45678", "&quot;9123&quot;General"), ("9123", "General&quot;45678&quot;"),
        ("-45678", "0;&quot;9123&quot;0"), ("0", "0;0;&quot;912345678&quot;"), ("2", "[=1]0;[=2]&quot;912345678&quot;;0"),
        ("912345678000", "0,"), ("912345677.9", "0"), ("10559.556458333333333", "[s]"), ("12345678", "*90"),
        ("912345678", "000&quot;x&quot;000&quot;x&quot;000"),
    )  # fmt: skip
    for index, (value, code) in enumerate(shown, 201):
        title = f"a cell that shows it by its format, {index - 200}"
        yield f"E080-{index}", title, workbook(below(f'<c r="A2" s="1"><v>{value}</v></c>'), code=code)
    text = below('<c r="A2" s="1" t="str"><v>45678</v></c>')
    yield "E080-221", "a text that shows it by its format", workbook(text, code="&quot;9123&quot;@")


def _books() -> Iterator[tuple[str, str, Entity]]:
    text = '<row r="1"><c r="A1" t="s"><v>0</v></c></row><row r="2"><c r="A2"><v>912345678</v></c></row>'
    heading = _strings("Student ID")
    yield "E080-231", "two parts with strings, the first one nobody refers to", workbook(text, strings=heading)
    yield "E080-232", "strings of another type", workbook(text, strings=heading, string_type="application/xml")
    yield "E080-233", "a sheet for macros", workbook(text, strings=heading, macros=True)
    formula = below('<c r="A2"><f>912345600+78</f></c>')
    yield "E080-234", "a formula without its value", workbook(formula)
    joined = below('<c r="A2" t="str"><f>"9123"&amp;"45678"</f><v>none</v></c>')
    yield "E080-235", "a formula with another value", workbook(joined)
    escaped = below('<c r="A2" t="str"><v>91234_x200B_5_x0036_78</v></c>')
    yield "E080-236", "signs escaped as those XML cannot hold", workbook(escaped)
    spoken = below('<c r="A2" t="inlineStr"><is><r><t>9123</t></r><rPh sb="0"><t>7</t></rPh><r><t>45678</t></r></is></c>')
    yield "E080-237", "cut by what is said of its pronunciation", workbook(spoken)
    header = f'<headerFooter><oddHeader>&amp;L{BEGINS}9123&amp;"Arial,Bold"&amp;B45678</oddHeader></headerFooter>'
    yield "E080-238", "cut by codes of a header", workbook("", tail=header)


def _far() -> Iterator[tuple[str, str, Entity]]:
    """The heading stands far from its number."""
    head, number = (
        '<row r="1"><c r="A1" t="str"><v>Student ID</v></c></row>',
        '<row r="99"><c r="A99"><v>912345678</v></c></row>',
    )
    filled = "".join(f'<row r="{row}"><c r="A{row}" t="str"><v>away</v></c></row>' for row in range(2, 99))
    beside = filled.replace('r="A', 'r="B')
    yield "E080-241", "below 97 blank rows", workbook(head + number)
    yield "E080-242", "below 97 rows with other words", workbook(head + filled + number)
    yield "E080-243", "below 97 rows of another column", workbook(head + beside + number)
    across = '<row r="1"><c r="A1" t="str"><v>Student ID</v></c><c r="Z1"><v>912345678</v></c></row>'
    yield "E080-244", "behind 24 blank columns", workbook(across)


def letter(body: str, styles: str = "") -> Entity:
    """A letter of one paragraph."""
    kind = f"{TYPES}.wordprocessingml"
    parts = {
        "word/document.xml": (
            f"{kind}.document.main+xml",
            f"<w:document {WORD}><w:body><w:p>{body}</w:p></w:body></w:document>",
        ),
        "word/styles.xml": (f"{kind}.styles+xml", f"<w:styles {WORD}>{styles}</w:styles>"),
    }
    return attached(package("word/document.xml", parts, (("styles", "styles.xml"),)), "letter.docx")


def run(text: str, looks: str = "") -> str:
    return f'<w:r><w:rPr>{looks}</w:rPr><w:t xml:space="preserve">{text}</w:t></w:r>'


def _branches(requires: str, choice: str, fallback: str) -> str:
    return (
        f'<mc:AlternateContent><mc:Choice Requires="{requires}">{choice}</mc:Choice>'
        f"<mc:Fallback>{fallback}</mc:Fallback></mc:AlternateContent>"
    )


def field(code: str) -> str:
    return (
        f'<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText xml:space="preserve">{code}</w:instrText></w:r>'
        '<w:r><w:fldChar w:fldCharType="end"/></w:r>'
    )


def _letters() -> Iterator[tuple[str, str, Entity]]:
    begins, ends = run(f"{BEGINS}9123"), run("678")
    either = (
        ("zz", run("77"), run("45")), ("w14", run("45"), run("77")), ("zz", run("noise"), run("45")),
    )  # fmt: skip
    for index, branches in enumerate(either, 201):
        yield f"E081-{index}", f"a branch for other programs, {index - 200}", letter(begins + _branches(*branches) + ends)
    both = _branches("w14", run("4"), run("7")) + _branches("zz", run("8"), run("5"))
    yield "E081-204", "branches, now of one kind, now of the other", letter(begins + both + ends)
    for index, code in enumerate(("EQ 912345678", "MACROBUTTON none 912345678", "GOTOBUTTON none 912345678"), 211):
        yield f"E081-{index}", "a field that shows its code", letter(run(BEGINS) + field(code))
    signs = "".join(field(f"SYMBOL {ord(sign)} \\f Arial") for sign in NUMBER)
    yield "E081-214", "a field for each digit", letter(run(BEGINS) + signs)
    unseen = (
        '<w:rStyle w:val="H"/>', '<w:color w:val="FEFEFE"/>', '<w:color w:val="auto" w:themeColor="background1"/>',
        '<w:w w:val="1"/>', "<w14:textFill><w14:noFill/></w14:textFill>", '<w:sz w:val="5"/>',
    )  # fmt: skip
    style = '<w:style w:type="character" w:styleId="H"><w:rPr><w:vanish/></w:rPr></w:style>'
    for index, looks in enumerate(unseen, 221):
        yield f"E081-{index}", f"noise nobody sees, {index - 220}", letter(begins + run("0", looks) + run("45678"), style)
    ruby = "".join(
        f"<w:r><w:ruby><w:rt>{run('x')}</w:rt><w:rubyBase>{run(sign)}</w:rubyBase></w:ruby></w:r>" for sign in NUMBER
    )
    yield "E081-231", "small signs over the digits", letter(run(BEGINS) + ruby)
    unknown = '<w:r><z:q xmlns:z="urn:z">noise</z:q></w:r>'
    yield "E081-232", "noise in an element nobody knows", letter(begins + unknown + run("45678"))


def cases() -> Iterator[Case]:
    """Every case of this group."""
    for index, title, built in (*_formats(), *_books(), *_far(), *_letters()):
        yield Case(index, title, CAUGHT, partial(_same, built))


def _same(built: Entity) -> Entity:
    return built
