"""Letters and slides: text is found in every place a person can put it, and each place is said."""

from __future__ import annotations

import lzma
import re
import zipfile
from collections import defaultdict
from collections.abc import Iterable
from io import BytesIO

import pytest

from dlp.extractors.content import Extractor, File, Grid, Source, Text
from dlp.extractors.doc import doc
from dlp.extractors.odf import odf
from dlp.extractors.ooxml_parts import document
from dlp.extractors.ppt import ppt
from dlp.extractors.pptx import pptx
from dlp.extractors.rtf import rtf
from dlp.values import PartStatus
from tests.extractors.read import FILES, ID, opened, pieces

FOLDER = FILES / "documents"
SAID = re.compile(rf"([\w-]+) student ID {ID}")
COMMON = {
    "title": "properties",
    "subject": "properties",
    "description": "properties",
    "keyword": "properties",
    "author": "properties",
    "custom": "properties",
    "body": "",
    "split": "",
    "input": "",
    "insertion": "",
    "header": "headers",
    "footer": "footers",
    "footnote": "footnotes",
    "endnote": "endnotes",
    "comment": "comments",
    "link": "links",
}
LETTERS: dict[str, dict[str, str]] = {
    "letter.docx": COMMON
    | {
        "hint": "field codes",
        "hidden": "with hidden text",
        "deletion": "before changes",
        "commenter": "comments, markup",
        "frame": "text boxes",
        "shape": "text boxes",
        "alt-text": "descriptions",
        "alt-title": "descriptions",
    },
    "word.docx": {
        "title": "properties",
        "body": "",
        "split": "",
        "noise": "",
        "sign": "",
        "tab": "",
        "insertion": "",
        "moved-to": "",
        "deletion": "before changes",
        "moved-from": "before changes",
        "changed": "",
        "result": "",
        "control": "",
        "equation": "",
        "choice-box": "text boxes",
        "fallback-box": "text boxes, in another program",
        "field": "field codes",
        "simple": "markup",
        "tooltip": "markup",
        "alias": "markup",
        "tag": "markup",
        "choice": "markup",
        "word-art": "markup",
        "table-caption": "markup",
        "reviser": "markup",
        "alt-text": "descriptions",
        "alt-title": "descriptions",
        "shape-alt": "descriptions",
        "header": "headers",
        "footer": "footers",
        "footnote": "footnotes",
        "endnote": "endnotes",
        "comment": "comments",
        "commenter": "comments, markup",
        "person": "comments, markup",
        "variable": "settings, markup",
        "numbering": "settings, markup",
        "style": "settings, markup",
        "glossary": "glossary",
        "chart": "charts",
        "diagram": "diagrams",
        "data-attribute": "data, markup",
        "data-comment": "data, markup",
        "link": "links",
    },
    "python.docx": {"heading": "", "header": "headers", "footer": "footers", "remarks": "properties", "comment": "comments"},
    "letter.rtf": {word: place for word, place in COMMON.items() if word not in ("comment", "endnote", "link")}
    | {
        "endnote": "footnotes",
        "hint": "field codes",
        "hidden": "with hidden text",
        "deletion": "before changes",
        "commenter": "comments, markup",
        "frame": "text boxes",
        "shape": "descriptions",
        "alt-text": "descriptions",
    },
    "letter.odt": {word: place for word, place in COMMON.items() if word != "link"}
    | {
        "hint": "markup",
        "hidden": "with hidden text",
        "deletion": "before changes",
        "commenter": "markup",
        "frame": "text boxes",
        "shape": "",
        "alt-text": "descriptions",
        "alt-title": "descriptions",
    },
    "letter.doc": COMMON
    | {
        "footer": "headers",
        "link": "field codes",
        "hint": "characters",
        "hidden": "with hidden text",
        "deletion": "before changes",
        "commenter": "markup",
        "frame": "text boxes",
        "shape": "text boxes",
    },
    "slides.ppt": {
        "title": "properties",
        "custom": "properties",
        "slide1": "slide 1",
        "slide2": "slide 2",
        "shape2": "slide 2",
        "notes1": "notes of slide 1",
        "notes2": "notes of slide 2",
        "comment2": "comments of slide 2",
        "commenter2": "comments of slide 2",
        "master": "masters",
    },
    "slides.odp": {
        "title": "properties",
        "custom": "properties",
        "slide1": "slide 1",
        "slide2": "slide 2",
        "shape2": "slide 2",
        "notes2": "notes of slide 2",
        "comment2": "comments of slide 2",
        "commenter2": "markup",
        "alt-text2": "descriptions",
        "master": "masters",
    },
    "slides.pptx": {
        "title": "properties",
        "custom": "properties",
        "slide1": "slide 1",
        "slide2": "slide 2",
        "shape2": "slide 2",
        "comment1": "comments of slide 1",
        "comment2": "comments of slide 2",
        "commenter1": "comments, markup",
        "master": "masters",
    },
    "python.pptx": {
        "title2": "slide 1",  # it is shown first, though it was made later
        "notes2": "notes of slide 1",
        "grouped": "slide 1",
        "alt-text": "slide 1, descriptions",
        "category": "charts of slide 1",
        "series": "charts of slide 1",
        "title1": "slide 2",
        "notes1": "notes of slide 2",
    },
}
READERS: dict[str, Extractor] = {"docx": document, "pptx": pptx, "rtf": rtf, "doc": doc, "ppt": ppt, "odt": odf, "odp": odf}


