"""What a file is, by its bytes: every kind there is a word for, whatever its name says."""

from __future__ import annotations

import io
import tarfile
import zipfile

import magic
import pytest

from dlp.extractors import opening
from dlp.extractors.content import Source
from dlp.extractors.kinds import kinds
from dlp.extractors.opening import opener
from dlp.limits import Limits
from dlp.mail.entity import Description
from dlp.values import PartStatus
from tests.extractors.read import FILES

SNIFF = magic.Magic(mime=True).from_buffer
MAIN = '<Override ContentType="application/vnd.{}.main+xml"/>'


def zipped(members: dict[str, bytes | str]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return file.getvalue()


def typed(word: str) -> bytes:
    return zipped({"[Content_Types].xml": MAIN.format(word), "any/where.xml": "<a/>"})


def tarred() -> bytes:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w") as archive:
        member = tarfile.TarInfo("a")
        member.size = 1
        archive.addfile(member, io.BytesIO(b"x"))
    return file.getvalue()


PDF = b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\nstartxref\n9\n%%EOF\n"
ZIP = zipped({"a.txt": "x"})
PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"

BUILT = {
    "nothing": (b"", "text"),
    "zip": (ZIP, "zip"),
    "zip without members": (zipped({}), "zip"),
    "junk before a zip": (b"\1\2\3" * 99 + ZIP, "unknown zip"),
    "a zip that lost its end": (ZIP[:-30], "zip"),
    "xlsx": (typed("openxmlformats-officedocument.spreadsheetml.sheet"), "ooxml-spreadsheet"),
    "xlsm": (typed("ms-excel.sheet.macroEnabled"), "ooxml-spreadsheet"),
    "xlsb": (zipped({"[Content_Types].xml": "application/vnd.ms-excel.sheet.binary.macroEnabled.main"}), "xlsb"),
    "docx": (typed("openxmlformats-officedocument.wordprocessingml.document"), "ooxml-document"),
    "dotm": (typed("ms-word.template.macroEnabledTemplate"), "ooxml-document"),
    "pptx": (typed("openxmlformats-officedocument.presentationml.presentation"), "ooxml-slides"),
    "ppsx": (typed("openxmlformats-officedocument.presentationml.slideshow"), "ooxml-slides"),
    "a document by its parts": (zipped({"word/document.xml": "<a/>"}), "ooxml-document"),
    "ods": (zipped({"mimetype": "application/vnd.oasis.opendocument.spreadsheet"}), "odf-spreadsheet"),
    "odt": (zipped({"mimetype": "application/vnd.oasis.opendocument.text"}), "odf-document"),
    "odp": (zipped({"mimetype": "application/vnd.oasis.opendocument.presentation"}), "odf-slides"),
    "epub": (zipped({"mimetype": "application/epub+zip"}), "epub"),
    "a document with bytes behind it": (typed("ms-word.document.macroEnabled") + b"x", "ooxml-document zip"),
    "a document and NULs behind it": (typed("ms-word.document.macroEnabled") + b"\0" * 512, "ooxml-document"),
    "a document between ends of lines": (b"\r\n" + typed("ms-word.document.macroEnabled") + b"\r\n", "ooxml-document"),
    "a zip between ends of lines": (b"\r\n" + ZIP + b"\r\n", "zip"),
    "pdf": (PDF, "pdf"),
    "junk before a PDF": (b"\1\2\3" * 99 + PDF, "pdf"),
    "a PDF that is a zip": (PDF + ZIP, "pdf zip"),
    "a picture that is a zip": (PNG + ZIP, "image zip"),
    "a picture that is a RAR": (PNG + b"Rar!\x1a\x07\1\0", "image rar"),
    "a picture that is a page": (b"GIF89a=1;\0<html><p>x", "image page"),
    "rtf": (b"{\\rtf1 x}", "rtf"),
    "png": (PNG, "image"),
    "jpeg": (b"\xff\xd8\xff\xe0", "image"),
    "gif": (b"GIF89a", "image"),
    "tiff": (b"II*\0", "image"),
    "webp": (b"RIFF\0\0\0\0WEBPVP8 ", "image"),
    "bmp": (b"BM\x46\0\0\0\0\0\0\0", "image"),
    "7z": (b"7z\xbc\xaf\x27\x1c\0\4", "7z"),
    "rar 4": (b"Rar!\x1a\x07\0", "rar"),
    "rar 5": (b"Rar!\x1a\x07\1\0", "rar"),
    "tar": (tarred(), "tar"),
    "gzip": (b"\x1f\x8b\x08\0", "gzip"),
    "bzip2": (b"BZh91AY&SY", "bzip2"),
    "xz": (b"\xfd7zXZ\0", "xz"),
    "zstd": (b"\x28\xb5\x2f\xfd\x24", "zstd"),
    "lzip": (b"LZIP\1", "lzip"),
    "cab": (b"MSCF\0\0\0\0", "cab"),
    "iso": (b"\0" * 32_769 + b"CD001", "iso"),
    "tnef": (b"\x78\x9f\x3e\x22", "tnef"),
    "apple double": (bytes.fromhex("0005160700020000") + bytes(18), "apple-double"),
    "ds store": (b"\0\0\0\1Bud1", "ds-store"),
    "sqlite": (b"SQLite format 3\0", "sqlite"),
    "cms": (bytes.fromhex("3082010006092a864886f70d010703"), "cms"),
    "cms in PEM": (b"-----BEGIN PKCS7-----\nMII=\n", "cms text"),
    "pgp": (b"-----BEGIN PGP MESSAGE-----\n\nabc\n", "pgp text"),
    "pgp in bytes": (b"\x85\1\x0c\3" + b"\7" * 8 + b"\1", "pgp"),
    "junk before a RAR": (b"\1\2\3" * 99 + b"Rar!\x1a\x07\1\0", "unknown rar"),
    "a program": (b"\x7fELF\2\1\1", "executable"),
    "message": (b"Received: from a\r\nFrom: a@b.example\r\nSubject: s\r\n\r\nx", "message"),
    "mbox": (b"From a@b.example Mon Jan  1 00:00:00 2026\nSubject: x\n\nhi\n", "text mbox"),
    "calendar": (b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n", "text calendar"),
    "vcard": (b"BEGIN:VCARD\r\nEND:VCARD\r\n", "text vcard"),
    "json": (b'{"a": 1}', "text json"),
    "xml": (b'<?xml version="1.0"?><a/>', "text xml"),
    "svg": (b'<?xml version="1.0"?><svg></svg>', "text svg xml"),
    "html": (b"<!doctype html><html><p>x", "text html"),
    "text": ("name;grade\nMöller;5\n".encode("cp1252"), "text"),
    "text about files": (b"A PDF begins with %PDF-1.4, a program with MZ.\n", "text"),
    "random bytes": (bytes(range(256)), "unknown"),
}


@pytest.mark.parametrize("name", ["", "x.txt", "x.pdf"])
@pytest.mark.parametrize("file", BUILT)
def test_a_file_is_what_its_bytes_are(file, name):
    data, expected = BUILT[file]
    assert kinds(Source(data, (name,), "application/octet-stream"), SNIFF) == tuple(expected.split())


def test_a_declared_type_chooses_among_readings_of_text():
    assert kinds(Source(b"<p>x", (), "text/html"), SNIFF) == ("text", "html")
    assert kinds(Source(PNG, (), "text/html"), SNIFF) == ("image",)


@pytest.mark.parametrize(
    ("found", "status", "shown"),
    [
        (("text", "json"), PartStatus.READ, "x"),
        (("text", "no-extractor"), PartStatus.UNSUPPORTED, "x"),
        (("no-extractor",), PartStatus.UNSUPPORTED, ""),
    ],
)
def test_only_readings_of_text_may_lack_an_extractor(monkeypatch, found, status, shown):
    monkeypatch.setattr(opening, "kinds", lambda source, sniff: found)
    monkeypatch.setattr(opening, "EXTRACTORS", {name: opening.EXTRACTORS[name] for name in ("text", "unknown")})
    opened = opener(Limits(), 0, SNIFF)(b"x", Description("application/octet-stream"))
    assert (opened.status, "".join(each.text for each in opened.shown)) == (status, shown)


# what each ending of the made files stands for; a file under another name is still that
ENDINGS = {
    "7z": "7z", "cab": "cab", "cpio": "cpio", "csv": "text", "dat": "tnef", "doc": "doc", "docx": "ooxml-document",
    "encrypted": "encrypted-ooxml",
    "epub": "epub", "gif": "image", "gz": "gzip", "ics": "text", "jpeg": "image", "json": "text", "lzh": "lha", "msg": "msg",
    "odp": "odf-slides", "ods": "odf-spreadsheet", "odt": "odf-document", "pdf": "pdf", "png": "image", "ppt": "ppt",
    "pptx": "ooxml-slides", "rar": "rar", "rtf": "rtf", "sqlite": "sqlite", "svg": "text", "tar": "tar", "tiff": "image",
    "vcf": "text", "webp": "image", "xls": "xls", "xlsb": "xlsb", "xlsm": "ooxml-spreadsheet", "xlsx": "ooxml-spreadsheet",
    "xml": "text", "zip": "zip",
}  # fmt: skip
MADE = [path for path in sorted(FILES.rglob("*")) if path.suffix[1:] in ENDINGS]


@pytest.mark.parametrize("path", MADE, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_every_made_file_is_recognised_under_any_name_and_type(path):
    data = path.read_bytes()
    for name in ("", path.name, "a.txt", "a.pdf", "a.zip", "a.bin"):
        for media_type in ("application/octet-stream", "text/plain", "image/png", "application/vnd.ms-excel"):
            found = kinds(Source(data, (name,), media_type), SNIFF)
            assert found[0] == ENDINGS[path.suffix[1:]]
            assert "text" in found or "zip" not in found[1:]
