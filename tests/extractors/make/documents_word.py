# ruff: noqa: E501, ISC004  markup is plainer in one piece
"""Makes word.docx and notes.pptx of tests/extractors/files/documents: what Word and PowerPoint write and LibreOffice does not.

    python3 documents_word.py FOLDER

Needs python-docx, python-pptx and openpyxl. Each place holds the planted ID behind a word that names the place.
"""

from __future__ import annotations

import sys
import zipfile
from io import BytesIO
from pathlib import Path

import docx
import openpyxl
import pptx
from pptx.chart.data import CategoryChartData
from pptx.enum.chart import XL_CHART_TYPE
from pptx.util import Inches

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
R = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
NS = (
    f'xmlns:w="{W}" xmlns:r="{R}" xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"'
    ' xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing"'
    ' xmlns:wps="http://schemas.microsoft.com/office/word/2010/wordprocessingShape"'
    ' xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" xmlns:v="urn:schemas-microsoft-com:vml"'
    ' xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math"'
)
RELS = "http://schemas.openxmlformats.org/package/2006/relationships"
WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml"


def said(place: str) -> str:
    return f"{place} student ID 912345678"


def run(text: str, style: str = "", element: str = "t") -> str:
    return f'<w:r><w:rPr>{style}</w:rPr><w:{element} xml:space="preserve">{text}</w:{element}></w:r>'


def p(*content: str) -> str:
    return f"<w:p>{''.join(content)}</w:p>"


def tracked(element: str, content: str) -> str:
    return f'<w:{element} w:id="1" w:author="{said("reviser")}" w:date="2026-01-01T00:00:00Z">{content}</w:{element}>'


BODY = "".join(
    (
        p(run(said("body"))),
        p(run("split student ID 91"), '<w:proofErr w:type="spellStart"/>', run("2345", "<w:b/>"), run("678")),
        p(run("noise student ID 9123"), run("0000", "<w:vanish/>"), run("45"), run("11", '<w:sz w:val="2"/>'), run("678")),
        p(run("sign student ID 91234"), '<w:r><w:sym w:font="Symbol" w:char="F035"/></w:r>', run("678")),
        p("<w:pPr><w:tabs><w:tab/></w:tabs></w:pPr>", run("a"), "<w:r><w:tab/></w:r>", run(said("tab")), "<w:r><w:br/></w:r>"),
        p(tracked("del", run(said("deletion"), element="delText")), tracked("ins", run(said("insertion")))),
        p(tracked("moveFrom", run(said("moved-from"))), tracked("moveTo", run(said("moved-to")))),
        p(run("changed student ID 91"), tracked("del", run("99", element="delText")), tracked("ins", run("23")), run("45678")),
        p(
            '<w:r><w:fldChar w:fldCharType="begin"/></w:r>',
            run(" DOCVARIABLE &quot;field student ID 9123", element="instrText"),
            run("45678&quot; ", element="instrText"),
            '<w:r><w:fldChar w:fldCharType="separate"/></w:r>',
            run(said("result")),
            '<w:r><w:fldChar w:fldCharType="end"/></w:r>',
        ),
        p(f'<w:fldSimple w:instr=" QUOTE {said("simple")} ">{run("x")}</w:fldSimple>'),
        p(f'<w:hyperlink r:id="rIdLink" w:tooltip="{said("tooltip")}">{run("click")}</w:hyperlink>'),
        f'<w:sdt><w:sdtPr><w:alias w:val="{said("alias")}"/><w:tag w:val="{said("tag")}"/><w:dropDownList>'
        f'<w:listItem w:displayText="{said("choice")}" w:value="1"/></w:dropDownList></w:sdtPr>'
        f"<w:sdtContent>{p(run(said('control')))}</w:sdtContent></w:sdt>",
        p(
            "<w:r><mc:AlternateContent><mc:Choice Requires='wps'><w:drawing><wp:anchor><wp:positionH relativeFrom='page'>"
            "<wp:posOffset>914400</wp:posOffset></wp:positionH>"
            f'<wp:docPr id="1" name="Box 1" descr="{said("alt-text")}" title="{said("alt-title")}"/>'
            f"<wps:txbx><w:txbxContent>{p(run(said('choice-box')))}</w:txbxContent></wps:txbx></wp:anchor></w:drawing>"
            "</mc:Choice><mc:Fallback><w:pict><v:shape style='width:914400pt' alt='"
            + said("shape-alt")
            + f"'><v:textbox><w:txbxContent>{p(run(said('fallback-box')))}</w:txbxContent></v:textbox>"
            f"<v:textpath string='{said('word-art')}'/></v:shape></w:pict></mc:Fallback></mc:AlternateContent></w:r>"
        ),
        p(f"<m:oMath><m:r><m:t>{said('equation')}</m:t></m:r></m:oMath>"),
        p('<w:bookmarkStart w:id="0" w:name="bookmark_912345678"/><w:bookmarkEnd w:id="0"/>', run("x")),
        "<w:tbl><w:tblPr><w:tblCaption w:val='" + said("table-caption") + "'/></w:tblPr>",
        "<w:tr><w:tc><w:tcPr><w:gridSpan w:val='2'/></w:tcPr>"
        + p(run("Student ID"))
        + "</w:tc><w:tc>"
        + p(run("Grade"))
        + "</w:tc></w:tr>",
        "<w:tr><w:tc>" + p(run("Ada")) + p(run("Example")) + "</w:tc><w:tc>" + p(run("912345678")) + "</w:tc><w:tc>"
        "<w:tbl><w:tr><w:tc>" + p(run("nested")) + "</w:tc></w:tr></w:tbl>" + p() + "</w:tc></w:tr></w:tbl>",
        '<w:altChunk r:id="rIdChunk"/>',
        "<w:sectPr/>",
    )
)


