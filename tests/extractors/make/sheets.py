"""Makes the workbooks of tests/extractors/files/sheets with openpyxl and XlsxWriter; LibreOffice makes others of the first.

    python3 sheets.py FOLDER && cd FOLDER && cp openpyxl.xlsx calc.xlsx
    soffice --headless --convert-to ods calc.xlsx
    soffice --headless --convert-to "xls:MS Excel 97" calc.xlsx
    soffice --headless --convert-to "xlsx:Calc MS Excel 2007 XML" --outdir made calc.xlsx && mv made/calc.xlsx .

Each place a person can write in holds the planted ID behind a word that names the place; numbers stand below a heading.
"""

from __future__ import annotations

import sys
from pathlib import Path

import openpyxl
import xlsxwriter
from openpyxl.comments import Comment
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.datavalidation import DataValidation


def said(place: str) -> str:
    return f"{place} student ID 912345678"


def by_openpyxl(path: Path) -> None:
    book = openpyxl.Workbook()
    first = book.active
    first.title = "Grades"
    first.append(["Name", "Student ID", "Grade"])
    for row in (["Kim", 912345678, "B"], ["Roe", 923456780.0, "A"], ["Lee", "934567891", "C"]):
        first.append(row)
    first["B9"] = 12345678
    first["B9"].number_format = "000000000"
    first["B10"] = 912345678
    first["B10"].number_format = "000\\-00\\-0000"
    first["C12"] = said("cell")
    first["C12"].comment = Comment(said("comment"), "Astrid Lind")
    first["C14"] = '=CONCATENATE("joined student ID ","9123","45678")'
    first["C15"].hyperlink = "mailto:x@x.example?body=link%20student%20ID%20912345678"
    first["C15"] = "write"
    first.oddHeader.center.text = said("header")
    first.oddFooter.center.text = said("footer")
    check = DataValidation(type="list", formula1=f'"{said("choice")},none"', promptTitle="Please", prompt=said("prompt"))
    first.add_data_validation(check)
    check.add("D2")
    first["ZZ900"] = said("far")
    hidden = book.create_sheet("Hidden")
    hidden.sheet_state = "hidden"
    hidden["B2"] = said("hidden sheet")
    very = book.create_sheet("Very")
    very.sheet_state = "veryHidden"
    very["A1"] = said("very hidden sheet")
    lines = book.create_sheet("Lines")
    lines["A3"] = said("hidden row")
    lines.row_dimensions[3].hidden = True
    lines["F1"] = said("hidden column")
    lines.column_dimensions["F"].hidden = True
    lines["H1"] = said("merged")
    lines.merge_cells("H1:J4")
    book.create_sheet("ID 912345678")
    book.defined_names["note"] = DefinedName("note", attr_text=f'"{said("defined name")}"')
    book.properties.title = said("title")
    book.properties.creator = said("author")
    book.properties.keywords = said("keyword")
    book.properties.description = said("description")
    book.save(path)


def by_xlsxwriter(path: Path) -> None:
    book = xlsxwriter.Workbook(path)
    sheet = book.add_worksheet("One")
    sheet.write_row(0, 0, ["Name", "Student ID"])
    sheet.write_row(1, 0, ["Kim", 912345678])
    sheet.write_rich_string(
        "B4", "rich stu", book.add_format({"bold": True}), "dent ID 9123", book.add_format({"italic": True}), "45678"
    )
    sheet.write_comment("A4", said("note"), {"author": "Lind"})
    sheet.insert_textbox("D2", said("text box"))
    sheet.write_formula("B6", '="x"&"y"', value=said("cached"))
    sheet.write_url("B7", "https://x.example/", string="go", tip=said("tooltip"))
    chart = book.add_chart({"type": "column"})
    chart.set_title({"name": said("chart title")})
    chart.add_series({"values": "=One!$B$2:$B$2", "name": said("series")})
    sheet.insert_chart("D9", chart, {"description": said("alternative text")})
    book.set_custom_property("note", said("custom"))
    book.close()


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    by_openpyxl(folder / "openpyxl.xlsx")
    by_xlsxwriter(folder / "xlsxwriter.xlsx")
