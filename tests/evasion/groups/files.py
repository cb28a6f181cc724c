"""E069 to E090: the number in files, files in files, and files that nobody can open.

The files that other programs wrote are those of tests/extractors/files, every one of them: each has the number in it, or is
locked.
"""

from __future__ import annotations

import base64
import gzip
import io
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from tests.evasion.groups.fields import CT, multipart
from tests.evasion.planted import CAUGHT, EITHER, HELD, LIMIT, NUMBER, PASSES, SENTENCE, WARNED, Case, Entity

CORPUS = Path(__file__).parent.parent.parent / "extractors" / "files"
PLAIN = SENTENCE.encode()
_FOLDERS = {
    "archives": "E077", "cards": "E084", "data": "E086", "documents": "E081", "image": "E083", "outlook": "E085", "pdf": "E082",
    "sealed": "E076", "sheets": "E080", "spreadsheets": "E080", "office": "E074", "slides": "E081", "encrypted": "E074",
}  # fmt: skip


_BY_NAME = {
    ("archives", "locked"): "E073", ("archives", "aes"): "E073", ("archives", "zipcrypto"): "E073", ("outlook", ".dat"): "E071",
    ("pdf", "owner"): "E075", ("pdf", "user"): "E075",
}  # fmt: skip
# files that have nothing to tell, or tell it in pixels: without OCR a picture is let through with a word to the sender
_OTHERWISE = {
    "certificates.p7c": PASSES, "detached.p7s": PASSES, "detached.sig": PASSES,
    "head-over.png": WARNED, "page.png": WARNED, "pages.tiff": WARNED, "pale.png": WARNED, "small.png": WARNED,
    "turned.png": WARNED,
}  # fmt: skip


def attached(data: bytes, name: str = "file.bin", kind: str = "application/octet-stream") -> Entity:
    """A file as mail programs attach it."""
    fields = (
        f'Content-Type: {kind}; name="{name}"\r\nContent-Disposition: attachment; filename="{name}"\r\n'
        "Content-Transfer-Encoding: base64\r\n"
    )
    return Entity(fields.encode(), base64.encodebytes(data).replace(b"\n", b"\r\n"))


