"""What stands in a PDF file where no viewer looks: before its head, between its objects, behind its end, and in its comments.

Takes the file's bytes; gives the words there, and as a file what is no text behind an end. The table of objects and the words
that frame them are left out. Linear; never fails.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from dlp.extractors.content import File, Piece, Text
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


def outside(data: bytes) -> Iterator[Piece]:
    """The words, and the files."""
    said: list[str] = []
    at = 0
    while at < len(data):
        begins = _BEGINS.search(data, at)
        gap = data[at : begins.start() if begins else len(data)]
        behind = gap.rpartition(_END)[2] if _END in gap else b""
        if _is_file(behind):
            yield File(behind.lstrip(b"\r\n"))
            gap = gap[: -len(behind)]
        said += (charset.decode(piece) for piece in _FRAME.split(gap) if not is_binary(piece))
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


def _is_file(data: bytes) -> bool:
    """No UTF-8; a text in another charset is read as one where it is opened."""
    bare = data.strip(b"\0\r\n")
    if len(bare) <= _LEAST or _ZIP_ENDS in data:
        return False
    try:
        bare.decode("utf-8")
    except UnicodeDecodeError:
        return True
    return is_binary(bare)
