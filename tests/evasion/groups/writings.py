"""E081: the number where only a program that shows a letter or slide puts it together: fields, lists, data, overrides."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from types import MappingProxyType

from tests.evasion.groups.files import attached, zipped
from tests.evasion.groups.office import BEGINS, TYPES, WORD, field, package, run
from tests.evasion.planted import CAUGHT, NUMBER, Case, Entity

_KIND = f"{TYPES}.wordprocessingml"
_BOUND = '<w:dataBinding w:xpath="{}" w:storeItemID="{{A}}"/>'
_LISTED = '<w:pPr><w:numPr><w:ilvl w:val="0"/><w:numId w:val="1"/></w:numPr></w:pPr>'
Parts = Mapping[str, tuple[str, str]]


def writing(body: str, parts: Parts = MappingProxyType({}), styles: str = "") -> Entity:
    """A letter: its body, other parts."""
    every = {
        "word/document.xml": (f"{_KIND}.document.main+xml", f"<w:document {WORD}><w:body>{body}</w:body></w:document>"),
        "word/styles.xml": (f"{_KIND}.styles+xml", f"<w:styles {WORD}>{styles}</w:styles>"),
        **parts,
    }
    return attached(package("word/document.xml", every, (("styles", "styles.xml"),)), "letter.docx")


def _paragraph(content: str) -> str:
    return f"<w:p>{run(BEGINS)}{content}</w:p>"


def _part(kind: str, root: str, content: str) -> Parts:
    return {f"word/{root}.xml": (f"{_KIND}.{kind}+xml", f"<w:{root} {WORD}>{content}</w:{root}>")}


def _fields() -> Iterator[tuple[str, Entity]]:
    for code in (
        'QUOTE "912345678"', 'QUOTE "9123" "45678"', "= 912345000+678", "= (912345000+678)", r"""= 45678 \# "'9123'0" """,
        'IF 1 = 1 "912345678" "no"', r'FILLIN "x" \d "912345678"', r"SEQ a \r 912345678",
    ):  # fmt: skip
        yield "a field without a result", writing(_paragraph(field(code)))
        simple = code.replace('"', "&quot;")
        yield (
            "a simple field with another result",
            writing(_paragraph(f'<w:fldSimple w:instr="{simple}">{run("none")}</w:fldSimple>')),
        )
    apart = f"<w:p>{field('SET a 912345678')}{run('away ' * 40)}</w:p>"
    yield "a field that shows what another set", writing(apart + _paragraph(field("REF a")))
    inner = field("QUOTE 4").replace('"end"', '"separate"', 1) + run("4") + '<w:r><w:fldChar w:fldCharType="end"/></w:r>'
    code = '<w:r><w:instrText>QUOTE "9123</w:instrText></w:r>' + inner + '<w:r><w:instrText>5678"</w:instrText></w:r>'
    whole = f'<w:r><w:fldChar w:fldCharType="begin"/></w:r>{code}<w:r><w:fldChar w:fldCharType="end"/></w:r>'
    yield "a field whose code is another's result", writing(_paragraph(whole))
    variable = _part("settings", "settings", f'<w:docVars><w:docVar w:name="v" w:val="{NUMBER}"/></w:docVars>')
    yield "a variable", writing(_paragraph(field("DOCVARIABLE v")), variable)
    custom = f'<Properties><property name="v"><lpwstr>{NUMBER}</lpwstr></property></Properties>'
    properties = {"docProps/custom.xml": ("application/vnd.openxmlformats-officedocument.custom-properties+xml", custom)}
    yield "a property", writing(_paragraph(field("DOCPROPERTY v")), properties)
    page = '<w:sectPr><w:pgNumType w:start="912345678"/></w:sectPr>'
    yield "the number of the first page", writing(page, _part("header", "hdr", _paragraph(field("PAGE"))))