def read(name: str, **limits: int) -> tuple[list[Text | Grid | File], str]:
    return pieces(READERS[name.rpartition(".")[2]], Source(data_of(name)), **limits)


def data_of(name: str) -> bytes:
    """One file; the largest is kept packed."""
    path = FOLDER / name
    return path.read_bytes() if path.exists() else lzma.decompress((FOLDER / f"{name}.xz").read_bytes())


def places(given: Iterable[object]) -> dict[str, set[str]]:
    """The word before each planted ID -> where it was read."""
    found = defaultdict(set)
    for piece in given:
        if isinstance(piece, Text):
            for word in SAID.findall(piece.text):
                found[word].add(piece.place)
    return found


@pytest.mark.parametrize(
    ("name", "place", "word"), [(name, place, word) for name in LETTERS for word, place in LETTERS[name].items()]
)
def test_every_place_is_read_and_named(name, place, word):
    assert place in places(read(name)[0])[word]


@pytest.mark.parametrize("name", LETTERS)
def test_what_office_programs_write_is_read_whole(name):
    assert read(name)[1] == ""


@pytest.mark.parametrize(
    ("name", "place", "column"),
    [
        ("letter.docx", "table 1", 1),
        ("letter.rtf", "table 1", 1),
        ("letter.odt", "table 1", 1),
        ("letter.doc", "table 1", 1),
        ("slides.odp", "slide 2, table 2", 1),
        ("python.docx", "table 1", 1),
        ("slides.pptx", "slide 2, table 1", 1),
        ("python.pptx", "slide 1, table 1", 1),
        ("word.docx", "table 2", 1),
    ],
)
def test_a_table_names_its_cells(name, place, column):
    (grid,) = (each for each in read(name)[0] if isinstance(each, Grid) and each.place == place)
    assert grid.rows[1][column] == ID


def test_cells_that_span_columns_keep_the_others_below_their_heads():
    (grid,) = (each for each in read("word.docx")[0] if isinstance(each, Grid))
    assert grid.rows[0] == ["Student ID", "", "Grade"]


def test_files_in_a_document_are_opened():
    files = {each.media_type: each.data for each in read("word.docx")[0] if isinstance(each, File)}
    assert b"chunk student ID" in files["text/html"]
    assert b"stranger student ID" in files["text/plain"]
    assert files["application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"].startswith(b"PK")
    assert not any("font" in each for each in files)
    found = opened((FOLDER / "word.docx").read_bytes(), "word.docx")
    assert {"chunk", "stranger"} <= {word for each in found.shown for word in SAID.findall(each.text) if each.path}


def test_elements_of_custom_xml_do_not_split_a_number():
    assert any(each.place == "data" and ID in each.text for each in read("word.docx")[0] if isinstance(each, Text))


def drawn(body: str, name: str = "content.xml") -> bytes:
    """An OpenDocument file of one part."""
    names = " ".join(
        f'xmlns:{each}="urn:{each}"' for each in ("office", "text", "draw", "table", "style", "xlink", "form", "svg")
    )
    out = BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.text")
        manifest = "<file-entry full-path='Object 1/' media-type='application/vnd.oasis.opendocument.spreadsheet'/>"
        archive.writestr("META-INF/manifest.xml", f"<manifest>{manifest}</manifest>")
        archive.writestr(name, f"<office:document-content {names}><office:body>{body}</office:body></office:document-content>")
    return out.getvalue()


