# ruff: noqa: PLR0915  one statement for each place
"""Makes the letter and the slides of tests/extractors/files/documents with LibreOffice, in every format it writes.

    soffice --headless --accept="pipe,name=fixtures;urp;" & python3 documents_office.py FOLDER && xz FOLDER/slides.ppt

Needs python3-uno. Each place a person can write in holds the planted ID behind a word that names the place.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

import uno
from com.sun.star.awt import Point, Size
from com.sun.star.beans import PropertyValue
from com.sun.star.connection import NoConnectException

LETTER = {
    "docx": "MS Word 2007 XML",
    "doc": "MS Word 97",
    "rtf": "Rich Text Format",
    "odt": "writer8",
}
SLIDES = {"pptx": "Impress MS PowerPoint 2007 XML", "ppt": "MS PowerPoint 97", "odp": "impress8"}


def said(place: str) -> str:
    return f"{place} student ID 912345678"


def prop(name: str, value: object) -> PropertyValue:
    return PropertyValue(Name=name, Value=value)


def connect():
    context = uno.getComponentContext()
    resolver = context.ServiceManager.createInstanceWithContext("com.sun.star.bridge.UnoUrlResolver", context)
    for _ in range(100):
        try:
            there = resolver.resolve("uno:pipe,name=fixtures;urp;StarOffice.ComponentContext")
            return there.ServiceManager.createInstanceWithContext("com.sun.star.frame.Desktop", there)
        except NoConnectException:
            time.sleep(0.3)
    raise SystemExit("no office")


def properties(document) -> None:
    about = document.DocumentProperties
    about.Title, about.Subject, about.Description = said("title"), said("subject"), said("description")
    about.Keywords = (said("keyword"),)
    about.Author = said("author")
    about.UserDefinedProperties.addProperty("student", 128, said("custom"))


def letter(document) -> None:
    text = document.Text
    cursor = text.createTextCursor()

    def write(words: str, **style: object) -> None:
        for name, value in style.items():
            cursor.setPropertyValue(name, value)
        text.insertString(cursor, words, False)
        for name in style:
            cursor.setPropertyToDefault(name)

    def paragraph() -> None:
        text.insertControlCharacter(cursor, 0, False)

    write(said("body"))
    paragraph()
    write("split student ID 9123")
    write("45", CharWeight=150.0)
    write("678")
    paragraph()
    write("shown ")
    write(said("hidden"), CharHidden=True)
    paragraph()
    for service, place in (("Footnote", "footnote"), ("Endnote", "endnote")):
        note = document.createInstance(f"com.sun.star.text.{service}")
        text.insertTextContent(cursor, note, False)
        note.Text.insertString(note.Text.createTextCursor(), said(place), False)
    comment = document.createInstance("com.sun.star.text.textfield.Annotation")
    comment.Content, comment.Author = said("comment"), said("commenter")
    text.insertTextContent(cursor, comment, False)
    paragraph()
    write("link", HyperLinkURL="mailto:a@b.example?subject=" + said("link").replace(" ", "%20"))
    paragraph()
    mark = document.createInstance("com.sun.star.text.Bookmark")
    mark.Name = "bookmark912345678"
    text.insertTextContent(cursor, mark, False)
    drop = document.createInstance("com.sun.star.text.textfield.Input")
    drop.Content, drop.Hint = said("input"), said("hint")
    text.insertTextContent(cursor, drop, False)
    paragraph()

    frame = document.createInstance("com.sun.star.text.TextFrame")
    frame.Size = Size(9000, 1000)
    text.insertTextContent(cursor, frame, False)
    frame.Text.insertString(frame.Text.createTextCursor(), said("frame"), False)
    shape = document.createInstance("com.sun.star.drawing.RectangleShape")
    shape.Size, shape.Position = Size(9000, 1000), Point(100, 9000)
    shape.Title, shape.Description = said("alt-title"), said("alt-text")
    document.DrawPage.add(shape)
    shape.String = said("shape")
    paragraph()

    table = document.createInstance("com.sun.star.text.TextTable")
    table.initialize(3, 3)
    text.insertTextContent(cursor, table, False)
    rows = (("Name", "Student ID", "Grade"), ("Ada Example", "912345678", "B+"), ("Bob Example", "923456789", "C"))
    table.setDataArray(rows)
    styles = document.StyleFamilies.getByName("PageStyles").getByName("Standard")
    styles.HeaderIsOn = styles.FooterIsOn = True
    styles.HeaderText.setString(said("header"))
    styles.FooterText.setString(said("footer"))

    text.insertString(text.End, "\n", False)
    end = text.createTextCursorByRange(text.End)
    text.insertString(end, "kept " + said("deletion") + " kept", False)
    document.RecordChanges = True
    found = document.createSearchDescriptor()
    found.SearchString = said("deletion")
    document.findFirst(found).setString("")
    text.insertString(text.End, " " + said("insertion"), False)
    document.RecordChanges = False


def slides(document) -> None:
    pages = document.DrawPages
    pages.insertNewByIndex(1)
    for number in (1, 2):
        page = pages.getByIndex(number - 1)

        def add(service: str, words: str, where=page, at: int = 0):
            shape = document.createInstance(f"com.sun.star.drawing.{service}")
            shape.Size, shape.Position = Size(9000, 1000), Point(1000, 1000 + at * 1500)
            where.add(shape)
            if words:
                shape.String = words
            return shape

        add("TextShape", said(f"slide{number}"), at=1)
        shape = add("RectangleShape", said(f"shape{number}"), at=2)
        shape.Title, shape.Description = said(f"alt-title{number}"), said(f"alt-text{number}")
        table = add("TableShape", "", at=4)
        model = table.Model
        model.Columns.insertByIndex(0, 2)
        model.Rows.insertByIndex(0, 2)
        for column, words in enumerate(("Name", "Student ID")):
            model.getCellByPosition(column, 0).setString(words)
        model.getCellByPosition(1, 1).setString("912345678")
        notes = document.createInstance("com.sun.star.presentation.NotesShape")
        notes.Size, notes.Position = Size(9000, 9000), Point(1000, 9000)
        page.NotesPage.add(notes)
        notes.String = said(f"notes{number}")
        note = page.createAndInsertAnnotation()
        note.Author = said(f"commenter{number}")
        note.TextRange.setString(said(f"comment{number}"))
    pages.getByIndex(1).Visible = False
    master = document.MasterPages.getByIndex(0)
    shape = document.createInstance("com.sun.star.drawing.TextShape")
    shape.Size, shape.Position = Size(9000, 1000), Point(1000, 100)
    master.add(shape)
    shape.String = said("master")


def main(folder: Path) -> None:
    desktop = connect()
    for kind, fill, formats, name in (("swriter", letter, LETTER, "letter"), ("simpress", slides, SLIDES, "slides")):
        document = desktop.loadComponentFromURL(f"private:factory/{kind}", "_blank", 0, (prop("Hidden", True),))
        properties(document)
        fill(document)
        for ending, word in formats.items():
            document.storeToURL((folder / f"{name}.{ending}").resolve().as_uri(), (prop("FilterName", word),))
            if ending == "odt":
                locked = (folder / f"locked.{ending}").resolve().as_uri()
                document.storeToURL(locked, (prop("FilterName", word), prop("Password", "secret")))
        document.close(True)
    desktop.terminate()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
