"""What a ZIP file is: an office document by what its own parts say, or an archive.

Takes bytes; gives kinds, none when there is no ZIP in them. The types come from [Content_Types].xml (ECMA-376 part 2,
10.1.2) and from `mimetype` (ODF 1.3 part 2, 3.3), names of parts only where those say nothing. Never fails.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from io import BytesIO

from dlp.extractors import zip_records
from dlp.extractors.zip_records import Directory, Record

STARTS = (zip_records.LOCAL, b"PK\x05\x06", b"PK\x07\x08PK\x03\x04", b"PK00PK\x03\x04")
PADDING = b"\0 \t\r\n"  # what programs and mail put before or behind a file, and what nobody reads
_PADDED = re.compile(rb"[\0 \t\r\n]*+")
_MOST = 65_536  # of a part that says what the file is
_TYPES = (
    ("xlsb", re.compile(rb"ms-excel\.sheet\.binary\.macroEnabled\.main")),
    ("ooxml-spreadsheet", re.compile(rb"spreadsheetml\.(?:sheet|template)\.main\+xml|ms-excel\.[a-zA-Z.]{1,40}\.main\+xml")),
    ("ooxml-document", re.compile(rb"wordprocessingml\.(?:document|template)\.main\+xml|ms-word\.[a-zA-Z.]{1,40}\.main\+xml")),
    (
        "ooxml-slides",
        re.compile(
            rb"presentationml\.(?:presentation|template|slideshow)\.main\+xml|ms-powerpoint\.[a-zA-Z.]{1,40}\.main\+xml"
        ),
    ),
    ("odf-spreadsheet", re.compile(rb"application/vnd\.oasis\.opendocument\.spreadsheet")),
    ("odf-document", re.compile(rb"application/vnd\.oasis\.opendocument\.text")),
    ("odf-slides", re.compile(rb"application/vnd\.oasis\.opendocument\.(?:presentation|graphics)")),
    ("epub", re.compile(rb"application/epub\+zip")),
)
_PARTS = {
    b"xl/workbook.bin": "xlsb",
    b"xl/workbook.xml": "ooxml-spreadsheet",
    b"word/document.xml": "ooxml-document",
    b"ppt/presentation.xml": "ooxml-slides",
}
_OFFICE = frozenset(kind for kind, _ in _TYPES)
_ARCHIVES = frozenset({"epub"})  # that are read as such
_NOT_READ = (".rels", "/", "\\")  # how members are named that are no parts


def is_office(found: tuple[str, ...]) -> bool:
    """One of the kinds an office program writes as ZIP is among them."""
    return not _OFFICE.isdisjoint(found)


def begins(data: bytes) -> bool:
    """It begins as a ZIP file does, behind whatever padding."""
    return data.startswith(STARTS, _lead(data))


def kinds(data: bytes) -> tuple[str, ...]:
    """The kinds of the ZIP in `data`; an office document that is not simply made is read as an archive too,
    of another one the notes beside its parts are."""
    found = zip_records.directories(data)
    if not found:
        return ()
    office = tuple(dict.fromkeys(kind for one in found for kind in _office(data, one)))
    if not office or not is_simple(data, found):
        return (*office, "zip")
    return (*office, "zip-notes") if _has_notes(data, found[0]) else office


def _has_notes(data: bytes, directory: Directory) -> bool:
    """What no office program shows: comments, extra fields."""
    heads = (zip_records.local(data, record.offset) for record in directory.records)
    return bool(
        directory.comment
        or any(record.comment or record.extra for record in directory.records)
        or any(head and head.extra for head in heads)
    )


def parts(data: bytes, found: tuple[Directory, ...]) -> frozenset[int]:
    """Where the members begin that the reader of a document takes for its parts, whatever stands beside them.

    It takes the relations between parts for no text, and what is named as a folder for none.
    """
    if _ARCHIVES.issuperset(kind for one in found for kind in _office(data, one)):
        return frozenset()
    try:
        with zipfile.ZipFile(BytesIO(data)) as package:
            members = package.infolist()
            return frozenset(each.header_offset for each in members if not each.filename.lower().endswith(_NOT_READ))
    except (zipfile.BadZipFile, NotImplementedError, ValueError):
        return frozenset()


def _office(data: bytes, directory: Directory) -> Iterator[str]:
    saying = {b"[content_types].xml", b"mimetype", b"meta-inf/manifest.xml"}
    parts = {record.name.replace(b"\\", b"/").lower().lstrip(b"/"): record for record in directory.records}
    told = {name: zip_records.peek(data, parts[name], _MOST) for name in saying & parts.keys()}
    if b"opendocument" in told.get(b"mimetype", b""):
        told.pop(b"meta-inf/manifest.xml", None)  # which tells the types of objects in it as well
    said = b"\n".join(told.values())
    by_type = [kind for kind, pattern in _TYPES if pattern.search(said)]
    yield from by_type or [kind for name, kind in _PARTS.items() if name in parts]


def is_simple(data: bytes, found: tuple[Directory, ...]) -> bool:
    """One directory, each local header says the same, and nothing stands before, between or behind but padding at the ends."""
    at = _lead(data)
    if len(found) != 1 or not found[0].whole or found[0].shift not in (0, at) or data[found[0].ending_end :].strip(PADDING):
        return False
    for record in sorted(found[0].records, key=lambda each: each.offset):
        head = zip_records.local(data, record.offset)
        if record.offset != at or head is None or not agree(record, head):
            return False
        at = zip_records.behind(data, record, head)
    return (
        at == found[0].begin
        and found[0].end == found[0].ending_begin
        and len({record.name for record in found[0].records}) == len(found[0].records)
    )


def _lead(data: bytes) -> int:
    """Bytes of padding in front."""
    padded = _PADDED.match(data)
    return padded.end() if padded else 0


def agree(central: Record, head: Record) -> bool:
    """The local header says what the directory does, or leaves it to the data descriptor."""
    told, known = (head.crc, head.packed, head.size), (central.crc, central.packed, central.size)
    open_ = head.flags & zip_records.DESCRIPTOR or not any(told)
    sizes = all(here == there or (open_ and not here) for here, there in zip(told, known, strict=True))
    encrypted = (central.flags ^ head.flags) & zip_records.ENCRYPTED
    return sizes and not encrypted and (central.name, central.method) == (head.name, head.method)