def zipped(*members: tuple[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, data in members:
            archive.writestr(zipfile.ZipInfo(name, (2026, 10, 5, 10, 0, 0)), data, method)
    return out.getvalue()


def tarred(name: str, data: bytes) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        info = tarfile.TarInfo(name)
        info.size = len(data)
        archive.addfile(info, io.BytesIO(data))
    return out.getvalue()


def _messages() -> Iterator[tuple[str, str, str, Entity]]:
    for index, of in enumerate(("1; total=1", "2; total=3", "1"), 1):
        kind = f'Content-Type: message/partial; id="x@y.example"; number={of}\r\n'.encode()
        yield f"E069-{index:02}", f"fragment {of}", HELD, Entity(kind, b"Subject: s\r\n\r\nNothing.\r\n")
    for index, access in enumerate(("anon-ftp", "URL", "mail-server", "local-file"), 1):
        kind = f'Content-Type: message/external-body; access-type={access}; name="x"\r\n'.encode()
        yield (
            f"E070-{index:02}",
            f"a body that is elsewhere, by {access}",
            HELD,
            Entity(kind, b"Content-Type: text/plain\r\n\r\n"),
        )
    yield (
        "E085-90",
        "attached mail under a wrong type",
        CAUGHT,
        attached(b"From: a@campus.example\r\nSubject: s\r\n\r\n" + PLAIN, "x.dat"),
    )
    rtf = rb"{\rtf1\ansi The student \b ID\b0  is 912{\*\x 0}345678 and the grade is B.\par}"
    yield "E072-01", "RTF with groups in the number", CAUGHT, attached(rtf, "letter.rtf", "application/rtf")
    escaped = rb"{\rtf1\ansi\uc1 " + "".join(f"\\u{ord(sign)}?" for sign in SENTENCE).encode() + b"}"
    yield "E072-02", "RTF with every sign as \\u", CAUGHT, attached(escaped, "letter.doc", "application/msword")
    quoted = rb"{\rtf1\ansi " + b"".join(b"\\'%02x" % sign for sign in PLAIN) + b"}"
    yield "E072-03", "RTF with every sign as \\'", CAUGHT, attached(quoted)
    yield "E072-04", "RTF declared plain text", CAUGHT, Entity(CT, rtf)
    inner_rtf = rb"{\rtf1 {\object\objemb{\*\objdata " + PLAIN.hex().encode() + b"}}}"
    yield "E072-05", "text in an object's hex", EITHER, attached(inner_rtf)
    pgp = b"-----BEGIN PGP MESSAGE-----\r\n\r\nwcBMA0+0\r\n=abcd\r\n-----END PGP MESSAGE-----\r\n"
    yield "E076-90", "PGP within a text", HELD, Entity(CT, b"Dear Pat,\r\n\r\n" + pgp)
    control = b"Content-Type: application/pgp-encrypted\r\n\r\nVersion: 1\r\n"
    yield (
        "E076-91",
        "PGP/MIME",
        HELD,
        multipart(b"b", control, b"Content-Type: application/octet-stream\r\n\r\n" + pgp, subtype=b"encrypted"),
    )
    clear = (
        b"-----BEGIN PGP SIGNED MESSAGE-----\r\nHash: SHA256\r\n\r\n"
        + PLAIN
        + b"\r\n-----BEGIN PGP SIGNATURE-----\r\n\r\nwc==\r\n-----END PGP SIGNATURE-----\r\n"
    )
    yield "E076-92", "PGP clear-signed", CAUGHT, Entity(CT, clear)
    signed = b"Content-Type: application/pkcs7-signature\r\nContent-Transfer-Encoding: base64\r\n\r\nMIIB\r\n"
    yield "E076-93", "S/MIME clear-signed", CAUGHT, multipart(b"b", CT + b"\r\n" + PLAIN, signed, subtype=b"signed")
    folded = "DESCRIPTION:The student I\r\n D is 9123\r\n 45678."
    yield "E084-90", "folded within the number", CAUGHT, _event(folded)
    yield "E084-91", "in the name of a guest", CAUGHT, _event(f'ATTENDEE;CN="student ID {NUMBER}":mailto:x@x.example')


def _event(line: str) -> Entity:
    lines = ("BEGIN:VCALENDAR", "BEGIN:VEVENT", line, "END:VEVENT", "END:VCALENDAR", "")
    return Entity(b"Content-Type: text/calendar\r\n", "\r\n".join(lines).encode())


def _archives() -> Iterator[tuple[str, str, str, Entity]]:
    plain = zipped(("list.txt", PLAIN))
    yield "E077-81", "ZIP called a picture", CAUGHT, attached(plain, "photo.jpg", "image/jpeg")
    yield "E077-82", "ZIP called text", CAUGHT, Entity(CT + b"Content-Transfer-Encoding: base64\r\n", base64.encodebytes(plain))
    yield "E077-83", "ZIP behind a program", CAUGHT, attached(b"MZ" + bytes(600) + plain, "setup.exe")
    yield "E077-84", "ZIP with data behind it", EITHER, attached(plain + bytes(5000), "x.zip")
    nested = plain
    for level in range(2, 11):
        nested = zipped((f"level{level}.zip", nested))
        yield f"E077-{level + 60}", f"{level} archives deep", CAUGHT if level < 8 else EITHER, attached(nested, "x.zip")
    other = gzip.compress(tarred("a/list.txt", zipped(("x.txt", PLAIN))), mtime=0)
    yield "E077-85", "ZIP in TAR in GZIP", CAUGHT, attached(other, "x.tgz")
    yield (
        "E077-86",
        "GZIP in GZIP in GZIP",
        CAUGHT,
        attached(gzip.compress(gzip.compress(gzip.compress(PLAIN, mtime=0), mtime=0), mtime=0)),
    )
    yield (
        "E077-87",
        "two GZIP members, the second tells",
        CAUGHT,
        attached(gzip.compress(b"none\n", mtime=0) + gzip.compress(PLAIN, mtime=0)),
    )
    yield "E077-88", "two members of one name, the first tells", CAUGHT, attached(_twice(), "x.zip")
    yield "E077-89", "a member the directory does not list", EITHER, attached(_unlisted(), "x.zip")
    renamed = plain.replace(b"list.txt", b"list.exe", 1)
    yield "E077-90", "names that differ between the records", EITHER, attached(renamed, "x.zip")
    lied = bytearray(plain)
    lied[22:26] = struct.pack("<L", 3)
    yield "E077-91", "sizes that differ between the records", EITHER, attached(bytes(lied), "x.zip")
    yield "E077-92", "the end record is missing", EITHER, attached(plain[:-22], "x.zip")
    yield (
        "E077-93",
        "cut in half",
        EITHER,
        attached(zipped(("list.txt", PLAIN * 90), method=zipfile.ZIP_STORED)[:3000], "x.zip"),
    )
    yield (
        "E077-94",
        "the number is a name in the archive",
        CAUGHT,
        attached(zipped((f"student ID {NUMBER}.txt", b"none")), "x.zip"),
    )
    png = (
        b"\x89PNG\r\n\x1a\n"
        + _chunk(b"IHDR", struct.pack(">LLBBBBB", 1, 1, 8, 0, 0, 0, 0))
        + _chunk(b"IDAT", zlib.compress(b"\0\0"))
        + _chunk(b"IEND", b"")
    )
    yield "E078-01", "picture and ZIP in one", CAUGHT, attached(png + plain, "photo.png", "image/png")
    yield "E078-02", "PDF and ZIP in one", CAUGHT, attached(b"%PDF-1.4\n%%EOF\n" + plain, "x.pdf", "application/pdf")
    gif = b"GIF89a\x01\0\x01\0\0\0\0;" + f"<html><body>{SENTENCE}</body></html>".encode()
    yield "E078-03", "picture and HTML in one", EITHER, attached(gif, "x.gif", "image/gif")
    yield (
        "E078-04",
        "a ZIP that begins with HTML",
        CAUGHT,
        attached(b"<html><body>hello</body></html>" + plain, "x.html", "text/html"),
    )
    yield "E083-90", "a picture", WARNED, attached(png, "photo.png", "image/png")
    text = _chunk(b"tEXt", b"Comment\0" + PLAIN)
    yield "E089-01", "in a comment of a PNG", CAUGHT, attached(png[:33] + text + png[33:], "photo.png", "image/png")
    hidden = _chunk(b"zTXt", b"Comment\0\0" + zlib.compress(PLAIN))
    yield (
        "E089-02",
        "compressed in a comment of a PNG",
        CAUGHT,
        attached(png[:33] + hidden + png[33:], "photo.png", "image/png"),
    )
    jpeg = b"\xff\xd8\xff\xfe" + struct.pack(">H", len(PLAIN) + 2) + PLAIN + b"\xff\xd9"
    yield "E089-03", "in a comment of a JPEG", CAUGHT, attached(jpeg, "photo.jpg", "image/jpeg")
    yield "E089-90", "in the lowest bits of a picture", LIMIT, attached(png, "photo.png", "image/png")
    yield (
        "E087-01",
        "bytes of no format, the number in them",
        EITHER,
        attached(bytes(range(128, 256)) * 20 + PLAIN + bytes(200), "x.dat"),
    )
    yield "E087-02", "bytes of no format", HELD, attached(bytes((n * 73 + n // 7) % 251 for n in range(4000)), "x.dat")
    wave = (
        b"RIFF" + struct.pack("<L", 36) + b"WAVEfmt " + struct.pack("<LHHLLHH", 16, 1, 1, 8000, 8000, 1, 8) + b"data" + bytes(4)
    )
    yield "E088-01", "a recording", HELD, attached(wave, "talk.wav", "audio/wav")
    yield "E079-01", "a workbook within a letter", CAUGHT, attached(_letter_with(_workbook()), "letter.docx")
    yield "E080-90", "a very hidden sheet, the number in two runs", CAUGHT, attached(_workbook(), "list.xlsx")
    svg = f'<svg xmlns="http://www.w3.org/2000/svg"><text>{SENTENCE}</text></svg>'
    yield "E086-90", "SVG", CAUGHT, attached(svg.encode(), "x.svg", "image/svg+xml")
    rows = "Student ID,Name,Grade\n" + f"{NUMBER},Kim,B\n"
    for index, (sign, codec) in enumerate(
        ((",", "utf-8"), ("\t", "utf-16"), (";", "cp1252"), ("|", "utf-16-be"), ("\t", "utf-8-sig")), 91
    ):
        yield (
            f"E086-{index}",
            f"rows with {sign!r} in {codec}",
            CAUGHT,
            attached(rows.replace(",", sign).encode(codec), "x.dat"),
        )


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">L", len(data)) + kind + data + struct.pack(">L", zlib.crc32(kind + data))


def _twice() -> bytes:
    """Two members that become one name when the second one's letter is changed."""
    return zipped(("a.txt", PLAIN), ("b.txt", b"nothing here")).replace(b"b.txt", b"a.txt")


def _unlisted() -> bytes:
    """A whole archive whose central directory is that of another one, adjusted to stand behind it."""
    front, clean = zipped(("list.txt", PLAIN)), zipped(("clean.txt", b"nothing"))
    body, start = front[: front.index(b"PK\x01\x02")], clean.index(b"PK\x01\x02")
    directory = bytearray(clean[start:])
    directory[42:46] = struct.pack("<L", len(body))
    end = directory.index(b"PK\x05\x06")
    directory[end + 16 : end + 20] = struct.pack("<L", len(body) + start)
    return body + clean[:start] + bytes(directory)


def _workbook() -> bytes:
    """A workbook by hand: one hidden sheet, the number in an inline string."""
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    relations = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    packages = "http://schemas.openxmlformats.org/package/2006"
    kinds = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{packages}/content-types"><Default Extension="rels" '
        'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{kinds}.sheet.main+xml"/>'
        f'<Override PartName="/xl/s.xml" ContentType="{kinds}.worksheet+xml"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{packages}/relationships"><Relationship Id="r1" '
        f'Type="{relations}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{main}" xmlns:r="{relations}"><sheets>'
        '<sheet name="Sheet1" sheetId="1" state="veryHidden" r:id="r1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{packages}/relationships"><Relationship Id="r1" '
        f'Type="{relations}/worksheet" Target="s.xml"/></Relationships>',
        "xl/s.xml": f'<worksheet xmlns="{main}"><sheetData><row r="7"><c r="B7" t="inlineStr"><is><t>{SENTENCE[:20]}</t></is>'
        f'</c><c r="C7" t="inlineStr"><is><r><t>{SENTENCE[:20]}</t></r><r><t>{SENTENCE[20:]}</t></r></is>'
        "</c></row></sheetData></worksheet>",
    }
    return zipped(*((name, text.encode()) for name, text in parts.items()))


def _letter_with(part: bytes) -> bytes:
    """A letter by hand with a workbook embedded in it."""
    main = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    relations = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    packages = "http://schemas.openxmlformats.org/package/2006"
    kinds = "application/vnd.openxmlformats-officedocument"
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{packages}/content-types"><Default Extension="rels" '
        'ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xlsx" '
        f'ContentType="{kinds}.spreadsheetml.sheet"/>'
        f'<Override PartName="/word/document.xml" ContentType="{kinds}.wordprocessingml.document.main+xml"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{packages}/relationships"><Relationship Id="r1" '
        f'Type="{relations}/officeDocument" Target="word/document.xml"/></Relationships>',
        "word/document.xml": f'<w:document xmlns:w="{main}"><w:body><w:p><w:r><w:t>See the sheet.</w:t></w:r></w:p></w:body>'
        "</w:document>",
        "word/_rels/document.xml.rels": f'<Relationships xmlns="{packages}/relationships"><Relationship Id="r1" '
        f'Type="{relations}/package" Target="embeddings/a.xlsx"/></Relationships>',
    }
    return zipped(*((name, text.encode()) for name, text in parts.items()), ("word/embeddings/a.xlsx", part))


def _names() -> Iterator[tuple[str, str, str, Entity]]:
    name = f"student ID {NUMBER}.txt"
    percent = name.replace(" ", "%20")
    forms = (
        f'filename="{name}"', f"filename*=utf-8''{percent}", "filename*0=\"student ID 9123\"; filename*1=\"45678.txt\"",
        "filename==?utf-8?B?" + base64.b64encode(name.encode()).decode() + "?=", f'filename="clean.txt"; filename="{name}"',
        f"filename=clean.txt; filename*=utf-8''{percent}", 'filename="student ID \u202e876543219\u202c.txt"',
        f'filename="student\0 ID {NUMBER}"',
    )  # fmt: skip
    for index, form in enumerate(forms, 1):
        fields = f"Content-Type: text/plain\r\nContent-Disposition: attachment; {form}\r\n"
        yield (
            f"E090-{index:02}",
            f"in the file's name, form {index}",
            CAUGHT if index != 7 else EITHER,
            Entity(fields.encode(), b"None.\r\n"),
        )
    fields = f'Content-Type: text/plain; name="{name}"\r\nContent-Disposition: attachment; filename="clean.txt"\r\n'
    yield "E090-09", "in the name of the type alone", CAUGHT, Entity(fields.encode(), b"None.\r\n")
    raw = f'Content-Type: text/plain\r\nContent-Disposition: attachment; filename="Schüler student ID {NUMBER}"\r\n'
    yield "E090-10", "raw 8-bit in the name", CAUGHT, Entity(raw.encode("latin-1"), b"None.\r\n")
    bare, quoted = f"filename=list(student ID {NUMBER}).txt", f'filename="list.txt" student ID {NUMBER}'
    for index, form in enumerate((bare, quoted), 11):
        fields = f"Content-Type: text/plain\r\nContent-Disposition: attachment; {form}\r\n"
        yield f"E090-{index:02}", "in what a strict reader takes for no name", CAUGHT, Entity(fields.encode(), b"None.\r\n")
    conflicts = (
        "name=a.txt|filename=a.exe", "x=y|filename=a.txt; filename=a.xlsx", "x=y|filename=a.txt; filename*=utf-8''a.html",
        "x=y|filename==?utf-8?B?YS50eHQ=?=; filename*=utf-8''a.pdf", "x=y|filename*0=a.txt; filename*2=.exe",
        "x=y|filename*=utf-8''a.exe%00.txt", "x=y|filename*=utf-8''a%E2%80%AEtxt.exe", "x=y|filename=a.txt (b).exe",
        'x=y|filename="a.txt".exe',
    )  # fmt: skip
    for index, form in enumerate(conflicts, 13):
        type_, disposition = form.split("|")
        fields = f"Content-Type: text/plain; {type_}\r\nContent-Disposition: attachment; {disposition}\r\n"
        yield f"E090-{index:02}", "names of different kinds", HELD, Entity(fields.encode(), b"None.\r\n")


def _corpus() -> Iterator[tuple[str, str, str, Entity]]:
    """Every file other programs wrote: caught, or held where it is locked or in volumes.

    The name of one TAR holds the number without a word beside it, which proves nothing without a directory.
    """
    for folder in sorted(path for path in CORPUS.iterdir() if path.is_dir()):
        files = sorted(path for path in folder.rglob("*") if path.is_file())
        for index, path in enumerate(files):
            number = f"{_number(folder.name, path.name)}-{folder.name[:4]}{index:02}"
            wanted = _OTHERWISE.get(path.name, EITHER)
            yield number, f"{folder.name}: {path.name}", wanted, attached(path.read_bytes(), "file.bin")


def _number(folder: str, name: str) -> str:
    """Which case of the matrix a file shows."""
    by_name = (number for (where, part), number in _BY_NAME.items() if where == folder and part in name)
    return next(by_name, _FOLDERS.get(folder, "E086"))


def cases() -> Iterator[Case]:
    """Every case of this group."""
    for index, title, expects, built in (*_messages(), *_archives(), *_names(), *_corpus()):
        yield Case(index, title, expects, partial(_same, built))


def _same(built: Entity) -> Entity:
    return built