def _lists() -> Iterator[tuple[str, Entity]]:
    for level, text, of_number in (
        (f'<w:lvlText w:val="{NUMBER}"/>', " is the student ID", ""),
        ('<w:start w:val="912345678"/><w:lvlText w:val="Student ID %1"/>', "", ""),
        ('<w:start w:val="45678"/><w:lvlText w:val="Student ID 9123%1"/>', "", ""),
        ('<w:start w:val="9123"/><w:lvlText w:val="%1"/><w:suff w:val="nothing"/>', "45678 is the student ID", ""),
        ('<w:lvlText w:val="Student ID %1"/>', "", '<w:startOverride w:val="912345678"/>'),
    ):
        levels = f'<w:abstractNum w:abstractNumId="0"><w:lvl w:ilvl="0">{level}</w:lvl></w:abstractNum>'
        override = f'<w:lvlOverride w:ilvl="0">{of_number}</w:lvlOverride>' if of_number else ""
        number = f'<w:num w:numId="1"><w:abstractNumId w:val="0"/>{override}</w:num>'
        numbering = _part("numbering", "numbering", levels + number)
        yield "in the number of a paragraph", writing(f"<w:p>{_LISTED}{run(text)}</w:p>", numbering)
    style = '<w:style w:styleId="L"><w:pPr><w:numPr><w:numId w:val="1"/></w:numPr></w:pPr></w:style>'
    styled = f'<w:p><w:pPr><w:pStyle w:val="L"/></w:pPr>{run("")}</w:p>'
    yield "in the number of a style", writing(styled, numbering, style)


def _others() -> Iterator[tuple[str, Entity]]:
    turned = f'<w:bdo w:val="rtl">{run(NUMBER[:3:-1])}{run(NUMBER[3::-1])}</w:bdo>'
    yield "under an override of direction", writing(_paragraph(turned))
    data = {"customXml/item1.xml": ("application/xml", f'<d xmlns="urn:d"><id>{NUMBER}</id></d>')}
    core = {
        "docProps/core.xml": (
            "application/vnd.openxmlformats-package.core-properties+xml",
            f'<c:coreProperties xmlns:c="c" xmlns:d="d"><d:title>{NUMBER}</d:title></c:coreProperties>',
        )
    }
    for path, parts in (("/n:d[1]/n:id[1]", data), ("//text()", data), ("/c:coreProperties/d:title", core)):
        bound = f"<w:sdt><w:sdtPr>{_BOUND.format(path)}</w:sdtPr><w:sdtContent>{run('none')}</w:sdtContent></w:sdt>"
        yield "in data a control is bound to", writing(_paragraph(bound), parts)
    for content in (
        f'<w:sdt><w:sdtPr><w:dropDownList><w:listItem w:displayText="{NUMBER}"/></w:dropDownList></w:sdtPr></w:sdt>',
        f'<w:r><w:pict><v:shape xmlns:v="urn:v"><v:textpath string="{NUMBER}"/></v:shape></w:pict></w:r>',
        f'<w:smartTag><w:smartTagPr><w:attr w:name="a" w:val="{NUMBER}"/></w:smartTagPr></w:smartTag>',
    ):
        yield "in an attribute that is shown", writing(_paragraph(content))
    rows = "".join(f"<w:tr><w:tc><w:p>{run(text)}</w:p></w:tc></w:tr>" for text in ("Student ID", *["away"] * 80, NUMBER))
    yield "at the foot of a table of one column", writing(f"<w:tbl>{rows}</w:tbl>")


def open_document(body: str, styles: str = "", kind: str = "text") -> Entity:
    """A letter or spreadsheet of LibreOffice."""
    names = "".join(
        f' xmlns:{short}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
        for short, name in (
            ("office", "office"),
            ("text", "text"),
            ("table", "table"),
            ("style", "style"),
            ("number", "datastyle"),
        )
    )
    content = (
        f"<office:document-content{names}><office:automatic-styles>{styles}</office:automatic-styles>"
        f"<office:body><office:{kind}>{body}</office:{kind}></office:body></office:document-content>"
    )
    media_type = f"application/vnd.oasis.opendocument.{kind}".encode()
    return attached(zipped(("mimetype", media_type), ("content.xml", content.encode())), "letter.odt")