DECOY = (
    "<style:style style:name='b' style:parent-style-name='a'/>"
    "<text:p>9123<text:span text:style-name='b'>77</text:span>45678</text:p>"
)


@pytest.mark.parametrize(
    ("body", "place"),
    [
        ("<text:p>student ID 9123<text:span>45</text:span>678</text:p>", ""),
        ("<text:p>x<text:s text:c='2'/>student<text:tab/>ID<text:line-break/>912345678</text:p>", ""),
        ("<text:p><text:a xlink:href='mailto:912345678@b.example'>x</text:a></text:p>", "links"),
        ("<text:p><text:hidden-text text:string-value='912345678'/></text:p>", "with hidden text"),
        ("<text:user-field-decls><text:user-field-decl office:string-value='912345678'/></text:user-field-decls>", "markup"),
        ("<form:text form:current-value='912345678'/>", "markup"),
        ("<draw:frame><svg:desc>912345678</svg:desc></draw:frame>", "descriptions"),
        ("<!-- 912345678 -->", "markup"),
        (
            "<text:p>9123<text:ruby><text:ruby-base>45</text:ruby-base><text:ruby-text>a</text:ruby-text></text:ruby>678</text:p>",
            "",
        ),
        ("<text:p>9123<text:script>77</text:script>45678</text:p>", ""),
        ("<text:p><text:expression text:formula='ooow:912345678'/></text:p>", "markup"),
        ("<text:p><text:alphabetical-index-mark text:key1='912345678'/></text:p>", "markup"),
        ("<text:math><text:mn>9123</text:mn><text:mn>45678</text:mn></text:math>", ""),
        ("<style:style style:name='a'><style:text-properties text:display='none'/></style:style>" + DECOY, ""),
        ("<style:style style:name='a'><style:text-properties text:color='#FFFFFF'/></style:style>" + DECOY, ""),
        ("<style:style style:name='a'><style:text-properties text:font-size='1pt'/></style:style>" + DECOY, ""),
    ],
)
def test_places_of_a_letter_that_libreoffice_seldom_writes(body, place):
    given, end = pieces(odf, Source(drawn(body)))
    assert place in {each.place for each in given if isinstance(each, Text) and ID in each.text}
    assert end == ""


def test_an_embedded_sheet_is_a_grid():
    row = (
        "<table:table-row><table:table-cell><text:p>%s</text:p></table:table-cell><table:covered-table-cell/></table:table-row>"
    )
    given, _ = pieces(odf, Source(drawn(f"<table:table>{row % 'ID'}{row % ID}</table:table>", "Object 1/content.xml")))
    assert [each for each in given if isinstance(each, Grid)] == [Grid([["ID", ""], [ID, ""]], "objects, table 1")]


def test_a_letter_with_a_sheet_in_it_is_a_letter():
    found = opened(drawn("<text:p>student ID 912345678</text:p>"))
    assert [each.place for each in found.shown if ID in each.text] == [""]
    assert found.status is PartStatus.READ


def test_a_locked_file_is_opened_with_a_password_that_is_known():
    source = Source((FOLDER / "locked.odt").read_bytes())
    given, end = pieces(odf, source)
    assert end == "password"
    assert not places(given)
    given, end = pieces(odf, source, passwords=("wrong", "secret"))
    assert end == ""
    assert "" in places(given)["body"]