def story(root: str, element: str, place: str) -> str:
    return f'<w:{root} {NS}><w:{element} w:id="2" w:author="{said("commenter")}" w:initials="ax">{p(run(said(place)))}</w:{element}></w:{root}>'


def sheet() -> bytes:
    book = openpyxl.Workbook()
    book.active["A1"] = said("sheet")
    out = BytesIO()
    book.save(out)
    return out.getvalue()


PARTS: dict[str, tuple[str, str | bytes]] = {
    "word/document.xml": (f"{WORD}.document.main+xml", f"<w:document {NS}><w:body>{BODY}</w:body></w:document>"),
    "word/header1.xml": (f"{WORD}.header+xml", f"<w:hdr {NS}>{p(run(said('header')))}</w:hdr>"),
    "word/footer1.xml": (f"{WORD}.footer+xml", f"<w:ftr {NS}>{p(run(said('footer')))}</w:ftr>"),
    "word/footnotes.xml": (f"{WORD}.footnotes+xml", story("footnotes", "footnote", "footnote")),
    "word/endnotes.xml": (f"{WORD}.endnotes+xml", story("endnotes", "endnote", "endnote")),
    "word/comments.xml": (f"{WORD}.comments+xml", story("comments", "comment", "comment")),
    "word/people.xml": (
        f"{WORD}.people+xml",
        f'<w15:people xmlns:w15="http://schemas.microsoft.com/office/word/2012/wordml"><w15:person w15:author="{said("person")}"/></w15:people>',
    ),
    "word/settings.xml": (
        f"{WORD}.settings+xml",
        f'<w:settings {NS}><w:docVars><w:docVar w:name="v" w:val="{said("variable")}"/></w:docVars></w:settings>',
    ),
    "word/numbering.xml": (
        f"{WORD}.numbering+xml",
        f'<w:numbering {NS}><w:abstractNum w:abstractNumId="0"><w:lvl><w:lvlText w:val="{said("numbering")}"/></w:lvl></w:abstractNum></w:numbering>',
    ),
    "word/styles.xml": (
        f"{WORD}.styles+xml",
        f'<w:styles {NS}><w:latentStyles><w:lsdException w:name="heading 1"/></w:latentStyles>'
        f'<w:style><w:name w:val="{said("style")}"/></w:style></w:styles>',
    ),
    "word/glossary/document.xml": (
        f"{WORD}.document.glossary+xml",
        f"<w:glossaryDocument {NS}><w:docParts><w:docPart><w:docPartBody>{p(run(said('glossary')))}</w:docPartBody></w:docPart></w:docParts></w:glossaryDocument>",
    ),
    "word/charts/chart1.xml": (
        "application/vnd.openxmlformats-officedocument.drawingml.chart+xml",
        f'<c:chart xmlns:c="urn:c" xmlns:a="urn:a"><a:t>{said("chart")}</a:t><c:cat><c:v>student ID</c:v><c:v>912345678</c:v></c:cat></c:chart>',
    ),
    "word/diagrams/data1.xml": (
        "application/vnd.openxmlformats-officedocument.drawingml.diagramData+xml",
        f'<d:dataModel xmlns:d="urn:d" xmlns:a="urn:a"><d:pt><d:t><a:p><a:r><a:t>{said("diagram")}</a:t></a:r></a:p></d:t></d:pt></d:dataModel>',
    ),
    "customXml/item1.xml": (
        "application/xml",
        f'<student note="{said("data-attribute")}"><id>9123<x/>45678</id><!-- {said("data-comment")} --></student>',
    ),
    "word/afchunk1.htm": ("text/html", f"<html><body><p>{said('chunk')}</p></body></html>"),
    "word/embeddings/sheet1.xlsx": ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", sheet()),
    "word/fonts/font1.odttf": ("application/vnd.openxmlformats-officedocument.obfuscatedFont", b"\0\1font\xff" * 9),
    "word/unknown1.txt": ("text/plain", said("stranger")),
    "docProps/core.xml": (
        "application/vnd.openxmlformats-package.core-properties+xml",
        f'<cp:coreProperties xmlns:cp="urn:cp" xmlns:dc="urn:dc"><dc:title>{said("title")}</dc:title><cp:revision>2</cp:revision></cp:coreProperties>',
    ),
    "docProps/custom.xml": (
        "application/vnd.openxmlformats-officedocument.custom-properties+xml",
        '<Properties xmlns:vt="urn:vt"><property name="student ID of custom"><vt:lpwstr>912345678</vt:lpwstr></property></Properties>',
    ),
    "word/_rels/document.xml.rels": (
        "application/vnd.openxmlformats-package.relationships+xml",
        f'<Relationships xmlns="{RELS}"><Relationship Id="rIdLink" Type="{R}/hyperlink" Target="mailto:a@b.example?subject=link%20student%20ID%20912345678" TargetMode="External"/>'
        f'<Relationship Id="rIdChunk" Type="{R}/aFChunk" Target="afchunk1.htm"/></Relationships>',
    ),
    "_rels/.rels": (
        "application/vnd.openxmlformats-package.relationships+xml",
        f'<Relationships xmlns="{RELS}"><Relationship Id="rId1" Type="{R}/officeDocument" Target="word/document.xml"/></Relationships>',
    ),
}


