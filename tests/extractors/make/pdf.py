"""Makes the PDF files of the corpus with LibreOffice, ReportLab, Pillow and qpdf. Run by hand, not by the tests:

    python -m venv scratch && scratch/bin/pip install reportlab pillow && scratch/bin/python tests/extractors/make/pdf.py

A planted ID stands in every place of each where a person can put one; test_pdf.py names the places.
"""

from __future__ import annotations

import base64
import io
import subprocess
import tempfile
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont
from reportlab.lib.pagesizes import A5
from reportlab.pdfgen import canvas

FILES = Path(__file__).parent.parent / "files" / "pdf"
SAID = "student ID 912345678"
_SPACES = " ".join(
    f'xmlns:{short}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
    for short, name in (
        ("office", "office"), ("text", "text"), ("table", "table"), ("style", "style"), ("draw", "drawing"), ("meta", "meta"),
        ("svg", "svg-compatible"), ("fo", "xsl-fo-compatible"), ("form", "form"),
    )
)  # fmt: skip
_LETTER = """<?xml version="1.0" encoding="UTF-8"?>
<office:document {spaces} xmlns:dc="http://purl.org/dc/elements/1.1/" office:version="1.3"
  office:mimetype="application/vnd.oasis.opendocument.text">
<office:meta><dc:title>Title {said}</dc:title><dc:subject>Subject {said}</dc:subject><meta:keyword>Keyword {said}</meta:keyword>
</office:meta>
<office:automatic-styles><style:page-layout style:name="P"><style:page-layout-properties fo:page-width="148mm"
  fo:page-height="210mm" fo:margin="15mm"/><style:header-style/><style:footer-style/></style:page-layout>
</office:automatic-styles>
<office:master-styles><style:master-page style:name="Standard" style:page-layout-name="P"><style:header>
<text:p>Header {said}</text:p></style:header><style:footer><text:p>Footer {said}</text:p></style:footer></style:master-page>
</office:master-styles>
<office:body><office:text>
<text:h text:outline-level="1">Heading {said}</text:h>
<text:p>Body {said}<office:annotation><dc:creator>Lena Fox</dc:creator><text:p>Comment {said}</text:p></office:annotation>
<text:note text:note-class="footnote"><text:note-citation>1</text:note-citation><text:note-body><text:p>Footnote {said}</text:p>
</text:note-body></text:note></text:p>
<text:p><text:a xmlns:xlink="http://www.w3.org/1999/xlink" xlink:href="http://forms.example/?student=912345678">link</text:a></text:p>
<table:table><table:table-column/><table:table-column/><table:table-column/>
<table:table-row><table:table-cell><text:p>Name</text:p></table:table-cell><table:table-cell><text:p>Student ID</text:p>
</table:table-cell><table:table-cell><text:p>Grade</text:p></table:table-cell></table:table-row>
<table:table-row><table:table-cell><text:p>Lena Fox</text:p></table:table-cell><table:table-cell><text:p>912345678</text:p>
</table:table-cell><table:table-cell><text:p>A</text:p></table:table-cell></table:table-row></table:table>
<text:p><draw:frame svg:width="10mm" svg:height="10mm">
<draw:image><office:binary-data>{picture}</office:binary-data></draw:image>
<svg:title>Picture {said}</svg:title><svg:desc>Alt text {said}</svg:desc></draw:frame></text:p>
</office:text></office:body></office:document>"""
_FORM = """<html><head><title>Form</title></head><body><form>
<p>Name <input type="text" name="Student ID" value="912345678"></p>
<p><textarea name="why">Because of student ID 912345678</textarea></p>
<p><select name="who"><option>nobody</option><option>student ID 912345678</option></select></p>
</form></body></html>"""


def main() -> None:
    FILES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        letter = Path(folder, "letter.fodt")
        letter.write_text(
            _LETTER.format(spaces=_SPACES, said=SAID, picture=base64.b64encode(_png()).decode()), encoding="utf-8"
        )
        _office(letter, "writer_pdf_Export:" + _options(UseTaggedPDF="true", ExportNotes="true", ExportBookmarks="true"))
        form = Path(folder, "form.html")
        form.write_text(_FORM, encoding="utf-8")
        _office(form, "writer_web_pdf_Export:" + _options(ExportFormFields="true"))
    _reportlab()
    _scanned()
    for name, passwords in (("owner", ("", "secret")), ("user", ("letmein", "secret"))):
        for bits, more in (("40", ("--",)), ("128", ("--use-aes=y", "--")), ("256", ("--",))):
            target = FILES / f"{name}-{bits}.pdf"
            _qpdf("--allow-weak-crypto", "--encrypt", *passwords, bits, *more, FILES / "reportlab.pdf", target)
    _qpdf("--object-streams=generate", "--linearize", FILES / "reportlab.pdf", FILES / "linearised.pdf")
    with tempfile.TemporaryDirectory() as folder:
        inner = Path(folder, "inner.txt")
        inner.write_text(SAID, encoding="utf-8")
        _qpdf("--add-attachment", inner, "--filename=names.txt", "--", FILES / "reportlab.pdf", FILES / "embedded.pdf")


def _options(**options: str) -> str:
    return "{" + ",".join(f'"{key}":{{"type":"boolean","value":"{value}"}}' for key, value in options.items()) + "}"


def _office(source: Path, how: str) -> None:
    command = ["soffice", "--headless", "--convert-to", f"pdf:{how}", "--outdir", str(FILES), str(source)]
    subprocess.run(command, check=True, timeout=120)


def _qpdf(*arguments: str | Path) -> None:
    subprocess.run(["qpdf", "--deterministic-id", *map(str, arguments)] if "--encrypt" not in arguments
                   else ["qpdf", *map(str, arguments)], check=True, timeout=60)  # fmt: skip


def _png() -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (8, 8), "navy").save(file, "PNG")
    return file.getvalue()


def _reportlab() -> None:
    page = canvas.Canvas(str(FILES / "reportlab.pdf"), pagesize=A5, invariant=True)
    page.setTitle(f"Title {SAID}")
    page.drawString(40, 500, f"Body {SAID}")
    for at, digit in enumerate("912345678"):  # each on its own
        page.drawString(40 + at * 6.2, 480, digit)
    page.bookmarkPage("here")
    page.addOutlineEntry(f"Outline {SAID}", "here")
    page.acroForm.textfield(name="Student ID", value="912345678", x=40, y=400)
    page.acroForm.choice(name="choice", value="nobody", options=["nobody", SAID], x=40, y=360)
    page.textAnnotation(f"Note {SAID}", [10, 10, 30, 30])
    page.linkURL("http://forms.example/?student=912345678", (10, 40, 30, 60))
    page.showPage()
    page.save()


def _scanned() -> None:
    picture = Image.new("L", (900, 400), "white")
    font = ImageFont.load_default(48)
    ImageDraw.Draw(picture).text((40, 120), SAID, fill="black", font=font)
    picture.convert("1").save(FILES / "scanned.pdf", "PDF", resolution=150)


if __name__ == "__main__":
    main()
