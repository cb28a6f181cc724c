"""What stands in a PDF file where no viewer looks: before its head, between its objects, behind its end, and in its comments.

Takes the file's bytes; gives the words there, and what begins as a file behind an end. The table of objects and the words
that frame them are left out. Linear; never fails.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from dlp.extractors import cbor, kinds
from dlp.extractors.content import File, Piece, Text
from dlp.extractors.tars import read_header
from dlp.mail import charset
from dlp.mail.leaf import is_binary

# an object from its number, and the trailer up to where the table stands (ISO 32000-2, 7.3.10 and 7.5)
_BEGINS = re.compile(rb"(?<!\d)\d{1,10}\s{1,9}\d{1,10}\s{1,9}obj\b|\btrailer\b")
_OF_TRAILER, _OF_OBJECT, _STREAM = b"startxref", b"endobj", b"stream"
_FRAME = re.compile(
    rb"%PDF-\d\.\d(?:\s{1,4}%[\x80-\xff]{3,9}(?=\s))?|\bxref\b|\bstartxref\s{1,9}\d{1,10}\b|%%EOF"
    rb"|\b\d{10} \d{5} [nf]\b|^\d{1,7} \d{1,7}[ \r]*$",
    re.MULTILINE,
)
_END = b"%%EOF"
_COMMENT = re.compile(rb"%[^\r\n]{4,2000}")
_ZIP_ENDS = b"PK\5\6"  # which is found wherever it stands
_WORD = re.compile(r"[^\W\d_]{2}|\d{5}")
_LEAST = 12  # bytes of a file
_PADDING = b"\0\r\n"
_ZLIB = re.compile(rb"\x78[\x01\x5e\x9c\xda]")  # a stream of it (RFC 1950)


def outside(data: bytes) -> Iterator[Piece]:
    """The words, and the files."""
    said: list[str] = []
    at = 0
    while at < len(data):
        begins = _BEGINS.search(data, at)
        gap = data[at : begins.start() if begins else len(data)]
        behind = gap.rpartition(_END)[2] if _END in gap else b""
        if file := _file(behind):
            yield File(file)
            gap = gap[: -len(file)]
        for piece in _FRAME.split(gap):
            said += charset.readings(piece.lstrip(b"\r\n")) if not is_binary(piece) else ()
        if not begins:
            break
        at = _behind(data, begins)
        said += map(charset.decode, _COMMENT.findall(data[begins.start() : at].partition(_STREAM)[0]))
    yield Text("\n".join(dict.fromkeys(each.strip() for each in said if _WORD.search(each))), "outside of objects")


def _behind(data: bytes, begins: re.Match[bytes]) -> int:
    """Where what begins there ends."""
    if begins[0] == b"trailer":
        end = data.find(_OF_TRAILER, begins.end())
        return end if end >= 0 else len(data)
    end = data.find(_OF_OBJECT, begins.end())
    return end + len(_OF_OBJECT) if end >= 0 else len(data)


def _file(behind: bytes) -> bytes:
    """What begins there as a file does, behind padding; no text is one, as all that is encoded in it is found."""
    if len(behind.strip(_PADDING)) <= _LEAST or _ZIP_ENDS in behind or _is_utf8(behind.strip(_PADDING)):
        return b""
    return next(filter(_begins, (behind.lstrip(b"\r\n"), behind.lstrip(_PADDING))), b"")


def _begins(data: bytes) -> bool:
    return bool(kinds.is_known(data) or _ZLIB.match(data) or read_header(data[:512]) or cbor.parsed(data))


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return not is_binary(data)