def word(path: Path) -> None:
    overrides = "".join(f'<Override PartName="/{name}" ContentType="{of}"/>' for name, (of, _) in PARTS.items())
    types = f'<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">{overrides}</Types>'
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as out:
        for name, content in {"[Content_Types].xml": types, **{name: content for name, (_, content) in PARTS.items()}}.items():
            out.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)


def letter(path: Path) -> None:
    document = docx.Document()
    document.add_heading(said("heading"))
    table = document.add_table(2, 2)
    for cell, words in zip(table._cells, ("Name", "Student ID", "Ada Example", "912345678"), strict=True):
        cell.text = words
    section = document.sections[0]
    section.header.paragraphs[0].text, section.footer.paragraphs[0].text = said("header"), said("footer")
    document.core_properties.comments = said("remarks")
    document.add_comment(document.paragraphs[0].runs, said("comment"), said("commenter"))
    document.save(path)


def slides(path: Path) -> None:
    show = pptx.Presentation()
    for number in (1, 2):
        slide = show.slides.add_slide(show.slide_layouts[5])
        slide.shapes.title.text = said(f"title{number}")
        slide.notes_slide.notes_text_frame.text = said(f"notes{number}")
    table = slide.shapes.add_table(2, 2, 0, 0, Inches(4), Inches(1)).table
    for at, words in enumerate(("Name", "Student ID", "Ada Example", "912345678")):
        table.cell(at // 2, at % 2).text = words
    data = CategoryChartData()
    data.categories = [said("category"), "b"]
    data.add_series(said("series"), (1, 912345678))
    slide.shapes.add_chart(XL_CHART_TYPE.COLUMN_CLUSTERED, 0, 0, Inches(4), Inches(2), data)
    group = slide.shapes.add_group_shape()
    box = group.shapes.add_textbox(0, 0, 9, 9)
    box.text_frame.text = said("grouped")
    box._element.nvSpPr.cNvPr.set("descr", said("alt-text"))
    slide._element.set("show", "0")
    # the second slide is shown first
    ids = show.slides._sldIdLst
    ids.append(ids[0])
    show.save(path)


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    word(folder / "word.docx")
    letter(folder / "python.docx")
    slides(folder / "python.pptx")
