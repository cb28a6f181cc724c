"""E081: the number where only a word processor puts it together: fields, lists, bound data, overrides, choices."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from types import MappingProxyType

from tests.evasion.groups.files import attached
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


def cases() -> Iterator[Case]:
    """Every case of this group."""
    for index, (title, built) in enumerate((*_fields(), *_lists(), *_others()), 301):
        yield Case(f"E081-{index}", title, CAUGHT, partial(_same, built))


def _same(built: Entity) -> Entity:
    return built
