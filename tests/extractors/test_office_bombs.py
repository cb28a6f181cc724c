"""Office files that ask for much work with few bytes: each is read in a moment, or ends at a limit."""

from __future__ import annotations

import time
import zipfile
from collections.abc import Callable, Iterator
from io import BytesIO

import pytest

from dlp.extractors.charts import chart
from dlp.extractors.content import Budget, Grid, Piece, Source, Stop, Text
from dlp.extractors.odf_styles import Styles
from dlp.extractors.odf_text import book
from dlp.extractors.odf_text import texts as odf_texts
from dlp.extractors.office_text import texts as office_texts
from dlp.extractors.ooxml_parts import document
from dlp.extractors.sheets import Cells
from dlp.extractors.word_shared import Letter
from dlp.extractors.xlsx import xlsx
from dlp.extractors.xml_events import TEXT, events
from dlp.limits import Limits
from tests.extractors.read import ID, pieces

MOMENT = 2.0  # seconds; quadratic would be more, on any machine
SPACES = " ".join(f'xmlns:{each}="urn:{each}"' for each in ("office", "style", "table", "text"))
WORD = "vnd.openxmlformats-officedocument.wordprocessingml"
EXCEL = "vnd.openxmlformats-officedocument.spreadsheetml"
LONG = "student " * 10_000


def budget() -> Budget:
    return Budget.of(Limits(), 0)


def package(parts: dict[str, tuple[str, str]]) -> Source:
    """Parts by their names: how their types end, and what is in them."""
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        types = "".join(f'<Override PartName="/{name}" ContentType="application/{kind}"/>' for name, (kind, _) in parts.items())
        archive.writestr("[Content_Types].xml", f"<Types>{types}</Types>")
        for name, (_, content) in parts.items():
            archive.writestr(name, content)
    return Source(out.getvalue())


def grid(cells: dict[tuple[int, int], str]) -> int:
    found = Cells()
    for (row, column), text in cells.items():
        found.put(row, column, text)
    return sum(1 for _ in found.blocks(budget()))


def pivot() -> int:
    fields, numbers = "<cacheField/>" * 60_000, '<n v="1"/>' * 60_000
    relation = '<Relationship Id="a" Type="x/pivotCacheRecords" Target="b.xml"/>'
    parts = {
        "xl/a.xml": (f"{EXCEL}.pivotCacheDefinition+xml", f"<a>{fields}</a>"),
        "xl/_rels/a.xml.rels": ("xml", f"<Relationships>{relation}</Relationships>"),
        "xl/b.xml": (f"{EXCEL}.pivotCacheRecords+xml", f"<a><r>{numbers}</r></a>"),
    }
    return max(len(each.rows[-1]) for each in pieces(xlsx, package(parts))[0] if isinstance(each, Grid))


def columns() -> int:
    styled = f'<style:text-style style:name="a"><style:text>{ID}</style:text></style:text-style>'
    of_column = '<table:table-column table:default-cell-style-name="a"/>' * 20_000
    row = '<table:table-cell office:value="1"/>' * 20_000
    data = (
        f"<office:a {SPACES}>{styled}<table:table>{of_column}<table:table-row>{row}</table:table-row></table:table></office:a>"
    )
    return sum(1 for each in book(data.encode(), budget(), Styles()) if isinstance(each, Grid))


def word(body: str, letter: Letter) -> Iterator[Piece]:
    return office_texts(f"<a>{body}</a>".encode(), "", budget(), letter=letter)


def odf(body: str, styles: Styles) -> Iterator[Piece]:
    return odf_texts(f"<office:body {SPACES}>{body}</office:body>".encode(), "", budget(), styles=styles)


def shown(given: Iterator[Piece]) -> list[str]:
    return [each.text for each in given if isinstance(each, Text)]


def control() -> list[str]:
    bound, runs = '<dataBinding xpath="a"/>' * 8_000, "<r><t>a</t></r>" * 8_000
    return shown(word(f"<sdt><sdtPr>{bound}</sdtPr>{runs}</sdt>", Letter(data={"a": ["b"]})))


def fields() -> bool:
    field, runs = f'<text:a text:b="{ID}">', "a<text:b/>" * 6_000
    return any(ID in each for each in shown(odf(f"<text:p>{field * 6_000}{runs}{'</text:a>' * 6_000}</text:p>", Styles())))


def titles() -> int:
    title = f"<t>{'a' * 100}</t>" * 40_000
    found = chart(f"<c><title>{title}</title><ser/></c>".encode(), "", budget())
    return sum(len(row[1]) for each in found if isinstance(each, Grid) for row in each.rows)