def _open_documents() -> Iterator[tuple[str, Entity]]:
    for content in (
        f'<text:conditional-text text:string-value-if-true="{NUMBER}">x</text:conditional-text>',
        f'<text:variable-set text:formula="ooow:{NUMBER}" office:value="{NUMBER}"/>',
        '<text:expression text:formula="ooow:912345000+678">x</text:expression>',
        f'<text:database-display text:column-name="{NUMBER}">x</text:database-display>',
        f'<text:user-defined text:name="u" office:string-value="{NUMBER}">x</text:user-defined>',
        f'<text:placeholder text:description="{NUMBER}">x</text:placeholder>',
        f'<text:drop-down text:name="d"><text:label text:value="{NUMBER}"/></text:drop-down>',
        "\u202e876543219\u202c",
    ):
        yield "a field of LibreOffice", open_document(f"<text:p>{BEGINS}{content}</text:p>")
    away = "<text:p>" + "away " * 40 + "</text:p>"
    for declared, shown in (
        (f'<text:p><text:variable-set text:name="v" office:string-value="{NUMBER}"/></text:p>', "variable-get"),
        (f'<text:user-field-decl text:name="v" office:string-value="{NUMBER}"/>', "user-field-get"),
    ):
        field_of = f'<text:{shown} text:name="v">none</text:{shown}>'
        yield "a variable of LibreOffice", open_document(f"{declared}{away}<text:p>{BEGINS}{field_of}</text:p>")
    literal = '<number:number-style style:name="N"><number:text>9123</number:text><number:number/></number:number-style>'
    formatted = '<text:expression style:data-style-name="N" office:value="45678">x</text:expression>'
    yield "a format of LibreOffice", open_document(f"<text:p>{BEGINS}{formatted}</text:p>", literal)
    for level, text in (
        (f'style:num-prefix="{NUMBER}" style:num-format=""', "is the student ID"),
        ('style:num-prefix="Student ID 9123" text:start-value="45678" style:num-format="1"', ""),
        ('loext:num-list-format="Student ID 9123%1%" xmlns:loext="urn:l" text:start-value="45678" style:num-format="1"', ""),
    ):
        style = f'<text:list-style style:name="L"><text:list-level-style-number text:level="1" {level}/></text:list-style>'
        listed = f'<text:list text:style-name="L"><text:list-item><text:p>{text}</text:p></text:list-item></text:list>'
        yield "a list of LibreOffice", open_document(listed, style)
    item = f'<text:list-item text:start-value="{NUMBER}"><text:p>is the student ID</text:p></text:list-item>'
    yield "a list of LibreOffice that begins high", open_document(f"<text:list>{item}</text:list>")
    mapped = f'{literal}<style:style style:name="B" style:data-style-name="N"/>'
    styles = f'{mapped}<style:style style:name="A"><style:map style:condition="x" style:apply-style-name="B"/></style:style>'
    for attributes in ('table:style-name="B"', 'table:style-name="A"', ""):
        column = '<table:table-column table:number-columns-repeated="2" table:default-cell-style-name="B"/>'
        cell = f'<table:table-cell office:value-type="float" office:value="45678" {attributes}/>'
        yield "a format of a cell of LibreOffice", open_document(_table(cell, column), styles, "spreadsheet")
    formula = '<table:table-cell table:formula="of:=912345000+678" office:value-type="float" office:value="1"/>'
    yield "a formula of LibreOffice", open_document(_table(formula), "", "spreadsheet")
    message = f'<table:help-message table:title="Student ID"><text:p>{NUMBER}</text:p></table:help-message>'
    validated = (
        f"<table:content-validations><table:content-validation>{message}</table:content-validation></table:content-validations>"
    )
    yield "a message of LibreOffice", open_document(validated, "", "spreadsheet")


def _table(cell: str, columns: str = "") -> str:
    head = '<table:table-cell office:value-type="string"><text:p>Student ID</text:p></table:table-cell>'
    rows = f"<table:table-row>{head}</table:table-row><table:table-row>{cell}</table:table-row>"
    return f'<table:table table:name="S">{columns}{rows}</table:table>'


def _slides() -> Iterator[tuple[str, Entity]]:
    kind = f"{TYPES}.presentationml"
    names = 'xmlns:p="urn:p" xmlns:a="urn:a" xmlns:r="urn:r"'
    for bullet, text in (
        ('<a:buAutoNum type="arabicPlain" startAt="9123"/>', "45678 is the student ID"),
        (f'<a:buChar char="{NUMBER}"/>', " is the student ID"),
    ):
        paragraph = f"<a:p><a:pPr>{bullet}</a:pPr><a:r><a:t>{text}</a:t></a:r></a:p>"
        parts = {
            "ppt/presentation.xml": (f"{kind}.presentation.main+xml", f"<p:presentation {names}/>"),
            "ppt/slide.xml": (f"{kind}.slide+xml", f"<p:sld {names}><p:sp><p:txBody>{paragraph}</p:txBody></p:sp></p:sld>"),
        }
        yield "a bullet of a slide", attached(package("ppt/presentation.xml", parts, (("slide", "slide.xml"),)), "s.pptx")


def cases() -> Iterator[Case]:
    """Every case of this group."""
    for index, (title, built) in enumerate((*_fields(), *_lists(), *_others(), *_open_documents(), *_slides()), 301):
        yield Case(f"E081-{index}", title, CAUGHT, partial(_same, built))


def _same(built: Entity) -> Entity:
    return built
