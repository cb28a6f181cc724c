"""Office files that ask for much work with few bytes: each is read in a moment, or ends at a limit."""

from __future__ import annotations

import time
import zipfile
from collections.abc import Callable
from io import BytesIO

import pytest

from dlp.extractors.content import Budget, Grid, Source
from dlp.extractors.odf_styles import Styles
from dlp.extractors.odf_text import book
from dlp.extractors.sheets import Cells
from dlp.extractors.word_shared import Letter
from dlp.extractors.xlsx import xlsx
from dlp.extractors.xml_events import TEXT, events
from dlp.limits import Limits
from tests.extractors.read import ID, pieces

MOMENT = 1.0  # seconds; quadratic would be several


def budget() -> Budget:
    return Budget.of(Limits(), 0)


def package(parts: dict[str, tuple[str, str]]) -> Source:
    """Parts by their names: how their types end, and what is in them; a part refers to all that stand in its folder."""
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        types = "".join(f'<Override PartName="/{name}" ContentType="application/{kind}"/>' for name, (kind, _) in parts.items())
        archive.writestr("[Content_Types].xml", f"<Types>{types}</Types>")
        for name, (_, content) in parts.items():
            archive.writestr(name, content)
    return Source(out.getvalue())


def sheet(rows: str, behind: str = "") -> Source:
    kind = "vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"
    return package({"xl/worksheets/sheet1.xml": (kind, f"<worksheet><sheetData>{rows}</sheetData>{behind}</worksheet>")})


def grid(cells: dict[tuple[int, int], str]) -> int:
    found = Cells()
    for (row, column), text in cells.items():
        found.put(row, column, text)
    return sum(1 for _ in found.blocks(budget()))


def pivot() -> int:
    fields, numbers = "<cacheField/>" * 50_000, '<n v="1"/>' * 50_000
    kind = "vnd.openxmlformats-officedocument.spreadsheetml.pivotCache"
    relation = '<Relationship Id="a" Type="x/pivotCacheRecords" Target="b.xml"/>'
    parts = {
        "xl/a.xml": (f"{kind}Definition+xml", f"<a>{fields}</a>"),
        "xl/_rels/a.xml.rels": ("xml", f"<Relationships>{relation}</Relationships>"),
        "xl/b.xml": (f"{kind}Records+xml", f"<a><r>{numbers}</r></a>"),
    }
    return max(len(each.rows[-1]) for each in pieces(xlsx, package(parts))[0] if isinstance(each, Grid))


def columns() -> int:
    styled = '<style:text-style style:name="a"><style:text>912345678</style:text></style:text-style>'
    of_column = '<table:table-column table:default-cell-style-name="a"/>' * 20_000
    row = '<table:table-cell office:value="1"/>' * 20_000
    spaces = " ".join(f'xmlns:{each}="urn:{each}"' for each in ("office", "style", "table"))
    data = (
        f"<office:a {spaces}>{styled}<table:table>{of_column}<table:table-row>{row}</table:table-row></table:table></office:a>"
    )
    return sum(1 for each in book(data.encode(), budget(), Styles()) if isinstance(each, Grid))


BOMBS: dict[str, tuple[Callable[[], object], object]] = {
    "a path": (lambda: Letter(data={"a": ["b"]}).bound("a" * 20_000 + "!"), ["b"]),
    "rows far apart": (lambda: grid({(row * 25, 1): "1" for row in range(1, 15_001)}), 15_000),
    "columns far apart": (lambda: grid({(row, column * 25): "1" for row in range(1, 201) for column in range(1, 401)}), 400),
    "fields of a pivot": (pivot, 50_000),
    "styles of columns": (columns, 1),
}


@pytest.mark.parametrize(("read", "given"), BOMBS.values(), ids=BOMBS)
def test_a_bomb_is_read_in_a_moment(read: Callable[[], object], given: object) -> None:
    start = time.process_time()
    assert read() == given
    assert time.process_time() - start < MOMENT


def test_characters_between_two_tags_are_few_events() -> None:
    data = f"<a>{'&#49;' * 50_000}<!--b-->c</a>".encode()
    found = [event.text for event in events(data, budget()) if event.kind is TEXT]
    assert "".join(found) == "1" * 50_000 + "c"
    assert len(found) < 10


def test_conditions_for_single_cells_cost_no_more_than_those_cells() -> None:
    rows = "".join(f'<row r="{row}"><c r="A{row}"><v>{row}</v></c></row>' for row in range(1, 1_001))
    cells = " ".join(f"A{row}" for row in range(1, 121))
    code = '<cfRule><numFmt formatCode="&quot;9123456&quot;00"/></cfRule>'
    source = sheet(rows, f'<conditionalFormatting sqref="{cells}">{code}</conditionalFormatting>')
    given, end = pieces(xlsx, source, elements=5_000)
    assert end == ""
    assert any(ID in row[0] for each in given if isinstance(each, Grid) for row in each.rows)