@pytest.mark.parametrize("name", [name for name in LETTERS if not name.endswith(".rtf")])  # of which a part is RTF as well
def test_a_file_that_breaks_off_is_never_whole(name):
    data = data_of(name)
    assert [opened(data[: len(data) * part // 10], name).status for part in (3, 6, 9)].count(PartStatus.READ) == 0


def zipped(parts: dict[str, str | bytes]) -> bytes:
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return out.getvalue()


def word(body: str) -> bytes:
    """A Word document of one part."""
    kind = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
    types = f'<Types><Override PartName="/word/document.xml" ContentType="{kind}"/></Types>'
    return zipped({"[Content_Types].xml": types, "word/document.xml": f'<w:d xmlns:w="urn:w">{body}</w:d>'})


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ("<w:r><w:t>a</w:t></w:r>" * 300_000, "elements"),
        ("<w:r>" * 300_000 + "</w:r>" * 300_000, "elements"),
        ("<w:tbl><w:tr><w:tc>" * 20_000 + "</w:tc></w:tr></w:tbl>" * 20_000, ""),
        (f'<w:t w:a="{"a" * 11_000_000}"/>', "expanded"),
        ("<w:t>" + "a" * 30_000_000 + "</w:t>", "expanded"),
        ("<w:p><w:t>cut", "broken"),
    ],
    ids=["runs", "depth", "tables", "attribute", "text", "cut"],
)
def test_bombs_end_at_the_budget(body, why):
    assert pieces(document, Source(word(body)), elements=250_000)[1] == why


def test_a_part_that_is_broken_does_not_hide_those_behind_it():
    parts = {"[Content_Types].xml": "<Types/>", "a.xml": "<a>", "word/b.xml": "<b>student ID 912345678</b>"}
    given, end = pieces(document, Source(zipped(parts)))
    assert any(isinstance(each, Text) and ID in each.text for each in given)
    assert end == "broken"


def test_a_book_is_read():
    page = "<html xmlns='http://www.w3.org/1999/xhtml'><body><p>student ID 912345678</p></body></html>"
    found = opened(zipped({"mimetype": "application/epub+zip", "OEBPS/a.xhtml": f"<!DOCTYPE html>{page}"}))
    assert any(ID in each.text for each in found.shown)
    assert found.status is PartStatus.READ


@pytest.mark.parametrize(
    ("kind", "data", "given"),
    [
        ("application/vnd.openxmlformats-officedocument.obfuscatedFont", b"\0\1\2 student ID 912345678", "characters"),
        ("application/vnd.openxmlformats-officedocument.obfuscatedFont", b"PK\3\4 student ID 912345678", "file"),
        ("application/vnd.ms-office.activeX", b"\0\1\2 student ID 912345678", "characters"),
        ("image/png", b"\x89PNG student ID 912345678", "picture"),
        ("image/vnd.ms-photo", b"II\xbc\1 student ID 912345678", "picture"),
        ("application/octet-stream", b"\0\1\2 student ID 912345678", "file"),
    ],
)
def test_a_part_without_text_is_told_by_its_type_and_never_passed_over(kind, data, given):
    types = f'<Types><Default Extension="bin" ContentType="{kind}"/></Types>'
    (piece,) = [
        each for each in pieces(document, Source(zipped({"[Content_Types].xml": types, "a.bin": data})))[0] if ID in str(each)
    ]
    assert (piece.place if isinstance(piece, Text) else "picture" if piece.shown else "file") == given


def test_strict_documents_are_read_as_others():
    strict = (FOLDER / "letter.docx").read_bytes()
    parts = {}
    with zipfile.ZipFile(BytesIO(strict)) as archive:
        for name in archive.namelist():
            parts[name] = archive.read(name).replace(
                b"http://schemas.openxmlformats.org/wordprocessingml/2006/main",
                b"http://purl.oclc.org/ooxml/wordprocessingml/main",
            )
    given, end = pieces(document, Source(zipped(parts)))
    assert places(given) == places(read("letter.docx")[0])
    assert end == ""


@pytest.mark.parametrize(
    "data",
    [
        "<pkg:package xmlns:pkg='p' xmlns:w='w'><w:p><w:r><w:t>91234</w:t></w:r><w:r><w:t>5678</w:t></w:r></w:p></pkg:package>",
        "<?mso-application progid='Word'?><w:wordDocument xmlns:w='w'><w:t>91</w:t><w:t>2345678</w:t></w:wordDocument>",
        "<office:document xmlns:office='urn:oasis:names:tc:opendocument'><p>91<a>2345678</a></p></office:document>",
    ],
    ids=["flat-opc", "word-2003", "flat-odf"],
)
def test_runs_are_joined_in_documents_that_are_one_xml_file(data):
    found = opened(f"<?xml version='1.0'?>{data}".encode(), "letter.xml", "text/xml")
    assert any(ID in each.text for each in found.shown)
    assert found.status is PartStatus.READ
