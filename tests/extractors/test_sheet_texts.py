"""Sheets that are one text file: cells stand below their headings, under their names."""

from __future__ import annotations

import pytest

from dlp.values import PartStatus
from tests.extractors.read import ID, opened

EXCEL = f"""<?xml version="1.0"?>
<?mso-application progid="Excel.Sheet"?>
<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet" xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet">
 <Worksheet ss:Name="One"><Table>
  <Row ss:Index="3">
   <Cell ss:Index="2"><Data ss:Type="String">Student ID</Data></Cell>
   <Cell><Data ss:Type="String">Grade</Data></Cell>
  </Row>
  <Row><Cell ss:Index="2"><Data ss:Type="Number">{ID}</Data></Cell><Cell><Data ss:Type="String">B</Data></Cell></Row>
 </Table></Worksheet>
</Workbook>
"""
SYLK = f"""ID;PWXL;N;E
C;Y3;X2;K"Student ID"
C;X3;K"Grade"
F;W1 2 10
C;Y4;X2;K{ID}
C;X3;K"B"
E
"""


@pytest.mark.parametrize("text", [EXCEL, SYLK, EXCEL.replace("</Workbook>", "")], ids=["Excel 2003 XML", "SYLK", "cut off"])
def test_cells_stand_below_their_headings(text: str) -> None:
    found = opened(text.encode(), "list.xls")
    [grid] = [each for each in found.shown if each.grid]
    assert (grid.place, grid.grid, grid.text) == ("sheet 1", (3, 2), f"Student ID\tGrade\n{ID}\tB")


def test_a_whole_one_is_read() -> None:
    assert opened(EXCEL.encode(), "list.xml").status is PartStatus.READ
    assert opened(SYLK.encode(), "list.slk").status is PartStatus.READ