BOMBS: dict[str, tuple[Callable[[], object], object]] = {
    "a path": (lambda: Letter(data={"a": ["b"]}).bound("a" * 20_000 + "!"), ["b"]),
    "rows far apart": (lambda: grid({(row * 25, 1): "1" for row in range(1, 18_001)}), 18_000),
    "columns far apart": (lambda: grid({(row, column * 25): "1" for row in range(1, 201) for column in range(1, 401)}), 400),
    "fields of a pivot": (pivot, 60_000),
    "styles of columns": (columns, 1),
    "bindings of one control": (control, ["a" * 8_000, "a" * 8_000 + " b "]),
    "fields in fields": (fields, True),
    "titles of a chart": (titles, 4_000_000),
}


@pytest.mark.parametrize(("read", "given"), BOMBS.values(), ids=BOMBS)
def test_a_bomb_is_read_in_a_moment(read: Callable[[], object], given: object) -> None:
    start = time.process_time()
    assert read() == given
    assert time.process_time() - start < MOMENT


BOOKMARK = f'<fldSimple instr="SET a &quot;{LONG[:9_000]}&quot;"/>'
VARIABLE = '<text:user-field-get text:name="a"/>'
LEVEL = f'<text:list-level-style-number text:level="1" style:num-prefix="{LONG}"/>'
LABEL = f'<text:list-style style:name="a">{LEVEL}</text:list-style>'
FLOODS: dict[str, Callable[[], Iterator[Piece]]] = {
    "data in controls": lambda: word('<sdt><dataBinding xpath="a"/></sdt>' * 1_000, Letter(data={"a": [LONG]})),
    "a bookmark": lambda: word(BOOKMARK + '<fldSimple instr="REF a"/>' * 5_000, Letter()),
    "a variable": lambda: odf(f"<text:p>{VARIABLE * 1_000}</text:p>", Styles(variables={"a": LONG})),
    "labels of a list": lambda: odf(
        f'{LABEL}<text:list text:style-name="a">{"<text:list-item/>" * 1_000}</text:list>', Styles()
    ),
}


@pytest.mark.parametrize("read", FLOODS.values(), ids=FLOODS)
def test_what_is_shown_again_and_again_ends_at_the_limit_of_text(read: Callable[[], Iterator[Piece]]) -> None:
    given: list[str] = []
    with pytest.raises(Stop, match="text"):
        given.extend(each.text for each in read() if isinstance(each, Text))
    assert any(LONG[:8_000] in each for each in given)
    assert max(map(len, given)) <= Limits().text


def test_a_label_nobody_would_write_is_given_once() -> None:
    level = f'<lvl ilvl="0"><lvlText val="{LONG}"/></lvl>'
    lists = f'<abstractNum abstractNumId="0">{level}</abstractNum><num numId="1"><abstractNumId val="0"/></num>'
    letter = '<p><pPr><numPr><numId val="1"/></numPr></pPr></p>' * 2_000
    parts = {"word/a.xml": ("numbering+xml", f"<a>{lists}</a>"), "word/b.xml": ("document.main+xml", f"<a>{letter}</a>")}
    given, end = pieces(document, package({name: (f"{WORD}.{kind}", xml) for name, (kind, xml) in parts.items()}))
    assert end == ""
    assert any(LONG.strip() in each for each in shown(iter(given)))
    assert sum(map(len, shown(iter(given)))) < 1_000_000


def test_characters_between_two_tags_are_few_events() -> None:
    data = f"<a>{'&#49;' * 50_000}<!--b-->c</a>".encode()
    found = [event.text for event in events(data, budget()) if event.kind is TEXT]
    assert "".join(found) == "1" * 50_000 + "c"
    assert len(found) < 10


def test_conditions_for_single_cells_cost_no_more_than_those_cells() -> None:
    rows = "".join(f'<row r="{row}"><c r="A{row}"><v>{row}</v></c></row>' for row in range(1, 1_001))
    cells = " ".join(f"A{row}" for row in range(1, 121))
    code = '<cfRule><numFmt formatCode="&quot;9123456&quot;00"/></cfRule>'
    behind = f'<conditionalFormatting sqref="{cells}">{code}</conditionalFormatting>'
    sheet = f"<worksheet><sheetData>{rows}</sheetData>{behind}</worksheet>"
    given, end = pieces(xlsx, package({"xl/worksheets/a.xml": (f"{EXCEL}.worksheet+xml", sheet)}), elements=5_000)
    assert end == ""
    assert any(ID in row[0] for each in given if isinstance(each, Grid) for row in each.rows)
